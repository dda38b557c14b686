//! Hyperbolic functions and their inverses.

use super::{Put, Real, guarded, method_rule};

from_input! {
    /// `sinh x`: slope `cosh x`.
    SinhRule ad_sinh |g, x| g * x.cosh();
    /// `cosh x`: slope `sinh x`.
    CoshRule ad_cosh |g, x| g * x.sinh();
    /// `asinh x`: slope `1 / √(1 + x²)`.
    AsinhRule ad_asinh |g, x| g / T::one().hypot(x);
    /// `acosh x`: slope `1 / √(x² - 1)`; `+∞` at 1.
    // Two roots, because `x² - 1` overflows and cancels.
    AcoshRule ad_acosh |g, x| guarded(g, g / ((x - T::one()).sqrt() * (x + T::one()).sqrt()));
    /// `atanh x`: slope `1 / (1 - x²)`; `+∞` at ±1.
    AtanhRule ad_atanh |g, x| guarded(g, g / ((T::one() - x) * (T::one() + x)));
}

from_output! {
    /// `tanh x`: slope `1 - y²`.
    TanhRule ad_tanh |g, y| g * ((T::one() - y) * (T::one() + y));
}
