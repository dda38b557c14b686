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

use crate::differentiable::Real;

/// `f(x)` in double precision.
#[inline]
fn through_f64<T: Real>(x: T, f: impl Fn(f64) -> f64) -> T {
    T::ad_from_f64(f(x.ad_to_f64()))
}

/// `g slope(x)`, and exactly zero for a cotangent of exactly zero, so that `0 · ∞` never makes a NaN.
#[inline]
fn times_slope<T: Real>(x: T, g: &T, slope: impl Fn(f64) -> f64) -> T {
    if g.is_zero() {
        return *g;
    }
    T::ad_from_f64(g.ad_to_f64() * slope(x.ad_to_f64()))
}
