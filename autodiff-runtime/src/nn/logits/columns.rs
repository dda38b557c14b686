//! Softmax and its relatives, column by column.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{
    DefaultAllocator, Dim, Matrix, OMatrix, OVector, RawStorage, RowOVector, U1, Vector,
};

use crate::differentiable::Real;

/// The largest of some numbers; `-∞` if there are none. A NaN among them is the result.
pub(super) fn largest<T: Real>(values: impl Iterator<Item = T>) -> T {
    let lowest = -T::one() / T::zero();
    values.fold(lowest, |max, x| {
        if x > max || x.partial_cmp(&x).is_none() {
            x
        } else {
            max
        }
    })
}

/// `ln Σ eˣ`, and `max x` where that is infinite: there the differences to it would be NaN.
pub(in crate::nn) fn logsumexp_of<'x, T: Real, I: Iterator<Item = &'x T>>(
    values: impl Fn() -> I,
) -> T {
    let max = largest(values().copied());
    if !max.is_finite() {
        return max;
    }
    let sum = values().fold(T::zero(), |sum, x| sum + (*x - max).exp());
    max + sum.ln()
}

/// Replaces each column of a copy of `x`.
fn by_column<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
    f: impl Fn(&mut [T]),
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let mut y = x.map(|x| x);
    let rows = y.nrows();
    if rows != 0 {
        y.as_mut_slice().chunks_exact_mut(rows).for_each(f);
    }
    y
}

/// Softmax of each column: `yᵢ = e^xᵢ / Σⱼ e^xⱼ`.
///
/// The largest entry of a column is subtracted first, which changes nothing in the quotient and keeps the exponentials
/// from overflowing. An entry of `-∞` has the probability 0.
///
/// Shapes: as `x`. Reverse: see [`softmax_pullback`]. Undefined: for a column with `+∞` or with nothing but `-∞`.
/// Reference: Bridle 1990, *Probabilistic interpretation of feedforward classification network outputs*.
///
/// ```
/// use differentiate::nalgebra::Vector3;
/// use differentiate::nn::softmax;
///
/// let y = softmax(&Vector3::new(1000.0, 1000.0, f64::NEG_INFINITY));
/// assert_eq!(y, Vector3::new(0.5, 0.5, 0.0));
/// ```
#[differentiate(order = 2, pullback = softmax_pullback)]
#[must_use]
pub fn softmax<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    by_column(x, normalize)
}

/// Replaces `x` by `softmax(x)`.
fn normalize<T: Real>(column: &mut [T]) {
    let max = largest(column.iter().copied());
    let mut sum = T::zero();
    for x in &mut *column {
        *x = (*x - max).exp();
        sum += *x;
    }
    for x in column {
        *x /= sum;
    }
}

/// Pullback of [`softmax()`]: `x̄ = y ∘ (g - ⟨y, g⟩)` for each column.
///
/// Shapes: `y`, `g` and the result as `x`, of which nothing is read. Cost: two passes, one allocation.
#[must_use]
pub fn softmax_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    _x: &Matrix<T, R, C, S>,
    y: &OMatrix<T, R, C>,
    g: &OMatrix<T, R, C>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    zip_columns(y, g, |y, g, x_bar| {
        let mean = y.iter().zip(g).fold(T::zero(), |sum, (y, g)| sum + *y * *g);
        for ((x_bar, y), g) in x_bar.iter_mut().zip(y).zip(g) {
            *x_bar = *y * (*g - mean);
        }
    })
}

/// Fills each column of a matrix from the columns of two others of its shape.
fn zip_columns<T: Real, R: Dim, C: Dim>(
    y: &OMatrix<T, R, C>,
    g: &OMatrix<T, R, C>,
    f: impl Fn(&[T], &[T], &mut [T]),
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_eq!(
        y.shape(),
        g.shape(),
        "a result and its cotangent of different shapes"
    );
    let mut x_bar = g.clone();
    let rows = y.nrows();
    if rows != 0 {
        let columns = x_bar.as_mut_slice().chunks_exact_mut(rows);
        let y = y.as_slice().chunks_exact(rows);
        let g = g.as_slice().chunks_exact(rows);
        for ((x_bar, y), g) in columns.zip(y).zip(g) {
            f(y, g, x_bar);
        }
    }
    x_bar
}

