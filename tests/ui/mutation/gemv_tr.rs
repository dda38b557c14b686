use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

#[differentiate]
fn f(x: &DVector<f64>, m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let mut x = x.clone();
    x.gemv_tr(0.1, m, v, 1.0);
    x.norm()
}

fn main() {
    let v = DVector::from_vec(vec![1.0]);
    println!("{:?}", f::grad(&v, &DMatrix::identity(1, 1), &v));
}
