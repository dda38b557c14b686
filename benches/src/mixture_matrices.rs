//! The same mixture of Gaussians as one writes it with nalgebra and iterators.

use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

use crate::mixture::{WISHART, Wishart, constants, data, float};
use crate::suite::{Subject, Suite};

#[differentiate(order = 2)]
fn log_sum_exp(terms: &DVector<f64>) -> f64 {
    let max = terms.max();
    terms.map(|it| (it - max).exp()).sum().ln() + max
}

/// Lower triangular, its diagonal given by logarithms.
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
pub(crate) fn objective(
    alphas: &DVector<f64>,
    means: &[DVector<f64>],
    icf: &[DVector<f64>],
    #[no_diff] xs: &[DVector<f64>],
    #[no_diff] wishart: Wishart,
) -> f64 {
    let (d, k, n) = (means[0].len(), means.len(), xs.len());
    let factors: Vec<DMatrix<f64>> = icf.iter().map(|logs| factor(d, logs)).collect();
    let log_determinants: Vec<f64> = icf.iter().map(|logs| logs.rows(0, d).sum()).collect();

    let mut total = constants(d, k, n, wishart);
    for x in xs {
        let mut terms = alphas.clone();
        for (k, q) in factors.iter().enumerate() {
            terms[k] += log_determinants[k] - 0.5 * (q * (x - &means[k])).norm_squared();
        }
        total += log_sum_exp(&terms);
    }
    total -= float(n) * log_sum_exp(alphas);
    let prior: f64 = factors
        .iter()
        .zip(&log_determinants)
        .map(|(q, s)| 0.5 * wishart.gamma.powi(2) * q.norm_squared() - f64::from(wishart.m) * s)
        .sum();
    total + prior
}

/// Makes weights of logarithms of them, and returns the logarithm of their sum.
fn soften(terms: &mut DVector<f64>) -> f64 {
    let max = terms.max();
    terms.apply(|it| *it = (*it - max).exp());
    let sum = terms.sum();
    *terms /= sum;
    sum.ln() + max
}

type Shadows = (DVector<f64>, Vec<DVector<f64>>, Vec<DVector<f64>>);

/// Products into buffers, and what is added to the factors as outer products in place.
fn objective_by_hand(
    alphas: &DVector<f64>,
    means: &[DVector<f64>],
    icf: &[DVector<f64>],
    xs: &[DVector<f64>],
    wishart: Wishart,
    seed: f64,
    (dalphas, dmeans, dicf): &mut Shadows,
) -> f64 {
    let (d, k, n) = (means[0].len(), means.len(), xs.len());
    let factors: Vec<DMatrix<f64>> = icf.iter().map(|logs| factor(d, logs)).collect();
    let log_determinants: Vec<f64> = icf.iter().map(|logs| logs.rows(0, d).sum()).collect();
    let mut to_factors = vec![DMatrix::zeros(d, d); k];
    let mut centered = vec![DVector::zeros(d); k];
    let mut q_centered = vec![DVector::zeros(d); k];
    let mut terms = DVector::zeros(k);

    let mut total = constants(d, k, n, wishart);
    for x in xs {
        for k in 0..k {
            centered[k].copy_from(x);
            centered[k] -= &means[k];
            q_centered[k].gemv(1.0, &factors[k], &centered[k], 0.0);
            terms[k] = alphas[k] + log_determinants[k] - 0.5 * q_centered[k].norm_squared();
        }
        total += soften(&mut terms);
        for k in 0..k {
            let weight = seed * terms[k];
            dalphas[k] += weight;
            dicf[k].rows_mut(0, d).add_scalar_mut(weight);
            to_factors[k].ger(-weight, &q_centered[k], &centered[k], 1.0);
            dmeans[k].gemv_tr(weight, &factors[k], &q_centered[k], 1.0);
        }
    }

    terms.copy_from(alphas);
    total -= float(n) * soften(&mut terms);
    dalphas.axpy(-seed * float(n), &terms, 1.0);

    let m = f64::from(wishart.m);
    for (k, (q, to_q)) in factors.iter().zip(&mut to_factors).enumerate() {
        let square = wishart.gamma.powi(2);
        total += 0.5 * square * q.norm_squared() - m * log_determinants[k];
        let dlogs = &mut dicf[k];
        let mut at = d;
        for j in 0..d {
            let diagonal = q[(j, j)];
            dlogs[j] += diagonal * (to_q[(j, j)] + seed * square * diagonal) - seed * m;
            for i in j + 1..d {
                dlogs[at] += to_q[(i, j)] + seed * square * q[(i, j)];
                at += 1;
            }
        }
    }
    total
}

/// Alphas, means, factors, points.
type Vectors = (
    DVector<f64>,
    Vec<DVector<f64>>,
    Vec<DVector<f64>>,
    Vec<DVector<f64>>,
);

pub(crate) fn vectors(d: usize, k: usize, n: usize) -> Vectors {
    let [alphas, means, icf, x] = data(d, k, n);
    let parts = |v: Vec<f64>, size: usize| -> Vec<DVector<f64>> {
        v.chunks_exact(size)
            .map(DVector::from_column_slice)
            .collect()
    };
    (
        DVector::from_vec(alphas),
        parts(means, d),
        parts(icf, d * (d + 1) / 2),
        parts(x, d),
    )
}

pub(crate) fn run(suite: &mut Suite) {
    let n = 1000;
    for (d, k) in [(2, 5), (10, 25), (64, 10)] {
        let icf_size = d * (d + 1) / 2;
        suite.line(
            Subject {
                program: "Gaussian mixture with nalgebra",
                size: format!("d = {d}, K = {k}, n = {n}"),
                input: vectors(d, k, n),
                shadow: (
                    DVector::zeros(k),
                    vec![DVector::zeros(d); k],
                    vec![DVector::zeros(icf_size); k],
                ),
            },
            |(a, m, l, x)| objective(a, m, l, x, WISHART),
            |(a, m, l, x), (da, dm, dl)| objective::adjoint(a, m, l, x, WISHART, 1.0, da, dm, dl),
            |(a, m, l, x)| objective::value_and_grad(a, m, l, x, WISHART),
            |(a, m, l, x), shadows| objective_by_hand(a, m, l, x, WISHART, 1.0, shadows),
        );
    }
}
