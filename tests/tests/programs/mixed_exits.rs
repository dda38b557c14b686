//! Exits, labels and recursion with elements that have been written; fields lent together; closures that write.

use crate::battery::{battery, lent};
use differentiate::{Differentiable, differentiate};

// Early return out of nested loops that have written.
#[differentiate(order = 2)]
fn left_early(x: &mut [f64], n: usize) -> f64 {
    let mut acc = 0.0;
    'outer: for i in 0..n {
        for j in 0..x.len() {
            x[j] *= 1.1 + x[i % x.len()];
            if x[j] > 3.0 {
                x[j] = acc;
                return acc * x[0];
            }
            if x[j] < -0.5 {
                x[j] += 1.0;
                continue 'outer;
            }
            acc += x[j];
            if acc > 6.0 {
                break 'outer;
            }
            x[j] -= 0.1 * acc;
        }
        x[0] += 0.01;
    }
    acc + x[1]
}

// Labelled continue inside a match inside a loop over chunks.
#[differentiate(order = 2)]
fn kinds_of_rows(x: &mut [f64], #[no_diff] kinds: &[u8]) -> f64 {
    let mut total = 1.0;
    'rows: for (row, kind) in x.chunks_exact_mut(2).zip(kinds) {
        match kind {
            0 => {
                row[0] *= row[1];
                if row[0] < 0.0 {
                    continue 'rows;
                }
                row[1] += total;
            }
            1 | 2 => {
                for v in row.iter_mut() {
                    *v *= 2.0;
                    if *v > 1.5 {
                        continue 'rows;
                    }
                }
                row[0] -= 0.5;
            }
            _ if total > 2.0 => break 'rows,
            _ => row.swap(0, 1),
        }
        total += row[0] * row[1];
    }
    total
}

// Recursion over halves.
#[differentiate(order = 2)]
fn over_halves(x: &mut [f64], depth: usize) -> f64 {
    let n = x.len();
    if n == 1 {
        x[0] *= x[0];
        return x[0];
    }
    let (l, r) = x.split_at_mut(n / 2);
    let left = over_halves(l, depth + 1);
    if left > 2.0 {
        r[0] *= 0.5;
        return left;
    }
    let right = over_halves(r, depth + 1);
    l[0] += right;
    r[r.len() - 1] *= left;
    left * right + depth as f64 * l[0]
}

// An integer stack steering.
#[differentiate(order = 2)]
fn stack_of_positions(x: &mut [f64]) -> f64 {
    let mut stack = [0usize; 8];
    let mut top = 1;
    let mut out = 1.0;
    stack[0] = 0;
    while top > 0 {
        top -= 1;
        let at = stack[top];
        out *= 1.0 + 0.5 * x[at];
        x[at] += 0.1 * out;
        if 2 * at + 2 < x.len() {
            stack[top] = 2 * at + 1;
            stack[top + 1] = 2 * at + 2;
            top += 2;
        }
    }
    out
}

// Helper with fields.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct S {
    a: Vec<f64>,
    b: Vec<f64>,
    c: f64,
    #[no_diff]
    order: Vec<usize>,
}

#[differentiate(order = 2)]
fn scale_and_shift(a: &mut [f64], b: &[f64], c: &f64) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = *a * b + c;
    }
}

#[differentiate(order = 2)]
fn scale_number(c: &mut f64, b: &[f64]) {
    *c *= b[0];
}

#[differentiate(order = 2)]
fn fields_together(s: &mut S) -> f64 {
    scale_and_shift(&mut s.a, &s.b, &s.c);
    scale_number(&mut s.c, &s.a);
    scale_and_shift(&mut s.b, &s.a[1..], &2.0);
    for k in 0..s.order.len() {
        let at = s.order[k];
        s.a[at] *= s.b[0];
    }
    s.a[s.order[0]] * s.c
}

impl S {
    #[differentiate(order = 2)]
    fn items(&mut self, k: f64) -> f64 {
        let mut sum = 0.0;
        for a in &mut self.a {
            *a *= k;
            sum += *a * self.c;
        }
        for (a, b) in self.a.iter().zip(self.b.iter_mut()) {
            *b += a * sum;
        }
        for i in 0..self.order.len() {
            let Self { a, b, order, .. } = self;
            a[order[i]] += b[order[i]];
        }
        let a = &mut self.a;
        let b = &self.b;
        a[0] = b[0] * b[1];
        sum
    }
}

#[differentiate(order = 2)]
fn items_twice(s: &mut S, k: f64) -> f64 {
    s.items(k) + s.items(k * k)
}

// Closures that capture.
#[differentiate(order = 2)]
fn closure_that_adds(x: &[f64]) -> f64 {
    let mut total = 0.0;
    let mut buffer = vec![0.0; 3];
    let mut add = |v: f64, i: usize| {
        total += v * v;
        buffer[i % 3] += total * v;
    };
    for (i, v) in x.iter().enumerate() {
        add(*v, i);
    }
    total * buffer[0] + buffer[1]
}

#[differentiate(order = 2)]
fn closure_that_counts(x: &[f64]) -> f64 {
    let mut count = 0;
    let mut buffer = [1.0; 4];
    x.iter().for_each(|v| {
        buffer[count % 4] *= v;
        count += 1;
    });
    buffer[0] + buffer[1] * count as f64
}

#[differentiate(order = 2)]
fn closure_that_is_lent_to(x: &mut [f64], k: f64) -> f64 {
    let scale = |y: &mut [f64], by: f64| {
        for v in y.iter_mut() {
            *v *= by;
        }
    };
    scale(x, k);
    scale(&mut x[1..], 2.0);
    x.iter().sum()
}

#[test]
fn a_closure_with_a_lent_parameter() {
    lent!(closure_that_is_lent_to(x, *k), at mut x = x(), k = 0.7);
}

fn x() -> Vec<f64> {
    vec![0.5, 0.4, 0.8, -0.3]
}

#[test]
fn exits() {
    for n in [0, 1, 2, 4] {
        lent!(left_early(x, n), at mut x = x());
        lent!(left_early(x, n), at mut x = vec![1.0, 2.0]);
    }
}

#[test]
fn continues() {
    for k in [[0, 1], [1, 0], [2, 3], [3, 3]] {
        lent!(kinds_of_rows(x, &k), at mut x = x());
    }
}

#[test]
fn recursion() {
    lent!(over_halves(x, 0), at mut x = x());
    lent!(over_halves(x, 0), at mut x = vec![2.0, 1.0, 0.5, 0.7, 1.2]);
}

#[test]
fn integers_that_steer() {
    lent!(stack_of_positions(x), at mut x = vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
}

fn s() -> S {
    S {
        a: x(),
        b: vec![1.0, 2.0, 0.5, 0.7],
        c: 0.3,
        order: vec![2, 0, 1],
    }
}

#[test]
fn fields() {
    lent!(fields_together(s), at mut s = s());
}

#[test]
fn items_of_self() {
    lent!(items_twice(s, *k), at mut s = s(), k = 0.7);
}

#[test]
fn a_closure() {
    battery!(closure_that_adds(x), at x = x());
}

#[test]
fn a_counter() {
    battery!(closure_that_counts(x), at x = x());
}
