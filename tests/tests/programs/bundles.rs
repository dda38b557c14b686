//! Functions with several components, whose Jacobians are made with several directions side by side in each number.

use crate::battery::pullback;
use differentiate::differentiate;
use nalgebra::{DVector, Vector3, dvector, vector};

/// Left early with another value.
#[differentiate(order = 2)]
fn polar(x: f64, y: f64) -> (f64, f64) {
    let r = (x * x + y * y).sqrt();
    if r > 2.0 {
        return (r, 0.0);
    }
    (r, x / r - y / (2.0 * r))
}

#[differentiate(order = 2)]
fn springs(u: &[f64], stiffness: f64) -> Vec<f64> {
    let n = u.len();
    let mut force = vec![0.0; n];
    for i in 0..n {
        let left = if i > 0 { u[i - 1] } else { 0.0 };
        let right = if i + 1 < n { u[i + 1] } else { 0.0 };
        force[i] = stiffness * (left - 2.0 * u[i] + right) - u[i].sin();
    }
    force
}

#[differentiate(forward)]
fn methods(x: &[f64; 6], #[no_diff] k: f64) -> [f64; 14] {
    [
        x[0].abs() + x[1].sqrt() - x[2].cbrt(),
        x[0].recip() * x[1].exp(),
        x[2].exp2() + x[3].exp_m1(),
        x[0].ln() * x[1].ln_1p() / k,
        x[2].log2() - x[4].log10(),
        x[0].sin() * x[1].cos() - x[2].tan(),
        x[5].asin() + x[5].acos() * x[1],
        x[0].atan() + x[1].sinh() * x[5].cosh(),
        x[2].tanh() - x[3].asinh(),
        (x[0] + 1.0).acosh() * x[5].atanh(),
        x[1].to_degrees() + x[2].to_radians() * x[0].fract(),
        x[3].powi(3) - x[4].powf(1.5) + x[1].powf(k),
        x[0].max(0.1) * x[1].min(k) + x[2].max(9.0),
        -(x[4] * k - x[0]) / k,
    ]
}

/// Sorted in part, pushed and taken away, turned round.
#[differentiate(forward)]
fn moved(x: &[f64], k: f64) -> Vec<f64> {
    let mut list = x.to_vec();
    list.push(k * k);
    list.swap(0, 2);
    list.reverse();
    list.truncate(3);
    for i in 1..list.len() {
        list[i] *= 2.0;
        list[i] -= list[i - 1] * k;
        list[i] /= 4.0;
    }
    let mut rest = vec![0.0; 2];
    rest.fill(k);
    rest[1] += list[0];
    list.extend(rest);
    list
}

#[differentiate(forward)]
fn in_vectors(v: &Vector3<f64>, w: DVector<f64>, at: usize) -> Vec<f64> {
    let mut out = vec![v.x * v[1], w[at] * v.z];
    for i in 0..3 {
        out.push(w[i] * v[i] + out[i]);
    }
    out
}

#[differentiate(forward)]
fn in_single_precision(v: &[f32], s: f32) -> Vec<f32> {
    let mut out = v.to_vec();
    for i in 1..out.len() {
        out[i] = out[i] * out[i - 1].sin() + s / 2.0;
    }
    out
}

/// A loop with two ways out, rows of arrays, a block with a value, and closures that collect.
#[differentiate(forward)]
fn rows(x: &[[f64; 2]; 3], limit: f64) -> Vec<[f64; 2]> {
    let mut made = [[0.0; 2]; 3];
    let mut sum = 0.0;
    'outer: for i in 0..3 {
        for j in 0..2 {
            if sum > limit {
                break 'outer;
            }
            if x[i][j] < 0.0 {
                continue 'outer;
            }
            let term = {
                let twice = 2.0 * x[i][j];
                twice * twice
            };
            sum += term;
            made[i][j] = sum - limit;
        }
    }
    made.iter().map(|row| [row[0] * sum, row[1]]).collect()
}

#[differentiate(forward)]
mod oscillator {
    type State = [f64; 3];

