//! Products of matrices, vectors and scalars.
//!
//! The cotangents of a product are products again, with one factor transposed: `Ā = G Bᵀ`, `B̄ = Aᵀ G`. nalgebra
//! reaches its fast kernel only for products of untransposed operands, so the transposition is put where it is a mere
//! change of strides, on the owned matrices: `Āᵀ = B Gᵀ` and `B̄ᵀ = Gᵀ A` accumulate into a transposed view of the
//! destination, and `A`, `B` may be views with any strides. Products with a side of a few entries, matrix times vector
//! above all, are sums of columns or inner products of columns instead. Kernels for dynamic dimensions are compiled
//! once per scalar and stay out of line; small static dimensions are plain loops that the compiler unrolls.

use nalgebra::allocator::{Allocator, SameShapeC, SameShapeR};
use nalgebra::constraint::{SameNumberOfColumns, SameNumberOfRows, ShapeConstraint};
use nalgebra::{
    Const, DMatrixView, DMatrixViewMut, DVectorView, DVectorViewMut, DefaultAllocator, Dim, Dyn,
    Matrix, MatrixView, MatrixViewMut, OMatrix, RawStorage,
};

use super::elementwise::quotient;
use super::{dynamic, is_static_up_to, put_entries, put_map, put_scalar, transposed};
use crate::differentiable::Real;
use crate::put::Put;
use crate::rules::{DivRule, MulRule, Operand, method_rule};

/// Up to this length of every side, static products are unrolled loops.
const UNROLLED: usize = 8;

/// Up to this length of a side, a product is taken column by column.
const NARROW: usize = 5;

// === kernels ===

/// What the two kinds of product have in common: an unrolled form for small static dimensions, and one kernel that
/// makes or extends a contiguous matrix for all others.
#[inline]
fn put_product<T: Real, R: Dim, C: Dim, P: Put<OMatrix<T, R, C>>>(
    shape: (R, C),
    unrolled: bool,
    dest: P,
    entry: impl Fn(usize, usize) -> T,
    fresh: impl Fn() -> Vec<T>,
    into: impl Fn(&mut [T]),
) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    if unrolled {
        return put_entries(shape, dest, entry);
    }
    dest.put(
        || OMatrix::from_vec_generic(shape.0, shape.1, fresh()),
        |sum| into(sum.as_mut_slice()),
    )
}

/// `Σ term(l)`, where an empty sum is 0 and a first term is not added to it.
#[inline]
fn sum_up<T: Real>(count: usize, term: impl Fn(usize) -> T) -> T {
    if count == 0 {
        return T::zero();
    }
    (1..count).fold(term(0), |sum, l| sum + term(l))
}

/// `dest += left rightᵀ`, where `left` is `rows × inner` and owned.
#[inline]
pub(super) fn put_outer<T: Real, R: Dim, C: Dim, K: Dim, R2: Dim, C2: Dim, S, P>(
    shape: (R, C),
    left: &OMatrix<T, R, K>,
    right: &Matrix<T, R2, C2, S>,
    dest: P,
) -> P::Out
where
    S: RawStorage<T, R2, C2>,
    P: Put<OMatrix<T, R, C>>,
    DefaultAllocator: Allocator<R, C> + Allocator<R, K>,
{
    let unrolled = is_static_up_to::<UNROLLED>(&[
        R::try_to_usize(),
        R2::try_to_usize(),
        C2::try_to_usize(),
        K::try_to_usize(),
    ]);
    put_product(
        shape,
        unrolled,
        dest,
        |i, j| sum_up(right.ncols(), |l| left[(i, l)] * right[(j, l)]),
        || outer(left.as_slice(), left.nrows(), &dynamic(right)),
        |sum| add_outer(sum, left.as_slice(), left.nrows(), &dynamic(right)),
    )
}

