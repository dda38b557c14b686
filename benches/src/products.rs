//! Products of matrices: one, a chain of them, and a perceptron.

use differentiate::differentiate;
use nalgebra::DMatrix;

use crate::timing::{line, matrix};

#[differentiate]
fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    (a * b).sum()
}

/// `Ā = G Bᵀ`, `B̄ = Aᵀ G`.
fn product_by_hand(a: &DMatrix<f64>, b: &DMatrix<f64>) -> (f64, DMatrix<f64>, DMatrix<f64>) {
    let y = a * b;
    let g = DMatrix::from_element(y.nrows(), y.ncols(), 1.0);
    (y.sum(), &g * b.transpose(), a.transpose() * g)
}

/// One matrix again and again, so that its gradient is a sum that grows.
#[differentiate]
fn chain(w: &DMatrix<f64>, x: &DMatrix<f64>, steps: usize) -> f64 {
    let mut state = x.clone();
    for _ in 0..steps {
        state = w * &state;
    }
    state.sum()
}

fn chain_by_hand(
    w: &DMatrix<f64>,
    x: &DMatrix<f64>,
    steps: usize,
) -> (f64, DMatrix<f64>, DMatrix<f64>) {
    let mut states = vec![x.clone()];
    for k in 0..steps {
        states.push(w * &states[k]);
    }
    let value = states[steps].sum();
    let mut g = DMatrix::from_element(x.nrows(), x.ncols(), 1.0);
    let mut to_w = DMatrix::zeros(w.nrows(), w.ncols());
    let transposed = w.transpose();
    for state in states[..steps].iter().rev() {
        to_w.gemm(1.0, &g, &state.transpose(), 1.0);
        g = &transposed * g;
    }
    (value, to_w, g)
}

#[differentiate]
fn perceptron(
    v: &DMatrix<f64>,
    w: &DMatrix<f64>,
    #[no_diff] x: &DMatrix<f64>,
    #[no_diff] t: &DMatrix<f64>,
) -> f64 {
    let hidden = (v * x).map(f64::tanh);
    (w * hidden - t).norm_squared()
}

fn perceptron_by_hand(
    v: &DMatrix<f64>,
    w: &DMatrix<f64>,
    x: &DMatrix<f64>,
    t: &DMatrix<f64>,
) -> (f64, DMatrix<f64>, DMatrix<f64>) {
    let hidden = (v * x).map(f64::tanh);
    let error = w * &hidden - t;
    let value = error.norm_squared();
    let g = error * 2.0;
    let to_w = &g * hidden.transpose();
    let mut inner = w.transpose() * g;
    inner.zip_apply(&hidden, |g, h| *g *= 1.0 - h * h);
    (value, &inner * x.transpose(), to_w)
}

pub(crate) fn run() {
    for n in [4, 32, 128] {
        let (a, b) = (matrix(n, n, 1), matrix(n, n, 2));
        line(
            "sum of A B",
            &format!("{n} × {n}"),
            || product(&a, &b),
            || product::value_and_grad(&a, &b),
            || product_by_hand(&a, &b),
        );
    }
    for (n, columns, steps) in [(64, 64, 10), (64, 1, 100)] {
        let (w, x) = (matrix(n, n, 3), matrix(n, columns, 4));
        line(
            "chain of products W (W (.. X))",
            &format!("{n} × {n}, {columns} columns, {steps} steps"),
            || chain(&w, &x, steps),
            || chain::value_and_grad(&w, &x, steps),
            || chain_by_hand(&w, &x, steps),
        );
    }
    let (v, w) = (matrix(128, 64, 5), matrix(10, 128, 6));
    let (x, t) = (matrix(64, 256, 7), matrix(10, 256, 8));
    line(
        "perceptron, tanh, squared error",
        "64-128-10, 256 samples",
        || perceptron(&v, &w, &x, &t),
        || perceptron::value_and_grad(&v, &w, &x, &t),
        || perceptron_by_hand(&v, &w, &x, &t),
    );
}
