//! The halves of what tangent programs call, for derivatives of tangent programs.
//!
//! Each is a namespace beside the function of its name, as `#[differentiate]` makes one. The cotangent of a number
//! `v + d ε` is kept as `g + g' ε`, where `g` belongs to `d` and `g'` to `v`, so that a pullback over dual numbers is the
//! transpose of the tangent; see the [parent](super).

#![allow(
    non_camel_case_types,
    missing_debug_implementations,
    reason = "namespaces, as generated code has them"
)]

use super::{Lift, Split};
use crate::differentiable::{Differentiable, Gradient, Peel, zero_of};
use crate::elements::ElementsMut;
use crate::mark::Mark;
use crate::mutation::CastTangent;
use crate::support::Shadow;
use crate::tangent::{Place, Tangent};
use crate::tape::Tape;

/// Derivatives of [`lift`](super::lift()).
#[doc(hidden)]
pub enum lift {}

impl lift {
    #[inline(always)]
    pub fn __accepts2<M0: Mark, M1: Mark>(_: &(M0, M1)) {}

    #[inline(always)]
    pub fn __fwd2<A, D, M0: Mark, M1: Mark>(
        _: (M0, M1),
        _: &mut Tape,
        value: &A,
        tangent: &D,
    ) -> (
        <A::V as Lift>::Lifted,
        impl FnOnce(
            &mut Tape,
            &A,
            &D,
            Gradient<<A::V as Lift>::Lifted>,
            Option<&mut Shadow<A>>,
            Option<&mut Shadow<D>>,
        ) + Clone
        + use<A, D, M0, M1>,
    )
    where
        A: Peel + ?Sized,
        D: Peel + ?Sized,
        A::V: Lift,
        D::V: Differentiable<Owned = Gradient<A>, Tangent = Gradient<A>>,
        <A::V as Lift>::Lifted: Peel,
        Gradient<<A::V as Lift>::Lifted>: Split<Value = Gradient<A>, Tangent = Gradient<A>>,
    {
        let pull = move |_: &mut Tape,
                         _: &A,
                         tangent: &D,
                         g: Gradient<<A::V as Lift>::Lifted>,
                         to_value: Option<&mut Shadow<A>>,
                         to_tangent: Option<&mut Shadow<D>>| {
            let (of_tangent, mut of_value) = g.ad_split();
            if let Some(shadow) = M0::get(to_value) {
                let tangent = tangent.ad_peel().ad_owned();
                A::V::ad_turned(&tangent, &of_tangent, &mut of_value);
                Gradient::<A>::ad_add(shadow, &of_value);
            }
            if let Some(shadow) = M1::get(to_tangent) {
                Gradient::<A>::ad_add(shadow, &of_tangent);
            }
        };
        (super::lift(value, tangent), pull)
    }
}

/// The cotangent of a value over dual numbers, of which the tangent has a cotangent and the value has one.
fn joined<S>(value: &S, of_tangent: &S::Tangent, mut of_value: S::Tangent) -> Gradient<S>
where
    S: Split + Peel + ?Sized,
    S::Value: Lift<Tangent = S::Tangent>,
    S::Tangent: Tangent + Lift<Tangent = S::Tangent, Lifted = Gradient<S>>,
{
    let mut turned = S::Tangent::ad_zero(&of_tangent.ad_shape());
    S::Value::ad_turned(&value.ad_split().1, of_tangent, &mut turned);
    turned.ad_map_components(&mut |c| -c);
    <S::Tangent as Tangent>::ad_add(of_value.ad_place(), &turned);
    of_tangent.ad_lift(&of_value)
}

/// Derivatives of [`tangent`](super::tangent()).
#[doc(hidden)]
pub enum tangent {}

impl tangent {
    #[inline(always)]
    pub fn __accepts1<M0: Mark>(_: &(M0,)) {}

    #[inline(always)]
    pub fn __fwd1<S, M0: Mark>(
        _: (M0,),
        _: &mut Tape,
        value: &S,
    ) -> (
        S::Tangent,
        impl FnOnce(&mut Tape, &S, Gradient<S::Tangent>, Option<&mut Shadow<S>>) + Clone + use<S, M0>,
    )
    where
        S: Split + Peel + ?Sized,
        S::Value: Lift<Tangent = S::Tangent>,
        S::Tangent:
            Tangent + Peel<V = S::Tangent> + Lift<Tangent = S::Tangent, Lifted = Gradient<S>>,
    {
        let pull = move |_: &mut Tape, value: &S, g: S::Tangent, to: Option<&mut Shadow<S>>| {
            if let Some(shadow) = M0::get(to) {
                let zero = S::Tangent::ad_zero(&g.ad_shape());
                Gradient::<S>::ad_add(shadow, &joined(value, &g, zero));
            }
        };
        (super::tangent(value), pull)
    }
}

/// Derivatives of [`split`](super::split()).
#[doc(hidden)]
pub enum split {}

impl split {
    #[inline(always)]
    pub fn __accepts1<M0: Mark>(_: &(M0,)) {}