/// `dest += leftᵀ right`, where `right` is owned.
#[inline]
pub(super) fn put_inner<T: Real, R: Dim, C: Dim, R2: Dim, C2: Dim, S, RG: Dim, P>(
    shape: (R, C),
    left: &Matrix<T, R2, C2, S>,
    right: &OMatrix<T, RG, C>,
    dest: P,
) -> P::Out
where
    S: RawStorage<T, R2, C2>,
    P: Put<OMatrix<T, R, C>>,
    DefaultAllocator: Allocator<R, C> + Allocator<RG, C>,
{
    let unrolled = is_static_up_to::<UNROLLED>(&[
        R2::try_to_usize(),
        C2::try_to_usize(),
        C::try_to_usize(),
        RG::try_to_usize(),
    ]);
    put_product(
        shape,
        unrolled,
        dest,
        |i, j| sum_up(left.nrows(), |l| left[(l, i)] * right[(l, j)]),
        || inner(&dynamic(left), right.as_slice(), right.ncols()),
        |sum| add_inner(sum, &dynamic(left), right.as_slice(), right.ncols()),
    )
}

/// Is every side long enough for the blocked kernel?
fn is_wide(sides: [usize; 3]) -> bool {
    sides.iter().all(|side| *side > NARROW)
}

/// The columns of a contiguous matrix. A matrix without rows has none to visit.
fn columns<T>(entries: &[T], rows: usize) -> core::slice::ChunksExact<'_, T> {
    entries.chunks_exact(rows.max(1))
}

#[inline]
fn add_scaled<T: Real>(sum: &mut [T], x: &[T], factor: T) {
    for (sum, x) in sum.iter_mut().zip(x) {
        *sum += *x * factor;
    }
}

fn assert_size<T>(sum: &[T], rows: usize, columns: usize) {
    assert_eq!(
        sum.len(),
        rows * columns,
        "the destination of a {rows}×{columns} cotangent has another size"
    );
}

/// `left rightᵀ`, with `left` contiguous.
#[inline(never)]
pub(in crate::rules) fn outer<T: Real, RS: Dim, CS: Dim>(
    left: &[T],
    rows: usize,
    right: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
) -> Vec<T> {
    let (width, inner) = right.shape();
    if inner == 0 || is_wide([rows, width, inner]) {
        let mut product = vec![T::zero(); rows * width];
        if inner != 0 {
            blocked_outer(&mut product, left, rows, right, false);
        }
        return product;
    }
    let mut product = Vec::with_capacity(rows * width);
    for j in 0..width {
        let mut factors = columns(left, rows).enumerate();
        if let Some((_, first)) = factors.next() {
            let factor = right[(j, 0)];
            product.extend(first.iter().map(|x| *x * factor));
        }
        for (l, column) in factors {
            add_scaled(&mut product[j * rows..], column, right[(j, l)]);
        }
    }
    product
}

/// `sum += left rightᵀ`, with `left` contiguous.
#[inline(never)]
fn add_outer<T: Real, RS: Dim, CS: Dim>(
    sum: &mut [T],
    left: &[T],
    rows: usize,
    right: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
) {
    let (width, inner) = right.shape();
    assert_size(sum, rows, width);
    if is_wide([rows, width, inner]) {
        return blocked_outer(sum, left, rows, right, true);
    }
    for (j, sum) in sum.chunks_exact_mut(rows.max(1)).enumerate() {
        for (l, column) in columns(left, rows).enumerate() {
            add_scaled(sum, column, right[(j, l)]);
        }
    }
}

/// `sumᵀ = right leftᵀ`, or `sumᵀ += right leftᵀ`.
fn blocked_outer<T: Real, RS: Dim, CS: Dim>(
    sum: &mut [T],
    left: &[T],
    rows: usize,
    right: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
    keep: bool,
) {
    let (width, inner) = right.shape();
    let left = transposed(left, rows, inner);
    T::ad_put_product(&mut transposed_mut(sum, rows, width), right, &left, keep);
}

/// `left rightᵀ`, with `right` contiguous and `width` rows.
#[inline(never)]
fn outer_of_view<T: Real, RS: Dim, CS: Dim>(
    left: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
    right: &[T],
    width: usize,
) -> Vec<T> {
    let (rows, inner) = left.shape();
    if is_wide([rows, width, inner]) {
        let mut product = vec![T::zero(); rows * width];
        let right = transposed(right, width, inner);
        let sum = &mut DMatrixViewMut::from_slice(&mut product, rows, width);
        T::ad_put_product(sum, left, &right, false);
        return product;
    }
    let left = left.clone_owned();
    outer(
        left.as_slice(),
        rows,
        &DMatrixView::from_slice(right, width, inner),
    )
}

