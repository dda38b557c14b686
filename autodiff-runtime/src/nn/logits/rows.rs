//! Softmax and its relatives, row by row.
//!
//! Matrices lie column by column, so each pass walks over the columns and keeps one number per row.

use autodiff_macros::differentiate;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, OVector, RawStorage, U1};

use super::columns::largest;
use crate::differentiable::Real;

/// Calls `f` with each entry of each column of `y`, and the number of its row.
fn by_row<T: Real, R: Dim, C: Dim>(
    y: &mut OMatrix<T, R, C>,
    numbers: &mut [T],
    f: impl Fn(&mut T, &mut T),
) where
    DefaultAllocator: Allocator<R, C>,
{
    for column in y.as_mut_slice().chunks_exact_mut(numbers.len().max(1)) {
        for (y, number) in column.iter_mut().zip(&mut *numbers) {
            f(y, number);
        }
    }
}

/// `Σ f(yᵢⱼ, gᵢⱼ)` of each row.
fn row_sums<T: Real, R: Dim, C: Dim>(
    y: &OMatrix<T, R, C>,
    g: &OMatrix<T, R, C>,
    f: impl Fn(T, T) -> T,
) -> Vec<T>
where
    DefaultAllocator: Allocator<R, C>,
{
    assert_eq!(
        y.shape(),
        g.shape(),
        "a result and its cotangent of different shapes"
    );
    let rows = y.nrows();
    let mut sums = vec![T::zero(); rows];
    let columns = y.as_slice().chunks_exact(rows.max(1));
    for (y, g) in columns.zip(g.as_slice().chunks_exact(rows.max(1))) {
        for ((sum, y), g) in sums.iter_mut().zip(y).zip(g) {
            *sum += f(*y, *g);
        }
    }
    sums
}

/// `x` with the largest entry of its row subtracted, and these largest entries.
fn shifted<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> (OMatrix<T, R, C>, Vec<T>)
where
    DefaultAllocator: Allocator<R, C>,
{
    let mut maxima: Vec<T> = x
        .row_iter()
        .map(|row| largest(row.iter().copied()))
        .collect();
    let mut y = x.map(|x| x);
    by_row(&mut y, &mut maxima, |y, max| *y -= *max);
    (y, maxima)
}

/// The sums of the exponentials of each row.
fn exponentials<T: Real, R: Dim, C: Dim>(y: &OMatrix<T, R, C>) -> Vec<T>
where
    DefaultAllocator: Allocator<R, C>,
{
    row_sums(y, y, |y, _| y.exp())
}

/// Softmax of each row: `yᵢⱼ = e^xᵢⱼ / Σₖ e^xᵢₖ`.
///
/// Otherwise it is [`softmax`](fn@super::softmax). Shapes: as `x`. Reverse: see [`softmax_rows_pullback`].
///
/// ```
/// use differentiate::nalgebra::RowVector3;
/// use differentiate::nn::softmax_rows;
///
/// let y = softmax_rows(&RowVector3::new(1000.0, 1000.0, f64::NEG_INFINITY));
/// assert_eq!(y, RowVector3::new(0.5, 0.5, 0.0));
/// ```
#[differentiate(order = 2, pullback = softmax_rows_pullback)]
#[must_use]
pub fn softmax_rows<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let (mut y, _) = shifted(x);
    let mut sums = vec![T::zero(); y.nrows()];
    by_row(&mut y, &mut sums, |y, sum| {
        *y = y.exp();
        *sum += *y;
    });
    by_row(&mut y, &mut sums, |y, sum| *y /= *sum);
    y
}

