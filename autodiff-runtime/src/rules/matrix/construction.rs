//! Constructors: `Type::name(args)`.
//!
//! Their rules take the *result* as the receiver, because its type and shape say how the arguments were laid out, and
//! its own destination is `Skip`. A rule asks for its arguments only where their type decides the form of a
//! contribution (an array or a slice); elsewhere a placeholder will do.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, OVector, RawStorage, RowOVector, U1};

use super::{put_constant, put_nothing, put_scalar};
use crate::differentiable::{Real, TangentOf};
use crate::put::Put;
use crate::rules::{Operand, method_rule};
use crate::tangent::Tangent;

method_rule! {
    /// Every entry is `x`: `x̄ += Σ G`.
    FromElementRule ad_from_element;
    /// Every entry is `x`: `x̄ += Σ G`.
    RepeatRule ad_repeat;
    /// Every entry of the diagonal is `x`: `x̄ += tr G`.
    FromDiagonalElementRule ad_from_diagonal_element;
    /// A diagonal matrix: `x̄ += diag G`.
    FromDiagonalRule ad_from_diagonal;
    /// The entries column by column, from a vector that is moved in.
    FromVecRule ad_from_vec;
    /// The entries column by column, from a slice or an array.
    FromColumnSliceRule ad_from_column_slice;
    /// The entries row by row, from a slice or an array.
    FromRowSliceRule ad_from_row_slice;
    /// The columns, from a slice or an array of vectors.
    FromColumnsRule ad_from_columns;
    /// The rows, from a slice or an array of vectors.
    FromRowsRule ad_from_rows;
    /// The entries one by one, row by row, of a matrix with constant dimensions.
    NewRule ad_new;
}

/// The destination of the result itself, which has no contribution.
#[inline]
fn put_none<T: Real, R: Dim, C: Dim, P: Put<OMatrix<T, R, C>>>(shape: (R, C), dest: P) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    debug_assert!(!P::ACTIVE, "the result of a constructor is no operand");
    put_constant(shape, T::zero(), dest)
}

/// A tangent made of `count` parts: a vector, or an array.
pub trait Parts<E>: Tangent {
    /// Part `k` is `part(k)`.
    fn ad_from_parts(count: usize, part: impl FnMut(usize) -> E) -> Self;
    /// The parts, to be added to.
    fn ad_parts(shadow: &mut Self::Shadow) -> &mut [E];
}

impl<E: Tangent> Parts<E> for Vec<E> {
    #[inline]
    fn ad_from_parts(count: usize, part: impl FnMut(usize) -> E) -> Self {
        (0..count).map(part).collect()
    }
    #[inline]
    fn ad_parts(shadow: &mut [E]) -> &mut [E] {
        shadow
    }
}

impl<E: Tangent, const N: usize> Parts<E> for [E; N] {
    #[inline]
    fn ad_from_parts(_: usize, part: impl FnMut(usize) -> E) -> Self {
        core::array::from_fn(part)
    }
    #[inline]
    fn ad_parts(shadow: &mut [E; N]) -> &mut [E] {
        shadow
    }
}

/// `dest += part(k)`, for each of `count` parts.
#[inline]
fn put_parts<E: Tangent, V: Parts<E>, P: Put<V>>(
    count: usize,
    dest: P,
    part: impl Fn(usize) -> E,
) -> P::Out {
    dest.put(
        || V::ad_from_parts(count, &part),
        |sum| {
            for (k, sum) in V::ad_parts(sum).iter_mut().enumerate() {
                E::ad_add(sum.ad_place(), &part(k));
            }
        },
    )
}

/// Rules of constructors whose last argument carries the derivative; what precedes it are dimensions. Each line is
/// `Rule method [bounds of the operand] Part, |g, k| part`.
macro_rules! with_dimensions {
    ($($dimension:ident $P:ident)* ; $Rule:ident $method:ident ($A:ident $Dest:ident: $($put:tt)*)
        [$($bound:tt)*] |$g:ident, $to:ident| $body:expr) => {
        #[allow(non_snake_case, reason = "the destinations are named after their types")]
        impl<T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, $($dimension, $P: Put<()>,)* $A, $Dest>
            $Rule<($($dimension,)* $A,), (), ($($P,)* $Dest,)> for Matrix<T, R, C, S0>
        where
            $($bound)*
            $Dest: $($put)*,
            DefaultAllocator: Allocator<R, C>,
        {
            type G = OMatrix<T, R, C>;
            type Outs = ($($P::Out,)* $Dest::Out,);
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                _: ($($dimension,)* $A,),
                (): (),
                $g: &Self::G,
                dest: S,
                ($($P,)* $to,): ($($P,)* $Dest,),
            ) -> (S::Out, Self::Outs) {
                (put_none(self.shape_generic(), dest), ($(put_nothing($P),)* $body,))
            }
        }
    };
}

macro_rules! with_any_dimensions {
    ($($rest:tt)*) => {
        with_dimensions!(; $($rest)*);
        with_dimensions!(D1 P1; $($rest)*);
        with_dimensions!(D1 P1 D2 P2; $($rest)*);
    };
}

