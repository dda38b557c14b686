//! Products of matrices that lie somewhere in a slice, with any strides, accumulated in place.
//!
//! nalgebra's fast kernel takes strides as they are, so a transposed factor is only a view with its strides exchanged.
//! Below six entries on a side nalgebra leaves that kernel; there the loops below run over contiguous columns instead.

use nalgebra::{DMatrix, DVectorView, Dyn, MatrixView, MatrixViewMut};

use crate::differentiable::Real;

/// Up to this length of a side, nalgebra does not use its fast kernel.
const NARROW: usize = 5;

/// A matrix whose entry `(i, j)` lies at `i · by_row + j · by_column`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strided<E> {
    pub(super) entries: E,
    pub(super) rows: usize,
    pub(super) columns: usize,
    by_row: usize,
    by_column: usize,
}

impl<E> Strided<E> {
    /// A matrix that lies column by column, with `by_column` entries from one column to the next.
    pub(super) fn new(entries: E, (rows, columns): (usize, usize), by_column: usize) -> Self {
        Strided {
            entries,
            rows,
            columns,
            by_row: 1,
            by_column,
        }
    }

    /// A matrix that lies column by column, without gaps.
    pub(super) fn packed(entries: E, (rows, columns): (usize, usize)) -> Self {
        Strided::new(entries, (rows, columns), rows)
    }

    pub(super) fn transposed(self) -> Self {
        Strided {
            entries: self.entries,
            rows: self.columns,
            columns: self.rows,
            by_row: self.by_column,
            by_column: self.by_row,
        }
    }
}

impl<'a, T: Real> Strided<&'a [T]> {
    fn view(&self) -> MatrixView<'a, T, Dyn, Dyn, Dyn, Dyn> {
        MatrixView::from_slice_with_strides_generic(
            self.entries,
            Dyn(self.rows),
            Dyn(self.columns),
            Dyn(self.by_row),
            Dyn(self.by_column),
        )
    }

    /// A column of a matrix with contiguous columns.
    fn column(&self, j: usize) -> &'a [T] {
        &self.entries[j * self.by_column..][..self.rows]
    }
}

/// A matrix as a factor.
pub(super) fn packed<T: Real>(x: &DMatrix<T>) -> Strided<&[T]> {
    Strided::packed(x.as_slice(), x.shape())
}

/// `left right`; see [`multiply`].
pub(super) fn product<T: Real>(left: Strided<&[T]>, right: Strided<&[T]>) -> DMatrix<T> {
    let mut product = DMatrix::zeros(left.rows, right.columns);
    add_product(T::zero(), &mut product, left, right);
    product
}

/// `sum = left right + beta sum`; see [`multiply`].
pub(super) fn add_product<T: Real>(
    beta: T,
    sum: &mut DMatrix<T>,
    left: Strided<&[T]>,
    right: Strided<&[T]>,
) {
    let shape = sum.shape();
    let sum = Strided::packed(sum.as_mut_slice(), shape);
    multiply(beta, sum, left, right);
}

/// `sum = left right + beta sum`.
///
/// The columns of `sum` are contiguous, and either those of `left`, or the rows of `left` and the columns of `right`.
pub(super) fn multiply<T: Real>(
    beta: T,
    sum: Strided<&mut [T]>,
    left: Strided<&[T]>,
    right: Strided<&[T]>,
) {
    let Strided {
        entries,
        rows,
        columns,
        by_row,
        by_column,
    } = sum;
    let inner = left.columns;
    assert_eq!(
        ((left.rows, right.rows), right.columns),
        ((rows, inner), columns),
        "factors of a product with shapes that do not fit"
    );
    if rows == 0 || columns == 0 {
        return;
    }
    if rows.min(columns).min(inner) > NARROW {
        let mut sum: MatrixViewMut<'_, T, Dyn, Dyn, Dyn, Dyn> =
            MatrixViewMut::from_slice_with_strides_generic(
                entries,
                Dyn(rows),
                Dyn(columns),
                Dyn(by_row),
                Dyn(by_column),
            );
        return T::ad_put_product(&mut sum, &left.view(), &right.view(), !beta.is_zero());
    }
    debug_assert_eq!(by_row, 1, "the columns of a sum are contiguous");
    for j in 0..columns {
        let sum = &mut entries[j * by_column..][..rows];
        if beta.is_zero() {
            sum.fill(beta);
        } else if beta != T::one() {
            sum.iter_mut().for_each(|sum| *sum *= beta);
        }
        if left.by_row == 1 {
            for l in 0..inner {
                let factor = right.entries[l * right.by_row + j * right.by_column];
                for (sum, x) in sum.iter_mut().zip(left.column(l)) {
                    *sum += *x * factor;
                }
            }
        } else {
            let left = left.transposed();
            let column = DVectorView::from_slice(right.column(j), inner);
            for (i, sum) in sum.iter_mut().enumerate() {
                *sum += DVectorView::from_slice(left.column(i), inner).dot(&column);
            }
        }
    }
}
