//! Points and translations.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut, Sub};

use nalgebra::allocator::Allocator;
use nalgebra::{
    Const, DefaultAllocator, Dim, DimName, Matrix, OMatrix, OPoint, OVector, RawStorage, SVector,
    Translation, U1,
};

use super::{fields, itself, none};
use crate::differentiable::{Differentiable, Real};
use crate::put::Put;
use crate::rules::factorisation::InverseRule;
use crate::rules::matrix::{
    NewRule, ToHomogeneousRule, put_copy, put_entries, put_negated, put_scalar,
};
use crate::rules::{AddRule, DivRule, MulRule, NegRule, Pull1, Pull2, SubRule, method_rule, rule};
use crate::tape::only;

method_rule! {
    /// `t.transform_point(&p)`: with `Rᵀ` of the rotation, `p̄ += Rᵀ g`, `φ̄ += p × Rᵀ g`, `t̄ += g`.
    ///
    /// Keeps the receiver and the argument.
    TransformPointRule ad_transform_point;
    /// `t.transform_vector(&v)`: `v̄ += Rᵀ g`, `φ̄ += v × Rᵀ g`.
    ///
    /// Keeps the receiver and the argument.
    TransformVectorRule ad_transform_vector;
    /// `t.inverse_transform_point(&p)`, `y = Rᵀ (p - t)`: `p̄ += R g`, `t̄ -= R g`, `φ̄ += g × y`.
    ///
    /// Keeps the receiver and the argument.
    InverseTransformPointRule ad_inverse_transform_point;
    /// `t.inverse_transform_vector(&v)`, `y = Rᵀ v`: `v̄ += R g`, `φ̄ += g × y`.
    ///
    /// Keeps the receiver and the argument.
    InverseTransformVectorRule ad_inverse_transform_vector;
}

fields! {
    /// A displacement of a point, in the field that a point has.
    PointTangent [T: Real, D: DimName] [T, D] where [DefaultAllocator: Allocator<D>] {
        /// That of the coordinates.
        coords: OVector<T, D>,
    }
}

fields! {
    /// A displacement of a translation, in the field that a translation has.
    TranslationTangent [T: Real, const N: usize] [T, N] where [] {
        /// That of the vector.
        vector: SVector<T, N>,
    }
}

impl<T: Real, D: DimName> Deref for PointTangent<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type Target = OVector<T, D>;
    #[inline(always)]
    fn deref(&self) -> &OVector<T, D> {
        &self.coords
    }
}

impl<T: Real, D: DimName> DerefMut for PointTangent<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut OVector<T, D> {
        &mut self.coords
    }
}

impl<T: Real, const N: usize> Deref for TranslationTangent<T, N> {
    type Target = SVector<T, N>;
    #[inline(always)]
    fn deref(&self) -> &SVector<T, N> {
        &self.vector
    }
}

impl<T: Real, const N: usize> DerefMut for TranslationTangent<T, N> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut SVector<T, N> {
        &mut self.vector
    }
}

