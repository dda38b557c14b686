use differentiate::differentiate;
use nalgebra::{DMatrix, DMatrixViewMut};

#[differentiate]
fn scale(mut m: DMatrixViewMut<'_, f64>, x: f64) -> f64 {
    m[(0, 0)] *= x;
    m[(0, 0)] + m[(1, 1)]
}

fn main() {
    println!("{:?}", scale(DMatrix::identity(2, 2).view_mut((0, 0), (2, 2)), 1.0));
}
