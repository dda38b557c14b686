//! Loops that overwrite a range of a buffer, loops whose turns have nothing to do with each other, elements that are the
//! same in all turns, and functions of a module whose parameters are second names for variables of their callers.

use crate::battery::{battery, in_place};
use differentiate::{Differentiable, differentiate};
use nalgebra::{DMatrix, DVector};
use std::ops::{Index, IndexMut};

// === what is overwritten ===

/// By position, with an offset, from the end on, by a counter, through a name for a part.
#[differentiate(order = 2)]
fn overwritten_in_many_ways(x: &[f64], k: f64) -> f64 {
    let n = x.len();
    let mut w = vec![0.5; n + 3];
    let mut s = 0.0;
    for turn in 0..3 {
        for i in 0..n {
            w[i + 1] = (x[i] * k).sin() + s;
        }
        s += w[1] * w[n] + w[0];
        let part = &mut w[2..];
        for i in (0..n).rev() {
            part[i] += x[i] * k;
        }
        for i in 0..n {
            s += w[i + 2] * w[i + 2];
        }
        let mut at = turn;
        for i in 0..n {
            w[at] *= k + x[i];
            at += 1;
        }
        for i in 1..n {
            s += w[i - 1] * w[i] * x[i];
        }
        for i in 1..n + 1 {
            w[i - 1] = (w[i] * 0.3).exp();
        }
    }
    s + w[0]
}

/// What the statement itself has left is read, nothing else is.
#[differentiate(order = 2)]
fn results_are_read(x: &[f64], out: &mut [f64], n: usize) {
    for _ in 0..2 {
        for i in 0..n {
            out[i] = (x[i] * 0.5).exp();
        }
        for i in 0..n {
            out[i] = x[i].tanh() + x[n - 1 - i];
        }
        for i in n..n {
            out[i + 100] = x[i];
        }
    }
}

/// The element that is overwritten is read, so that each turn puts it back.
#[differentiate(order = 2)]
fn old_values_are_read(x: &[f64], k: f64, n: usize) -> f64 {
    let mut w = x.to_vec();
    let mut s = 0.0;
    for _ in 0..2 {
        for i in 0..n {
            w[i] = w[i] * w[i] * k;
        }
        for i in 0..n - 1 {
            w[i] = w[i + 1] * k;
            s += w[i] * x[i];
        }
        for i in 1..n {
            w[i] += w[i - 1] * w[0];
        }
    }
    s + w[n - 1]
}

/// Two writes of one buffer in a turn, a write under a condition, and one by another stride.
#[differentiate(order = 2)]
fn not_one_range(x: &[f64], k: f64) -> f64 {
    let n = x.len();
    let mut w = vec![1.0; 2 * n];
    let mut s = 0.0;
    for turn in 0..2 {
        for i in 0..n {
            w[i] = x[i] * k + s;
            w[i + n] = x[i] * s;
        }
        for i in 0..n {
            if i % 2 == turn {
                w[i] = k * x[i];
            }
        }
        for i in 0..n {
            w[2 * i] *= k;
        }
        for i in 0..2 * n {
            s += w[i] * w[i];
        }
    }
    s
}

/// Names and buffers that each turn makes.
#[differentiate(order = 2)]
fn made_in_each_turn(x: &[f64], k: f64) -> f64 {
    let n = x.len();
    let mut w = vec![0.5; n + 1];
    let mut s = 0.0;
    for _ in 0..2 {
        for i in 0..n {
            let row = &mut w[1..];
            row[i] = x[i] * k + s;
        }
        for i in 0..n {
            let mut t = x.to_vec();
            s += w[i + 1] * w[0] * k;
            t[i] = s;
            s += t[0] * x[i];
        }
    }
    s
}

/// A buffer of a type that only its author knows.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Ring {
    cells: Vec<f64>,
}

