//! Iterator chains over values and ranges.

use crate::battery::{battery, kink, pullback};
use differentiate::differentiate;

#[differentiate(order = 2)]
fn adaptors(v: &[f64], x: f64) -> f64 {
    let a: f64 = v.iter().rev().enumerate().map(|(i, a)| a * i as f64).sum();
    let b: f64 = v.iter().skip(1).step_by(2).map(|a| a * a).sum();
    let c = v.iter().take(2).fold(x, |s, a| s * a + 1.0);
    let d: f64 = v.iter().zip(&v[1..]).map(|(a, b)| a * b).sum();
    let e = v
        .iter()
        .copied()
        .filter(|a| *a > 0.0)
        .map(|a| a.sqrt())
        .sum::<f64>();
    a * b + c * d - e * x
}

#[differentiate(order = 2)]
fn unequal_zip(a: &[f64], b: &[f64]) -> f64 {
    let mut s = 0.0;
    for (x, y) in a.iter().zip(b) {
        s += x * y;
    }
    for ((i, x), y) in a.iter().enumerate().zip(b.iter().rev()) {
        s = s * 0.5 + x * y * i as f64;
    }
    s
}

#[differentiate(order = 2)]
fn zip_of_three(a: &[f64], b: &[f64; 3], c: Vec<f64>) -> f64 {
    a.iter()
        .zip(b)
        .zip(&c)
        .map(|((a, b), c)| a * b - c * a)
        .sum()
}

#[test]
fn adaptors_and_zips() {
    battery!(adaptors(v, *x), at v = vec![0.5, 1.2, -0.7, 2.0, 0.3], x = 0.8);
    for (a, b) in [(3, 2), (2, 3), (0, 3), (3, 0), (1, 1)] {
        let list = |n: usize| (0..n).map(|k| 0.4 + k as f64 * 0.6).collect::<Vec<_>>();
        battery!(unequal_zip(a, b), at a = list(a), b = list(b));
    }
    battery!(zip_of_three(a, b, c.clone()), at a = vec![1.0, 2.0, 3.0, 4.0], b = [0.5, 0.6, 0.7], c = vec![3.0, 2.0]);
}

#[differentiate(order = 2)]
fn filters(v: &[f64], x: f64) -> f64 {
    let mut s = x;
    for a in v.iter().filter(|&&a| a > 0.5) {
        s *= a;
    }
    for a in v.iter().filter(|a| **a > 0.5) {
        s += a;
    }
    for (i, a) in v.iter().enumerate().filter(|(i, _)| i % 2 == 0) {
        s += a * i as f64;
    }
    s + v.iter().filter(|a| a.abs() < x).map(|a| a * x).sum::<f64>()
}

#[differentiate(order = 2)]
fn collected(v: &[f64], x: f64) -> Vec<f64> {
    let squares: Vec<f64> = v.iter().map(|a| a * a).collect();
    let shifted = squares.iter().map(|a| a + x).collect::<Vec<_>>();
    let pairs: Vec<(f64, f64)> = shifted.iter().zip(v).map(|(a, b)| (a * b, *b)).collect();
    let mut s = 0.0;
    for (a, b) in &pairs {
        s += a * b;
    }
    (0..v.len()).map(|i| pairs[i].0 * s + shifted[i]).collect()
}

#[differentiate(order = 2)]
fn collected_rows(x: f64, n: usize) -> f64 {
    let rows: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..=i).map(|j| x.powi(j as i32)).collect())
        .collect();
    let mut s = 0.0;
    for row in &rows {
        for a in row {
            s = s * 0.9 + a;
        }
    }
    s + rows.iter().map(|row| row.iter().sum::<f64>()).sum::<f64>()
}

#[test]
fn filtered_and_collected() {
    battery!(filters(v, *x), at v = vec![0.7, 1.2, -0.7, 2.0, 0.3], x = 0.8);
    pullback!(collected(v, *x), at v = vec![0.7, 1.2, -0.7], x = 0.8);
    pullback!(collected(v, *x), at v = vec![], x = 0.8);
    for n in 0..4 {
        battery!(collected_rows(*x, n), at x = 0.8);
    }
}

#[differentiate(order = 2)]
fn nested_slices(rows: &[Vec<f64>], x: f64) -> f64 {
    let mut s = 0.0;
    for (i, row) in rows.iter().enumerate() {
        let t: f64 = row.iter().map(|a| a * x).sum();
        for (j, a) in row.iter().enumerate().skip(i) {
            s += t * a / (1.0 + j as f64);
        }
    }
    s
}

#[differentiate(order = 2)]
fn nested_arrays(m: &[[f64; 2]; 3], x: f64) -> f64 {
    let mut s = x;
    for row in m {
        for a in row.iter().rev() {
            s = s * a + row[0];
        }
    }
    for [a, b] in m {
        s += a * b;
    }
    s + m[1][0] * m[2][1]
}

#[differentiate(order = 2)]
fn slice_of_pairs(points: &[(f64, f64)], k: f64) -> f64 {
    let mut s = 0.0;
    for &(x, y) in points {
        s += (x * x + y * y).sqrt() * k;
    }
    for (i, (x, y)) in points.iter().enumerate() {
        s -= x * y * i as f64;
    }
    s + points.iter().map(|(x, y)| x * y).sum::<f64>() + points.iter().map(|p| p.0).product::<f64>()
}

