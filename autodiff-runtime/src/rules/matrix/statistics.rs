//! Variances, products of entries, and the row-wise reductions whose result is a column.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, OVector, RawStorage, RowOVector, U1};

use super::{put_entries, put_map, put_sparse, scalar};
use crate::differentiable::Real;
use crate::rules::{method_rule, rule};

method_rule! {
    /// The variance of all entries, `Σ (x - μ)² / n`: `X̄ += 2 g (X - μ) / n`. The mean adds nothing, because the
    /// deviations from it add up to zero. Of an empty matrix: nothing.
    ///
    /// Keeps the receiver.
    VarianceRule ad_variance;
    /// The variances of the columns, as a row.
    ///
    /// Keeps the receiver.
    RowVarianceRule ad_row_variance;
    /// The variances of the columns, as a column.
    ///
    /// Keeps the receiver.
    RowVarianceTrRule ad_row_variance_tr;
    /// The variances of the rows, as a column.
    ///
    /// Keeps the receiver.
    ColumnVarianceRule ad_column_variance;
    /// The sums of the columns, as a column.
    ///
    /// Keeps the receiver, of which it reads the shape.
    RowSumTrRule ad_row_sum_tr;
    /// The means of the columns, as a column.
    ///
    /// Keeps the receiver, of which it reads the shape.
    RowMeanTrRule ad_row_mean_tr;
    /// The product of all entries: `x̄ᵢ += g Π xⱼ` over the others, which is right where entries are zero, too.
    ///
    /// Keeps the receiver. Cost: two sweeps over the entries.
    ProductRule ad_product;
}

/// The mean of some entries.
fn mean<T: Real>(entries: impl ExactSizeIterator<Item = T>) -> T {
    let count = entries.len();
    entries.fold(T::zero(), |sum, x| sum + x) / scalar(count)
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    VarianceRule ad_variance(x: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: T, dest| {
        let mean = mean(x.iter().copied());
        let factor = (*g + *g) / scalar(x.len());
        (put_map(x, dest, |x| (x - mean) * factor), ())
    }
}

macro_rules! variances {
    ($($Rule:ident $method:ident $G:ty, $length:ident, $at:ident, $means:expr;)*) => { $(
        rule! {
            [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
            $Rule $method(x: Matrix<T, R, C, S0>)
            [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<U1, C> + Allocator<R> + Allocator<C>]
            |g: $G, dest| {
                let means: OVector<T, _> = $means(x);
                let count: T = scalar(x.$length());
                (put_entries(x.shape_generic(), dest, |i, j| {
                    let at = $at(i, j);
                    let slope = (x[(i, j)] - means[at]) / count;
                    g[at] * (slope + slope)
                }), ())
            }
        }
    )* };
}

/// The means of the columns.
fn of_columns<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    x: &Matrix<T, R, C, S>,
) -> OVector<T, C>
where
    DefaultAllocator: Allocator<C>,
{
    let rows = x.nrows();
    let column = |j| mean((0..rows).map(|i| x[(i, j)]));
    OVector::from_fn_generic(x.shape_generic().1, U1, |j, _| column(j))
}

/// The means of the rows.
fn of_rows<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(x: &Matrix<T, R, C, S>) -> OVector<T, R>
where
    DefaultAllocator: Allocator<R>,
{
    let columns = x.ncols();
    let row = |i| mean((0..columns).map(|j| x[(i, j)]));
    OVector::from_fn_generic(x.shape_generic().0, U1, |i, _| row(i))
}

fn column_of(_: usize, j: usize) -> usize {
    j
}

fn row_of(i: usize, _: usize) -> usize {
    i
}

variances! {
    RowVarianceRule ad_row_variance RowOVector<T, C>, nrows, column_of, of_columns;
    RowVarianceTrRule ad_row_variance_tr OVector<T, C>, nrows, column_of, of_columns;
    ColumnVarianceRule ad_column_variance OVector<T, R>, ncols, row_of, of_rows;
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    RowSumTrRule ad_row_sum_tr(x: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<C>]
    |g: OVector<T, C>, dest| (put_entries(x.shape_generic(), dest, |_, j| g[j]), ())
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    RowMeanTrRule ad_row_mean_tr(x: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<C>]
    |g: OVector<T, C>, dest| {
        let count: T = scalar(x.nrows());
        (put_entries(x.shape_generic(), dest, |_, j| g[j] / count), ())
    }
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    ProductRule ad_product(x: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: T, dest| {
        let add = |sum: &mut OMatrix<T, R, C>| {
            // What stands before an entry, then what stands after it.
            let mut others = OMatrix::from_element_generic(x.shape_generic().0, x.shape_generic().1, *g);
            let mut before = T::one();
            for (other, x) in others.as_mut_slice().iter_mut().zip(x.iter()) {
                *other *= before;
                before *= *x;
            }
            let mut after = T::one();
            for k in (0..x.len()).rev() {
                sum[k] += others[k] * after;
                after *= x[k];
            }
        };
        (put_sparse(x.shape_generic(), dest, add), ())
    }
}
