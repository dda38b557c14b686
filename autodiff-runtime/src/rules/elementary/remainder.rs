//! Euclidean division and the fractional part.

use super::{Operand, Put, Real, guarded, method_rule};

from_input! {
    /// `x - trunc x`: slope 1, also at the integers.
    FractRule ad_fract |g, _x| g;
}

binary! {
    /// `a - b·q` with the Euclidean quotient `q`: slopes 1 and `-q`, also where `q` jumps.
    RemEuclidRule ad_rem_euclid |g, a, b| (
        g,
        guarded(g, -(g * euclidean_quotient(a, b)))
    );
    /// The Euclidean quotient: a step function, slopes 0 and 0.
    DivEuclidRule ad_div_euclid |_g, _a, _b| (
        T::zero(),
        T::zero()
    );
}

/// The integer `q` for which `a - b·q` lies in `[0, |b|)`.
#[inline(always)]
fn euclidean_quotient<T: Real>(a: T, b: T) -> T {
    let truncated = a % b;
    let remainder = if truncated < T::zero() {
        truncated + b.abs()
    } else {
        truncated
    };
    // Not `trunc(a / b)`: the quotient may round up to an integer that it has not reached.
    ((a - remainder) / b).round()
}
