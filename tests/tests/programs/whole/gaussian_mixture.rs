//! A1: the log-posterior of a mixture of Gaussians, as ADBench has it: on flat slices with work buffers, and with
//! nalgebra and iterators.

use std::f64::consts::PI;

use crate::battery::battery;
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

#[derive(Clone, Copy)]
struct Wishart {
    gamma: f64,
    m: i32,
}

#[differentiate(order = 2)]
fn log_sum_exp(x: &[f64]) -> f64 {
    let mut max = x[0];
    for i in 1..x.len() {
        if x[i] > max {
            max = x[i];
        }
    }
    let mut sum = 0.0;
    for v in x {
        sum += (v - max).exp();
    }
    sum.ln() + max
}

/// Exponentials of the diagonals and the sums of their logarithms, for all components.
#[differentiate(order = 2)]
fn preprocess(d: usize, k: usize, icf: &[f64], sum_qs: &mut [f64], q_diags: &mut [f64]) {
    let icf_size = d * (d + 1) / 2;
    for ik in 0..k {
        sum_qs[ik] = 0.0;
        for id in 0..d {
            let q = icf[ik * icf_size + id];
            sum_qs[ik] += q;
            q_diags[ik * d + id] = q.exp();
        }
    }
}

#[differentiate(order = 2)]
fn subtract(d: usize, #[no_diff] x: &[f64], y: &[f64], out: &mut [f64]) {
    for id in 0..d {
        out[id] = x[id] - y[id];
    }
}

/// The product of a lower triangular matrix, given as its diagonal and the columns below, and a vector.
#[differentiate(order = 2)]
fn q_times_x(d: usize, q_diag: &[f64], ltri: &[f64], x: &[f64], out: &mut [f64]) {
    for i in 0..d {
        out[i] = q_diag[i] * x[i];
    }
    let mut at = 0;
    for i in 0..d {
        for j in i + 1..d {
            out[j] += ltri[at] * x[i];
            at += 1;
        }
    }
}

#[differentiate(order = 2)]
fn sqnorm(x: &[f64]) -> f64 {
    let mut s = x[0] * x[0];
    let mut i = 1;
    while i < x.len() {
        s += x[i] * x[i];
        i += 1;
    }
    s
}

fn log_gamma_distrib(a: f64, p: i32) -> f64 {
    let mut out = 0.25 * f64::from(p * (p - 1)) * PI.ln();
    for j in 1..=p {
        out += ln_gamma_of_halves((2.0 * a + 1.0) as i32 - j);
    }
    out
}

/// The logarithm of the gamma function at `n / 2`.
fn ln_gamma_of_halves(n: i32) -> f64 {
    match n {
        1 => 0.5 * PI.ln(),
        2 => 0.0,
        n => (f64::from(n) / 2.0 - 1.0).ln() + ln_gamma_of_halves(n - 2),
    }
}

#[differentiate(order = 2)]
fn log_wishart_prior(
    d: usize,
    k: usize,
    #[no_diff] wishart: Wishart,
    sum_qs: &[f64],
    q_diags: &[f64],
    icf: &[f64],
) -> f64 {
    let n = d as i32 + wishart.m + 1;
    let icf_size = d * (d + 1) / 2;
    let c = f64::from(n * d as i32) * (wishart.gamma.ln() - 0.5 * 2.0_f64.ln())
        - log_gamma_distrib(0.5 * f64::from(n), d as i32);
    let mut out = 0.0;
    for ik in 0..k {
        let mut frobenius = sqnorm(&q_diags[ik * d..][..d]);
        if d > 1 {
            frobenius += sqnorm(&icf[ik * icf_size + d..(ik + 1) * icf_size]);
        }
        out += 0.5 * wishart.gamma * wishart.gamma * frobenius - f64::from(wishart.m) * sum_qs[ik];
    }
    out - k as f64 * c
}

#[differentiate(order = 2)]
fn objective(
    d: usize,
    k: usize,
    alphas: &[f64],
    means: &[f64],
    icf: &[f64],
    #[no_diff] x: &[f64],
    #[no_diff] wishart: Wishart,
) -> f64 {
    let n = x.len() / d;
    let constant = -((n * d) as f64) * 0.5 * (2.0 * PI).ln();
    let icf_size = d * (d + 1) / 2;

    let mut q_diags = vec![0.0; d * k];
    let mut sum_qs = vec![0.0; k];
    let mut x_centered = vec![0.0; d];
    let mut q_x_centered = vec![0.0; d];
    let mut main_term = vec![0.0; k];

    preprocess(d, k, icf, &mut sum_qs, &mut q_diags);
    let mut slse = 0.0;
    for ix in 0..n {
        for ik in 0..k {
            subtract(d, &x[ix * d..], &means[ik * d..], &mut x_centered);
            q_times_x(
                d,
                &q_diags[ik * d..],
                &icf[ik * icf_size + d..],
                &x_centered,
                &mut q_x_centered,
            );
            main_term[ik] = alphas[ik] + sum_qs[ik] - 0.5 * sqnorm(&q_x_centered);
        }
        slse += log_sum_exp(&main_term);
    }
    let lse_alphas = log_sum_exp(alphas);
    constant + slse - n as f64 * lse_alphas
        + log_wishart_prior(d, k, wishart, &sum_qs, &q_diags, icf)
}

