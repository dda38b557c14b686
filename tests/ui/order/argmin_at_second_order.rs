use differentiate::differentiate;

#[differentiate(order = 2, argmin)]
fn cost(x: f64, p: f64) -> f64 {
    (x - p).powi(4) + x * x
}

#[differentiate(order = 2)]
fn f(p: f64) -> f64 {
    cost::argmin(1.0, p).unwrap_or(0.0) * p
}

fn main() {}
