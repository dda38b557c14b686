use differentiate::differentiate;

#[differentiate]
fn potential(x: f64) -> f64 {
    x * x
}

#[differentiate]
fn f(x: f64) -> f64 {
    potential::grad(x) * x
}

fn main() {}
