//! Special functions: slopes, known values, identities, edges of the domain.

use std::f64::consts::PI;

use crate::harness::{assert_close, confirm};
use autodiff_runtime::special::{
    bessel_j0, bessel_j1, beta, digamma, erf, erf_inv, erfc, gamma, ln_gamma, sinc, xlogx, xlogy,
};

const EULER: f64 = 0.577_215_664_901_532_9;

macro_rules! everywhere {
    ($($test:ident $f:ident $points:expr;)*) => { $(
        #[test]
        fn $test() {
            for x in $points {
                confirm!($f(*x), at x = x);
            }
        }
    )* };
}

const ANYWHERE: [f64; 9] = [-3.5, -1.25, -0.5, -0.0625, 0.0, 0.25, 0.75, 1.5, 3.25];
const AWAY_FROM_POLES: [f64; 8] = [-2.5, -1.5, -0.5, 0.5, 0.75, 1.5, 2.75, 6.5];

everywhere! {
    error_function erf ANYWHERE;
    complementary_error_function erfc ANYWHERE;
    inverse_error_function erf_inv [-0.9, -0.75, -0.5, -0.0625, 0.0, 0.25, 0.5, 0.875];
    bessel_zero bessel_j0 ANYWHERE;
    bessel_one bessel_j1 ANYWHERE;
    sine_quotient sinc ANYWHERE;
    gamma_function gamma AWAY_FROM_POLES;
    logarithm_of_gamma ln_gamma AWAY_FROM_POLES;
    digamma_function digamma AWAY_FROM_POLES;
    entropy_term xlogx [0.25, 0.5, 1.0, 2.5];
}

#[test]
fn two_arguments() {
    for (a, b) in [
        (0.5, 0.75),
        (2.0, 3.0),
        (1.5, 12.0),
        (12.0, 2.5),
        (11.0, 14.5),
    ] {
        confirm!(beta(*a, *b), at a = a, b = b);
    }
    for (x, y) in [(0.5, 0.75), (-2.0, 3.0), (0.0, 1.5)] {
        confirm!(xlogy(*x, *y), at x = x, y = y);
    }
}

/// Tables 6.1, 7.1 and 9.1 of Abramowitz and Stegun, and closed forms.
#[test]
fn known_values() {
    let table: [(&str, f64, f64); 22] = [
        ("erf_inv", erf_inv(0.5), 0.476_936_276_204_469_9),
        ("erf_inv", erf_inv(-0.9), -1.163_087_153_676_674),
        ("erf", erf(0.5), 0.520_499_877_813_046_5),
        ("erf", erf(-2.0), -0.995_322_265_018_952_7),
        ("erfc", erfc(2.0) / 0.004_677_734_981_047_266, 1.0),
        ("erfc", erfc(10.0) / 2.088_487_583_762_545e-45, 1.0),
        ("gamma", gamma(5.0), 24.0),
        ("gamma", gamma(0.5), PI.sqrt()),
        ("gamma", gamma(-1.5), 4.0 / 3.0 * PI.sqrt()),
        ("ln_gamma", ln_gamma(0.5), 0.5 * PI.ln()),
        ("ln_gamma", ln_gamma(-0.5), (2.0 * PI.sqrt()).ln()),
        ("digamma", digamma(1.0), -EULER),
        ("digamma", digamma(0.5), -EULER - 2.0 * 2.0_f64.ln()),
        ("digamma", digamma(-0.5), 2.0 - EULER - 2.0 * 2.0_f64.ln()),
        ("digamma", digamma(10.0), 2.251_752_589_066_721),
        ("trigamma", digamma::grad(1.0), PI * PI / 6.0),
        ("trigamma", digamma::grad(0.5), PI * PI / 2.0),
        ("trigamma", digamma::grad(-0.5), PI * PI / 2.0 + 4.0),
        ("beta", beta(2.0, 3.0), 1.0 / 12.0),
        ("beta", beta(0.5, 0.5), PI),
        ("bessel_j0", bessel_j0(1.0), 0.765_197_686_557_966_6),
        ("bessel_j1", bessel_j1(1.0), 0.440_050_585_744_933_5),
    ];
    for (name, got, expected) in table {
        assert_close(name, &[got], &[expected], 4e-15);
    }
}

