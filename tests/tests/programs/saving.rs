//! What loops save, and how: lanes of records, logs of buffers, steps that are undone, sums for one element.

use crate::battery::{battery, lent};
use differentiate::differentiate;

// Loops inside of each other whose records have one type.
#[differentiate(order = 2)]
fn one_type(x: &[f64]) -> f64 {
    let mut s = 1.0;
    for v in x {
        let mut t = *v;
        for _ in 0..3 {
            t = t * t - 0.5;
        }
        for w in x {
            s = s * s * (0.3 * w) + t;
        }
        s = s * s * t;
    }
    s
}

#[differentiate(order = 2)]
fn returned(x: &[f64], bound: f64) -> f64 {
    let mut s = 1.0;
    for v in x {
        for w in x {
            s = s * s * v + w;
            if s > bound {
                return s * s;
            }
        }
    }
    s
}

#[differentiate(order = 2)]
fn square(x: f64) -> f64 {
    x * x
}

// The loop outside calls, the one inside does not, and is left for it and past it.
#[differentiate(order = 2)]
fn left(x: &[f64], low: f64, high: f64) -> f64 {
    let mut s = 1.0;
    'all: for v in x {
        s = square(s) + v;
        for w in x {
            if *w < low {
                continue 'all;
            }
            s = s * s * w + v;
            if s > high {
                break 'all;
            }
        }
        s = s * s * v;
    }
    s
}

#[test]
fn lanes() {
    battery!(one_type(x), at x = vec![0.7, 0.9, -0.4]);
    battery!(one_type(x), at x = vec![]);
    for bound in [0.1, 2.0, 100.0] {
        battery!(returned(x, *bound), at x = vec![0.7, 0.9, -0.4], bound = bound);
    }
    for (low, high) in [(-1.0, 100.0), (0.0, 100.0), (-1.0, 1.2), (0.0, 1.2)] {
        battery!(left(x, *low, *high), at x = vec![0.7, 0.9, -0.4], low = low, high = high);
    }
}

// What is written is read by nobody in reverse. It may be more than the buffer has, or less.
#[differentiate(order = 2)]
fn spread(x: &[f64], #[no_diff] turns: usize, out: &mut [f64]) -> f64 {
    let n = out.len();
    let mut at = 1;
    for i in 0..turns {
        for j in 0..x.len() {
            out[(i + 2 * j) % n] += x[j] * x[i % x.len()];
            at += 2;
            out[at % n] = 0.5 * x[j];
        }
    }
    out[0] * out[1]
}

#[differentiate(order = 2)]
fn spread_until(x: &[f64], bound: f64, out: &mut [f64]) -> f64 {
    let n = out.len();
    let mut total = 1.0;
    for i in 0..4 {
        for j in 0..x.len() {
            out[(i + j) % n] += x[j] * x[i % x.len()];
            total = total * total * x[j] + 0.5;
            if total > bound {
                return total;
            }
        }
    }
    total + out[0]
}

// Values from before the loop and from after it are read.
#[differentiate(order = 2)]
fn around(x: &[f64]) -> f64 {
    let mut out = [0.5; 3];
    out[0] = x[0];
    let before = out[0] * out[1] * x[1];
    for i in 0..4 {
        for j in 0..3 {
            out[j] += x[i % 2] * 0.1;
        }
    }
    before + out[0] * out[1] * out[2]
}

// The parts of one buffer, again and again from a loop with calls.
#[differentiate(order = 2)]
fn assembled(x: &[f64]) -> f64 {
    let mut out = vec![0.0; 4];
    let mut s = 1.0;
    for e in 0..3 {
        s = square(s) * x[e];
        for i in 0..2 {
            for j in 0..2 {
                out[e + i] += x[e + j] * s;
            }
        }
    }
    let mut total = 0.0;
    for v in out {
        total += v * v;
    }
    total
}

#[test]
fn logs() {
    for turns in 0..4 {
        lent!(spread(x, turns, out), at x = vec![0.7, 0.9, -0.4], mut out = vec![0.1, 0.2, 0.3, 0.4, 0.5]);
    }
    for bound in [0.1, 0.7, 100.0] {
        lent!(spread_until(x, *bound, out), at x = vec![0.7, 0.9, 0.4], bound = bound, mut out = vec![0.1, 0.2]);
    }
    battery!(around(x), at x = vec![0.7, 0.9]);
    battery!(assembled(x), at x = vec![0.7, 0.9, -0.4, 1.1]);
}

#[differentiate(order = 2)]
fn both_ends(x: &[f64]) -> f64 {
    let mut s = 1.0;
    let (mut low, mut high) = (0, x.len());
    while low < high {
        high -= 1;
        s = s * s * x[low] + x[high];
        low += 1;
    }
    s
}

// Where the inner loop makes no turn, the element that it would add to is not there.
#[differentiate(order = 2)]
fn past_the_end(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() + 2 {
        for j in i..x.len() {
            s += x[j] * y[i] * y[i];
        }
    }
    s
}

#[test]
fn steps_and_sums() {
    battery!(both_ends(x), at x = vec![0.7, 0.9, -0.4, 1.1, 0.3]);
    battery!(both_ends(x), at x = vec![]);
    battery!(past_the_end(x, y), at x = vec![0.7, 0.9, -0.4], y = vec![0.2, 0.5, 0.8]);
}
