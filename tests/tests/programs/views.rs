//! Names for parts: borrowed elements, subslices, chunks, rows and columns.

use crate::battery::{battery, in_place, lent, pullback};
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector, Matrix3, dmatrix, dvector, matrix};

// A name for an element stays where it was when the index moves on.
#[differentiate(order = 2)]
fn index_moves_on(x: &mut [f64]) -> f64 {
    let mut i = 0;
    let r = &mut x[i];
    i += 1;
    *r *= 3.0;
    let r = &mut x[i];
    i += 1;
    *r *= *r;
    x[0] * x[1] * x[i]
}

#[differentiate(order = 2)]
fn walking(x: &mut [f64], k: f64) {
    let mut i = 0;
    while i + 1 < x.len() {
        let here = &mut x[i];
        i += 2;
        *here += k * *here;
    }
}

#[differentiate(order = 2)]
fn view_of_a_view(x: &mut [f64]) -> f64 {
    let inner = &mut x[1..];
    let inner = &mut inner[1..3];
    let last = &mut inner[1];
    *last *= 2.0;
    inner[0] = inner[1] * inner[1];
    inner[0] + inner[1]
}

#[differentiate(order = 2)]
fn range_moves_on(x: &mut [f64]) {
    let (mut from, mut to) = (0, 2);
    while to <= x.len() {
        let part = &mut x[from..to];
        from = to;
        to += 2;
        let t = part[0];
        part[0] = part[1] * t;
        part[1] = t.sin();
    }
}

#[test]
fn borrowed_elements() {
    let x = || vec![1.0, 2.0, 3.0, -0.5, 0.7];
    lent!(index_moves_on(x), at mut x = x()).is(36.0, vec![3.0, 4.0, 3.0, -0.5, 0.7]);
    in_place!(walking(x, *k), at mut x = x(), k = 0.3);
    lent!(view_of_a_view(x), at mut x = x());
    in_place!(range_moves_on(x), at mut x = x());
}

// A smoothing step with shared and with mutable views.
#[differentiate(order = 2)]
fn smooth_windows(x: &[f64]) -> Vec<f64> {
    let mut out = x.to_vec();
    for (i, w) in x.windows(3).enumerate() {
        out[i + 1] = 0.25 * w[0] + 0.5 * w[1] + 0.25 * w[2] * w[0];
    }
    out
}

#[differentiate(order = 2)]
fn smooth_indices(x: &[f64]) -> Vec<f64> {
    let mut out = x.to_vec();
    for i in 1..x.len() - 1 {
        let w = &x[i - 1..=i + 1];
        out[i] = 0.25 * w[0] + 0.5 * w[1] + 0.25 * w[2] * w[0];
    }
    out
}

#[differentiate(order = 2)]
fn smooth_patterns(x: &[f64]) -> Vec<f64> {
    let mut out = x.to_vec();
    let mut i = 1;
    while i + 1 < x.len() {
        let [a, b, c] = x[i - 1..i + 2] else {
            unreachable!()
        };
        out[i] = 0.25 * a + 0.5 * b + 0.25 * c * a;
        i += 1;
    }
    out
}

#[test]
fn windows() {
    let x = vec![1.0, 2.0, -0.5, 0.3, 0.9];
    let all = [
        pullback!(smooth_windows(x), at x = x.clone()).value.clone(),
        pullback!(smooth_indices(x), at x = x.clone()).value.clone(),
        pullback!(smooth_patterns(x), at x = x.clone())
            .value
            .clone(),
    ];
    assert!(all[0] == all[1] && all[1] == all[2]);
}

// Rows of a flat matrix.
#[differentiate(order = 2)]
fn row_sums(x: &[f64], out: &mut [f64]) {
    for (row, out) in x.chunks_exact(3).zip(out.iter_mut()) {
        *out += row.iter().sum::<f64>() * row[0];
    }
}

#[differentiate(order = 2)]
fn row_norms(x: &mut [f64]) -> f64 {
    let mut total = 1.0;
    for row in x.chunks_exact_mut(2) {
        let norm = row[0].hypot(row[1]);
        row[0] /= norm;
        row[1] /= norm;
        total *= norm;
    }
    total
}

#[differentiate(order = 2)]
fn ragged(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for part in x.chunks(2) {
        total += match part {
            [a, b] => a * b,
            [a] => a.exp(),
            _ => 0.0,
        };
    }
    total
}

#[differentiate(order = 2)]
fn ragged_mut(x: &mut [f64]) {
    for (k, part) in x.chunks_mut(2).enumerate() {
        if part.len() < 2 {
            part[0] *= 3.0;
            continue;
        }
        part.swap(0, 1);
        part[0] *= part[1] + k as f64;
    }
}

