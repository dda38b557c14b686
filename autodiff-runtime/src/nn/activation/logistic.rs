//! The logistic function and what is made of it.

use crate::differentiable::Real;
use autodiff_macros::differentiate;

/// The logistic function `σ(x) = 1 / (1 + e⁻ˣ)`, without overflow for any `x`.
///
/// Only `e` to a negative power is formed, so that the result keeps its full relative accuracy down to the smallest
/// numbers: `σ(-700)` is about `e⁻⁷⁰⁰`, and `σ(-1000)` is 0.
///
/// Reverse: see [`sigmoid_pullback`]. Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 3.10.
///
/// ```
/// use differentiate::nn::sigmoid;
///
/// assert_eq!(sigmoid(0.0), 0.5);
/// assert_eq!(sigmoid(-1000.0), 0.0);
/// assert_eq!(sigmoid(1000.0_f32), 1.0);
/// ```
#[differentiate(order = 2, pullback = sigmoid_pullback)]
#[inline]
#[must_use]
pub fn sigmoid<T: Real>(x: T) -> T {
    let e = (-x.abs()).exp();
    let numerator = if x < T::zero() { e } else { T::one() };
    numerator / (T::one() + e)
}

/// Pullback of [`sigmoid()`]: `x̄ = g σ(x) σ(-x)`.
///
/// `σ(-x)` is not taken as `1 - y`, which has lost all digits where `y` is close to 1. Cost: one exponential.
#[inline]
#[must_use]
pub fn sigmoid_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    let e = (-x.abs()).exp();
    let sum = T::one() + e;
    *g * (e / (sum * sum))
}

/// `ln σ(x) = -ln(1 + e⁻ˣ)`, without overflow for any `x`.
///
/// It is not the logarithm of [`sigmoid()`], which has underflowed where this is -1000.
///
/// Reverse: see [`log_sigmoid_pullback`]. Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016,
/// section 3.10.
///
/// ```
/// use differentiate::nn::log_sigmoid;
///
/// assert_eq!(log_sigmoid(-1000.0), -1000.0);
/// assert_eq!(log_sigmoid(0.0), -2.0_f64.ln());
/// ```
#[differentiate(order = 2, pullback = log_sigmoid_pullback)]
#[inline]
#[must_use]
pub fn log_sigmoid<T: Real>(x: T) -> T {
    -softplus(-x)
}

/// Pullback of [`log_sigmoid()`]: `x̄ = g σ(-x)`.
#[inline]
#[must_use]
pub fn log_sigmoid_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    *g * sigmoid(-x)
}

/// `ln(1 + eˣ)`, a smooth `max(x, 0)`, without overflow for any `x`: `max(x, 0) + ln(1 + e^-|x|)`.
///
/// Reverse: see [`softplus_pullback`]. Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 3.10.
///
/// ```
/// use differentiate::nn::softplus;
///
/// assert_eq!((softplus(-1000.0), softplus(1000.0)), (0.0, 1000.0));
/// assert_eq!(softplus(0.0), 2.0_f64.ln());
/// ```
#[differentiate(order = 2, pullback = softplus_pullback)]
#[inline]
#[must_use]
pub fn softplus<T: Real>(x: T) -> T {
    let rest = (-x.abs()).exp().ln_1p();
    if x > T::zero() { x + rest } else { rest }
}

/// Pullback of [`softplus()`]: `x̄ = g σ(x)`.
#[inline]
#[must_use]
pub fn softplus_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    *g * sigmoid(x)
}

/// `x σ(x)`, also called swish.
///
/// Reverse: see [`silu_pullback`]. Undefined at `-∞`. Reference: Elfwing, Uchibe, Doya 2018, arXiv:1702.03118.
///
/// ```
/// use differentiate::nn::silu;
///
/// assert_eq!((silu(-1000.0), silu(0.0), silu(1000.0)), (0.0, 0.0, 1000.0));
/// ```
#[differentiate(order = 2, pullback = silu_pullback)]
#[inline]
#[must_use]
pub fn silu<T: Real>(x: T) -> T {
    x * sigmoid(x)
}

/// Pullback of [`silu()`]: `x̄ = g σ(x) (1 + x σ(-x))`.
#[inline]
#[must_use]
pub fn silu_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    *g * (sigmoid(x) * (T::one() + x * sigmoid(-x)))
}

/// The hyperbolic tangent.
///
/// Unlike the method `x.tanh()`, whose derivative is formed from the result alone, this keeps the relative accuracy of
/// the slope where the result is nearly 1.
///
/// Reverse: see [`tanh_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 4.28.
///
/// ```
/// use differentiate::nn::tanh;
///
/// assert_eq!((tanh(0.0), tanh(1000.0)), (0.0, 1.0));
/// assert!((tanh::grad(30.0_f64) / (4.0 * (-60.0_f64).exp()) - 1.0).abs() < 1e-14);
/// ```
#[differentiate(order = 2, pullback = tanh_pullback)]
#[inline]
#[must_use]
pub fn tanh<T: Real>(x: T) -> T {
    x.tanh()
}

/// Pullback of [`tanh()`]: `x̄ = g / cosh² x`, that is `4 g σ(2x) σ(-2x)`.
#[inline]
#[must_use]
pub fn tanh_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    let four = T::ad_from_f64(4.0);
    four * sigmoid_pullback(x + x, y, g)
}
