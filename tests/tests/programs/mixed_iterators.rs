//! Iterators that write, operators of the user's own that write, and the order in which things happen.

use std::ops::{Add, AddAssign, Mul, MulAssign};

use crate::battery::{battery, in_place, lent, pullback};
use differentiate::{Differentiable, differentiate};
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

#[differentiate(order = 2)]
fn rows_and_columns(m: &mut Vec<Vec<f64>>, k: f64) {
    for (i, row) in m.iter_mut().enumerate() {
        for (j, v) in row.iter_mut().enumerate().rev() {
            if i == j {
                continue;
            }
            *v = *v * k + i as f64 * *v * *v;
        }
        row[0] += k;
    }
}

#[differentiate(order = 2)]
fn two_lists(a: &mut [f64], b: &mut [f64]) -> f64 {
    let mut dot = 0.0;
    for (x, y) in a.iter_mut().zip(b.iter_mut()) {
        std::mem::swap(x, y);
        *x *= *y;
        dot += *x;
    }
    for v in a.iter_mut().rev().take(2) {
        *v += dot;
    }
    for v in b.iter_mut().skip(1).step_by(2) {
        *v *= *v;
    }
    std::mem::swap(&mut a[0], &mut b[1]);
    a[1] = std::mem::replace(&mut b[0], dot);
    dot
}

#[differentiate(order = 2)]
fn from_the_end(a: &mut [f64]) -> f64 {
    for (k, pair) in a.chunks_exact_mut(2).enumerate().rev() {
        pair[0] *= pair[1] + k as f64;
    }
    for v in a.iter_mut().filter(|v| **v > 0.3) {
        *v *= 2.0;
    }
    let (last, rest) = a.split_last_mut().unwrap();
    for v in rest {
        *last += *v * *v;
    }
    *a.last().unwrap()
}

#[differentiate(order = 2)]
fn extended(x: &[f64]) -> Vec<f64> {
    let mut out: Vec<f64> = Vec::new();
    out.extend(x.iter().map(|v| v * v));
    out.extend(x.iter().rev().copied());
    for i in (0..out.len()).rev().step_by(3) {
        out[i] *= 2.0;
    }
    out
}

#[differentiate(order = 2)]
fn matrices_as_lists(v: &mut DVector<f64>, m: &mut DMatrix<f64>) -> f64 {
    for x in v.iter_mut() {
        *x *= 2.0;
    }
    for x in m.iter_mut() {
        *x += 1.0;
    }
    for mut col in m.column_iter_mut() {
        col *= 2.0;
    }
    v[0] * m[(0, 1)]
}

#[differentiate(order = 2)]
fn matrix_parts(m: &mut DMatrix<f64>, v: &DVector<f64>) {
    for j in 0..m.ncols() {
        for i in 0..m.nrows() {
            m[(i, j)] *= v[i] / (1.0 + m[(i, 0)].abs());
        }
    }
    m.row_mut(0).scale_mut(2.0);
    let mut c = m.column_mut(1);
    c += v;
    let s = m.as_mut_slice();
    s[0] *= s[1];
}

// Operators of a user's type.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V2 {
    x: f64,
    y: f64,
}

#[differentiate(order = 2)]
impl Add for V2 {
    type Output = V2;
    fn add(self, o: V2) -> V2 {
        V2 {
            x: self.x + o.x,
            y: self.y + o.y,
        }
    }
}

#[differentiate(order = 2)]
impl Mul<f64> for V2 {
    type Output = V2;
    fn mul(self, k: f64) -> V2 {
        V2 {
            x: self.x * k,
            y: self.y * k,
        }
    }
}

#[differentiate(order = 2)]
impl AddAssign for V2 {
    fn add_assign(&mut self, o: V2) {
        self.x += o.x;
        self.y += o.y;
    }
}

#[differentiate(order = 2)]
impl MulAssign<f64> for V2 {
    fn mul_assign(&mut self, k: f64) {
        self.x *= k;
        self.y *= k;
    }
}

#[differentiate(order = 2)]
fn operators_in_place(a: &mut [V2], k: f64) -> f64 {
    let mut sum = a[0];
    for i in 1..a.len() {
        let step = a[i] * k;
        a[i] += a[i - 1] + step;
        sum += a[i];
        sum *= 0.9;
    }
    sum.x * sum.y
}

// Two-level &mut.
#[differentiate(order = 2)]
fn multiply_both(x: &mut f64, y: &mut f64) {
    *x *= *y;
    *y += *x;
}

#[differentiate(order = 2)]
fn all_pairs(v: &mut [f64; 4]) {
    let [a, b, c, d] = v;
    multiply_both(a, b);
    multiply_both(c, d);
    multiply_both(b, d);
}