    #[inline(always)]
    pub fn __fwd1<S, M0: Mark>(
        _: (M0,),
        _: &mut Tape,
        value: &S,
    ) -> (
        (S::Value, S::Tangent),
        impl FnOnce(&mut Tape, &S, (S::Tangent, S::Tangent), Option<&mut Shadow<S>>)
        + Clone
        + use<S, M0>,
    )
    where
        S: Split + Peel + ?Sized,
        S::Value: Lift<Tangent = S::Tangent>,
        S::Tangent: Tangent + Lift<Tangent = S::Tangent, Lifted = Gradient<S>>,
    {
        let pull = move |_: &mut Tape,
                         value: &S,
                         (of_value, of_tangent): (S::Tangent, S::Tangent),
                         to: Option<&mut Shadow<S>>| {
            if let Some(shadow) = M0::get(to) {
                Gradient::<S>::ad_add(shadow, &joined(value, &of_tangent, of_value));
            }
        };
        (super::split(value), pull)
    }
}

/// Derivatives of [`copied`](crate::support::copied()).
#[doc(hidden)]
pub enum copied {}

impl copied {
    #[inline(always)]
    pub fn __accepts1<M0: Mark>(_: &(M0,)) {}

    #[inline(always)]
    pub fn __fwd1<A: Peel + Clone, M0: Mark>(
        _: (M0,),
        _: &mut Tape,
        value: &A,
    ) -> (
        A,
        impl FnOnce(&mut Tape, &A, Gradient<A>, Option<&mut Shadow<A>>) + Clone + use<A, M0>,
    ) {
        let pull = move |_: &mut Tape, _: &A, g: Gradient<A>, to: Option<&mut Shadow<A>>| {
            if let Some(shadow) = M0::get(to) {
                Gradient::<A>::ad_add(shadow, &g);
            }
        };
        (value.clone(), pull)
    }
}

/// Derivatives of [`repeated`](crate::support::repeated()).
#[doc(hidden)]
pub enum repeated {}

impl repeated {
    #[inline(always)]
    pub fn __accepts1<M0: Mark>(_: &(M0,)) {}

    #[inline(always)]
    pub fn __fwd1<A: Peel + Clone, const N: usize, M0: Mark>(
        _: (M0,),
        _: &mut Tape,
        item: A,
    ) -> (
        [A; N],
        impl FnOnce(&mut Tape, [Gradient<A>; N]) -> (Option<Gradient<A>>,) + Clone + use<A, N, M0>,
    ) {
        let zero = zero_of(&item);
        let pull = move |_: &mut Tape, g: [Gradient<A>; N]| {
            (M0::ret(|| {
                let mut sum = zero.make();
                for part in &g {
                    Gradient::<A>::ad_add(sum.ad_place(), part);
                }
                sum
            }),)
        };
        (crate::support::repeated(item), pull)
    }
}

/// Derivatives of [`cast_tangent`](crate::mutation::cast_tangent()).
#[doc(hidden)]
pub enum cast_tangent {}

impl cast_tangent {
    #[inline(always)]
    pub fn __accepts1<M0: Mark>(_: &(M0,)) {}

    #[inline(always)]
    pub fn __fwd1<T, S, M0: Mark>(
        _: (M0,),
        _: &mut Tape,
        tangent: S,
    ) -> (
        T,
        impl FnOnce(&mut Tape, Gradient<T>) -> (Option<Gradient<S>>,) + Clone + use<T, S, M0>,
    )
    where
        T: Peel,
        S: CastTangent<T> + Peel,
        Gradient<T>: CastTangent<Gradient<S>>,
    {
        let pull = |_: &mut Tape, g: Gradient<T>| (M0::ret(|| g.ad_cast()),);
        (tangent.ad_cast(), pull)
    }
}

/// Derivatives of [`gathered`](super::gathered()).
#[doc(hidden)]
pub enum gathered {}

impl gathered {
    #[inline(always)]
    pub fn __accepts2<M0: Mark, M1: Mark>(_: &(M0, M1)) {}

    #[inline]
    pub fn __fwd2<V, D, M0: Mark, M1: Mark>(
        _: (M0, M1),
        _: &mut Tape,
        value: &V,
        elements: Vec<D>,
    ) -> (
        Gradient<V>,
        impl FnOnce(&mut Tape, &V, Gradient<V>, Option<&mut Shadow<V>>) -> (Option<Vec<D>>,)
        + Clone
        + use<V, D, M0, M1>,
    )
    where
        V: Peel + ?Sized,
        Gradient<V>: ElementsMut<Item = D>,
        D: Tangent,
    {
        let count = elements.len();
        let pull = move |_: &mut Tape, _: &V, mut g: Gradient<V>, _: Option<&mut Shadow<V>>| {
            (M1::ret(|| {
                (0..count).map(|k| g.ad_at_mut(k).clone()).collect()
            }),)
        };
        (super::gathered(value, elements), pull)
    }
}
