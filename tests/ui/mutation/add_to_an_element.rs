use differentiate::differentiate;
use nalgebra::Vector3;

#[differentiate]
fn shifted(x: f64) -> f64 {
    let mut v = Vector3::new(1.0, 2.0, 3.0);
    v[0] += x;
    v.norm()
}

fn main() {
    println!("{:?}", shifted::grad(1.0));
}
