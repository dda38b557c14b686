//! What nalgebra asks of a number.

use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use nalgebra::{ComplexField, Field, RealField, SimdValue};
use num_traits::{Bounded, FromPrimitive, Num, One, Signed, ToPrimitive, Zero};

use super::Dual;
use crate::differentiable::{Real, converted};

impl<T: Real> Zero for Dual<T> {
    #[inline(always)]
    fn zero() -> Self {
        Self::default()
    }
    /// Are both parts zero?
    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.re.is_zero() && self.eps.is_zero()
    }
}

impl<T: Real> One for Dual<T> {
    #[inline(always)]
    fn one() -> Self {
        Self::constant(T::one())
    }
}

impl<T: Real> Num for Dual<T> {
    type FromStrRadixErr = T::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        T::from_str_radix(text, radix).map(Self::constant)
    }
}

impl<T: Real> FromPrimitive for Dual<T> {
    fn from_i64(n: i64) -> Option<Self> {
        T::from_i64(n).map(Self::constant)
    }
    fn from_u64(n: u64) -> Option<Self> {
        T::from_u64(n).map(Self::constant)
    }
    fn from_f64(n: f64) -> Option<Self> {
        T::from_f64(n).map(Self::constant)
    }
}

impl<T: Real> ToPrimitive for Dual<T> {
    fn to_i64(&self) -> Option<i64> {
        self.ad_to_f64().to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.ad_to_f64().to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        Some(self.ad_to_f64())
    }
}

impl<T: Real + Bounded> Bounded for Dual<T> {
    fn min_value() -> Self {
        Self::constant(<T as Bounded>::min_value())
    }
    fn max_value() -> Self {
        Self::constant(<T as Bounded>::max_value())
    }
}

impl<T: Real> Signed for Dual<T> {
    #[inline(always)]
    fn abs(&self) -> Self {
        Dual::abs(*self)
    }
    fn abs_sub(&self, other: &Self) -> Self {
        if self <= other {
            Self::zero()
        } else {
            *self - *other
        }
    }
    #[inline(always)]
    fn signum(&self) -> Self {
        Dual::signum(*self)
    }
    #[inline(always)]
    fn is_positive(&self) -> bool {
        self.re.is_positive()
    }
    #[inline(always)]
    fn is_negative(&self) -> bool {
        self.re.is_negative()
    }
}

/// By the real parts: such a test is a branch.
impl<T: Real> AbsDiffEq for Dual<T> {
    type Epsilon = Self;
    fn default_epsilon() -> Self {
        Self::constant(T::default_epsilon())
    }
    fn abs_diff_eq(&self, other: &Self, epsilon: Self) -> bool {
        self.re.abs_diff_eq(&other.re, epsilon.re)
    }
}

impl<T: Real> RelativeEq for Dual<T> {
    fn default_max_relative() -> Self {
        Self::constant(T::default_max_relative())
    }
    fn relative_eq(&self, other: &Self, epsilon: Self, max_relative: Self) -> bool {
        self.re.relative_eq(&other.re, epsilon.re, max_relative.re)
    }
}

impl<T: Real> UlpsEq for Dual<T> {
    fn default_max_ulps() -> u32 {
        T::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Self, epsilon: Self, max_ulps: u32) -> bool {
        self.re.ulps_eq(&other.re, epsilon.re, max_ulps)
    }
}

/// One lane.
#[expect(
    unsafe_code,
    reason = "the trait declares two methods unsafe, and their implementations must say so; they do nothing that is"
)]
impl<T: Real> SimdValue for Dual<T> {
    const LANES: usize = 1;
    type Element = Self;
    type SimdBool = bool;
    #[inline(always)]
    fn splat(value: Self) -> Self {
        value
    }
    #[inline(always)]
    fn extract(&self, _: usize) -> Self {
        *self
    }
    #[inline(always)]
    unsafe fn extract_unchecked(&self, _: usize) -> Self {
        *self
    }
    #[inline(always)]
    fn replace(&mut self, _: usize, value: Self) {
        *self = value;
    }
    #[inline(always)]
    unsafe fn replace_unchecked(&mut self, _: usize, value: Self) {
        *self = value;
    }
    #[inline(always)]
    fn select(self, condition: bool, other: Self) -> Self {
        if condition { self } else { other }
    }
}

impl<T: Real> Field for Dual<T> {}

/// Conversions between numbers, in the trait of each version of nalgebra.
macro_rules! subsets {
    ($($simba:ident)*) => { $(
        impl<T: Real, U: Real> $simba::scalar::SubsetOf<Dual<U>> for Dual<T> {
            #[inline(always)]
            fn to_superset(&self) -> Dual<U> {
                converted(*self)
            }
            #[inline(always)]
            fn from_superset_unchecked(element: &Dual<U>) -> Self {
                converted(*element)
            }
            #[inline(always)]
            fn is_in_subset(_: &Dual<U>) -> bool {
                true
            }
        }
        subsets!(@number $simba f32 f64);
    )* };
    (@number $simba:ident $($t:ident)*) => { $(
        impl<T: Real> $simba::scalar::SubsetOf<Dual<T>> for $t {
            #[inline(always)]
            fn to_superset(&self) -> Dual<T> {
                Dual::ad_from_f64(f64::from(*self))
            }
            #[inline(always)]
            fn from_superset_unchecked(element: &Dual<T>) -> $t {
                $t::ad_from_f64(element.ad_to_f64())
            }
            #[inline(always)]
            /// Always: nalgebra asks this where it decides by a value, such as how often an exponential is squared.
            fn is_in_subset(_: &Dual<T>) -> bool {
                true
            }
        }
    )* };
}
subsets!(simba_0_9 simba_0_10);

