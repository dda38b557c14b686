//! Activation functions of a single number; for a vector or a matrix use `x.map(sigmoid)`.

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
#[differentiate(pullback = sigmoid_pullback)]
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
