use differentiate::differentiate;
use nalgebra::DMatrix;

#[differentiate]
fn f(m: &DMatrix<f64>) -> f64 {
    let mut m = m.clone();
    m.resize_mut(3, 3, 0.0);
    m.sum()
}

fn main() {
    println!("{:?}", f::grad(&DMatrix::identity(2, 2)));
}