macro_rules! with_all_or_no_dimensions {
    ($($rest:tt)*) => {
        with_dimensions!(; $($rest)*);
        with_dimensions!(D1 P1 D2 P2; $($rest)*);
    };
}

with_any_dimensions!(FromElementRule ad_from_element (A SA: Put<T>) [] |g, to| put_scalar(to, || g.sum()));
with_any_dimensions!(RepeatRule ad_repeat (A SA: Put<T>) [] |g, to| put_scalar(to, || g.sum()));
with_any_dimensions!(FromDiagonalElementRule ad_from_diagonal_element (A SA: Put<T>) []
    |g, to| put_scalar(to, || {
        let diagonal = g.nrows().min(g.ncols());
        (0..diagonal).fold(T::zero(), |sum, i| sum + g[(i, i)])
    })
);
with_all_or_no_dimensions!(FromVecRule ad_from_vec (A SA: Put<Vec<T>>) []
    |g, to| put_parts(g.len(), to, |k| g[k])
);
with_all_or_no_dimensions!(FromColumnSliceRule ad_from_column_slice (A SA: Put<TangentOf<A::V>>)
    [A: Operand, TangentOf<A::V>: Parts<T>,]
    |g, to| put_parts(g.len(), to, |k| g[k])
);
with_all_or_no_dimensions!(FromRowSliceRule ad_from_row_slice (A SA: Put<TangentOf<A::V>>)
    [A: Operand, TangentOf<A::V>: Parts<T>,]
    |g, to| {
        let columns = g.ncols();
        put_parts(g.len(), to, |k| g[(k / columns, k % columns)])
    }
);
with_dimensions!(; FromColumnsRule ad_from_columns (A SA: Put<TangentOf<A::V>>)
    [A: Operand, DefaultAllocator: Allocator<R, U1>, TangentOf<A::V>: Parts<OVector<T, R>>,]
    |g, to| put_parts(g.ncols(), to, |j| g.column(j).into_owned())
);
with_dimensions!(; FromRowsRule ad_from_rows (A SA: Put<TangentOf<A::V>>)
    [A: Operand, DefaultAllocator: Allocator<U1, C>, TangentOf<A::V>: Parts<RowOVector<T, C>>,]
    |g, to| put_parts(g.nrows(), to, |i| g.row(i).into_owned())
);

impl<T: Real, D: Dim, S0: RawStorage<T, D, D>, A, SA> FromDiagonalRule<(A,), (), (SA,)>
    for Matrix<T, D, D, S0>
where
    SA: Put<OVector<T, D>>,
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type G = OMatrix<T, D, D>;
    type Outs = (SA::Out,);
    #[inline]
    fn ad_from_diagonal<S: Put<OMatrix<T, D, D>>>(
        &self,
        _: (A,),
        (): (),
        g: &Self::G,
        dest: S,
        (to,): (SA,),
    ) -> (S::Out, (SA::Out,)) {
        let (rows, columns) = self.shape_generic();
        (
            put_none((rows, columns), dest),
            (to.put(
                || g.diagonal(),
                |sum| {
                    for (i, sum) in sum.as_mut_slice().iter_mut().enumerate() {
                        *sum += g[(i, i)];
                    }
                },
            ),),
        )
    }
}

/// `new` with one argument per entry.
macro_rules! entry_by_entry {
    ($($($A:ident $P:ident $k:literal)*;)*) => { $(
        #[allow(non_snake_case, reason = "the destinations are named after their types")]
        impl<T: Real, R: Dim, C: Dim, S0, $($A,)* $($P: Put<T>,)*> NewRule<($($A,)*), (), ($($P,)*)>
            for Matrix<T, R, C, S0>
        where
            S0: RawStorage<T, R, C>,
            DefaultAllocator: Allocator<R, C>,
        {
            type G = OMatrix<T, R, C>;
            type Outs = ($($P::Out,)*);
            #[inline]
            fn ad_new<S: Put<OMatrix<T, R, C>>>(
                &self,
                _: ($($A,)*),
                (): (),
                g: &Self::G,
                dest: S,
                ($($P,)*): ($($P,)*),
            ) -> (S::Out, Self::Outs) {
                let columns = g.ncols();
                (
                    put_none(self.shape_generic(), dest),
                    ($(put_scalar($P, || g[($k / columns, $k % columns)]),)*),
                )
            }
        }
    )* };
}
entry_by_entry! {
    A0 P0 0;
    A0 P0 0 A1 P1 1;
    A0 P0 0 A1 P1 1 A2 P2 2;
    A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3;
    A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3 A4 P4 4;
    A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3 A4 P4 4 A5 P5 5;
    A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3 A4 P4 4 A5 P5 5 A6 P6 6 A7 P7 7;
    A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3 A4 P4 4 A5 P5 5 A6 P6 6 A7 P7 7 A8 P8 8;
    A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3 A4 P4 4 A5 P5 5 A6 P6 6 A7 P7 7 A8 P8 8 A9 P9 9 A10 P10 10 A11 P11 11;
    A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3 A4 P4 4 A5 P5 5 A6 P6 6 A7 P7 7 A8 P8 8 A9 P9 9 A10 P10 10 A11 P11 11
    A12 P12 12 A13 P13 13 A14 P14 14 A15 P15 15;
}
