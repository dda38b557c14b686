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

// Each turn has an element of its own: nothing has to be restored.
#[differentiate(order = 2)]
fn own_elements(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in y {
        let mut apart = [0.0; 3];
        let mut squared = 0.1;
        for k in 0..3 {
            apart[k] = x[k] - v;
            squared += apart[k] * apart[k];
        }
        for k in 0..3 {
            s += apart[k] * apart[k] / squared;
        }
    }
    s
}

// The element of the turn before is read, too.
#[differentiate(order = 2)]
fn neighbours(x: &[f64]) -> f64 {
    let mut a = [0.0; 4];
    let mut s = 0.0;
    for k in 1..4 {
        a[k] = x[k] * x[k - 1];
        s += a[k] * a[k - 1];
        a[k - 1] = s * x[k];
    }
    s * a[1] + a[2] * a[3]
}

// An element is read, overwritten and read again in one turn, and all of them were read before.
#[differentiate(order = 2)]
fn twice_in_one_turn(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    let mut s = 0.0;
    for v in &a {
        s += v * v;
    }
    for k in 0..a.len() {
        s += a[k] * a[k] * s;
        a[k] = s * x[0];
        s += a[k] * a[k];
    }
    for k in 0..a.len() {
        let j = k;
        a[j] *= a[j] * s;
        s += a[j];
    }
    s
}

// The loop inside writes the element of the loop outside many times, and reads it through a name.
#[differentiate(order = 2)]
fn many_times(x: &[f64]) -> f64 {
    let mut a = vec![1.0; x.len()];
    let mut s = 0.5;
    for i in 0..a.len() {
        for v in x {
            a[i] = a[i] * a[i] * v + s;
            s += 0.1 * a[i] * a[i];
        }
        let last = &mut a[i];
        *last = *last * *last;
        s += *last * *last;
    }
    s
}

// The rows of a grid, each of which is a turn's own, and a buffer that the turn before has changed elsewhere.
#[differentiate(order = 2)]
fn rows(x: &[[f64; 2]], turns: usize) -> f64 {
    let mut grid = vec![[0.0; 2]; x.len()];
    let mut s = 0.0;
    for t in 0..turns {
        for i in 0..x.len() {
            for k in 0..2 {
                grid[i][k] += x[i][k] * x[(i + t) % x.len()][1 - k];
            }
            s += grid[i][0] * grid[i][1] * grid[(i + 1) % x.len()][0];
        }
    }
    s
}

// The types tell that these are numbers: sums of them are made again, unless what they are made of is gone.
type Four = [f64; 4];

#[differentiate(order = 2)]
fn made_again(x: &Four, h: f64) -> f64 {
    let mut y = *x;
    let mut s = 0.0;
    for k in 0..4 {
        let step = h * y[k];
        let next = x[k] + step;
        s += next * next;
    }
    for k in 0..4 {
        let step = h * y[k];
        y[k] = s * x[k];
        let next = x[k] + step;
        s += next * next * y[k];
    }
    for k in 0..4 {
        let scaled = h * y[k];
        for j in 0..3 {
            let next = scaled + x[j];
            y[k] = next * s;
            s += next * next * 0.1;
        }
    }
    s
}

// The same with vectors, which are kept.
#[differentiate(order = 2)]
fn kept(x: &[nalgebra::DVector<f64>], h: f64) -> f64 {
    let mut s = 0.0;
    for k in 0..x.len() {
        let step = h * &x[k];
        let next = &x[0] + step;
        s += next.dot(&next) * next[0];
    }
    s
}

// Few turns, in a branch, in a loop with calls, and left by `continue`.
#[differentiate(order = 2)]
fn few(x: &[f64], bound: f64) -> f64 {
    let mut s = 1.0;
    for v in x {
        if *v < bound {
            for _ in 0..3 {
                s = square(s) * v + 0.3;
            }
        } else {
            for i in 1..3 {
                if i == 2 && s > bound {
                    continue;
                }
                s *= s * v;
            }
        }
    }
    s
}

// Counters, marks and numbers on one stack, with values that a branch leaves undefined.
#[differentiate(order = 2)]
fn words(x: &[f64], bound: f64) -> f64 {
    let mut s = 0.3;
    let mut at = 0;
    while at < x.len() {
        let v = x[at];
        let (sin, cos) = v.sin_cos();
        if v > bound {
            let e = (s * v).exp();
            s += e * sin;
            if s > 3.0 {
                s = s.ln();
                at += 1;
                continue;
            }
        } else {
            match at % 3 {
                0 => s *= cos,
                1 => s *= s * sin,
                _ => {}
            }
        }
        for _ in 0..at {
            s = s * s * 0.5 + v;
            if s > 2.0 {
                break;
            }
        }
        at += 1;
    }
    s
}

#[test]
fn elements_numbers_and_words() {
    let x = || vec![0.7, 0.9, -0.4, 1.1];
    battery!(own_elements(x, y), at x = x(), y = vec![0.2, 1.3]);
    battery!(neighbours(x), at x = x());
    battery!(twice_in_one_turn(x), at x = x());
    battery!(many_times(x), at x = vec![0.7, 0.6, -0.4]);
    for turns in 0..4 {
        battery!(rows(x, turns), at x = vec![[0.7, 0.9], [-0.4, 1.1], [0.3, 0.2]]);
    }
    battery!(made_again(x, *h), at x = [0.7, 0.9, -0.4, 1.1], h = 0.3);
    let vector = |a, b| nalgebra::DVector::from_vec(vec![a, b]);
    battery!(kept(x, *h), at x = vec![vector(0.7, 0.9), vector(-0.4, 1.1)], h = 0.3);
    for bound in [-1.0, 0.5, 1.0] {
        battery!(few(x, *bound), at x = x(), bound = bound);
        battery!(words(x, *bound), at x = x(), bound = bound);
    }
}
