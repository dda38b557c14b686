use differentiate::differentiate;
use nalgebra::DMatrix;

#[differentiate]
fn scale(v: &mut [f64], by: f64) {
    v[0] *= by;
}

#[differentiate]
fn f(m: &DMatrix<f64>, x: f64) -> f64 {
    let mut n = m.clone();
    scale(n.data.as_mut_slice(), x);
    n[(0, 0)]
}

fn main() {
    println!("{:?}", f(&DMatrix::identity(1, 1), 1.0));
}
