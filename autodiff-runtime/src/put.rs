//! Where a rule puts a contribution.
//!
//! The compiler knows statically whether a contribution is the first one to its operand, a later one, or not wanted;
//! the type of the marker handed to the rule says it, so that nothing is computed for an inactive operand and no slot
//! is asked at run time where the answer is known.

use core::ops::IndexMut;

use crate::tangent::{Place, Slot, Tangent};
use crate::underived::Unkept;

/// A destination for one contribution to a tangent `T`.
pub trait Put<T: Tangent>: Sized {
    /// What the rule hands back: the contribution itself from [`Fresh`], nothing from the others.
    type Out;
    /// Is the contribution wanted at all?
    const ACTIVE: bool;
    /// Either makes the contribution or adds it to what is there.
    fn put(self, fresh: impl FnOnce() -> T, into: impl FnOnce(&mut T::Shadow)) -> Self::Out;

    /// Puts a contribution that is at hand.
    #[inline(always)]
    fn give(self, value: impl FnOnce() -> T) -> Self::Out {
        // Only one of the two closures runs; the cell lets both of them own the value.
        let cell = core::cell::Cell::new(Some(value));
        let make = || {
            cell.take()
                .expect("a destination makes a contribution once")()
        };
        self.put(make, |place| T::ad_add(place, &make()))
    }
}

/// The first contribution: it is returned and moved in.
#[derive(Clone, Copy, Debug)]
pub struct Fresh;

/// No contribution is wanted, and none is computed.
#[derive(Clone, Copy, Debug)]
pub struct Skip;

/// A later contribution: it is accumulated in place.
#[derive(Debug)]
pub struct Acc<'a, S: ?Sized>(pub &'a mut S);

/// A contribution to an accumulator declared before a branch or a loop.
#[derive(Debug)]
pub struct Lazy<'a, S>(pub &'a mut S);

/// A contribution to the shadow of a parameter, which the caller may not want.
#[derive(Debug)]
pub struct Maybe<'a, S: ?Sized>(pub Option<&'a mut S>);

impl<T: Tangent> Put<T> for Fresh {
    type Out = T;
    const ACTIVE: bool = true;
    #[inline(always)]
    fn put(self, fresh: impl FnOnce() -> T, _: impl FnOnce(&mut T::Shadow)) -> T {
        fresh()
    }
}

impl<T: Tangent> Put<T> for Skip {
    type Out = ();
    const ACTIVE: bool = false;
    #[inline(always)]
    fn put(self, _: impl FnOnce() -> T, _: impl FnOnce(&mut T::Shadow)) {}
}

impl<T: Tangent, S: ?Sized> Put<T> for Acc<'_, S>
where
    T: Place<Shadow = S>,
{
    type Out = ();
    const ACTIVE: bool = true;
    #[inline(always)]
    fn put(self, _: impl FnOnce() -> T, into: impl FnOnce(&mut S)) {
        into(self.0);
    }
}

impl<T: Tangent, S: Slot<T>> Put<T> for Lazy<'_, S> {
    type Out = ();
    const ACTIVE: bool = true;
    #[inline(always)]
    fn put(self, fresh: impl FnOnce() -> T, into: impl FnOnce(&mut T::Shadow)) {
        self.0.put(fresh, |sum| into(sum.ad_place()));
    }
}

impl<T: Tangent, S: ?Sized> Put<T> for Maybe<'_, S>
where
    T: Place<Shadow = S>,
{
    type Out = ();
    const ACTIVE: bool = true;
    #[inline(always)]
    fn put(self, _: impl FnOnce() -> T, into: impl FnOnce(&mut S)) {
        if let Some(place) = self.0 {
            into(place);
        }
    }
}

impl<T: Tangent, P: Put<T, Out = ()>> Put<T> for Option<P> {
    type Out = ();
    const ACTIVE: bool = P::ACTIVE;
    #[inline(always)]
    fn put(self, fresh: impl FnOnce() -> T, into: impl FnOnce(&mut T::Shadow)) {
        if let Some(put) = self {
            put.put(fresh, into);
        }
    }
}

/// A part of a shadow. A part without derivative, such as a `#[no_diff]` field, takes nothing, whatever the value.
#[derive(Debug)]
pub struct At<'a, P: ?Sized>(pub &'a mut P);

impl At<'_, ()> {
    /// Nothing is wanted.
    #[inline(always)]
    #[must_use]
    pub fn ad_acc(self) -> Skip {
        Skip
    }
}

impl<'a> At<'a, ()> {
    /// The element of a part without derivative.
    #[inline(always)]
    #[must_use]
    pub fn ad_part<I>(self, _: I) -> &'a mut () {
        self.0
    }
    /// The cotangent of a part without derivative, to which something was assigned.
    #[inline(always)]
    pub fn ad_exchange<T, W: Unkept<T>>(self, zero: T, _: W) -> W::Cotangent {
        W::ad_unkept(|| zero)
    }
}

/// A part of a shadow that has elements.
pub trait AtElement<'a, P: ?Sized> {
    /// One of them, or several.
    fn ad_part<I>(self, index: I) -> &'a mut P::Output
    where
        P: IndexMut<I>;
    /// The cotangent of all of it, moved out.
    fn ad_exchange<W>(self, zero: P, _: W) -> P
    where
        P: Sized;
}

impl<'a, P: ?Sized> AtElement<'a, P> for At<'a, P> {
    #[inline(always)]
    fn ad_part<I>(self, index: I) -> &'a mut P::Output
    where
        P: IndexMut<I>,
    {
        &mut self.0[index]
    }
    #[inline(always)]
    fn ad_exchange<W>(self, zero: P, _: W) -> P
    where
        P: Sized,
    {
        core::mem::replace(self.0, zero)
    }
}

/// A part of a shadow that accumulates.
pub trait AtPlace<'a> {
    /// The place form of the part.
    type Shadow: ?Sized + 'a;
    /// The destination.
    fn ad_acc(self) -> Acc<'a, Self::Shadow>;
}

impl<'a, P: Place + ?Sized> AtPlace<'a> for At<'a, P>
where
    P::Shadow: 'a,
{
    type Shadow = P::Shadow;
    #[inline(always)]
    fn ad_acc(self) -> Acc<'a, P::Shadow> {
        Acc(self.0.ad_place())
    }
}
