//! The derivative of the exponential of rotation vectors, and its inverse.
//!
//! With `θ = |v|`, `Jₗ(v) = I + b [v]× + c [v]×²`, `Jᵣ(v) = Jₗ(-v) = Jₗ(v)ᵀ`; `exp(v + δ) = exp(v) exp(Jᵣ(v) δ)` to
//! first order. Near zero the coefficients are had from their series, exact to rounding. Reference: Solà, Deray and
//! Atchuthan 2018, equations 143 to 147.

use nalgebra::Vector3;

use crate::differentiable::Real;

/// Below this square of an angle the series is exact to rounding.
const SMALL: f64 = 0.1;

fn polynomial<T: Real>(x: T, coefficients: &[f64]) -> T {
    (coefficients.iter().rev()).fold(T::zero(), |sum, c| sum * x + T::ad_from_f64(*c))
}

/// `x + b v × x + c v × (v × x)`.
fn combined<T: Real>(v: &Vector3<T>, x: &Vector3<T>, b: T, c: T) -> Vector3<T> {
    let once = v.cross(x);
    x + once * b + v.cross(&once) * c
}

/// `Jₗ(v) x`.
pub(crate) fn left<T: Real>(v: &Vector3<T>, x: &Vector3<T>) -> Vector3<T> {
    let square = v.norm_squared();
    let (b, c) = if square < T::ad_from_f64(SMALL) {
        (
            polynomial(
                square,
                &[
                    1.0 / 2.0,
                    -1.0 / 24.0,
                    1.0 / 720.0,
                    -1.0 / 40320.0,
                    1.0 / 3_628_800.0,
                    -1.0 / 479_001_600.0,
                ],
            ),
            polynomial(
                square,
                &[
                    1.0 / 6.0,
                    -1.0 / 120.0,
                    1.0 / 5040.0,
                    -1.0 / 362_880.0,
                    1.0 / 39_916_800.0,
                    -1.0 / 6_227_020_800.0,
                ],
            ),
        )
    } else {
        let angle = square.sqrt();
        (
            (T::one() - angle.cos()) / square,
            (angle - angle.sin()) / (square * angle),
        )
    };
    combined(v, x, b, c)
}

/// `Jₗ(v)⁻¹ x`.
pub(crate) fn left_inverse<T: Real>(v: &Vector3<T>, x: &Vector3<T>) -> Vector3<T> {
    let square = v.norm_squared();
    let half = T::ad_from_f64(0.5);
    let c = if square < T::ad_from_f64(SMALL) {
        polynomial(
            square,
            &[
                1.0 / 12.0,
                1.0 / 720.0,
                1.0 / 30240.0,
                1.0 / 1_209_600.0,
                1.0 / 47_900_160.0,
                691.0 / 1_307_674_368_000.0,
            ],
        )
    } else {
        let angle = square.sqrt() * half;
        (T::one() - angle / angle.tan()) / square
    };
    combined(v, x, -half, c)
}

/// `exp(v) x`.
pub(super) fn rotated<T: Real>(v: &Vector3<T>, x: &Vector3<T>) -> Vector3<T> {
    nalgebra::UnitQuaternion::new(*v) * x
}