/// `sum += left rightᵀ`, with `right` contiguous and `width` rows.
#[inline(never)]
fn add_outer_of_view<T: Real, RS: Dim, CS: Dim>(
    sum: &mut [T],
    left: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
    right: &[T],
    width: usize,
) {
    let (rows, inner) = left.shape();
    assert_size(sum, rows, width);
    if is_wide([rows, width, inner]) {
        let right = transposed(right, width, inner);
        let sum = &mut DMatrixViewMut::from_slice(sum, rows, width);
        return T::ad_put_product(sum, left, &right, true);
    }
    let left = left.clone_owned();
    add_outer(
        sum,
        left.as_slice(),
        rows,
        &DMatrixView::from_slice(right, width, inner),
    );
}

/// `leftᵀ right`, with `right` contiguous and `width` columns.
#[inline(never)]
fn inner<T: Real, RS: Dim, CS: Dim>(
    left: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
    right: &[T],
    width: usize,
) -> Vec<T> {
    let (depth, rows) = left.shape();
    if is_wide([rows, width, depth]) {
        let mut product = vec![T::zero(); rows * width];
        blocked_inner(&mut product, left, right, width, false);
        return product;
    }
    let mut product = Vec::with_capacity(rows * width);
    for j in 0..width {
        let column = &right[j * depth..(j + 1) * depth];
        if depth == 1 {
            product.extend((0..rows).map(|i| left[(0, i)] * column[0]));
        } else {
            let column = DVectorView::from_slice(column, depth);
            product.extend((0..rows).map(|i| left.column(i).dot(&column)));
        }
    }
    product
}

/// `sum += leftᵀ right`, with `right` contiguous and `width` columns.
#[inline(never)]
fn add_inner<T: Real, RS: Dim, CS: Dim>(
    sum: &mut [T],
    left: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
    right: &[T],
    width: usize,
) {
    let (depth, rows) = left.shape();
    assert_size(sum, rows, width);
    if is_wide([rows, width, depth]) {
        return blocked_inner(sum, left, right, width, true);
    }
    for (j, sum) in sum.chunks_exact_mut(rows.max(1)).enumerate() {
        let column = &right[j * depth..(j + 1) * depth];
        if depth == 1 {
            for (i, sum) in sum.iter_mut().enumerate() {
                *sum += left[(0, i)] * column[0];
            }
        } else {
            let column = DVectorView::from_slice(column, depth);
            for (i, sum) in sum.iter_mut().enumerate() {
                *sum += left.column(i).dot(&column);
            }
        }
    }
}

/// `sumᵀ = rightᵀ left`, or `sumᵀ += rightᵀ left`.
fn blocked_inner<T: Real, RS: Dim, CS: Dim>(
    sum: &mut [T],
    left: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
    right: &[T],
    width: usize,
    keep: bool,
) {
    let (depth, rows) = left.shape();
    let right = transposed(right, depth, width);
    T::ad_put_product(&mut transposed_mut(sum, rows, width), &right, left, keep);
}

/// The transpose of a contiguous `rows × columns` matrix, to be written.
fn transposed_mut<T: Real>(
    entries: &mut [T],
    rows: usize,
    columns: usize,
) -> MatrixViewMut<'_, T, Dyn, Dyn, Dyn, Const<1>> {
    MatrixViewMut::from_slice_with_strides_generic(
        entries,
        Dyn(columns),
        Dyn(rows),
        Dyn(rows),
        Const::<1>,
    )
}

/// `sum = left right + beta sum`, with `right` and `sum` contiguous.
#[inline(never)]
fn product<T: Real, RS: Dim, CS: Dim>(
    sum: &mut [T],
    left: &MatrixView<'_, T, Dyn, Dyn, RS, CS>,
    right: &[T],
    width: usize,
    beta: T,
) {
    let (rows, depth) = left.shape();
    assert_size(sum, rows, width);
    if left.strides().0 != 1 && !is_wide([rows, width, depth]) {
        // nalgebra's `gemv` and `axpy` run past the end of a column whose entries are apart: dimforge/nalgebra#1616.
        let left = left.clone_owned();
        return product(sum, &dynamic(&left), right, width, beta);
    }
    if width == 1 {
        let right = DVectorView::from_slice(right, depth);
        return DVectorViewMut::from_slice(sum, rows).gemv(T::one(), left, &right, beta);
    }
    let right = DMatrixView::from_slice(right, depth, width);
    let sum = &mut DMatrixViewMut::from_slice(sum, rows, width);
    T::ad_put_product(sum, left, &right, !beta.is_zero());
}

