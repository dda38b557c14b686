use differentiate::differentiate;
use nalgebra::DVector;

#[differentiate]
fn f(x: &DVector<f64>) -> f64 {
    let mut x = x.clone();
    let norm = x.normalize_mut();
    x.sum() * norm
}

fn main() {
    println!("{:?}", f::grad(&DVector::from_vec(vec![1.0])));
}