/// `point - gradient`.
impl<T: Real, D: DimName> Sub<PointTangent<T, D>> for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type Output = OPoint<T, D>;
    fn sub(self, step: PointTangent<T, D>) -> OPoint<T, D> {
        OPoint {
            coords: self.coords - step.coords,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, D: DimName> Differentiable for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type Tangent = PointTangent<T, D>;
    type Shape = ();
    type Owned = Self;
    #[inline(always)]
    fn ad_only_shape() -> Option<()> {
        Some(())
    }
    #[inline]
    fn ad_shape(&self) {}
    #[inline]
    fn ad_zero((): &()) -> PointTangent<T, D> {
        PointTangent {
            coords: OVector::zeros_generic(D::name(), U1),
        }
    }
    #[inline]
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    fn ad_step(&self, direction: &PointTangent<T, D>, step: f64) -> Self {
        OPoint {
            coords: self.coords.ad_step(&direction.coords, step),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, const N: usize> Differentiable for Translation<T, N> {
    type Tangent = TranslationTangent<T, N>;
    type Shape = ();
    type Owned = Self;
    #[inline(always)]
    fn ad_only_shape() -> Option<()> {
        Some(())
    }
    #[inline]
    fn ad_shape(&self) {}
    #[inline]
    fn ad_zero((): &()) -> TranslationTangent<T, N> {
        TranslationTangent {
            vector: SVector::zeros(),
        }
    }
    #[inline]
    fn ad_owned(&self) -> Self {
        *self
    }
    fn ad_step(&self, direction: &TranslationTangent<T, N>, step: f64) -> Self {
        Translation {
            vector: self.vector.ad_step(&direction.vector, step),
        }
    }
}

itself! {
    [T: Real, D: DimName] OPoint<T, D> where [DefaultAllocator: Allocator<D>];
    [T: Real, const N: usize] Translation<T, N> where [];
}

// === sums and differences ===

/// The pulls of `p + v`, `p - v` and `p - q`; the last parameter is the space of the right operand.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::type_complexity,
    reason = "the three types are only named here"
)]
pub struct PointPull<T, D, B, const MINUS: bool>(PhantomData<fn() -> (T, D, B)>);

only!([T, D, B, const MINUS: bool] PointPull<T, D, B, MINUS> = PointPull(PhantomData));

/// `dest += s g`, to the coordinates.
fn put_coords<T: Real, D: DimName, P: Put<PointTangent<T, D>>>(
    g: &OVector<T, D>,
    factor: T,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D>,
{
    dest.put(
        || PointTangent { coords: g * factor },
        |sum| {
            for (sum, g) in sum.coords.as_mut_slice().iter_mut().zip(g.as_slice()) {
                *sum += *g * factor;
            }
        },
    )
}

impl<T: Real, D: DimName, D2: Dim, const MINUS: bool> Pull2
    for PointPull<T, D, OVector<T, D2>, MINUS>
where
    DefaultAllocator: Allocator<D> + Allocator<D2>,
{
    type G = PointTangent<T, D>;
    type TA = PointTangent<T, D>;
    type TB = OVector<T, D2>;
    #[inline]
    fn pull<SA: Put<Self::TA>, SB: Put<Self::TB>>(
        self,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let to_b = if MINUS {
            put_negated(&g.coords, sb)
        } else {
            put_copy(&g.coords, sb)
        };
        (put_coords(&g.coords, T::one(), sa), to_b)
    }
}

impl<T: Real, D: DimName> Pull2 for PointPull<T, D, PointTangent<T, D>, true>
where
    DefaultAllocator: Allocator<D>,
{
    type G = OVector<T, D>;
    type TA = PointTangent<T, D>;
    type TB = PointTangent<T, D>;
    #[inline]
    fn pull<SA: Put<Self::TA>, SB: Put<Self::TB>>(
        self,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (put_coords(g, T::one(), sa), put_coords(g, -T::one(), sb))
    }
}

macro_rules! point_sums {
    ($($Rule:ident $method:ident $minus:literal;)*) => { $(
        /// A point moved by a vector: `g` to both, with the sign.
        impl<T: Real, D: DimName, D2: Dim, S: RawStorage<T, D2, U1>> $Rule<Matrix<T, D2, U1, S>> for OPoint<T, D>
        where
            DefaultAllocator: Allocator<D> + Allocator<D2>,
        {
            type Pull = PointPull<T, D, OVector<T, D2>, $minus>;
            #[inline]
            fn $method(&self, _: &Matrix<T, D2, U1, S>) -> Self::Pull {
                PointPull(PhantomData)
            }
        }
    )* };
}
point_sums! {
    AddRule ad_add false;
    SubRule ad_sub true;
}

/// The vector from one point to another: `p̄ += g`, `q̄ -= g`.
impl<T: Real, D: DimName> SubRule<OPoint<T, D>> for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type Pull = PointPull<T, D, PointTangent<T, D>, true>;
    #[inline]
    fn ad_sub(&self, _: &OPoint<T, D>) -> Self::Pull {
        PointPull(PhantomData)
    }
}

/// `-g` to the operand.
#[derive(Clone, Copy, Debug)]
pub struct PointNegPull<T, D>(PhantomData<fn() -> (T, D)>);

only!([T, D] PointNegPull<T, D> = PointNegPull(PhantomData));

impl<T: Real, D: DimName> Pull1 for PointNegPull<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type G = PointTangent<T, D>;
    type TA = PointTangent<T, D>;
    #[inline]
    fn pull<SA: Put<Self::TA>>(self, g: &Self::G, sa: SA) -> SA::Out {
        put_coords(&g.coords, -T::one(), sa)
    }
}

impl<T: Real, D: DimName> NegRule for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type Pull = PointNegPull<T, D>;
    #[inline]
    fn ad_neg(&self) -> Self::Pull {
        PointNegPull(PhantomData)
    }
}

