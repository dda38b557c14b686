//! Quotients and remainders; the linear operators are their own derivative.

use autodiff_runtime::__private::{Acc, Fresh, cast, div, mul, pair, pull1, rem, sum};
use autodiff_runtime::check;

#[test]
fn products_quotients_and_remainders() {
    for point in [(5.5, 2.0), (-5.5, 2.0), (1.25, -3.0), (0.4, 0.7)] {
        check::gradient(
            |(a, b)| a * b,
            |(a, b)| mul(pair(a, b), &1.0, Fresh, Fresh),
            &point,
        )
        .assert();
        check::gradient(
            |(a, b)| a / b,
            |(a, b)| div(pair(a, b), &1.0, Fresh, Fresh),
            &point,
        )
        .assert();
        check::gradient(
            |(a, b)| a % b,
            |(a, b)| rem(pair(a, b), &1.0, Fresh, Fresh),
            &point,
        )
        .assert();
    }
}

/// `1.7 / 0.1` rounds to 17, but 17 times the number nearest to 0.1 is more than the number nearest to 1.7.
#[test]
fn a_remainder_does_not_trust_a_rounded_quotient() {
    assert_eq!((1.7_f64 / 0.1).trunc(), 17.0);
    assert_eq!(rem(pair(&1.7, &0.1), &1.0, Fresh, Fresh), (1.0, -16.0));
}

/// A cast adds to a destination that holds something already.
#[test]
fn casts_accumulate() {
    let mut d = 1.0_f64;
    pull1(cast((&2.5_f64, &2.5_f32)), 3.0_f32, Acc(&mut d));
    assert_eq!(d, 4.0);
}

#[test]
fn sums_of_values_and_references() {
    assert_eq!(sum(2.0, 3.0).0, 5.0);
    assert_eq!(sum(2.0, &3.0).0, 5.0);
}
