//! Factorisations by hand, with triple loops, in place: Cholesky, LU with pivots, Levinson and Durbin.

use crate::battery::{battery, in_place, kink, lent, pullback};
use differentiate::differentiate;
use nalgebra::DMatrix;

/// Replaces the lower triangle of `a` by its factor; `false` if the matrix is not positive definite.
#[differentiate(order = 2)]
fn cholesky(a: &mut [f64], n: usize) -> bool {
    for j in 0..n {
        for k in 0..j {
            for i in j..n {
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
            }
        }
        if a[j * n + j] <= 0.0 {
            return false;
        }
        let pivot = a[j * n + j].sqrt();
        for i in j..n {
            a[i * n + j] /= pivot;
        }
    }
    true
}

#[differentiate(order = 2)]
fn forward_substitution(l: &[f64], x: &mut [f64]) {
    let n = x.len();
    for i in 0..n {
        for j in 0..i {
            x[i] -= l[i * n + j] * x[j];
        }
        x[i] /= l[i * n + i];
    }
}

#[differentiate(order = 2)]
fn back_substitution(l: &[f64], x: &mut [f64]) {
    let n = x.len();
    for i in (0..n).rev() {
        let mut sum = x[i];
        for j in i + 1..n {
            sum -= l[j * n + i] * x[j];
        }
        x[i] = sum / l[i * n + i];
    }
}

/// The logarithm of the density of a normal distribution with covariance `a`.
#[differentiate(order = 2)]
fn log_density(a: &[f64], x: &[f64]) -> f64 {
    let n = x.len();
    let mut l = a.to_vec();
    let definite = cholesky(&mut l, n);
    if !definite {
        return -1e9;
    }
    let mut y = x.to_vec();
    forward_substitution(&l, &mut y);
    let mut value = 0.0;
    for i in 0..n {
        value -= 0.5 * y[i] * y[i] + l[i * n + i].ln();
    }
    value
}

#[differentiate(order = 2)]
fn solve_definite(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut l = a.to_vec();
    let mut x = b.to_vec();
    cholesky(&mut l, x.len());
    forward_substitution(&l, &mut x);
    back_substitution(&l, &mut x);
    x
}

/// The same on a matrix, row by row.
#[differentiate(order = 2)]
fn cholesky_matrix(a: &mut DMatrix<f64>) {
    let n = a.nrows();
    for i in 0..n {
        for j in 0..=i {
            let mut sum = a[(i, j)];
            for k in 0..j {
                sum -= a[(i, k)] * a[(j, k)];
            }
            if i == j {
                a[(i, i)] = sum.sqrt();
            } else {
                a[(i, j)] = sum / a[(j, j)];
                a[(j, i)] = 0.0;
            }
        }
    }
}

/// Elimination with partial pivoting; the permutation is noted in `rows`, the determinant returned.
#[differentiate(order = 2)]
fn lu<const N: usize>(a: &mut [[f64; N]; N]) -> f64 {
    let mut rows: [usize; N] = std::array::from_fn(|i| i);
    let mut determinant = 1.0;
    for k in 0..N {
        let mut best = k;
        for i in k + 1..N {
            if a[i][k].abs() > a[best][k].abs() {
                best = i;
            }
        }
        if best != k {
            a.swap(k, best);
            rows.swap(k, best);
            determinant = -determinant;
        }
        determinant *= a[k][k];
        if a[k][k] == 0.0 {
            return 0.0;
        }
        for i in k + 1..N {
            a[i][k] /= a[k][k];
            for j in k + 1..N {
                a[i][j] -= a[i][k] * a[k][j];
            }
        }
    }
    determinant * (1.0 + rows[0] as f64)
}

