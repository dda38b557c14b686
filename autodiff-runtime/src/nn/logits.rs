//! Softmax and its relatives, finite wherever their mathematical value is.
//!
//! A batch has one sample per column, so the functions with plain names work on columns; those ending in `_rows` work
//! on rows.

mod columns;
mod rows;

pub use columns::{
    log_softmax, log_softmax_pullback, logsumexp, logsumexp_columns, logsumexp_columns_pullback,
    logsumexp_pullback, softmax, softmax_pullback,
};
pub use rows::{
    log_softmax_rows, log_softmax_rows_pullback, logsumexp_rows, logsumexp_rows_pullback,
    softmax_rows, softmax_rows_pullback,
};

pub(super) use columns::logsumexp_of;
