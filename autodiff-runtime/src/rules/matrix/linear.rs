//! Sums, differences, negation.

use core::marker::PhantomData;

use nalgebra::allocator::{Allocator, SameShapeC, SameShapeR};
use nalgebra::constraint::{SameNumberOfColumns, SameNumberOfRows, ShapeConstraint};
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{hands_back, put_copy, put_negated, put_negated_owned, put_owned};
use crate::differentiable::Real;
use crate::put::Put;
use crate::rules::arithmetic::CopyPull;
use crate::rules::{AddRule, EmptySum, NegRule, Pull1, Pull2, SubRule, SumRule};
use crate::tape::only;

/// `g` to the left operand, `g` to the right one; `(R, C)` and `(R2, C2)` are their dimensions, `(RG, CG)` those of
/// the sum, which differ in type where a static and a dynamic operand meet.
#[derive(Clone, Copy, Debug)]
pub struct MatrixAddPull<T, R, C, R2, C2, RG, CG>(Operands<T, R, C, R2, C2, RG, CG>);

/// `g` to the left operand, `-g` to the right one.
#[derive(Clone, Copy, Debug)]
pub struct MatrixSubPull<T, R, C, R2, C2, RG, CG>(Operands<T, R, C, R2, C2, RG, CG>);

/// `-g` to the operand.
#[derive(Clone, Copy, Debug)]
pub struct MatrixNegPull<T, R, C>(OneOperand<T, R, C>);

only!(
    [T, R, C, R2, C2, RG, CG] MatrixAddPull<T, R, C, R2, C2, RG, CG> = MatrixAddPull(PhantomData),
    [T, R, C, R2, C2, RG, CG] MatrixSubPull<T, R, C, R2, C2, RG, CG> = MatrixSubPull(PhantomData),
    [T, R, C] MatrixNegPull<T, R, C> = MatrixNegPull(PhantomData),
);

type OneOperand<T, R, C> = PhantomData<fn() -> (T, R, C)>;
type Operands<T, R, C, R2, C2, RG, CG> = PhantomData<fn() -> (T, (R, C), (R2, C2), (RG, CG))>;

/// Should the right operand own the cotangent? The left one does where both could.
#[inline]
fn right_owns<A, B, SA, SB>() -> bool
where
    A: crate::tangent::Tangent,
    B: crate::tangent::Tangent,
    SA: Put<A>,
    SB: Put<B>,
{
    !SA::ACTIVE || (hands_back::<B, SB>() && !hands_back::<A, SA>())
}

macro_rules! sum_pull {
    ($Pull:ident $right:ident $right_owned:ident) => {
        impl<T: Real, R: Dim, C: Dim, R2: Dim, C2: Dim, RG: Dim, CG: Dim> Pull2
            for $Pull<T, R, C, R2, C2, RG, CG>
        where
            DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + Allocator<RG, CG>,
        {
            type G = OMatrix<T, RG, CG>;
            type TA = OMatrix<T, R, C>;
            type TB = OMatrix<T, R2, C2>;
            #[inline]
            fn pull<SA: Put<Self::TA>, SB: Put<Self::TB>>(
                self,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                (put_copy(g, sa), $right(g, sb))
            }
            #[inline]
            fn pull_owned<SA: Put<Self::TA>, SB: Put<Self::TB>>(
                self,
                g: Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                if right_owns::<Self::TA, Self::TB, SA, SB>() {
                    let left = put_copy(&g, sa);
                    (left, $right_owned(g, sb))
                } else {
                    let right = $right(&g, sb);
                    (put_owned(g, sa), right)
                }
            }
        }
    };
}
sum_pull!(MatrixAddPull put_copy put_owned);
sum_pull!(MatrixSubPull put_negated put_negated_owned);

impl<T: Real, R: Dim, C: Dim> Pull1 for MatrixNegPull<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    type TA = OMatrix<T, R, C>;
    #[inline]
    fn pull<SA: Put<Self::TA>>(self, g: &Self::G, sa: SA) -> SA::Out {
        put_negated(g, sa)
    }
    #[inline]
    fn pull_owned<SA: Put<Self::TA>>(self, g: Self::G, sa: SA) -> SA::Out {
        put_negated_owned(g, sa)
    }
}

macro_rules! sum_rule {
    ($Rule:ident $method:ident $Pull:ident) => {
        impl<T: Real, R: Dim, C: Dim, S, R2: Dim, C2: Dim, S2> $Rule<Matrix<T, R2, C2, S2>>
            for Matrix<T, R, C, S>
        where
            S: RawStorage<T, R, C>,
            S2: RawStorage<T, R2, C2>,
            ShapeConstraint: SameNumberOfRows<R, R2> + SameNumberOfColumns<C, C2>,
            DefaultAllocator: Allocator<R, C>
                + Allocator<R2, C2>
                + Allocator<SameShapeR<R, R2>, SameShapeC<C, C2>>,
        {
            type Pull = $Pull<T, R, C, R2, C2, SameShapeR<R, R2>, SameShapeC<C, C2>>;
            #[inline]
            fn $method(&self, _: &Matrix<T, R2, C2, S2>) -> Self::Pull {
                $Pull(PhantomData)
            }
        }
    };
}
sum_rule!(AddRule ad_add MatrixAddPull);
sum_rule!(SubRule ad_sub MatrixSubPull);

impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> NegRule for Matrix<T, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Pull = MatrixNegPull<T, R, C>;
    #[inline]
    fn ad_neg(&self) -> Self::Pull {
        MatrixNegPull(PhantomData)
    }
}

/// `sum + term`. The empty sum of a dynamic dimension has no size yet: it is empty, and the first term replaces it.
fn add_term<T: Real, R: Dim, C: Dim>(
    mut sum: OMatrix<T, R, C>,
    term: &OMatrix<T, R, C>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    if sum.is_empty() {
        return term.clone();
    }
    super::accumulate(&mut sum, term, |sum, term| *sum += term);
    sum
}

/// nalgebra panics for an empty sum of matrices with a dynamic dimension; in differentiated code it is a matrix
/// without entries.
impl<T: Real, R: Dim, C: Dim> SumRule<OMatrix<T, R, C>> for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Pull = CopyPull<OMatrix<T, R, C>>;
    #[inline]
    fn ad_sum(self, term: Self) -> (Self, Self::Pull) {
        let sum = if self.is_empty() {
            term
        } else {
            add_term(self, &term)
        };
        (sum, CopyPull(PhantomData))
    }
}

impl<'a, T: Real, R: Dim, C: Dim> SumRule<&'a OMatrix<T, R, C>> for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Pull = CopyPull<OMatrix<T, R, C>>;
    #[inline]
    fn ad_sum(self, term: &'a Self) -> (Self, Self::Pull) {
        (add_term(self, term), CopyPull(PhantomData))
    }
}

/// A dynamic matrix has no shape yet: the first term gives it, where nalgebra's own sum of no terms panics.
impl<T: Real, R: Dim, C: Dim> EmptySum for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    #[inline]
    fn ad_empty_sum() -> Self {
        OMatrix::zeros_generic(
            R::from_usize(R::try_to_usize().unwrap_or(0)),
            C::from_usize(C::try_to_usize().unwrap_or(0)),
        )
    }
}