/// `p s`: `p̄ += s g`, `s̄ += ⟨g, p⟩`.
impl<T: Real, D: DimName> MulRule<T> for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type G = PointTangent<T, D>;
    #[inline]
    fn ad_mul<SA: Put<PointTangent<T, D>>, SB: Put<T>>(
        &self,
        right: &T,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            put_coords(&g.coords, *right, sa),
            put_scalar(sb, || g.coords.dot(&self.coords)),
        )
    }
}

/// `p / s`: `p̄ += g / s`, `s̄ -= ⟨g, p⟩ / s²`. Undefined at `s = 0`.
impl<T: Real, D: DimName> DivRule<T> for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type G = PointTangent<T, D>;
    #[inline]
    fn ad_div<SA: Put<PointTangent<T, D>>, SB: Put<T>>(
        &self,
        right: &T,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            put_coords(&g.coords, T::one() / *right, sa),
            put_scalar(sb, || -(g.coords.dot(&self.coords) / *right) / *right),
        )
    }
}

/// `A p`: as for the coordinates.
impl<T: Real, R: DimName, D: DimName, S: RawStorage<T, R, D>> MulRule<OPoint<T, D>>
    for Matrix<T, R, D, S>
where
    DefaultAllocator: Allocator<R, D> + Allocator<R> + Allocator<D>,
{
    type G = PointTangent<T, R>;
    #[inline]
    fn ad_mul<SA: Put<OMatrix<T, R, D>>, SB: Put<PointTangent<T, D>>>(
        &self,
        right: &OPoint<T, D>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            put_entries(self.shape_generic(), sa, |i, j| g[i] * right.coords[j]),
            sb.give(|| PointTangent {
                coords: OVector::from_fn_generic(D::name(), U1, |j, _| {
                    (0..self.nrows()).fold(T::zero(), |sum, i| sum + self[(i, j)] * g[i])
                }),
            }),
        )
    }
}

rule! {
    /// The coordinates and a 1.
    ['y, T: Real, D: DimName, DG: Dim]
    ToHomogeneousRule ad_to_homogeneous(_p: OPoint<T, D>)
    [_ => &'y OVector<T, DG>] where [DefaultAllocator: Allocator<D> + Allocator<DG>]
    |g: OVector<T, DG>, dest| (
        dest.give(|| PointTangent { coords: OVector::from_fn_generic(D::name(), U1, |i, _| g[i]) }),
        (),
    )
}

// === translations ===

macro_rules! translations {
    ($($n:literal: $($A:ident $P:ident $k:literal)*;)*) => { $(
        rule! {
            /// `Translation::new(x, ..)`, entry by entry.
            [T: Real]
            NewRule ad_new(t: Translation<T, $n>; $($A $A $P: T => T),*)
            [() => ()] where []
            |g: TranslationTangent<T, $n>, dest, ($($P),*)| (
                none(t, dest),
                ($(put_scalar($P, || g.vector[$k]),)*),
            )
        }
    )* };
}

#[allow(
    non_snake_case,
    unused_variables,
    reason = "destinations are named after their types; the arguments are not read"
)]
mod entries {
    use super::{NewRule, Real, Translation, TranslationTangent, none, put_scalar, rule};

