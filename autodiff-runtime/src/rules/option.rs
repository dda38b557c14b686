//! Methods of `Option` and `Result`.
//!
//! The tangent of either is an `Option`: absent where the value is. What the result is made of gets the cotangent,
//! the other operand gets zero.

use super::{Operand, method_rule};
use crate::differentiable::{Differentiable, Peel, TangentOf};
use crate::put::Put;
use crate::tangent::Tangent;

method_rule! {
    /// `x.unwrap()`.
    ///
    /// Keeps the receiver, of which it reads nothing.
    UnwrapRule ad_unwrap;
    /// `x.expect(message)`.
    ///
    /// Keeps the receiver and the argument, of which it reads nothing.
    ExpectRule ad_expect;
    /// `x.ok_or(error)` of an `Option`.
    ///
    /// Keeps the receiver and the argument, of which it reads nothing.
    OkOrRule ad_ok_or;
    /// `x.unwrap_or(other)`.
    ///
    /// Keeps the receiver and the argument.
    UnwrapOrRule ad_unwrap_or;
    /// `x.unwrap_or_default()`.
    ///
    /// Keeps the receiver.
    UnwrapOrDefaultRule ad_unwrap_or_default;
}

/// Puts `g` to the value inside.
#[inline(always)]
fn to_inner<T: Tangent, S: Put<Option<T>>>(g: &T, dest: S) -> S::Out {
    dest.put(
        || Some(g.clone()),
        |d| match d {
            Some(sum) => T::ad_add(sum.ad_place(), g),
            None => *d = Some(g.clone()),
        },
    )
}

/// Puts nothing to an absent value.
#[inline(always)]
fn to_none<T: Tangent, S: Put<Option<T>>>(dest: S) -> S::Out {
    dest.put(|| None, |_| ())
}

macro_rules! option_rules {
    ($([$($p:tt)*] $t:ty, $is_present:ident;)*) => { $(
        impl<$($p)*> UnwrapRule<(), (), ()> for $t {
            type G = TangentOf<T>;
            type Outs = ();
            #[inline(always)]
            fn ad_unwrap<S: Put<Option<TangentOf<T>>>>(
                &self,
                (): (),
                (): (),
                g: &TangentOf<T>,
                dest: S,
                (): (),
            ) -> (S::Out, ()) {
                (to_inner(g, dest), ())
            }
        }

        impl<$($p)*, M, SM: Put<()>> ExpectRule<(M,), (), (SM,)> for $t {
            type G = TangentOf<T>;
            type Outs = (SM::Out,);
            #[inline(always)]
            fn ad_expect<S: Put<Option<TangentOf<T>>>>(
                &self,
                _: (M,),
                (): (),
                g: &TangentOf<T>,
                dest: S,
                (message,): (SM,),
            ) -> (S::Out, (SM::Out,)) {
                (to_inner(g, dest), (message.put(|| (), |()| ()),))
            }
        }

        impl<$($p)*, B, SB> UnwrapOrRule<(B,), (), (SB,)> for $t
        where
            T: Peel,
            // Through the peeled type, so that a literal takes the type of the value inside.
            T::V: Differentiable<Tangent = TangentOf<T>>,
            B: Operand<V = T::V>,
            SB: Put<TangentOf<T>>,
        {
            type G = TangentOf<T>;
            type Outs = (SB::Out,);
            #[inline(always)]
            fn ad_unwrap_or<S: Put<Option<TangentOf<T>>>>(
                &self,
                (other,): (B,),
                (): (),
                g: &TangentOf<T>,
                dest: S,
                (dest_other,): (SB,),
            ) -> (S::Out, (SB::Out,)) {
                if self.$is_present() {
                    let zero = || T::V::ad_zero(&other.val().ad_shape());
                    (to_inner(g, dest), (dest_other.put(zero, |_| ()),))
                } else {
                    let to_other = dest_other.put(|| g.clone(), |d| Tangent::ad_add(d, g));
                    (to_none(dest), (to_other,))
                }
            }
        }

        impl<$($p)*> UnwrapOrDefaultRule<(), (), ()> for $t {
            type G = TangentOf<T>;
            type Outs = ();
            #[inline(always)]
            fn ad_unwrap_or_default<S: Put<Option<TangentOf<T>>>>(
                &self,
                (): (),
                (): (),
                g: &TangentOf<T>,
                dest: S,
                (): (),
            ) -> (S::Out, ()) {
                if self.$is_present() {
                    (to_inner(g, dest), ())
                } else {
                    (to_none(dest), ())
                }
            }
        }
    )* };
}
option_rules! {
    [T: Differentiable] Option<T>, is_some;
    [T: Differentiable, E: Clone + 'static] Result<T, E>, is_ok;
}

impl<T: Differentiable, E, SE: Put<()>> OkOrRule<(E,), (), (SE,)> for Option<T> {
    type G = Option<TangentOf<T>>;
    type Outs = (SE::Out,);
    #[inline(always)]
    fn ad_ok_or<S: Put<Option<TangentOf<T>>>>(
        &self,
        _: (E,),
        (): (),
        g: &Option<TangentOf<T>>,
        dest: S,
        (error,): (SE,),
    ) -> (S::Out, (SE::Out,)) {
        (
            dest.put(|| g.clone(), |d| Tangent::ad_add(d, g)),
            (error.put(|| (), |()| ()),),
        )
    }
}
