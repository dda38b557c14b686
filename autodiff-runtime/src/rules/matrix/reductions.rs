//! Methods that reduce a matrix to a number, a row or a column.

use nalgebra::allocator::Allocator;
use nalgebra::{
    ComplexField, DefaultAllocator, Dim, Matrix, OMatrix, OVector, RawStorage, RowOVector, U1,
};

use super::{put_constant, put_entries, put_map, put_sparse, scalar, sign};
use crate::differentiable::Real;
use crate::put::Put;
use crate::rules::elementary::{MaxRule, MinRule};
use crate::rules::method_rule;

method_rule! {
    /// The sum of all entries: `Ā += g`, every entry.
    ///
    /// Keeps the receiver, of which it reads the shape.
    TotalRule ad_sum;
    /// The mean of all entries: `Ā += g / count`, every entry.
    ///
    /// Keeps the receiver, of which it reads the shape.
    MeanRule ad_mean;
    /// The sum of the diagonal: `Ā += g I`.
    ///
    /// Keeps the receiver, of which it reads the shape.
    TraceRule ad_trace;
    /// The 2-norm of a vector, the Frobenius norm of a matrix: `Ā += (g / y) A`. At 0, where the norm is convex with a
    /// kink, the subgradient of least norm: 0.
    ///
    /// Keeps the receiver and the result.
    NormRule ad_norm;
    /// The sum of the squares: `Ā += 2 g A`.
    ///
    /// Keeps the receiver.
    NormSquaredRule ad_norm_squared;
    /// `A / |A|`: `Ā += (G - ⟨Y, G⟩ Y) / |A|`, the part of `G` along the sphere. Undefined at 0, where a cotangent of
    /// zero contributes zero.
    ///
    /// Keeps the receiver and the result.
    NormalizeRule ad_normalize;
    /// The largest absolute value of an entry. Entries that tie share equally; at 0 nothing.
    ///
    /// Keeps the receiver.
    AmaxRule ad_amax;
    /// The smallest absolute value of an entry. Entries that tie share equally; at 0 nothing.
    ///
    /// Keeps the receiver.
    AminRule ad_amin;
    /// The sums of the columns, as a row: `Ā` gains the row `g` in each of its rows.
    ///
    /// Keeps the receiver, of which it reads the shape.
    RowSumRule ad_row_sum;
    /// The means of the columns, as a row.
    ///
    /// Keeps the receiver, of which it reads the shape.
    RowMeanRule ad_row_mean;
    /// The sums of the rows, as a column: `Ā` gains the column `g` in each of its columns.
    ///
    /// Keeps the receiver, of which it reads the shape.
    ColumnSumRule ad_column_sum;
    /// The means of the rows, as a column.
    ///
    /// Keeps the receiver, of which it reads the shape.
    ColumnMeanRule ad_column_mean;
}

/// Rules of `y = x.name()` for a number `y` that keep `x`.
macro_rules! to_number {
    ($($Rule:ident $method:ident |$x:ident, $g:ident, $dest:ident| $body:expr;)*) => { $(
        impl<T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>> $Rule<(), (), ()>
            for Matrix<T, R, C, S0>
        where
            DefaultAllocator: Allocator<R, C>,
        {
            type G = T;
            type Outs = ();
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                (): (),
                (): (),
                g: &T,
                $dest: S,
                (): (),
            ) -> (S::Out, ()) {
                let ($x, $g) = (self, *g);
                ($body, ())
            }
        }
    )* };
}

