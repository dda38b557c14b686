use differentiate::differentiate;
use nalgebra::DVectorView;

#[differentiate]
fn norm(v: DVectorView<'_, f64>) -> f64 {
    v.dot(&v).sqrt()
}

fn main() {}
