//! Rules of nalgebra matrices and vectors.
//!
//! Every rule is generic over the scalar, the dimensions (static, dynamic or mixed) and the storage (owned matrices and
//! views). Its where clauses ask for nothing but `Allocator`s and what the method itself asks for, so that a generic
//! function needs no bound beyond those of its own body. The cotangent of a view is an owned matrix of its shape.
//!
//! A cotangent is owned and therefore contiguous, an operand may be a view with any strides. That decides the form of
//! the kernels: what is owned is handled as a slice, and operands of unrelated dimension types meet as views with
//! dynamic dimensions, which costs nothing where the dimensions are constants.

use core::any::Any;
use std::borrow::Cow;

use nalgebra::allocator::Allocator;
use nalgebra::{
    DMatrixView, DMatrixViewMut, DefaultAllocator, Dim, Dyn, Matrix, MatrixView, OMatrix,
    RawStorage,
};

use crate::differentiable::Real;
use crate::put::Put;

mod bilinear;
mod construction;
mod edition;
mod elementwise;
mod extremes;
mod functions;
mod linear;
mod norms;
mod products;
mod reductions;
mod selection;
mod shape;
mod statistics;
mod updates;
mod views;

pub use bilinear::*;
pub use construction::*;
pub use edition::*;
pub use elementwise::*;
pub use extremes::*;
pub use linear::*;
pub use norms::*;
pub use products::*;
pub use reductions::*;
pub use selection::*;
pub use shape::*;
pub use statistics::*;
pub use updates::*;
pub use views::*;

/// A length as a scalar.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "no matrix has 2⁵³ entries, and the division by the count rounds anyway"
)]
pub(super) fn scalar<T: Real>(count: usize) -> T {
    T::ad_from_f64(count as f64)
}

/// `sign(x)`, and 0 at 0.
#[inline]
pub(super) fn sign<T: Real>(x: T) -> T {
    if x > T::zero() {
        T::one()
    } else if x < T::zero() {
        -T::one()
    } else {
        x * T::zero()
    }
}

// === one matrix under several types ===

/// A matrix with its dimensions as run-time values.
#[inline]
pub(super) fn dynamic<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    matrix: &Matrix<T, R, C, S>,
) -> MatrixView<'_, T, Dyn, Dyn, S::RStride, S::CStride> {
    let (rows, columns) = matrix.shape();
    matrix.generic_view((0, 0), (Dyn(rows), Dyn(columns)))
}

/// An owned matrix with its dimensions as run-time values.
#[inline]
pub(super) fn dynamic_mut<T: Real, R: Dim, C: Dim>(
    matrix: &mut OMatrix<T, R, C>,
) -> DMatrixViewMut<'_, T>
where
    DefaultAllocator: Allocator<R, C>,
{
    let (rows, columns) = matrix.shape();
    DMatrixViewMut::from_slice_generic(matrix.as_mut_slice(), Dyn(rows), Dyn(columns))
}

/// The transpose of an owned matrix, not copied.
#[inline]
pub(super) fn transposed<T: Real>(
    entries: &[T],
    rows: usize,
    columns: usize,
) -> DMatrixView<'_, T, Dyn, nalgebra::U1> {
    DMatrixView::from_slice_with_strides_generic(
        entries,
        Dyn(columns),
        Dyn(rows),
        Dyn(rows),
        nalgebra::Const::<1>,
    )
}

/// The same matrix under other dimension types; where they are the same, which is the common case, the compiler sees
/// that nothing happens.
#[inline]
pub(super) fn recast<T: Real, R: Dim, C: Dim, R2: Dim, C2: Dim>(
    matrix: &OMatrix<T, R, C>,
) -> Cow<'_, OMatrix<T, R2, C2>>
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
{
    match (matrix as &dyn Any).downcast_ref() {
        Some(same) => Cow::Borrowed(same),
        None => Cow::Owned(copy_as(matrix)),
    }
}

/// As [`recast`], of an owned matrix.
#[inline]
pub(super) fn recast_owned<T: Real, R: Dim, C: Dim, R2: Dim, C2: Dim>(
    matrix: OMatrix<T, R, C>,
) -> OMatrix<T, R2, C2>
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
{
    let mut cell = Some(matrix);
    if let Some(same) = (&mut cell as &mut dyn Any).downcast_mut::<Option<OMatrix<T, R2, C2>>>() {
        return same.take().expect("the cell was filled above");
    }
    copy_as(&cell.expect("the cell was filled above"))
}

fn copy_as<T: Real, R: Dim, C: Dim, R2: Dim, C2: Dim>(
    matrix: &OMatrix<T, R, C>,
) -> OMatrix<T, R2, C2>
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
{
    let (rows, columns) = matrix.shape();
    OMatrix::from_iterator_generic(
        R2::from_usize(rows),
        C2::from_usize(columns),
        matrix.as_slice().iter().copied(),
    )
}

// === contributions ===

