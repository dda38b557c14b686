//! Convolution of images.

use autodiff_macros::differentiate;
use nalgebra::DMatrix;

use super::geometry::Convolution2d;
use super::patches::Plan;
use crate::differentiable::Real;

/// Cross-correlation of each image of a batch with the kernels `w`:
/// `y_o(i,j) = Σ x_c(i s + p d - z, j s + q d - z) w_o(c,p,q)`, summed over the channels `c` of the group of `o` and
/// the taps `p`, `q`, with stride `s`, dilation `d` and padding `z`; beyond its edges an image is zero.
///
/// This is what neural networks call a convolution: the kernel is not flipped. There is no bias in it, see
/// [`add_bias`](fn@crate::nn::add_bias).
///
/// Shapes: `x` has a column of `image.entries()` for each sample, `w` the shape `shape.weights()`; the result has a
/// column of `shape.result().entries()` for each sample. Cost: one product of matrices for each sample and group, with
/// taps · positions · results multiplications; one buffer for the patches of a group of one sample.
/// Reverse: see [`convolution2d_pullback`]. Reference: Dumoulin, Visin 2016, arXiv:1603.07285.
///
/// # Panics
/// If the batch, the weights and the geometry do not fit; the message has what does not.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{Convolution2d, Image, convolution2d};
///
/// // Two images of one row, and a kernel that takes the difference of neighbours.
/// let shape = Convolution2d::new(Image::new(1, 1, 3), 1, [1, 2]);
/// let x = dmatrix![1.0, 0.0; 2.0, 1.0; 4.0, 0.0];
/// let y = convolution2d(&x, &dmatrix![-1.0, 1.0], shape);
/// assert_eq!(y, dmatrix![1.0, 1.0; 2.0, -1.0]);
/// ```
#[doc(alias = "conv2d")]
#[differentiate(order = 2, pullback = convolution2d_pullback)]
#[must_use]
pub fn convolution2d<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    #[no_diff] shape: Convolution2d,
) -> DMatrix<T> {
    Plan::new(shape).results(x, w)
}

/// Pullback of [`convolution2d()`]: `x̄` is the [transposed convolution](fn@transposed_convolution2d) of `g`, and
/// `w̄_o(c,p,q) = Σ g_o(i,j) x_c(i s + p d - z, j s + q d - z)`.
///
/// Shapes: the results as `x` and `w`. Cost: twice that of the primal.
///
/// # Panics
/// If `g` does not have the shape of the result.
#[must_use]
pub fn convolution2d_pullback<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    shape: Convolution2d,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DMatrix<T>) {
    let plan = Plan::new(shape);
    (plan.images(g, w), plan.weights(x, g))
}

/// The transpose of the linear map that [`convolution2d()`] with the same `w` and `shape` is: from its results to its
/// images. Also called a deconvolution.
///
/// The size of the images made is that of `shape`, so there is no need for a padding of the output. A framework that
/// is asked for the channels that come in and go out has the weights in the same order: `w` has one row for each
/// channel that comes in.
///
/// Shapes: `x` has a column of `shape.result().entries()` for each sample, `w` the shape `shape.weights()`; the result
/// has a column of `shape.image.entries()` for each sample. Cost: that of the convolution. Reverse: see
/// [`transposed_convolution2d_pullback`]. Reference: Dumoulin, Visin 2016, arXiv:1603.07285, chapter 4.
///
/// # Panics
/// If the batch, the weights and the geometry do not fit; the message has what does not.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{Convolution2d, Image, transposed_convolution2d};
///
/// let shape = Convolution2d::new(Image::new(1, 1, 4), 1, [1, 2]).with_stride([1, 2]);
/// let y = transposed_convolution2d(&dmatrix![1.0; 2.0], &dmatrix![1.0, 10.0], shape);
/// assert_eq!(y, dmatrix![1.0; 10.0; 2.0; 20.0]);
/// ```
#[doc(alias = "conv_transpose2d")]
#[differentiate(order = 2, pullback = transposed_convolution2d_pullback)]
#[must_use]
pub fn transposed_convolution2d<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    #[no_diff] shape: Convolution2d,
) -> DMatrix<T> {
    Plan::new(shape).images(x, w)
}

/// Pullback of [`transposed_convolution2d()`]: `x̄` is the [convolution](fn@convolution2d) of `g`, and `w̄` is that of a
/// convolution of `g` with the cotangent `x`.
///
/// Shapes: the results as `x` and `w`. Cost: twice that of the primal.
///
/// # Panics
/// If `g` does not have the shape of the result.
#[must_use]
pub fn transposed_convolution2d_pullback<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    shape: Convolution2d,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DMatrix<T>) {
    let plan = Plan::new(shape);
    (plan.results(g, w), plan.weights(g, x))
}
