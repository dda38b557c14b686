//! Products of matrices: one, and a chain of them.

use differentiate::differentiate;
use nalgebra::{DMatrix, DMatrixView, Dyn};

use crate::suite::{Subject, Suite, matrix};

/// The transpose of a matrix, read as it lies.
pub(crate) fn transposed(m: &DMatrix<f64>) -> DMatrixView<'_, f64, Dyn, Dyn> {
    let (rows, columns) = m.shape();
    DMatrixView::from_slice_with_strides_generic(
        m.as_slice(),
        Dyn(columns),
        Dyn(rows),
        Dyn(rows),
        Dyn(1),
    )
}

/// `to += Aᵀ B`. In small products nalgebra steps through the columns of the left one, which must then lie in one piece.
pub(crate) fn add_tr_product(to: &mut DMatrix<f64>, a: &DMatrix<f64>, b: &DMatrix<f64>) {
    if a.nrows().min(a.ncols()).min(b.ncols()) > 8 {
        to.gemm(1.0, &transposed(a), b, 1.0);
    } else {
        to.gemm_tr(1.0, a, b, 1.0);
    }
}

#[differentiate]
fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    (a * b).sum()
}

/// `Ā += G Bᵀ`, `B̄ += Aᵀ G`.
fn product_by_hand(
    a: &DMatrix<f64>,
    b: &DMatrix<f64>,
    seed: f64,
    da: &mut DMatrix<f64>,
    db: &mut DMatrix<f64>,
) -> f64 {
    let mut y = a * b;
    let value = y.sum();
    y.fill(seed);
    da.gemm(1.0, &y, &transposed(b), 1.0);
    add_tr_product(db, a, &y);
    value
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
    seed: f64,
    dw: &mut DMatrix<f64>,
    dx: &mut DMatrix<f64>,
) -> f64 {
    let mut states = Vec::with_capacity(steps + 1);
    states.push(x.clone());
    for k in 0..steps {
        states.push(w * &states[k]);
    }
    let mut g = states.pop().expect("the start is there");
    let value = g.sum();
    g.fill(seed);
    let mut other = g.clone();
    let back = w.transpose();
    for state in states.iter().rev() {
        if x.ncols() == 1 {
            dw.ger(1.0, &g.column(0), &state.column(0), 1.0);
            other.column_mut(0).gemv_tr(1.0, w, &g.column(0), 0.0);
        } else {
            dw.gemm(1.0, &g, &transposed(state), 1.0);
            other.gemm(1.0, &back, &g, 0.0);
        }
        std::mem::swap(&mut g, &mut other);
    }
    *dx += g;
    value
}

pub(crate) fn run(suite: &mut Suite) {
    for n in [4, 32, 128] {
        suite.line(
            Subject {
                program: "sum of A B",
                size: format!("{n} × {n}"),
                input: (matrix(n, n, 1), matrix(n, n, 2)),
                shadow: (DMatrix::zeros(n, n), DMatrix::zeros(n, n)),
            },
            |(a, b)| product(a, b),
            |(a, b), (da, db)| product::adjoint(a, b, 1.0, da, db),
            |(a, b)| product::value_and_grad(a, b),
            |(a, b), (da, db)| product_by_hand(a, b, 1.0, da, db),
        );
    }
    for (n, columns, steps) in [(64, 64, 10), (64, 1, 100)] {
        suite.line(
            Subject {
                program: "chain of products W (W (.. X))",
                size: format!("{n} × {n}, {columns} columns, {steps} steps"),
                input: (matrix(n, n, 3), matrix(n, columns, 4), steps),
                shadow: (DMatrix::zeros(n, n), DMatrix::zeros(n, columns)),
            },
            |(w, x, steps)| chain(w, x, *steps),
            |(w, x, steps), (dw, dx)| chain::adjoint(w, x, *steps, 1.0, dw, dx),
            |(w, x, steps)| chain::value_and_grad(w, x, *steps),
            |(w, x, steps), (dw, dx)| chain_by_hand(w, x, *steps, 1.0, dw, dx),
        );
    }
}