#[differentiate(order = 2)]
mod ring {
    use super::{Index, IndexMut, Ring};
    impl Index<usize> for Ring {
        type Output = f64;
        fn index(&self, at: usize) -> &f64 {
            &self.cells[at % 4]
        }
    }
    impl IndexMut<usize> for Ring {
        fn index_mut(&mut self, at: usize) -> &mut f64 {
            &mut self.cells[at % 4]
        }
    }
    pub(crate) fn turned(x: &[f64], k: f64) -> f64 {
        let mut ring = Ring {
            cells: vec![0.0; 4],
        };
        let mut s = 0.0;
        for turn in 0..2 {
            for i in 0..x.len() {
                ring[i] = x[i] * k + s;
            }
            for i in 0..x.len() {
                s += ring[i + turn] * ring[i];
            }
        }
        s
    }
}
use ring::turned;

#[differentiate(order = 2)]
fn buffers_of_many_types(v: &DVector<f64>, m: &DMatrix<f64>, k: f64) -> f64 {
    let n = v.len();
    let mut w = v.clone();
    let mut a = [0.0; 3];
    let mut b = vec![0.0; n].into_boxed_slice();
    let mut c = DMatrix::zeros(n, 2);
    let mut s = 0.0;
    for _ in 0..2 {
        for i in 0..n {
            w[i] = v[i] * k + s;
        }
        for i in 0..n {
            a[i] = v[i] * s;
        }
        for i in 0..n {
            b[i] = v[i] - s;
        }
        for i in 0..n {
            c[(i, 1)] = m[(i, 0)] * k;
        }
        let mut column = c.column_mut(0);
        for i in 0..n {
            column[i] += m[(i, 1)] * s;
        }
        for i in 0..n {
            s += w[i] * a[i] + b[i] * b[i] + c[(i, 0)] * c[(i, 1)];
        }
    }
    s
}

/// Single precision, and a buffer behind a field.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Field {
    u: Vec<f64>,
    v: [f64; 3],
}

#[differentiate(order = 2)]
fn behind_fields(start: &Field, k: f64) -> f64 {
    let mut f = start.clone();
    let mut s = 0.0;
    for _ in 0..2 {
        for i in 0..f.v.len() {
            f.u[i] = f.v[i] * k;
        }
        for i in 0..f.u.len() {
            f.v[i] += f.u[i] * f.u[i];
            s += f.v[i];
        }
    }
    s
}

/// More than is moved one by one, twice, with a result that leaves early.
#[differentiate(order = 2)]
fn long_ranges(x: &[f64], k: f64) -> Option<f64> {
    let mut w = vec![0.0; 3 * x.len()];
    let mut s = 1.0;
    for turn in 0..4 {
        let row = &mut w[turn * 2..];
        for i in 0..2 * x.len() {
            row[i] = x[i % x.len()] * k + s;
        }
        for i in 0..3 * x.len() {
            s += 0.1 * w[i] * w[i];
        }
        if s > 1e6 {
            return None;
        }
    }
    Some(s)
}

// === the order of turns ===

/// What a turn leaves is read by the next.
#[differentiate(order = 2)]
fn turns_that_follow_each_other(x: &[f64], y: &[f64], k: f64) -> f64 {
    let n = x.len();
    let (mut s, mut t, mut u) = (1.0, 0.0, 0.3);
    let mut w = vec![0.1; n + 1];
    for i in 0..n {
        s = s * x[i] + y[i];
    }
    for i in 0..n {
        t += y[i] * k;
        u += t * x[i];
    }
    for i in 0..n {
        w[i + 1] = w[i] * y[i] + x[i];
    }
    for i in 0..n {
        w[n] += w[i] * x[i];
    }
    for i in 0..n {
        u = y[i] * k;
    }
    s * t + u + w[n] * w[n / 2]
}

/// Nothing is.
#[differentiate(order = 2)]
fn turns_in_any_order(x: &[f64], y: &[f64], k: f64, out: &mut [f64]) -> f64 {
    let n = x.len();
    let mut a = vec![0.0; n];
    let mut at = 1;
    let mut s = 0.0;
    for i in 0..n {
        a[i] = x[i] * y[i];
    }
    for i in 0..n - 1 {
        out[i] += a[i] * k;
        out[n - 1] -= a[at] * x[0];
        at += 1;
    }
    for i in 0..n {
        a[i] *= k;
    }
    for i in 0..n {
        let c = if x[i] > 0.5 { a[i] } else { k };
        out[i] = out[i] * 0.5 + c;
        s += c * y[i];
    }
    s * (at as f64)
}

