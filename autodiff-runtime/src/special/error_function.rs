//! The error function and what is made of it.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::Function;
use crate::differentiable::{Real, lit};
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
#[differentiate(order = 2, pullback = erf_pullback)]
#[must_use]
pub fn erf<T: Real>(x: T) -> T {
    x.ad_function(Function::Erf)
}

/// Pullback of [`erf()`]: `x̄ = g 2/√π e^(-x²)`.
#[must_use]
pub fn erf_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    Function::Erf.ad_pullback(x, *y, *g)
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
#[differentiate(order = 2, pullback = erfc_pullback)]
#[must_use]
pub fn erfc<T: Real>(x: T) -> T {
    x.ad_function(Function::Erfc)
}

/// Pullback of [`erfc()`]: `x̄ = -g 2/√π e^(-x²)`.
#[must_use]
pub fn erfc_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    Function::Erfc.ad_pullback(x, *y, *g)
}

/// The inverse of the error function on `[-1, 1]`, `erf(erf_inv(x)) = x`; infinite at `±1`, NaN outside.
///
/// By Halley's iteration, `y ← y - u / (1 + y u)` with `u = (erf y - x) √π/2 e^(y²)`, from the power series or the first guess of Winitzki
/// 2008, *A handy approximation for the error function and its inverse*, equation 7. Near 1 the equation that is solved
/// is `erfc y = 1 - x`, which keeps the relative accuracy of `1 - x`.
///
/// Reverse: see [`erf_inv_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 7.17.
///
/// ```
/// use differentiate::special::{erf, erf_inv};
///
/// assert_eq!(erf_inv(0.0), 0.0);
/// assert!((erf_inv(0.5_f64) - 0.476_936_276_204_469_9).abs() < 1e-15);
/// assert!((erf(erf_inv(-0.9_f64)) + 0.9).abs() < 1e-15);
/// assert_eq!(erf_inv(1.0), f64::INFINITY);
/// ```
#[differentiate(order = 2, pullback = erf_inv_pullback)]
#[must_use]
pub fn erf_inv<T: Real>(x: T) -> T {
    x.ad_function(Function::ErfInv)
}

/// Pullback of [`erf_inv()`]: `x̄ = g √π/2 e^(y²)`, with the result `y`.
#[must_use]
pub fn erf_inv_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    Function::ErfInv.ad_pullback(x, *y, *g)
}

/// The inverse of the error function at `x ≥ 0`.
pub(super) fn inverse(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        return x;
    }
    if x >= 1.0 {
        return if x > 1.0 { f64::NAN } else { f64::INFINITY };
    }
    let mut y = if x < 0.5 {
        // The power series.
        let t = core::f64::consts::PI * x * x;
        x / FRAC_2_SQRT_PI * (1.0 + t / 12.0 + t * t * 7.0 / 480.0)
    } else {
        // Winitzki's constant.
        let a = 0.147;
        let log = (1.0 - x).ln() + x.ln_1p();
        let half = 1.0 / (core::f64::consts::FRAC_PI_2 * a) + 0.5 * log;
        // The difference of nearly equal numbers, as a quotient.
        (-log / a / ((half * half - log / a).sqrt() + half)).sqrt()
    };
    for _ in 0..3 {
        let error = if x < 0.5 {
            libm::erf(y) - x
        } else {
            (1.0 - x) - libm::erfc(y)
        };
        let u = error * (y * y).exp() / FRAC_2_SQRT_PI;
        y -= u / (1.0 + y * u);
    }
    y
}

/// The distribution function of the standard normal distribution, `Φ(x) = erfc(-x/√2) / 2`.
pub(crate) fn distribution<T: Real>(x: T) -> T {
    lit::<T>(0.5) * (-x * lit(FRAC_1_SQRT_2)).ad_function(Function::Erfc)
}

/// The density of the standard normal distribution, `φ(x) = e^(-x²/2) / √(2π)`.
pub(crate) fn density<T: Real>(x: T) -> T {
    lit::<T>(0.5 * FRAC_1_SQRT_2 * FRAC_2_SQRT_PI) * (lit::<T>(-0.5) * x * x).exp()
}
