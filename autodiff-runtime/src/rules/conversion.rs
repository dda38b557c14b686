//! `Type::from(x)`: the same entries in another type.

use nalgebra::allocator::Allocator;
use nalgebra::{Const, DefaultAllocator, DimName, OPoint, OVector, SVector, Translation, U1};

use super::geometry::{PointTangent, TranslationTangent};
use super::{Operand, method_rule};
use crate::differentiable::{Differentiable, Real, TangentOf};
use crate::put::Put;
use crate::rules::matrix::Parts;
use crate::tangent::Tangent;

method_rule! {
    /// `Vec::from(x)`, `Point::from(v)`, `Translation::from(v)`: entry by entry. As a constructor, it takes the result as
    /// its receiver.
    FromRule ad_from;
}

/// A tangent made of entries: a vector, an array, that of a point.
pub trait Entries<T>: Tangent {
    /// Entry `k` is `entry(k)`.
    fn ad_from_entries(entry: impl Fn(usize) -> T) -> Self;
}

impl<T: Real, D: DimName> Entries<T> for OVector<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    #[inline]
    fn ad_from_entries(entry: impl Fn(usize) -> T) -> Self {
        OVector::from_fn_generic(D::name(), U1, |i, _| entry(i))
    }
}

impl<T: Real, const N: usize> Entries<T> for [T; N] {
    #[inline]
    fn ad_from_entries(entry: impl Fn(usize) -> T) -> Self {
        core::array::from_fn(entry)
    }
}

impl<T: Real, const N: usize> Entries<T> for PointTangent<T, Const<N>> {
    #[inline]
    fn ad_from_entries(entry: impl Fn(usize) -> T) -> Self {
        PointTangent {
            coords: SVector::from_fn(|i, _| entry(i)),
        }
    }
}

macro_rules! from_entries {
    ($([$($p:tt)*] $t:ty => $g:ty where [$($w:tt)*] |$cotangent:ident, $k:ident| $entry:expr;)*) => { $(
        impl<$($p)*, A, SA> FromRule<(A,), (), (SA,)> for $t
        where
            A: Operand,
            TangentOf<A::V>: Entries<T>,
            SA: Put<TangentOf<A::V>>,
            $($w)*
        {
            type G = $g;
            type Outs = (SA::Out,);
            #[inline]
            fn ad_from<S: Put<$g>>(
                &self,
                _: (A,),
                (): (),
                $cotangent: &$g,
                dest: S,
                (to,): (SA,),
            ) -> (S::Out, (SA::Out,)) {
                (
                    dest.put(|| <$t>::ad_zero(&self.ad_shape()), |_| ()),
                    (to.give(|| Entries::ad_from_entries(|$k| $entry)),),
                )
            }
        }
    )* };
}
from_entries! {
    [T: Real, D: DimName] OPoint<T, D> => PointTangent<T, D> where [DefaultAllocator: Allocator<D>,] |g, k| g.coords[k];
    [T: Real, const N: usize] Translation<T, N> => TranslationTangent<T, N> where [] |g, k| g.vector[k];
}

/// A `Vec` of an array or of a slice.
impl<T: Differentiable, A, SA> FromRule<(A,), (), (SA,)> for [T]
where
    A: Operand,
    TangentOf<A::V>: Parts<T::Tangent>,
    SA: Put<TangentOf<A::V>>,
{
    type G = Vec<T::Tangent>;
    type Outs = (SA::Out,);
    #[inline]
    fn ad_from<S: Put<Vec<T::Tangent>>>(
        &self,
        _: (A,),
        (): (),
        g: &Self::G,
        dest: S,
        (to,): (SA,),
    ) -> (S::Out, (SA::Out,)) {
        (
            dest.put(|| <[T]>::ad_zero(&self.ad_shape()), |_| ()),
            (to.give(|| Parts::ad_from_parts(g.len(), |k| g[k].clone())),),
        )
    }
}