/// What a pattern binds is read by each turn.
#[differentiate(order = 2)]
fn bound_by_patterns(x: &[f64], k: f64) -> f64 {
    let n = x.len();
    let mut w = vec![0.3; n];
    for i in 0..n {
        match w[0] {
            a => w[i] = x[i] + a + k,
        }
    }
    for i in 0..n {
        let y = match w[n - 1] {
            a if a > 100.0 => k,
            a => a * k,
        };
        w[i] = x[i] + y;
    }
    for i in 0..n {
        let (a, b) = (w[0], x[i]);
        w[i] = a * b + k;
    }
    for i in 0..n {
        if let Some(v) = w.first() {
            w[i] = v + x[i];
        }
    }
    w.iter().map(|it| it * it).sum()
}

/// Two counters, one of them no position, and a counter that is read.
#[differentiate(order = 2)]
fn counters(x: &[f64], k: f64) -> f64 {
    let (mut at, mut seen) = (0, 0_i32);
    let mut w = vec![0.0; x.len() + 1];
    let mut s = 0.0;
    for i in 0..x.len() {
        w[at] += x[i] * k;
        at += 1;
        seen += 1;
    }
    for i in 0..x.len() {
        s += w[i] * x[at - 1 - i] * at as f64;
        at += 1;
    }
    s + w[seen as usize] * k + f64::from(seen) * k
}

/// One element takes from all turns.
#[differentiate(order = 2)]
fn one_takes_all(x: &[f64], bins: &[usize], k: f64) -> f64 {
    let mut w = vec![0.0; 3];
    for i in 0..x.len() {
        w[bins[i]] += x[i] * k;
    }
    for i in 0..x.len() {
        w[1] = w[1] * 0.5 + x[i];
    }
    for i in 1..x.len() {
        w[2] += w[0] * x[i] * x[0];
    }
    w[0] * w[1] + w[2] * w[2]
}

// === what is the same in all turns ===

#[differentiate(order = 2)]
fn pushed(x: &mut [f64], by: f64) {
    x[0] = x[0] * by + x[1];
}

/// The element that all turns name is another one after each.
#[differentiate(order = 2)]
fn changed_by_a_call(x: &mut [f64], y: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        let a = x[0] * y[i];
        pushed(x, y[i]);
        s += a * a * x[1];
    }
    for i in 0..n {
        s += x[0] * y[i];
        x[0] = y[i] * 0.5;
    }
    for i in 0..n {
        s += x[1] * y[i];
    }
    s
}

/// No turn names it, so that it may not be there.
#[differentiate(order = 2)]
fn no_turn_names_it(x: &[f64], out: &mut [f64], at: usize, n: usize) {
    for i in 0..n {
        out[i] = x[at] * x[i];
        out[at] += x[i];
    }
}

// === parameters that are second names ===

#[differentiate(order = 2)]
mod names {
    fn row(d: usize, i: usize, #[no_diff] x: &[f64], y: &[f64], out: &mut [f64]) {
        for k in 0..d {
            out[k] = x[i * d + k] - y[k];
        }
    }
    fn weighted(w: f64, out: &[f64]) -> f64 {
        let mut s = 0.0;
        for v in out {
            s += w * v * v;
        }
        s
    }
    fn scaled(n: u8, by: f64) -> f64 {
        let by = by * by;
        by * f64::from(n)
    }
    fn assigned(mut n: usize, mut by: f64) -> f64 {
        while n > 0 {
            n -= 1;
            by *= 1.5;
        }
        by
    }
    fn fixed(#[no_diff] w: f64, x: f64) -> f64 {
        w * x * x
    }
    /// The names of the functions called are those of other variables here.
    pub(crate) fn rows(#[no_diff] data: &[f64], y: &[f64], by: f64, buffer: &mut [f64]) -> f64 {
        let d = y.len();
        let three = 3;
        let out = scaled(three, by);
        let mut s = 0.0;
        for i in 0..data.len() / d {
            row(d, i, data, y, buffer);
            s += weighted(by, buffer);
            s += fixed(0.3, y[0]) + fixed(2.0, by) + fixed(data[0], y[1]);
        }
        s += assigned(three as usize, by) + assigned(d, out);
        let w = s * 0.01;
        let by = w + out;
        weighted(w, y) * by
    }
}
use names::rows;

