//! Normalisation of samples and of features.
//!
//! All three take `x̂ = (x - μ) r` with `r = 1 / √(variance + ε)` over some set of entries, and return `γ x̂ + β`. With
//! `h = g γ`, the cotangent of the entries is `x̄ = r (h - mean(h) - x̂ mean(h x̂))`: the part of `h` that lies along the
//! constants and along `x̂` is taken out. The variance is that of the entries themselves (divided by their number).

use autodiff_macros::differentiate;
use nalgebra::{DMatrix, DVector};

use super::bias::{channels, channels_mut};
use super::per;
use crate::differentiable::Real;

fn assert_length<T>(what: &str, vector: &DVector<T>, expected: usize) {
    assert_eq!(
        vector.len(),
        expected,
        "{what} does not have one entry for each feature"
    );
}

/// The mean of some numbers and `1 / √(variance + ε)`, by two passes.
fn statistics<'x, T: Real, I: Iterator<Item = &'x T>>(
    entries: impl Fn() -> I,
    count: usize,
    epsilon: T,
) -> (T, T) {
    let mean = per(entries().fold(T::zero(), |sum, x| sum + *x), count);
    let squares = entries().fold(T::zero(), |sum, x| sum + (*x - mean) * (*x - mean));
    (mean, T::one() / (per(squares, count) + epsilon).sqrt())
}

/// Normalises each column, one sample, to mean 0 and variance 1, and then gives each row its scale `γ` and shift `β`:
/// `yᵢⱼ = γᵢ (xᵢⱼ - μⱼ) / √(variance of column j + ε) + βᵢ`.
///
/// A small `ε`, usually `10⁻⁵`, keeps a constant column from being divided by 0.
///
/// Shapes: `x` m×n, `gamma` and `beta` m, the result m×n. Cost: four passes. Reverse: see [`layer_norm_pullback`].
/// Undefined: for a constant column if `ε` is 0. Reference: Ba, Kiros, Hinton 2016, arXiv:1607.06450.
///
/// # Panics
/// If `gamma` or `beta` does not have one entry for each row.
///
/// ```
/// use differentiate::nalgebra::{dmatrix, dvector};
/// use differentiate::nn::layer_norm;
///
/// let y = layer_norm(&dmatrix![1.0; 3.0], &dvector![1.0, 1.0], &dvector![0.0, 10.0], 0.0);
/// assert_eq!(y, dmatrix![-1.0; 11.0]);
/// ```
#[differentiate(order = 2, pullback = layer_norm_pullback)]
#[must_use]
pub fn layer_norm<T: Real>(
    x: &DMatrix<T>,
    gamma: &DVector<T>,
    beta: &DVector<T>,
    #[no_diff] epsilon: T,
) -> DMatrix<T> {
    assert_length("`gamma`", gamma, x.nrows());
    assert_length("`beta`", beta, x.nrows());
    let mut y = x.clone();
    for column in y.as_mut_slice().chunks_exact_mut(x.nrows().max(1)) {
        let (mean, scale) = statistics(|| column.iter(), column.len(), epsilon);
        for ((y, gamma), beta) in column.iter_mut().zip(gamma.as_slice()).zip(beta.as_slice()) {
            *y = *gamma * ((*y - mean) * scale) + *beta;
        }
    }
    y
}

/// Pullback of [`layer_norm()`]: for each column `x̄ = r (h - mean(h) - x̂ mean(h x̂))` with `h = g γ`; `γ̄ᵢ = Σⱼ gᵢⱼ x̂ᵢⱼ`,
/// `β̄ᵢ = Σⱼ gᵢⱼ`.
///
/// Shapes: the results as the arguments. Cost: five passes; the statistics are computed again.
#[must_use]
pub fn layer_norm_pullback<T: Real>(
    x: &DMatrix<T>,
    gamma: &DVector<T>,
    _beta: &DVector<T>,
    epsilon: T,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DVector<T>, DVector<T>) {
    let mut x_bar = x.clone();
    let mut gamma_bar = DVector::zeros(gamma.len());
    let mut beta_bar = DVector::zeros(gamma.len());
    let rows = x.nrows();
    let columns = x_bar.as_mut_slice().chunks_exact_mut(rows.max(1));
    for (x, g) in columns.zip(g.as_slice().chunks_exact(rows.max(1))) {
        let (mean, scale) = statistics(|| x.iter(), rows, epsilon);
        let (mut sum, mut along) = (T::zero(), T::zero());
        for (i, (x, g)) in x.iter_mut().zip(g).enumerate() {
            *x = (*x - mean) * scale;
            let h = *g * gamma[i];
            sum += h;
            along += h * *x;
            gamma_bar[i] += *g * *x;
            beta_bar[i] += *g;
        }
        let (sum, along) = (per(sum, rows), per(along, rows));
        for (i, (x, g)) in x.iter_mut().zip(g).enumerate() {
            *x = scale * (*g * gamma[i] - sum - *x * along);
        }
    }
    (x_bar, gamma_bar, beta_bar)
}

