use differentiate::differentiate;

fn integrate(f: impl Fn(f64) -> f64) -> f64 {
    (f(0.0) + 4.0 * f(0.5) + f(1.0)) / 6.0
}

#[differentiate]
fn area(k: f64) -> f64 {
    integrate(|t| (k * t).exp())
}

fn main() {
    println!("{:?}", area::grad(1.0));
}
