//! `&mut` parameters: what is lent goes in and comes out.

use crate::battery::{battery, in_place, lent, lent_pullback};
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector, SMatrix, Vector3, dmatrix, dvector, matrix, vector};

// E3: a value is replaced through a reference.
#[differentiate(order = 2)]
fn e3(x: &mut f64) -> f64 {
    let p = *x * *x;
    *x = *x * p;
    *x
}

#[differentiate(order = 2)]
fn e3_compound(x: &mut f64) -> f64 {
    let p = x.powi(2);
    *x *= p;
    *x
}

#[differentiate(order = 2)]
fn e3_nothing(x: &mut f64) {
    let p = *x * *x;
    *x *= p;
}

#[differentiate(order = 2)]
fn e3_caller(x: f64) -> f64 {
    let mut x = x;
    e3_nothing(&mut x);
    x
}

#[differentiate(order = 2)]
fn e3_reborrowed(x: &mut f64) -> f64 {
    let y = &mut *x;
    e3_nothing(y);
    *x
}

#[test]
fn e3_in_every_way() {
    lent!(e3(x), at mut x = 2.0)
        .is(8.0, 8.0)
        .maps(1.0, 0.0, 12.0, ());
    lent!(e3_compound(x), at mut x = 2.0)
        .is(8.0, 8.0)
        .maps(1.0, 0.0, 12.0, ());
    lent!(e3_reborrowed(x), at mut x = 2.0)
        .is(8.0, 8.0)
        .maps(1.0, 0.0, 12.0, ());
    in_place!(e3_nothing(x), at mut x = 2.0)
        .is((), 8.0)
        .maps((), 1.0, 12.0, ());
    crate::battery::battery!(e3_caller(*x), at x = 2.0).is(8.0, 12.0);
}

// E11: squares in place.
#[differentiate(order = 2)]
fn e11(a: &mut [f64]) {
    for i in 0..a.len() {
        a[i] = a[i] * a[i];
    }
}

#[differentiate(order = 2)]
fn e11_items(a: &mut [f64]) {
    for v in a.iter_mut() {
        *v *= *v;
    }
}

#[differentiate(order = 2)]
fn e11_into_iter(a: &mut [f64]) {
    for v in a {
        *v = v.powi(2);
    }
}

#[differentiate(order = 2)]
fn e11_while(a: &mut Vec<f64>) {
    let mut i = 0;
    while i < a.len() {
        a[i] *= a[i];
        i += 1;
    }
}

#[differentiate(order = 2)]
fn e11_recursive(a: &mut [f64]) {
    if a.is_empty() {
        return;
    }
    a[0] *= a[0];
    e11_recursive(&mut a[1..]);
}

#[differentiate(order = 2)]
fn e11_split(a: &mut [f64]) {
    if let Some((first, rest)) = a.split_first_mut() {
        *first *= *first;
        e11_split(rest);
    }
}

#[differentiate(order = 2)]
fn e11_vector(a: &mut DVector<f64>) {
    a.apply(|v| *v *= *v);
}

#[differentiate(order = 2)]
fn square(x: &mut f64) {
    *x *= *x;
}

#[differentiate(order = 2)]
fn e11_helper(a: &mut [f64]) {
    for v in a.iter_mut() {
        square(v);
    }
}

#[differentiate(order = 2)]
fn e11_array(a: &mut [f64; 3]) {
    for i in 0..3 {
        square(&mut a[i]);
    }
}

#[test]
fn e11_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            in_place!($f(a), at mut a = vec![1.0, 2.0, 3.0])
                .is((), vec![1.0, 4.0, 9.0])
                .maps((), vec![1.0; 3], vec![2.0, 4.0, 6.0], ());
            in_place!($f(a), at mut a = vec![]).maps((), vec![], vec![], ());
        )* };
    }
    check!(e11 e11_items e11_into_iter e11_while e11_recursive e11_split e11_helper);
    in_place!(e11_vector(a), at mut a = dvector![1.0, 2.0, 3.0]).maps(
        (),
        dvector![1.0, 1.0, 1.0],
        dvector![2.0, 4.0, 6.0],
        (),
    );
    in_place!(e11_array(a), at mut a = [1.0, 2.0, 3.0]).maps((), [1.0; 3], [2.0, 4.0, 6.0], ());
}

// What linear algebra is made of.
#[differentiate(order = 2)]
fn axpy(alpha: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += alpha * x;
    }
}

