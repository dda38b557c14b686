//! Places by way of generics, matches, options, slice patterns and destructuring.

use crate::battery::{battery, in_place, lent, pullback};
use differentiate::{Real, differentiate};

// Generics in place.
#[differentiate(order = 2)]
fn running_sums<T: Real>(x: &mut [T], k: T) -> T {
    let mut acc = T::zero();
    for v in x.iter_mut() {
        *v = *v * k + acc;
        acc += *v * *v;
    }
    let n = x.len();
    x.swap(0, n - 1);
    x[0] /= T::one() + acc;
    acc
}

#[differentiate(order = 2)]
fn eliminate<T: Real, const N: usize>(a: &mut [[T; N]; N], b: &mut [T; N]) {
    for k in 0..N {
        let p = a[k][k];
        for j in k..N {
            a[k][j] /= p;
        }
        b[k] /= p;
        for i in k + 1..N {
            let f = a[i][k];
            for j in k..N {
                let t = a[k][j];
                a[i][j] -= f * t;
            }
            let t = b[k];
            b[i] -= f * t;
        }
    }
    for k in (0..N).rev() {
        for j in k + 1..N {
            let t = b[j];
            b[k] -= a[k][j] * t;
        }
    }
}

#[differentiate(order = 2)]
fn product<const R: usize, const C: usize>(m: &[[f64; C]; R], v: &[f64; C]) -> [f64; R] {
    let mut out = [0.0; R];
    for (o, row) in out.iter_mut().zip(m) {
        for (a, b) in row.iter().zip(v) {
            *o += a * b;
        }
    }
    out
}

// Aliases through match arms.
#[differentiate(order = 2)]
fn arm_that_lends(a: &mut [f64], b: &mut [f64], k: usize) -> f64 {
    let target = match k {
        0 => &mut a[0],
        1 => &mut a[1],
        _ => &mut b[0],
    };
    *target *= 3.0;
    a[0] * a[1] * b[0]
}

#[differentiate(order = 2)]
fn index_by_match(a: &mut [f64], k: usize) -> f64 {
    let index = match k {
        0 => 0,
        n if n > 2 => 1,
        _ => a.len() - 1,
    };
    let r = &mut a[index];
    match k {
        0 => *r *= 2.0,
        1 => {
            *r = r.sin();
        }
        _ => *r += 1.0,
    }
    a[0] * a[index]
}

#[differentiate(order = 2)]
fn list_if_there(x: &mut Option<Vec<f64>>, k: f64) -> f64 {
    match x {
        Some(v) if v.len() > 1 => {
            v[0] *= k;
            v[1] += v[0];
            v[1]
        }
        Some(v) => {
            v.push(k);
            k
        }
        None => 0.0,
    }
}

#[differentiate(order = 2)]
fn number_if_there(x: &mut Option<f64>, k: f64) -> f64 {
    let Some(v) = x else {
        return k;
    };
    *v *= k;
    *v + k
}

#[differentiate(order = 2)]
fn option_replaced(x: &mut Option<f64>, k: f64) {
    *x = match *x {
        Some(v) if v > 1.0 => None,
        Some(v) => Some(v * k),
        None => Some(k * k),
    };
}

// Optional &mut.
#[differentiate(order = 2)]
fn first_and_last(x: &mut [f64]) -> f64 {
    if let Some(last) = x.last_mut() {
        *last *= 2.0;
    }
    if let Some(v) = x.get_mut(1) {
        *v += 1.0;
    }
    match x.first_mut() {
        Some(f) => {
            *f *= *f;
            *f
        }
        None => 0.0,
    }
}

#[differentiate(order = 2)]
fn shorter_and_shorter(x: &[f64]) -> f64 {
    let mut rest = x;
    let mut s = 1.0;
    while let [first, tail @ ..] = rest {
        s = s * first + 1.0;
        rest = tail;
    }
    s
}

