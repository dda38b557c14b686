//! The methods of a number: each takes its real part from the same method of the parts, and its infinitesimal part from
//! the derivative rule of that method.

use core::cmp::Ordering;

use super::Dual;
use crate::differentiable::{Lit, Real};
use crate::put::{Fresh, Skip};
use crate::rules::Val;
use crate::rules::elementary::{
    AbsRule, AcosRule, AcoshRule, AsinRule, AsinhRule, Atan2Rule, AtanRule, AtanhRule, CbrtRule,
    ClampRule, CopysignRule, CosRule, CoshRule, Exp2Rule, ExpM1Rule, ExpRule, FractRule, HypotRule,
    Ln1pRule, LnRule, Log2Rule, Log10Rule, LogRule, MaxRule, MinRule, PowfRule, PowiRule,
    RecipRule, RemEuclidRule, SinRule, SinhRule, SqrtRule, TanRule, TanhRule, ToDegreesRule,
    ToRadiansRule,
};

/// An argument of a method of dual numbers: a dual number, or a constant, which counts as a literal.
///
/// The difference shows at a tie of `max`, `min` or `clamp`: a number shares the derivative with a bound that may move,
/// and loses it to one that does not.
pub trait Bound<T> {
    /// Is it a constant?
    const LITERAL: bool;
    /// Its value.
    fn ad_dual(self) -> Dual<T>;
}

impl<T> Bound<T> for Dual<T> {
    const LITERAL: bool = false;
    #[inline(always)]
    fn ad_dual(self) -> Dual<T> {
        self
    }
}

impl<T: Real> Bound<T> for &Dual<T> {
    const LITERAL: bool = false;
    #[inline(always)]
    fn ad_dual(self) -> Dual<T> {
        *self
    }
}

impl<T: Real> Bound<T> for T {
    const LITERAL: bool = true;
    #[inline(always)]
    fn ad_dual(self) -> Dual<T> {
        Dual::constant(self)
    }
}

impl<T: Real> Bound<T> for Lit<T> {
    const LITERAL: bool = true;
    #[inline(always)]
    fn ad_dual(self) -> Dual<T> {
        Dual::constant(self.0)
    }
}

impl<T> Bound<T> for Lit<Dual<T>> {
    const LITERAL: bool = true;
    #[inline(always)]
    fn ad_dual(self) -> Dual<T> {
        self.0
    }
}

/// Functions of one number, each with its rule and with what the rule reads.
macro_rules! unary {
    ($($name:ident $rule:ident $kept:ident;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`, with the derivative of its rule.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(self) -> Self {
            let re = self.re.$name();
            let ((eps, ()), _) = unary!(@$kept self, re, $rule);
            Dual { re, eps }
        }
    )* };
    (@input $x:ident, $y:ident, $rule:ident) => { ($x.re.$rule((), (), &$x.eps, Fresh, ()), ()) };
    (@output $x:ident, $y:ident, $rule:ident) => { ($y.$rule((), (), &$x.eps, Fresh, ()), ()) };
    (@all $x:ident, $y:ident, $rule:ident) => { ($x.re.$rule((), &$y, &$x.eps, Fresh, ()), ()) };
}

/// Functions of two numbers.
macro_rules! binary {
    ($($name:ident $native:ident $rule:ident $kept:ident;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`, with the derivative of its rule.")]
        #[inline(always)]
        #[must_use]
        pub fn $name<B: Bound<T>>(self, other: B) -> Self {
            let other = other.ad_dual();
            let re = self.re.$native(other.re);
            let right = Val(&other.re);
            let (left, _) = self.re.$rule((right,), binary!(@$kept re), &self.eps, Fresh, (Skip,));
            if other.eps.is_zero() {
                return Dual { re, eps: left };
            }
            let ((), (right,)) = self.re.$rule((right,), binary!(@$kept re), &other.eps, Skip, (Fresh,));
            Dual { re, eps: left + right }
        }
    )* };
    (@input $y:ident) => { () };
    (@all $y:ident) => { &$y };
}