#[differentiate(order = 2)]
fn axpy_indexed(alpha: f64, x: &[f64], y: &mut [f64]) {
    assert_eq!(x.len(), y.len());
    for i in 0..x.len() {
        y[i] = y[i] + alpha * x[i];
    }
}

#[differentiate(order = 2)]
fn scale(x: &mut [f64], k: f64) {
    x.iter_mut().for_each(|x| *x *= k);
}

#[differentiate(order = 2)]
fn normalize(x: &mut [f64]) -> f64 {
    let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
    scale(x, 1.0 / norm);
    norm
}

#[differentiate(forward)]
fn gram_schmidt(a: &mut [[f64; 3]], residual: &mut [f64]) -> f64 {
    let mut volume = 1.0;
    for k in 0..a.len() {
        for j in 0..k {
            let (done, rest) = a.split_at_mut(k);
            let mut dot = 0.0;
            for i in 0..3 {
                dot += done[j][i] * rest[0][i];
            }
            axpy(-dot, &done[j], &mut rest[0]);
        }
        let norm = normalize(&mut a[k]);
        residual[k] = norm;
        volume *= norm;
    }
    volume
}

#[test]
fn vectors() {
    let (x, y) = (vec![1.0, -2.0, 0.5], vec![0.3, 0.4, -0.7]);
    in_place!(axpy(*alpha, x, y), at alpha = 1.5, x = x.clone(), mut y = y.clone())
        .is((), vec![1.8, -2.6, 0.05])
        .maps(
            (),
            vec![1.0, 2.0, 3.0],
            vec![1.0, 2.0, 3.0],
            (-1.5, vec![1.5, 3.0, 4.5]),
        );
    in_place!(axpy_indexed(*alpha, x, y), at alpha = 1.5, x = x.clone(), mut y = y.clone());
    in_place!(scale(x, *k), at mut x = x.clone(), k = 0.7);
    lent!(normalize(x), at mut x = x);
    let a = vec![[1.0, 0.2, -0.3], [0.4, 1.1, 0.6], [-0.2, 0.5, 0.9]];
    lent!(gram_schmidt(a, residual), at mut a = a, mut residual = vec![9.0, 9.0, 9.0]);
}

// Two outputs: a value and a buffer.
#[differentiate(order = 2)]
fn softmax(x: &[f64], out: &mut [f64]) -> f64 {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for (o, x) in out.iter_mut().zip(x) {
        *o = (x - max).exp();
        total += *o;
    }
    for o in out.iter_mut() {
        *o /= total;
    }
    total.ln() + max
}

#[differentiate(order = 2)]
fn polar(x: &mut f64, y: &mut f64) {
    let (r, angle) = (x.hypot(*y), y.atan2(*x));
    *x = r;
    *y = angle;
}

#[differentiate(order = 2)]
fn sums(x: &[f64], first: &mut f64, second: &mut f64) -> (f64, usize) {
    for (i, v) in x.iter().enumerate() {
        if i % 2 == 0 {
            *first += v;
        } else {
            *second *= v;
        }
    }
    (*first * *second, x.len())
}

#[differentiate(order = 2)]
fn split_value(x: f64, whole: &mut f64) -> [f64; 2] {
    let [a, b] = [x.sin(), *whole * x];
    *whole = a * b;
    [a, b]
}

// The cotangent of what is overwritten, unread, is zero.
#[differentiate(order = 2)]
fn overwrite(out: &mut [f64], x: f64) {
    out.fill(x * x);
}

#[differentiate(order = 2)]
fn copy(out: &mut [f64], x: &[f64]) {
    out.copy_from_slice(x);
    out[0] += out[1];
}

#[differentiate(order = 2)]
fn untouched(out: &mut [f64], x: f64) -> f64 {
    out[0] * x
}

