//! The functions for neural models and the special functions: Jacobians against differences, known values, extremes.

#![expect(
    clippy::float_cmp,
    reason = "values that are exact whatever the rounding of the exponential"
)]
#![allow(
    unused_parens,
    reason = "a harness makes a tuple of the inputs, also of a single one"
)]

#[path = "nn/activations.rs"]
mod activations;
#[path = "nn/convolutions.rs"]
mod convolutions;
#[path = "nn/edge_cases.rs"]
mod edge_cases;
#[path = "nn/extremes.rs"]
mod extremes;
#[path = "nn/harness.rs"]
mod harness;
#[path = "nn/layers.rs"]
mod layers;
#[path = "nn/logits.rs"]
mod logits;
#[path = "nn/losses.rs"]
mod losses;
#[path = "nn/special.rs"]
mod special;
