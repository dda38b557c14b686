//! Unit vectors.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage, Storage, Unit};

use super::{itself, none};
use crate::differentiable::{Differentiable, Real};
use crate::put::Put;
use crate::rules::matrix::{CrossRule, DotRule, put_copy, put_zip};
use crate::rules::{NegRule, method_rule, rule};

method_rule! {
    /// `Unit::new_normalize(v)`, `u = v / |v|`: `v̄ += (g - ⟨g, u⟩ u) / |v|`. Of a quaternion, see there.
    NewNormalizeRule ad_new_normalize;
    /// `Unit::new_unchecked(v)`: `v̄ += g`. Of a quaternion, see there.
    NewUncheckedRule ad_new_unchecked;
    /// `u.into_inner()`: the vector. Of a rotation, the matrix; see there.
    ///
    /// Keeps the receiver.
    IntoInnerRule ad_into_inner;
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: Dim, C: Dim, S: Storage<T, R, C>> Differentiable for Unit<Matrix<T, R, C, S>>
where
    DefaultAllocator: Allocator<R, C>,
{
    /// An ordinary vector, of which the part along the unit vector means nothing.
    type Tangent = OMatrix<T, R, C>;
    type Shape = (R, C);
    type Owned = Unit<OMatrix<T, R, C>>;
    #[inline]
    fn ad_shape(&self) -> (R, C) {
        self.shape_generic()
    }
    #[inline]
    fn ad_zero(shape: &(R, C)) -> OMatrix<T, R, C> {
        OMatrix::zeros_generic(shape.0, shape.1)
    }
    #[inline]
    fn ad_owned(&self) -> Self::Owned {
        Unit::new_unchecked(self.as_ref().ad_owned())
    }
    fn ad_step(&self, direction: &OMatrix<T, R, C>, step: f64) -> Self::Owned {
        Unit::new_normalize(self.as_ref().ad_step(direction, step))
    }
}

itself! {
    [T: Real, R: Dim, C: Dim, S: Storage<T, R, C>] Unit<Matrix<T, R, C, S>> where [DefaultAllocator: Allocator<R, C>];
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: Storage<T, R, C>, S2: RawStorage<T, R, C>]
    NewNormalizeRule ad_new_normalize(unit: Unit<Matrix<T, R, C, S0>>; v V SV: Matrix<T, R, C, S2> => OMatrix<T, R, C>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: OMatrix<T, R, C>, dest, (to_v)| {
        let u = unit.as_ref();
        let norm = v.iter().fold(T::zero(), |sum, v| sum + *v * *v).sqrt();
        let along = g.iter().zip(u.iter()).fold(T::zero(), |sum, (g, u)| sum + *g * *u);
        (none(unit, dest), (put_zip(g, u, to_v, |g, u| (g - u * along) / norm),))
    }
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: Storage<T, R, C>, S2: RawStorage<T, R, C>]
    NewUncheckedRule ad_new_unchecked(unit: Unit<Matrix<T, R, C, S0>>; _v V SV: Matrix<T, R, C, S2> => OMatrix<T, R, C>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: OMatrix<T, R, C>, dest, (to_v)| (none(unit, dest), (put_copy(g, to_v),))
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: Storage<T, R, C>]
    IntoInnerRule ad_into_inner(_unit: Unit<Matrix<T, R, C, S0>>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: OMatrix<T, R, C>, dest| (put_copy(g, dest), ())
}

/// The opposite unit vector.
impl<T: Real, R: Dim, C: Dim, S: Storage<T, R, C>> NegRule for Unit<Matrix<T, R, C, S>>
where
    DefaultAllocator: Allocator<R, C>,
    Matrix<T, R, C, S>: NegRule<Pull: crate::rules::Pull1<TA = OMatrix<T, R, C>>>,
{
    type Pull = <Matrix<T, R, C, S> as NegRule>::Pull;
    #[inline]
    fn ad_neg(&self) -> Self::Pull {
        self.as_ref().ad_neg()
    }
}

/// Methods of the vector, through the unit vector.
macro_rules! through {
    ($($Rule:ident $method:ident;)*) => { $(
        impl<T: Real, R: Dim, C: Dim, S, Args, Y, Puts> $Rule<Args, Y, Puts> for Unit<Matrix<T, R, C, S>>
        where
            S: Storage<T, R, C>,
            Matrix<T, R, C, S>: $Rule<Args, Y, Puts> + Differentiable<Tangent = OMatrix<T, R, C>>,
            DefaultAllocator: Allocator<R, C>,
        {
            type G = <Matrix<T, R, C, S> as $Rule<Args, Y, Puts>>::G;
            type Outs = <Matrix<T, R, C, S> as $Rule<Args, Y, Puts>>::Outs;
            #[inline]
            fn $method<P: Put<OMatrix<T, R, C>>>(
                &self,
                args: Args,
                y: Y,
                g: &Self::G,
                dest: P,
                dests: Puts,
            ) -> (P::Out, Self::Outs) {
                self.as_ref().$method(args, y, g, dest, dests)
            }
        }
    )* };
}
through! {
    DotRule ad_dot;
    CrossRule ad_cross;
}