#[test]
fn outputs() {
    lent!(softmax(x, out), at x = vec![0.1, 0.9, -0.4], mut out = vec![7.0; 3]);
    in_place!(polar(x, y), at mut x = 3.0, mut y = 4.0).is((), (5.0, 4.0_f64.atan2(3.0)));
    lent_pullback!(split_value(*x, whole), at x = 0.4, mut whole = 1.3);
    in_place!(overwrite(out, *x), at mut out = vec![1.0, 2.0], x = 3.0).maps(
        (),
        vec![1.0, 10.0],
        vec![0.0, 0.0],
        66.0,
    );
    in_place!(copy(out, x), at mut out = vec![1.0, 2.0], x = vec![3.0, 4.0])
        .is((), vec![7.0, 4.0])
        .maps((), vec![1.0, 10.0], vec![0.0; 2], vec![1.0, 11.0]);
    lent!(untouched(out, *x), at mut out = vec![1.0, 2.0], x = 3.0).maps(
        2.0,
        vec![5.0, 7.0],
        vec![11.0, 7.0],
        2.0,
    );
    let (mut first, mut second) = (1.0, 1.0);
    let ((product, n), pull) = sums::vjp(&[2.0, 3.0, 4.0], &mut first, &mut second);
    assert_eq!((product, n), (21.0, 3));
    let (mut d_first, mut d_second) = (0.0, 10.0);
    assert_eq!(
        pull((1.0, ()), &mut d_first, &mut d_second),
        vec![3.0, 17.0, 3.0]
    );
    assert_eq!((d_first, d_second), (3.0, 51.0));
    drop(pull);
    assert_eq!((first, second), (7.0, 3.0));
}

// Exits, with elements written already.
#[differentiate(order = 2)]
fn until_large(x: &mut [f64], bound: f64) -> f64 {
    let mut last = 0.0;
    for i in 0..x.len() {
        x[i] *= bound;
        if x[i] > 4.0 {
            return x[i] * last;
        }
        x[i] += last;
        last = x[i];
    }
    last
}

#[differentiate(order = 2)]
fn first_positive(rows: &mut [[f64; 2]], k: f64) -> Option<f64> {
    for row in rows.iter_mut() {
        for v in row {
            *v *= k;
            if *v > 1.0 {
                *v = v.sqrt();
                return Some(*v * k);
            }
        }
    }
    None
}

#[differentiate(order = 2)]
fn solve_2(a: &mut [[f64; 2]; 2], b: &mut [f64; 2]) -> Result<f64, String> {
    if a[0][0].abs() < 1e-12 {
        return Err("a zero pivot".to_string());
    }
    let factor = a[1][0] / a[0][0];
    a[1][1] -= factor * a[0][1];
    b[1] -= factor * b[0];
    b[1] /= a[1][1];
    b[0] = (b[0] - a[0][1] * b[1]) / a[0][0];
    Ok(b[0] * b[1])
}

#[differentiate(order = 2)]
fn solve_twice(a: &mut [[f64; 2]; 2], b: &mut [f64; 2]) -> Result<f64, String> {
    let mut c = *a;
    let first = solve_2(&mut c, b)?;
    a[0][0] += first;
    let second = solve_2(a, b)?;
    Ok(first * second)
}

#[differentiate(order = 2)]
fn solved(a: &mut [[f64; 2]; 2], b: &mut [f64; 2]) -> f64 {
    match solve_twice(a, b) {
        Ok(value) => value * b[0],
        Err(_) => -b[0],
    }
}

#[differentiate(order = 2)]
fn accumulate(total: &mut f64, x: Option<f64>) -> Option<f64> {
    let x = x?;
    *total += x * x;
    let Some(root) = positive_root(*total - 1.0) else {
        return None;
    };
    *total *= root;
    Some(root)
}

#[differentiate(order = 2)]
fn positive_root(x: f64) -> Option<f64> {
    if x > 0.0 { Some(x.sqrt()) } else { None }
}

#[differentiate(order = 2)]
fn fallible(x: &mut [f64], y: Option<f64>) -> f64 {
    let mut total = x[0];
    let Some(root) = accumulate(&mut total, y) else {
        x[1] = total;
        return total * 2.0;
    };
    x[0] = root * total;
    total
}

#[test]
fn exits() {
    for x in [vec![1.0, 2.0, 5.0, 7.0], vec![0.1, 0.2], vec![]] {
        lent!(until_large(x, *bound), at mut x = x, bound = 1.5);
    }
    let (a, b) = ([[2.0, 1.0], [0.5, 3.0]], [1.0, -2.0]);
    for (y, total) in [(Some(2.0), 0.5), (Some(0.1), 0.5), (None, 0.7)] {
        lent!(fallible(x, *y), at mut x = vec![total, 1.0], y = y);
    }
    for k in [0.5, 2.0, 20.0] {
        let mut rows = [[0.2, 0.4], [0.6, 0.1]];
        let before = rows;
        let (value, pull) = first_positive::vjp(&mut rows, k);
        let mut d_rows = [[1.0, 2.0], [3.0, 4.0]];
        let d_k = pull(value.map(|_| 1.0), &mut d_rows);
        drop(pull);
        let mut again = before;
        assert_eq!(first_positive(&mut again, k), value);
        assert_eq!(rows, again);
        again = before;
        let mut shadow = [[1.0, 2.0], [3.0, 4.0]];
        let mut sum = 0.0;
        first_positive::adjoint(&mut again, k, value.map(|_| 1.0), &mut shadow, &mut sum);
        assert_eq!((shadow, sum), (d_rows, d_k));
    }
    lent!(solved(a, b), at mut a = a, mut b = b);
    lent!(solved(a, b), kink at mut a = [[0.0, 1.0], [1.0, 1.0]], mut b = b)
        .is(-1.0, ([[0.0, 1.0], [1.0, 1.0]], b));
}

