use differentiate::differentiate;
use nalgebra::DMatrix;

#[differentiate]
fn f(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    let mut c = DMatrix::zeros(2, 2);
    c.gemm_tr(1.0, a, b, 0.0);
    c.sum()
}

fn main() {
    let i = DMatrix::identity(2, 2);
    println!("{:?}", f::grad(&i, &i));
}
