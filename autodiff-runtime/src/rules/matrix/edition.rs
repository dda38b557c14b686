//! Methods that make a matrix of another shape, or with some entries replaced by constants: each entry of the result
//! is an entry of the receiver, the value filled in, or a constant.

use nalgebra::allocator::Allocator;
use nalgebra::{
    DefaultAllocator, Dim, DimAdd, DimDiff, DimSub, DimSum, Dyn, Matrix, OMatrix, RawStorage, U1,
};

use super::{put_copy, put_entries, put_nothing, put_scalar};
use crate::differentiable::{Real, converted};
use crate::put::Put;
use crate::rules::{alias, method_rule, rule};

method_rule! {
    /// The same numbers, because real numbers are their own conjugates. Of a quaternion, see there.
    ///
    /// Keeps the receiver.
    ConjugateRule ad_conjugate;
    /// A row `i` filled with `x`: the other rows hand their cotangents back, `x̄ += Σ` of the new one.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    InsertRowRule ad_insert_row;
    /// A column `j` filled with `x`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    InsertColumnRule ad_insert_column;
    /// The `n` rows from `i` on, filled with `x`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    InsertRowsRule ad_insert_rows;
    /// The `n` columns from `j` on, filled with `x`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    InsertColumnsRule ad_insert_columns;
    /// A constant number of rows from `i` on, filled with `x`; reads the shape off the result.
    ///
    /// Keeps the receiver, the arguments and the result.
    InsertFixedRowsRule ad_insert_fixed_rows;
    /// A constant number of columns from `j` on, filled with `x`; reads the shape off the result.
    ///
    /// Keeps the receiver, the arguments and the result.
    InsertFixedColumnsRule ad_insert_fixed_columns;
    /// All rows but row `i`, which gets nothing.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    RemoveRowRule ad_remove_row;
    /// All columns but column `j`, which gets nothing.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    RemoveColumnRule ad_remove_column;
    /// All rows but the `n` from `i` on, which get nothing.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    RemoveRowsRule ad_remove_rows;
    /// All columns but the `n` from `j` on, which get nothing.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    RemoveColumnsRule ad_remove_columns;
    /// All rows but a constant number from `i` on; reads the shape off the result.
    ///
    /// Keeps the receiver, the arguments and the result.
    RemoveFixedRowsRule ad_remove_fixed_rows;
    /// All columns but a constant number from `j` on; reads the shape off the result.
    ///
    /// Keeps the receiver, the arguments and the result.
    RemoveFixedColumnsRule ad_remove_fixed_columns;
    /// The upper left part of the given shape; what is beyond the receiver is filled with `x`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    ResizeRule ad_resize;
    /// The first rows; what is beyond the receiver is filled with `x`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    ResizeVerticallyRule ad_resize_vertically;
    /// The first columns; what is beyond the receiver is filled with `x`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    ResizeHorizontallyRule ad_resize_horizontally;
    /// The upper left part of a constant shape; what is beyond the receiver is filled with `x`. Reads the shape off the
    /// result.
    ///
    /// Keeps the receiver, the arguments and the result.
    FixedResizeRule ad_fixed_resize;
    /// The matrix with one more row and column, both of the identity; the vector with one more entry, which is 0. Reads
    /// the shape off the result.
    ///
    /// Keeps the receiver and the result.
    ToHomogeneousRule ad_to_homogeneous;
    /// The entries on and above the diagonal: the others get nothing.
    ///
    /// Keeps the receiver, of which it reads the shape.
    UpperTriangleRule ad_upper_triangle;
    /// The entries on and below the diagonal: the others get nothing.
    ///
    /// Keeps the receiver, of which it reads the shape.
    LowerTriangleRule ad_lower_triangle;
    /// `(A + Aᵀ) / 2`: `Ā += (G + Gᵀ) / 2`.
    ///
    /// Keeps the receiver, of which it reads the shape.
    SymmetricPartRule ad_symmetric_part;
    /// The same numbers in another type: the cotangent is rounded to the type of the receiver. Reads the type off the
    /// result.
    ///
    /// Keeps the receiver and the result.
    MatrixCastRule ad_cast;
}

