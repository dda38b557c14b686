//! Arrays made of slices, parts that may be missing, slices that are walked down, positions that ask for the length.

use crate::battery::{battery, in_place, lent};
use differentiate::differentiate;
use nalgebra::{DMatrix, dmatrix};

#[differentiate(order = 2)]
fn arrays_of_vectors(x: &[f64]) -> f64 {
    let a: [f64; 3] = (x.iter().map(|a| a * a))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let b: [f64; 3] = x.to_vec().try_into().expect("three");
    let v = vec![a[0], b[0]];
    let c: [f64; 2] = v.try_into().unwrap();
    a[0] * b[1] + a[2] * b[2] + c[1]
}

// An array made of a slice is a copy.
#[differentiate(order = 2)]
fn copies_of_slices(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let mut a: [f64; 2] = v[..2].try_into().unwrap();
    a[0] *= 3.0;
    let b = <[f64; 2]>::try_from(&v[1..]).unwrap();
    v[1] *= 2.0;
    let mut c = <[f64; 2]>::try_from(&x[1..]).expect("two");
    c[0] *= 2.0;
    let d = <&[f64; 3]>::try_from(x).unwrap();
    let mut e = *x.first_chunk::<2>().unwrap();
    e[0] *= v[1];
    let f: [f64; 2] = v[1..].try_into().unwrap();
    v[1] *= e[0];
    a[0] * v[0] + b[0] * v[1] + c[0] * x[1] + d[2] * a[1] * f[0]
}

#[test]
fn arrays() {
    battery!(arrays_of_vectors(x), at x = vec![0.3, 0.4, 0.6]);
    battery!(copies_of_slices(x), at x = vec![0.3, 0.4, 0.6]);
}

#[differentiate(order = 2)]
fn chunks_in_patterns(x: &[f64]) -> f64 {
    let [a, b] = x.first_chunk::<2>().unwrap();
    let Some([c, d]) = x.first_chunk::<2>() else {
        return x[0];
    };
    let [e, f] = x.last_chunk::<2>().unwrap();
    let last = x.last_chunk::<3>().unwrap();
    let mut s = a * b * c + d * e - f * last[0];
    if let Some([p, q, r]) = x.last_chunk::<3>() {
        s += p * q * r;
    }
    if let Some([p, .., q, _]) = x[1..].first_chunk::<4>() {
        s += p * q;
    }
    s
}

#[differentiate(order = 2)]
fn chunks_written<const N: usize>(x: &mut [f64; N], y: &mut [f64]) -> f64 {
    if let Some([p, q, ..]) = x.first_chunk_mut::<3>() {
        *p += *q;
    }
    if let Some(last) = x.last_chunk_mut::<2>() {
        last[0] *= last[1];
        std::mem::swap(&mut last[0], &mut y[0]);
    }
    x.last_chunk_mut::<2>().unwrap()[1] *= y[0];
    match y.first_chunk_mut::<N>() {
        Some(whole) => whole[N - 1] *= x[0],
        None => y[0] += x[1],
    }
    let middle: &mut [f64; 2] = (&mut x[1..3]).try_into().unwrap();
    middle[1] *= middle[0];
    y[0]
}

#[differentiate(order = 2)]
fn ranges_looked_up(x: &[f64], mut i: usize) -> f64 {
    let mut s = 1.0;
    while let Some(part) = x.get(i..i + 2) {
        i += 1;
        s += part[0] * part[1] * s;
    }
    let Some(rest) = x.get(1..) else { return s };
    match x.get(..=2) {
        Some([a, b, c]) => s * a * b * c,
        Some(_) => 0.0,
        None => s * rest[0],
    }
}

#[differentiate(order = 2)]
fn ranges_written(x: &mut [f64], k: f64) {
    let mut i = 0;
    while let Some(part) = x.get_mut(i..i + 2) {
        i += 1;
        part[0] *= part[1];
        part[1] += k;
    }
    if let Some([a, b]) = x.get_mut(1..3) {
        *a *= *b;
    }
    if let Some(all) = x.get_mut(..9) {
        all[0] = 0.0;
    }
}

#[differentiate(order = 2)]
fn elements_mapped(x: &[f64], i: usize) -> f64 {
    let a = x.get(i).map(|v| v * v).unwrap_or(0.5);
    let b = x.first().map(|&v| v * a).unwrap_or_default();
    let c = x.last().map(|v| {
        let a = v.sin();
        a * b * v
    });
    match c {
        Some(c) => a * b + c * c,
        None => 0.0,
    }
}

