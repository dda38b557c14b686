use differentiate::differentiate;
use nalgebra::{DMatrix, DVectorView};

#[differentiate]
fn column(m: &DMatrix<f64>) -> DVectorView<'_, f64> {
    m.column(0)
}

fn main() {
    println!("{:?}", column(&DMatrix::identity(2, 2)));
}
