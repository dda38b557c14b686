use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

#[differentiate]
fn fill(x: &DVector<f64>) -> f64 {
    let mut m = DMatrix::zeros(2, 2);
    for mut column in m.column_iter_mut() {
        column += x;
    }
    m.norm()
}

fn main() {
    println!("{:?}", fill::grad(&DVector::from_vec(vec![1.0, 2.0])));
}
