//! What `#[differentiate]` does for programs that are worth telling, from the first gradient to a trained network.
//!
//! Each module is one story. Its `run` prints what it computes and asserts what a reader can check on paper; the
//! program of the same name in `src/bin` calls it. In the order in which to read them:
//!
//! 1. [`automatic_gradient`]: put the attribute on a function, ask for its gradient;
//! 2. [`gradients_in_theory`]: the identities of matrix calculus, found again; accumulation; `detach`;
//! 3. [`gradient_descent`]: models with weights, losses, and the way down to a minimum;
//! 4. [`understanding_gradients`]: what a pullback does with the cotangent that it is given;
//! 5. [`digits`]: a network that learns to read handwriting;
//! 6. [`newtons_method`]: second derivatives, with and without a matrix, and a minimum in few steps;
//! 7. [`hamiltonian`]: a motion that follows from the gradient of its energy;
//! 8. [`poisson`]: a network that learns a differential equation, whose loss has a second derivative in it.

#![allow(
    clippy::must_use_candidate,
    reason = "the functions are here to be looked at"
)]
#![allow(
    clippy::float_cmp,
    reason = "small integers come out exactly, and the stories say so"
)]
#![allow(
    clippy::cast_precision_loss,
    reason = "what is counted here is far below 2^52"
)]

pub mod automatic_gradient;
pub mod digits;
pub mod gradient_descent;
pub mod gradients_in_theory;
pub mod hamiltonian;
pub mod newtons_method;
mod pictures;
pub mod poisson;
pub mod understanding_gradients;

/// Asserts that the numbers of `got` are those `expected`, up to `tolerance`.
#[track_caller]
fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "the numbers are {got:?}");
    for (a, b) in got.iter().zip(expected) {
        assert!(
            (a - b).abs() <= tolerance,
            "{got:?} is not {expected:?}: {a} and {b} differ by more than {tolerance}"
        );
    }
}