/// Divides each column, one sample, by the root of the mean of its squares, and then gives each row its scale `γ`:
/// `yᵢⱼ = γᵢ xᵢⱼ / √(mean of the squares of column j + ε)`.
///
/// Shapes: `x` m×n, `gamma` m, the result m×n. Cost: two passes. Reverse: see [`rms_norm_pullback`]. Undefined: for a
/// column of zeros if `ε` is 0. Reference: Zhang, Sennrich 2019, arXiv:1910.07467.
///
/// # Panics
/// If `gamma` does not have one entry for each row.
///
/// ```
/// use differentiate::nalgebra::{dmatrix, dvector};
/// use differentiate::nn::rms_norm;
///
/// let y: differentiate::nalgebra::DMatrix<f64> = rms_norm(&dmatrix![1.0; 7.0], &dvector![1.0, 2.0], 0.0);
/// assert!((y - dmatrix![0.2; 2.8]).amax() < 1e-15);
/// ```
#[differentiate(order = 2, pullback = rms_norm_pullback)]
#[must_use]
pub fn rms_norm<T: Real>(x: &DMatrix<T>, gamma: &DVector<T>, #[no_diff] epsilon: T) -> DMatrix<T> {
    assert_length("`gamma`", gamma, x.nrows());
    let mut y = x.clone();
    for column in y.as_mut_slice().chunks_exact_mut(x.nrows().max(1)) {
        let scale = inverse_root(column, epsilon);
        for (y, gamma) in column.iter_mut().zip(gamma.as_slice()) {
            *y *= scale * *gamma;
        }
    }
    y
}

/// `1 / √(mean of the squares + ε)`.
fn inverse_root<T: Real>(column: &[T], epsilon: T) -> T {
    let squares = column.iter().fold(T::zero(), |sum, x| sum + *x * *x);
    T::one() / (per(squares, column.len()) + epsilon).sqrt()
}

/// Pullback of [`rms_norm()`]: for each column `x̄ = r (h - x̂ mean(h x̂))` with `h = g γ` and `x̂ = r x`;
/// `γ̄ᵢ = Σⱼ gᵢⱼ x̂ᵢⱼ`.
///
/// Shapes: the results as the arguments. Cost: three passes; the root is computed again.
#[must_use]
pub fn rms_norm_pullback<T: Real>(
    x: &DMatrix<T>,
    gamma: &DVector<T>,
    epsilon: T,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DVector<T>) {
    let mut x_bar = x.clone();
    let mut gamma_bar = DVector::zeros(gamma.len());
    let rows = x.nrows();
    let columns = x_bar.as_mut_slice().chunks_exact_mut(rows.max(1));
    for (x, g) in columns.zip(g.as_slice().chunks_exact(rows.max(1))) {
        let scale = inverse_root(x, epsilon);
        let mut along = T::zero();
        for (i, (x, g)) in x.iter_mut().zip(g).enumerate() {
            *x *= scale;
            along += *g * gamma[i] * *x;
            gamma_bar[i] += *g * *x;
        }
        let along = per(along, rows);
        for (i, (x, g)) in x.iter_mut().zip(g).enumerate() {
            *x = scale * (*g * gamma[i] - *x * along);
        }
    }
    (x_bar, gamma_bar)
}

