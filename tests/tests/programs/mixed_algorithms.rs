//! Small algorithms in which integers and buffers that carry no derivative steer what is written.

use crate::battery::{battery, in_place, lent};
use differentiate::{Differentiable, differentiate};
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

// Value of an overwritten scalar used as an index later (float steering).
#[differentiate(order = 2)]
fn index_from_a_number(x: &mut [f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        let k = (x[i].abs() * 10.0) as usize % x.len();
        x[k] += 0.3 * x[i];
        s *= x[k];
    }
    s
}

// Inactive buffer computed from detach, overwritten.
#[differentiate(order = 2)]
fn signs(x: &mut [f64]) -> f64 {
    let mut signs = vec![0.0; x.len()];
    let mut total = 0.0;
    for round in 0..3 {
        for i in 0..x.len() {
            signs[i] = if x[i] > 0.5 { 1.0 } else { -1.0 };
        }
        for i in 0..x.len() {
            x[i] += 0.2 * signs[i] * x[(i + 1) % x.len()];
            total += signs[i] * x[i];
        }
        signs.reverse();
        total *= signs[0];
    }
    total
}

// Permutation state machine (lcg).
#[differentiate(order = 2)]
fn random_swaps(x: &mut [f64], mut seed: u64) -> f64 {
    let mut acc = 0.0;
    for _ in 0..7 {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let i = (seed >> 33) as usize % x.len();
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1);
        let j = (seed >> 33) as usize % x.len();
        x.swap(i, j);
        x[i] = x[i] * 1.5 + x[j];
        acc += x[i] * x[j];
    }
    acc
}

// Histogram.
#[differentiate(order = 2)]
fn weighted_histogram(x: &[f64], #[no_diff] bins: &mut [usize]) -> f64 {
    let mut weights = vec![0.0; bins.len()];
    for v in x {
        let b = ((v + 1.0) * 2.0) as usize % bins.len();
        bins[b] += 1;
        weights[b] += v * bins[b] as f64;
    }
    weights
        .iter()
        .zip(bins.iter())
        .map(|(w, b)| w * w / (*b as f64 + 1.0))
        .sum()
}

#[differentiate(order = 2)]
fn histogram_twice(x: &[f64]) -> f64 {
    let mut bins = vec![0; 3];
    let first = weighted_histogram(x, &mut bins);
    first + weighted_histogram(x, &mut bins) * bins[0] as f64
}

// Dynamic programming table.
#[differentiate(order = 2)]
fn soft_time_warping(x: &[f64], y: &[f64], gamma: f64) -> f64 {
    let (n, m) = (x.len(), y.len());
    let mut d: Vec<Vec<f64>> = vec![vec![1e3; m + 1]; n + 1];
    d[0][0] = 0.0;
    for i in 1..=n {
        for j in 1..=m {
            let cost = (x[i - 1] - y[j - 1]).powi(2);
            let (a, b, c) = (d[i - 1][j], d[i][j - 1], d[i - 1][j - 1]);
            let lo = a.min(b).min(c);
            let soft = -gamma
                * ((-(a - lo) / gamma).exp()
                    + (-(b - lo) / gamma).exp()
                    + (-(c - lo) / gamma).exp())
                .ln()
                + lo;
            d[i][j] = cost + soft;
        }
    }
    d[n][m]
}

// Hmm forward with two buffers and mem::swap in place of a copy.
#[differentiate(order = 2)]
fn hidden_markov(
    init: &[f64],
    trans: &[Vec<f64>],
    #[no_diff] obs: &[usize],
    emit: &[Vec<f64>],
) -> f64 {
    let n = init.len();
    let mut alpha: Vec<f64> = init.to_vec();
    let mut next = vec![0.0; n];
    let mut loglik = 0.0;
    for &o in obs {
        for (j, nx) in next.iter_mut().enumerate() {
            *nx = 0.0;
            for i in 0..n {
                *nx += alpha[i] * trans[i][j];
            }
            *nx *= emit[j][o];
        }
        let z: f64 = next.iter().sum();
        loglik += z.ln();
        next.iter_mut().for_each(|v| *v /= z);
        std::mem::swap(&mut alpha, &mut next);
    }
    loglik
}

// Bicgstab-like: conjugate gradient with early exit.
#[differentiate(order = 2)]
fn conjugate_gradient(a: &DMatrix<f64>, b: &DVector<f64>, x: &mut DVector<f64>, tol: f64) -> usize {
    let mut r = b - a * &*x;
    let mut p = r.clone();
    let mut rs = r.norm_squared();
    for k in 0..10 {
        let ap = a * &p;
        let alpha = rs / p.dot(&ap);
        *x += &p * alpha;
        r -= &ap * alpha;
        let new = r.norm_squared();
        if new.sqrt() < 1e-9 {
            return k;
        }
        p = &r + &p * (new / rs);
        rs = new;
    }
    10
}

#[differentiate(order = 2)]
fn conjugate_gradient_norm(a: &DMatrix<f64>, b: &DVector<f64>, x: &mut DVector<f64>) -> f64 {
    let n = conjugate_gradient(a, b, x, 1e-9);
    x.norm_squared() * (n as f64)
}

// Gauss-seidel in place with `loop` + residual.
#[differentiate(order = 2)]
fn gauss_seidel(a: &[[f64; 3]; 3], b: &[f64; 3], x: &mut [f64; 3]) -> f64 {
    let mut sweeps = 0;
    loop {
        let mut change = 0.0_f64;
        for i in 0..3 {
            let mut s = b[i];
            for j in 0..3 {
                if j != i {
                    s -= a[i][j] * x[j];
                }
            }
            let new = s / a[i][i];
            change = change.max((new - x[i]).abs());
            x[i] = new;
        }
        sweeps += 1;
        if sweeps >= 4 || change < 1e-3 {
            break change * x[0];
        }
    }
}

