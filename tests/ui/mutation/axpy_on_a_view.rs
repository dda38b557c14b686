use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

#[differentiate]
fn f(m: &DMatrix<f64>, x: &DVector<f64>) -> f64 {
    let mut m = m.clone();
    m.column_mut(0).axpy(0.5, x, 1.0);
    m.norm()
}

fn main() {
    println!("{:?}", f::grad(&DMatrix::identity(2, 2), &DVector::zeros(2)));
}
