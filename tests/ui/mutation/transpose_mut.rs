use differentiate::differentiate;
use nalgebra::Matrix2;

#[differentiate]
fn f(a: &Matrix2<f64>) -> f64 {
    let mut m = *a;
    m.transpose_mut();
    m[(0, 1)]
}

fn main() {
    println!("{:?}", f::grad(&Matrix2::identity()));
}