    fn slope(x: &State, k: f64) -> State {
        [x[1], -k * x[0] - 0.1 * x[1].powi(3), x[0] * x[2]]
    }

    pub(super) fn steps(start: &State, k: f64, h: f64, n: usize) -> State {
        let mut x = *start;
        for _ in 0..n {
            let d = slope(&x, k);
            for i in 0..3 {
                x[i] += h * d[i];
            }
        }
        x
    }
}
use oscillator::steps;

/// As [`springs`], with a matrix on the way, for which there is no such form.
#[differentiate(forward)]
fn with_a_product(x: &[f64; 2], k: f64) -> Vec<f64> {
    let m = nalgebra::matrix![x[0], k; 1.0, x[1]];
    let y = m * vector![k, x[1]];
    vec![y[0] * 2.0, y[1] + k]
}

/// What closures make, with methods of numbers in them.
#[differentiate(order = 2)]
fn collected(x: &[f64], k: f64) -> Vec<f64> {
    let waves: Vec<f64> = x.iter().map(|v| (v * k).sin().exp()).collect();
    let first = x[0];
    let chosen: Vec<f64> = waves
        .iter()
        .zip(x)
        .map(|(w, v)| if *v > 0.0 { w * first } else { 1.0 })
        .collect();
    let mut list = vec![k; 2];
    list[1] *= chosen[1];
    for v in &chosen {
        list.push(v - waves[0]);
    }
    list
}

#[test]
fn bundles() {
    pullback!(polar(*x, *y), at x = 0.4, y = -0.7);
    pullback!(polar(*x, *y), at x = 2.4, y = -0.7);
    pullback!(springs(x, *k), at x = vec![0.1, 0.9, -0.4, 0.3, 1.2, 0.8, -1.1, 0.2, 0.5, 0.6, -0.3, 0.7, 0.4], k = 1.3);
    pullback!(methods(x, 1.7), at x = [0.3, 0.8, 1.4, 0.6, 2.1, 0.45]);
    pullback!(moved(x, *k), at x = vec![0.7, -0.4, 1.5, 2.2], k = 0.6);
    pullback!(in_vectors(v, w.clone(), 1), at v = vector![0.4, 1.2, -0.9], w = dvector![1.1, 0.3, 0.8]);
    pullback!(rows(x, *limit), at x = [[0.3, 0.4], [-1.0, 0.5], [0.8, 0.2]], limit = 0.9);
    pullback!(rows(x, *limit), at x = [[0.3, 0.4], [-1.0, 0.5], [0.8, 0.2]], limit = 9.0);
    pullback!(steps(x, *k, *h, 7), at x = [0.3, 0.4, 0.8], k = 1.2, h = 0.1);
    pullback!(collected(x, *k), at x = vec![0.7, -0.4, 1.5], k = 0.6);
    pullback!(with_a_product(x, *k), at x = [0.3, 0.4], k = 1.2);
}

/// A derivative that is infinite gives nothing to the directions that do not reach it.
#[test]
fn infinite_derivatives() {
    #[differentiate(forward)]
    fn roots(x: f64, y: f64) -> [f64; 2] {
        [x.sqrt() + y, (x * y).sqrt()]
    }
    let jacobian = roots::jacobian(0.0, 4.0);
    assert_eq!(
        jacobian.row(0).iter().copied().collect::<Vec<_>>(),
        [f64::INFINITY, 1.0]
    );
    assert_eq!(jacobian[(1, 1)], 0.0);
}

/// In single precision, where the battery's differences say little.
#[test]
fn single_precision() {
    let (v, s) = ([0.3_f32, 0.4, 0.5, -0.8], 0.1);
    let jacobian = in_single_precision::jacobian(&v, s);
    for column in 0..5 {
        let mut dot = [0.0; 4];
        let mut dot_s = 0.0;
        if column < 4 {
            dot[column] = 1.0;
        } else {
            dot_s = 1.0;
        }
        let (_, tangent) = in_single_precision::jvp(&v, s, &dot, dot_s);
        for (row, it) in tangent.iter().enumerate() {
            assert!((jacobian[(row, column)] - f64::from(*it)).abs() < 1e-6);
        }
    }
}