alias! {
    /// `(A + Aᵀ) / 2`, as [`symmetric_part`](SymmetricPartRule), because real numbers are their own conjugates.
    HermitianPartRule ad_hermitian_part = SymmetricPartRule ad_symmetric_part;
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    ConjugateRule ad_conjugate(_x: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: OMatrix<T, R, C>, dest| (put_copy(g, dest), ())
}

/// Where index `k` stands after `count` indices from `from` on were inserted.
fn after_insertion(k: usize, from: usize, count: usize) -> usize {
    if k < from { k } else { k + count }
}

/// Where index `k` stands after `count` indices from `from` on were removed, if it is still there.
fn after_removal(k: usize, from: usize, count: usize) -> Option<usize> {
    if k < from {
        Some(k)
    } else if k < from + count {
        None
    } else {
        Some(k - count)
    }
}

/// `dest += ` the entries of `g` to which those of a matrix of the given shape went.
fn put_moved<T: Real, R: Dim, C: Dim, RG: Dim, CG: Dim, P: Put<OMatrix<T, R, C>>>(
    shape: (R, C),
    g: &OMatrix<T, RG, CG>,
    dest: P,
    to: impl Fn(usize, usize) -> Option<(usize, usize)>,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>,
{
    put_entries(shape, dest, |i, j| to(i, j).map_or(T::zero(), |at| g[at]))
}

/// `x̄ += ` the sum of the entries that were filled with `x`.
fn put_filled<T: Real, RG: Dim, CG: Dim, P: Put<T>>(
    g: &OMatrix<T, RG, CG>,
    dest: P,
    filled: impl Fn(usize, usize) -> bool,
) -> P::Out
where
    DefaultAllocator: Allocator<RG, CG>,
{
    put_scalar(dest, || {
        let mut sum = T::zero();
        for j in 0..g.ncols() {
            for i in (0..g.nrows()).filter(|i| filled(*i, j)) {
                sum += g[(i, j)];
            }
        }
        sum
    })
}

/// Rules of methods that insert `count` rows or columns from `from` on.
macro_rules! insertions {
    ($([$($p:tt)*] $Rule:ident $method:ident ($($n:ident $N:ident $P:ident $to:ident),*) [$y:pat => $Y:ty]
        -> ($RG:ty, $CG:ty), |$x:ident, $g:ident| rows $rows:expr, columns $columns:expr;)*) => { $(
        rule! {
            [$($p)*, S0: RawStorage<T, R, C>]
            $Rule $method($x: Matrix<T, R, C, S0>; $($n $N $P: usize => (),)* _filled X SX: T => T)
            [$y => $Y] where [DefaultAllocator: Allocator<R, C> + Allocator<$RG, $CG>]
            |$g: OMatrix<T, $RG, $CG>, dest, ($($to,)* to_x)| {
                $(let $n = *$n;)*
                let ((i, m), (j, n)) = ($rows, $columns);
                (
                    put_moved($x.shape_generic(), $g, dest, |row, column| {
                        Some((after_insertion(row, i, m), after_insertion(column, j, n)))
                    }),
                    (
                        $(put_nothing($to),)*
                        put_filled($g, to_x, |row, column| {
                            (i..i + m).contains(&row) || (j..j + n).contains(&column)
                        }),
                    ),
                )
            }
        }
    )* };
}

insertions! {
    [T: Real, R: DimAdd<U1>, C: Dim] InsertRowRule ad_insert_row(i I SI di) [() => ()]
        -> (DimSum<R, U1>, C), |x, g| rows (i, 1), columns (0, 0);
    [T: Real, R: Dim, C: DimAdd<U1>] InsertColumnRule ad_insert_column(j J SJ dj) [() => ()]
        -> (R, DimSum<C, U1>), |x, g| rows (0, 0), columns (j, 1);
    [T: Real, R: Dim, C: Dim] InsertRowsRule ad_insert_rows(i I SI di, n N SN dn) [() => ()]
        -> (Dyn, C), |x, g| rows (i, n), columns (0, 0);
    [T: Real, R: Dim, C: Dim] InsertColumnsRule ad_insert_columns(j J SJ dj, n N SN dn) [() => ()]
        -> (R, Dyn), |x, g| rows (0, 0), columns (j, n);
    ['y, T: Real, R: Dim, C: Dim, RG: Dim] InsertFixedRowsRule ad_insert_fixed_rows(i I SI di)
        [_ => &'y OMatrix<T, RG, C>] -> (RG, C), |x, g| rows (i, g.nrows() - x.nrows()), columns (0, 0);
    ['y, T: Real, R: Dim, C: Dim, CG: Dim] InsertFixedColumnsRule ad_insert_fixed_columns(j J SJ dj)
        [_ => &'y OMatrix<T, R, CG>] -> (R, CG), |x, g| rows (0, 0), columns (j, g.ncols() - x.ncols());
}

/// Rules of methods that remove `count` rows or columns from `from` on.
macro_rules! removals {
    ($([$($p:tt)*] $Rule:ident $method:ident ($($n:ident $N:ident $P:ident $to:ident),*) [$y:pat => $Y:ty]
        -> ($RG:ty, $CG:ty), |$x:ident, $g:ident| rows $rows:expr, columns $columns:expr;)*) => { $(
        rule! {
            [$($p)*, S0: RawStorage<T, R, C>]
            $Rule $method($x: Matrix<T, R, C, S0>; $($n $N $P: usize => ()),*)
            [$y => $Y] where [DefaultAllocator: Allocator<R, C> + Allocator<$RG, $CG>]
            |$g: OMatrix<T, $RG, $CG>, dest, ($($to),*)| {
                $(let $n = *$n;)*
                let ((i, m), (j, n)) = ($rows, $columns);
                (
                    put_moved($x.shape_generic(), $g, dest, |row, column| {
                        after_removal(row, i, m).zip(after_removal(column, j, n))
                    }),
                    ($(put_nothing($to),)*),
                )
            }
        }
    )* };
}

removals! {
    [T: Real, R: DimSub<U1>, C: Dim] RemoveRowRule ad_remove_row(i I SI di) [() => ()]
        -> (DimDiff<R, U1>, C), |x, g| rows (i, 1), columns (0, 0);
    [T: Real, R: Dim, C: DimSub<U1>] RemoveColumnRule ad_remove_column(j J SJ dj) [() => ()]
        -> (R, DimDiff<C, U1>), |x, g| rows (0, 0), columns (j, 1);
    [T: Real, R: Dim, C: Dim] RemoveRowsRule ad_remove_rows(i I SI di, n N SN dn) [() => ()]
        -> (Dyn, C), |x, g| rows (i, n), columns (0, 0);
    [T: Real, R: Dim, C: Dim] RemoveColumnsRule ad_remove_columns(j J SJ dj, n N SN dn) [() => ()]
        -> (R, Dyn), |x, g| rows (0, 0), columns (j, n);
    ['y, T: Real, R: Dim, C: Dim, RG: Dim] RemoveFixedRowsRule ad_remove_fixed_rows(i I SI di)
        [_ => &'y OMatrix<T, RG, C>] -> (RG, C), |x, g| rows (i, x.nrows() - g.nrows()), columns (0, 0);
    ['y, T: Real, R: Dim, C: Dim, CG: Dim] RemoveFixedColumnsRule ad_remove_fixed_columns(j J SJ dj)
        [_ => &'y OMatrix<T, R, CG>] -> (R, CG), |x, g| rows (0, 0), columns (j, x.ncols() - g.ncols());
}

/// Rules of methods that cut a matrix off, or fill it up, at its lower right.
macro_rules! resizes {
    ($([$($p:tt)*] $Rule:ident $method:ident ($($n:ident $N:ident $P:ident $to:ident),*) [$y:pat => $Y:ty]
        -> ($RG:ty, $CG:ty);)*) => { $(
        rule! {
            [$($p)* T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
            $Rule $method(x: Matrix<T, R, C, S0>; $($n $N $P: usize => (),)* _filled X SX: T => T)
            [$y => $Y] where [DefaultAllocator: Allocator<R, C> + Allocator<$RG, $CG>]
            |g: OMatrix<T, $RG, $CG>, dest, ($($to,)* to_x)| {
                let (rows, columns) = g.shape();
                (
                    put_moved(x.shape_generic(), g, dest, |i, j| {
                        (i < rows && j < columns).then_some((i, j))
                    }),
                    (
                        $(put_nothing($to),)*
                        put_filled(g, to_x, |i, j| i >= x.nrows() || j >= x.ncols()),
                    ),
                )
            }
        }
    )* };
}

resizes! {
    [] ResizeRule ad_resize(_m M SM dm, _n N SN dn) [() => ()] -> (Dyn, Dyn);
    [] ResizeVerticallyRule ad_resize_vertically(_m M SM dm) [() => ()] -> (Dyn, C);
    [] ResizeHorizontallyRule ad_resize_horizontally(_n N SN dn) [() => ()] -> (R, Dyn);
    ['y, RG: Dim, CG: Dim,] FixedResizeRule ad_fixed_resize() [_ => &'y OMatrix<T, RG, CG>] -> (RG, CG);
}

rule! {
    ['y, T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, RG: Dim, CG: Dim]
    ToHomogeneousRule ad_to_homogeneous(x: Matrix<T, R, C, S0>)
    [_ => &'y OMatrix<T, RG, CG>] where [DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>]
    |g: OMatrix<T, RG, CG>, dest| (
        put_moved(x.shape_generic(), g, dest, |i, j| Some((i, j))),
        (),
    )
}

macro_rules! triangles {
    ($($Rule:ident $method:ident |$i:ident, $j:ident| $kept:expr;)*) => { $(
        rule! {
            [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
            $Rule $method(x: Matrix<T, R, C, S0>)
            [() => ()] where [DefaultAllocator: Allocator<R, C>]
            |g: OMatrix<T, R, C>, dest| (
                put_moved(x.shape_generic(), g, dest, |$i, $j| $kept.then_some(($i, $j))),
                (),
            )
        }
    )* };
}
triangles! {
    UpperTriangleRule ad_upper_triangle |i, j| (i <= j);
    LowerTriangleRule ad_lower_triangle |i, j| (i >= j);
}

rule! {
    [T: Real, D: Dim, S0: RawStorage<T, D, D>]
    SymmetricPartRule ad_symmetric_part(x: Matrix<T, D, D, S0>)
    [() => ()] where [DefaultAllocator: Allocator<D, D>]
    |g: OMatrix<T, D, D>, dest| {
        let half = T::ad_from_f64(0.5);
        (put_entries(x.shape_generic(), dest, |i, j| (g[(i, j)] + g[(j, i)]) * half), ())
    }
}

rule! {
    ['y, T: Real, T2: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    MatrixCastRule ad_cast(x: Matrix<T, R, C, S0>)
    [_ => &'y OMatrix<T2, R, C>] where [DefaultAllocator: Allocator<R, C>]
    |g: OMatrix<T2, R, C>, dest| (
        put_entries(x.shape_generic(), dest, |i, j| converted(g[(i, j)])),
        (),
    )
}