// Matrices, and generic numbers.
#[differentiate(order = 2)]
fn rotate(p: &mut Vector3<f64>, angle: f64) {
    let (s, c) = angle.sin_cos();
    let x = c * p.x - s * p.y;
    p.y = s * p.x + c * p.y;
    p.x = x;
}

#[differentiate(order = 2)]
fn rank_one(a: &mut DMatrix<f64>, u: &DVector<f64>, v: &DVector<f64>) {
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            a[(i, j)] += u[i] * v[j];
        }
    }
}

#[differentiate(order = 2)]
fn whole_matrix(a: &mut DMatrix<f64>, u: &DVector<f64>) -> f64 {
    *a += u * u.transpose();
    *a *= 0.5;
    (&*a * u).norm_squared()
}

#[differentiate(order = 2)]
fn static_matrix(a: &mut SMatrix<f64, 2, 2>, k: f64) -> f64 {
    *a = *a * *a;
    a[(0, 1)] *= k;
    a.m22 -= k;
    a.trace()
}

#[differentiate(order = 2)]
fn horner<T: differentiate::Real>(coefficients: &mut [T], x: T) -> T {
    let n = coefficients.len();
    for i in (0..n - 1).rev() {
        let above = coefficients[i + 1];
        coefficients[i] += above * x;
    }
    coefficients[0]
}

#[differentiate(order = 2)]
fn mean_of<const N: usize>(x: &mut [f64; N]) -> f64 {
    let mut mean = 0.0;
    for v in x.iter() {
        mean += v / N as f64;
    }
    for i in 0..N {
        x[i] -= mean;
    }
    mean
}

#[test]
fn matrices_and_generics() {
    in_place!(rotate(p, *angle), at mut p = vector![1.0, 2.0, 3.0], angle = 0.6);
    let a = dmatrix![1.0, 0.5; -0.2, 0.8; 0.3, 0.1];
    in_place!(rank_one(a, u, v), at mut a = a, u = dvector![1.0, 2.0, -1.0], v = dvector![0.4, 0.6]);
    lent!(whole_matrix(a, u), at mut a = dmatrix![1.0, 0.5; -0.2, 0.8], u = dvector![1.5, -0.5]);
    lent!(static_matrix(a, *k), at mut a = matrix![1.0, 0.5; -0.2, 0.8], k = 1.5);
    lent!(horner(c, *x), at mut c = vec![1.0, -2.0, 0.5], x = 1.5);
    lent!(horner(c, *x), at mut c = vec![1.0_f32, -2.0, 0.5], x = 1.5_f32);
    lent!(mean_of(x), at mut x = [1.0, 2.0, 6.0]);
}
// What carries no derivative may be lent as well.
#[differentiate(order = 2)]
fn counted(x: &mut [f64], #[no_diff] visits: &mut Vec<usize>) {
    for i in 0..x.len() {
        let from = visits.len() % x.len();
        visits.push(i);
        let term = x[from] * 0.5;
        x[i] += term;
    }
}

#[differentiate(order = 2)]
fn twice_counted(x: &mut [f64]) -> f64 {
    let mut visits = vec![1];
    counted(x, &mut visits);
    visits.pop();
    counted(x, &mut visits);
    visits.len() as f64 * x[0]
}

#[test]
fn inactive_arguments() {
    in_place!(counted(x, &mut vec![3, 4]), at mut x = vec![1.0, -2.0, 0.5]);
    let mut visits = vec![3, 4];
    let (mut x, mut shadow) = ([1.0, -2.0, 0.5], [1.0, 0.0, 0.0]);
    counted::adjoint(&mut x, &mut visits, &mut shadow);
    assert_eq!(x, [1.0, -2.0, 0.5]);
    lent!(twice_counted(x), at mut x = vec![1.0, -2.0, 0.5]);
}

