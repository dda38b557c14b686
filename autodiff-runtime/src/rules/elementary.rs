//! Elementary functions of a real number.
//!
//! Every rule is written once for `T: Real`. Conventions at kinks and domain edges follow the contract in
//! `docs/edge-cases.md`; a cotangent of exactly zero contributes exactly zero through a singular slope ([`times`]).

use super::{Operand, method_rule};
use crate::differentiable::Real;
use crate::put::Put;

/// `g · slope`, and exactly zero for a cotangent of exactly zero, also where the slope is infinite.
#[inline(always)]
fn times<T: Real>(g: T, slope: T) -> T {
    if g.is_zero() { g } else { g * slope }
}

/// Rules of `y = f(x)` that keep `x`: each line is `Rule method |x| slope`.
macro_rules! from_input {
    ($($(#[$doc:meta])* $Rule:ident $method:ident |$x:ident| $slope:expr;)*) => {
        method_rule! { $($(#[$doc])* $Rule $method;)* }
        $(
            impl<T: Real> $Rule<(), (), ()> for T {
                type G = T;
                type Outs = ();
                #[inline(always)]
                fn $method<S: Put<T>>(&self, (): (), (): (), g: &T, dest: S, (): ()) -> (S::Out, ()) {
                    let $x = *self;
                    let slope = || times(*g, $slope);
                    (dest.put(slope, |d| *d += slope()), ())
                }
            }
        )*
    };
}

/// Rules of `y = f(x)` that keep only `y`: the receiver of the rule is the result.
macro_rules! from_output {
    ($($(#[$doc:meta])* $Rule:ident $method:ident |$y:ident| $slope:expr;)*) => {
        from_input! { $($(#[$doc])* $Rule $method |$y| $slope;)* }
    };
}

from_input! {
    /// `sin x`: slope `cos x`.
    SinRule ad_sin |x| x.cos();
    /// `cos x`: slope `-sin x`.
    CosRule ad_cos |x| -x.sin();
    /// `ln x`: slope `1 / x`; infinite at 0.
    LnRule ad_ln |x| x.recip();
}

from_output! {
    /// `tanh x`: slope `1 - y²`.
    TanhRule ad_tanh |y| T::one() - y * y;
    /// `√x`: slope `1 / (2 y)`; infinite at 0.
    SqrtRule ad_sqrt |y| (y + y).recip();
}

method_rule! {
    /// `eˣ`: slope `y`. On a square matrix `.exp()` is the matrix exponential, so receiver and result are kept.
    ExpRule ad_exp;
    /// `xⁿ` for an integer `n`: slope `n xⁿ⁻¹`; 0 for `n = 0`.
    PowiRule ad_powi;
    /// The larger of two numbers. At a tie each gets one half; a literal bound takes all of it.
    MaxRule ad_max;
}

impl<T: Real> ExpRule<(), &T, ()> for T {
    type G = T;
    type Outs = ();
    #[inline(always)]
    fn ad_exp<S: Put<T>>(&self, (): (), y: &T, g: &T, dest: S, (): ()) -> (S::Out, ()) {
        (dest.put(|| *g * *y, |d| *d += *g * *y), ())
    }
}

impl<T: Real, B: Operand<V = i32>, SB: Put<()>> PowiRule<(B,), (), (SB,)> for T {
    type G = T;
    type Outs = (SB::Out,);
    #[inline(always)]
    fn ad_powi<S: Put<T>>(
        &self,
        (n,): (B,),
        (): (),
        g: &T,
        dest: S,
        (dn,): (SB,),
    ) -> (S::Out, (SB::Out,)) {
        let n = *n.val();
        let slope = || {
            if n == 0 {
                T::zero()
            } else {
                times(*g, T::ad_from_f64(f64::from(n)) * self.powi(n - 1))
            }
        };
        (
            dest.put(slope, |d| *d += slope()),
            (dn.put(|| (), |()| ()),),
        )
    }
}

impl<T: Real, B: Operand<V = T>, SB: Put<T>> MaxRule<(B,), (), (SB,)> for T {
    type G = T;
    type Outs = (SB::Out,);
    #[inline(always)]
    fn ad_max<S: Put<T>>(
        &self,
        (b,): (B,),
        (): (),
        g: &T,
        dest: S,
        (db,): (SB,),
    ) -> (S::Out, (SB::Out,)) {
        let (a, b) = (*self, *b.val());
        let (zero, half) = (T::zero(), T::ad_from_f64(0.5));
        let (to_a, to_b) = if a > b {
            (*g, zero)
        } else if a < b {
            (zero, *g)
        } else if B::LITERAL {
            (zero, zero)
        } else {
            (*g * half, *g * half)
        };
        (
            dest.put(|| to_a, |d| *d += to_a),
            (db.put(|| to_b, |d| *d += to_b),),
        )
    }
}
