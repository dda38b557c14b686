//! Methods that pick a part of a matrix. The cotangent of the part is added in place at its position.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Dyn, Matrix, OMatrix, OVector, RawStorage, U1};

use super::{dynamic, dynamic_mut, put_nothing, put_sparse};
use crate::differentiable::{Differentiable, Real, TangentOf};
use crate::put::Put;
use crate::rules::slice::{AsSliceRule, GetRule};
use crate::rules::{Operand, method_rule};

method_rule! {
    /// Row `i`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    RowRule ad_row;
    /// Column `j`.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    ColumnRule ad_column;
    /// The `n` rows from `i` on.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    RowsRule ad_rows;
    /// The `n` columns from `j` on.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    ColumnsRule ad_columns;
    /// The part with the given upper left corner and shape.
    ///
    /// Keeps the receiver, of which it reads the shape, and the arguments.
    ViewRule ad_view;
    /// The part of constant shape at `(i, j)`; reads the shape off the result.
    ///
    /// Keeps the receiver, the arguments and the result.
    FixedViewRule ad_fixed_view;
    /// The constant number of rows from `i` on; reads the shape off the result.
    ///
    /// Keeps the receiver, the arguments and the result.
    FixedRowsRule ad_fixed_rows;
    /// The constant number of columns from `j` on; reads the shape off the result.
    ///
    /// Keeps the receiver, the arguments and the result.
    FixedColumnsRule ad_fixed_columns;
    /// The diagonal of a square matrix.
    ///
    /// Keeps the receiver, of which it reads the shape.
    DiagonalRule ad_diagonal;
}

/// `dest += g` at `corner`.
#[inline]
fn put_part<T: Real, R: Dim, C: Dim, RG: Dim, CG: Dim, P: Put<OMatrix<T, R, C>>>(
    shape: (R, C),
    corner: (usize, usize),
    g: &OMatrix<T, RG, CG>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>,
{
    put_sparse(shape, dest, |sum| {
        let (rows, columns) = g.shape();
        dynamic_mut(sum)
            .generic_view_mut(corner, (Dyn(rows), Dyn(columns)))
            .zip_apply(&dynamic(g), |sum, g| *sum += g);
    })
}

macro_rules! parts {
    ($($Rule:ident $method:ident ($($n:ident $N:ident $P:ident),*) -> ($RG:ty, $CG:ty) at $corner:expr;)*) => { $(
        impl<T: Real, R: Dim, C: Dim, S0, $($N, $P),*> $Rule<($($N,)*), (), ($($P,)*)>
            for Matrix<T, R, C, S0>
        where
            S0: RawStorage<T, R, C>,
            $($N: Operand<V = usize>, $P: Put<()>,)*
            DefaultAllocator: Allocator<R, C> + Allocator<$RG, $CG>,
        {
            type G = OMatrix<T, $RG, $CG>;
            type Outs = ($($P::Out,)*);
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                ($($n,)*): ($($N,)*),
                (): (),
                g: &Self::G,
                dest: S,
                dests: ($($P,)*),
            ) -> (S::Out, Self::Outs) {
                $(let $n = *$n.val();)*
                let out = put_part(self.shape_generic(), $corner, g, dest);
                let ($($n,)*) = dests;
                (out, ($(put_nothing($n),)*))
            }
        }
    )* };
}

parts! {
    RowRule ad_row (i I SI) -> (U1, C) at (i, 0);
    ColumnRule ad_column (j J SJ) -> (R, U1) at (0, j);
    RowsRule ad_rows (i I SI, n N SN) -> (Dyn, C) at { let _ = n; (i, 0) };
    ColumnsRule ad_columns (j J SJ, n N SN) -> (R, Dyn) at { let _ = n; (0, j) };
}

impl<T: Real, R: Dim, C: Dim, S0, A, N, SA: Put<((), ())>, SN: Put<((), ())>>
    ViewRule<(A, N), (), (SA, SN)> for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    A: Operand<V = (usize, usize)>,
    N: Operand<V = (usize, usize)>,
    DefaultAllocator: Allocator<R, C> + Allocator<Dyn, Dyn>,
{
    type G = OMatrix<T, Dyn, Dyn>;
    type Outs = (SA::Out, SN::Out);
    #[inline]
    fn ad_view<S: Put<OMatrix<T, R, C>>>(
        &self,
        (corner, _): (A, N),
        (): (),
        g: &Self::G,
        dest: S,
        (to_corner, to_shape): (SA, SN),
    ) -> (S::Out, (SA::Out, SN::Out)) {
        (
            put_part(self.shape_generic(), *corner.val(), g, dest),
            (
                to_corner.put(|| ((), ()), |_| ()),
                to_shape.put(|| ((), ()), |_| ()),
            ),
        )
    }
}

