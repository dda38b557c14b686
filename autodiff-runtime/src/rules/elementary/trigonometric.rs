//! Trigonometric functions, their inverses, and the two units of angles.

use super::power::part;
use super::{Operand, Put, Real, guarded, method_rule};

from_input! {
    /// `sin x`: slope `cos x`.
    SinRule ad_sin |g, x| g * x.cos();
    /// `cos x`: slope `-sin x`.
    CosRule ad_cos |g, x| -(g * x.sin());
    /// `asin x`: slope `1 / √(1 - x²)`; `+∞` at ±1.
    AsinRule ad_asin |g, x| guarded(g, g / one_minus_square(x).sqrt());
    /// `acos x`: slope `-1 / √(1 - x²)`; `-∞` at ±1.
    AcosRule ad_acos |g, x| guarded(g, -(g / one_minus_square(x).sqrt()));
    /// `atan x`: slope `1 / (1 + x²)`.
    AtanRule ad_atan |g, x| g / (T::one() + x * x);
    /// Degrees to radians: slope `π / 180`.
    ToRadiansRule ad_to_radians |g, _x| g * (T::pi() / T::ad_from_f64(180.0));
    /// Radians to degrees: slope `180 / π`.
    ToDegreesRule ad_to_degrees |g, _x| g * (T::ad_from_f64(180.0) / T::pi());
}

from_output! {
    /// `tan x`: slope `1 + y²`.
    TanRule ad_tan |g, y| g * (T::one() + y * y);
}

binary! {
    /// `atan2(y, x)`: slopes `x / r²` and `-y / r²` with `r² = x² + y²`; 0 and 0 at the origin, where no limit exists.
    Atan2Rule ad_atan2 |g, y, x| (
        guarded(g, g * part(part(x, r), r)),
        guarded(g, -(g * part(part(y, r), r)))
    ) where r = y.hypot(x);
}

method_rule! {
    /// `(sin x, cos x)`: `x̄ += ḡ₀ cos x - ḡ₁ sin x`.
    ///
    /// Keeps the receiver and the result.
    SinCosRule ad_sin_cos;
}

impl<T: Real> SinCosRule<(), &(T, T), ()> for T {
    type G = (T, T);
    type Outs = ();
    #[inline(always)]
    fn ad_sin_cos<S: Put<T>>(
        &self,
        (): (),
        &(sin, cos): &(T, T),
        &(to_sin, to_cos): &(T, T),
        dest: S,
        (): (),
    ) -> (S::Out, ()) {
        let contribution = || to_sin * cos - to_cos * sin;
        (dest.put(contribution, |d| *d += contribution()), ())
    }
}

/// `1 - x²`, accurate near ±1.
#[inline(always)]
fn one_minus_square<T: Real>(x: T) -> T {
    (T::one() - x) * (T::one() + x)
}