/// Functions of two numbers with ties.
macro_rules! ties {
    ($($name:ident $rule:ident;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`, by the real parts. At a tie each has one half; beside a constant, nothing.")]
        #[inline(always)]
        #[must_use]
        pub fn $name<B: Bound<T>>(self, other: B) -> Self {
            let other = other.ad_dual();
            let re = self.re.$name(other.re);
            let eps = if B::LITERAL {
                self.re.$rule((Lit(other.re),), (), &self.eps, Fresh, (Skip,)).0
            } else {
                let (left, _) = self.re.$rule((Val(&other.re),), (), &self.eps, Fresh, (Skip,));
                let (_, (right,)) = self.re.$rule((Val(&other.re),), (), &other.eps, Skip, (Fresh,));
                left + right
            };
            Dual { re, eps }
        }
    )* };
}

/// Step functions.
macro_rules! steps {
    ($($name:ident $native:ident;)*) => { $(
        #[doc = concat!("`", stringify!($name), "`, a step function: without infinitesimal part.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(self) -> Self {
            Dual::constant(self.re.$native())
        }
    )* };
}

/// The methods that `f64` has, by the same names.
impl<T: Real> Dual<T> {
    /// `exp`, with the derivative of its rule. Where it is zero, at `-∞`, an infinite tangent counts for nothing.
    #[inline(always)]
    #[must_use]
    pub fn exp(self) -> Self {
        let re = self.re.exp();
        let (eps, ()) = self.re.ad_exp((), &re, &self.eps, Fresh, ());
        let eps = if re.is_zero() { re } else { eps };
        Dual { re, eps }
    }
    unary! {
        abs ad_abs input;
        sqrt ad_sqrt output;
        cbrt ad_cbrt output;
        recip ad_recip output;
        exp2 ad_exp2 output;
        exp_m1 ad_exp_m1 output;
        ln ad_ln input;
        ln_1p ad_ln_1p input;
        log2 ad_log2 input;
        log10 ad_log10 input;
        sin ad_sin input;
        cos ad_cos input;
        tan ad_tan output;
        asin ad_asin input;
        acos ad_acos input;
        atan ad_atan input;
        sinh ad_sinh input;
        cosh ad_cosh input;
        tanh ad_tanh output;
        asinh ad_asinh input;
        acosh ad_acosh input;
        atanh ad_atanh input;
        fract ad_fract input;
    }

    binary! {
        powf powf ad_powf all;
        log log ad_log input;
        hypot hypot ad_hypot all;
        atan2 atan2 ad_atan2 input;
        copysign copysign ad_copysign input;
        rem_euclid ad_native_rem_euclid ad_rem_euclid input;
    }

    ties! {
        max ad_max;
        min ad_min;
    }

    steps! {
        floor floor;
        ceil ceil;
        round round;
        round_ties_even ad_native_round_ties_even;
        trunc trunc;
        signum signum;
    }

    /// `div_euclid`, a step function: without infinitesimal part.
    #[inline(always)]
    #[must_use]
    pub fn div_euclid<B: Bound<T>>(self, other: B) -> Self {
        Dual::constant(self.re.ad_native_div_euclid(other.ad_dual().re))
    }

    /// Radians to degrees.
    #[inline(always)]
    #[must_use]
    pub fn to_degrees(self) -> Self {
        let (eps, ()) = self.re.ad_to_degrees((), (), &self.eps, Fresh, ());
        Dual::new(self.re.ad_native_to_degrees(), eps)
    }

    /// Degrees to radians.
    #[inline(always)]
    #[must_use]
    pub fn to_radians(self) -> Self {
        let (eps, ()) = self.re.ad_to_radians((), (), &self.eps, Fresh, ());
        Dual::new(self.re.ad_native_to_radians(), eps)
    }

    /// An integer power.
    #[inline(always)]
    #[must_use]
    pub fn powi(self, n: i32) -> Self {
        let (eps, _) = self.re.ad_powi((Val(&n),), (), &self.eps, Fresh, (Skip,));
        Dual::new(self.re.powi(n), eps)
    }

    /// `self · a + b` with one rounding.
    #[inline(always)]
    #[must_use]
    pub fn mul_add<A: Bound<T>, B: Bound<T>>(self, a: A, b: B) -> Self {
        let (a, b) = (a.ad_dual(), b.ad_dual());
        Dual::new(
            self.re.mul_add(a.re, b.re),
            (self * Dual::new(a.re, a.eps)).eps + b.eps,
        )
    }

    /// Sine and cosine.
    #[inline(always)]
    #[must_use]
    pub fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.re.sin_cos();
        (
            Dual::new(sin, super::operators::times(self.eps, cos)),
            Dual::new(cos, -super::operators::times(self.eps, sin)),
        )
    }

    /// The number, or the bound that it is beyond, by the real parts.
    ///
    /// # Panics
    /// As that of `f64`: if the lower bound is not at most the upper one.
    #[inline(always)]
    #[must_use]
    pub fn clamp<L: Bound<T>, H: Bound<T>>(self, low: L, high: H) -> Self {
        let (literal_low, literal_high) = (L::LITERAL, H::LITERAL);
        let (low, high) = (low.ad_dual(), high.ad_dual());
        assert!(
            low.re <= high.re,
            "min > max, or either was NaN. min = {:?}, max = {:?}",
            low.re,
            high.re
        );
        self.clamped(low, high, literal_low, literal_high)
    }

    /// The number, or the bound that it is beyond, which may be a literal one; without a look at the order of the bounds,
    /// as `clamp` of nalgebra's numbers.
    #[inline(always)]
    pub(super) fn clamped(
        self,
        low: Self,
        high: Self,
        literal_low: bool,
        literal_high: bool,
    ) -> Self {
        let re = self.re.clamp(low.re, high.re);
        macro_rules! pushed {
            ($low:expr, $high:expr) => {{
                let (x, _) = self
                    .re
                    .ad_clamp(($low, $high), (), &self.eps, Fresh, (Skip, Skip));
                let (_, (l, ())) =
                    self.re
                        .ad_clamp(($low, $high), (), &low.eps, Skip, (Fresh, Skip));
                let (_, ((), h)) =
                    self.re
                        .ad_clamp(($low, $high), (), &high.eps, Skip, (Skip, Fresh));
                x + l + h
            }};
        }
        let eps = match (literal_low, literal_high) {
            (false, false) => pushed!(Val(&low.re), Val(&high.re)),
            (false, true) => pushed!(Val(&low.re), Lit(high.re)),
            (true, false) => pushed!(Lit(low.re), Val(&high.re)),
            (true, true) => pushed!(Lit(low.re), Lit(high.re)),
        };
        Dual { re, eps }
    }

    /// Is the real part neither infinite nor NaN?
    #[inline(always)]
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.re.is_finite()
    }

    /// Is the real part NaN?
    #[inline(always)]
    #[must_use]
    pub fn is_nan(self) -> bool {
        self.re.partial_cmp(&self.re).is_none()
    }

    /// Is the real part infinite?
    #[inline(always)]
    #[must_use]
    pub fn is_infinite(self) -> bool {
        !self.is_finite() && !self.is_nan()
    }

    /// Has the real part the sign `+`?
    #[inline(always)]
    #[must_use]
    pub fn is_sign_positive(self) -> bool {
        self.re.is_sign_positive()
    }

    /// Has the real part the sign `-`?
    #[inline(always)]
    #[must_use]
    pub fn is_sign_negative(self) -> bool {
        self.re.is_sign_negative()
    }

    /// The total order of the real parts, as doubles.
    #[inline(always)]
    #[must_use]
    pub fn total_cmp(&self, other: &Self) -> Ordering {
        self.re.ad_to_f64().total_cmp(&other.re.ad_to_f64())
    }
}
