//! Convolution of one image with one kernel.
//!
//! The loops run over the taps of the kernel, and each tap adds a multiple of one column segment to another. Columns
//! are contiguous, so the inner loop is a vectorised axpy or inner product, and no patch matrix is formed.

use autodiff_macros::differentiate;
use nalgebra::DMatrix;

use crate::differentiable::Real;

/// The sides of the result.
fn result_shape<T>(x: &DMatrix<T>, w: &DMatrix<T>) -> (usize, usize) {
    let ((rows, columns), (height, width)) = (x.shape(), w.shape());
    assert!(
        (1..=rows).contains(&height) && (1..=columns).contains(&width),
        "a {height}×{width} kernel does not fit into a {rows}×{columns} image"
    );
    (rows - height + 1, columns - width + 1)
}

/// Calls `f(tap, from, to)` for each pair of column segments that a tap of the kernel relates: the position of the tap
/// in `w`, the start of the segment in `x` and the start of the segment in the result, all column by column.
fn for_each_tap(
    (rows, _): (usize, usize),
    (height, width): (usize, usize),
    (out_rows, out_columns): (usize, usize),
    mut f: impl FnMut(usize, usize, usize),
) {
    for column in 0..out_columns {
        for q in 0..width {
            for p in 0..height {
                f(p + q * height, p + (column + q) * rows, column * out_rows);
            }
        }
    }
}

/// Cross-correlation of an image `x` with a kernel `w`, where the kernel lies within the image:
/// `yᵢⱼ = Σ x_(i+p)(j+q) w_pq`.
///
/// This is what neural networks call a convolution: one channel, stride 1, no padding, and the kernel is not flipped.
///
/// Shapes: `x` m×n, `w` h×k, the result (m-h+1)×(n-k+1). Cost: h k multiplications per entry of the result.
/// Reverse: see [`conv2d_pullback`]. Reference: Dumoulin, Visin 2016, arXiv:1603.07285.
///
/// # Panics
/// If the kernel is empty or larger than the image; the message has both shapes.
///
/// ```
/// use differentiate::nalgebra::{DMatrix, dmatrix};
/// use differentiate::nn::conv2d;
///
/// let x: DMatrix<f64> = dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 6.0];
/// let w = dmatrix![1.0, -1.0];
/// assert_eq!(conv2d(&x, &w), dmatrix![-1.0, -1.0; -1.0, -1.0]);
/// ```
#[differentiate(order = 2, pullback = conv2d_pullback)]
#[must_use]
pub fn conv2d<T: Real>(x: &DMatrix<T>, w: &DMatrix<T>) -> DMatrix<T> {
    let shape = result_shape(x, w);
    let mut y = DMatrix::zeros(shape.0, shape.1);
    let (image, kernel, sums) = (x.as_slice(), w.as_slice(), y.as_mut_slice());
    for_each_tap(x.shape(), w.shape(), shape, |tap, from, to| {
        let segment = &image[from..from + shape.0];
        for (sum, x) in sums[to..to + shape.0].iter_mut().zip(segment) {
            *sum += *x * kernel[tap];
        }
    });
    y
}

/// Pullback of [`conv2d()`]: `x̄_(i+p)(j+q) += gᵢⱼ w_pq`, `w̄_pq = Σ gᵢⱼ x_(i+p)(j+q)`.
///
/// The first is the full convolution of `g` with `w`, the second the cross-correlation of `x` with `g`.
///
/// Shapes: `g` as `y`; the results as `x` and `w`. Cost: twice that of the primal.
///
/// # Panics
/// If `g` does not have the shape of the result; the message has both shapes.
#[must_use]
pub fn conv2d_pullback<T: Real>(
    x: &DMatrix<T>,
    w: &DMatrix<T>,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (DMatrix<T>, DMatrix<T>) {
    let shape = result_shape(x, w);
    assert_eq!(
        shape,
        g.shape(),
        "a result and its cotangent of different shapes"
    );
    let mut x_bar = DMatrix::zeros(x.nrows(), x.ncols());
    let mut w_bar = DMatrix::zeros(w.nrows(), w.ncols());
    let (image, kernel, cotangent) = (x.as_slice(), w.as_slice(), g.as_slice());
    let (image_bar, kernel_bar) = (x_bar.as_mut_slice(), w_bar.as_mut_slice());
    for_each_tap(x.shape(), w.shape(), shape, |tap, from, to| {
        let g = &cotangent[to..to + shape.0];
        let mut sum = T::zero();
        for (x, g) in image[from..from + shape.0].iter().zip(g) {
            sum += *x * *g;
        }
        kernel_bar[tap] += sum;
        for (x_bar, g) in image_bar[from..from + shape.0].iter_mut().zip(g) {
            *x_bar += *g * kernel[tap];
        }
    });
    (x_bar, w_bar)
}
