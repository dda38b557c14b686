//! The Gaussian error linear unit, exactly and in its approximation by a hyperbolic tangent.

use super::logistic::{sigmoid, sigmoid_pullback};
use crate::differentiable::{Real, converted};
use crate::special::{density, distribution};
use autodiff_macros::differentiate;

/// `x Φ(x)` with the distribution function of the standard normal distribution, `Φ(x) = erfc(-x/√2) / 2`.
///
/// Reverse: see [`gelu_pullback`]. Undefined at `-∞`. Reference: Hendrycks, Gimpel 2016, arXiv:1606.08415.
///
/// ```
/// use differentiate::nn::gelu;
///
/// assert_eq!((gelu(-50.0), gelu(0.0), gelu(50.0)), (0.0, 0.0, 50.0));
/// assert!((gelu(1.0_f64) - 0.841_344_746_068_542_9).abs() < 1e-15);
/// ```
#[differentiate(order = 2, pullback = gelu_pullback)]
#[must_use]
pub fn gelu<T: Real>(x: T) -> T {
    let z = converted::<T, T::AdWide>(x);
    converted(z * distribution(z))
}

/// Pullback of [`gelu()`]: `x̄ = g (Φ(x) + x φ(x))` with the density `φ(x) = e^(-x²/2) / √(2π)`.
#[must_use]
pub fn gelu_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    let z = converted::<T, T::AdWide>(x);
    *g * converted(distribution(z) + z * density(z))
}

/// `x (1 + tanh u) / 2` with `u = √(2/π) (x + 0.044715 x³)`: an approximation of [`gelu()`] to about `5·10⁻⁴`.
///
/// It is formed as `x σ(2u)`, which keeps the accuracy of the tail.
///
/// Reverse: see [`gelu_tanh_pullback`]. Undefined at `-∞`. Reference: Hendrycks, Gimpel 2016, arXiv:1606.08415.
///
/// ```
/// use differentiate::nn::{gelu, gelu_tanh};
///
/// assert_eq!(gelu_tanh(0.0), 0.0);
/// assert!((gelu_tanh(1.0_f64) - gelu(1.0)).abs() < 2e-4);
/// ```
#[differentiate(order = 2, pullback = gelu_tanh_pullback)]
#[inline]
#[must_use]
pub fn gelu_tanh<T: Real>(x: T) -> T {
    x * sigmoid(inner(x).0)
}

/// Pullback of [`gelu_tanh()`]: `x̄ = g (σ(2u) + x σ'(2u) 2u')` with `u' = √(2/π) (1 + 3 · 0.044715 x²)`.
#[inline]
#[must_use]
pub fn gelu_tanh_pullback<T: Real>(x: T, y: &T, g: &T) -> T {
    let (v, slope) = inner(x);
    let bend = sigmoid_pullback(v, y, &T::one());
    // Far out the slope of the sigmoid is 0 and the other factor may be infinite.
    if bend.is_zero() {
        return *g * sigmoid(v);
    }
    *g * (sigmoid(v) + x * bend * slope)
}

/// `2u` and its slope.
#[inline]
fn inner<T: Real>(x: T) -> (T, T) {
    let factor = T::ad_from_f64(2.0 * (2.0 / core::f64::consts::PI).sqrt());
    let cube = T::ad_from_f64(0.044_715) * x * x;
    let three = T::ad_from_f64(3.0);
    (
        factor * x * (T::one() + cube),
        factor * (T::one() + three * cube),
    )
}
