use differentiate::differentiate;
use nalgebra::DMatrixViewMut;

#[differentiate]
fn scale(mut m: DMatrixViewMut<f64>, x: f64) -> f64 {
    m[(0, 0)] *= x;
    m[(0, 0)] + m[(1, 1)]
}

fn main() {
    let mut m = nalgebra::DMatrix::identity(2, 2);
    println!("{:?}", scale(m.view_mut((0, 0), (2, 2)), 1.0));
}
