//! Methods of slices and arrays.
//!
//! A `Vec` peels to its slice. An array does not, because its tangent is an array; each rule here exists for both.

use super::{Operand, method_rule};
use crate::differentiable::{Differentiable, TangentOf};
use crate::put::Put;
use crate::tangent::{Place, Tangent};

method_rule! {
    /// `x.first()`: the first element gets the cotangent.
    ///
    /// Keeps the receiver.
    FirstRule ad_first;
    /// `x.last()`: the last element gets the cotangent.
    ///
    /// Keeps the receiver.
    LastRule ad_last;
    /// `x.get(i)` for a single index: element `i` gets the cotangent, if there is one.
    ///
    /// Keeps the receiver and the argument.
    GetRule ad_get;
    /// `x.to_vec()`.
    ///
    /// Keeps the receiver.
    ToVecRule ad_to_vec;
    /// `x.as_slice()`.
    ///
    /// Keeps the receiver.
    AsSliceRule ad_as_slice;
}

/// Puts the cotangent of an optional element to element `at`.
macro_rules! to_element {
    ($self:ident, $g:ident, $dest:ident, $at:expr) => {{
        let at = $at;
        $dest.put(
            || {
                let mut fresh = Self::ad_zero(&$self.ad_shape());
                if let Some(g) = $g {
                    fresh[at] = g.clone();
                }
                fresh
            },
            |d| {
                if let Some(g) = $g {
                    Tangent::ad_add(d[at].ad_place(), g);
                }
            },
        )
    }};
}

macro_rules! end_rule {
    ($Rule:ident $method:ident [$($p:tt)*] $t:ty, |$this:ident| $at:expr) => {
        impl<$($p)*> $Rule<(), (), ()> for $t {
            type G = Option<TangentOf<T>>;
            type Outs = ();
            #[inline]
            fn $method<S: Put<TangentOf<Self>>>(
                &self,
                (): (),
                (): (),
                g: &Option<TangentOf<T>>,
                dest: S,
                (): (),
            ) -> (S::Out, ()) {
                let $this = self;
                (to_element!(self, g, dest, $at), ())
            }
        }
    };
}

macro_rules! get_rule {
    ([$($p:tt)*] $t:ty) => {
        impl<$($p)*, I: Operand<V = usize>, SI: Put<()>> GetRule<(I,), (), (SI,)> for $t {
            type G = Option<TangentOf<T>>;
            type Outs = (SI::Out,);
            #[inline]
            fn ad_get<S: Put<TangentOf<Self>>>(
                &self,
                (index,): (I,),
                (): (),
                g: &Option<TangentOf<T>>,
                dest: S,
                (dest_index,): (SI,),
            ) -> (S::Out, (SI::Out,)) {
                (
                    to_element!(self, g, dest, *index.val()),
                    (dest_index.put(|| (), |()| ()),),
                )
            }
        }
    };
}

macro_rules! whole_rule {
    ($Rule:ident $method:ident) => {
        impl<T: Differentiable> $Rule<(), (), ()> for [T] {
            type G = Vec<TangentOf<T>>;
            type Outs = ();
            #[inline]
            fn $method<S: Put<Vec<TangentOf<T>>>>(
                &self,
                (): (),
                (): (),
                g: &Vec<TangentOf<T>>,
                dest: S,
                (): (),
            ) -> (S::Out, ()) {
                (dest.put(|| g.clone(), |d| Tangent::ad_add(d, g)), ())
            }
        }

        impl<T: Differentiable, const N: usize> $Rule<(), (), ()> for [T; N] {
            type G = Vec<TangentOf<T>>;
            type Outs = ();
            #[inline]
            fn $method<S: Put<[TangentOf<T>; N]>>(
                &self,
                (): (),
                (): (),
                g: &Vec<TangentOf<T>>,
                dest: S,
                (): (),
            ) -> (S::Out, ()) {
                let fresh = || core::array::from_fn(|i| g[i].clone());
                (dest.put(fresh, |d| <Vec<_> as Tangent>::ad_add(d, g)), ())
            }
        }
    };
}

end_rule!(FirstRule ad_first [T: Differentiable] [T], |_x| 0);
end_rule!(FirstRule ad_first [T: Differentiable, const N: usize] [T; N], |_x| 0);
end_rule!(LastRule ad_last [T: Differentiable] [T], |x| x.len().saturating_sub(1));
end_rule!(LastRule ad_last [T: Differentiable, const N: usize] [T; N], |x| x.len().saturating_sub(1));
get_rule!([T: Differentiable] [T]);
get_rule!([T: Differentiable, const N: usize] [T; N]);
whole_rule!(ToVecRule ad_to_vec);
whole_rule!(AsSliceRule ad_as_slice);