#[differentiate(order = 2)]
fn head_and_rest(x: &[f64]) -> f64 {
    match x {
        [] => 0.0,
        [a] => *a,
        [a, rest @ ..] => a * head_and_rest(rest) + 1.0,
    }
}

#[differentiate(order = 2)]
fn both_ends(x: &mut [f64]) {
    if let [first, .., last] = x {
        *first *= *last;
        *last += 1.0;
    }
}

// Assignments through tuple destructuring and nested places.
#[differentiate(order = 2)]
fn parts_exchanged(x: &mut [f64]) -> f64 {
    (x[0], x[1]) = (x[1] * 2.0, x[0]);
    let mut p = ([x[0], 1.0], x[1]);
    p.0[1] *= p.1;
    (p.0[0], p.1) = (p.0[1], p.0[0]);
    p.0[0] * p.1 + p.0[1]
}

#[differentiate(order = 2)]
fn rows_copied(x: f64) -> f64 {
    let mut a = [[x; 2]; 2];
    a[0][1] = x * x;
    a[1] = a[0];
    a[1][0] += a[0][1];
    let row = a[1];
    a[0] = [row[1], row[0]];
    a[0][0] * a[1][0] + a[0][1]
}

#[differentiate(order = 2)]
fn fibonacci(x: f64, n: usize) -> f64 {
    let mut fib = [x, 1.0];
    for i in 0..n {
        fib[i % 2] += fib[(i + 1) % 2] * x;
    }
    fib[0] * fib[1]
}

fn x() -> Vec<f64> {
    vec![0.5, 0.4, 0.8, -0.3]
}

#[test]
fn generic_numbers() {
    lent!(running_sums(x, *k), at mut x = x(), k = 0.7);
    lent!(running_sums(x, *k), at mut x = vec![0.5_f32, 0.25, -0.75], k = 0.7_f32);
}

#[test]
fn generic_arrays() {
    in_place!(eliminate(a, b), at mut a = [[2.0, 1.0], [0.5, 3.0]], mut b = [1.0, 2.0]);
    in_place!(eliminate(a, b), at mut a = [[2.0_f32, 1.0], [0.5, 3.0]], mut b = [1.0_f32, 2.0]);
}

#[test]
fn generic_product() {
    pullback!(product(a, b), at a = [[2.0, 1.0, 0.3], [0.5, 3.0, 0.1]], b = [1.0, 2.0, 0.5]);
}

#[test]
fn arms() {
    for k in 0..3 {
        lent!(arm_that_lends(a, b, k), at mut a = x(), mut b = vec![1.5, 0.3]);
    }
}

#[test]
fn indices() {
    for k in 0..4 {
        lent!(index_by_match(a, k), at mut a = x());
    }
}

#[test]
fn optional_list() {
    for v in [Some(x()), Some(vec![1.0]), None] {
        lent!(list_if_there(a, *k), at mut a = v, k = 0.7);
    }
}

#[test]
fn optional_number() {
    for v in [Some(0.4), None] {
        lent!(number_if_there(a, *k), at mut a = v, k = 0.7);
    }
}

#[test]
fn replaced_option() {
    for v in [Some(0.4), Some(2.0), None] {
        in_place!(option_replaced(a, *k), at mut a = v, k = 0.7);
    }
}

#[test]
fn optional_views() {
    for v in [x(), vec![], vec![0.3], vec![0.3, 0.4]] {
        lent!(first_and_last(a), at mut a = v);
    }
}

#[test]
fn rests() {
    battery!(shorter_and_shorter(x), at x = x());
    battery!(head_and_rest(x), at x = x());
}

#[test]
fn ends() {
    in_place!(both_ends(x), at mut x = x());
    in_place!(both_ends(x), at mut x = vec![1.0]);
}

#[test]
fn exchanged() {
    lent!(parts_exchanged(x), at mut x = x());
}

#[test]
fn copied() {
    battery!(rows_copied(*x), at x = 0.7);
    battery!(fibonacci(*x, 5), at x = 0.7);
}
