//! Functions in disguise: what does not change the meaning of a function must not change its gradient.
//!
//! `pairs` has two ways to write the same function, `names` functions whose names, attributes and surroundings try to
//! come into the way of generated code.

#![allow(
    clippy::pedantic,
    clippy::style,
    clippy::complexity,
    unused_assignments,
    unused_variables,
    unused_parens,
    reason = "programs are written in many ways, also in those that are not the best"
)]

#[path = "disguises/pairs.rs"]
mod pairs;
