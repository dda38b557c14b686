//! The gamma function and its relatives.

use core::f64::consts::PI;

use super::{through_f64, times_slope};
use crate::differentiable::Real;
use autodiff_macros::differentiate;

/// Where the asymptotic series are accurate to the last place.
const LARGE: f64 = 10.0;

/// The gamma function `Γ(x)`, for any `x` but 0, -1, -2, ...
///
/// At a negative integer it is NaN, at `±0` it is `±∞`, above 171.6 (`f64`) it overflows.
///
/// Reverse: see [`gamma_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 5.2.
///
/// ```
/// use differentiate::special::gamma;
///
/// assert_eq!(gamma(5.0), 24.0);
/// assert!((gamma(0.5_f64).powi(2) - std::f64::consts::PI).abs() < 1e-14);
/// ```
#[differentiate(pullback = gamma_pullback)]
#[must_use]
pub fn gamma<T: Real>(x: T) -> T {
    through_f64(x, libm::tgamma)
}

/// Pullback of [`gamma()`]: `x̄ = g Γ(x) ψ(x)`, with the [`digamma()`] function `ψ`.
#[must_use]
pub fn gamma_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    times_slope(x, g, |x| libm::tgamma(x) * psi(x))
}

/// `ln |Γ(x)|`, for any `x` but 0, -1, -2, ..., where it is `∞`.
///
/// Reverse: see [`ln_gamma_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 5.2.
///
/// ```
/// use differentiate::special::ln_gamma;
///
/// assert_eq!((ln_gamma(1.0), ln_gamma(2.0)), (0.0, 0.0));
/// assert!((ln_gamma(101.0_f64) - 363.739_375_555_563_5).abs() < 1e-12);
/// ```
#[differentiate(pullback = ln_gamma_pullback)]
#[must_use]
pub fn ln_gamma<T: Real>(x: T) -> T {
    through_f64(x, libm::lgamma)
}

/// Pullback of [`ln_gamma()`]: `x̄ = g ψ(x)`, with the [`digamma()`] function `ψ`.
#[must_use]
pub fn ln_gamma_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    times_slope(x, g, psi)
}

/// The digamma function `ψ(x) = Γ'(x) / Γ(x)`, for any `x` but 0, -1, -2, ...
///
/// At a negative integer it is NaN, at `±0` it is `∓∞`. Accuracy: a few units in the last place, near the zeros of the
/// function (the positive one is 1.4616...) a few units in the last place of 1.
///
/// Reverse: see [`digamma_pullback`]. Reference: NIST Digital Library of Mathematical Functions, equations 5.5.2,
/// 5.5.4 and 5.11.2.
///
/// ```
/// use differentiate::special::digamma;
///
/// let euler = 0.577_215_664_901_532_9;
/// assert!((digamma(1.0_f64) + euler).abs() < 1e-15);
/// assert!((digamma(0.5_f64) + euler + 2.0 * 2.0_f64.ln()).abs() < 1e-15);
/// ```
#[differentiate(pullback = digamma_pullback)]
#[must_use]
pub fn digamma<T: Real>(x: T) -> T {
    through_f64(x, psi)
}

/// Pullback of [`digamma()`]: `x̄ = g ψ'(x)`, with the trigamma function `ψ'`.
#[must_use]
pub fn digamma_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    times_slope(x, g, trigamma)
}

/// The beta function `B(a, b) = Γ(a) Γ(b) / Γ(a + b)`, for positive `a` and `b`; NaN for others.
///
/// Large arguments neither overflow nor cancel: the logarithms of large gamma functions are combined before they are
/// rounded.
///
/// Reverse: see [`beta_pullback`]. Reference: NIST Digital Library of Mathematical Functions, section 5.12; for large
/// arguments Didonato, Morris 1992, *Algorithm 708: Significant digit computation of the incomplete beta function
/// ratios*, equation 10.
///
/// ```
/// use differentiate::special::beta;
///
/// assert!((beta(2.0_f64, 3.0) - 1.0 / 12.0).abs() < 1e-16);
/// assert!((beta(1e6_f64, 1.0) * 1e6 - 1.0).abs() < 1e-14);
/// ```
#[differentiate(pullback = beta_pullback)]
#[must_use]
pub fn beta<T: Real>(a: T, b: T) -> T {
    T::ad_from_f64(beta_of(a.ad_to_f64(), b.ad_to_f64()))
}