    translations! {
        1: A0 P0 0;
        2: A0 P0 0 A1 P1 1;
        3: A0 P0 0 A1 P1 1 A2 P2 2;
        4: A0 P0 0 A1 P1 1 A2 P2 2 A3 P3 3;
    }
}

/// A vector, made where no bound on the allocator hides the constructor.
fn entries_of<T: Real, const N: usize>(entry: impl Fn(usize) -> T) -> SVector<T, N> {
    SVector::from_fn(|i, _| entry(i))
}

/// `dest += s g`, to the vector.
pub(super) fn put_vector<T: Real, const N: usize, P: Put<TranslationTangent<T, N>>>(
    vector: SVector<T, N>,
    dest: P,
) -> P::Out {
    dest.give(|| TranslationTangent { vector })
}

/// The composition of translations is the sum: `ā += g`, `b̄ += g`.
impl<T: Real, const N: usize> MulRule<Translation<T, N>> for Translation<T, N> {
    type G = TranslationTangent<T, N>;
    #[inline]
    fn ad_mul<SA: Put<TranslationTangent<T, N>>, SB: Put<TranslationTangent<T, N>>>(
        &self,
        _: &Translation<T, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (put_vector(g.vector, sa), put_vector(g.vector, sb))
    }
}

/// `a b⁻¹`: `ā += g`, `b̄ -= g`.
impl<T: Real, const N: usize> DivRule<Translation<T, N>> for Translation<T, N> {
    type G = TranslationTangent<T, N>;
    #[inline]
    fn ad_div<SA: Put<TranslationTangent<T, N>>, SB: Put<TranslationTangent<T, N>>>(
        &self,
        _: &Translation<T, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (put_vector(g.vector, sa), put_vector(-g.vector, sb))
    }
}

/// A point moved: `t̄ += g`, `p̄ += g`.
impl<T: Real, const N: usize> MulRule<OPoint<T, Const<N>>> for Translation<T, N> {
    type G = PointTangent<T, Const<N>>;
    #[inline]
    fn ad_mul<SA: Put<TranslationTangent<T, N>>, SB: Put<PointTangent<T, Const<N>>>>(
        &self,
        _: &OPoint<T, Const<N>>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            put_vector(g.coords, sa),
            put_coords(&g.coords, T::one(), sb),
        )
    }
}

rule! {
    [T: Real, const N: usize]
    TransformPointRule ad_transform_point(_t: Translation<T, N>; _p P SP: OPoint<T, Const<N>> => PointTangent<T, Const<N>>)
    [() => ()] where []
    |g: PointTangent<T, Const<N>>, dest, (to_p)| (
        put_vector(g.coords, dest),
        (put_coords(&g.coords, T::one(), to_p),),
    )
}

rule! {
    [T: Real, const N: usize]
    InverseTransformPointRule ad_inverse_transform_point(_t: Translation<T, N>; _p P SP: OPoint<T, Const<N>> => PointTangent<T, Const<N>>)
    [() => ()] where []
    |g: PointTangent<T, Const<N>>, dest, (to_p)| (
        put_vector(-g.coords, dest),
        (put_coords(&g.coords, T::one(), to_p),),
    )
}

rule! {
    ['y, T: Real, const N: usize]
    InverseRule ad_inverse(_t: Translation<T, N>)
    [_ => &'y Translation<T, N>] where []
    |g: TranslationTangent<T, N>, dest| (put_vector(-g.vector, dest), ())
}

rule! {
    /// The matrix with the translation in its last column.
    ['y, T: Real, const N: usize, DG: Dim]
    ToHomogeneousRule ad_to_homogeneous(_t: Translation<T, N>)
    [_ => &'y OMatrix<T, DG, DG>] where [DefaultAllocator: Allocator<DG, DG>]
    |g: OMatrix<T, DG, DG>, dest| (put_vector(entries_of(|i| g[(i, N)]), dest), ())
}