// The same place, passed twice.
#[differentiate(order = 2)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b) {
        sum += a * b;
    }
    sum
}

#[differentiate(order = 2)]
fn add_product(a: &[f64], b: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] += a[i] * b[i];
    }
}

#[differentiate(order = 2)]
fn squared_length(x: &mut [f64]) -> f64 {
    x[0] *= 2.0;
    dot(x, x)
}

#[differentiate(order = 2)]
fn with_its_tail(x: &mut Vec<f64>) -> f64 {
    x[0] *= 2.0;
    dot(x, &x[1..]) + dot(&x[..2], &x[1..])
}

#[differentiate(order = 2)]
fn half_twice(x: &mut [f64]) -> f64 {
    let (left, right) = x.split_at_mut(2);
    add_product(left, left, right);
    right[0]
}

#[differentiate(order = 2)]
fn view_twice(x: &mut [f64]) -> f64 {
    let rest = &mut x[1..];
    rest[0] *= 2.0;
    dot(rest, rest)
}

#[differentiate(order = 2)]
fn row_twice(x: &mut [[f64; 2]]) -> f64 {
    let mut sum = 0.0;
    for row in x.iter_mut() {
        row[0] *= 2.0;
        sum += dot(row, row);
    }
    sum
}

#[test]
fn the_same_place_twice() {
    let x = || vec![1.0, -2.0, 0.5];
    lent!(squared_length(x), at mut x = x()).is(8.25, vec![2.0, -2.0, 0.5]);
    lent!(with_its_tail(x), at mut x = x());
    lent!(half_twice(x), at mut x = x());
    lent!(view_twice(x), at mut x = x());
    lent!(row_twice(x), at mut x = vec![[1.0, 2.0], [3.0, 0.5]]);
}

/// Parts of two variables, lent to one call.
#[differentiate(order = 2)]
fn four(a: &mut f64, b: &mut f64, c: &mut f64, d: &mut f64) {
    *a *= *d;
    *b += *a * *c;
    *c *= *b * *d;
    *d *= *c;
}

#[differentiate(order = 2)]
fn parts_of_two(x: &[f64; 2], y: &[f64; 2]) -> f64 {
    let (mut v, mut w) = (*x, *y);
    {
        let [a, b] = &mut v;
        let [c, d] = &mut w;
        four(a, b, c, d);
    }
    v[0] * v[1] + w[0] * w[1]
}

#[differentiate(order = 2)]
fn add_squares(to: &mut [f64], from: &[f64], k: f64) {
    for i in 0..to.len() {
        to[i] += from[i] * from[i] * k;
    }
}

/// One half is written and the other read, by names that may both be written.
#[differentiate(order = 2)]
fn halves_by_turns<'a>(x: &'a [f64], k: f64) -> f64 {
    let first: &'a f64 = &x[0];
    let mut v = x.to_vec();
    let (left, right) = v.split_at_mut(2);
    add_squares(left, right, k);
    add_squares(right, left, k);
    v[0] * v[3] * first
}

#[test]
fn parts_lent_to_one_call() {
    battery!(parts_of_two(x, y), at x = [0.3, 0.4], y = [0.7, 0.9]);
    battery!(halves_by_turns(x, *k), at x = vec![1.0, 2.0, 0.3, -0.4], k = 0.4);
}

// A loop that assigns all elements puts them back, also where they are rows of which parts are written later; one that
// leaves some out does not.
type Rows = [[f64; 2]];

#[differentiate(order = 2)]
fn rows_refilled(x: &Rows, out: &mut Rows) {
    for row in out.iter_mut() {
        *row = [0.5; 2];
    }
    for i in 0..out.len().min(x.len()) {
        for k in 0..2 {
            out[i][k] += x[i][k] * x[i][1 - k];
        }
        out[i][1] *= out[i][0];
    }
}

#[differentiate(order = 2)]
fn rows_refilled_by_index(x: &Rows, out: &mut Rows, n: usize) -> f64 {
    for i in 0..n {
        out[i] = [x[i][0], 1.5];
    }
    for i in 0..n {
        out[i][1] *= x[i][1] * x[i][0];
        out[i][0] += out[i][1] * x[i][1];
    }
    let last = out.len() - 1;
    out[last][0] *= out[last][1];
    out[last][0] * out[0][0]
}

