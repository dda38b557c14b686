//! Losses of numbers: squared, absolute and Huber's.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{both, per, sum};
use crate::differentiable::Real;

/// The mean of the squared differences of all entries: `Σ (pᵢⱼ - tᵢⱼ)² / (m n)`; 0 for matrices without entries.
///
/// Shapes: two matrices m×n. Reverse: see [`mse_pullback`].
///
/// # Panics
/// If the shapes differ; the message has both.
///
/// ```
/// use differentiate::nalgebra::Vector2;
/// use differentiate::nn::mse;
///
/// assert_eq!(mse(&Vector2::new(1.0, 2.0), &Vector2::new(1.0, 4.0)), 2.0);
/// ```
#[differentiate(order = 2, pullback = mse_pullback)]
#[must_use]
pub fn mse<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    prediction: &Matrix<T, R, C, S>,
    target: &Matrix<T, R, C, S2>,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    let sum = sum(prediction, target, |p, t| (p - t) * (p - t));
    per(sum, prediction.len())
}

/// Pullback of [`mse()`]: `p̄ = 2 g (p - t) / (m n)`, `t̄ = -p̄`.
///
/// Shapes: the results as the arguments. Cost: one pass, two allocations.
#[must_use]
pub fn mse_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    prediction: &Matrix<T, R, C, S>,
    target: &Matrix<T, R, C, S2>,
    _y: &T,
    g: &T,
) -> (OMatrix<T, R, C>, OMatrix<T, R, C>)
where
    DefaultAllocator: Allocator<R, C>,
{
    let factor = per(*g + *g, prediction.len());
    both(prediction, target, |p, t| {
        let p_bar = factor * (p - t);
        (p_bar, -p_bar)
    })
}

/// The mean of the absolute differences of all entries: `Σ |pᵢⱼ - tᵢⱼ| / (m n)`; 0 for matrices without entries.
///
/// Shapes: two matrices m×n. Reverse: see [`mae_pullback`].
///
/// # Panics
/// If the shapes differ; the message has both.
///
/// ```
/// use differentiate::nalgebra::Vector2;
/// use differentiate::nn::mae;
///
/// assert_eq!(mae(&Vector2::new(1.0, 2.0), &Vector2::new(1.0, 4.0)), 1.0);
/// ```
#[differentiate(order = 2, pullback = mae_pullback)]
#[must_use]
pub fn mae<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    prediction: &Matrix<T, R, C, S>,
    target: &Matrix<T, R, C, S2>,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    let sum = sum(prediction, target, |p, t| (p - t).abs());
    per(sum, prediction.len())
}

/// Pullback of [`mae()`]: `p̄ = g sign(p - t) / (m n)`, `t̄ = -p̄`; 0 where both are equal.
///
/// Shapes: the results as the arguments. Cost: one pass, two allocations.
#[must_use]
pub fn mae_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    prediction: &Matrix<T, R, C, S>,
    target: &Matrix<T, R, C, S2>,
    _y: &T,
    g: &T,
) -> (OMatrix<T, R, C>, OMatrix<T, R, C>)
where
    DefaultAllocator: Allocator<R, C>,
{
    let factor = per(*g, prediction.len());
    both(prediction, target, |p, t| {
        let p_bar = if p > t {
            factor
        } else if p < t {
            -factor
        } else {
            (p - t) * factor
        };
        (p_bar, -p_bar)
    })
}

/// The mean over all entries of Huber's function of the differences `d = p - t`, which is quadratic near 0 and linear
/// far out: `d² / 2` for `|d| ≤ δ`, else `δ (|d| - δ / 2)`; 0 for matrices without entries.
///
/// Shapes: two matrices m×n. Reverse: see [`huber_pullback`]. Reference: Huber 1964, *Robust estimation of a location
/// parameter*.
///
/// # Panics
/// If the shapes differ; the message has both.
///
/// ```
/// use differentiate::nalgebra::Vector2;
/// use differentiate::nn::huber;
///
/// assert_eq!(huber(&Vector2::new(1.0, 2.0), &Vector2::new(1.5, 5.0), 1.0), (0.125 + 2.5) / 2.0);
/// ```
#[differentiate(order = 2, pullback = huber_pullback)]
#[must_use]
pub fn huber<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    prediction: &Matrix<T, R, C, S>,
    target: &Matrix<T, R, C, S2>,
    #[no_diff] delta: T,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    let half = T::ad_from_f64(0.5);
    let sum = sum(prediction, target, |p, t| {
        let distance = (p - t).abs();
        if distance <= delta {
            half * distance * distance
        } else {
            delta * (distance - half * delta)
        }
    });
    per(sum, prediction.len())
}

/// Pullback of [`huber()`]: `p̄ = g d / (m n)`, where `d = p - t` is not taken beyond `±δ`; `t̄ = -p̄`.
///
/// Shapes: the results as the arguments. Cost: one pass, two allocations.
#[must_use]
pub fn huber_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    prediction: &Matrix<T, R, C, S>,
    target: &Matrix<T, R, C, S2>,
    delta: T,
    _y: &T,
    g: &T,
) -> (OMatrix<T, R, C>, OMatrix<T, R, C>)
where
    DefaultAllocator: Allocator<R, C>,
{
    let factor = per(*g, prediction.len());
    both(prediction, target, |p, t| {
        let difference = p - t;
        let slope = if difference > delta {
            delta
        } else if difference < -delta {
            -delta
        } else {
            difference
        };
        (factor * slope, -factor * slope)
    })
}
