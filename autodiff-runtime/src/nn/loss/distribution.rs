//! Losses of probability distributions, one per column.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{assert_same_shape, both, per, sum};
use crate::differentiable::Real;
use crate::nn::logits::{log_softmax, logsumexp_of};
use crate::special::xlogy;

/// The cross entropy of `targets` and `softmax(logits)`, in nats, averaged over the columns:
/// `-Σᵢⱼ tᵢⱼ log_softmax(x)ᵢⱼ / n`.
///
/// A column of `targets` is a probability distribution over the classes, for instance one of [`one_hot`](super::one_hot). A target of
/// 0 contributes nothing, even where its logit is `-∞`.
///
/// Shapes: two matrices m×n, one sample per column; 0 for a batch without columns.
/// Reverse: see [`cross_entropy_with_logits_pullback`]. Reference: Goodfellow, Bengio, Courville, *Deep Learning*,
/// 2016, section 6.2.2.
///
/// # Panics
/// If the shapes differ; the message has both.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{cross_entropy_with_logits, one_hot};
///
/// let logits = dmatrix![1000.0, 0.0; 0.0, 0.0];
/// let loss = cross_entropy_with_logits(&logits, &one_hot(&[0, 1], 2));
/// assert_eq!(loss, 2.0_f64.ln() / 2.0);
/// ```
#[differentiate(order = 2, pullback = cross_entropy_with_logits_pullback)]
#[must_use]
pub fn cross_entropy_with_logits<T, R: Dim, C: Dim, S, S2>(
    logits: &Matrix<T, R, C, S>,
    targets: &Matrix<T, R, C, S2>,
) -> T
where
    T: Real,
    S: RawStorage<T, R, C>,
    S2: RawStorage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    assert_same_shape(logits.shape(), targets.shape());
    let sum = (logits.column_iter().zip(targets.column_iter())).fold(T::zero(), |sum, (x, t)| {
        let log_sum = logsumexp_of(|| x.iter());
        (x.iter().zip(t.iter()))
            .filter(|(_, t)| !t.is_zero())
            .fold(sum, |sum, (x, t)| sum + *t * (log_sum - *x))
    });
    per(sum, logits.ncols())
}

/// Pullback of [`cross_entropy_with_logits()`]: `x̄ = g (softmax(x) Σᵢ tᵢ - t) / n`, `t̄ = -g log_softmax(x) / n` for each
/// column.
///
/// `Σᵢ tᵢ` is 1 for a probability distribution, and is formed nevertheless, because the function is defined without it.
///
/// Shapes: the results as the arguments. Cost: two exponentials per entry, two allocations. The gradient of the
/// targets is infinite where a logit is `-∞`; a cotangent of zero contributes zero there.
#[must_use]
pub fn cross_entropy_with_logits_pullback<T, R: Dim, C: Dim, S, S2>(
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
    assert_same_shape(logits.shape(), targets.shape());
    let factor = per(*g, logits.ncols());
    let mut targets_bar = log_softmax(logits);
    let mut logits_bar = targets_bar.map(|log| factor * log.exp());
    for (mut x_bar, t) in logits_bar.column_iter_mut().zip(targets.column_iter()) {
        let total = t.sum();
        x_bar.zip_apply(&t, |x_bar, t| *x_bar = *x_bar * total - factor * t);
    }
    targets_bar.apply(|log| {
        *log = if factor.is_zero() {
            factor
        } else {
            -factor * *log
        }
    });
    (logits_bar, targets_bar)
}