#[differentiate(order = 2)]
fn lent_again_and_again(v: &mut [[f64; 4]]) -> f64 {
    let mut s = 0.0;
    for r in v.iter_mut() {
        all_pairs(r);
        all_pairs(r);
        s += r[3];
    }
    let (a, b) = v.split_at_mut(1);
    multiply_both(&mut a[0][0], &mut b[0][1]);
    s
}

// Return values bound from &mut fn in expressions.
#[differentiate(order = 2)]
fn bump(x: &mut f64) -> f64 {
    let old = *x;
    *x *= 2.0;
    old
}

#[differentiate(order = 2)]
fn calls_in_order(x: &mut [f64]) -> f64 {
    bump(&mut x[0]) * bump(&mut x[0]) + bump(&mut x[1])
}

#[differentiate(order = 2)]
fn calls_in_lists(x: f64) -> f64 {
    let mut y = x;
    let a = [bump(&mut y), bump(&mut y)];
    let t = (y, bump(&mut y), y * a[1]);
    t.0 * t.1 + t.2 * a[0]
}

#[differentiate(order = 2)]
fn blocks_in_order(x: f64) -> f64 {
    let mut y = x;
    let z =
        y + {
            y *= 3.0;
            y
        } + y;
    z * y
}

#[differentiate(order = 2)]
fn index_with_effect(x: &mut [f64], i: usize) -> f64 {
    let mut k = i;
    x[{
        k += 1;
        k
    }] *= 2.0;
    x[k] + x[i]
}

// Shadowing + blocks.
#[differentiate(order = 2)]
fn shadowed_lists(x: &[f64]) -> f64 {
    let x = {
        let mut x = x.to_vec();
        for i in 1..x.len() {
            x[i] += x[i - 1];
        }
        x
    };
    let total = {
        let x = &x[1..];
        x.iter().sum::<f64>()
    };
    let x = {
        let [mut a, b] = [x[0], x[1]];
        a *= b;
        [a, b]
    };
    total * x[0]
}

// If/else writing different elements; compound conditions with element reads.
#[differentiate(order = 2)]
fn compound_conditions(x: &mut [f64]) {
    let mut i = 0;
    while i < x.len() && x[i] < 5.0 {
        if x[i] > 0.0 && i > 0 {
            x[i - 1] += x[i];
        } else if x[i] < -0.2 || i == 0 {
            x[i] *= -2.0;
        } else {
            break;
        }
        x[i] *= 1.5;
        i += if x[i] > 1.0 { 2 } else { 1 };
    }
}

#[differentiate(order = 2)]
fn two_ends(n: &mut [f64], mut left: usize, mut right: usize) -> f64 {
    let mut acc = 1.0;
    while left < right {
        (n[left], n[right]) = (n[right] * acc, n[left]);
        acc += n[left];
        left += 1;
        right -= 1;
    }
    acc
}

fn x() -> Vec<f64> {
    vec![0.55, 0.42, 0.83, -0.31]
}

#[test]
fn nested_iterators() {
    in_place!(rows_and_columns(m, *k), at mut m = vec![x(), vec![0.1, 0.2]], k = 0.7);
}

#[test]
fn zipped() {
    lent!(two_lists(a, b), at mut a = x(), mut b = vec![1.0, 2.0, 3.0]);
}

#[test]
fn reversed() {
    lent!(from_the_end(a), at mut a = x());
}

#[test]
fn grown() {
    pullback!(extended(a), at a = x());
}

#[test]
fn elements_of_matrices() {
    lent!(matrices_as_lists(v, m), at mut v = dvector![1.0, 2.0], mut m = dmatrix![1.0, 2.0; 3.0, 4.0]);
}

#[test]
fn parts_of_matrices() {
    in_place!(matrix_parts(m, v), at mut m = dmatrix![1.0, 2.0; 3.0, 4.0], v = dvector![1.0, 2.0]);
}

#[test]
fn operators() {
    lent!(operators_in_place(a, *k), at mut a = vec![V2 { x: 1.0, y: 0.3 }, V2 { x: 0.7, y: -0.3 }, V2 { x: 0.1, y: 0.9 }], k = 0.3);
}

#[test]
fn lent_on() {
    lent!(lent_again_and_again(a), at mut a = vec![[1.0, 0.5, 0.2, 0.7], [0.3, 0.1, -0.4, 0.6]]);
}

#[test]
fn order_of_evaluation() {
    lent!(calls_in_order(a), at mut a = x());
    battery!(calls_in_lists(*x), at x = 0.7);
    battery!(blocks_in_order(*x), at x = 0.7);
    lent!(index_with_effect(a, 1), at mut a = x());
}

#[test]
fn blocks_and_conditions() {
    battery!(shadowed_lists(x), at x = x());
    in_place!(compound_conditions(x), at mut x = x());
    lent!(two_ends(x, 0, 3), at mut x = x());
}
