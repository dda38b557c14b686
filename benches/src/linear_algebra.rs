//! Factorisations, whose factor the gradient uses again.

use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

use crate::suite::{Subject, Suite, matrix, numbers};

/// The logarithm of a Gaussian density, without its constant.
#[differentiate]
fn log_likelihood(cov: &DMatrix<f64>, x: &DVector<f64>) -> f64 {
    let chol = cov.clone().cholesky().unwrap();
    -0.5 * (x.dot(&chol.solve(x)) + chol.ln_determinant())
}

/// The lower triangle of the inverse of `L Lᵀ`: `L` inverted column by column, then the products of the columns.
fn inverse_of_square(l: &DMatrix<f64>) -> DMatrix<f64> {
    let n = l.nrows();
    let mut inverse = DMatrix::<f64>::zeros(n, n);
    for (j, column) in inverse.as_mut_slice().chunks_exact_mut(n).enumerate() {
        column[j] = 1.0;
        for k in j..n {
            let factor = &l.as_slice()[k * n..][..n];
            let x = column[k] / factor[k];
            column[k] = x;
            for (c, l) in column[k + 1..].iter_mut().zip(&factor[k + 1..]) {
                *c -= x * l;
            }
        }
    }
    // What is asked for takes the place of what is not needed any more: the entry (i, j) needs the columns i and j from
    // row i on.
    for j in 0..n {
        for i in j..n {
            let size = n - i;
            inverse[(i, j)] = inverse
                .view((i, i), (size, 1))
                .dot(&inverse.view((i, j), (size, 1)));
        }
    }
    inverse
}

/// With `z = Σ⁻¹ x`: `Σ̄ += (z zᵀ - Σ⁻¹) / 2`, `x̄ -= z`, the lower triangle taken double.
fn log_likelihood_by_hand(
    cov: &DMatrix<f64>,
    x: &DVector<f64>,
    seed: f64,
    dcov: &mut DMatrix<f64>,
    dx: &mut DVector<f64>,
) -> f64 {
    let chol = cov.clone().cholesky().expect("the matrix is positive");
    let z = chol.solve(x);
    let value = -0.5 * (x.dot(&z) + chol.ln_determinant());
    let inverse = inverse_of_square(chol.l_dirty());
    for j in 0..x.len() {
        dcov[(j, j)] += 0.5 * seed * (z[j] * z[j] - inverse[(j, j)]);
        for i in j + 1..x.len() {
            dcov[(i, j)] += seed * (z[i] * z[j] - inverse[(i, j)]);
        }
    }
    dx.axpy(-seed, &z, 1.0);
    value
}

/// The same for a Gaussian process with a squared exponential kernel, with respect to the logarithms of its scale, its
/// length and its noise.
#[differentiate]
fn process(
    log_scale: f64,
    log_length: f64,
    log_noise: f64,
    #[no_diff] at: &[f64],
    #[no_diff] y: &DVector<f64>,
) -> f64 {
    let (scale, length, noise) = (log_scale.exp(), log_length.exp(), log_noise.exp());
    let mut cov = DMatrix::zeros(at.len(), at.len());
    for j in 0..at.len() {
        for i in j..at.len() {
            let apart = (at[i] - at[j]) / length;
            cov[(i, j)] = scale * (-0.5 * apart * apart).exp();
        }
        cov[(j, j)] += noise;
    }
    let chol = cov.cholesky().unwrap();
    -0.5 * (y.dot(&chol.solve(y)) + chol.ln_determinant())
}

