//! Sizes of images and of what slides over them.

use core::fmt;
use core::ops::Range;

/// The size of an image. As a column of a batch its entries stand channel by channel, each row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// The number of channels.
    pub channels: usize,
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
}

impl Image {
    /// An image of this size.
    #[must_use]
    pub const fn new(channels: usize, height: usize, width: usize) -> Self {
        Image {
            channels,
            height,
            width,
        }
    }

    /// The number of entries, which is the number of rows of a batch.
    #[must_use]
    pub const fn entries(self) -> usize {
        self.channels * self.height * self.width
    }

    pub(in crate::nn) fn assert_batch(self, what: &str, rows: usize) {
        assert_eq!(
            rows,
            self.entries(),
            "a column of {rows} entries is not {what} of {self}"
        );
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}×{}", self.channels, self.height, self.width)
    }
}

/// The size of a signal. As a column of a batch its entries stand channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The number of channels.
    pub channels: usize,
    /// The number of entries of each channel.
    pub length: usize,
}

impl Signal {
    /// A signal of this size.
    #[must_use]
    pub const fn new(channels: usize, length: usize) -> Self {
        Signal { channels, length }
    }

    /// The number of entries, which is the number of rows of a batch.
    #[must_use]
    pub const fn entries(self) -> usize {
        self.channels * self.length
    }
}

/// What a convolution of images does: the size of its images and how the kernel moves. Pairs are (vertical,
/// horizontal).
///
/// ```
/// use differentiate::nn::{Convolution2d, Image};
///
/// const LAYER: Convolution2d = Convolution2d::new(Image::new(1, 28, 28), 8, [3, 3]).with_padding([1, 1]).with_stride([2, 2]);
/// assert_eq!(LAYER.result(), Image::new(8, 14, 14));
/// assert_eq!(LAYER.weights(), (8, 9));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution2d {
    /// The size of each image.
    pub image: Image,
    /// The number of channels of the result.
    pub outputs: usize,
    /// The size of the kernel.
    pub kernel: [usize; 2],
    /// How far the kernel moves from one position to the next.
    pub stride: [usize; 2],
    /// How many zeros are assumed beyond each edge of the image.
    pub padding: [usize; 2],
    /// The distance of neighbouring taps of the kernel in the image.
    pub dilation: [usize; 2],
    /// Channels fall into this many groups, each with its own results.
    pub groups: usize,
}

impl Convolution2d {
    /// Stride 1, no padding, taps next to each other, one group.
    #[must_use]
    pub const fn new(image: Image, outputs: usize, kernel: [usize; 2]) -> Self {
        Convolution2d {
            image,
            outputs,
            kernel,
            stride: [1, 1],
            padding: [0, 0],
            dilation: [1, 1],
            groups: 1,
        }
    }

    /// With another stride.
    #[must_use]
    pub const fn with_stride(self, stride: [usize; 2]) -> Self {
        Convolution2d { stride, ..self }
    }

    /// With padding.
    #[must_use]
    pub const fn with_padding(self, padding: [usize; 2]) -> Self {
        Convolution2d { padding, ..self }
    }

    /// With taps that lie apart.
    #[must_use]
    pub const fn with_dilation(self, dilation: [usize; 2]) -> Self {
        Convolution2d { dilation, ..self }
    }

    /// With several groups of channels; as many groups as channels make it depthwise.
    #[must_use]
    pub const fn with_groups(self, groups: usize) -> Self {
        Convolution2d { groups, ..self }
    }

    /// The size of the result: `⌊(n + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1` in both directions.
    ///
    /// # Panics
    /// If the kernel is empty, larger than the padded image, or does not move.
    #[must_use]
    pub const fn result(self) -> Image {
        let [rows, columns] = self.axes();
        Image::new(self.outputs, rows.positions, columns.positions)
    }

    /// The shape of the matrix of weights: `outputs` × (channels of a group · taps).
    #[must_use]
    pub const fn weights(self) -> (usize, usize) {
        let channels = self.image.channels / self.groups;
        (self.outputs, channels * self.kernel[0] * self.kernel[1])
    }

    pub(super) const fn axes(self) -> [Axis; 2] {
        let (k, s, p, d) = (self.kernel, self.stride, self.padding, self.dilation);
        [
            Axis::new(self.image.height, k[0], s[0], p[0], d[0]),
            Axis::new(self.image.width, k[1], s[1], p[1], d[1]),
        ]
    }
}

