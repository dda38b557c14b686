use differentiate::differentiate;

fn integrate(f: impl Fn(f64) -> f64) -> f64 {
    (f(0.0) + 4.0 * f(0.5) + f(1.0)) / 6.0
}

#[differentiate]
fn area(k: f64) -> f64 {
    let growth = |t: f64| (k * t).exp();
    integrate(growth)
}

fn main() {
    println!("{:?}", area::grad(1.0));
}
