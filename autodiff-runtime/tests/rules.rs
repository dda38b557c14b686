//! The derivative rules, called directly.
//!
//! The modules mirror `src/rules`; `edge_cases` holds the rows of the contract on kinks and domain edges.

#![allow(
    clippy::float_cmp,
    reason = "what a rule returns at a kink or a simple point is exact"
)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "points are written once and rounded to `f32`"
)]
#![allow(clippy::cast_precision_loss, reason = "the integers are small")]

mod rules {
    mod arithmetic;
    mod check;
    mod derive;
    mod edge_cases;
    mod elementary;
    mod option;
    mod slice;
}
