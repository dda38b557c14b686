//! Pooling: each window of an image becomes one number.

use core::ops::Range;

use autodiff_macros::differentiate;
use nalgebra::DMatrix;

use super::convolution::{Axis, Image};
use super::per;
use crate::differentiable::Real;

/// What pooling does: the size of its images and how the window moves. Pairs are (vertical, horizontal).
///
/// ```
/// use differentiate::nn::{Image, Pooling2d};
///
/// const HALF: Pooling2d = Pooling2d::new(Image::new(8, 28, 28), [2, 2]);
/// assert_eq!(HALF.result(), Image::new(8, 14, 14));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling2d {
    /// The size of each image.
    pub image: Image,
    /// The size of the window.
    pub window: [usize; 2],
    /// How far the window moves from one position to the next.
    pub stride: [usize; 2],
    /// How far the window may reach beyond each edge of the image; less than its size.
    pub padding: [usize; 2],
    /// Does an average count what lies beyond the edges, as zeros?
    pub counts_padding: bool,
}

impl Pooling2d {
    /// Windows next to each other, no padding.
    #[must_use]
    pub const fn new(image: Image, window: [usize; 2]) -> Self {
        Pooling2d {
            image,
            window,
            stride: window,
            padding: [0, 0],
            counts_padding: false,
        }
    }

    /// With another stride.
    #[must_use]
    pub const fn with_stride(self, stride: [usize; 2]) -> Self {
        Pooling2d { stride, ..self }
    }

    /// With padding, which an average does not count.
    #[must_use]
    pub const fn with_padding(self, padding: [usize; 2]) -> Self {
        Pooling2d { padding, ..self }
    }

    /// With padding, which an average counts as zeros.
    #[must_use]
    pub const fn with_counted_padding(self, padding: [usize; 2]) -> Self {
        Pooling2d {
            padding,
            counts_padding: true,
            ..self
        }
    }

    /// The size of the result: `⌊(n + 2 padding - window) / stride⌋ + 1` in both directions.
    ///
    /// # Panics
    /// If the window is empty, larger than the padded image, no larger than the padding, or does not move.
    #[must_use]
    pub const fn result(self) -> Image {
        let [rows, columns] = self.axes();
        Image::new(self.image.channels, rows.positions, columns.positions)
    }

    const fn axes(self) -> [Axis; 2] {
        let (w, s, p) = (self.window, self.stride, self.padding);
        assert!(
            p[0] < w[0] && p[1] < w[1],
            "a window that may lie in the padding altogether"
        );
        [
            Axis::new(self.image.height, w[0], s[0], p[0], 1),
            Axis::new(self.image.width, w[1], s[1], p[1], 1),
        ]
    }

    /// Calls `f(k, offset, rows, columns)` for each window of a batch: the number of its result, where its channel
    /// begins, and the part of the channel that it covers.
    fn for_each_window(
        self,
        samples: usize,
        mut f: impl FnMut(usize, usize, Range<usize>, Range<usize>),
    ) {
        let [rows, columns] = self.axes();
        let mut k = 0;
        for channel in 0..samples * self.image.channels {
            let offset = channel * self.image.height * self.image.width;
            for i in 0..rows.positions {
                for j in 0..columns.positions {
                    f(k, offset, rows.entries_at(i), columns.entries_at(j));
                    k += 1;
                }
            }
        }
    }

    /// The positions of the entries of a window.
    fn entries(
        self,
        offset: usize,
        rows: Range<usize>,
        columns: Range<usize>,
    ) -> impl Iterator<Item = usize> {
        let width = self.image.width;
        rows.flat_map(move |row| {
            columns
                .clone()
                .map(move |column| offset + row * width + column)
        })
    }

    /// What a window is divided by for its average.
    fn count(self, rows: &Range<usize>, columns: &Range<usize>) -> usize {
        if self.counts_padding {
            self.window[0] * self.window[1]
        } else {
            rows.len() * columns.len()
        }
    }

    /// The results of each window, of which `f` makes one number.
    fn results<T: Real>(
        self,
        x: &DMatrix<T>,
        f: impl Fn(&[T], usize, Range<usize>, Range<usize>) -> T,
    ) -> DMatrix<T> {
        self.image.assert_batch("an image", x.nrows());
        let mut y = DMatrix::zeros(self.result().entries(), x.ncols());
        let (x, results) = (x.as_slice(), y.as_mut_slice());
        self.for_each_window(
            x.len() / self.image.entries().max(1),
            |k, offset, rows, columns| {
                results[k] = f(x, offset, rows, columns);
            },
        );
        y
    }
}

/// The position of the largest entry of a window: of several the first. A NaN counts as the largest.
fn largest<T: Real>(x: &[T], mut entries: impl Iterator<Item = usize>) -> usize {
    let first = entries.next().expect("a window covers a part of its image");
    entries.fold(first, |best, at| {
        let is_nan = |x: T| x.partial_cmp(&x).is_none();
        if x[at] > x[best] || is_nan(x[at]) && !is_nan(x[best]) {
            at
        } else {
            best
        }
    })
}

