//! A module whose file is named by `#[path]`.

#[differentiate::differentiate]
pub(crate) fn f(x: f64) -> f64 {
    x * x
}