// === operators ===

/// `Ā += G Bᵀ`, `B̄ += Aᵀ G`.
///
/// Shapes: `A` m×k, `B` k×n, `G` m×n; a vector is a matrix with one column. Cost: two products of the size of the
/// primal one, in place where the cotangent exists.
impl<T: Real, R: Dim, C: Dim, S, R2: Dim, C2: Dim, S2> MulRule<Matrix<T, R2, C2, S2>>
    for Matrix<T, R, C, S>
where
    S: RawStorage<T, R, C>,
    S2: RawStorage<T, R2, C2>,
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + Allocator<R, C2>,
{
    type G = OMatrix<T, R, C2>;
    #[inline]
    fn ad_mul<SA: Put<OMatrix<T, R, C>>, SB: Put<OMatrix<T, R2, C2>>>(
        &self,
        right: &Matrix<T, R2, C2, S2>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            put_outer(self.shape_generic(), g, right, sa),
            put_inner(right.shape_generic(), self, g, sb),
        )
    }
}

/// `Ā += s G`, `s̄ += ⟨G, A⟩`.
impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> MulRule<T> for Matrix<T, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    #[inline]
    fn ad_mul<SA: Put<OMatrix<T, R, C>>, SB: Put<T>>(
        &self,
        right: &T,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            put_map(g, sa, |g| g * *right),
            put_scalar(sb, || g.dot(self)),
        )
    }
}

/// `s̄ += ⟨G, A⟩`, `Ā += s G`.
impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> MulRule<Matrix<T, R, C, S>> for T
where
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    #[inline]
    fn ad_mul<SA: Put<T>, SB: Put<OMatrix<T, R, C>>>(
        &self,
        right: &Matrix<T, R, C, S>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (right, left) = right.ad_mul(self, g, sb, sa);
        (left, right)
    }
}

/// `Ā += G / s`, `s̄ -= ⟨G, A⟩ / s²`.
///
/// Undefined at `s = 0`, where entries with a cotangent of zero still contribute zero.
impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> DivRule<T> for Matrix<T, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    #[inline]
    fn ad_div<SA: Put<OMatrix<T, R, C>>, SB: Put<T>>(
        &self,
        right: &T,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let s = *right;
        let slope = || {
            if !s.ad_at_zero() {
                return -(g.dot(self) / s) / s;
            }
            (g.iter().zip(self.iter()))
                .filter(|(g, _)| !g.is_zero())
                .fold(T::zero(), |sum, (g, a)| sum - (*g / s) * (*a / s))
        };
        (put_map(g, sa, |g| quotient(g, s)), put_scalar(sb, slope))
    }
}

// === methods ===

method_rule! {
    /// `aᵀ b`, entry by entry, of two vectors or matrices of one shape: `ā += g b`, `b̄ += g a`.
    ///
    /// Keeps the receiver and the argument.
    DotRule ad_dot;
    /// `Aᵀ B`: `Ā += B Gᵀ`, `B̄ += A G`.
    ///
    /// Keeps the receiver and the argument.
    TrMulRule ad_tr_mul;
    /// `a × b` of two vectors with three entries: `ā += b × g`, `b̄ += g × a`.
    ///
    /// Keeps the receiver and the argument.
    CrossRule ad_cross;
}

impl<T: Real, R: Dim, C: Dim, S0, R2: Dim, C2: Dim, S2, B, SB> DotRule<(B,), (), (SB,)>
    for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    S2: RawStorage<T, R2, C2>,
    B: Operand<V = Matrix<T, R2, C2, S2>>,
    SB: Put<OMatrix<T, R2, C2>>,
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
{
    type G = T;
    type Outs = (SB::Out,);
    #[inline]
    fn ad_dot<S: Put<OMatrix<T, R, C>>>(
        &self,
        (b,): (B,),
        (): (),
        g: &T,
        dest: S,
        (db,): (SB,),
    ) -> (S::Out, (SB::Out,)) {
        (
            put_map(b.val(), dest, |b| b * *g),
            (put_map(self, db, |a| a * *g),),
        )
    }
}