// Nested closures, early return via ? in loop with writes.
#[differentiate(order = 2)]
fn small_square(v: f64) -> Option<f64> {
    if v > 2.0 { None } else { Some(v * v) }
}

#[differentiate(order = 2)]
fn checked_sum(x: &mut [f64], y: &mut f64) -> Option<f64> {
    for v in x.iter_mut() {
        *v *= 1.5;
        let s = small_square(*v)?;
        *y += s;
        *v -= s;
    }
    Some(*y * x[0])
}

#[differentiate(order = 2)]
fn checked_sum_or(x: &mut [f64], y: &mut f64) -> f64 {
    checked_sum(x, y).unwrap_or(-1.0) * x[1]
}

// Fixed array fft-like.
#[differentiate(order = 2)]
fn fourier(re: &mut [f64], im: &mut [f64]) {
    let n = re.len();
    let mut j = 0;
    for i in 1..n {
        let mut bit = n >> 1;
        while j & bit != 0 {
            j ^= bit;
            bit >>= 1;
        }
        j |= bit;
        if i < j {
            re.swap(i, j);
            im.swap(i, j);
        }
    }
    let mut len = 2;
    while len <= n {
        let angle = -2.0 * std::f64::consts::PI / len as f64;
        for start in (0..n).step_by(len) {
            for k in 0..len / 2 {
                let (s, c) = (angle * k as f64).sin_cos();
                let (a, b) = (start + k, start + k + len / 2);
                let tr = re[b] * c - im[b] * s;
                let ti = re[b] * s + im[b] * c;
                re[b] = re[a] - tr;
                im[b] = im[a] - ti;
                re[a] += tr;
                im[a] += ti;
            }
        }
        len <<= 1;
    }
}

// Struct with &mut self returning self field, chained.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Acc {
    sum: f64,
    items: Vec<f64>,
    #[no_diff]
    n: usize,
}

impl Acc {
    #[differentiate(order = 2)]
    fn add(&mut self, v: f64) -> f64 {
        self.items.push(v);
        self.n += 1;
        self.sum += v * self.n as f64;
        self.sum
    }
    #[differentiate(order = 2)]
    fn drop_last(&mut self) -> Option<f64> {
        let v = self.items.pop()?;
        self.n -= 1;
        self.sum -= v;
        Some(v)
    }
    #[differentiate(order = 2)]
    fn mean(&self) -> f64 {
        if self.items.is_empty() {
            0.0
        } else {
            self.sum / self.items.len() as f64
        }
    }
}

#[differentiate(order = 2)]
fn accumulate(acc: &mut Acc, x: &[f64]) -> f64 {
    let mut out = 1.0;
    for (i, v) in x.iter().enumerate() {
        let s = acc.add(*v);
        if i % 2 == 1 {
            if let Some(last) = acc.drop_last() {
                out += last * s;
            }
        }
        out *= acc.mean();
    }
    while acc.items.len() > 1 {
        acc.drop_last();
    }
    out + acc.sum
}

fn x() -> Vec<f64> {
    vec![0.55, 0.42, 0.83, -0.31]
}

#[test]
fn steered_by_numbers() {
    lent!(index_from_a_number(x), at mut x = x());
}

#[test]
fn steered_by_signs() {
    lent!(signs(x), at mut x = x());
}

#[test]
fn steered_by_integers() {
    for s in 1..4 {
        lent!(random_swaps(x, s), at mut x = x());
    }
}

#[test]
fn histograms() {
    battery!(histogram_twice(x), at x = x());
}

#[test]
fn time_warping() {
    battery!(soft_time_warping(x, y, *g), at x = x(), y = vec![0.3, 0.9], g = 0.5);
}

#[test]
fn markov() {
    battery!(hidden_markov(i, t, &[0, 1, 1], e), at i = vec![0.6, 0.4], t = vec![vec![0.7, 0.3], vec![0.4, 0.6]], e = vec![vec![0.5, 0.5], vec![0.1, 0.9]]);
}

#[test]
fn iterative_solver() {
    lent!(conjugate_gradient_norm(a, b, x), kink at a = dmatrix![4.0, 1.0, 0.5; 1.0, 3.0, -0.4; 0.5, -0.4, 2.0], b = dvector![1.0, 2.0, 3.0], mut x = dvector![0.1, 0.2, 0.3]);
}

#[test]
fn relaxation() {
    lent!(gauss_seidel(a, b, x), at a = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.4], [0.5, -0.4, 2.0]], b = [1.0, 2.0, 3.0], mut x = [0.1, 0.2, 0.3]);
}

#[test]
fn question_marks() {
    lent!(checked_sum_or(x, y), at mut x = x(), mut y = 0.4);
    lent!(checked_sum_or(x, y), at mut x = vec![0.3, 1.9, 1.0], mut y = 0.4);
}

#[test]
fn transform() {
    in_place!(fourier(x, y), at mut x = x(), mut y = vec![0.1, 0.2, 0.3, 0.4]);
}

#[test]
fn accumulator() {
    lent!(accumulate(a, x), at mut a = Acc { sum: 0.3, items: vec![0.7], n: 1 }, x = x());
    lent!(accumulate(a, x), at mut a = Acc { sum: 0.3, items: vec![], n: 0 }, x = vec![]);
}
