use differentiate::differentiate;
use nalgebra::DVector;

#[differentiate]
fn f(x: &DVector<f64>) -> f64 {
    let mut x = x.clone();
    x.normalize_mut();
    x.sum()
}

fn main() {
    println!("{:?}", f::grad(&DVector::from_vec(vec![1.0])));
}
