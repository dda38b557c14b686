//! The error function and what is made of it.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::{through_f64, times_slope};
use crate::differentiable::Real;
use autodiff_macros::differentiate;

/// The error function `erf x = 2/√π ∫₀ˣ e^(-t²) dt`, for any `x`.
///
/// Reverse: see [`erf_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 7.2.
///
/// ```
/// use differentiate::special::erf;
///
/// assert_eq!(erf(0.0), 0.0);
/// assert!((erf(0.5_f64) - 0.520_499_877_813_046_5).abs() < 1e-15);
/// assert_eq!(erf(f64::INFINITY), 1.0);
/// ```
#[differentiate(pullback = erf_pullback)]
#[must_use]
pub fn erf<T: Real>(x: T) -> T {
    through_f64(x, libm::erf)
}

/// Pullback of [`erf()`]: `x̄ = g 2/√π e^(-x²)`.
#[must_use]
pub fn erf_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    times_slope(x, g, |x| FRAC_2_SQRT_PI * (-x * x).exp())
}

/// The complementary error function `erfc x = 1 - erf x`, for any `x`.
///
/// It keeps its relative accuracy where `erf x` is nearly 1: `erfc 10` is about `2·10⁻⁴⁵`.
///
/// Reverse: see [`erfc_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 7.2.
///
/// ```
/// use differentiate::special::erfc;
///
/// assert_eq!(erfc(0.0), 1.0);
/// assert!((erfc(10.0_f64) / 2.088_487_583_762_545e-45 - 1.0).abs() < 1e-13);
/// ```
#[differentiate(pullback = erfc_pullback)]
#[must_use]
pub fn erfc<T: Real>(x: T) -> T {
    through_f64(x, libm::erfc)
}

/// Pullback of [`erfc()`]: `x̄ = -g 2/√π e^(-x²)`.
#[must_use]
pub fn erfc_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    -erf_pullback(x, y, g)
}

/// The distribution function of the standard normal distribution, `Φ(x) = erfc(-x/√2) / 2`.
pub(crate) fn distribution(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The density of the standard normal distribution, `φ(x) = e^(-x²/2) / √(2π)`.
pub(crate) fn density(x: f64) -> f64 {
    0.5 * FRAC_1_SQRT_2 * FRAC_2_SQRT_PI * (-0.5 * x * x).exp()
}
