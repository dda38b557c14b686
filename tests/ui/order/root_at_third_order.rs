use differentiate::differentiate;

#[differentiate(order = 2, root)]
fn residual(x: f64, p: f64) -> f64 {
    x * x - p
}

#[differentiate(order = 3)]
fn f(p: f64) -> f64 {
    residual::root(1.0, p).unwrap_or(0.0) * p
}

fn main() {}