#[differentiate(order = 2)]
fn some_rows_refilled(x: &Rows, out: &mut Rows) -> f64 {
    for (row, v) in out.iter_mut().zip(x) {
        *row = [v[0] * v[1], v[1]];
    }
    for row in out.iter_mut() {
        row[0] *= row[1];
        row[1] *= row[0];
    }
    out[2][0] * out[2][1]
}

#[differentiate(order = 2)]
fn all_but_the_first_refilled(x: &Rows, out: &mut Rows) -> f64 {
    for row in out[1..].iter_mut() {
        *row = [x[0][0], x[0][1]];
    }
    for row in out.iter_mut() {
        row[0] *= row[1];
        row[1] *= row[0];
    }
    out[0][0] * out[0][1]
}

#[differentiate(order = 2)]
fn halves_of_rows_refilled(x: &Rows, out: &mut Rows) -> f64 {
    for row in out.iter_mut() {
        row[0] = x[0][0];
    }
    for row in out.iter_mut() {
        row[0] *= row[1];
        row[1] *= row[0] * x[1][0];
    }
    out[0][0] * out[1][1]
}

#[differentiate(order = 2)]
fn perhaps_refilled(x: &Rows, out: &mut Rows, k: f64) -> f64 {
    if k > 0.5 {
        for row in out.iter_mut() {
            *row = [x[0][0], k];
        }
    }
    for row in out.iter_mut() {
        row[0] *= row[1];
        row[1] *= row[0] * x[1][0];
    }
    out[0][0] * out[1][1]
}

#[differentiate(order = 2)]
fn most_refilled(x: &Rows, out: &mut Rows, k: f64) -> f64 {
    for row in out.iter_mut() {
        if row[0] > k {
            continue;
        }
        *row = [x[0][0], k];
    }
    for row in out.iter_mut() {
        row[0] *= row[1];
        row[1] *= row[0] * x[1][0];
    }
    out[0][0] * out[1][1]
}

#[differentiate(order = 2)]
fn numbers_refilled(x: &[f64], out: &mut [f64]) -> f64 {
    for (i, v) in out.iter_mut().enumerate() {
        *v = x[i % x.len()] * x[0];
    }
    for i in 0..x.len() {
        for j in 0..i {
            out[j] *= x[i] * out[i];
        }
    }
    out[0] * out[1]
}

#[differentiate(order = 2)]
fn lists_refilled(x: &[f64], out: &mut Vec<Vec<f64>>) -> f64 {
    for row in out.iter_mut() {
        *row = x.to_vec();
    }
    for i in 0..out.len() {
        out[i][1] *= out[i][0] * x[i];
        out[i][0] += out[i][1];
    }
    out[0][0] * out[1][1]
}

#[test]
fn elements_assigned_before() {
    let x = vec![[0.3, 0.8], [-0.4, 0.6], [1.1, 0.2]];
    let out = vec![[0.9, 1.4], [0.7, -0.3], [0.5, 1.2]];
    in_place!(rows_refilled(x, out), at x = x.clone(), mut out = out.clone());
    for n in [1, 2, 3] {
        crate::battery::lent!(rows_refilled_by_index(x, out, n), at x = x.clone(), mut out = out.clone());
    }
    let short = vec![[0.3, 0.8], [-0.4, 0.6]];
    crate::battery::lent!(some_rows_refilled(x, out), at x = short.clone(), mut out = out.clone());
    crate::battery::lent!(some_rows_refilled(x, out), at x = x.clone(), mut out = out.clone());
    crate::battery::lent!(all_but_the_first_refilled(x, out), at x = x.clone(), mut out = out.clone());
    crate::battery::lent!(halves_of_rows_refilled(x, out), at x = x.clone(), mut out = out.clone());
    for k in [0.2, 0.8] {
        crate::battery::lent!(perhaps_refilled(x, out, *k), at x = x.clone(), mut out = out.clone(), k = k);
        crate::battery::lent!(most_refilled(x, out, *k), at x = x.clone(), mut out = out.clone(), k = k);
    }
    let x = vec![0.3, 0.8, -0.4];
    crate::battery::lent!(numbers_refilled(x, out), at x = x.clone(), mut out = vec![0.9, 1.4, 0.7]);
    crate::battery::lent!(
        lists_refilled(x, out),
        at x = x.clone(), mut out = vec![vec![0.5, 0.6, 0.1], vec![0.2, 0.9, 0.3]]
    );
}
