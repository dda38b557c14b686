//! The corpus, see `programs`: whole programs, programs of a field, and mixtures of constructs. What was found wrong with
//! the compiler by the corpus stands in `found`.

#![allow(
    unused_imports,
    unused_macros,
    reason = "each part of the corpus uses some of the battery"
)]
#![allow(
    unused_parens,
    reason = "the battery makes a tuple of the inputs, also of a single one"
)]
#![allow(
    dead_code,
    unused_assignments,
    unused_must_use,
    unused_variables,
    non_snake_case,
    clippy::pedantic,
    clippy::style,
    clippy::complexity,
    reason = "each program is written in many ways, also in those that are not the best"
)]

#[path = "programs/battery.rs"]
mod battery;
#[path = "programs/derivatives_inside.rs"]
mod derivatives_inside;
#[path = "programs/finance_and_robotics.rs"]
mod finance_and_robotics;
#[path = "programs/formerly_refused.rs"]
mod formerly_refused;
#[path = "programs/found.rs"]
mod found;
#[path = "programs/matrices.rs"]
mod matrices;
#[path = "programs/mixed_algorithms.rs"]
mod mixed_algorithms;
#[path = "programs/mixed_exits.rs"]
mod mixed_exits;
#[path = "programs/mixed_iterators.rs"]
mod mixed_iterators;
#[path = "programs/nalgebra_everyday.rs"]
mod nalgebra_everyday;
#[path = "programs/networks.rs"]
mod networks;
#[path = "programs/ordinary_everyday.rs"]
mod ordinary_everyday;
#[path = "programs/own_types_above.rs"]
mod own_types_above;
#[path = "programs/physics_and_learning.rs"]
mod physics_and_learning;
#[path = "programs/units_everyday.rs"]
mod units_everyday;
#[path = "programs/whole/mod.rs"]
mod whole;
