//! The golden programs: value and gradients against numbers computed in 100-digit arithmetic.
//!
//! `tests/data/golden.json` has 58 programs and 125 rows of elementary functions, of one argument and of two; [`data`]
//! reads them. Each program runs through the battery of the corpus, too. [`complete`] demands that every program and
//! every row is tested.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "sizes are small and data is read as what it is"
)]
#![allow(
    unused_parens,
    reason = "the battery makes a tuple of the inputs, also of a single one"
)]

#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "shared with the corpus, which uses all of it"
)]
#[path = "programs/battery.rs"]
mod battery;
#[path = "golden/closed_forms.rs"]
mod closed_forms;
#[path = "golden/complete.rs"]
mod complete;
#[path = "golden/data.rs"]
mod data;
#[path = "golden/elementary.rs"]
mod elementary;
#[path = "golden/factorisations.rs"]
mod factorisations;
#[path = "golden/library.rs"]
mod library;
#[path = "golden/matrices.rs"]
mod matrices;
#[path = "golden/networks.rs"]
mod networks;
#[path = "golden/scalar.rs"]
mod scalar;
#[path = "golden/science.rs"]
mod science;
#[path = "golden/special.rs"]
mod special;
#[path = "golden/vectors.rs"]
mod vectors;
