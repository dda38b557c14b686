//! The corpus, see `programs`: data, and what is written in place, looked at, lent and saved.

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

#[path = "programs/arguments_without_cotangent.rs"]
mod arguments_without_cotangent;
#[path = "programs/battery.rs"]
mod battery;
#[path = "programs/bundles.rs"]
mod bundles;
#[path = "programs/checkpoints.rs"]
mod checkpoints;
#[path = "programs/chosen_views.rs"]
mod chosen_views;
#[path = "programs/containers.rs"]
mod containers;
#[path = "programs/data.rs"]
mod data;
#[path = "programs/fields_of_fields.rs"]
mod fields_of_fields;
#[path = "programs/fields_without_derivative.rs"]
mod fields_without_derivative;
#[path = "programs/functions_that_lend.rs"]
mod functions_that_lend;
#[path = "programs/generic_data.rs"]
mod generic_data;
#[path = "programs/in_place_parameters.rs"]
mod in_place_parameters;
#[path = "programs/mixed_data.rs"]
mod mixed_data;
#[path = "programs/mixed_places.rs"]
mod mixed_places;
#[path = "programs/mutation.rs"]
mod mutation;
#[path = "programs/one_pass.rs"]
mod one_pass;
#[path = "programs/own_types.rs"]
mod own_types;
#[path = "programs/parts.rs"]
mod parts;
#[path = "programs/places.rs"]
mod places;
#[path = "programs/products.rs"]
mod products;
#[path = "programs/ranges.rs"]
mod ranges;
#[path = "programs/saving.rs"]
mod saving;
#[path = "programs/sorting.rs"]
mod sorting;
#[path = "programs/stretches.rs"]
mod stretches;
#[path = "programs/view_kinds.rs"]
mod view_kinds;
#[path = "programs/views.rs"]
mod views;
#[path = "programs/views_of_fields.rs"]
mod views_of_fields;
#[path = "programs/without_writes.rs"]
mod without_writes;
