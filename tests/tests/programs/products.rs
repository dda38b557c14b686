//! `jacobian` and `jvp`: against Jacobians in closed form and against differences.

use differentiate::{Differentiable, Real, differentiate};
use nalgebra::{DMatrix, DVector, Isometry3, Point3, Vector3, dmatrix, dvector};

#[differentiate(order = 2)]
fn linear(a: &DMatrix<f64>, x: &DVector<f64>) -> DVector<f64> {
    a * x
}

#[differentiate(order = 2)]
fn polar(r: f64, angle: f64) -> (f64, f64) {
    (r * angle.cos(), r * angle.sin())
}

#[differentiate(order = 2)]
fn squares(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum()
}

#[differentiate(order = 2, wrt(x))]
fn product<T: Real>(x: T, y: T) -> T {
    x * y
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    stiffness: f64,
    #[no_diff]
    name: String,
    rest: f64,
}

impl Spring {
    #[differentiate(order = 2)]
    fn force_and_energy(&self, length: f64) -> [f64; 2] {
        let stretch = length - self.rest;
        [
            -self.stiffness * stretch,
            0.5 * self.stiffness * stretch * stretch,
        ]
    }
}

#[differentiate(order = 2)]
fn moved(pose: &Isometry3<f64>, #[no_diff] point: &Point3<f64>) -> Point3<f64> {
    pose * point
}

#[differentiate(order = 2)]
fn running_sums(x: &[f64]) -> Vec<f64> {
    let mut sums = Vec::new();
    let mut sum = 0.0;
    for v in x {
        sum += v.sin();
        sums.push(sum);
    }
    sums
}

#[test]
fn jacobians_in_closed_form() {
    let (a, x) = (dmatrix![1.0, 2.0; 3.0, 4.0], dvector![5.0, 6.0]);
    let expected = dmatrix![5.0, 0.0, 6.0, 0.0, 1.0, 2.0; 0.0, 5.0, 0.0, 6.0, 3.0, 4.0];
    assert_eq!(linear::jacobian(&a, &x), expected);
    let (s, c) = 0.5_f64.sin_cos();
    assert_eq!(polar::jacobian(2.0, 0.5), dmatrix![c, -2.0 * s; s, 2.0 * c]);
    assert_eq!(squares::jacobian(&[1.0, 2.0]), dmatrix![2.0, 4.0]);
    assert_eq!(product::jacobian(2.0, 3.0), dmatrix![3.0]);
    assert_eq!(product::jacobian(2.0_f32, 3.0), dmatrix![3.0]);
    let spring = Spring {
        stiffness: 3.0,
        name: "left".to_owned(),
        rest: 1.0,
    };
    assert_eq!(
        spring.force_and_energy_jacobian(3.0),
        dmatrix![-2.0, 3.0, -3.0; 2.0, -6.0, 6.0]
    );
    // No rows, and no columns.
    assert_eq!(running_sums::jacobian(&[]).shape(), (0, 0));
    assert_eq!(squares::jacobian(&[]).shape(), (1, 0));
    let jacobian = running_sums::jacobian(&[0.3, 0.4, 0.5]);
    assert_eq!(jacobian[(0, 2)], 0.0);
    assert_eq!(jacobian[(2, 1)], 0.4_f64.cos());
}

#[test]
fn products_with_tangents() {
    let (value, dot) = polar::jvp(2.0, 0.5, 1.0, 0.25);
    assert_eq!(value, polar(2.0, 0.5));
    let jacobian = polar::jacobian(2.0, 0.5);
    let expected = &jacobian * dvector![1.0, 0.25];
    assert!((expected - dvector![dot.0, dot.1]).norm() < 1e-15);
    assert_eq!(squares::jvp(&[1.0, 2.0], &[1.0, 1.0]), (5.0, 6.0));
    assert_eq!(product::jvp(2.0, 3.0, 1.0), (6.0, 3.0));
    let (a, x) = (dmatrix![1.0, 2.0; 3.0, 4.0], dvector![5.0, 6.0]);
    let (da, dx) = (dmatrix![0.5, 0.0; -1.0, 0.25], dvector![1.0, -2.0]);
    let (value, dot) = linear::jvp(&a, &x, &da, &dx);
    assert_eq!((value, dot), (&a * &x, &da * &x + &a * &dx));
}

#[test]
fn a_pose_moves_along_its_tangent() {
    let pose = Isometry3::new(Vector3::new(1.0, 2.0, 3.0), Vector3::new(0.3, -0.5, 0.7));
    let point = Point3::new(0.5, -1.0, 2.0);
    let jacobian = moved::jacobian(&pose, &point);
    assert_eq!(jacobian.shape(), (3, 6));
    let direction = differentiate::retraction::local(
        &pose,
        &Isometry3::new(Vector3::new(1.1, 2.3, 2.9), Vector3::new(0.2, -0.4, 0.9)),
    );
    let (_, dot) = moved::jvp(&pose, &point, &direction);
    let h = 1e-6;
    let at = |h: f64| moved(&differentiate::step(&pose, &direction, h), &point);
    let difference = (at(h) - at(-h)) / (2.0 * h);
    assert!((dot.coords - difference).norm() < 1e-8);
}
