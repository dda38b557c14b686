//! What carries no derivative, in the middle of what does: programs that were wrong or refused, found by search.

use super::battery::{battery, lent};
use differentiate::{Differentiable, differentiate};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct State {
    pos: f64,
    #[no_diff]
    steps: usize,
}

fn state(steps: usize) -> State {
    State { pos: 0.8, steps }
}

/// The reverse sweep panicked: what a `usize` has for a cotangent was not there.
mod integers_as_arguments {
    use super::*;

    #[differentiate(order = 2)]
    fn power(x: f64, n: usize) -> f64 {
        (0..n).fold(x, |y, _| y * x)
    }
    #[differentiate(order = 2)]
    impl State {
        fn scaled(&self, x: f64, n: usize) -> f64 {
            x * self.pos + n as f64 * x * x
        }
    }
    #[differentiate(order = 2)]
    fn of_a_function(s: &State, x: f64) -> f64 {
        power(x, s.steps) + power(s.pos, s.steps + 1) + power(x * s.pos, (s.steps * 2) % 3)
    }
    #[differentiate(order = 2)]
    fn of_a_method(s: &mut State, x: f64) -> f64 {
        if x <= s.scaled(x, (s.steps + 1) % 3).abs() {
            s.steps += 1;
        }
        s.pos *= s.scaled(x, s.steps);
        s.scaled(x, s.steps + 1)
    }
    #[test]
    fn have_no_cotangent() {
        battery!(of_a_function(s, *x), at s = state(2), x = 0.7);
        lent!(of_a_method(s, *x), at mut s = state(1), x = 0.7);
    }
}

/// A call was given too few arguments: what is lent was named before a later argument that may leave, and the name was not
/// known to be a reference.
mod literals_that_are_lent {
    use super::*;

    #[differentiate(order = 2)]
    fn weighted(#[no_diff] weights: &[f64], x: f64) -> f64 {
        x * x * weights[1]
    }
    #[differentiate(order = 2)]
    fn before_a_block_that_leaves(x: f64, y: f64) -> f64 {
        let found = weighted(&[0.5, -0.2], 'found: {
            if x > 0.5 {
                break 'found x * y;
            }
            y
        });
        found + x
    }
    #[test]
    fn are_handed_again() {
        battery!(before_a_block_that_leaves(*x, *y), at x = 0.7, y = 1.3);
        battery!(before_a_block_that_leaves(*x, *y), at x = 0.3, y = 1.3);
    }
}
