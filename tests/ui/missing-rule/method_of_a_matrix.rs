use differentiate::differentiate;
use nalgebra::DMatrix;

#[differentiate]
fn stiffness(a: &DMatrix<f64>) -> f64 {
    a.row_product().sum()
}

fn main() {
    println!("{:?}", stiffness::grad(&DMatrix::identity(2, 2)));
}
