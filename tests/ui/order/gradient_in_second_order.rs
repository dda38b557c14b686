use differentiate::differentiate;

#[differentiate(order = 2)]
fn potential(x: f64) -> f64 {
    x * x
}

#[differentiate(order = 2)]
fn f(x: f64) -> f64 {
    potential::grad(x) * x
}

fn main() {}
