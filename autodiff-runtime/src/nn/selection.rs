//! Selecting columns of a table, and entries of a matrix by a mask.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use crate::differentiable::Real;

/// The columns of a table that the indices name, one after the other.
///
/// Each column of the table is what a word, say, is embedded as; the result has one sample per column.
///
/// Shapes: `table` d×v, the result d × number of indices. Reverse: see [`embedding_pullback`]. Reference: Bengio,
/// Ducharme, Vincent, Jauvin 2003, *A neural probabilistic language model*.
///
/// # Panics
/// If an index is not less than the number of columns; the message has both.
///
/// ```
/// use differentiate::nalgebra::dmatrix;
/// use differentiate::nn::embedding;
///
/// let table = dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 6.0];
/// assert_eq!(embedding(&table, &[2, 0, 2]), dmatrix![3.0, 1.0, 3.0; 6.0, 4.0, 6.0]);
/// ```
#[differentiate(order = 2, pullback = embedding_pullback)]
#[must_use]
pub fn embedding<T: Real>(table: &DMatrix<T>, indices: &[usize]) -> DMatrix<T> {
    let columns = table.ncols();
    let mut y = DMatrix::zeros(table.nrows(), indices.len());
    for (j, (mut y, index)) in y.column_iter_mut().zip(indices).enumerate() {
        assert!(
            *index < columns,
            "index {index} of sample {j} is not one of {columns} columns"
        );
        y.copy_from(&table.column(*index));
    }
    y
}

/// Pullback of [`embedding()`]: the cotangent of each column of the result is added to the column that it came from.
///
/// Shapes: the result as `table`. Cost: one pass over `g`, one allocation of the size of the table.
#[must_use]
pub fn embedding_pullback<T: Real>(
    table: &DMatrix<T>,
    indices: &[usize],
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> DMatrix<T> {
    let mut table_bar = DMatrix::zeros(table.nrows(), table.ncols());
    for (g, index) in g.column_iter().zip(indices) {
        let mut column = table_bar.column_mut(*index);
        column += g;
    }
    table_bar
}

/// Keeps the entries where the mask is set, divided by `1 - rate`, and replaces the others by 0.
///
/// The mask is drawn by the caller, with the probability `rate` for each entry not to be set; the division keeps the
/// mean. Where a model is used and not trained, leave this away.
///
/// Shapes: `x`, `mask` and the result m×n. Reverse: see [`dropout_pullback`]. Reference: Srivastava, Hinton,
/// Krizhevsky, Sutskever, Salakhutdinov 2014, *Dropout: a simple way to prevent neural networks from overfitting*.
///
/// # Panics
/// If the shapes differ, or the rate is not in `0..1`; the message has them.
///
/// ```
/// use differentiate::nalgebra::Vector3;
/// use differentiate::nn::dropout;
///
/// let y = dropout(&Vector3::new(1.0, 2.0, 3.0), &Vector3::new(true, false, true), 0.5);
/// assert_eq!(y, Vector3::new(2.0, 0.0, 6.0));
/// ```
#[differentiate(order = 2, pullback = dropout_pullback)]
#[must_use]
pub fn dropout<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<bool, R, C>>(
    x: &Matrix<T, R, C, S>,
    #[no_diff] mask: &Matrix<bool, R, C, S2>,
    #[no_diff] rate: T,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    masked(x, mask, rate)
}

/// Pullback of [`dropout()`]: that of the kept entries is `x̄ = g / (1 - rate)`, that of the others 0.
///
/// Shapes: the result as `x`, of which nothing is read. Cost: one pass, one allocation.
#[must_use]
pub fn dropout_pullback<T, R: Dim, C: Dim, S, S2>(
    _x: &Matrix<T, R, C, S>,
    mask: &Matrix<bool, R, C, S2>,
    rate: T,
    _y: &OMatrix<T, R, C>,
    g: &OMatrix<T, R, C>,
) -> OMatrix<T, R, C>
where
    T: Real,
    S: RawStorage<T, R, C>,
    S2: RawStorage<bool, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    masked(g, mask, rate)
}

fn masked<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, S2: RawStorage<bool, R, C>>(
    x: &Matrix<T, R, C, S>,
    mask: &Matrix<bool, R, C, S2>,
    rate: T,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_eq!(
        x.shape(),
        mask.shape(),
        "a matrix and its mask have different shapes"
    );
    let kept = T::one() - rate;
    assert!(
        kept > T::zero() && kept <= T::one(),
        "a rate of {rate}, which is not in 0..1"
    );
    x.zip_map(mask, |x, keep| if keep { x / kept } else { T::zero() })
}