/// Normalises each feature over the batch to mean 0 and variance 1, and then gives it its scale `γ` and shift `β`:
/// `y = γ_c (x - μ_c) / √(variance_c + ε) + β_c`, with the statistics of this batch, as in training.
///
/// With as many scales as rows, each row is a feature; with one for each channel of an image, the entries of a channel
/// are normalised together. Where the model is used and not trained, apply the averages of [`batch_statistics`] that
/// were collected in training.
///
/// Shapes: `x` (c p)×n with the p entries of each channel one after the other, `gamma` and `beta` c, the result as `x`.
/// Cost: three passes. Reverse: see [`batch_norm_pullback`]. Undefined: for a constant feature if `ε` is 0. Reference:
/// Ioffe, Szegedy 2015, arXiv:1502.03167.
///
/// # Panics
/// If the number of rows is not a multiple of the number of scales, or the shifts are not as many; the message has
/// both.
///
/// ```
/// use differentiate::nalgebra::{dmatrix, dvector};
/// use differentiate::nn::batch_norm;
///
/// let x = dmatrix![1.0, 3.0; 20.0, 10.0];
/// let y = batch_norm(&x, &dvector![1.0, 1.0], &dvector![0.0, 5.0], 0.0);
/// assert_eq!(y, dmatrix![-1.0, 1.0; 6.0, 4.0]);
/// ```
#[differentiate(order = 2, pullback = batch_norm_pullback)]
#[must_use]
pub fn batch_norm<T: Real>(
    x: &DMatrix<T>,
    gamma: &DVector<T>,
    beta: &DVector<T>,
    #[no_diff] epsilon: T,
) -> DMatrix<T> {
    assert_length("`beta`", beta, gamma.len());
    let (means, variances) = batch_statistics(x, gamma.len());
    let mut y = x.clone();
    for (c, entries) in channels_mut(&mut y, gamma.len()) {
        let scale = T::one() / (variances[c] + epsilon).sqrt();
        for y in entries {
            *y = gamma[c] * ((*y - means[c]) * scale) + beta[c];
        }
    }
    y
}

/// Pullback of [`batch_norm()`]: for each feature `x̄ = r γ (g - mean(g) - x̂ mean(g x̂))`; `γ̄ = Σ g x̂`, `β̄ = Σ g`.
///
/// Shapes: the results as the arguments. Cost: five passes; the statistics are computed again.
#[must_use]
pub fn batch_norm_pullback<T: Real>(
    x: &DMatrix<T>,
    gamma: &DVector<T>,
    _beta: &DVector<T>,
    epsilon: T,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DVector<T>, DVector<T>) {
    let features = gamma.len();
    let (means, variances) = batch_statistics(x, features);
    let scales = variances.map(|variance| T::one() / (variance + epsilon).sqrt());
    let mut gamma_bar = DVector::zeros(features);
    let mut beta_bar = DVector::zeros(features);
    let mut x_bar = x.clone();
    for ((c, x), (_, g)) in channels_mut(&mut x_bar, features).zip(channels(g, features)) {
        for (x, g) in x.iter_mut().zip(g) {
            *x = (*x - means[c]) * scales[c];
            gamma_bar[c] += *g * *x;
            beta_bar[c] += *g;
        }
    }
    let count = entries_of_each(x, features);
    for ((c, x), (_, g)) in channels_mut(&mut x_bar, features).zip(channels(g, features)) {
        let (mean, along) = (per(beta_bar[c], count), per(gamma_bar[c], count));
        for (x, g) in x.iter_mut().zip(g) {
            *x = scales[c] * gamma[c] * (*g - mean - *x * along);
        }
    }
    (x_bar, gamma_bar, beta_bar)
}

fn entries_of_each<T>(x: &DMatrix<T>, features: usize) -> usize {
    x.len() / features.max(1)
}

/// The means and the variances of the features of a batch, which [`batch_norm()`] uses: the variance is that of the
/// batch itself, divided by the number of entries.
///
/// It is what a training loop collects for later use; it has no derivative. Shapes: `x` (c p)×n, the results c.
///
/// # Panics
/// If the number of rows is not a multiple of the number of features; the message has both.
///
/// ```
/// use differentiate::nalgebra::{dmatrix, dvector};
/// use differentiate::nn::batch_statistics;
///
/// let statistics = batch_statistics(&dmatrix![1.0, 3.0; 20.0, 10.0], 2);
/// assert_eq!(statistics, (dvector![2.0, 15.0], dvector![1.0, 25.0]));
/// ```
#[must_use]
pub fn batch_statistics<T: Real>(x: &DMatrix<T>, features: usize) -> (DVector<T>, DVector<T>) {
    let count = entries_of_each(x, features);
    let means = super::bias::channel_sums(x, features).map(|sum| per(sum, count));
    let mut squares = DVector::zeros(features);
    for (c, x) in channels(x, features) {
        squares[c] += x
            .iter()
            .fold(T::zero(), |sum, x| sum + (*x - means[c]) * (*x - means[c]));
    }
    let variances = squares.map(|sum: T| per(sum, count));
    (means, variances)
}
