//! Functions that the standard library does not have, as a user would add them.

use differentiate::{Real, differentiate, lit};

/// The error function, by the series with positive terms `2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!`.
#[differentiate(order = 2, pullback = erf_pullback)]
pub(crate) fn erf<T: Real>(x: T) -> T {
    let mut term = x;
    let mut sum = x;
    let mut n = 1.0;
    while term.abs() > T::default_epsilon() * sum.abs() * lit(0.01) {
        term = term * lit::<T>(2.0) * x * x / lit(2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    sum * (-(x * x)).exp() * T::frac_2_sqrt_pi()
}

fn erf_pullback<T: Real>(x: T, _y: &T, g: &T) -> T {
    *g * (-(x * x)).exp() * T::frac_2_sqrt_pi()
}

/// The distribution function of the standard normal distribution.
#[differentiate(order = 2)]
pub(crate) fn normal_cdf<T: Real>(x: T) -> T {
    (erf(x / lit::<T>(2.0).sqrt()) + T::one()) * lit(0.5)
}

/// `ln(1 + eˣ)` without overflow.
#[differentiate(order = 2)]
pub(crate) fn softplus<T: Real>(x: T) -> T {
    if x > T::zero() {
        x + (-x).exp().ln_1p()
    } else {
        x.exp().ln_1p()
    }
}