/// `dest += g`.
#[inline]
pub(super) fn put_copy<T: Real, R: Dim, C: Dim, RG: Dim, CG: Dim, P: Put<OMatrix<T, R, C>>>(
    g: &OMatrix<T, RG, CG>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>,
{
    dest.put(
        || recast::<T, RG, CG, R, C>(g).into_owned(),
        |sum| accumulate(sum, g, |sum, g| *sum += g),
    )
}

/// `dest += g`, where `g` is not needed afterwards.
#[inline]
pub(super) fn put_owned<T: Real, R: Dim, C: Dim, RG: Dim, CG: Dim, P: Put<OMatrix<T, R, C>>>(
    g: OMatrix<T, RG, CG>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>,
{
    dest.give(|| recast_owned(g))
}

/// `dest -= g`.
#[inline]
pub(super) fn put_negated<T: Real, R: Dim, C: Dim, RG: Dim, CG: Dim, P: Put<OMatrix<T, R, C>>>(
    g: &OMatrix<T, RG, CG>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>,
{
    dest.put(
        || recast_owned(-g),
        |sum| accumulate(sum, g, |sum, g| *sum -= g),
    )
}

/// `dest -= g`, where `g` is not needed afterwards.
#[inline]
pub(super) fn put_negated_owned<
    T: Real,
    R: Dim,
    C: Dim,
    RG: Dim,
    CG: Dim,
    P: Put<OMatrix<T, R, C>>,
>(
    g: OMatrix<T, RG, CG>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>,
{
    // Only one of the two closures runs; the cell lets both of them own the cotangent.
    let cell = core::cell::Cell::new(Some(g));
    let take = || cell.take().expect("a destination is written once");
    dest.put(
        || recast_owned(-take()),
        |sum| accumulate(sum, &take(), |sum, g| *sum -= g),
    )
}

/// Combines two owned matrices of one shape entry by entry.
#[inline]
fn accumulate<T: Real, R: Dim, C: Dim, RG: Dim, CG: Dim>(
    sum: &mut OMatrix<T, R, C>,
    g: &OMatrix<T, RG, CG>,
    f: impl Fn(&mut T, T),
) where
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG>,
{
    assert_eq!(sum.shape(), g.shape(), "cotangents of different shapes");
    for (sum, g) in sum.as_mut_slice().iter_mut().zip(g.as_slice()) {
        f(sum, *g);
    }
}

/// `dest += f(x)`, entry by entry.
#[inline]
pub(super) fn put_map<T: Real, R: Dim, C: Dim, R2: Dim, C2: Dim, S, P: Put<OMatrix<T, R, C>>>(
    x: &Matrix<T, R2, C2, S>,
    dest: P,
    f: impl Fn(T) -> T,
) -> P::Out
where
    S: RawStorage<T, R2, C2>,
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
{
    dest.put(
        || recast_owned(x.map(&f)),
        |sum| dynamic_mut(sum).zip_apply(&dynamic(x), |sum, x| *sum += f(x)),
    )
}

/// `dest += f(g, x)`, entry by entry.
#[inline]
pub(super) fn put_zip<T: Real, R: Dim, C: Dim, RG: Dim, CG: Dim, R2: Dim, C2: Dim, S, P>(
    g: &OMatrix<T, RG, CG>,
    x: &Matrix<T, R2, C2, S>,
    dest: P,
    f: impl Fn(T, T) -> T,
) -> P::Out
where
    S: RawStorage<T, R2, C2>,
    P: Put<OMatrix<T, R, C>>,
    DefaultAllocator: Allocator<R, C> + Allocator<RG, CG> + Allocator<R2, C2>,
{
    dest.put(
        || {
            let mut fresh = recast::<T, RG, CG, R, C>(g).into_owned();
            dynamic_mut(&mut fresh).zip_apply(&dynamic(x), |g, x| *g = f(*g, x));
            fresh
        },
        |sum| {
            dynamic_mut(sum).zip_zip_apply(&dynamic(g), &dynamic(x), |sum, g, x| *sum += f(g, x));
        },
    )
}

/// `dest += f(row, column)`, for a matrix of the given shape.
#[inline]
pub(super) fn put_entries<T: Real, R: Dim, C: Dim, P: Put<OMatrix<T, R, C>>>(
    (rows, columns): (R, C),
    dest: P,
    f: impl Fn(usize, usize) -> T,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    dest.put(
        || OMatrix::from_fn_generic(rows, columns, &f),
        |sum| {
            for j in 0..columns.value() {
                for i in 0..rows.value() {
                    sum[(i, j)] += f(i, j);
                }
            }
        },
    )
}

/// `dest += c`, every entry.
#[inline]
pub(super) fn put_constant<T: Real, R: Dim, C: Dim, P: Put<OMatrix<T, R, C>>>(
    (rows, columns): (R, C),
    c: T,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    dest.put(
        || OMatrix::from_element_generic(rows, columns, c),
        |sum| {
            for sum in sum.as_mut_slice() {
                *sum += c;
            }
        },
    )
}

/// `dest += ` what `add` adds to a zero of the given shape: for contributions that leave most entries alone.
#[inline]
pub(super) fn put_sparse<T: Real, R: Dim, C: Dim, P: Put<OMatrix<T, R, C>>>(
    (rows, columns): (R, C),
    dest: P,
    add: impl Fn(&mut OMatrix<T, R, C>),
) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    dest.put(
        || {
            let mut fresh = OMatrix::zeros_generic(rows, columns);
            add(&mut fresh);
            fresh
        },
        &add,
    )
}

/// `dest += s`.
#[inline]
pub(super) fn put_scalar<T: Real, P: Put<T>>(dest: P, s: impl Fn() -> T) -> P::Out {
    dest.put(&s, |sum| *sum += s())
}

/// Nothing, for an operand without derivative.
#[inline]
pub(super) fn put_nothing<P: Put<()>>(dest: P) -> P::Out {
    dest.put(|| (), |()| ())
}

/// Is `dest` the one that hands its contribution back, so that it should be the one to own it?
///
/// [`Fresh`](crate::put::Fresh) is told by what it hands back; a contribution without bytes needs no owner.
#[inline]
fn hands_back<T: crate::tangent::Tangent, P: Put<T>>() -> bool {
    size_of::<P::Out>() != 0
}

#[inline]
fn is_static_up_to<const N: usize>(dimensions: &[Option<usize>]) -> bool {
    dimensions
        .iter()
        .all(|dimension| dimension.is_some_and(|dimension| dimension <= N))
}
