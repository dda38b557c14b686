//! Functions for small neural models, with their pullbacks.
//!
//! Each function is an ordinary one, useful by itself; beside it stands its pullback, which generated code calls with
//! the arguments of the function, its result `y` and the cotangent `g` of the result. A pullback is written by hand
//! where the generated one would be less accurate, would overflow, or would keep more than it needs.
//!
//! A batch is a matrix with one sample per column; a single sample is a matrix with one column. An image or a signal is
//! a column, too, and its size is an argument: see [`convolution`].
//!
//! - [`activation`], functions of one number, and [`elementwise`], the same of matrices;
//! - [`logits`], softmax and its relatives;
//! - [`loss`], what is made small;
//! - [`bias`], [`convolution`], [`pooling`], [`normalization`], [`selection`] (embedding and dropout), [`transformer`]
//!   (attention), [`recurrent`]: layers.
//!
//! All but [`elementwise`] are re-exported here.

pub mod activation;
pub mod bias;
pub mod convolution;
pub mod elementwise;
pub mod logits;
pub mod loss;
pub mod normalization;
pub mod pooling;
pub mod recurrent;
pub mod selection;
pub mod transformer;

mod product;

pub use activation::*;
pub use bias::*;
pub use convolution::*;
pub use logits::*;
pub use loss::*;
pub use normalization::*;
pub use pooling::*;
pub use recurrent::*;
pub use selection::*;
pub use transformer::*;

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
