//! Reverse-mode automatic differentiation of ordinary Rust functions.
pub use autodiff_runtime::*;