/// The logarithm of [`softmax()`] of each column: `y = x - ln Σⱼ e^xⱼ`.
///
/// It is not formed from the softmax, whose small entries have underflowed: an entry that lies 1000 below the largest
/// has the logarithm -1000, not `-∞`.
///
/// Shapes: as `x`. Reverse: see [`log_softmax_pullback`]. Undefined: as for [`softmax()`].
/// Reference: Blanchard, Higham, Higham 2021, *Accurately computing the log-sum-exp and softmax functions*.
///
/// ```
/// use differentiate::nalgebra::Vector2;
/// use differentiate::nn::log_softmax;
///
/// assert_eq!(log_softmax(&Vector2::new(1000.0, 0.0)), Vector2::new(0.0, -1000.0));
/// ```
#[differentiate(order = 2, pullback = log_softmax_pullback)]
#[must_use]
pub fn log_softmax<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    by_column(x, |column| {
        // Subtracting the maximum and the logarithm in two steps keeps the digits of a small difference.
        let max = largest(column.iter().copied());
        let sum = column
            .iter()
            .fold(T::zero(), |sum, x| sum + (*x - max).exp());
        let log = sum.ln();
        for x in column {
            *x = (*x - max) - log;
        }
    })
}

/// Pullback of [`log_softmax()`]: `x̄ = g - eʸ Σ g` for each column.
///
/// Shapes: `y`, `g` and the result as `x`, of which nothing is read. Cost: one exponential per entry, one allocation.
#[must_use]
pub fn log_softmax_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    _x: &Matrix<T, R, C, S>,
    y: &OMatrix<T, R, C>,
    g: &OMatrix<T, R, C>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    zip_columns(y, g, |y, g, x_bar| {
        let total = g.iter().fold(T::zero(), |sum, g| sum + *g);
        for (x_bar, y) in x_bar.iter_mut().zip(y) {
            *x_bar -= y.exp() * total;
        }
    })
}

/// `ln Σ eˣ` of the entries of a vector, without overflow.
///
/// For a vector without entries, or with nothing but `-∞`, it is `-∞`; with an entry of `+∞` it is `+∞`.
///
/// Reverse: see [`logsumexp_pullback`]. Reference: Blanchard, Higham, Higham 2021, *Accurately computing the
/// log-sum-exp and softmax functions*.
///
/// ```
/// use differentiate::nalgebra::Vector2;
/// use differentiate::nn::logsumexp;
///
/// assert_eq!(logsumexp(&Vector2::new(1000.0, 1000.0)), 1000.0 + 2.0_f64.ln());
/// ```
#[differentiate(order = 2, pullback = logsumexp_pullback)]
#[must_use]
pub fn logsumexp<T: Real, R: Dim, S: RawStorage<T, R>>(x: &Vector<T, R, S>) -> T
where
    DefaultAllocator: Allocator<R>,
{
    logsumexp_of(|| x.iter())
}

/// Pullback of [`logsumexp()`]: `x̄ = g softmax(x)`.
///
/// It is not formed as `e^(x - y)`: where `y` is large, the rounding of `y` alone would spoil the exponential.
///
/// Shapes: the result as `x`. Cost: one exponential per entry, one allocation. Undefined: where `y` is infinite; a
/// cotangent of zero contributes zero there, too.
#[must_use]
pub fn logsumexp_pullback<T: Real, R: Dim, S: RawStorage<T, R>>(
    x: &Vector<T, R, S>,
    _y: &T,
    g: &T,
) -> OVector<T, R>
where
    DefaultAllocator: Allocator<R>,
{
    by_column(x, |column| weigh(column, *g))
}

/// Replaces `x` by `g softmax(x)`.
fn weigh<T: Real>(column: &mut [T], g: T) {
    if g.is_zero() {
        return column.fill(g);
    }
    normalize(column);
    for x in column {
        *x *= g;
    }
}

/// [`logsumexp()`] of each column, as a row.
///
/// Shapes: `x` m×n, the result 1×n. Reverse: see [`logsumexp_columns_pullback`].
///
/// ```
/// use differentiate::nalgebra::{Matrix2, RowVector2};
/// use differentiate::nn::logsumexp_columns;
///
/// let x = Matrix2::new(1000.0, 0.0, 1000.0, f64::NEG_INFINITY);
/// assert_eq!(logsumexp_columns(&x), RowVector2::new(1000.0 + 2.0_f64.ln(), 0.0));
/// ```
#[differentiate(order = 2, pullback = logsumexp_columns_pullback)]
#[must_use]
pub fn logsumexp_columns<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> RowOVector<T, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<U1, C>,
{
    let columns = x.shape_generic().1;
    RowOVector::from_iterator_generic(
        U1,
        columns,
        x.column_iter().map(|column| logsumexp_of(|| column.iter())),
    )
}

/// Pullback of [`logsumexp_columns()`]: `x̄ⱼ = gⱼ softmax(xⱼ)` for column `j`.
///
/// Shapes: `y`, `g` 1×n, the result as `x`. Cost and undefined points as for [`logsumexp_pullback`].
#[must_use]
pub fn logsumexp_columns_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
    _y: &RowOVector<T, C>,
    g: &RowOVector<T, C>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<U1, C>,
{
    let mut x_bar = x.map(|x| x);
    let rows = x_bar.nrows().max(1);
    let columns = x_bar.as_mut_slice().chunks_exact_mut(rows);
    for (column, g) in columns.zip(g.as_slice()) {
        weigh(column, *g);
    }
    x_bar
}
