//! Losses of a classifier whose targets are labels.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::per;
use crate::differentiable::Real;
use crate::nn::logits::{logsumexp_of, softmax};

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

fn assert_labels(labels: &[usize], (classes, samples): (usize, usize)) {
    assert_eq!(
        labels.len(),
        samples,
        "a batch has another number of labels than of samples"
    );
    for (j, label) in labels.iter().enumerate() {
        assert!(
            *label < classes,
            "label {label} of sample {j} is not one of {classes} classes"
        );
    }
}

/// The cross entropy of labels and `softmax(logits)`, in nats, averaged over the columns:
/// `-Σⱼ log_softmax(x)_lⱼ,ⱼ / n`.
///
/// The same as [`cross_entropy_with_logits`](fn@super::cross_entropy_with_logits) of the [`one_hot`] labels, which are
/// not formed.
///
/// Shapes: `logits` m×n, one sample per column and one label for each; 0 for a batch without columns. Reverse: see
/// [`cross_entropy_with_labels_pullback`]. Reference: Goodfellow, Bengio, Courville, *Deep Learning*, 2016,
/// section 6.2.2.
///
/// # Panics
/// If the number of labels is not that of the columns, or a label is not less than the number of rows; the message has
/// both.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::cross_entropy_with_labels;
///
/// let logits = dmatrix![1000.0, 0.0; 0.0, 0.0];
/// assert_eq!(cross_entropy_with_labels(&logits, &[0, 1]), 2.0_f64.ln() / 2.0);
/// ```
#[differentiate(order = 2, pullback = cross_entropy_with_labels_pullback)]
#[must_use]
pub fn cross_entropy_with_labels<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    logits: &Matrix<T, R, C, S>,
    labels: &[usize],
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_labels(labels, logits.shape());
    let columns = logits.column_iter().zip(labels);
    let sum = columns.fold(T::zero(), |sum, (x, label)| {
        sum + (logsumexp_of(|| x.iter()) - x[*label])
    });
    per(sum, logits.ncols())
}

/// Pullback of [`cross_entropy_with_labels()`]: `x̄ = g (softmax(x) - one_hot(l)) / n` for each column.
///
/// Shapes: the result as `logits`. Cost: one exponential per entry, one allocation.
#[must_use]
pub fn cross_entropy_with_labels_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    logits: &Matrix<T, R, C, S>,
    labels: &[usize],
    y: &T,
    g: &T,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    cross_entropy_with_smooth_labels_pullback(logits, labels, T::zero(), y, g)
}

/// [`cross_entropy_with_labels()`], where a part `smoothing` of the probability of a label is given to all `m` classes
/// in equal shares: the target is `(1 - s) one_hot(l) + s / m`.
///
/// Shapes, panics: as there. Reverse: see [`cross_entropy_with_smooth_labels_pullback`]. Reference: Szegedy et al.
/// 2016, arXiv:1512.00567, section 7.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::cross_entropy_with_smooth_labels;
///
/// // Certain and right, but not as sure as it should be: a tenth of the target is elsewhere.
/// let logits = dmatrix![30.0; 0.0];
/// let loss: f64 = cross_entropy_with_smooth_labels(&logits, &[0], 0.2);
/// assert!((loss - 3.0).abs() < 1e-12);
/// ```
#[differentiate(order = 2, pullback = cross_entropy_with_smooth_labels_pullback)]
#[must_use]
pub fn cross_entropy_with_smooth_labels<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    logits: &Matrix<T, R, C, S>,
    labels: &[usize],
    #[no_diff] smoothing: T,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_labels(labels, logits.shape());
    let columns = logits.column_iter().zip(labels);
    let sum = columns.fold(T::zero(), |sum, (x, label)| {
        let log_sum = logsumexp_of(|| x.iter());
        let rest = x.iter().fold(T::zero(), |sum, x| sum + (log_sum - *x));
        let own = (T::one() - smoothing) * (log_sum - x[*label]);
        // Without smoothing a logit of -∞ has no say.
        let rest = if smoothing.is_zero() {
            smoothing
        } else {
            per(smoothing, logits.nrows()) * rest
        };
        sum + own + rest
    });
    per(sum, logits.ncols())
}

/// Pullback of [`cross_entropy_with_smooth_labels()`]: `x̄ = g (softmax(x) - (1 - s) one_hot(l) - s / m) / n` for each
/// column.
///
/// Shapes: the result as `logits`. Cost: one exponential per entry, one allocation.
#[must_use]
pub fn cross_entropy_with_smooth_labels_pullback<T, R: Dim, C: Dim, S>(
    logits: &Matrix<T, R, C, S>,
    labels: &[usize],
    smoothing: T,
    _y: &T,
    g: &T,
) -> OMatrix<T, R, C>
where
    T: Real,
    S: RawStorage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    assert_labels(labels, logits.shape());
    let factor = per(*g, logits.ncols());
    let share = per(smoothing, logits.nrows());
    let mut x_bar = softmax(logits);
    for (mut x_bar, label) in x_bar.column_iter_mut().zip(labels) {
        for x_bar in &mut x_bar {
            *x_bar = factor * (*x_bar - share);
        }
        x_bar[*label] -= factor * (T::one() - smoothing);
    }
    x_bar
}
