//! The golden programs: value and gradients against numbers computed in 100-digit arithmetic.
//!
//! `tests/data/golden.json` has 58 programs and 125 rows of elementary functions; the format is described at the top
//! of [`data`]. [`missing`] lists what the language of the present compiler cannot express.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "sizes are small and data is read as what it is"
)]

#[path = "golden/data.rs"]
mod data;
#[path = "golden/elementary.rs"]
mod elementary;
#[path = "golden/matrices.rs"]
mod matrices;
#[path = "golden/missing.rs"]
mod missing;
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
