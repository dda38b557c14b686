//! Loss functions: what a model is trained to make small.
//!
//! A loss of entries is averaged over all entries, a loss of distributions over the columns, each of which is one
//! sample. A mean of nothing is 0.

mod binary;
mod distribution;
mod label;
mod regression;

pub use binary::{binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_pullback};
pub use distribution::{
    cross_entropy, cross_entropy_pullback, cross_entropy_with_logits,
    cross_entropy_with_logits_pullback, kl_divergence, kl_divergence_pullback,
};
pub use label::{
    cross_entropy_with_labels, cross_entropy_with_labels_pullback,
    cross_entropy_with_smooth_labels, cross_entropy_with_smooth_labels_pullback, one_hot,
};
pub use regression::{huber, huber_pullback, mae, mae_pullback, mse, mse_pullback};

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::per;
use crate::differentiable::Real;

fn assert_same_shape(left: (usize, usize), right: (usize, usize)) {
    assert_eq!(
        left, right,
        "a prediction and its target have different shapes"
    );
}

/// The sum of `f` over the entries of two matrices of one shape.
fn sum<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    left: &Matrix<T, R, C, S>,
    right: &Matrix<T, R, C, S2>,
    f: impl Fn(T, T) -> T,
) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_same_shape(left.shape(), right.shape());
    left.zip_fold(right, T::zero(), |sum, a, b| sum + f(a, b))
}

/// Both results of `f` of the entries of two matrices of one shape.
fn both<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<T, R, C>>(
    left: &Matrix<T, R, C, S>,
    right: &Matrix<T, R, C, S2>,
    f: impl Fn(T, T) -> (T, T),
) -> (OMatrix<T, R, C>, OMatrix<T, R, C>)
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_same_shape(left.shape(), right.shape());
    let mut left_bar = left.map(|x| x);
    let mut right_bar = right.map(|x| x);
    let entries = left_bar.as_mut_slice().iter_mut();
    for (a, b) in entries.zip(right_bar.as_mut_slice()) {
        (*a, *b) = f(*a, *b);
    }
    (left_bar, right_bar)
}
