//! The larger and the smaller of two matrices, entry by entry.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::put_entries;
use crate::differentiable::Real;
use crate::rules::{method_rule, rule};

method_rule! {
    /// The larger of two entries, at each position: it gets the cotangent; at a tie each gets one half.
    ///
    /// Keeps the receiver and the argument.
    SupRule ad_sup;
    /// The smaller of two entries, at each position: it gets the cotangent; at a tie each gets one half.
    ///
    /// Keeps the receiver and the argument.
    InfRule ad_inf;
}

/// The part of `g` that goes to `a` in `max(a, b)`.
fn larger<T: Real>(g: T, a: T, b: T) -> T {
    if a > b {
        g
    } else if a < b {
        T::zero()
    } else {
        g * T::ad_from_f64(0.5)
    }
}

macro_rules! extremes {
    ($($Rule:ident $method:ident |$x:ident| $sign:expr;)*) => { $(
        rule! {
            [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, S2: RawStorage<T, R, C>]
            $Rule $method(a: Matrix<T, R, C, S0>; b B SB: Matrix<T, R, C, S2> => OMatrix<T, R, C>)
            [() => ()] where [DefaultAllocator: Allocator<R, C>]
            |g: OMatrix<T, R, C>, dest, (to_b)| {
                let sign = |$x: T| $sign;
                let (a, b) = (|at| sign(a[at]), |at| sign(b[at]));
                let shape = g.shape_generic();
                (
                    put_entries(shape, dest, |i, j| larger(g[(i, j)], a((i, j)), b((i, j)))),
                    (put_entries(shape, to_b, |i, j| larger(g[(i, j)], b((i, j)), a((i, j)))),),
                )
            }
        }
    )* };
}
extremes! {
    SupRule ad_sup |x| x;
    InfRule ad_inf |x| -x;
}
