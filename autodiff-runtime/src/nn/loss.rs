//! Loss functions: what a model is trained to make small.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::logits::{log_softmax, logsumexp_of};
use crate::differentiable::Real;

/// `x / count`; 0 for a mean of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "no batch has 2⁵³ entries, and the division rounds anyway"
)]
fn per<T: Real>(x: T, count: usize) -> T {
    if count == 0 {
        return T::zero();
    }
    x / T::ad_from_f64(count as f64)
}

fn assert_same_shape(left: (usize, usize), right: (usize, usize)) {
    assert_eq!(
        left, right,
        "a prediction and its target have different shapes"
    );
}

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
#[differentiate(pullback = mse_pullback)]
#[must_use]
pub fn mse<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    prediction: &Matrix<T, R, C, S>,
    target: &Matrix<T, R, C, S2>,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_same_shape(prediction.shape(), target.shape());
    let sum = prediction.zip_fold(target, T::zero(), |sum, p, t| sum + (p - t) * (p - t));
    per(sum, prediction.len())
}

/// Pullback of [`mse()`]: `p̄ = 2 g (p - t) / (m n)`, `t̄ = -p̄`.
///
/// Shapes: the results as the arguments. Cost: two passes, two allocations.
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
    let prediction_bar = prediction.zip_map(target, |p, t| factor * (p - t));
    let target_bar = -&prediction_bar;
    (prediction_bar, target_bar)
}

/// The cross entropy of `targets` and `softmax(logits)`, in nats, averaged over the columns:
/// `-Σᵢⱼ tᵢⱼ log_softmax(x)ᵢⱼ / n`.
///
/// A column of `targets` is a probability distribution over the classes, for instance one of [`one_hot`]. A target of
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
#[differentiate(pullback = cross_entropy_with_logits_pullback)]
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

/// The targets of a classifier: column `j` is 1 in row `labels[j]`, and 0 elsewhere.
///
/// Labels are integers, so there is nothing to differentiate. Shapes: `classes` × number of labels.
///
/// # Panics
/// If a label is not less than `classes`; the message has both.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::one_hot;
///
/// assert_eq!(one_hot::<f64>(&[2, 0], 3), dmatrix![0.0, 1.0; 0.0, 0.0; 1.0, 0.0]);
/// ```
#[must_use]
pub fn one_hot<T: Real>(labels: &[usize], classes: usize) -> DMatrix<T> {
    let mut targets = DMatrix::zeros(classes, labels.len());
    for (j, label) in labels.iter().enumerate() {
        assert!(
            *label < classes,
            "label {label} of sample {j} is not one of {classes} classes"
        );
        targets[(*label, j)] = T::one();
    }
    targets
}
