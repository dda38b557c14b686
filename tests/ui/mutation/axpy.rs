use differentiate::differentiate;
use nalgebra::DVector;

#[differentiate]
fn f(x: &DVector<f64>, v: &DVector<f64>) -> f64 {
    let mut x = x.clone();
    x.axpy(0.1, v, 1.0);
    x.norm()
}

fn main() {
    let v = DVector::from_vec(vec![1.0]);
    println!("{:?}", f::grad(&v, &v));
}
