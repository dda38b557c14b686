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
use autodiff_runtime::__private::{LiftedDeterminant, LiftedScaledAxis};
use autodiff_runtime::{Differentiable, Real, Tangent};

#[macro_use]
mod table;

use table::harness::*;
use table::{exact, record};

#[path = "linear_algebra/everyday.rs"]
mod everyday;
#[path = "linear_algebra/factorisations.rs"]
mod factorisations;
#[path = "linear_algebra/geometry.rs"]
mod geometry;
#[path = "linear_algebra/programs.rs"]
mod programs;

table_of!("linear_algebra": everyday, factorisations, geometry);
