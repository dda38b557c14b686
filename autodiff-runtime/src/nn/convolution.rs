//! Convolution: of one image with one kernel ([`conv2d()`]), and of batches with channels.
//!
//! **Layout.** A column of a batch is one sample: channel by channel, each row by row, as in frameworks that order
//! their dimensions as batch, channel, height, width. The matrix does not know that, so each function takes the
//! geometry. Weights are a matrix with one row per channel of the result; a row has a kernel for each channel of the
//! image, again row by row.
//!
//! **How it is computed.** The patches that the kernel meets are the rows of a matrix (position × tap), made for one
//! sample and one group at a time in a buffer that is used again; then all three of value, cotangent of the image and
//! cotangent of the weights are one product of matrices each (Chellapilla, Puri, Simard 2006, *High performance
//! convolutional neural networks for document processing*). A kernel with a single tap needs no patches.

mod geometry;
mod line;
mod patches;
mod plain;
mod plane;

pub use geometry::{Convolution1d, Convolution2d, Image, Signal};
pub use line::{
    convolution1d, convolution1d_pullback, transposed_convolution1d,
    transposed_convolution1d_pullback,
};
pub use plain::{conv2d, conv2d_pullback};
pub use plane::{
    convolution2d, convolution2d_pullback, transposed_convolution2d,
    transposed_convolution2d_pullback,
};

pub(super) use geometry::Axis;
