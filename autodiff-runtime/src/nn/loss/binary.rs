//! The loss of independent yes-or-no answers.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{both, per, sum};
use crate::differentiable::Real;
use crate::nn::activation::{sigmoid, softplus};

/// The cross entropy of `targets` between 0 and 1 and `sigmoid(logits)`, in nats, averaged over all entries:
/// `Σᵢⱼ (ln(1 + e^xᵢⱼ) - tᵢⱼ xᵢⱼ) / (m n)`.
///
/// For positive `x` it is formed as `ln(1 + e⁻ˣ) + (1 - t) x`, so that nothing overflows or cancels.
///
/// Shapes: two matrices m×n; 0 for matrices without entries. Reverse: see
/// [`binary_cross_entropy_with_logits_pullback`]. Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016,
/// section 6.2.2.
///
/// # Panics
/// If the shapes differ; the message has both.
///
/// ```
/// use differentiate::nalgebra::Vector2;
/// use differentiate::nn::binary_cross_entropy_with_logits;
///
/// let loss = binary_cross_entropy_with_logits(&Vector2::new(1000.0, 0.0), &Vector2::new(1.0, 0.5));
/// assert_eq!(loss, 2.0_f64.ln() / 2.0);
/// ```
#[differentiate(order = 2, pullback = binary_cross_entropy_with_logits_pullback)]
#[must_use]
pub fn binary_cross_entropy_with_logits<T, R: Dim, C: Dim, S, S2>(
    logits: &Matrix<T, R, C, S>,
    targets: &Matrix<T, R, C, S2>,
) -> T
where
    T: Real,
    S: RawStorage<T, R, C>,
    S2: RawStorage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    let sum = sum(logits, targets, |x, t| {
        if x > T::zero() {
            softplus(-x) + (T::one() - t) * x
        } else {
            softplus(x) - t * x
        }
    });
    per(sum, logits.len())
}

/// Pullback of [`binary_cross_entropy_with_logits()`]: `x̄ = g (σ(x) - t) / (m n)`, `t̄ = -g x / (m n)`.
///
/// For positive `x` the first is formed as `(1 - t) - σ(-x)`, which keeps the digits of a small slope. Shapes: the
/// results as the arguments. Cost: one exponential per entry, two allocations.
#[must_use]
pub fn binary_cross_entropy_with_logits_pullback<T, R: Dim, C: Dim, S, S2>(
    logits: &Matrix<T, R, C, S>,
    targets: &Matrix<T, R, C, S2>,
    _y: &T,
    g: &T,
) -> (OMatrix<T, R, C>, OMatrix<T, R, C>)
where
    T: Real,
    S: RawStorage<T, R, C>,
    S2: RawStorage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    let factor = per(*g, logits.len());
    both(logits, targets, |x, t| {
        let slope = if x > T::zero() {
            (T::one() - t) - sigmoid(-x)
        } else {
            sigmoid(x) - t
        };
        (factor * slope, -factor * x)
    })
}
