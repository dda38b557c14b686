//! The corpus: programs as an engineer would write them, each run through one battery.

#![allow(
    unused_parens,
    reason = "the battery makes a tuple of the inputs, also of a single one"
)]

#[path = "programs/battery.rs"]
mod battery;
#[path = "programs/straight_line.rs"]
mod straight_line;