macro_rules! delegate {
    ($($name:ident)*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            Dual::$name(self)
        }
    )* };
}

impl<T: Real> ComplexField for Dual<T> {
    type RealField = Self;
    delegate! {
        floor ceil round trunc fract abs signum recip sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh log2
        log10 ln ln_1p sqrt exp exp2 exp_m1 cbrt
    }
    #[inline(always)]
    fn from_real(re: Self) -> Self {
        re
    }
    #[inline(always)]
    fn real(self) -> Self {
        self
    }
    #[inline(always)]
    fn imaginary(self) -> Self {
        Self::zero()
    }
    #[inline(always)]
    fn modulus(self) -> Self {
        Dual::abs(self)
    }
    #[inline(always)]
    fn modulus_squared(self) -> Self {
        self * self
    }
    #[inline(always)]
    fn argument(self) -> Self {
        Self::constant(self.re.argument())
    }
    #[inline(always)]
    fn norm1(self) -> Self {
        Dual::abs(self)
    }
    #[inline(always)]
    fn scale(self, factor: Self) -> Self {
        self * factor
    }
    #[inline(always)]
    fn unscale(self, factor: Self) -> Self {
        self / factor
    }
    #[inline(always)]
    fn to_exp(self) -> (Self, Self) {
        if self.re >= T::zero() {
            (self, Self::one())
        } else {
            (-self, -Self::one())
        }
    }
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Dual::mul_add(self, a, b)
    }
    #[inline(always)]
    fn hypot(self, other: Self) -> Self {
        Dual::hypot(self, other)
    }
    #[inline(always)]
    fn conjugate(self) -> Self {
        self
    }
    #[inline(always)]
    fn sin_cos(self) -> (Self, Self) {
        Dual::sin_cos(self)
    }
    /// `sin x / x`, and 1 at 0.
    fn sinc(self) -> Self {
        quotient(self, ComplexField::sinc, T::sin, -T::one())
    }
    /// `sinh x / x`, and 1 at 0.
    fn sinhc(self) -> Self {
        quotient(self, ComplexField::sinhc, T::sinh, T::one())
    }
    #[inline(always)]
    fn log(self, base: Self) -> Self {
        Dual::log(self, base)
    }
    #[inline(always)]
    fn powi(self, n: i32) -> Self {
        Dual::powi(self, n)
    }
    #[inline(always)]
    fn powf(self, n: Self) -> Self {
        Dual::powf(self, n)
    }
    #[inline(always)]
    fn powc(self, n: Self) -> Self {
        Dual::powf(self, n)
    }
    #[inline(always)]
    fn is_finite(&self) -> bool {
        self.re.is_finite()
    }
    #[inline(always)]
    fn try_sqrt(self) -> Option<Self> {
        (self.re >= T::zero()).then(|| Dual::sqrt(self))
    }
}

/// `f(x) / x` for `f = sin` (`sign` -1) or `sinh` (`sign` 1), whose slope `(√(1 ± f²) - f/x) / x` loses all digits near 0
/// and comes from the power series `± x/3 + x³/30 ± x⁵/840 + ..` there.
fn quotient<T: Real>(x: Dual<T>, value: impl Fn(T) -> T, f: impl Fn(T) -> T, sign: T) -> Dual<T> {
    let (re, square) = (value(x.re), x.re * x.re * sign);
    let slope = if x.re.abs() < T::ad_from_f64(0.5) {
        // The coefficients 2n / (2n+1)! of x²ⁿ⁻¹.
        let terms = (1..9).rev().fold(T::zero(), |sum, n| {
            let n = f64::from(n);
            T::one()
                + sum * square * T::ad_from_f64((n + 1.0) / (n * (2.0 * n + 2.0) * (2.0 * n + 3.0)))
        });
        sign * x.re * terms / T::ad_from_f64(3.0)
    } else {
        let cosine = if sign < T::zero() {
            x.re.cos()
        } else {
            x.re.cosh()
        };
        (cosine - f(x.re) / x.re) / x.re
    };
    Dual::new(re, super::operators::times(x.eps, slope))
}

macro_rules! constants {
    ($($name:ident)*) => { $(
        #[inline(always)]
        fn $name() -> Self {
            Self::constant(T::$name())
        }
    )* };
}

impl<T: Real> RealField for Dual<T> {
    constants! {
        pi two_pi frac_pi_2 frac_pi_3 frac_pi_4 frac_pi_6 frac_pi_8 frac_1_pi frac_2_pi frac_2_sqrt_pi e log2_e log10_e
        ln_2 ln_10
    }
    #[inline(always)]
    fn is_sign_positive(&self) -> bool {
        self.re.is_sign_positive()
    }
    #[inline(always)]
    fn is_sign_negative(&self) -> bool {
        self.re.is_sign_negative()
    }
    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        Dual::copysign(self, sign)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Dual::max(self, other)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Dual::min(self, other)
    }
    #[inline(always)]
    fn clamp(self, low: Self, high: Self) -> Self {
        self.clamped(low, high, false, false)
    }
    #[inline(always)]
    fn atan2(self, other: Self) -> Self {
        Dual::atan2(self, other)
    }
    fn min_value() -> Option<Self> {
        <T as RealField>::min_value().map(Self::constant)
    }
    fn max_value() -> Option<Self> {
        <T as RealField>::max_value().map(Self::constant)
    }
}
