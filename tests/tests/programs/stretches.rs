//! Loops of which each turn has the next element of a buffer, and buffers that a loop fills from zero on.

use crate::battery::{battery, in_place};
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

/// Filled, read, and written once more.
#[differentiate(order = 2)]
fn filled_and_read(x: &[f64], k: f64, n: usize) -> f64 {
    let mut out = vec![1.0; x.len()];
    let mut total = 0.0;
    for _ in 0..2 {
        for i in 0..n {
            out[i] = x[i] * k + total;
        }
        for i in 0..n {
            total += out[i] * out[i];
        }
        for i in 1..n {
            out[i] += out[i - 1] * x[i];
        }
    }
    total + out[n - 1] * out[x.len() - 1]
}

/// The bound of what is filled is another one in each turn.
#[differentiate(order = 2)]
fn other_bounds(x: &[f64], k: f64) -> f64 {
    let mut out = vec![k; x.len()];
    let mut total = 0.0;
    for turn in 1..=x.len() {
        for v in &out {
            total += v * v;
        }
        let n = turn;
        for i in 0..n {
            out[i] = x[i] * total;
        }
        let n = x.len();
        for i in 0..n {
            out[i] *= k;
        }
    }
    total
}

/// The caller reads what stood in a buffer that is filled, added to and left.
#[differentiate(order = 2)]
fn added_to_what_is_filled(x: &[f64], out: &mut [f64], n: usize) {
    for i in 0..n {
        out[i] = x[i] * x[i];
    }
    let mut at = 0;
    for i in 0..n {
        for j in i + 1..n {
            out[j] += x[at] * out[i];
            at += 1;
        }
        at -= n - i - 1;
    }
    for i in (0..n).rev() {
        out[i] *= 2.0;
    }
}

/// Some elements are left out, where the loop goes on early.
#[differentiate(order = 2)]
fn not_all_are_filled(x: &[f64], k: f64) -> f64 {
    let n = x.len();
    let mut out = vec![k; n];
    let mut total = 0.0;
    for i in 0..n {
        total += out[i] * out[i] * x[i];
    }
    for i in 0..n {
        if x[i] < 0.5 {
            continue;
        }
        out[i] = x[i] * total;
    }
    for i in 0..n {
        out[i] += total * x[i];
    }
    for i in 0..n {
        total += out[i] * out[i];
    }
    total
}

/// Every second element.
#[differentiate(order = 2)]
fn every_second(x: &[f64], k: f64) -> f64 {
    let n = x.len();
    let mut out = x.to_vec();
    let mut total = 0.0;
    for i in 0..n {
        total += out[i] * out[i];
    }
    for i in (0..n).step_by(2) {
        out[i] = total * k;
    }
    for i in 0..n {
        out[i] *= k;
    }
    let mut at = 0;
    for i in 0..n / 2 {
        total += out[at] * x[i];
        at += 2;
    }
    total
}

/// An index steps only in some turns, or in the middle of them.
#[differentiate(order = 2)]
fn steps_of_all_kinds(x: &[f64], k: f64) -> f64 {
    let mut total = 0.0;
    let mut at = 0;
    for i in 0..x.len() {
        total += x[at] * x[i] * k;
        if x[i] > 0.4 {
            at += 1;
        }
    }
    let mut before = 0;
    for i in 1..x.len() {
        total += x[before] * x[i];
        before += 1;
        total += x[before] * total * k;
    }
    let mut down = x.len();
    for i in 0..x.len() {
        down -= 1;
        total += x[down] * x[i] * x[i];
    }
    total
}

/// Indices that grow with the position, fall with it, and go by rows and columns.
#[differentiate(order = 2)]
fn rows_and_columns(a: &[f64], x: &[f64]) -> f64 {
    let n = x.len();
    let mut y = vec![0.0; n];
    for i in 0..n {
        for j in 0..n {
            y[i] += a[i * n + j] * x[j];
        }
        for j in 0..n {
            y[n - 1 - i] += a[j * n + i] * x[n - 1 - j];
        }
        for j in i + 1..n {
            y[j - i] += a[j + i * n] * x[j - 1];
        }
    }
    let mut total = 0.0;
    for i in 0..n {
        total += y[i] * y[i];
    }
    total
}

/// Two elements of one buffer in each turn, one of which the next turn has, too.
#[differentiate(order = 2)]
fn neighbours(x: &[f64], k: f64) -> f64 {
    let mut v = x.to_vec();
    for i in 0..v.len() - 1 {
        v[i] *= v[i + 1] * k;
    }
    for i in (1..v.len()).rev() {
        v[i] += v[i - 1] * v[i];
    }
    let mut total = 0.0;
    for i in 0..v.len() {
        total += v[i] * x[i];
    }
    total
}

