//! Correctness by search: random programs, differentiated and compared with dual numbers.
//!
//! [`generate`] makes programs, [`tree`] prints each over `f64` under the attribute and over [`dual`] numbers, [`harness`]
//! compares the two, [`run`] compiles many of them at a time and judges them, [`shrink`] makes failures small.
//! [`controls`] are mistakes that the tests must catch.

pub mod controls;
#[cfg(test)]
#[path = "../../tests/counts.rs"]
mod counts;
pub mod dual;
pub mod generate;
pub mod harness;
pub mod run;
pub mod shrink;
pub mod tree;
