//! Thomas' algorithm for tridiagonal systems, in place and with scratch of its own.

use crate::battery::{battery, in_place, lent};
use differentiate::differentiate;

/// Overwrites `c` and `d`; the solution is left in `d`.
#[differentiate(order = 2)]
fn thomas(a: &[f64], b: &[f64], c: &mut [f64], d: &mut [f64]) {
    let n = d.len();
    c[0] /= b[0];
    d[0] /= b[0];
    for i in 1..n {
        let m = 1.0 / (b[i] - a[i] * c[i - 1]);
        if i < n - 1 {
            c[i] *= m;
        }
        d[i] = (d[i] - a[i] * d[i - 1]) * m;
    }
    for i in (0..n - 1).rev() {
        d[i] -= c[i] * d[i + 1];
    }
}

/// The same with pivots that may vanish: what has been overwritten by then stays so.
#[differentiate(order = 2)]
fn try_thomas(a: &[f64], b: &[f64], c: &mut [f64], d: &mut [f64]) -> Result<f64, usize> {
    let n = d.len();
    let mut pivot = b[0];
    let mut determinant = 1.0;
    let mut i = 0;
    loop {
        if pivot.abs() < 1e-12 {
            return Err(i);
        }
        determinant *= pivot;
        if i > 0 {
            d[i] -= a[i] * d[i - 1];
        }
        d[i] /= pivot;
        if i + 1 == n {
            break;
        }
        c[i] /= pivot;
        pivot = b[i + 1] - a[i + 1] * c[i];
        i += 1;
    }
    while i > 0 {
        i -= 1;
        d[i] -= c[i] * d[i + 1];
    }
    Ok(determinant)
}

#[differentiate(order = 2)]
fn tried(a: &[f64], b: &[f64], c: &mut [f64], d: &mut [f64]) -> f64 {
    match try_thomas(a, b, c, d) {
        Ok(determinant) => determinant.ln(),
        Err(row) => d[row] * row as f64,
    }
}

/// Steps of implicit heat conduction: the system is made anew in each step, in buffers that are used again.
#[differentiate(order = 2)]
fn implicit_heat(u: &[f64], kappa: f64, dt: f64, steps: usize) -> f64 {
    let n = u.len();
    let mut u = u.to_vec();
    let (mut a, mut b, mut c) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    for _ in 0..steps {
        for i in 0..n {
            let k = kappa * (1.0 + 0.1 * u[i]) * dt;
            a[i] = if i > 0 { -k } else { 0.0 };
            c[i] = if i + 1 < n { -k } else { 0.0 };
            b[i] = 1.0 - a[i] - c[i];
        }
        thomas(&a, &b, &mut c, &mut u);
    }
    u.iter().map(|u| u * u).sum()
}

#[test]
fn solutions() {
    let (a, b) = (vec![0.0, 0.4, -0.3, 0.2], vec![2.0, 3.0, 2.5, 1.8]);
    let (c, d) = (vec![0.5, -0.6, 0.3, 0.0], vec![1.0, 2.0, -1.0, 0.5]);
    let solved = in_place!(
        thomas(a, b, c, d), at a = a.clone(), b = b.clone(), mut c = c.clone(), mut d = d.clone()
    );
    let x = &solved.left.1;
    for i in 0..4 {
        let below = if i > 0 { a[i] * x[i - 1] } else { 0.0 };
        let above = if i < 3 { c[i] * x[i + 1] } else { 0.0 };
        assert!((below + b[i] * x[i] + above - d[i]).abs() < 1e-14);
    }
    lent!(
        tried(a, b, c, d), at a = a.clone(), b = b, mut c = c.clone(), mut d = d.clone()
    );
    let singular = vec![2.0, 0.1, 0.3, 1.0];
    lent!(
        tried(a, b, c, d), kink at a = a, b = singular, mut c = c, mut d = d
    );
    battery!(implicit_heat(u, *k, *dt, 3), at u = vec![1.0, 0.2, -0.3, 0.8], k = 0.7, dt = 0.1);
}
