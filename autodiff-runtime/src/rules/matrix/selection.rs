//! Rows and columns that are picked by a list of their numbers.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Dyn, Matrix, OMatrix, RawStorage};

use super::put_sparse;
use crate::differentiable::{Differentiable, Real, TangentOf};
use crate::put::Put;
use crate::rules::{Operand, method_rule};

method_rule! {
    /// `m.select_rows(&rows)`: row `k` of the cotangent is added to row `rows[k]`.
    ///
    /// Keeps the receiver and the argument. Cost: the entries of the result.
    SelectRowsRule ad_select_rows;
    /// `m.select_columns(&columns)`: column `k` of the cotangent is added to column `columns[k]`.
    ///
    /// Keeps the receiver and the argument. Cost: the entries of the result.
    SelectColumnsRule ad_select_columns;
}

/// A list of numbers of rows or columns.
pub trait Indices: Differentiable {
    /// The numbers.
    fn ad_indices(&self) -> &[usize];
}

impl Indices for [usize] {
    fn ad_indices(&self) -> &[usize] {
        self
    }
}

impl<const N: usize> Indices for [usize; N] {
    fn ad_indices(&self) -> &[usize] {
        self
    }
}

macro_rules! selections {
    ($($Rule:ident $method:ident $R:ty, $C:ty, |$i:ident, $j:ident, $at:ident| $entry:expr;)*) => { $(
        impl<T: Real, R: Dim, C: Dim, S0, I, P> $Rule<(I,), (), (P,)> for Matrix<T, R, C, S0>
        where
            S0: RawStorage<T, R, C>,
            I: Operand<V: Indices>,
            P: Put<TangentOf<I::V>>,
            DefaultAllocator: Allocator<R, C> + Allocator<$R, $C>,
        {
            type G = OMatrix<T, $R, $C>;
            type Outs = (P::Out,);
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                (indices,): (I,),
                (): (),
                g: &Self::G,
                dest: S,
                (to,): (P,),
            ) -> (S::Out, (P::Out,)) {
                let $at = indices.val().ad_indices();
                let to_self = put_sparse(self.shape_generic(), dest, |sum| {
                    for $j in 0..g.ncols() {
                        for $i in 0..g.nrows() {
                            sum[$entry] += g[($i, $j)];
                        }
                    }
                });
                let shape = indices.val().ad_shape();
                (to_self, (to.put(|| <I::V as Differentiable>::ad_zero(&shape), |_| ()),))
            }
        }
    )* };
}
selections! {
    SelectRowsRule ad_select_rows Dyn, C, |i, j, at| (at[i], j);
    SelectColumnsRule ad_select_columns R, Dyn, |i, j, at| (i, at[j]);
}
