//! Checks in one line: the macro `check!`, and the tests that `#[differentiate(test(..))]` makes. Those of the functions
//! here are among the tests that run.

use differentiate::nalgebra::{DMatrix, DVector, Vector3};
use differentiate::{Differentiable, Real, check, differentiate};

#[derive(Clone, Debug, Differentiable)]
struct Spring {
    stiffness: f64,
    rest: f64,
    #[no_diff]
    name: &'static str,
}

/// What has no derivative, and not even a copy.
struct Data {
    scale: f64,
}

#[differentiate(order = 2, test(2.0, 0.7), test(-1.0, 0.5))]
fn product(x: f64, y: f64) -> f64 {
    x * x * y.sin()
}

#[differentiate(order = 2, test(&[0.5, 1.0, 3.0], 2.0), test(&[], 1.0))]
fn energy(x: &[f64], stiffness: f64) -> f64 {
    let mut sum = 0.0;
    for a in x {
        sum += a.powi(4);
    }
    stiffness * sum
}

#[differentiate(test(2.0, 3, &Data { scale: 0.5 }))]
fn with_data(x: f64, n: usize, #[no_diff] data: &Data) -> f64 {
    x.powi(3) * data.scale * n as f64
}

#[differentiate(forward, test(0.3, &DVector::from_vec(vec![1.0, 2.0])))]
fn vector(angle: f64, v: &DVector<f64>) -> DVector<f64> {
    v * angle.cos() + v.map(|a| a * a)
}

#[differentiate(forward, test(&mut [1.0, 2.0], 3.0))]
fn scale(v: &mut [f64], by: f64) {
    for a in v.iter_mut() {
        *a *= by;
    }
}

#[differentiate(order = 2, test(&mut vec![1.0, 2.0], 0.25, &[4.0, 3.0]))]
fn step(v: &mut Vec<f64>, by: f64, slope: &[f64]) -> f64 {
    let mut moved = 0.0;
    for (a, s) in v.iter_mut().zip(slope) {
        *a -= by * s * *a;
        moved += by * s;
    }
    moved
}

#[differentiate(wrt(x), test(1.5, 2.0))]
fn with_respect_to(x: f64, y: f64) -> f64 {
    x * x * y
}

#[differentiate(name = d_named, test(1.5))]
fn named(x: f64) -> f64 {
    x * x
}

#[differentiate(order = 2, test(1.5, [0.5, 2.0]), test(1.5_f32, [2.0]))]
fn generic<T: Real, const N: usize>(x: T, v: [T; N]) -> T {
    let mut sum = x;
    for a in v {
        sum = sum * a + x;
    }
    sum
}

#[differentiate(test(&Spring { stiffness: 2.0, rest: 0.5, name: "a" }, Some(2.0)), test(&Spring { stiffness: 2.0, rest: 0.5, name: "b" }, None))]
fn pull<'a>(spring: &'a Spring, to: Option<f64>) -> Option<f64> {
    let to = to?;
    Some(spring.stiffness * (to - spring.rest) * spring.name.len() as f64)
}

#[differentiate(pullback = cube_pullback, test(1.5))]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_pullback(x: f64, _y: &f64, g: &f64) -> f64 {
    3.0 * x * x * g
}

#[differentiate(pullback = wrong_pullback)]
fn wrong(scale: f64, v: &[f64]) -> f64 {
    v.iter().map(|a| scale * a * a).sum()
}

/// The factor 2 is missing.
fn wrong_pullback(scale: f64, v: &[f64], y: &f64, g: &f64) -> (f64, Vec<f64>) {
    (y / scale * g, v.iter().map(|a| scale * a * g).collect())
}

#[differentiate]
impl Spring {
    fn force(&self, x: f64) -> f64 {
        self.stiffness * (x - self.rest).powi(2)
    }
}

mod inner {
    #[super::differentiate]
    pub(crate) fn of_a_matrix(
        m: &super::DMatrix<f64>,
        v: super::Vector3<f64>,
    ) -> super::Vector3<f64> {
        super::Vector3::new(m.trace(), v.norm(), 0.0) + v
    }
}

#[test]
fn one_line() {
    check!(product(2.0, 0.7));
    check!(product(2.0, 0.7), product(0.0, 1.0), order = 2);
    check!(energy(&[0.5, 1.0, 3.0], 2.0), order = 2);
    let v = vec![0.25, 4.0];
    check!(energy(&v, 1.0), energy(&v[1..], 2.0), order = 2);
    check!(with_data(
        2.0,
        3,
        #[no_diff]
        &Data { scale: 2.0 }
    ));
    check!(with_data(
        2.0,
        3,
        differentiate::detach(&Data { scale: 2.0 })
    ));
    check!(vector(0.3, &DVector::from_vec(vec![1.0, 2.0])));
    check!(inner::of_a_matrix(
        &DMatrix::identity(2, 2),
        Vector3::new(1.0, 2.0, -1.0)
    ));
    check!(generic::<f32, 2>(1.5, [0.5, 2.0]));
    let spring = Spring {
        stiffness: 2.0,
        rest: 0.5,
        name: "spring",
    };
    check!(spring.force(2.0));
    check!(pull(&spring, Some(2.0)));
}

/// The report names the call, and the input by its name or by its place.
#[test]
fn the_report() {
    let failure = std::panic::catch_unwind(|| check!(wrong(2.0, &[1.0, 3.0])));
    let report = failure.unwrap_err();
    let report = report.downcast_ref::<String>().expect("a message");
    let expected = "gradient check of `wrong(2.0, &[1.0, 3.0])` failed\n  4 of 5 entries are not within 1.5e-8:\n  - output \
                    component 0 along component 1 of argument 2: expected 1.2";
    assert!(report.starts_with(expected), "{report}");
}
