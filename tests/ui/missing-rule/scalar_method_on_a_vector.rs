use differentiate::differentiate;
use nalgebra::DVector;

#[differentiate]
fn entropy(p: &DVector<f64>) -> f64 {
    p.ln().dot(p)
}

fn main() {
    println!("{:?}", entropy::grad(&DVector::from_vec(vec![0.5, 0.5])));
}