macro_rules! fixed_parts {
    ($($Rule:ident $method:ident ($($n:ident $N:ident $P:ident),*) at $corner:expr;)*) => { $(
        impl<'y, T: Real, R: Dim, C: Dim, S0, RY: Dim, CY: Dim, SY, $($N, $P),*>
            $Rule<($($N,)*), &'y Matrix<T, RY, CY, SY>, ($($P,)*)> for Matrix<T, R, C, S0>
        where
            S0: RawStorage<T, R, C>,
            SY: RawStorage<T, RY, CY>,
            $($N: Operand<V = usize>, $P: Put<()>,)*
            DefaultAllocator: Allocator<R, C> + Allocator<RY, CY>,
        {
            type G = OMatrix<T, RY, CY>;
            type Outs = ($($P::Out,)*);
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                ($($n,)*): ($($N,)*),
                _: &'y Matrix<T, RY, CY, SY>,
                g: &Self::G,
                dest: S,
                dests: ($($P,)*),
            ) -> (S::Out, Self::Outs) {
                $(let $n = *$n.val();)*
                let out = put_part(self.shape_generic(), $corner, g, dest);
                let ($($n,)*) = dests;
                (out, ($(put_nothing($n),)*))
            }
        }
    )* };
}

fixed_parts! {
    FixedViewRule ad_fixed_view (i I SI, j J SJ) at (i, j);
    FixedRowsRule ad_fixed_rows (i I SI) at (i, 0);
    FixedColumnsRule ad_fixed_columns (j J SJ) at (0, j);
}

impl<T: Real, D: Dim, S0: RawStorage<T, D, D>> DiagonalRule<(), (), ()> for Matrix<T, D, D, S0>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type G = OVector<T, D>;
    type Outs = ();
    #[inline]
    fn ad_diagonal<S: Put<OMatrix<T, D, D>>>(
        &self,
        (): (),
        (): (),
        g: &Self::G,
        dest: S,
        (): (),
    ) -> (S::Out, ()) {
        let add = |sum: &mut OMatrix<T, D, D>| {
            for (i, g) in g.as_slice().iter().enumerate() {
                sum[(i, i)] += *g;
            }
        };
        (put_sparse(self.shape_generic(), dest, add), ())
    }
}

/// What names one entry of a matrix: a row and a column, or a position column by column.
pub trait EntryIndex: Differentiable {
    /// The position column by column, in a matrix with this number of rows.
    fn ad_position(&self, rows: usize) -> usize;
}

impl EntryIndex for usize {
    #[inline]
    fn ad_position(&self, _: usize) -> usize {
        *self
    }
}

impl EntryIndex for (usize, usize) {
    #[inline]
    fn ad_position(&self, rows: usize) -> usize {
        self.0 + self.1 * rows
    }
}

/// `x.get(i)`, `x.get((i, j))` of one entry: it gets the cotangent, if there is one.
impl<T: Real, R: Dim, C: Dim, S0, I, SI> GetRule<(I,), (), (SI,)> for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    I: Operand<V: EntryIndex>,
    SI: Put<TangentOf<I::V>>,
    DefaultAllocator: Allocator<R, C>,
{
    type G = Option<T>;
    type Outs = (SI::Out,);
    #[inline]
    fn ad_get<S: Put<OMatrix<T, R, C>>>(
        &self,
        (index,): (I,),
        (): (),
        g: &Option<T>,
        dest: S,
        (to_index,): (SI,),
    ) -> (S::Out, (SI::Out,)) {
        let index = index.val();
        let add = |sum: &mut OMatrix<T, R, C>| {
            if let Some(g) = g {
                sum[index.ad_position(self.nrows())] += *g;
            }
        };
        (
            put_sparse(self.shape_generic(), dest, add),
            (to_index.put(|| I::V::ad_zero(&index.ad_shape()), |_| ()),),
        )
    }
}

/// The entries, column by column.
impl<T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>> AsSliceRule<(), (), ()>
    for Matrix<T, R, C, S0>
where
    DefaultAllocator: Allocator<R, C>,
{
    type G = Vec<T>;
    type Outs = ();
    #[inline]
    fn ad_as_slice<S: Put<OMatrix<T, R, C>>>(
        &self,
        (): (),
        (): (),
        g: &Vec<T>,
        dest: S,
        (): (),
    ) -> (S::Out, ()) {
        let (rows, columns) = self.shape_generic();
        let out = dest.put(
            || OMatrix::from_iterator_generic(rows, columns, g.iter().copied()),
            |sum| {
                assert_eq!(sum.len(), g.len(), "cotangents of different lengths");
                for (sum, g) in sum.as_mut_slice().iter_mut().zip(g) {
                    *sum += *g;
                }
            },
        );
        (out, ())
    }
}
