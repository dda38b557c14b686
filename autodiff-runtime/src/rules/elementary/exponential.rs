//! Exponentials and logarithms.

use super::{Operand, Put, Real, guarded, method_rule};

method_rule! {
    /// `eˣ`: slope `y`.
    ///
    /// On a square matrix `.exp()` is the matrix exponential.
    ///
    /// Keeps the receiver and the result.
    ExpRule ad_exp;
}

impl<T: Real> ExpRule<(), &T, ()> for T {
    type G = T;
    type Outs = ();
    #[inline(always)]
    fn ad_exp<S: Put<T>>(&self, (): (), y: &T, g: &T, dest: S, (): ()) -> (S::Out, ()) {
        (dest.put(|| *g * *y, |d| *d += *g * *y), ())
    }
}

from_output! {
    /// `2ˣ`: slope `y ln 2`.
    Exp2Rule ad_exp2 |g, y| g * (y * T::ln_2());
    /// `eˣ - 1`: slope `y + 1`, with the absolute accuracy of `y` far below zero.
    ExpM1Rule ad_exp_m1 |g, y| g * (y + T::one());
}

from_input! {
    /// `ln x`: slope `1 / x`; `+∞` at 0.
    LnRule ad_ln |g, x| guarded(g, g / unsigned_zero(x));
    /// `ln(1 + x)`: slope `1 / (1 + x)`; `+∞` at -1.
    Ln1pRule ad_ln_1p |g, x| guarded(g, g / (T::one() + x));
    /// `log₂ x`: slope `1 / (x ln 2)`; `+∞` at 0.
    Log2Rule ad_log2 |g, x| guarded(g, g / (unsigned_zero(x) * T::ln_2()));
    /// `log₁₀ x`: slope `1 / (x ln 10)`; `+∞` at 0.
    Log10Rule ad_log10 |g, x| guarded(g, g / (unsigned_zero(x) * T::ln_10()));
}

binary! {
    /// `log_b x = ln x / ln b`: slopes `1 / (x ln b)` and `-ln x / (b ln² b)`; singular at `x = 0` and `b = 1`.
    LogRule ad_log |g, x, b| (
        guarded(g, g / (unsigned_zero(x) * ln_b)),
        guarded(g, -g * (x.ln() / ln_b) / (b * ln_b))
    ) where ln_b = b.ln();
}

/// `x`, and `+0` for `-0`: the edge of a domain is approached from inside, so that the slope there is `+∞`.
#[inline(always)]
fn unsigned_zero<T: Real>(x: T) -> T {
    x + T::zero()
}