/// The cross entropy of `targets` and `probabilities`, in nats, averaged over the columns: `-Σᵢⱼ tᵢⱼ ln pᵢⱼ / n`.
///
/// A target of 0 contributes nothing, even where the probability is 0, too. A model that ends in a softmax is better
/// served by [`cross_entropy_with_logits()`], which does not underflow.
///
/// Shapes: two matrices m×n, one sample per column; 0 for a batch without columns. Reverse: see
/// [`cross_entropy_pullback`]. Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 3.13.
///
/// # Panics
/// If the shapes differ; the message has both.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{cross_entropy, one_hot};
///
/// let probabilities = dmatrix![0.5, 0.0; 0.5, 1.0];
/// assert_eq!(cross_entropy(&probabilities, &one_hot(&[0, 1], 2)), 2.0_f64.ln() / 2.0);
/// ```
#[differentiate(order = 2, pullback = cross_entropy_pullback)]
#[must_use]
pub fn cross_entropy<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    probabilities: &Matrix<T, R, C, S>,
    targets: &Matrix<T, R, C, S2>,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    let sum = sum(probabilities, targets, |p, t| xlogy(t, p));
    per(-sum, probabilities.ncols())
}

/// Pullback of [`cross_entropy()`]: `p̄ = -g t / (p n)`, `t̄ = -g ln p / n`.
///
/// Shapes: the results as the arguments. Cost: one pass, two allocations. Where the target and the probability are 0,
/// both gradients are 0; where the probability alone is 0, they are infinite.
#[must_use]
pub fn cross_entropy_pullback<T, R: Dim, C: Dim, S, S2>(
    probabilities: &Matrix<T, R, C, S>,
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
    let factor = per(-*g, probabilities.ncols());
    both(probabilities, targets, |p, t| {
        if factor.is_zero() || t.is_zero() && p <= T::zero() {
            (T::zero(), T::zero())
        } else {
            (factor * (t / p), factor * p.ln())
        }
    })
}

/// The divergence of Kullback and Leibler of `p` from `q`, in nats, averaged over the columns:
/// `Σᵢⱼ pᵢⱼ ln(pᵢⱼ / qᵢⱼ) / n`.
///
/// An entry `p = 0` contributes nothing; `p > 0` with `q = 0` makes it infinite.
///
/// Shapes: two matrices m×n, one pair of distributions per column; 0 for a batch without columns. Reverse: see
/// [`kl_divergence_pullback`]. Reference: Kullback, Leibler 1951, *On information and sufficiency*.
///
/// # Panics
/// If the shapes differ; the message has both.
///
/// ```
/// use differentiate::nalgebra::Vector2;
/// use differentiate::nn::kl_divergence;
///
/// assert_eq!(kl_divergence(&Vector2::new(1.0, 0.0), &Vector2::new(0.5, 0.5)), 2.0_f64.ln());
/// ```
#[differentiate(order = 2, pullback = kl_divergence_pullback)]
#[must_use]
pub fn kl_divergence<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    p: &Matrix<T, R, C, S>,
    q: &Matrix<T, R, C, S2>,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    let sum = sum(p, q, |p, q| {
        // A quotient could overflow where the difference of the logarithms does not.
        if p.is_zero() {
            p
        } else {
            p * (p.ln() - q.ln())
        }
    });
    per(sum, p.ncols())
}

/// Pullback of [`kl_divergence()`]: `p̄ = g (ln p - ln q + 1) / n`, `q̄ = -g p / (q n)`.
///
/// Shapes: the results as the arguments. Cost: one pass, two allocations. Where `p` is 0 both are 0: an entry that
/// contributes nothing has no say, although the limit of `p̄` is infinite. So a softmax with masked entries keeps a
/// finite gradient.
#[must_use]
pub fn kl_divergence_pullback<T, R: Dim, C: Dim, S, S2>(
    p: &Matrix<T, R, C, S>,
    q: &Matrix<T, R, C, S2>,
    _y: &T,
    g: &T,
) -> (OMatrix<T, R, C>, OMatrix<T, R, C>)
where
    T: Real,
    S: RawStorage<T, R, C>,
    S2: RawStorage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    let factor = per(*g, p.ncols());
    both(p, q, |p, q| {
        if factor.is_zero() || p.is_zero() {
            (T::zero(), T::zero())
        } else {
            (factor * (p.ln() - q.ln() + T::one()), -factor * (p / q))
        }
    })
}