/// Pullback of [`beta()`]: `ā = g B (ψ(a) - ψ(a + b))`, `b̄ = g B (ψ(b) - ψ(a + b))`.
///
/// The differences of digamma functions are formed term by term, without cancellation.
#[must_use]
pub fn beta_pullback<T: Real>(a: T, b: T, _y: &T, g: &T) -> (T, T) {
    let (a, b) = (a.ad_to_f64(), b.ad_to_f64());
    let weight = -g.ad_to_f64() * beta_of(a, b);
    (
        T::ad_from_f64(weight * psi_increase(a, b)),
        T::ad_from_f64(weight * psi_increase(b, a)),
    )
}

fn beta_of(a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0) {
        return f64::NAN;
    }
    let (a, b) = (a.max(b), a.min(b));
    if a < LARGE {
        return libm::tgamma(a) / libm::tgamma(a + b) * libm::tgamma(b);
    }
    // ln Γ(a) - ln Γ(a+b), apart from a term b that the ln Γ(b) of a large b takes away.
    let quotient = stirling(a) - stirling(a + b) - (a - 0.5) * (b / a).ln_1p();
    if b < LARGE {
        return libm::tgamma(b) * (quotient - b * (a + b).ln() + b).exp();
    }
    let half_ln_tau = 0.5 * (2.0 * PI).ln();
    (half_ln_tau - 0.5 * b.ln() + b * (b / (a + b)).ln() + stirling(b) + quotient).exp()
}

/// `ln Γ(x) - (x - ½) ln x + x - ½ ln 2π` for large `x`: equation 5.11.1 of the Digital Library.
fn stirling(x: f64) -> f64 {
    series(
        [
            1.0 / 12.0,
            -1.0 / 360.0,
            1.0 / 1260.0,
            -1.0 / 1680.0,
            1.0 / 1188.0,
            -691.0 / 360_360.0,
            1.0 / 156.0,
        ],
        x,
    ) * x
}

/// `Σ cₙ / x^(2n)`, beginning with `n = 1`.
fn series(coefficients: [f64; 7], x: f64) -> f64 {
    let t = 1.0 / (x * x);
    coefficients.iter().rev().fold(0.0, |sum, c| (sum + c) * t)
}

/// `ψ(x) - ln x + 1/(2x)` for large `x`: equation 5.11.2 of the Digital Library.
fn psi_tail(x: f64) -> f64 {
    series(
        [
            -1.0 / 12.0,
            1.0 / 120.0,
            -1.0 / 252.0,
            1.0 / 240.0,
            -1.0 / 132.0,
            691.0 / 32_760.0,
            -1.0 / 12.0,
        ],
        x,
    )
}

/// The digamma function.
fn psi(x: f64) -> f64 {
    if x <= 0.0 {
        // ψ(x) = ψ(1-x) - π cot πx, where the tangent takes the distance to the nearest integer.
        let distance = x - x.round();
        return match x {
            0.0 => -1.0 / x,
            _ if distance == 0.0 => f64::NAN,
            _ => psi(1.0 - x) - PI / (PI * distance).tan(),
        };
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < LARGE {
        sum += 1.0 / x;
        x += 1.0;
    }
    x.ln() - 0.5 / x + psi_tail(x) - sum
}

/// `ψ(x + h) - ψ(x)` for positive `x` and `h`, without cancellation.
fn psi_increase(x: f64, h: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < LARGE {
        sum += h / (x + h) / x;
        x += 1.0;
    }
    sum + (h / x).ln_1p() + 0.5 * (h / (x + h)) / x + (psi_tail(x + h) - psi_tail(x))
}

/// The trigamma function `ψ'(x)`: the derivatives of equations 5.5.2, 5.5.4 and 5.11.2 of the Digital Library.
fn trigamma(x: f64) -> f64 {
    if x <= 0.0 {
        let sine = (PI * (x - x.round())).sin();
        return (PI / sine).powi(2) - trigamma(1.0 - x);
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < LARGE {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let tail = series(
        [
            1.0 / 6.0,
            -1.0 / 30.0,
            1.0 / 42.0,
            -1.0 / 30.0,
            5.0 / 66.0,
            -691.0 / 2730.0,
            7.0 / 6.0,
        ],
        x,
    );
    sum + (1.0 + 0.5 / x + tail) / x
}