/// The largest entry of each window of each channel of a batch of images. Padding is never the largest.
///
/// Shapes: `x` has a column of `image.entries()` for each sample, the result a column of `shape.result().entries()`.
/// Cost: one comparison for each entry of each window. Reverse: see [`max_pool2d_pullback`]. Reference: Jarrett,
/// Kavukcuoglu, Ranzato, `LeCun` 2009, *What is the best multi-stage architecture for object recognition?*
///
/// # Panics
/// If the batch and the geometry do not fit; the message has what does not.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{Image, Pooling2d, max_pool2d};
///
/// let shape = Pooling2d::new(Image::new(1, 2, 4), [2, 2]);
/// let x = dmatrix![1.0, 2.0, 3.0, 4.0, 8.0, 7.0, 6.0, 5.0].transpose();
/// assert_eq!(max_pool2d(&x, shape), dmatrix![8.0; 6.0]);
/// ```
#[differentiate(order = 2, pullback = max_pool2d_pullback)]
#[must_use]
pub fn max_pool2d<T: Real>(x: &DMatrix<T>, #[no_diff] shape: Pooling2d) -> DMatrix<T> {
    shape.results(x, |x, offset, rows, columns| {
        x[largest(x, shape.entries(offset, rows, columns))]
    })
}

/// Pullback of [`max_pool2d()`]: the largest entry of each window has its cotangent; of several equal ones the first,
/// row by row.
///
/// Shapes: the result as `x`. Cost: that of the primal.
///
/// # Panics
/// If `g` does not have the shape of the result.
#[must_use]
pub fn max_pool2d_pullback<T: Real>(
    x: &DMatrix<T>,
    shape: Pooling2d,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> DMatrix<T> {
    shape.result().assert_batch("a result", g.nrows());
    let mut x_bar = DMatrix::zeros(x.nrows(), x.ncols());
    let (x, entries) = (x.as_slice(), x_bar.as_mut_slice());
    shape.for_each_window(g.ncols(), |k, offset, rows, columns| {
        entries[largest(x, shape.entries(offset, rows, columns))] += g[k];
    });
    x_bar
}

/// The average of each window of each channel of a batch of images.
///
/// Where a window reaches beyond the edges of its image, it is the average of what lies within, unless the geometry
/// [counts](Pooling2d::with_counted_padding) the padding.
///
/// Shapes: `x` has a column of `image.entries()` for each sample, the result a column of `shape.result().entries()`.
/// Cost: one addition for each entry of each window. Reverse: see [`average_pool2d_pullback`]. Reference: `LeCun`,
/// Bottou, Bengio, Haffner 1998, *Gradient-based learning applied to document recognition*.
///
/// # Panics
/// If the batch and the geometry do not fit; the message has what does not.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::{Image, Pooling2d, average_pool2d};
///
/// let shape = Pooling2d::new(Image::new(1, 1, 3), [1, 3]).with_stride([1, 2]);
/// let x = dmatrix![1.0; 2.0; 6.0];
/// assert_eq!(average_pool2d(&x, shape.with_padding([0, 1])), dmatrix![1.5; 4.0]);
/// assert_eq!(average_pool2d(&x, shape.with_counted_padding([0, 1])), dmatrix![1.0; 8.0 / 3.0]);
/// ```
#[doc(alias = "avg_pool2d")]
#[differentiate(order = 2, pullback = average_pool2d_pullback)]
#[must_use]
pub fn average_pool2d<T: Real>(x: &DMatrix<T>, #[no_diff] shape: Pooling2d) -> DMatrix<T> {
    shape.results(x, |x, offset, rows, columns| {
        let count = shape.count(&rows, &columns);
        let entries = shape.entries(offset, rows, columns);
        per(entries.fold(T::zero(), |sum, at| sum + x[at]), count)
    })
}

/// Pullback of [`average_pool2d()`]: each entry of a window has an equal share of its cotangent.
///
/// Shapes: the result as `x`. Cost: that of the primal.
///
/// # Panics
/// If `g` does not have the shape of the result.
#[must_use]
pub fn average_pool2d_pullback<T: Real>(
    x: &DMatrix<T>,
    shape: Pooling2d,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> DMatrix<T> {
    shape.result().assert_batch("a result", g.nrows());
    let mut x_bar = DMatrix::zeros(x.nrows(), x.ncols());
    let x_bars = x_bar.as_mut_slice();
    shape.for_each_window(g.ncols(), |k, offset, rows, columns| {
        let share = per(g[k], shape.count(&rows, &columns));
        for at in shape.entries(offset, rows, columns) {
            x_bars[at] += share;
        }
    });
    x_bar
}
