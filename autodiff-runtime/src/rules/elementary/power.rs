//! Powers and roots.

use super::{Operand, Put, Real, guarded, method_rule};

from_output! {
    /// `√x`: slope `1 / (2 y)`; `+∞` at 0.
    SqrtRule ad_sqrt |g, y| guarded(g, g / (y.abs() + y.abs()));
    /// `∛x`: slope `1 / (3 y²)`; `+∞` at 0.
    CbrtRule ad_cbrt |g, y| guarded(g, g / (T::ad_from_f64(3.0) * y * y));
    /// `1 / x`: slope `-y²`; `-∞` at 0.
    RecipRule ad_recip |g, y| guarded(g, -(g * y * y));
}

method_rule! {
    /// `xⁿ` for an integer `n`: slope `n xⁿ⁻¹`, which is 0 for `n = 0` at every `x`; infinite at 0 for a negative `n`.
    ///
    /// Keeps the receiver and the argument.
    PowiRule ad_powi;
    /// `a·b + c` with one rounding: `ā += g b`, `b̄ += g a`, `c̄ += g`.
    ///
    /// Keeps the receiver and the arguments.
    MulAddRule ad_mul_add;
}

impl<T: Real, N: Operand<V = i32>, SN: Put<()>> PowiRule<(N,), (), (SN,)> for T {
    type G = T;
    type Outs = (SN::Out,);
    #[inline(always)]
    fn ad_powi<S: Put<T>>(
        &self,
        (n,): (N,),
        (): (),
        g: &T,
        dest: S,
        (dest_n,): (SN,),
    ) -> (S::Out, (SN::Out,)) {
        let (g, x, n) = (*g, *self, *n.val());
        let contribution = || {
            let slope = match n.checked_sub(1) {
                // Not `0 · x⁻¹`, which is NaN at zero.
                Some(-1) => T::zero(),
                Some(less) => T::ad_from_f64(f64::from(n)) * x.powi(less),
                None => T::ad_from_f64(f64::from(n)) * x.powi(n) / x,
            };
            guarded(g, g * slope)
        };
        (
            dest.put(contribution, |d| *d += contribution()),
            (dest_n.put(|| (), |()| ()),),
        )
    }
}

impl<T, B, C, SB, SC> MulAddRule<(B, C), (), (SB, SC)> for T
where
    T: Real,
    B: Operand<V = T>,
    C: Operand<V = T>,
    SB: Put<T>,
    SC: Put<T>,
{
    type G = T;
    type Outs = (SB::Out, SC::Out);
    #[inline(always)]
    fn ad_mul_add<S: Put<T>>(
        &self,
        (b, _): (B, C),
        (): (),
        g: &T,
        dest: S,
        (dest_b, dest_c): (SB, SC),
    ) -> (S::Out, (SB::Out, SC::Out)) {
        let (g, a, b) = (*g, *self, *b.val());
        (
            dest.put(|| g * b, |d| *d += g * b),
            (
                dest_b.put(|| g * a, |d| *d += g * a),
                dest_c.put(|| g, |d| *d += g),
            ),
        )
    }
}

binary! {
    /// `xᵖ`: slopes `p xᵖ⁻¹` and `y ln x`.
    ///
    /// The first one is 0 for `p = 0` at every `x`, and infinite at `x = 0` for `p < 1`. The second one is 0 at `x = 0`
    /// for `p ≥ 0` and `-∞` for `p < 0`; for a negative `x` it is NaN, also where `p` is an integer, because the power
    /// exists at no neighbouring exponent.
    PowfRule ad_powf |g, x, p, y| (
        guarded(g, g * power_slope(x, p, *y)),
        guarded(g, g * exponent_slope(x, p, *y))
    );
    /// `√(a² + b²)`: slopes `a / y` and `b / y`; 0 and 0 where both are 0, the least of the subgradients.
    HypotRule ad_hypot |g, a, b, y| (
        guarded(g, g * part(a, *y)),
        guarded(g, g * part(b, *y))
    );
}

/// `p xᵖ⁻¹`, without a second power where dividing `y = xᵖ` by `x` is as accurate.
#[inline(always)]
fn power_slope<T: Real>(x: T, p: T, y: T) -> T {
    // Well inside the range of `f32` and `f64`: neither overflowed nor subnormal.
    let (least, greatest) = (T::ad_from_f64(1e-30), T::ad_from_f64(1e30));
    let size = y.abs();
    if p.ad_at_zero() && x.ad_at_zero() {
        // Not `0 · x⁻¹`, which is NaN at zero.
        p
    } else if p.is_zero() {
        p
    } else if least < size && size < greatest && least < x.abs() {
        p * (y / x)
    } else {
        p * x.powf(p - T::one())
    }
}

/// `xᵖ ln x`, by continuity at zero.
#[inline(always)]
fn exponent_slope<T: Real>(x: T, p: T, y: T) -> T {
    if x.ad_at_zero() && p >= T::zero() {
        T::zero()
    } else {
        // A negative zero has powers of either sign; the limit is taken from the positive side.
        y.abs() * x.ln()
    }
}

/// `x / r` for a part `x` of the radius `r`, and 0 at the origin.
#[inline(always)]
pub(super) fn part<T: Real>(x: T, r: T) -> T {
    if r.ad_at_zero() { r } else { x / r }
}