/// Levinson's recursion for a symmetric Toeplitz system with first row `t`.
#[differentiate(order = 2)]
fn levinson(t: &[f64], y: &[f64]) -> Vec<f64> {
    let n = y.len();
    let mut x = vec![0.0; n];
    let mut f = vec![0.0; n];
    let mut b = vec![0.0; n];
    f[0] = 1.0 / t[0];
    b[0] = f[0];
    x[0] = y[0] / t[0];
    for m in 1..n {
        let (mut ef, mut eb, mut ex) = (0.0, 0.0, 0.0);
        for i in 0..m {
            ef += t[m - i] * f[i];
            eb += t[i + 1] * b[i];
            ex += t[m - i] * x[i];
        }
        let scale = 1.0 / (1.0 - ef * eb);
        for i in (0..=m).rev() {
            let (above, below) = (f[i], if i > 0 { b[i - 1] } else { 0.0 });
            f[i] = scale * (above - ef * below);
            b[i] = scale * (below - eb * above);
        }
        for i in 0..=m {
            x[i] += (y[m] - ex) * b[i];
        }
    }
    x
}

/// Durbin's recursion: coefficients of the autoregression and the error that is left.
#[differentiate(order = 2)]
fn durbin(r: &[f64], a: &mut [f64]) -> f64 {
    let mut error = r[0];
    let mut before = vec![0.0; a.len()];
    for m in 0..a.len() {
        let mut sum = r[m + 1];
        for j in 0..m {
            sum -= a[j] * r[m - j];
        }
        let reflection = sum / error;
        before[..m].copy_from_slice(&a[..m]);
        for j in 0..m {
            a[j] = before[j] - reflection * before[m - 1 - j];
        }
        a[m] = reflection;
        error *= 1.0 - reflection * reflection;
    }
    error
}

/// The same without a copy: two elements at a time.
#[differentiate(order = 2)]
fn durbin_in_place(r: &[f64], a: &mut [f64]) -> f64 {
    let mut error = r[0];
    for m in 0..a.len() {
        let mut reflection = r[m + 1];
        for j in 0..m {
            reflection -= a[j] * r[m - j];
        }
        reflection /= error;
        let (mut i, mut j) = (0, m);
        while i < j {
            j -= 1;
            let (left, right) = (a[i], a[j]);
            a[i] = left - reflection * right;
            if i != j {
                a[j] = right - reflection * left;
            }
            i += 1;
        }
        a[m] = reflection;
        error *= 1.0 - reflection * reflection;
    }
    error
}

#[test]
fn definite_systems() {
    let a = || vec![4.0, 1.0, 0.5, 1.0, 3.0, -0.4, 0.5, -0.4, 2.0];
    let b = vec![1.0, -2.0, 0.5];
    let x = pullback!(solve_definite(a, b), at a = a(), b = b.clone())
        .value
        .clone();
    for i in 0..3 {
        let row: f64 = (0..3).map(|j| a()[3 * i + j] * x[j]).sum();
        assert!((row - b[i]).abs() < 1e-14);
    }
    battery!(log_density(a, x), at a = a(), x = b.clone());
    kink!(log_density(a, x), at a = vec![-1.0; 9], x = b).is(-1e9, (vec![0.0; 9], vec![0.0; 3]));
    in_place!(cholesky_matrix(a), at mut a = DMatrix::from_vec(3, 3, a()));
}

#[test]
fn pivots() {
    let a = [[0.1, 2.0, -1.0], [3.0, 0.5, 0.2], [1.0, -1.0, 2.5]];
    lent!(lu(a), at mut a = a);
    lent!(lu(a), kink at mut a = [[0.0, 1.0], [0.0, 2.0]]).is(0.0, [[0.0, 1.0], [0.0, 2.0]]);
}

#[test]
fn toeplitz() {
    let t = vec![2.0, 0.5, -0.3, 0.1];
    let y = vec![1.0, 0.3, -0.7, 0.4];
    let x = pullback!(levinson(t, y), at t = t.clone(), y = y.clone())
        .value
        .clone();
    for i in 0..4_usize {
        let row: f64 = (0..4_usize).map(|j| t[i.abs_diff(j)] * x[j]).sum();
        assert!((row - y[i]).abs() < 1e-14);
    }
    let both = lent!(durbin(r, a), at r = t.clone(), mut a = vec![9.0; 3]);
    lent!(durbin_in_place(r, a), at r = t, mut a = vec![9.0; 3]).is(both.value, both.left.clone());
}