#[test]
fn parts_that_may_be_missing() {
    for x in [vec![0.3, 0.4, 0.6, 0.9, 0.2], vec![0.3, 0.4, 0.6]] {
        battery!(chunks_in_patterns(x), at x = x.clone());
        in_place!(ranges_written(x, *k), at mut x = x.clone(), k = 0.3);
        for i in 0..4 {
            battery!(ranges_looked_up(x, i), at x = x.clone());
            battery!(elements_mapped(x, i), at x = x.clone());
        }
        lent!(chunks_written(y, x), at mut y = [0.9, 0.3, 0.2, 0.1], mut x = x);
    }
    lent!(chunks_written(y, x), at mut y = [0.9, 0.3, 0.2], mut x = vec![0.3, 0.6, 0.8]);
}

#[differentiate(order = 2)]
fn horner_of_a_pattern(mut c: &[f64], x: f64) -> f64 {
    let mut s = 1.0;
    while let [first, rest @ ..] = c {
        s = s * x + first;
        c = rest;
    }
    s
}

#[differentiate(order = 2)]
fn horner_of_a_split(mut c: &[f64], x: f64, #[no_diff] mut by: &[usize]) -> f64 {
    let mut s = 1.0;
    while let Some((first, rest)) = c.split_first() {
        s = s * x + first * by[0] as f64;
        c = rest;
        by = &by[1..];
    }
    s
}

#[differentiate(order = 2)]
fn horner_of_a_range(c: &[f64], x: f64) -> f64 {
    let mut s = 1.0;
    let mut c = c;
    while !c.is_empty() {
        s = s * x + c[0];
        c = &c[1..];
    }
    s
}

#[differentiate(order = 2)]
fn pairs_of_a_split(c: &[f64], x: f64) -> f64 {
    let mut s = 1.0;
    let mut rest = c;
    while rest.len() >= 2 {
        let (head, tail) = rest.split_at(2);
        s += s * head[0] * head[1] * x;
        rest = tail;
    }
    s
}

#[test]
fn slices_walked_down() {
    let c = || vec![0.3, 0.4, 0.6];
    battery!(horner_of_a_pattern(c, *x), at c = c(), x = 1.5);
    battery!(horner_of_a_split(c, *x, &[1, 1, 1]), at c = c(), x = 1.5);
    battery!(horner_of_a_range(c, *x), at c = c(), x = 1.5);
    battery!(pairs_of_a_split(c, *x), at c = c(), x = 1.5);
}

#[differentiate(order = 2)]
fn transform(x: &mut [f64], w: f64) {
    if x.len() == 1 {
        return;
    }
    let (left, right) = x.split_at_mut(x.len() / 2);
    transform(left, w * 0.5);
    transform(right, w + 0.1);
    for (a, b) in left.iter_mut().zip(right.iter_mut()) {
        let t = *b * w;
        *b = *a - t;
        *a += t;
    }
}

#[differentiate(order = 2)]
fn positions(x: &mut [f64], v: &mut Vec<f64>, m: &mut DMatrix<f64>, w: f64) {
    if let Some(last) = x.get_mut(x.len() - 1) {
        *last *= w;
    }
    for part in x.chunks_exact_mut(x.len() / 2) {
        part[0] *= w;
    }
    x.rotate_left(x.len() / 2);
    x.swap(0, x.len() - 1);
    v.truncate(v.len() - 1);
    v.push(v[0] * v[v.len() - 1]);
    v.extend_from_slice(&x[..x.len() - 1]);
    let (most, last) = x.split_at_mut(x.len() - 1);
    most[0] += last[0];
    *x.get_mut(x.len() - 1).unwrap() *= 2.0;
    m.rows_mut(0, m.nrows() / 2).fill(w);
    m.column_mut(m.ncols() - 1)[0] = w * w;
    m.swap_rows(0, m.nrows() - 1);
}

#[test]
fn positions_that_ask_for_the_length() {
    in_place!(transform(x, *w), at mut x = vec![0.4, 0.2, 0.5, 0.7], w = 0.3);
    in_place!(
        positions(x, v, m, *w),
        at mut x = vec![0.4, 0.2, 0.5, 0.7], mut v = vec![0.3, 0.9, 0.1], mut m = dmatrix![1.0, 2.0; 3.0, 4.0], w = 0.3
    );
}