/// Near small and large arguments, where the plain formulas lose digits.
#[test]
fn accuracy() {
    // ψ is the slope of ln Γ, and rises by 1/x from x to x + 1.
    for x in [0.01, 0.3, 1.7, 5.5, 9.99, 10.0, 123.4, -0.3, -7.6] {
        let scale = digamma(x + 1.0_f64).abs() + (1.0 / x).abs();
        let error = digamma(x + 1.0) - digamma(x) - 1.0 / x;
        assert_close("digamma", &[error / scale], &[0.0], 2e-15);
        let (slope, next) = (digamma::grad(x), digamma::grad(x + 1.0));
        assert_close("trigamma", &[(next + 1.0 / (x * x)) / slope], &[1.0], 2e-15);
    }
    // The inverse of erf at numbers of every size, and near 1.
    for x in [f64::MIN_POSITIVE, 1e-30, 1e-8, 0.125, 0.499, 0.5, 0.75] {
        assert_close("erf_inv", &[erf(erf_inv(x)) / x], &[1.0], 1e-15);
    }
    for rest in [0.25, 1e-3, 1e-8, 2.0_f64.powi(-53)] {
        let quotient = erfc(erf_inv(1.0 - rest)) / (1.0 - (1.0 - rest));
        assert_close("erf_inv", &[quotient], &[1.0], 3e-14);
    }
    // B(a, 1) = 1/a, B(a, 2) = 1/(a (a + 1)), and their derivatives.
    for a in [0.5_f64, 3.0, 9.5, 25.0, 1e3, 1e6, 1e12] {
        let (value, (slope, _)) = beta::value_and_grad(a, 1.0);
        assert_close("beta", &[value * a, slope * a * a], &[1.0, -1.0], 4e-15);
        let (value, (_, slope)) = beta::value_and_grad(2.0, a);
        let (product, sum) = (a * (a + 1.0), 2.0 * a + 1.0);
        assert_close(
            "beta",
            &[value * product, slope * product / sum * product],
            &[1.0, -1.0],
            4e-15,
        );
    }
    // B(n+1, n+1) = B(n, n) n / (2 (2n + 1)).
    let mut expected = 1.0;
    for n in 1..200 {
        let n = f64::from(n);
        assert_close("beta", &[beta(n, n) / expected], &[1.0], 2e-13);
        expected *= n / (2.0 * (2.0 * n + 1.0));
    }
    // The power series and the quotient meet at z = 1/2.
    for x in [1e-300, 1e-9, 1e-3, 0.5 / PI - 1e-12, 0.5 / PI + 1e-12] {
        let t = (PI * x).powi(2);
        let series =
            1.0 - t / 10.0 + t * t / 280.0 - t.powi(3) / 15_120.0 + t.powi(4) / 1_330_560.0;
        let quotient = sinc::grad(x) / (-PI * PI / 3.0 * x);
        assert_close("sinc", &[quotient], &[series], 1e-11);
    }
    assert_close(
        "sinc",
        &[sinc(1e6 + 0.5)],
        &[1.0 / (PI * (1e6 + 0.5))],
        1e-21,
    );
}

#[test]
fn edges_of_the_domain() {
    let infinity = f64::INFINITY;
    assert_close(
        "erf",
        &[erf(infinity), erf(-infinity), erfc(infinity)],
        &[1.0, -1.0, 0.0],
        0.0,
    );
    let far = [erf::grad(1e10), erfc::grad(infinity), erf::grad(f64::MAX)];
    assert_close("erf", &far, &[0.0; 3], 0.0);
    assert!(gamma(172.0_f64).is_infinite() && gamma(200.0_f64).is_infinite());
    assert!(gamma(-1.0_f64).is_nan() && digamma(-1.0_f64).is_nan());
    assert!(digamma(0.0_f64) == -infinity && digamma(-0.0_f64) == infinity);
    assert!(ln_gamma(0.0_f64) == infinity && ln_gamma(1e300_f64).is_finite());
    assert!(digamma(infinity) == infinity && digamma(f64::NAN).is_nan());
    assert!(beta(0.0_f64, 1.0).is_nan() && beta(-1.0_f64, 2.0).is_nan());
    assert!(erf(f64::NAN).is_nan() && xlogx(f64::NAN).is_nan() && sinc(f64::NAN).is_nan());
    assert!(xlogy(0.0, f64::NAN).is_nan() && xlogx(-1.0_f64).is_nan());
    assert!(erf_inv(1.0_f64) == infinity && erf_inv(-1.0_f64) == -infinity);
    assert!(erf_inv(1.5_f64).is_nan() && erf_inv(f64::NAN).is_nan());
    assert!(erf_inv(-0.0_f64).is_sign_negative() && erf_inv::grad(1.0_f32) == f32::INFINITY);
    // A cotangent of zero contributes zero, also at a pole.
    let (_, pull) = ln_gamma::vjp(0.0_f64);
    assert!(pull(0.0).abs() == 0.0);
    let (_, pull) = erf_inv::vjp(1.0_f64);
    assert!(pull(0.0).abs() == 0.0);
    let (_, pull) = gamma::vjp(-1.0_f32);
    assert!(pull(0.0).abs() == 0.0);
}
