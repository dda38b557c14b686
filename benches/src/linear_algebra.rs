//! Factorisations, whose factor the gradient uses again.

use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

use crate::timing::{line, matrix};

/// The logarithm of a Gaussian density, without its constant.
#[differentiate]
fn log_likelihood(cov: &DMatrix<f64>, x: &DVector<f64>) -> f64 {
    let chol = cov.clone().cholesky().unwrap();
    -0.5 * (x.dot(&chol.solve(x)) + chol.ln_determinant())
}

/// With `z = Σ⁻¹ x`: `Σ̄ = (z zᵀ - Σ⁻¹) / 2`, `x̄ = -z`, the lower triangle taken double.
fn log_likelihood_by_hand(
    cov: &DMatrix<f64>,
    x: &DVector<f64>,
) -> (f64, DMatrix<f64>, DVector<f64>) {
    let chol = cov.clone().cholesky().expect("the matrix is positive");
    let z = chol.solve(x);
    let value = -0.5 * (x.dot(&z) + chol.ln_determinant());
    let mut to_cov = chol.inverse() * -0.5;
    to_cov.ger(0.5, &z, &z, 1.0);
    for j in 0..x.len() {
        for i in j + 1..x.len() {
            to_cov[(i, j)] *= 2.0;
            to_cov[(j, i)] = 0.0;
        }
    }
    (value, to_cov, -z)
}

/// Systems with one matrix, each with the solution of the one before.
#[differentiate]
fn systems(a: &DMatrix<f64>, b: &DVector<f64>, count: usize) -> f64 {
    let lu = a.clone().lu();
    let mut x = b.clone();
    for _ in 0..count {
        x = lu.solve(&x).unwrap();
    }
    x.sum()
}

fn systems_by_hand(
    a: &DMatrix<f64>,
    b: &DVector<f64>,
    count: usize,
) -> (f64, DMatrix<f64>, DVector<f64>) {
    let lu = a.clone().lu();
    let mut states = vec![b.clone()];
    for k in 0..count {
        states.push(lu.solve(&states[k]).expect("the matrix is regular"));
    }
    let value = states[count].sum();
    // nalgebra has no solution with the transpose of an LU factorisation, so this costs a second one.
    let transposed = a.transpose().lu();
    let mut g = DVector::from_element(b.len(), 1.0);
    let mut to_a = DMatrix::zeros(a.nrows(), a.ncols());
    for state in states[1..].iter().rev() {
        g = transposed.solve(&g).expect("the matrix is regular");
        to_a.ger(-1.0, &g, state, 1.0);
    }
    (value, to_a, g)
}

pub(crate) fn run() {
    for n in [8, 64, 256] {
        let root = matrix(n, n, 9);
        let cov = &root * root.transpose() + DMatrix::identity(n, n);
        let x = matrix(n, 1, 10).column(0).into_owned();
        line(
            "Gaussian log-likelihood by Cholesky",
            &format!("{n} × {n}"),
            || log_likelihood(&cov, &x),
            || log_likelihood::value_and_grad(&cov, &x),
            || log_likelihood_by_hand(&cov, &x),
        );
    }
    let a = matrix(128, 128, 11) + DMatrix::identity(128, 128) * 2.0;
    let b = matrix(128, 1, 12).column(0).into_owned();
    line(
        "20 systems with one LU factorisation",
        "128 × 128",
        || systems(&a, &b, 20),
        || systems::value_and_grad(&a, &b, 20),
        || systems_by_hand(&a, &b, 20),
    );
}
