//! Elementary functions of real numbers.
//!
//! Every rule is written once for `T: Real`. Conventions at kinks and domain edges follow the contract in
//! `docs/edge-cases.md`: ties are shared, and a cotangent of exactly zero contributes exactly zero where the slope is
//! infinite (`guarded`). A slope that is merely large, such as that of `exp`, is not guarded.
//!
//! A rule of one number is one line of `from_input!` or `from_output!`, a rule of two numbers one line of `binary!`.
//!
//! The step functions `floor`, `ceil`, `round`, `trunc` and `signum` have no rule: the compiler knows that their
//! derivative is zero.

use super::{Operand, method_rule};
use crate::differentiable::Real;
use crate::put::Put;

/// `contribution`, or exactly zero for a cotangent of exactly zero, so that `0 · ∞` never makes a NaN.
#[inline(always)]
fn guarded<T: Real>(g: T, contribution: T) -> T {
    g.ad_guarded(contribution)
}

/// Rules of `y = f(x)` that keep `x`: each line is `Rule method |g, x| contribution`.
macro_rules! from_input {
    ($($(#[$doc:meta])* $Rule:ident $method:ident |$g:ident, $x:ident| $contribution:expr;)*) => {
        unary! { $($(#[$doc])* #[doc = "\n\nKeeps the receiver."] $Rule $method |$g, $x| $contribution;)* }
    };
}

/// Rules of `y = f(x)` that keep only `y`, which is the receiver of the rule: each line is
/// `Rule method |g, y| contribution`.
macro_rules! from_output {
    ($($(#[$doc:meta])* $Rule:ident $method:ident |$g:ident, $y:ident| $contribution:expr;)*) => {
        unary! { $($(#[$doc])* #[doc = "\n\nKeeps the result only."] $Rule $method |$g, $y| $contribution;)* }
    };
}

macro_rules! unary {
    ($($(#[$doc:meta])* $Rule:ident $method:ident |$g:ident, $kept:ident| $contribution:expr;)*) => {
        method_rule! { $($(#[$doc])* $Rule $method;)* }
        $(
            impl<T: Real> $Rule<(), (), ()> for T {
                type G = T;
                type Outs = ();
                #[inline(always)]
                fn $method<S: Put<T>>(&self, (): (), (): (), g: &T, dest: S, (): ()) -> (S::Out, ()) {
                    let ($g, $kept) = (*g, *self);
                    let contribution = || $contribution;
                    (dest.put(contribution, |d| *d += contribution()), ())
                }
            }
        )*
    };
}

/// Rules of `y = f(a, b)`: each line is `Rule method |g, a, b| (to a, to b)`, where a further parameter `y` asks for
/// the result and `where` names what both contributions share.
macro_rules! binary {
    () => {};
    (
        $(#[$doc:meta])* $Rule:ident $method:ident |$g:ident, $a:ident, $b:ident|
        ($to_a:expr, $to_b:expr) $(where $shared:ident = $value:expr)?; $($more:tt)*
    ) => {
        method_rule! { $(#[$doc])* #[doc = "\n\nKeeps the receiver and the argument."] $Rule $method; }
        binary! { @impl $Rule $method [(): ()] |$g, $a, $b| ($to_a, $to_b) [$($shared = $value;)?] }
        binary! { $($more)* }
    };
    (
        $(#[$doc:meta])* $Rule:ident $method:ident |$g:ident, $a:ident, $b:ident, $y:ident|
        ($to_a:expr, $to_b:expr) $(where $shared:ident = $value:expr)?; $($more:tt)*
    ) => {
        method_rule! { $(#[$doc])* #[doc = "\n\nKeeps the receiver, the argument and the result."] $Rule $method; }
        binary! { @impl $Rule $method [$y: &T] |$g, $a, $b| ($to_a, $to_b) [$($shared = $value;)?] }
        binary! { $($more)* }
    };
    (
        @impl $Rule:ident $method:ident [$y:tt: $Y:ty] |$g:ident, $a:ident, $b:ident|
        ($to_a:expr, $to_b:expr) [$($shared:ident = $value:expr;)?]
    ) => {
        impl<T: Real, B: Operand<V = T>, SB: Put<T>> $Rule<(B,), $Y, (SB,)> for T {
            type G = T;
            type Outs = (SB::Out,);
            #[inline(always)]
            fn $method<S: Put<T>>(
                &self,
                (right,): (B,),
                $y: $Y,
                g: &T,
                dest: S,
                (dest_right,): (SB,),
            ) -> (S::Out, (SB::Out,)) {
                let ($g, $a, $b) = (*g, *self, *right.val());
                $(let $shared = $value;)?
                let (to_a, to_b) = (|| $to_a, || $to_b);
                (
                    dest.put(to_a, |d| *d += to_a()),
                    (dest_right.put(to_b, |d| *d += to_b()),),
                )
            }
        }
    };
}

mod exponential;
mod hyperbolic;
mod integer;
mod ordering;
mod power;
mod remainder;
mod trigonometric;

pub use exponential::*;
pub use hyperbolic::*;
pub use integer::*;
pub use ordering::*;
pub use power::*;
pub use remainder::*;
pub use trigonometric::*;
