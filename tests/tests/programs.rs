//! The corpus: programs as an engineer would write them, each run through one battery.
//!
//! The letters and numbers (S1, L5, C7, …) are those of the acceptance programs, which other differentiators got
//! wrong or have as their hardest tests. What was found wrong with the compiler by this corpus stands in `found`.

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
#[path = "programs/bundles.rs"]
mod bundles;
#[path = "programs/calls.rs"]
mod calls;
#[path = "programs/casts_and_integers.rs"]
mod casts_and_integers;
#[path = "programs/checkpoints.rs"]
mod checkpoints;
#[path = "programs/chosen_views.rs"]
mod chosen_views;
#[path = "programs/closures.rs"]
mod closures;
#[path = "programs/containers.rs"]
mod containers;
#[path = "programs/data.rs"]
mod data;
#[path = "programs/derivatives_inside.rs"]
mod derivatives_inside;
#[path = "programs/exit_values.rs"]
mod exit_values;
#[path = "programs/exits.rs"]
mod exits;
#[path = "programs/exits_and_halves.rs"]
mod exits_and_halves;
#[path = "programs/fields_of_fields.rs"]
mod fields_of_fields;
#[path = "programs/fields_without_derivative.rs"]
mod fields_without_derivative;
#[path = "programs/finance_and_robotics.rs"]
mod finance_and_robotics;
#[path = "programs/formerly_refused.rs"]
mod formerly_refused;
#[path = "programs/found.rs"]
mod found;
#[path = "programs/functions_as_parameters.rs"]
mod functions_as_parameters;
#[path = "programs/functions_that_lend.rs"]
mod functions_that_lend;
#[path = "programs/generic_data.rs"]
mod generic_data;
#[path = "programs/generics.rs"]
mod generics;
#[path = "programs/in_place_parameters.rs"]
mod in_place_parameters;
#[path = "programs/items_of_several.rs"]
mod items_of_several;
#[path = "programs/iterator_sources.rs"]
mod iterator_sources;
#[path = "programs/iterators.rs"]
mod iterators;
#[path = "programs/loops.rs"]
mod loops;
#[path = "programs/matrices.rs"]
mod matrices;
#[path = "programs/mixed_algorithms.rs"]
mod mixed_algorithms;
#[path = "programs/mixed_data.rs"]
mod mixed_data;
#[path = "programs/mixed_exits.rs"]
mod mixed_exits;
#[path = "programs/mixed_iterators.rs"]
mod mixed_iterators;
#[path = "programs/mixed_places.rs"]
mod mixed_places;
#[path = "programs/mutation.rs"]
mod mutation;
#[path = "programs/nalgebra_everyday.rs"]
mod nalgebra_everyday;
#[path = "programs/networks.rs"]
mod networks;
#[path = "programs/observers.rs"]
mod observers;
#[path = "programs/options.rs"]
mod options;
#[path = "programs/ordinary_everyday.rs"]
mod ordinary_everyday;
#[path = "programs/own_types.rs"]
mod own_types;
#[path = "programs/parts.rs"]
mod parts;
#[path = "programs/physics_and_learning.rs"]
mod physics_and_learning;
#[path = "programs/places.rs"]
mod places;
#[path = "programs/products.rs"]
mod products;
#[path = "programs/ranges.rs"]
mod ranges;
#[path = "programs/recursion.rs"]
mod recursion;
#[path = "programs/saving.rs"]
mod saving;
#[path = "programs/shadowing.rs"]
mod shadowing;
#[path = "programs/sorting.rs"]
mod sorting;
#[path = "programs/straight_line.rs"]
mod straight_line;
#[path = "programs/stretches.rs"]
mod stretches;
#[path = "programs/units_everyday.rs"]
mod units_everyday;
#[path = "programs/view_kinds.rs"]
mod view_kinds;
#[path = "programs/views.rs"]
mod views;
#[path = "programs/whole/mod.rs"]
mod whole;
#[path = "programs/without_writes.rs"]
mod without_writes;
