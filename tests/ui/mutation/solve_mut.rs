use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

#[differentiate]
fn f(a: &DMatrix<f64>, b: &DVector<f64>) -> f64 {
    let mut x = b.clone();
    a.solve_lower_triangular_mut(&mut x);
    x.sum()
}

fn main() {
    println!("{:?}", f::grad(&DMatrix::identity(1, 1), &DVector::from_vec(vec![1.0])));
}