/// Ranges without turns, also such that begin behind the end of the buffer.
#[differentiate(order = 2)]
fn no_turns(x: &[f64], from: usize, to: usize) -> f64 {
    let mut total = x[0];
    for i in from..to {
        total += x[i] * x[i];
    }
    for i in from + x.len()..to {
        total *= x[i];
    }
    total
}

/// Some branches of a turn name elements that others may not.
#[differentiate(order = 2)]
fn in_branches(x: &[f64], k: f64) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        if i > 0 {
            total += x[i - 1] * x[i] * k;
        }
        if i + 1 < x.len() {
            total += x[i + 1] * total;
        }
    }
    total
}

/// Vectors, views of a matrix, arrays and rows.
#[differentiate(order = 2)]
fn of_any_buffer(v: &DVector<f64>, m: &DMatrix<f64>, a: &[f64; 3], rows: &[Vec<f64>]) -> f64 {
    let n = v.len();
    let mut w = v.clone();
    for i in 0..n {
        w[i] *= v[i] + a[i];
    }
    let row = m.row(1);
    for i in 0..n {
        w[i] += row[i] * row[i];
    }
    let mut total = 0.0;
    for r in rows {
        for i in 0..n {
            total += r[i] * w[i];
        }
    }
    for (r, x) in rows.iter().zip(w.iter()) {
        for v in r {
            total += v * v * x;
        }
    }
    total
}

#[differentiate(order = 2)]
fn weighted(x: &[f64], w: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        total += w[i] * x[i] * x[i];
    }
    total
}

/// A parameter of the function called has no cotangent here.
#[differentiate(order = 2)]
fn with_fixed_weights(x: &[f64], #[no_diff] w: &[f64]) -> f64 {
    weighted(x, w, x.len()) * weighted(w, x, 2)
}

/// The bounds of a loop are those before it, whatever its body does to them.
#[differentiate(order = 2)]
fn bounds_that_change(x: &[f64], n: usize) -> f64 {
    let mut v = x.to_vec();
    let mut n = n;
    let mut total = 1.0;
    for i in (0..v.len()).rev() {
        for j in i..v.len() {
            if v.len() > 2 {
                v.pop();
            }
            total += v[0] * x[j.min(x.len() - 1)];
        }
        v[0] *= 1.5;
        if total > 50.0 {
            break;
        }
    }
    for k in 1..=n {
        n -= 1;
        if n == 2 {
            continue;
        }
        total *= v[0] + 0.1 * k as f64;
        v[0] += 0.1;
    }
    total + n as f64
}

#[test]
fn what_is_filled() {
    let x = [0.3, 0.8, -0.4, 0.6];
    for n in [1, 3, 4] {
        battery!(filled_and_read(x, *k, n), at x = x.to_vec(), k = 0.7);
    }
    battery!(other_bounds(x, *k), at x = x.to_vec(), k = 0.7);
    battery!(not_all_are_filled(x, *k), at x = x.to_vec(), k = 0.7);
    battery!(every_second(x, *k), at x = x.to_vec(), k = 0.7);
    for n in [0, 1, 3, 4] {
        in_place!(added_to_what_is_filled(x, out, n), at x = x.to_vec(), mut out = vec![0.5, -0.2, 0.9, 0.1]);
    }
}

#[test]
fn what_the_turns_walk_through() {
    let x = [0.3, 0.8, -0.4, 0.6];
    battery!(steps_of_all_kinds(x, *k), at x = x.to_vec(), k = 0.7);
    let a = [0.3, 0.8, -0.4, 0.6, 0.9, 0.2, -0.7, 0.1, 0.5];
    battery!(rows_and_columns(a, x), at a = a.to_vec(), x = vec![0.4, -0.9, 0.3]);
    battery!(neighbours(x, *k), at x = x.to_vec(), k = 0.7);
    for (from, to) in [(0, 4), (2, 2), (3, 1), (9, 2)] {
        battery!(no_turns(x, from, to), at x = x.to_vec());
    }
    battery!(in_branches(x, *k), at x = x.to_vec(), k = 0.7);
    battery!(
        of_any_buffer(v, m, a, r),
        at v = DVector::from_vec(vec![0.3, 0.8, -0.4]),
        m = DMatrix::from_vec(2, 3, vec![0.1, 0.5, 0.7, 0.2, -0.3, 0.4]),
        a = [0.2, 0.1, 0.6],
        r = vec![vec![0.3, 0.2, 0.1], vec![0.5, 0.4, 0.9]]
    );
    let w = [0.5, 0.2, 0.9, 0.4];
    battery!(with_fixed_weights(x, &w), at x = x.to_vec());
    battery!(bounds_that_change(x, 4), at x = x.to_vec());
}
