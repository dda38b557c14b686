//! Dual numbers, and values lifted to them.

#![allow(clippy::float_cmp, reason = "real parts are the same to the last bit")]

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{self as rt, Fresh, Skip, Val};
use autodiff_runtime::dual::Dual;
use autodiff_runtime::nalgebra::{Isometry3, Matrix3, RealField, UnitQuaternion, Vector3};
use autodiff_runtime::{Real, lit};

fn field<T: RealField>() {}

#[test]
fn is_a_number_of_nalgebra() {
    field::<Dual<f64>>();
    field::<Dual<Dual<f32>>>();
    let m = Matrix3::new(2.0, 1.0, 0.5, 1.0, 3.0, 0.25, 0.5, 0.25, 4.0);
    let d = Matrix3::new(0.1, 0.2, 0.3, -0.1, 0.5, 0.7, 0.9, 0.4, 0.3);
    let lifted = rt::lift(&m, &d);
    let (value, tangent) = rt::split(&lifted.try_inverse().unwrap());
    let inverse = m.try_inverse().unwrap();
    assert_eq!(value, inverse);
    assert!((tangent + inverse * d * inverse).norm() < 1e-14);
    let (value, _) = rt::split(&(rt::literal(2.0) * lifted * rt::literal(2.0)));
    assert_eq!(value, m * 4.0);
    let x = rt::lift(&3.0_f32, &1.0);
    assert_eq!((x.powf(2.0) * 2.0).eps, 12.0);
    assert_eq!((2.0 * x.max(3.0)).eps, 0.0);
    assert_eq!((2.0 / x.max(rt::constant(&3.0_f32))).eps, -1.0 / 9.0);
}

#[test]
fn round_trips() {
    let pose = Isometry3::new(Vector3::new(1.0, 2.0, 3.0), Vector3::new(0.3, -0.5, 0.7));
    let mut tangent = rt::zero_like(&pose);
    tangent.rotation = Vector3::new(0.1, 0.2, 0.3);
    tangent.translation.vector = Vector3::new(0.4, 0.2, 0.3);
    let (value, back) = rt::split(&rt::lift(&pose, &tangent));
    assert_eq!(value, pose);
    assert!((back.rotation - tangent.rotation).norm() < 1e-15);
    let pair = rt::lift(&tangent, &tangent);
    let lifted = rt::lift(&pose, &tangent);
    let inner = rt::split(&rt::split(&rt::lift(&lifted, &pair)).1).0;
    assert!((inner.rotation - tangent.rotation).norm() < 1e-15);
    let _: UnitQuaternion<Dual<f64>> = lifted.rotation;
}

fn derivatives<T: Real>(
    f: impl Fn(Dual<Dual<Dual<Dual<Dual<T>>>>>) -> Dual<Dual<Dual<Dual<Dual<T>>>>>,
    x: T,
) -> [T; 6] {
    let one = T::one();
    let x = Dual::new(x, one);
    let x = Dual::new(x, lit(1.0));
    let x = Dual::new(x, lit(1.0));
    let x = Dual::new(x, lit(1.0));
    let y = f(Dual::new(x, lit(1.0)));
    [
        y.re.re.re.re.re,
        y.eps.re.re.re.re,
        y.eps.eps.re.re.re,
        y.eps.eps.eps.re.re,
        y.eps.eps.eps.eps.re,
        y.eps.eps.eps.eps.eps,
    ]
}

fn pole<T: Real>(x: T) -> T {
    (T::one() - x).recip()
}

#[test]
fn higher_derivatives() {
    let x = 0.7_f64;
    let (s, c) = x.sin_cos();
    assert_all(derivatives(|x| x.sin(), x), [s, c, -s, -c, s, c]);
    assert_all(derivatives(|x| x.exp(), x), [x.exp(); 6]);
    let u = 1.0 / (1.0 - x);
    let powers = [1.0, 1.0, 2.0, 6.0, 24.0, 120.0];
    assert_all(
        derivatives(pole, x),
        core::array::from_fn(|k| powers[k] * u.powi(i32::try_from(k).unwrap() + 1)),
    );
}

#[track_caller]
fn assert_all(got: [f64; 6], expected: [f64; 6]) {
    for (got, expected) in got.iter().zip(expected) {
        assert!(
            (got - expected).abs() <= 1e-13 * expected.abs().max(1.0),
            "{got} is not {expected}"
        );
    }
}

#[test]
fn pullback_over_duals() {
    let (x, dx) = (1.3_f64, 0.5);
    let xl = rt::lift(&x, &dx);
    let (got, ((),)) = xl.ad_powi((Val(&3),), (), &rt::lift(&1.0, &0.0), Fresh, (Skip,));
    assert!((got.eps - 6.0 * x * dx).abs() < 1e-14);
}