/// The same with matrices: the factors are lower triangular, their diagonals given by logarithms.
#[differentiate(order = 2)]
fn factor(d: usize, logs: &DVector<f64>) -> DMatrix<f64> {
    let mut q = DMatrix::zeros(d, d);
    let mut at = d;
    for j in 0..d {
        q[(j, j)] = logs[j].exp();
        for i in j + 1..d {
            q[(i, j)] = logs[at];
            at += 1;
        }
    }
    q
}

#[differentiate(order = 2)]
fn objective_matrices(
    alphas: &DVector<f64>,
    means: &[DVector<f64>],
    icf: &[DVector<f64>],
    #[no_diff] xs: &[DVector<f64>],
    #[no_diff] wishart: Wishart,
) -> f64 {
    let (d, n) = (means[0].len(), xs.len());
    let factors: Vec<DMatrix<f64>> = icf.iter().map(|logs| factor(d, logs)).collect();
    let log_determinants: Vec<f64> = icf.iter().map(|logs| logs.rows(0, d).sum()).collect();

    let mut total = -((n * d) as f64) * 0.5 * (2.0 * PI).ln();
    for x in xs {
        let terms: Vec<f64> = factors
            .iter()
            .zip(means)
            .enumerate()
            .map(|(k, (q, mean))| {
                alphas[k] + log_determinants[k] - 0.5 * (q * (x - mean)).norm_squared()
            })
            .collect();
        total += log_sum_exp(&terms);
    }
    let max = alphas.max();
    total -= n as f64 * (alphas.map(|a| (a - max).exp()).sum().ln() + max);

    let freedom = d as i32 + wishart.m + 1;
    let c = f64::from(freedom * d as i32) * (wishart.gamma.ln() - 0.5 * 2.0_f64.ln())
        - log_gamma_distrib(0.5 * f64::from(freedom), d as i32);
    let prior: f64 = factors
        .iter()
        .zip(&log_determinants)
        .map(|(q, s)| 0.5 * wishart.gamma.powi(2) * q.norm_squared() - f64::from(wishart.m) * s)
        .sum();
    total + prior - factors.len() as f64 * c
}

#[test]
fn at_the_golden_point() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../data/gmm_test.json")).expect("JSON");
    let read = |name: &str| -> Vec<f64> {
        let flat = golden[name].as_array().expect("a list").iter();
        flat.flat_map(|it| it.as_array().cloned().unwrap_or_else(|| vec![it.clone()]))
            .map(|it| it.as_f64().expect("a number"))
            .collect()
    };
    let wishart = Wishart { gamma: 1.0, m: 0 };
    let value = golden["value"].as_f64().expect("a number");
    let (x, g) = (read("x"), read("gradient"));
    let expected = (g[..3].to_vec(), g[3..9].to_vec(), g[9..].to_vec());
    battery!(
        objective(2, 3, alphas, means, icf, &x, wishart),
        at alphas = read("alphas"), means = read("means"), icf = read("icf")
    )
    .is(value, expected);

    let parts = |v: &[f64], n: usize| -> Vec<DVector<f64>> {
        v.chunks(n).map(DVector::from_column_slice).collect()
    };
    let expected = (
        DVector::from_column_slice(&g[..3]),
        parts(&g[3..9], 2),
        parts(&g[9..], 3),
    );
    let xs = parts(&x, 2);
    battery!(
        objective_matrices(alphas, means, icf, &xs, wishart),
        at alphas = DVector::from_vec(read("alphas")),
        means = parts(&read("means"), 2),
        icf = parts(&read("icf"), 3)
    )
    .is(value, expected);
}

#[test]
fn in_three_dimensions() {
    let wave = |n: usize, phase: f64| -> Vec<f64> {
        (0..n).map(|i| (i as f64 * 1.7 + phase).sin()).collect()
    };
    let (d, k, x) = (3, 2, wave(12, 0.3));
    let wishart = Wishart { gamma: 1.3, m: 2 };
    battery!(
        objective(d, k, alphas, means, icf, &x, wishart),
        at alphas = wave(2, 0.1), means = wave(6, 0.2), icf = wave(12, 0.5)
    );
}
