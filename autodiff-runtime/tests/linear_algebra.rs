//! The rules of nalgebra's linear algebra: every entry of the Jacobian against differences, with every kind of
//! destination, and closed forms.

#![allow(
    clippy::semicolon_if_nothing_returned,
    reason = "the same expression is expanded with destinations that hand something back and with others"
)]
#![allow(
    unused_macros,
    unused_macro_rules,
    dead_code,
    reason = "the harness serves other tests, too"
)]

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{self as rt, Acc, Fresh, Lazy, Maybe, Skip, Val, peel};
use autodiff_runtime::{Differentiable, Real, Tangent};

#[macro_use]
#[path = "matrix_rules/harness.rs"]
mod harness;
#[macro_use]
#[path = "linear_algebra/exact.rs"]
mod exact;

use harness::*;

/// Runs a test for both scalar types.
macro_rules! for_both {
    ($($test:ident)*) => { $(
        mod $test {
            #[test]
            fn f64() {
                super::on::$test::<f64>();
            }
            #[test]
            fn f32() {
                super::on::$test::<f32>();
            }
        }
    )* };
}

#[path = "linear_algebra/everyday.rs"]
mod everyday;
#[path = "linear_algebra/factorisations.rs"]
mod factorisations;
#[path = "linear_algebra/geometry.rs"]
mod geometry;
#[path = "linear_algebra/programs.rs"]
mod programs;