fn process_by_hand(
    [log_scale, log_length, log_noise]: [f64; 3],
    at: &[f64],
    y: &DVector<f64>,
    seed: f64,
    (dscale, dlength, dnoise): &mut (f64, f64, f64),
) -> f64 {
    let n = at.len();
    let (scale, length, noise) = (log_scale.exp(), log_length.exp(), log_noise.exp());
    let mut kernel = DMatrix::zeros(n, n);
    for j in 0..n {
        for i in j..n {
            let apart = (at[i] - at[j]) / length;
            kernel[(i, j)] = scale * (-0.5 * apart * apart).exp();
        }
    }
    let mut cov = kernel.clone();
    for j in 0..n {
        cov[(j, j)] += noise;
    }
    let chol = cov.cholesky().expect("the matrix is positive");
    let z = chol.solve(y);
    let value = -0.5 * (y.dot(&z) + chol.ln_determinant());
    let inverse = inverse_of_square(chol.l_dirty());
    let (mut to_scale, mut to_length, mut to_noise) = (0.0, 0.0, 0.0);
    let per_length = 1.0 / (length * length);
    for j in 0..n {
        let diagonal = 0.5 * seed * (z[j] * z[j] - inverse[(j, j)]);
        to_noise += diagonal;
        to_scale += diagonal * kernel[(j, j)];
        for i in j + 1..n {
            let to_kernel = seed * (z[i] * z[j] - inverse[(i, j)]) * kernel[(i, j)];
            let apart = at[i] - at[j];
            to_scale += to_kernel;
            to_length += to_kernel * (apart * apart * per_length);
        }
    }
    *dscale += to_scale;
    *dlength += to_length;
    *dnoise += noise * to_noise;
    value
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

/// With the transposes of the factors that are there.
fn systems_by_hand(
    a: &DMatrix<f64>,
    b: &DVector<f64>,
    count: usize,
    seed: f64,
    da: &mut DMatrix<f64>,
    db: &mut DVector<f64>,
) -> f64 {
    let lu = a.clone().lu();
    let mut states = Vec::with_capacity(count + 1);
    states.push(b.clone());
    for k in 0..count {
        states.push(lu.solve(&states[k]).expect("the matrix is regular"));
    }
    let value = states[count].sum();
    let factors = lu.lu_internal();
    let mut g = DVector::from_element(b.len(), seed);
    for state in states[1..].iter().rev() {
        factors.tr_solve_upper_triangular_mut(&mut g);
        // nalgebra has no solution with the transpose of a factor whose diagonal is one.
        for j in (0..b.len()).rev() {
            let below = b.len() - 1 - j;
            g[j] -= factors
                .view((j + 1, j), (below, 1))
                .dot(&g.rows(j + 1, below));
        }
        lu.p().inv_permute_rows(&mut g);
        da.ger(-1.0, &g, state, 1.0);
    }
    *db += g;
    value
}

pub(crate) fn run(suite: &mut Suite) {
    for n in [8, 64, 256] {
        let root = matrix(n, n, 9);
        let cov = &root * root.transpose() + DMatrix::identity(n, n);
        suite.line(
            Subject {
                program: "Gaussian log-likelihood by Cholesky",
                size: format!("{n} × {n}"),
                input: (cov, matrix(n, 1, 10).column(0).into_owned()),
                shadow: (DMatrix::zeros(n, n), DVector::zeros(n)),
            },
            |(cov, x)| log_likelihood(cov, x),
            |(cov, x), (dcov, dx)| log_likelihood::adjoint(cov, x, 1.0, dcov, dx),
            |(cov, x)| log_likelihood::value_and_grad(cov, x),
            |(cov, x), (dcov, dx)| log_likelihood_by_hand(cov, x, 1.0, dcov, dx),
        );
    }
    for n in [50, 200] {
        suite.line(
            Subject {
                program: "Gaussian process by Cholesky",
                size: format!("n = {n}"),
                input: (numbers(n, 15), DVector::from_vec(numbers(n, 16))),
                shadow: (0.0, 0.0, 0.0),
            },
            |(at, y)| process(0.2, -0.7, -2.0, at, y),
            |(at, y), (ds, dl, dn)| process::adjoint(0.2, -0.7, -2.0, at, y, 1.0, ds, dl, dn),
            |(at, y)| process::value_and_grad(0.2, -0.7, -2.0, at, y),
            |(at, y), shadows| process_by_hand([0.2, -0.7, -2.0], at, y, 1.0, shadows),
        );
    }
    let n = 128;
    suite.line(
        Subject {
            program: "20 systems with one LU factorisation",
            size: format!("{n} × {n}"),
            input: (
                matrix(n, n, 11) + DMatrix::identity(n, n) * 2.0,
                matrix(n, 1, 12).column(0).into_owned(),
            ),
            shadow: (DMatrix::zeros(n, n), DVector::zeros(n)),
        },
        |(a, b)| systems(a, b, 20),
        |(a, b), (da, db)| systems::adjoint(a, b, 20, 1.0, da, db),
        |(a, b)| systems::value_and_grad(a, b, 20),
        |(a, b), (da, db)| systems_by_hand(a, b, 20, 1.0, da, db),
    );
}
