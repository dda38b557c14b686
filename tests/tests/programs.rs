//! The corpus: programs as an engineer would write them, each run through one battery. Here are the constructs of the
//! language; `storage` has what is done with data and places, `everyday` whole programs and those of a field.
//!
//! The letters and numbers (S1, L5, C7, …) are those of the acceptance programs, which other differentiators got
//! wrong or have as their hardest tests.

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
#[path = "programs/branches.rs"]
mod branches;
#[path = "programs/calls.rs"]
mod calls;
#[path = "programs/casts_and_integers.rs"]
mod casts_and_integers;
#[path = "programs/closures.rs"]
mod closures;
#[path = "programs/exit_values.rs"]
mod exit_values;
#[path = "programs/exits.rs"]
mod exits;
#[path = "programs/exits_and_halves.rs"]
mod exits_and_halves;
#[path = "programs/functions_as_parameters.rs"]
mod functions_as_parameters;
#[path = "programs/generics.rs"]
mod generics;
#[path = "programs/items_of_several.rs"]
mod items_of_several;
#[path = "programs/iterator_sources.rs"]
mod iterator_sources;
#[path = "programs/iterators.rs"]
mod iterators;
#[path = "programs/loops.rs"]
mod loops;
#[path = "programs/macros.rs"]
mod macros;
#[path = "programs/observers.rs"]
mod observers;
#[path = "programs/options.rs"]
mod options;
#[path = "programs/recursion.rs"]
mod recursion;
#[path = "programs/shadowing.rs"]
mod shadowing;
#[path = "programs/straight_line.rs"]
mod straight_line;
