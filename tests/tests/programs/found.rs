//! What was once wrong with the compiler, each shrunk to a few lines. A name says what went wrong, not what it does.

use crate::battery::{battery, pullback};
use differentiate::differentiate;
use nalgebra::DMatrix;

#[differentiate]
fn reset_in_a_line(x: f64, n: usize) -> f64 {
    let mut a = x * 3.0;
    a = n as f64;
    a + x
}

#[differentiate]
fn reset_in_a_branch(x: f64, n: usize) -> f64 {
    let mut a = x * 3.0;
    if n == 0 {
        a = 2.0;
    }
    a + x
}

#[differentiate]
fn reset_in_a_loop(v: &[f64]) -> f64 {
    let (mut s, mut best) = (0.0, 0.0);
    for a in v {
        s += a * a;
        if s > 2.0 {
            best += s;
            s = 0.0;
        }
    }
    best * s
}

#[test]
fn an_inactive_value_clears_the_cotangent() {
    // BUG: 21
    // battery!(reset_in_a_line(*x, 3), at x = 2.0).is(5.0, 1.0);
    // battery!(reset_in_a_branch(*x, 0), at x = 2.0).is(4.0, 1.0);
    battery!(reset_in_a_branch(*x, 1), at x = 2.0).is(8.0, 4.0);
    // battery!(reset_in_a_loop(v), at v = vec![1.0, 1.2, 0.5, 1.5, 0.3, 0.2]);
}
