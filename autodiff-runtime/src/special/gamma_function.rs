//! The gamma function and its relatives.

use core::f64::consts::PI;

use super::{Function, through_wide, times_slope};
use crate::differentiable::{Real, converted, lit};
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
#[differentiate(order = 2, pullback = gamma_pullback)]
#[must_use]
pub fn gamma<T: Real>(x: T) -> T {
    x.ad_function(Function::Gamma)
}

/// Pullback of [`gamma()`]: `x̄ = g Γ(x) ψ(x)`, with the [`digamma()`] function `ψ`.
#[must_use]
pub fn gamma_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    // Not the rounded result.
    times_slope(x, g, |x| x.ad_function(Function::Gamma) * psi(x))
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
#[differentiate(order = 2, pullback = ln_gamma_pullback)]
#[must_use]
pub fn ln_gamma<T: Real>(x: T) -> T {
    x.ad_function(Function::LnGamma)
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
#[differentiate(order = 2, pullback = digamma_pullback)]
#[must_use]
pub fn digamma<T: Real>(x: T) -> T {
    through_wide(x, psi)
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
#[differentiate(order = 2, pullback = beta_pullback)]
#[must_use]
pub fn beta<T: Real>(a: T, b: T) -> T {
    converted(beta_of::<T::AdWide>(converted(a), converted(b)))
}

/// Pullback of [`beta()`]: `ā = g B (ψ(a) - ψ(a + b))`, `b̄ = g B (ψ(b) - ψ(a + b))`.
///
/// The differences of digamma functions are formed term by term, without cancellation.
#[must_use]
pub fn beta_pullback<T: Real>(a: T, b: T, _y: &T, g: &T) -> (T, T) {
    let [a, b, g] = [a, b, *g].map(converted::<T, T::AdWide>);
    let weight = -g * beta_of(a, b);
    (
        converted(weight * psi_increase(a, b)),
        converted(weight * psi_increase(b, a)),
    )
}

fn beta_of<T: Real>(a: T, b: T) -> T {
    if !(a > T::zero() && b > T::zero()) {
        return lit(f64::NAN);
    }
    let (large, half) = (lit(LARGE), lit::<T>(0.5));
    let gamma = |x: T| x.ad_function(Function::Gamma);
    // Not `max` and `min`, which share at a tie.
    let (a, b) = if a >= b { (a, b) } else { (b, a) };
    if a < large {
        return gamma(a) / gamma(a + b) * gamma(b);
    }
    // ln Γ(a) - ln Γ(a+b), apart from a term b that the ln Γ(b) of a large b takes away.
    let quotient = stirling(a) - stirling(a + b) - (a - half) * (b / a).ln_1p();
    if b < large {
        return gamma(b) * (quotient - b * (a + b).ln() + b).exp();
    }
    let half_ln_tau = lit::<T>(0.5 * (2.0 * PI).ln());
    (half_ln_tau - half * b.ln() + b * (b / (a + b)).ln() + stirling(b) + quotient).exp()
}

/// `ln Γ(x) - (x - ½) ln x + x - ½ ln 2π` for large `x`: equation 5.11.1 of the Digital Library.
fn stirling<T: Real>(x: T) -> T {
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
fn series<T: Real>(coefficients: [f64; 7], x: T) -> T {
    let t = T::one() / (x * x);
    (coefficients.iter().rev()).fold(T::zero(), |sum, c| (sum + lit(*c)) * t)
}

/// `ψ(x) - ln x + 1/(2x)` for large `x`: equation 5.11.2 of the Digital Library.
fn psi_tail<T: Real>(x: T) -> T {
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
pub(super) fn psi<T: Real>(x: T) -> T {
    let (one, pi) = (T::one(), lit::<T>(PI));
    if x <= T::zero() {
        // ψ(x) = ψ(1-x) - π cot πx, where the tangent takes the distance to the nearest integer.
        let distance = x - x.round();
        return if x.ad_at_zero() {
            -one / x
        } else if distance.ad_at_zero() {
            lit(f64::NAN)
        } else {
            psi(one - x) - pi / (pi * distance).tan()
        };
    }
    let (mut x, mut sum) = (x, T::zero());
    while x < lit(LARGE) {
        sum += one / x;
        x += one;
    }
    x.ln() - lit::<T>(0.5) / x + psi_tail(x) - sum
}

/// `ψ(x + h) - ψ(x)` for positive `x` and `h`, without cancellation.
fn psi_increase<T: Real>(x: T, h: T) -> T {
    let (mut x, mut sum) = (x, T::zero());
    while x < lit(LARGE) {
        sum += h / (x + h) / x;
        x += T::one();
    }
    sum + (h / x).ln_1p() + lit::<T>(0.5) * (h / (x + h)) / x + (psi_tail(x + h) - psi_tail(x))
}

/// The trigamma function `ψ'(x)`: the derivatives of equations 5.5.2, 5.5.4 and 5.11.2 of the Digital Library.
fn trigamma<T: Real>(x: T) -> T {
    let (one, pi) = (T::one(), lit::<T>(PI));
    if x <= T::zero() {
        let sine = (pi * (x - x.round())).sin();
        return (pi / sine).powi(2) - trigamma(one - x);
    }
    let (mut x, mut sum) = (x, T::zero());
    while x < lit(LARGE) {
        sum += one / (x * x);
        x += one;
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
    sum + (one + lit::<T>(0.5) / x + tail) / x
}