/// Pullback of [`softmax_rows()`]: `x̄ = y ∘ (g - ⟨y, g⟩)` for each row.
///
/// Shapes: `y`, `g` and the result as `x`, of which nothing is read. Cost: two passes, one number per row.
#[must_use]
pub fn softmax_rows_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    _x: &Matrix<T, R, C, S>,
    y: &OMatrix<T, R, C>,
    g: &OMatrix<T, R, C>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let mut means = row_sums(y, g, |y, g| y * g);
    let mut x_bar = g.clone();
    by_row(&mut x_bar, &mut means, |x_bar, mean| *x_bar -= *mean);
    x_bar.component_mul_assign(y);
    x_bar
}

/// The logarithm of [`softmax_rows()`]: `y = x - ln Σₖ e^xₖ` for each row.
///
/// Otherwise it is [`log_softmax`](fn@super::log_softmax). Shapes: as `x`. Reverse: see
/// [`log_softmax_rows_pullback`].
///
/// ```
/// use differentiate::nalgebra::RowVector2;
/// use differentiate::nn::log_softmax_rows;
///
/// assert_eq!(log_softmax_rows(&RowVector2::new(1000.0, 0.0)), RowVector2::new(0.0, -1000.0));
/// ```
#[differentiate(order = 2, pullback = log_softmax_rows_pullback)]
#[must_use]
pub fn log_softmax_rows<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let (mut y, _) = shifted(x);
    let mut logs: Vec<T> = exponentials(&y).iter().map(|sum| sum.ln()).collect();
    by_row(&mut y, &mut logs, |y, log| *y -= *log);
    y
}

/// Pullback of [`log_softmax_rows()`]: `x̄ = g - eʸ Σ g` for each row.
///
/// Shapes: `y`, `g` and the result as `x`, of which nothing is read. Cost: one exponential per entry, one number per
/// row.
#[must_use]
pub fn log_softmax_rows_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    _x: &Matrix<T, R, C, S>,
    y: &OMatrix<T, R, C>,
    g: &OMatrix<T, R, C>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let mut totals = row_sums(y, g, |_, g| g);
    let mut x_bar = y.map(nalgebra::ComplexField::exp);
    by_row(&mut x_bar, &mut totals, |x_bar, total| *x_bar *= *total);
    x_bar.zip_apply(g, |x_bar, g| *x_bar = g - *x_bar);
    x_bar
}

/// [`logsumexp`](fn@super::logsumexp) of each row, as a column.
///
/// Shapes: `x` m×n, the result m×1. Reverse: see [`logsumexp_rows_pullback`].
///
/// ```
/// use differentiate::nalgebra::{Matrix2, Vector2};
/// use differentiate::nn::logsumexp_rows;
///
/// let x = Matrix2::new(1000.0, 1000.0, 0.0, f64::NEG_INFINITY);
/// assert_eq!(logsumexp_rows(&x), Vector2::new(1000.0 + 2.0_f64.ln(), 0.0));
/// ```
#[differentiate(order = 2, pullback = logsumexp_rows_pullback)]
#[must_use]
pub fn logsumexp_rows<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> OVector<T, R>
where
    DefaultAllocator: Allocator<R, C> + Allocator<R>,
{
    let rows = x.shape_generic().0;
    let logs = x
        .row_iter()
        .map(|row| super::logsumexp_of(|| row.iter()))
        .collect();
    OVector::from_vec_generic(rows, U1, logs)
}

/// Pullback of [`logsumexp_rows()`]: `x̄ᵢ = gᵢ softmax(xᵢ)` for row `i`.
///
/// Shapes: `y`, `g` m×1, the result as `x`. Cost: one exponential per entry. Undefined: where `y` is infinite; a
/// cotangent of zero contributes zero there, too.
#[must_use]
pub fn logsumexp_rows_pullback<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
    _y: &OVector<T, R>,
    g: &OVector<T, R>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<R>,
{
    let mut x_bar = softmax_rows(x);
    let mut g: Vec<T> = g.iter().copied().collect();
    by_row(&mut x_bar, &mut g, |x_bar, g| {
        *x_bar = if g.is_zero() { *g } else { *x_bar * *g };
    });
    x_bar
}