/// What a convolution of signals does: the size of its signals and how the kernel moves.
///
/// ```
/// use differentiate::nn::{Convolution1d, Signal};
///
/// const LAYER: Convolution1d = Convolution1d::new(Signal::new(2, 100), 4, 5).with_stride(3);
/// assert_eq!(LAYER.result(), Signal::new(4, 32));
/// assert_eq!(LAYER.weights(), (4, 10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution1d {
    /// The size of each signal.
    pub signal: Signal,
    /// The number of channels of the result.
    pub outputs: usize,
    /// The length of the kernel.
    pub kernel: usize,
    /// How far the kernel moves from one position to the next.
    pub stride: usize,
    /// How many zeros are assumed beyond both ends of the signal.
    pub padding: usize,
    /// The distance of neighbouring taps of the kernel in the signal.
    pub dilation: usize,
    /// Channels fall into this many groups, each with its own results.
    pub groups: usize,
}

impl Convolution1d {
    /// Stride 1, no padding, taps next to each other, one group.
    #[must_use]
    pub const fn new(signal: Signal, outputs: usize, kernel: usize) -> Self {
        Convolution1d {
            signal,
            outputs,
            kernel,
            stride: 1,
            padding: 0,
            dilation: 1,
            groups: 1,
        }
    }

    /// With another stride.
    #[must_use]
    pub const fn with_stride(self, stride: usize) -> Self {
        Convolution1d { stride, ..self }
    }

    /// With padding.
    #[must_use]
    pub const fn with_padding(self, padding: usize) -> Self {
        Convolution1d { padding, ..self }
    }

    /// With taps that lie apart.
    #[must_use]
    pub const fn with_dilation(self, dilation: usize) -> Self {
        Convolution1d { dilation, ..self }
    }

    /// With several groups of channels; as many groups as channels make it depthwise.
    #[must_use]
    pub const fn with_groups(self, groups: usize) -> Self {
        Convolution1d { groups, ..self }
    }

    /// The size of the result: `⌊(n + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1`.
    ///
    /// # Panics
    /// If the kernel is empty, longer than the padded signal, or does not move.
    #[must_use]
    pub const fn result(self) -> Signal {
        let image = self.plane().result();
        Signal::new(image.channels, image.width)
    }

    /// The shape of the matrix of weights: `outputs` × (channels of a group · taps).
    #[must_use]
    pub const fn weights(self) -> (usize, usize) {
        self.plane().weights()
    }

    /// The same for images with a single row.
    pub(super) const fn plane(self) -> Convolution2d {
        Convolution2d {
            image: Image::new(self.signal.channels, 1, self.signal.length),
            outputs: self.outputs,
            kernel: [1, self.kernel],
            stride: [1, self.stride],
            padding: [0, self.padding],
            dilation: [1, self.dilation],
            groups: self.groups,
        }
    }
}

/// One direction: a window of `taps` that moves over `length` entries.
#[derive(Clone, Copy, Debug)]
pub(in crate::nn) struct Axis {
    length: usize,
    pub(in crate::nn) taps: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
    pub(in crate::nn) positions: usize,
}

impl Axis {
    pub(in crate::nn) const fn new(
        length: usize,
        taps: usize,
        stride: usize,
        padding: usize,
        dilation: usize,
    ) -> Self {
        assert!(
            taps > 0 && stride > 0 && dilation > 0,
            "a window without taps, or one that does not move"
        );
        let (padded, reach) = (length + 2 * padding, dilation * (taps - 1) + 1);
        assert!(
            length > 0 && reach <= padded,
            "a window that does not fit into what it moves over"
        );
        Axis {
            length,
            taps,
            stride,
            padding,
            dilation,
            positions: (padded - reach) / stride + 1,
        }
    }

    /// The positions at which a tap lies within the entries, and the entry that it meets at the first of them; others
    /// follow at a distance of [`step`](Self::step).
    pub(in crate::nn) fn met(self, tap: usize) -> (Range<usize>, usize) {
        let shift = tap * self.dilation;
        let first = self.padding.saturating_sub(shift).div_ceil(self.stride);
        let end = (self.length + self.padding)
            .saturating_sub(shift)
            .div_ceil(self.stride)
            .min(self.positions);
        if first >= end {
            return (0..0, 0);
        }
        (first..end, first * self.stride + shift - self.padding)
    }

    /// The entries within a window without dilation at a position.
    pub(in crate::nn) fn entries_at(self, position: usize) -> Range<usize> {
        let start = position * self.stride;
        let end = (start + self.taps).saturating_sub(self.padding);
        start.saturating_sub(self.padding)..end.min(self.length)
    }

    /// The distance of the entries that a tap meets at neighbouring positions.
    pub(in crate::nn) fn step(self) -> usize {
        self.stride
    }

    /// Is there nothing to gather: one tap that meets every entry in turn?
    pub(super) fn is_identity(self) -> bool {
        self.taps == 1 && self.stride == 1 && self.padding == 0
    }
}
