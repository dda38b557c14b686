//! Functions for small neural models, with their pullbacks.
//!
//! Each function is an ordinary one, useful by itself; beside it stands its pullback, which generated code calls with
//! the arguments of the function, its result `y` and the cotangent `g` of the result. A pullback is written by hand
//! where the generated one would be less accurate, would overflow, or would keep more than it needs.
//!
//! A batch is a matrix with one sample per column; a single sample is a matrix with one column.

pub mod activation;
pub mod convolution;
pub mod logits;
pub mod loss;

pub use activation::{sigmoid, sigmoid_pullback};
pub use convolution::{conv2d, conv2d_pullback};
pub use logits::{
    log_softmax, log_softmax_pullback, logsumexp, logsumexp_columns, logsumexp_columns_pullback,
    logsumexp_pullback, softmax, softmax_pullback,
};
pub use loss::{
    cross_entropy_with_logits, cross_entropy_with_logits_pullback, mse, mse_pullback, one_hot,
};
