use differentiate::differentiate;
use differentiate::nalgebra::DVector;

#[differentiate(order = 2)]
fn residual(x: &DVector<f64>) -> DVector<f64> {
    x * 2.0
}

#[differentiate]
fn f(x: &DVector<f64>) -> f64 {
    residual::grad(x).norm_squared()
}

fn main() {}