impl<T: Real, R: Dim, C: Dim, S0, R2: Dim, C2: Dim, S2, B, SB> TrMulRule<(B,), (), (SB,)>
    for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    S2: RawStorage<T, R2, C2>,
    B: Operand<V = Matrix<T, R2, C2, S2>>,
    SB: Put<OMatrix<T, R2, C2>>,
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + Allocator<C, C2>,
{
    type G = OMatrix<T, C, C2>;
    type Outs = (SB::Out,);
    #[inline]
    fn ad_tr_mul<S: Put<OMatrix<T, R, C>>>(
        &self,
        (b,): (B,),
        (): (),
        g: &Self::G,
        dest: S,
        (db,): (SB,),
    ) -> (S::Out, (SB::Out,)) {
        let b = b.val();
        let unrolled = is_static_up_to::<UNROLLED>(&[
            R::try_to_usize(),
            C::try_to_usize(),
            R2::try_to_usize(),
            C2::try_to_usize(),
        ]);
        let to_a = put_product(
            self.shape_generic(),
            unrolled,
            dest,
            |i, j| sum_up(b.ncols(), |l| b[(i, l)] * g[(j, l)]),
            || outer_of_view(&dynamic(b), g.as_slice(), g.nrows()),
            |sum| add_outer_of_view(sum, &dynamic(b), g.as_slice(), g.nrows()),
        );
        let to_b = put_product(
            b.shape_generic(),
            unrolled,
            db,
            |i, j| sum_up(self.ncols(), |l| self[(i, l)] * g[(l, j)]),
            || {
                let mut fresh = vec![T::zero(); b.nrows() * b.ncols()];
                product(
                    &mut fresh,
                    &dynamic(self),
                    g.as_slice(),
                    g.ncols(),
                    T::zero(),
                );
                fresh
            },
            |sum| product(sum, &dynamic(self), g.as_slice(), g.ncols(), T::one()),
        );
        (to_a, (to_b,))
    }
}

/// Entry `k` of `a × b`.
#[inline]
fn cross_entry<T: Real, R: Dim, C: Dim, S, R2: Dim, C2: Dim, S2>(
    a: &Matrix<T, R, C, S>,
    b: &Matrix<T, R2, C2, S2>,
    k: usize,
) -> T
where
    S: RawStorage<T, R, C>,
    S2: RawStorage<T, R2, C2>,
{
    let (next, last) = ((k + 1) % 3, (k + 2) % 3);
    a[next] * b[last] - a[last] * b[next]
}

impl<T: Real, R: Dim, C: Dim, S0, R2: Dim, C2: Dim, S2, B, SB> CrossRule<(B,), (), (SB,)>
    for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    S2: RawStorage<T, R2, C2>,
    B: Operand<V = Matrix<T, R2, C2, S2>>,
    SB: Put<OMatrix<T, R2, C2>>,
    ShapeConstraint: SameNumberOfRows<R, R2> + SameNumberOfColumns<C, C2>,
    DefaultAllocator:
        Allocator<R, C> + Allocator<R2, C2> + Allocator<SameShapeR<R, R2>, SameShapeC<C, C2>>,
{
    type G = OMatrix<T, SameShapeR<R, R2>, SameShapeC<C, C2>>;
    type Outs = (SB::Out,);
    #[inline]
    fn ad_cross<S: Put<OMatrix<T, R, C>>>(
        &self,
        (b,): (B,),
        (): (),
        g: &Self::G,
        dest: S,
        (db,): (SB,),
    ) -> (S::Out, (SB::Out,)) {
        let b = b.val();
        (
            put_entries(self.shape_generic(), dest, |i, j| cross_entry(b, g, i + j)),
            (put_entries(b.shape_generic(), db, |i, j| {
                cross_entry(g, self, i + j)
            }),),
        )
    }
}
