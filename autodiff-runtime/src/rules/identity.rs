//! Methods that hand their receiver on: copies, and views of a copy. The cotangent of the result is that of the
//! receiver.

use super::method_rule;
use crate::differentiable::{Differentiable, TangentOf};
use crate::put::Put;
use crate::tangent::Tangent;

macro_rules! identity {
    ($($(#[$doc:meta])* $Rule:ident $method:ident;)*) => {
        method_rule! { $($(#[$doc])* #[doc = "\n\nKeeps the receiver, of which it reads nothing."] $Rule $method;)* }
        $(
            impl<V: Differentiable + ?Sized> $Rule<(), (), ()> for V {
                type G = TangentOf<V>;
                type Outs = ();
                #[inline(always)]
                fn $method<S: Put<TangentOf<V>>>(
                    &self,
                    (): (),
                    (): (),
                    g: &TangentOf<V>,
                    dest: S,
                    (): (),
                ) -> (S::Out, ()) {
                    (dest.put(|| g.clone(), |d| Tangent::ad_add(d, g)), ())
                }
            }
        )*
    };
}

identity! {
    /// `x.clone()`.
    CloneRule ad_clone;
    /// `x.to_owned()`.
    ToOwnedRule ad_to_owned;
    /// `x.as_ref()` of an `Option`, a `Result` or a `Box`.
    AsRefRule ad_as_ref;
    /// `x.copied()` of an `Option`.
    CopiedRule ad_copied;
    /// `x.cloned()` of an `Option`.
    ClonedRule ad_cloned;
    /// `x.ok()` of a `Result`.
    OkRule ad_ok;
}
