//! Activation functions with a kink, and their smooth relative [`elu()`].

use crate::differentiable::Real;
use autodiff_macros::differentiate;

/// The number of smallest size between two slopes.
#[inline]
fn least<T: Real>(left: T, right: T) -> T {
    if left * right <= T::zero() {
        T::zero()
    } else if left.abs() < right.abs() {
        left
    } else {
        right
    }
}

/// `max(x, 0)`.
///
/// Reverse: see [`relu_pullback`]. Reference: Glorot, Bordes, Bengio 2011, *Deep sparse rectifier neural networks*.
///
/// ```
/// use differentiate::nn::relu;
///
/// assert_eq!((relu(-2.0), relu(2.0)), (0.0, 2.0));
/// assert_eq!((relu::grad(-2.0), relu::grad(0.0), relu::grad(2.0)), (0.0, 0.0, 1.0));
/// ```
#[differentiate(order = 2, pullback = relu_pullback)]
#[inline]
#[must_use]
pub fn relu<T: Real>(x: T) -> T {
    // A NaN is not below zero.
    if x < T::zero() { T::zero() } else { x }
}

/// Pullback of [`relu()`]: `x̄ = g` for positive `x`, else 0.
#[inline]
#[must_use]
pub fn relu_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    if x > T::zero() { *g } else { T::zero() }
}

/// `x` for positive `x`, else `slope x`. With a `slope` that is learnt it is also called a parametric rectifier.
///
/// The usual slope is 0.01.
///
/// Reverse: see [`leaky_relu_pullback`]. Reference: He, Zhang, Ren, Sun 2015, arXiv:1502.01852.
///
/// ```
/// use differentiate::nn::leaky_relu;
///
/// assert_eq!((leaky_relu(-2.0, 0.01), leaky_relu(2.0, 0.01)), (-0.02, 2.0));
/// ```
#[differentiate(order = 2, pullback = leaky_relu_pullback)]
#[inline]
#[must_use]
pub fn leaky_relu<T: Real>(x: T, slope: T) -> T {
    if x > T::zero() { x } else { slope * x }
}

/// Pullback of [`leaky_relu()`]: `x̄ = g` for positive and `g slope` for negative `x`; the cotangent of the slope is
/// `g min(x, 0)`.
///
/// At 0 the smaller of both slopes is taken: `g slope` for the usual ones.
#[inline]
#[must_use]
pub fn leaky_relu_pullback<T: Real>(x: T, slope: T, _y: &T, g: &T) -> (T, T) {
    if x > T::zero() {
        (*g, T::zero())
    } else if x < T::zero() {
        (*g * slope, *g * x)
    } else {
        (*g * least(slope, T::one()), *g * x)
    }
}

/// `x` for positive `x`, else `α (eˣ - 1)`. The usual `α` is 1.
///
/// Reverse: see [`elu_pullback`]. Reference: Clevert, Unterthiner, Hochreiter 2016, arXiv:1511.07289.
///
/// ```
/// use differentiate::nn::elu;
///
/// assert_eq!((elu(-1000.0, 1.0), elu(2.0, 1.0)), (-1.0, 2.0));
/// ```
#[differentiate(order = 2, pullback = elu_pullback)]
#[inline]
#[must_use]
pub fn elu<T: Real>(x: T, alpha: T) -> T {
    if x > T::zero() { x } else { alpha * x.exp_m1() }
}

/// Pullback of [`elu()`]: `x̄ = g` for positive and `g α eˣ` for negative `x`; `ᾱ = g (eˣ - 1)` for negative `x`.
///
/// At 0 the smaller of both slopes is taken; for `α = 1` they are equal.
#[inline]
#[must_use]
pub fn elu_pullback<T: Real>(x: T, alpha: T, _y: &T, g: &T) -> (T, T) {
    if x > T::zero() {
        (*g, T::zero())
    } else if x < T::zero() {
        (*g * alpha * x.exp(), *g * x.exp_m1())
    } else {
        (*g * least(alpha, T::one()), *g * x)
    }
}

/// `x`, but not beyond `low` and `high`.
#[inline]
fn within<T: Real>(x: T, low: T, high: T) -> T {
    if x < low {
        low
    } else if x > high {
        high
    } else {
        x
    }
}

/// `g` strictly between `low` and `high`, else 0.
#[inline]
fn within_pullback<T: Real>(x: T, low: T, high: T, g: T) -> T {
    if x > low && x < high { g } else { T::zero() }
}

/// `x`, but not below -1 nor above 1.
///
/// Reverse: see [`hardtanh_pullback`]. Reference: Collobert 2004, *Large scale machine learning*.
///
/// ```
/// use differentiate::nn::hardtanh;
///
/// assert_eq!((hardtanh(-3.0), hardtanh(0.5), hardtanh(3.0)), (-1.0, 0.5, 1.0));
/// ```
#[differentiate(order = 2, pullback = hardtanh_pullback)]
#[inline]
#[must_use]
pub fn hardtanh<T: Real>(x: T) -> T {
    within(x, -T::one(), T::one())
}

/// Pullback of [`hardtanh()`]: `x̄ = g` for `-1 < x < 1`, else 0.
#[inline]
#[must_use]
pub fn hardtanh_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    within_pullback(x, -T::one(), T::one(), *g)
}

/// `x`, but not below 0 nor above 6.
///
/// Reverse: see [`relu6_pullback`]. Reference: Krizhevsky 2010, *Convolutional deep belief networks on CIFAR-10*.
///
/// ```
/// use differentiate::nn::relu6;
///
/// assert_eq!((relu6(-3.0), relu6(0.5), relu6(7.0)), (0.0, 0.5, 6.0));
/// ```
#[differentiate(order = 2, pullback = relu6_pullback)]
#[inline]
#[must_use]
pub fn relu6<T: Real>(x: T) -> T {
    within(x, T::zero(), T::ad_from_f64(6.0))
}

/// Pullback of [`relu6()`]: `x̄ = g` for `0 < x < 6`, else 0.
#[inline]
#[must_use]
pub fn relu6_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    within_pullback(x, T::zero(), T::ad_from_f64(6.0), *g)
}

/// `x relu6(x + 3) / 6`: 0 below -3, `x` above 3, and a parabola between them.
///
/// Reverse: see [`hardswish_pullback`]. Reference: Howard et al. 2019, arXiv:1905.02244.
///
/// ```
/// use differentiate::nn::hardswish;
///
/// assert_eq!((hardswish(-4.0), hardswish(1.5), hardswish(4.0)), (0.0, 1.125, 4.0));
/// ```
#[differentiate(order = 2, pullback = hardswish_pullback)]
#[inline]
#[must_use]
pub fn hardswish<T: Real>(x: T) -> T {
    let three = T::ad_from_f64(3.0);
    if x >= three {
        x
    } else if x <= -three {
        T::zero()
    } else {
        x * (x + three) / T::ad_from_f64(6.0)
    }
}

/// Pullback of [`hardswish()`]: `x̄ = g (2 x + 3) / 6` for `-3 < x < 3`, 0 below and `g` above, both with their ends.
#[inline]
#[must_use]
pub fn hardswish_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    let three = T::ad_from_f64(3.0);
    if x >= three {
        *g
    } else if x <= -three {
        T::zero()
    } else {
        *g * (x + x + three) / T::ad_from_f64(6.0)
    }
}
