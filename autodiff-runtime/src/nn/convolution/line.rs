//! Convolution of signals: that of images with a single row.

use autodiff_macros::differentiate;
use nalgebra::DMatrix;

use super::geometry::Convolution1d;
use super::patches::Plan;
use crate::differentiable::Real;

/// Cross-correlation of each signal of a batch with the kernels `w`: `y_o(i) = Σ x_c(i s + p d - z) w_o(c,p)`, summed
/// over the channels `c` of the group of `o` and the taps `p`, with stride `s`, dilation `d` and padding `z`; beyond
/// its ends a signal is zero.
///
/// Shapes: `x` has a column of `signal.entries()` for each sample, `w` the shape `shape.weights()`; the result has a
/// column of `shape.result().entries()` for each sample. Cost: as for
/// [`convolution2d`](fn@super::convolution2d). Reverse: see [`convolution1d_pullback`]. Reference: Dumoulin, Visin
/// 2016, arXiv:1603.07285.
///
/// # Panics
/// If the batch, the weights and the geometry do not fit; the message has what does not.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{Convolution1d, Signal, convolution1d};
///
/// let shape = Convolution1d::new(Signal::new(1, 3), 1, 3).with_padding(1);
/// let y = convolution1d(&dmatrix![1.0; 2.0; 4.0], &dmatrix![1.0, 10.0, 100.0], shape);
/// assert_eq!(y, dmatrix![210.0; 421.0; 42.0]);
/// ```
#[doc(alias = "conv1d")]
#[differentiate(order = 2, pullback = convolution1d_pullback)]
#[must_use]
pub fn convolution1d<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    #[no_diff] shape: Convolution1d,
) -> DMatrix<T> {
    Plan::new(shape.plane()).results(x, w)
}

/// Pullback of [`convolution1d()`]: `x̄` is the [transposed convolution](fn@transposed_convolution1d) of `g`, and
/// `w̄_o(c,p) = Σ g_o(i) x_c(i s + p d - z)`.
///
/// Shapes: the results as `x` and `w`. Cost: twice that of the primal.
///
/// # Panics
/// If `g` does not have the shape of the result.
#[must_use]
pub fn convolution1d_pullback<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    shape: Convolution1d,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DMatrix<T>) {
    let plan = Plan::new(shape.plane());
    (plan.images(g, w), plan.weights(x, g))
}

/// The transpose of the linear map that [`convolution1d()`] with the same `w` and `shape` is: from its results to its
/// signals. See [`transposed_convolution2d`](fn@super::transposed_convolution2d).
///
/// Shapes: `x` has a column of `shape.result().entries()` for each sample, `w` the shape `shape.weights()`; the result
/// has a column of `shape.signal.entries()` for each sample. Cost: that of the convolution. Reverse: see
/// [`transposed_convolution1d_pullback`]. Reference: Dumoulin, Visin 2016, arXiv:1603.07285, chapter 4.
///
/// # Panics
/// If the batch, the weights and the geometry do not fit; the message has what does not.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{Convolution1d, Signal, transposed_convolution1d};
///
/// let shape = Convolution1d::new(Signal::new(1, 3), 1, 2);
/// let y = transposed_convolution1d(&dmatrix![1.0; 2.0], &dmatrix![1.0, 10.0], shape);
/// assert_eq!(y, dmatrix![1.0; 12.0; 20.0]);
/// ```
#[doc(alias = "conv_transpose1d")]
#[differentiate(order = 2, pullback = transposed_convolution1d_pullback)]
#[must_use]
pub fn transposed_convolution1d<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    #[no_diff] shape: Convolution1d,
) -> DMatrix<T> {
    Plan::new(shape.plane()).images(x, w)
}

/// Pullback of [`transposed_convolution1d()`]: `x̄` is the [convolution](fn@convolution1d) of `g`, and `w̄` is that of a
/// convolution of `g` with the cotangent `x`.
///
/// Shapes: the results as `x` and `w`. Cost: twice that of the primal.
///
/// # Panics
/// If `g` does not have the shape of the result.
#[must_use]
pub fn transposed_convolution1d_pullback<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    shape: Convolution1d,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DMatrix<T>) {
    let plan = Plan::new(shape.plane());
    (plan.results(g, w), plan.weights(g, x))
}
