use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

#[differentiate]
fn predict(w: &DMatrix<f64>, x: &DVector<f64>) -> DVector<f64> {
    w * x
}

fn main() {
    let (dw, dx) = predict::grad(&DMatrix::identity(2, 2), &DVector::from_vec(vec![1.0, 2.0]));
    println!("{dw} {dx}");
}