#[test]
fn nested_sequences() {
    battery!(nested_slices(rows, *x), at rows = vec![vec![0.5, 1.0], vec![], vec![2.0, -1.0, 0.3]], x = 0.8);
    battery!(nested_arrays(m, *x), at m = [[0.5, 1.0], [2.0, -1.0], [0.3, 0.7]], x = 0.8);
    battery!(slice_of_pairs(p, *k), at p = vec![(3.0, 4.0), (0.5, -0.2)], k = 0.8);
}

#[differentiate(order = 2)]
fn slices(v: &[f64], i: usize) -> f64 {
    let (a, b) = (&v[..i], &v[i..]);
    let middle = &v[1..=i];
    let s: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let t: f64 = middle.iter().map(|x| x * x).sum();
    let u = &middle[1..];
    s * t + u[0] + a.len() as f64 * b[0]
}

#[differentiate(order = 2)]
fn ends(v: &[f64]) -> f64 {
    match (v.first(), v.last()) {
        (Some(a), Some(b)) => a * b + v.iter().sum::<f64>(),
        _ => 1.0,
    }
}

#[differentiate(order = 2)]
fn looked_up(v: &[f64], i: usize) -> f64 {
    let a = v.get(i).copied().unwrap_or(2.0);
    let b = if let Some(b) = v.get(i + 1) { *b } else { a };
    a * b
}

#[test]
fn parts_of_slices() {
    battery!(slices(v, 2), at v = vec![0.5, 1.0, 2.0, -1.0, 0.3]);
    battery!(ends(v), at v = vec![0.5, 1.0, 2.0]);
    battery!(ends(v), at v = vec![0.5]).is(0.75, vec![2.0]);
    battery!(ends(v), at v = vec![]).is(1.0, vec![]);
    for i in 0..4 {
        battery!(looked_up(v, i), at v = vec![0.5, 1.0, 2.0]);
    }
}

#[differentiate(order = 2)]
fn sums(v: &[f64]) -> f64 {
    let a: f64 = v.iter().sum();
    let b = v.iter().product::<f64>();
    let c = v.iter().copied().sum::<f64>();
    let d = v.iter().fold(f64::NEG_INFINITY, |m, a| m.max(*a));
    let e = v.iter().map(|a| (a - d).exp()).sum::<f64>().ln() + d;
    a * b + c * d + e
}

#[differentiate(order = 2)]
fn ranges(x: f64, n: usize) -> f64 {
    let a: f64 = (0..n).map(|k| x.powi(k as i32)).sum();
    let b = (1..=n).map(|k| x / k as f64).product::<f64>();
    let c = (0..n).rev().step_by(2).fold(x, |s, k| s * x + k as f64);
    let d = (0..n)
        .filter(|k| k % 3 != 1)
        .map(|k| x * k as f64)
        .sum::<f64>();
    a + b * c - d
}

#[test]
fn reductions() {
    battery!(sums(v), at v = vec![0.5, 1.0, 2.0, -1.0]);
    for n in 0..6 {
        battery!(ranges(*x, n), at x = 0.8);
    }
}

#[differentiate(order = 2)]
fn integers_and_floats(v: &[f64], index: &[usize], weights: &[f64]) -> f64 {
    let mut s = 0.0;
    for (&i, w) in index.iter().zip(weights) {
        s += v[i] * w;
    }
    let count = index.iter().filter(|i| **i > 1).count();
    let last = index.last().copied().unwrap_or(0);
    s * count as f64 + v[last]
}

#[differentiate(order = 2)]
fn windows_by_index(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 1..v.len() - 1 {
        let (a, b, c) = (v[i - 1], v[i], v[i + 1]);
        let d = a - 2.0 * b + c;
        s += d * d;
    }
    s
}

#[differentiate(order = 2)]
fn any_and_all(v: &[f64], x: f64) -> f64 {
    if v.iter().any(|a| *a > x) {
        v[0] * x
    } else if v.iter().all(|a| *a < 0.0) {
        v.len() as f64 * x
    } else {
        v[v.len() - 1]
    }
}

#[test]
fn indices() {
    battery!(integers_and_floats(v, &[2, 0, 2, 1], w), at v = vec![0.5, 1.0, 2.0], w = vec![1.5, -0.5, 0.3, 2.0]);
    battery!(windows_by_index(v), at v = vec![0.5, 1.0, 2.0, -1.0]);
    kink!(windows_by_index(v), at v = vec![0.5, 1.0]).is(0.0, vec![0.0, 0.0]);
    for x in [0.0, 1.5] {
        battery!(any_and_all(v, *x), at v = vec![0.5, 1.0], x = x);
        battery!(any_and_all(v, *x), at v = vec![-0.5, -1.0], x = x);
    }
}

#[differentiate(order = 2)]
fn by_value(v: Vec<f64>, w: [f64; 2]) -> f64 {
    let n = v.len() as f64;
    let mut s = 0.0;
    for (a, b) in v.into_iter().zip(w) {
        s += a * b;
    }
    s * n + w[1]
}

#[differentiate(order = 2)]
fn rebuilt(v: Vec<f64>, n: usize) -> Vec<f64> {
    let mut v = v;
    for k in 0..n {
        let first = v[0];
        v = v.iter().map(|a| a * first + k as f64).collect();
    }
    v
}

#[test]
fn owned_vectors() {
    battery!(by_value(v.clone(), *w), at v = vec![0.5, 1.0, 3.0], w = [2.0, -1.0]);
    for n in 0..3 {
        pullback!(rebuilt(v.clone(), n), at v = vec![0.5, 1.0, 3.0]);
    }
}
