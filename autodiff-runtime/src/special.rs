//! Special functions of one or two real numbers, with their pullbacks.
//!
//! `f32` is computed in double precision and rounded once. Values of the error, gamma and Bessel functions come from
//! the crate `libm`; what it does not have is a short series here, with its source. For a vector or a matrix use
//! `x.map(erf)`.

mod bessel;
mod error_function;
mod gamma_function;
mod logarithm;

pub use bessel::{bessel_j0, bessel_j0_pullback, bessel_j1, bessel_j1_pullback};
pub use error_function::{erf, erf_inv, erf_inv_pullback, erf_pullback, erfc, erfc_pullback};
pub use gamma_function::{
    beta, beta_pullback, digamma, digamma_pullback, gamma, gamma_pullback, ln_gamma,
    ln_gamma_pullback,
};
pub use logarithm::{sinc, sinc_pullback, xlogx, xlogx_pullback, xlogy, xlogy_pullback};

pub(crate) use error_function::{density, distribution};

use core::f64::consts::FRAC_2_SQRT_PI;

use crate::differentiable::{Real, converted, lit};

/// `f(x)` in double precision.
#[inline]
fn through_wide<T: Real>(x: T, f: impl Fn(T::AdWide) -> T::AdWide) -> T {
    converted(f(converted(x)))
}

/// `g slope(x)`, and exactly zero for a cotangent of exactly zero, so that `0 · ∞` never makes a NaN.
#[inline]
fn times_slope<T: Real>(x: T, g: &T, slope: impl Fn(T::AdWide) -> T::AdWide) -> T {
    if g.is_zero() {
        return *g;
    }
    converted(converted::<T, T::AdWide>(*g) * slope(converted(x)))
}

/// A function of one number whose values are computed for doubles, and whose slope is made of such functions again.
#[derive(Clone, Copy, Debug)]
pub enum Function {
    /// [`erf()`].
    Erf,
    /// [`erfc()`].
    Erfc,
    /// [`erf_inv()`].
    ErfInv,
    /// [`gamma()`].
    Gamma,
    /// [`ln_gamma()`].
    LnGamma,
    /// [`sinc()`].
    Sinc,
    /// The Bessel function of the first kind of an order.
    Bessel(i32),
}

impl Function {
    /// The value.
    #[must_use]
    pub fn ad_value(self, x: f64) -> f64 {
        match self {
            Function::Erf => libm::erf(x),
            Function::Erfc => libm::erfc(x),
            Function::ErfInv => error_function::inverse(x.abs()).copysign(x),
            Function::Gamma => libm::tgamma(x),
            Function::LnGamma => libm::lgamma(x),
            Function::Sinc => logarithm::cardinal_sine(x),
            Function::Bessel(0) => libm::j0(x),
            Function::Bessel(1) => libm::j1(x),
            Function::Bessel(order) => libm::jn(order, x),
        }
    }

    /// The slope at `x`, where the value is `y`.
    fn slope<T: Real>(self, x: T, y: T) -> T {
        let bell = lit::<T>(FRAC_2_SQRT_PI);
        match self {
            Function::Erf => bell * (-x * x).exp(),
            Function::Erfc => -(bell * (-x * x).exp()),
            Function::ErfInv => (y * y).exp() / bell,
            Function::Gamma => y * gamma_function::psi(x),
            Function::LnGamma => gamma_function::psi(x),
            Function::Sinc => logarithm::cardinal_slope(x),
            Function::Bessel(0) => -x.ad_function(Function::Bessel(1)),
            Function::Bessel(order) => {
                let [below, above] =
                    [order - 1, order + 1].map(|it| x.ad_function(Function::Bessel(it)));
                (below - above) * lit(0.5)
            }
        }
    }

    /// `g` times the slope at `x`, where the value is `y`; exactly zero for a cotangent of exactly zero.
    #[must_use]
    pub fn ad_pullback<T: Real>(self, x: T, y: T, g: T) -> T {
        times_slope(x, &g, |x| self.slope(x, converted(y)))
    }
}
