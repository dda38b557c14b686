//! Bessel functions of the first kind.

use super::Function;
use crate::differentiable::Real;
use autodiff_macros::differentiate;

/// The Bessel function of the first kind `J₀(x)`, for any `x`.
///
/// Accuracy: the error is a few units in the last place of 1; near the zeros of the function that is not relative.
///
/// Reverse: see [`bessel_j0_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 10.2.
///
/// ```
/// use differentiate::special::bessel_j0;
///
/// assert_eq!(bessel_j0(0.0), 1.0);
/// assert!((bessel_j0(1.0_f64) - 0.765_197_686_557_966_6).abs() < 1e-15);
/// ```
#[differentiate(order = 2, pullback = bessel_j0_pullback)]
#[must_use]
pub fn bessel_j0<T: Real>(x: T) -> T {
    x.ad_function(Function::Bessel(0))
}

/// Pullback of [`bessel_j0()`]: `x̄ = -g J₁(x)`.
#[must_use]
pub fn bessel_j0_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    Function::Bessel(0).ad_pullback(x, *y, *g)
}

/// The Bessel function of the first kind `J₁(x)`, for any `x`.
///
/// Accuracy: as for [`bessel_j0()`].
///
/// Reverse: see [`bessel_j1_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 10.2.
///
/// ```
/// use differentiate::special::bessel_j1;
///
/// assert_eq!(bessel_j1(0.0), 0.0);
/// assert!((bessel_j1(1.0_f64) - 0.440_050_585_744_933_5).abs() < 1e-15);
/// ```
#[differentiate(order = 2, pullback = bessel_j1_pullback)]
#[must_use]
pub fn bessel_j1<T: Real>(x: T) -> T {
    x.ad_function(Function::Bessel(1))
}

/// Pullback of [`bessel_j1()`]: `x̄ = g (J₀(x) - J₂(x)) / 2`.
#[must_use]
pub fn bessel_j1_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    Function::Bessel(1).ad_pullback(x, *y, *g)
}
