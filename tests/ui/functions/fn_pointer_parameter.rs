use differentiate::differentiate;

#[differentiate]
fn midpoint(f: fn(f64) -> f64, a: f64, b: f64) -> f64 {
    (b - a) * f(0.5 * (a + b))
}

fn main() {
    println!("{:?}", midpoint::grad(f64::sin, 0.0, 1.0));
}
