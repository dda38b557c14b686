//! The log-posterior of a mixture of Gaussians, as `ADBench` has it: on flat slices, with work buffers of the caller.

use std::cell::RefCell;
use std::f64::consts::PI;

use differentiate::differentiate;

use crate::suite::{Subject, Suite, Work, numbers};

/// The prior of the covariances.
#[derive(Clone, Copy)]
pub(crate) struct Wishart {
    pub(crate) gamma: f64,
    pub(crate) m: u32,
}

/// What does not depend on the parameters.
pub(crate) fn constants(d: usize, k: usize, n: usize, wishart: Wishart) -> f64 {
    let [dd, kk, nn] = [d, k, n].map(float);
    let freedom = dd + f64::from(wishart.m) + 1.0;
    let mut log_gamma = 0.25 * dd * (dd - 1.0) * PI.ln();
    let mut argument = freedom;
    for _ in 0..d {
        log_gamma += log_gamma_of_half(argument);
        argument -= 1.0;
    }
    let prior = freedom * dd * (wishart.gamma.ln() - 0.5 * 2.0_f64.ln()) - log_gamma;
    -nn * dd * 0.5 * (2.0 * PI).ln() - kk * prior
}

/// The logarithm of the gamma function at half of a whole number.
fn log_gamma_of_half(n: f64) -> f64 {
    if n < 1.5 {
        0.5 * PI.ln()
    } else if n < 2.5 {
        0.0
    } else {
        (n / 2.0 - 1.0).ln() + log_gamma_of_half(n - 2.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes of programs are small")]
pub(crate) fn float(n: usize) -> f64 {
    n as f64
}

/// In one module, so that the small functions are written out where they are called.
#[differentiate(order = 2)]
mod posterior {
    use super::{Wishart, constants, float};

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

    fn subtract(d: usize, #[no_diff] x: &[f64], y: &[f64], out: &mut [f64]) {
        for id in 0..d {
            out[id] = x[id] - y[id];
        }
    }

    /// The product of a lower triangular matrix, given as its diagonal and the columns below, and a vector.
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

    fn sqnorm(x: &[f64]) -> f64 {
        let mut s = 0.0;
        for v in x {
            s += v * v;
        }
        s
    }

    fn log_wishart_prior(
        d: usize,
        k: usize,
        #[no_diff] wishart: Wishart,
        sum_qs: &[f64],
        q_diags: &[f64],
        icf: &[f64],
    ) -> f64 {
        let icf_size = d * (d + 1) / 2;
        let mut out = 0.0;
        for ik in 0..k {
            let frobenius = sqnorm(&q_diags[ik * d..][..d])
                + sqnorm(&icf[ik * icf_size + d..(ik + 1) * icf_size]);
            out +=
                0.5 * wishart.gamma * wishart.gamma * frobenius - f64::from(wishart.m) * sum_qs[ik];
        }
        out
    }

    #[expect(clippy::too_many_arguments, reason = "the work buffers are the point")]
    pub(super) fn objective(
        d: usize,
        k: usize,
        alphas: &[f64],
        means: &[f64],
        icf: &[f64],
        #[no_diff] x: &[f64],
        #[no_diff] wishart: Wishart,
        q_diags: &mut [f64],
        sum_qs: &mut [f64],
        x_centered: &mut [f64],
        q_x_centered: &mut [f64],
        main_term: &mut [f64],
    ) -> f64 {
        let n = x.len() / d;
        let icf_size = d * (d + 1) / 2;
        preprocess(d, k, icf, sum_qs, q_diags);
        let mut slse = 0.0;
        for ix in 0..n {
            for ik in 0..k {
                subtract(d, &x[ix * d..], &means[ik * d..], x_centered);
                q_times_x(
                    d,
                    &q_diags[ik * d..],
                    &icf[ik * icf_size + d..],
                    x_centered,
                    q_x_centered,
                );
                main_term[ik] = alphas[ik] + sum_qs[ik] - 0.5 * sqnorm(q_x_centered);
            }
            slse += log_sum_exp(main_term);
        }
        constants(d, k, n, wishart) + slse - float(n) * log_sum_exp(alphas)
            + log_wishart_prior(d, k, wishart, sum_qs, q_diags, icf)
    }

    /// The same with buffers of its own: what a function writes for its caller has no place in a Hessian.
    pub(crate) fn log_posterior(
        d: usize,
        k: usize,
        alphas: &[f64],
        means: &[f64],
        icf: &[f64],
        #[no_diff] x: &[f64],
        #[no_diff] wishart: Wishart,
    ) -> f64 {
        let (mut q_diags, mut sum_qs) = (vec![0.0; d * k], vec![0.0; k]);
        let (mut x_centered, mut q_x_centered) = (vec![0.0; d], vec![0.0; d]);
        let mut main_term = vec![0.0; k];
        objective(
            d,
            k,
            alphas,
            means,
            icf,
            x,
            wishart,
            &mut q_diags,
            &mut sum_qs,
            &mut x_centered,
            &mut q_x_centered,
            &mut main_term,
        )
    }
}
pub(crate) use posterior::log_posterior;
use posterior::objective;

/// Buffers as the function itself takes them, but with a row for each component where the reverse half needs all.
struct Buffers {
    q_diags: Vec<f64>,
    sum_qs: Vec<f64>,
    centered: Vec<f64>,
    q_centered: Vec<f64>,
    terms: Vec<f64>,
    to_centered: Vec<f64>,
    to_q_diags: Vec<f64>,
}

impl Buffers {
    fn new(d: usize, k: usize) -> Self {
        Buffers {
            q_diags: vec![0.0; d * k],
            sum_qs: vec![0.0; k],
            centered: vec![0.0; d * k],
            q_centered: vec![0.0; d * k],
            terms: vec![0.0; k],
            to_centered: vec![0.0; d],
            to_q_diags: vec![0.0; d * k],
        }
    }
}

/// Makes weights of logarithms of them, and returns the logarithm of their sum.
fn soften(terms: &mut [f64]) -> f64 {
    let max = terms.iter().fold(f64::NEG_INFINITY, |max, v| max.max(*v));
    let mut sum = 0.0;
    for v in terms.iter_mut() {
        *v = (*v - max).exp();
        sum += *v;
    }
    let scale = 1.0 / sum;
    for v in terms {
        *v *= scale;
    }
    sum.ln() + max
}

/// Forward and back for one point at a time, so that only what belongs to one point is kept.
#[expect(clippy::too_many_arguments, reason = "those of the function itself")]
fn objective_by_hand(
    d: usize,
    k: usize,
    alphas: &[f64],
    means: &[f64],
    icf: &[f64],
    x: &[f64],
    wishart: Wishart,
    buffers: &mut Buffers,
    seed: f64,
    dalphas: &mut [f64],
    dmeans: &mut [f64],
    dicf: &mut [f64],
) -> f64 {
    let Buffers {
        q_diags,
        sum_qs,
        centered,
        q_centered,
        terms,
        to_centered,
        to_q_diags,
    } = buffers;
    let n = x.len() / d;
    let icf_size = d * (d + 1) / 2;
    let factors = || icf.chunks_exact(icf_size).map(|it| it.split_at(d));

    for ((sum, q_diag), (logs, _)) in sum_qs
        .iter_mut()
        .zip(q_diags.chunks_exact_mut(d))
        .zip(factors())
    {
        *sum = logs.iter().sum();
        for (q, log) in q_diag.iter_mut().zip(logs) {
            *q = log.exp();
        }
    }
    to_q_diags.fill(0.0);

    let mut slse = 0.0;
    for x in x.chunks_exact(d) {
        for ik in 0..k {
            let (_, ltri) = icf[ik * icf_size..][..icf_size].split_at(d);
            let mean = &means[ik * d..][..d];
            let q_diag = &q_diags[ik * d..][..d];
            let c = &mut centered[ik * d..][..d];
            let qc = &mut q_centered[ik * d..][..d];
            for i in 0..d {
                c[i] = x[i] - mean[i];
                qc[i] = q_diag[i] * c[i];
            }
            let mut rest = ltri;
            for i in 0..d {
                let (column, after) = rest.split_at(d - 1 - i);
                rest = after;
                let c = c[i];
                for (out, l) in qc[i + 1..].iter_mut().zip(column) {
                    *out += l * c;
                }
            }
            let squared: f64 = qc.iter().map(|it| it * it).sum();
            terms[ik] = alphas[ik] + sum_qs[ik] - 0.5 * squared;
        }
        slse += soften(terms);
        for ik in 0..k {
            let weight = seed * terms[ik];
            let (_, ltri) = icf[ik * icf_size..][..icf_size].split_at(d);
            let (dlogs, dltri) = dicf[ik * icf_size..][..icf_size].split_at_mut(d);
            let q_diag = &q_diags[ik * d..][..d];
            let dmean = &mut dmeans[ik * d..][..d];
            let to_q_diag = &mut to_q_diags[ik * d..][..d];
            let c = &centered[ik * d..][..d];
            let g = &mut q_centered[ik * d..][..d];
            dalphas[ik] += weight;
            for i in 0..d {
                dlogs[i] += weight;
                g[i] *= -weight;
                to_q_diag[i] += g[i] * c[i];
                to_centered[i] = q_diag[i] * g[i];
            }
            let (mut rest, mut drest) = (ltri, dltri);
            for i in 0..d {
                let (column, after) = rest.split_at(d - 1 - i);
                rest = after;
                let (dcolumn, dafter) = drest.split_at_mut(d - 1 - i);
                drest = dafter;
                let (c, mut sum) = (c[i], 0.0);
                for ((g, l), dl) in g[i + 1..].iter().zip(column).zip(dcolumn) {
                    *dl += c * g;
                    sum += l * g;
                }
                to_centered[i] += sum;
            }
            for (dmean, g) in dmean.iter_mut().zip(to_centered.iter()) {
                *dmean -= g;
            }
        }
    }

    terms.copy_from_slice(alphas);
    let lse_alphas = soften(terms);
    for (dalpha, weight) in dalphas.iter_mut().zip(terms.iter()) {
        *dalpha -= seed * float(n) * weight;
    }

    let mut prior = 0.0;
    let square = wishart.gamma * wishart.gamma;
    let m = f64::from(wishart.m);
    for (ik, (_, ltri)) in factors().enumerate() {
        let (dlogs, dltri) = dicf[ik * icf_size..][..icf_size].split_at_mut(d);
        let q_diag = &q_diags[ik * d..][..d];
        let mut frobenius = 0.0;
        for i in 0..d {
            frobenius += q_diag[i] * q_diag[i];
            dlogs[i] += q_diag[i] * (to_q_diags[ik * d + i] + seed * square * q_diag[i]) - seed * m;
        }
        for (l, dl) in ltri.iter().zip(dltri) {
            frobenius += l * l;
            *dl += seed * square * l;
        }
        prior += 0.5 * square * frobenius - m * sum_qs[ik];
    }
    constants(d, k, n, wishart) + slse - float(n) * lse_alphas + prior
}

/// Alphas, means, factors, points.
pub(crate) fn data(d: usize, k: usize, n: usize) -> [Vec<f64>; 4] {
    let scaled =
        |count, seed, by: f64| numbers(count, seed).into_iter().map(|it| it * by).collect();
    [
        scaled(k, 20, 1.0),
        scaled(k * d, 21, 1.0),
        scaled(k * d * (d + 1) / 2, 22, 1.0 / float(d)),
        scaled(n * d, 23, 2.0),
    ]
}

pub(crate) const WISHART: Wishart = Wishart { gamma: 1.0, m: 0 };

pub(crate) fn run(suite: &mut Suite) {
    let n = 1000;
    for (d, k) in [(2, 5), (10, 25), (64, 10)] {
        let [alphas, means, icf, x] = data(d, k, n);
        let work = [d * k, k, d, d, k].map(|size| RefCell::new(vec![0.0; size]));
        let shadows = [d * k, k, d, d, k].map(|size| vec![0.0; size]);
        let buffers = RefCell::new(Buffers::new(d, k));
        let lend = || work.each_ref().map(|it| it.borrow_mut());
        suite.line(
            Subject {
                program: "Gaussian mixture in place",
                size: format!("d = {d}, K = {k}, n = {n}"),
                input: [alphas, means, icf, x],
                shadow: (
                    vec![0.0; k],
                    vec![0.0; k * d],
                    vec![0.0; k * d * (d + 1) / 2],
                    Work(shadows),
                ),
            },
            |[a, m, l, x]| {
                let [mut q, mut s, mut c, mut qc, mut t] = lend();
                objective(
                    d, k, a, m, l, x, WISHART, &mut q, &mut s, &mut c, &mut qc, &mut t,
                )
            },
            |[a, m, l, x], (da, dm, dl, Work([dq, ds, dc, dqc, dt]))| {
                let [mut q, mut s, mut c, mut qc, mut t] = lend();
                objective::adjoint(
                    d, k, a, m, l, x, WISHART, &mut q, &mut s, &mut c, &mut qc, &mut t, 1.0, da,
                    dm, dl, dq, ds, dc, dqc, dt,
                )
            },
            |[a, m, l, x]| {
                let [mut q, mut s, mut c, mut qc, mut t] = lend();
                objective::value_and_grad(
                    d, k, a, m, l, x, WISHART, &mut q, &mut s, &mut c, &mut qc, &mut t,
                )
            },
            |[a, m, l, x], (da, dm, dl, _)| {
                let buffers = &mut buffers.borrow_mut();
                objective_by_hand(d, k, a, m, l, x, WISHART, buffers, 1.0, da, dm, dl)
            },
        );
    }
}
