//! Products with a logarithm and quotients that are 0/0 when they are written down naively.

use core::f64::consts::PI;

use super::Function;
use crate::differentiable::{Real, lit};
use autodiff_macros::differentiate;

/// `x ln x` for `x ≥ 0`, and 0 for `x = 0`: one term of an entropy.
///
/// Reverse: see [`xlogx_pullback`]. Outside of the domain it is NaN.
///
/// ```
/// use differentiate::special::xlogx;
///
/// assert_eq!(xlogx(0.0), 0.0);
/// assert_eq!(xlogx(2.0), 2.0 * 2.0_f64.ln());
/// ```
#[differentiate(order = 2, pullback = xlogx_pullback)]
#[inline]
#[must_use]
pub fn xlogx<T: Real>(x: T) -> T {
    xlogy(x, x)
}

/// Pullback of [`xlogx()`]: `x̄ = g (ln x + 1)`.
///
/// At 0, where the slope is infinite, it is 0, as it is for [`xlogy()`]: a term of probability zero has no say.
#[inline]
#[must_use]
pub fn xlogx_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    if x.ad_at_zero() || g.is_zero() {
        return T::zero();
    }
    *g * (x.ln() + T::one())
}

/// `x ln y`, and 0 where `x` is 0, even at `y = 0`: one term of a cross entropy.
///
/// Reverse: see [`xlogy_pullback`]. It is NaN for `y < 0`, unless `x` is 0.
///
/// ```
/// use differentiate::special::xlogy;
///
/// assert_eq!(xlogy(0.0, 0.0), 0.0);
/// assert_eq!(xlogy(2.0, 3.0), 2.0 * 3.0_f64.ln());
/// ```
#[differentiate(order = 2, pullback = xlogy_pullback)]
#[inline]
#[must_use]
pub fn xlogy<T: Real>(x: T, y: T) -> T {
    // A NaN stays one.
    if x.ad_at_zero() && y.partial_cmp(&y).is_some() {
        return T::zero();
    }
    x * y.ln()
}

/// Pullback of [`xlogy()`]: `x̄ = g ln y`, `ȳ = g x / y`.
///
/// Undefined where `x = 0` and `y ≤ 0`; there both are 0.
#[inline]
#[must_use]
pub fn xlogy_pullback<T: Real>(x: T, y: T, _value: &T, g: &T) -> (T, T) {
    if g.is_zero() || x.ad_at_zero() && y <= T::zero() {
        return (T::zero(), T::zero());
    }
    (*g * y.ln(), *g * (x / y))
}

/// `sin(πx) / (πx)`, and 1 at 0; at all other integers it is exactly 0.
///
/// Reverse: see [`sinc_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 3.3(vi).
///
/// ```
/// use differentiate::special::sinc;
///
/// assert_eq!((sinc(0.0), sinc(0.5), sinc(3.0)), (1.0, std::f64::consts::FRAC_2_PI, 0.0));
/// ```
#[differentiate(order = 2, pullback = sinc_pullback)]
#[must_use]
pub fn sinc<T: Real>(x: T) -> T {
    x.ad_function(Function::Sinc)
}

/// Pullback of [`sinc()`]: `x̄ = g (cos πx - sinc x) / x`, near 0 by the power series.
#[must_use]
pub fn sinc_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    Function::Sinc.ad_pullback(x, *y, *g)
}

/// `sin(πx) / (πx)`.
pub(super) fn cardinal_sine(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { sin_pi(x) / (PI * x) }
}

/// The slope of [`sinc()`].
pub(super) fn cardinal_slope<T: Real>(x: T) -> T {
    let z = lit::<T>(PI) * x;
    if z.abs() > lit(0.5) {
        return (sin_pi(x + lit(0.5)) - sin_pi(x) / z) / x;
    }
    // d/dz Σ (-1)ⁿ z²ⁿ / (2n+1)!, where the quotient would lose digits.
    let t = z * z;
    let tail = (1..8).rev().fold(T::zero(), |sum, n| {
        let n = f64::from(n);
        // The ratio of the coefficients of the terms n + 1 and n.
        let ratio = (n + 1.0) / (n * (2.0 * n + 2.0) * (2.0 * n + 3.0));
        T::one() - sum * t * lit(ratio)
    });
    lit::<T>(-PI / 3.0) * z * tail
}

/// `sin(πx)`, reduced before the multiplication.
fn sin_pi<T: Real>(x: T) -> T {
    let r = x % lit(2.0);
    // sin π(±1 - r) = ± sin πr
    let near = if r.abs() <= lit(0.5) {
        r
    } else if r.abs() <= lit(1.5) {
        lit::<T>(1.0).copysign(r) - r
    } else {
        r - lit::<T>(2.0).copysign(r)
    };
    (lit::<T>(PI) * near).sin()
}
