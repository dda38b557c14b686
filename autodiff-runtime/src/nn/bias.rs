//! Adding one number per channel.

use autodiff_macros::differentiate;
use nalgebra::{DMatrix, DVector};

use crate::differentiable::Real;

/// The entries of each channel of each sample, with the number of the channel.
pub(super) fn channels<T: Real>(
    x: &DMatrix<T>,
    count: usize,
) -> impl Iterator<Item = (usize, &[T])> {
    let chunks = x.as_slice().chunks_exact(entries_per_channel(x, count));
    chunks.enumerate().map(move |(k, chunk)| (k % count, chunk))
}

/// As [`channels`], to be written.
pub(super) fn channels_mut<T: Real>(
    x: &mut DMatrix<T>,
    count: usize,
) -> impl Iterator<Item = (usize, &mut [T])> {
    let length = entries_per_channel(x, count);
    let chunks = x.as_mut_slice().chunks_exact_mut(length);
    chunks.enumerate().map(move |(k, chunk)| (k % count, chunk))
}

fn entries_per_channel<T>(x: &DMatrix<T>, count: usize) -> usize {
    let rows = x.nrows();
    assert!(
        count != 0 && rows.is_multiple_of(count) || rows == 0,
        "a column of {rows} entries does not fall into {count} channels"
    );
    (rows / count.max(1)).max(1)
}

/// Adds one number to all entries of each channel of each sample.
///
/// With as many numbers as rows, this is the bias of a dense layer; with one for each channel of
/// [`Convolution2d::result`](super::Convolution2d::result), it is that of a convolution.
///
/// Shapes: `x` (c p)×n with the p entries of each channel one after the other, `b` c, the result as `x`. Cost: one
/// addition per entry. Reverse: see [`add_bias_pullback`].
///
/// # Panics
/// If the number of rows is not a multiple of the number of channels; the message has both.
///
/// ```
/// use differentiate::nalgebra::{dmatrix, dvector};
/// use differentiate::nn::add_bias;
///
/// let x = dmatrix![1.0, 2.0; 3.0, 4.0];
/// assert_eq!(add_bias(&x, &dvector![10.0, 20.0]), dmatrix![11.0, 12.0; 23.0, 24.0]);
/// assert_eq!(add_bias(&x, &dvector![10.0]), dmatrix![11.0, 12.0; 13.0, 14.0]);
/// ```
#[differentiate(order = 2, pullback = add_bias_pullback)]
#[must_use]
pub fn add_bias<T: Real>(x: &DMatrix<T>, b: &DVector<T>) -> DMatrix<T> {
    let mut y = x.clone();
    for (channel, y) in channels_mut(&mut y, b.len()) {
        y.iter_mut().for_each(|y| *y += b[channel]);
    }
    y
}

/// Pullback of [`add_bias()`]: `x̄ = g`, `b̄_c = Σ g` over the entries of channel `c` of all samples.
///
/// Shapes: the results as the arguments. Cost: one pass, one copy.
#[must_use]
pub fn add_bias_pullback<T: Real>(
    _x: &DMatrix<T>,
    b: &DVector<T>,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DVector<T>) {
    (g.clone(), channel_sums(g, b.len()))
}

/// The sum of the entries of each channel of all samples.
pub(super) fn channel_sums<T: Real>(x: &DMatrix<T>, count: usize) -> DVector<T> {
    let mut sums = DVector::zeros(count);
    for (channel, x) in channels(x, count) {
        sums[channel] += x.iter().fold(T::zero(), |sum, x| sum + *x);
    }
    sums
}