#[differentiate(order = 2)]
fn arrays_in_chunks(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for part in x.chunks_exact(2) {
        let [a, b]: [f64; 2] = part.try_into().unwrap();
        total += a * b * b;
    }
    total
}

#[differentiate(order = 2)]
fn chunk_by_index(x: &mut [f64], n: usize) {
    for k in 0..x.len() / n {
        let row = &mut x[k * n..(k + 1) * n];
        for i in 1..row.len() {
            row[i] += row[i - 1] * row[0];
        }
    }
}

#[differentiate(order = 2)]
fn double(x: &mut [f64; 2], k: f64) {
    x[0] *= k;
    x[1] += x[0];
}

#[differentiate(order = 2)]
fn helper_on_arrays(x: &mut [f64], k: f64) {
    for part in x.chunks_exact_mut(2) {
        let part: &mut [f64; 2] = part.try_into().unwrap();
        double(part, k);
    }
}

#[test]
fn chunks() {
    let x = || vec![1.0, 2.0, -0.5, 0.3, 0.9, 1.7];
    in_place!(row_sums(x, out), at x = x(), mut out = vec![0.5, -0.5]);
    lent!(row_norms(x), at mut x = x());
    battery!(ragged(x), at x = x());
    battery!(ragged(x), at x = vec![0.4, 0.2, 0.1]);
    in_place!(ragged_mut(x), at mut x = x());
    in_place!(ragged_mut(x), at mut x = vec![0.4, 0.2, 0.1]);
    battery!(arrays_in_chunks(x), at x = x());
    in_place!(chunk_by_index(x, 3), at mut x = x());
    in_place!(chunk_by_index(x, 2), at mut x = x());
    in_place!(helper_on_arrays(x, *k), at mut x = x(), k = 1.5);
}

// E7: Rosenbrock over disjoint pairs.
#[differentiate(order = 2)]
fn e7(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for pair in x.chunks_exact(2) {
        let [a, b] = pair else { unreachable!() };
        total += 100.0 * (b - a * a).powi(2) + (1.0 - a).powi(2);
    }
    total
}

#[differentiate(order = 2)]
fn e7_map(x: &[f64]) -> f64 {
    x.chunks_exact(2)
        .map(|p| 100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2))
        .sum()
}

#[differentiate(order = 2)]
fn e7_terms(x: &[f64]) -> f64 {
    let mut terms = vec![0.0; x.len() / 2];
    for (term, pair) in terms.iter_mut().zip(x.chunks(2)) {
        let t = pair[1] - pair[0] * pair[0];
        *term = 100.0 * t * t;
        *term += (1.0 - pair[0]) * (1.0 - pair[0]);
    }
    terms.iter().sum()
}

#[differentiate(order = 2)]
fn e7_recursive(x: &[f64]) -> f64 {
    match x {
        [a, b, rest @ ..] => 100.0 * (b - a * a).powi(2) + (1.0 - a).powi(2) + e7_recursive(rest),
        _ => 0.0,
    }
}

#[test]
fn e7_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            battery!($f(x), at x = vec![1.5, 2.5, 3.5, 4.5])
                .is(6019.0, vec![-149.0, 50.0, 10855.0, -1550.0]);
        )* };
    }
    check!(e7 e7_map e7_terms e7_recursive);
}

// Halves.
#[differentiate(order = 2)]
fn butterfly(x: &mut [f64]) {
    let n = x.len();
    if n < 2 {
        return;
    }
    let (left, right) = x.split_at_mut(n / 2);
    for (a, b) in left.iter_mut().zip(right.iter_mut()) {
        let (sum, difference) = (*a + *b, *a - *b);
        *a = sum;
        *b = difference * 0.5;
    }
    butterfly(left);
    butterfly(right);
}

#[differentiate(order = 2)]
fn butterfly_indices(x: &mut [f64]) {
    let n = x.len();
    if n >= 2 {
        let half = n / 2;
        for i in 0..half {
            let (a, b) = (x[i], x[i + half]);
            x[i] = a + b;
            x[i + half] = (a - b) * 0.5;
        }
        butterfly_indices(&mut x[..half]);
        butterfly_indices(&mut x[half..]);
    }
}

#[differentiate(order = 2)]
fn tree_sum(x: &[f64]) -> f64 {
    match x.len() {
        0 => 0.0,
        1 => x[0] * x[0],
        n => {
            let (left, right) = x.split_at(n / 2);
            tree_sum(left) * 0.5 + tree_sum(right)
        }
    }
}

