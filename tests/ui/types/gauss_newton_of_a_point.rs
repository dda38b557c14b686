use differentiate::differentiate;
use differentiate::nalgebra::{Isometry3, Point3};

#[differentiate]
fn moved(pose: &Isometry3<f64>, point: &Point3<f64>) -> Vec<Point3<f64>> {
    vec![pose * point]
}

fn main() {
    let (_, _, matrix) = moved::gauss_newton(&Isometry3::identity(), &Point3::origin());
    println!("{matrix}");
}