#[test]
fn ranges_are_put_back() {
    let x = [0.3, 0.8, -0.4, 0.6];
    battery!(overwritten_in_many_ways(x, *k), at x = x.to_vec(), k = 0.7);
    for n in [0, 1, 4] {
        in_place!(results_are_read(x, out, n), at x = x.to_vec(), mut out = vec![0.5, -0.2, 0.9, 0.1, 0.3]);
    }
    for n in [1, 2, 4] {
        battery!(old_values_are_read(x, *k, n), at x = x.to_vec(), k = 0.7);
    }
    battery!(made_in_each_turn(x, *k), at x = x.to_vec(), k = 0.7);
    battery!(not_one_range(x, *k), at x = x.to_vec(), k = 0.7);
    battery!(turned(x, *k), at x = x.to_vec(), k = 0.7);
    battery!(
        buffers_of_many_types(v, m, *k),
        at v = DVector::from_vec(vec![0.3, 0.8, -0.4]),
        m = DMatrix::from_vec(3, 2, vec![0.1, 0.5, 0.7, 0.2, -0.3, 0.4]),
        k = 0.6
    );
    let field = Field {
        u: vec![0.1, 0.2, 0.3],
        v: [0.4, -0.5, 0.6],
    };
    battery!(behind_fields(f, *k), at f = field, k = 0.8);
    let x: Vec<f64> = (0..9).map(|it| f64::from(it).sin()).collect();
    battery!(checked_long_ranges(x, *k), at x = x, k = 0.7);
}

#[differentiate(order = 2)]
fn checked_long_ranges(x: &[f64], k: f64) -> f64 {
    long_ranges(x, k).unwrap_or(0.0)
}

#[test]
fn turns_are_reversed_in_an_order_that_is_right() {
    let (x, y) = (vec![0.3, 0.8, -0.4, 0.6], vec![0.5, 1.2, 0.9, -0.7]);
    battery!(turns_that_follow_each_other(x, y, *k), at x = x.clone(), y = y.clone(), k = 0.7);
    crate::battery::lent!(
        turns_in_any_order(x, y, *k, out),
        at x = x.clone(), y = y.clone(), k = 0.7, mut out = vec![0.1, 0.2, 0.3, 0.4]
    );
    battery!(bound_by_patterns(x, *k), at x = x.clone(), k = 0.7);
    battery!(counters(x, *k), at x = x.clone(), k = 0.7);
    battery!(one_takes_all(x, &[0, 2, 0, 1], *k), at x = x.clone(), k = 0.7);
}

#[test]
fn what_all_turns_name() {
    let y = vec![0.5, 1.2, 0.9, -0.7];
    for n in [0, 1, 4] {
        crate::battery::lent!(changed_by_a_call(x, y, n), at mut x = vec![0.3, 0.8], y = y.clone());
        in_place!(no_turn_names_it(y, out, 3, n), at y = y.clone(), mut out = vec![0.1, 0.2, 0.3, 0.4]);
    }
    in_place!(no_turn_names_it(y, out, 30, 0), at y = y.clone(), mut out = vec![0.1, 0.2, 0.3, 0.4]);
}

#[test]
fn parameters_are_second_names() {
    crate::battery::lent!(
        rows(&[0.3, 0.8, -0.4, 0.6], y, *by, buffer),
        at y = vec![0.5, 1.2], by = 0.7, mut buffer = vec![0.0, 0.1]
    );
}

#[test]
fn a_range_that_is_not_there_is_the_panic_of_the_function() {
    let message = |run: &dyn Fn()| {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        let payload = caught.expect_err("the buffer is too short");
        payload.downcast_ref::<String>().cloned()
    };
    let x = [0.3, 0.8, -0.4, 0.6];
    let plain = message(&|| results_are_read(&x, &mut [0.0; 2], 4));
    let pair = message(&|| {
        results_are_read::adjoint(&x, &mut [0.0; 2], 4, &mut [0.0; 4], &mut [0.0; 2]);
    });
    assert_eq!(plain, pair);
    assert!(plain.is_some_and(|it| it.contains("the len is 2 but the index is 2")));
}