#[differentiate(order = 2)]
fn first_and_rest(x: &mut [f64]) -> f64 {
    let (first, rest) = x.split_first_mut().unwrap();
    for v in rest.iter_mut() {
        *v *= *first;
        *first += *v;
    }
    *first
}

#[test]
fn halves() {
    let x = || vec![1.0, 2.0, -0.5, 0.3];
    let a = in_place!(butterfly(x), at mut x = x()).left.clone();
    in_place!(butterfly_indices(x), at mut x = x()).is((), a);
    in_place!(butterfly(x), at mut x = vec![0.1, 0.2, 0.3, 0.4, 0.5]);
    battery!(tree_sum(x), at x = vec![0.1, 0.2, 0.3, 0.4, 0.5]);
    lent!(first_and_rest(x), at mut x = x());
}

// Patterns through references.
#[differentiate(order = 2)]
fn three(x: &[f64; 3]) -> f64 {
    let [a, b, c] = x;
    a * b + b * c * c
}

#[differentiate(order = 2)]
fn cross(a: &[f64; 3], b: &[f64; 3], out: &mut [f64; 3]) {
    let ([a0, a1, a2], [b0, b1, b2]) = (a, b);
    out[0] = a1 * b2 - a2 * b1;
    out[1] = a2 * b0 - a0 * b2;
    out[2] = a0 * b1 - a1 * b0;
}

#[differentiate(order = 2)]
fn by_length(x: &[f64]) -> f64 {
    match x {
        [] => 0.0,
        [a] => a.sin(),
        [a, b] => a * b,
        _ => x[0] + x[x.len() - 1],
    }
}

#[differentiate(order = 2)]
fn swap_ends(x: &mut [f64; 3]) {
    let [a, b, c] = x;
    std::mem::swap(a, c);
    *b *= *a;
}

#[test]
fn patterns() {
    battery!(three(x), at x = [1.0, 2.0, 3.0]).is(20.0, [2.0, 10.0, 12.0]);
    in_place!(cross(a, b, out), at a = [1.0, 2.0, 3.0], b = [0.5, -1.0, 2.0], mut out = [9.0; 3])
        .is((), [7.0, -0.5, -2.0]);
    for x in [vec![], vec![0.4], vec![0.4, 0.5], vec![0.4, 0.5, 0.6]] {
        battery!(by_length(x), at x = x);
    }
    in_place!(swap_ends(x), at mut x = [1.0, 2.0, 3.0]).is((), [3.0, 6.0, 1.0]);
}

// Rows and columns of matrices.
#[differentiate(order = 2)]
fn normalize_columns(a: &mut DMatrix<f64>) -> f64 {
    let mut product = 1.0;
    for j in 0..a.ncols() {
        let norm = a.column(j).norm();
        let mut column = a.column_mut(j);
        column /= norm;
        product *= norm;
    }
    product
}

#[differentiate(order = 2)]
fn eliminate(a: &mut Matrix3<f64>) -> f64 {
    for k in 0..3 {
        for i in k + 1..3 {
            let factor = a[(i, k)] / a[(k, k)];
            let pivot = a.row(k).clone_owned();
            let mut row = a.row_mut(i);
            row -= pivot * factor;
        }
    }
    a[(0, 0)] * a[(1, 1)] * a[(2, 2)]
}

#[differentiate(order = 2)]
fn flat(a: &mut DMatrix<f64>, k: f64) {
    let slice = a.as_mut_slice();
    for i in 1..slice.len() {
        slice[i] += k * slice[i - 1];
    }
}

#[differentiate(order = 2)]
fn columns_written(a: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let mut out = DMatrix::zeros(a.nrows(), 2);
    out.set_column(0, &(a * v));
    out.column_mut(1).copy_from(v);
    let mut first = out.column_mut(0);
    first[1] *= 2.0;
    out.norm_squared()
}

#[differentiate(order = 2)]
fn block(a: &mut DMatrix<f64>, k: f64) {
    let mut part = a.view_mut((0, 1), (2, 2));
    part *= k;
    part[(1, 0)] = part[(0, 1)] * k;
}

#[test]
fn matrices() {
    let a = || dmatrix![1.0, 0.5, 0.2; -0.2, 0.8, 0.9];
    lent!(normalize_columns(a), at mut a = a());
    let m = matrix![2.0, 0.5, 0.2; -0.2, 0.8, 0.9; 0.1, 0.3, 1.5];
    lent!(eliminate(m), at mut m = m);
    in_place!(flat(a, *k), at mut a = a(), k = 0.4);
    battery!(columns_written(a, v), at a = dmatrix![1.0, 2.0; 0.5, 0.3], v = dvector![0.3, 0.7]);
    in_place!(block(a, *k), at mut a = a(), k = 0.4);
}