to_number! {
    TotalRule ad_sum |x, g, dest| put_constant(x.shape_generic(), g, dest);
    MeanRule ad_mean |x, g, dest| put_constant(x.shape_generic(), g / scalar(x.len()), dest);
    TraceRule ad_trace |x, g, dest| put_sparse(x.shape_generic(), dest, |sum| {
        for i in 0..sum.nrows() {
            sum[(i, i)] += g;
        }
    });
    NormSquaredRule ad_norm_squared |x, g, dest| {
        let twice = g + g;
        put_map(x, dest, |x| x * twice)
    };
    MaxRule ad_max |x, g, dest| share(x, x.max(), g, dest, |x| x, |_| T::one());
    MinRule ad_min |x, g, dest| share(x, x.min(), g, dest, |x| x, |_| T::one());
    AmaxRule ad_amax |x, g, dest| share(x, x.amax(), g, dest, ComplexField::abs, sign);
    AminRule ad_amin |x, g, dest| share(x, x.amin(), g, dest, ComplexField::abs, sign);
}

/// Shares `g` among the entries with `f(x) = y`; `slope` is the derivative of `f`.
#[inline]
fn share<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>, P: Put<OMatrix<T, R, C>>>(
    x: &Matrix<T, R, C, S>,
    y: T,
    g: T,
    dest: P,
    f: impl Fn(T) -> T,
    slope: impl Fn(T) -> T,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    let ties = x.iter().filter(|x| f(**x) == y).count();
    let part = g / scalar(ties.max(1));
    put_map(x, dest, |x| {
        if f(x) == y {
            part * slope(x)
        } else {
            T::zero()
        }
    })
}

impl<'y, T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>> NormRule<(), &'y T, ()>
    for Matrix<T, R, C, S0>
where
    DefaultAllocator: Allocator<R, C>,
{
    type G = T;
    type Outs = ();
    #[inline]
    fn ad_norm<S: Put<OMatrix<T, R, C>>>(
        &self,
        (): (),
        y: &'y T,
        g: &T,
        dest: S,
        (): (),
    ) -> (S::Out, ()) {
        let (y, g) = (*y, *g);
        let factor = if y.ad_at_zero() { y } else { g / y };
        (put_map(self, dest, |x| x * factor), ())
    }
}

impl<'y, T: Real, R: Dim, C: Dim, S0> NormalizeRule<(), &'y OMatrix<T, R, C>, ()>
    for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    type Outs = ();
    #[inline]
    fn ad_normalize<S: Put<OMatrix<T, R, C>>>(
        &self,
        (): (),
        y: &'y OMatrix<T, R, C>,
        g: &Self::G,
        dest: S,
        (): (),
    ) -> (S::Out, ()) {
        if !S::ACTIVE {
            return (put_constant(self.shape_generic(), T::zero(), dest), ());
        }
        let norm = self.dot(self).sqrt();
        if norm.ad_at_zero() && g.iter().all(T::is_zero) {
            return (put_constant(self.shape_generic(), T::zero(), dest), ());
        }
        let along = y.dot(g);
        let out = super::put_zip(g, y, dest, |g, y| (g - y * along) / norm);
        (out, ())
    }
}

macro_rules! to_row_or_column {
    ($($Rule:ident $method:ident $Vector:ident<$D:ident> |$x:ident, $g:ident, $i:ident, $j:ident| $entry:expr;)*) => { $(
        impl<T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>> $Rule<(), (), ()>
            for Matrix<T, R, C, S0>
        where
            DefaultAllocator: Allocator<R, C> + Allocator<U1, C> + Allocator<R, U1>,
        {
            type G = $Vector<T, $D>;
            type Outs = ();
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                (): (),
                (): (),
                $g: &Self::G,
                dest: S,
                (): (),
            ) -> (S::Out, ()) {
                let $x = self;
                (put_entries(self.shape_generic(), dest, |$i, $j| $entry), ())
            }
        }
    )* };
}

to_row_or_column! {
    RowSumRule ad_row_sum RowOVector<C> |_x, g, _i, j| g[j];
    RowMeanRule ad_row_mean RowOVector<C> |x, g, _i, j| g[j] / scalar(x.nrows());
    ColumnSumRule ad_column_sum OVector<R> |_x, g, i, _j| g[i];
    ColumnMeanRule ad_column_mean OVector<R> |x, g, i, _j| g[i] / scalar(x.ncols());
}
