//! Absolute value, signs, and the choice of the larger or smaller number.

use super::{Operand, Put, Real, method_rule};

from_input! {
    /// `|x|`: slope ±1; 0 at 0, the least of the subgradients.
    AbsRule ad_abs |g, x| g * sign(x);
}

binary! {
    /// The larger of two numbers gets the cotangent.
    ///
    /// At a tie each gets one half; if the argument is a literal, neither gets anything. A NaN gets nothing, because
    /// the other number is the result.
    MaxRule ad_max |g, a, b| (
        larger(g, a, b, B::LITERAL),
        larger(g, b, a, B::LITERAL)
    );
    /// The smaller of two numbers gets the cotangent.
    ///
    /// At a tie each gets one half; if the argument is a literal, neither gets anything. A NaN gets nothing, because
    /// the other number is the result.
    MinRule ad_min |g, a, b| (
        larger(g, -a, -b, B::LITERAL),
        larger(g, -b, -a, B::LITERAL)
    );
    /// `|x|` with the sign of `s`: slopes `sign x · sign s` and 0; 0 at `x = 0`.
    CopysignRule ad_copysign |g, x, s| (
        g * sign(x) * T::one().copysign(s),
        T::zero()
    );
}

method_rule! {
    /// `x.max(low).min(high)`: whichever of the three is the result gets the cotangent.
    ///
    /// Where `x` equals a bound each gets one half; if the bound is a literal, neither gets anything.
    ///
    /// Keeps the receiver and the arguments.
    ClampRule ad_clamp;
}

impl<T, L, H, SL, SH> ClampRule<(L, H), (), (SL, SH)> for T
where
    T: Real,
    L: Operand<V = T>,
    H: Operand<V = T>,
    SL: Put<T>,
    SH: Put<T>,
{
    type G = T;
    type Outs = (SL::Out, SH::Out);
    #[inline(always)]
    fn ad_clamp<S: Put<T>>(
        &self,
        (low, high): (L, H),
        (): (),
        g: &T,
        dest: S,
        (dest_low, dest_high): (SL, SH),
    ) -> (S::Out, (SL::Out, SH::Out)) {
        let (g, x, low, high) = (*g, *self, *low.val(), *high.val());
        let zero = T::zero();
        let (to_x, to_low, to_high) = if x < low {
            (zero, g, zero)
        } else if x > high {
            (zero, zero, g)
        } else {
            // Not `==`, which of dual numbers compares more than the value.
            let (rest, to_high) = if x >= high {
                tie(g, H::LITERAL)
            } else {
                (g, zero)
            };
            let (to_x, to_low) = if x <= low {
                tie(rest, L::LITERAL)
            } else {
                (rest, zero)
            };
            (to_x, to_low, to_high)
        };
        (
            dest.put(|| to_x, |d| *d += to_x),
            (
                dest_low.put(|| to_low, |d| *d += to_low),
                dest_high.put(|| to_high, |d| *d += to_high),
            ),
        )
    }
}

/// The part of `g` that goes to `a` in `max(a, b)`.
#[inline(always)]
fn larger<T: Real>(g: T, a: T, b: T, literal: bool) -> T {
    if a > b || is_nan(b) {
        g
    } else if a < b || is_nan(a) {
        T::zero()
    } else {
        tie(g, literal).0
    }
}

/// How a tie shares `g` between a number and a bound.
#[inline(always)]
fn tie<T: Real>(g: T, literal: bool) -> (T, T) {
    if literal {
        (T::zero(), T::zero())
    } else {
        let half = g * T::ad_from_f64(0.5);
        (half, half)
    }
}

/// -1, 0 or 1, and 0 for both zeros.
#[inline(always)]
fn sign<T: Real>(x: T) -> T {
    if x.ad_at_zero() {
        T::zero()
    } else {
        x.signum()
    }
}

#[inline(always)]
fn is_nan<T: Real>(x: T) -> bool {
    x.partial_cmp(&x).is_none()
}
