//! A perceptron and a recurrent cell.

use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

use crate::products::{add_tr_product, transposed};
use crate::suite::{Subject, Suite, matrix};

#[differentiate(order = 2)]
pub(crate) fn perceptron(
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
    seed: f64,
    dv: &mut DMatrix<f64>,
    dw: &mut DMatrix<f64>,
) -> f64 {
    let mut hidden = v * x;
    hidden.apply(|it| *it = it.tanh());
    let mut g = w * &hidden;
    g -= t;
    let value = g.norm_squared();
    g *= 2.0 * seed;
    dw.gemm(1.0, &g, &transposed(&hidden), 1.0);
    let mut inner = DMatrix::zeros(hidden.nrows(), hidden.ncols());
    add_tr_product(&mut inner, w, &g);
    inner.zip_apply(&hidden, |g, h| *g *= 1.0 - h * h);
    dv.gemm(1.0, &inner, &transposed(x), 1.0);
    value
}

#[differentiate]
fn recurrent(
    w: &DMatrix<f64>,
    u: &DMatrix<f64>,
    b: &DVector<f64>,
    #[no_diff] xs: &[DVector<f64>],
) -> f64 {
    let mut h = DVector::zeros(b.len());
    for x in xs {
        h = (w * &h + u * x + b).map(f64::tanh);
    }
    h.norm_squared()
}

/// All states in one matrix, all else in place.
fn recurrent_by_hand(
    w: &DMatrix<f64>,
    u: &DMatrix<f64>,
    b: &DVector<f64>,
    xs: &[DVector<f64>],
    seed: f64,
    (dw, du, db): &mut (DMatrix<f64>, DMatrix<f64>, DVector<f64>),
) -> f64 {
    let (n, steps) = (b.len(), xs.len());
    let mut states = DMatrix::zeros(n, steps + 1);
    let mut h = DVector::zeros(n);
    let mut next = DVector::zeros(n);
    for (t, x) in xs.iter().enumerate() {
        next.copy_from(b);
        next.gemv(1.0, w, &h, 1.0);
        next.gemv(1.0, u, x, 1.0);
        next.apply(|it| *it = it.tanh());
        states.set_column(t + 1, &next);
        std::mem::swap(&mut h, &mut next);
    }
    let value = h.norm_squared();
    let (mut g, mut other) = (h * (2.0 * seed), next);
    for (t, x) in xs.iter().enumerate().rev() {
        g.zip_apply(&states.column(t + 1), |g, h| *g *= 1.0 - h * h);
        dw.ger(1.0, &g, &states.column(t), 1.0);
        du.ger(1.0, &g, x, 1.0);
        *db += &g;
        other.gemv_tr(1.0, w, &g, 0.0);
        std::mem::swap(&mut g, &mut other);
    }
    value
}

pub(crate) fn run(suite: &mut Suite) {
    let batch = 64;
    let widths = [64, 256, 1024];
    for n in &widths[..if suite.full { 3 } else { 2 }] {
        let n = *n;
        suite.line(
            Subject {
                program: "perceptron, tanh, squared error",
                size: format!("{n}-{n}-{n}, {batch} samples"),
                input: [(n, n), (n, n), (n, batch), (n, batch)]
                    .map(|(rows, columns)| matrix(rows, columns, 5)),
                shadow: (DMatrix::zeros(n, n), DMatrix::zeros(n, n)),
            },
            |[v, w, x, t]| perceptron(v, w, x, t),
            |[v, w, x, t], (dv, dw)| perceptron::adjoint(v, w, x, t, 1.0, dv, dw),
            |[v, w, x, t]| perceptron::value_and_grad(v, w, x, t),
            |[v, w, x, t], (dv, dw)| perceptron_by_hand(v, w, x, t, 1.0, dv, dw),
        );
    }
    let (n, inputs, steps) = (64, 32, 100);
    let xs: Vec<DVector<f64>> = matrix(inputs, steps, 8)
        .column_iter()
        .map(|it| it.into_owned() * 10.0)
        .collect();
    suite.line(
        Subject {
            program: "recurrent cell, tanh",
            size: format!("{inputs} inputs, {n} states, {steps} steps"),
            input: (
                matrix(n, n, 6),
                matrix(n, inputs, 7),
                matrix(n, 1, 9).column(0).into_owned(),
                xs,
            ),
            shadow: (
                DMatrix::zeros(n, n),
                DMatrix::zeros(n, inputs),
                DVector::zeros(n),
            ),
        },
        |(w, u, b, xs)| recurrent(w, u, b, xs),
        |(w, u, b, xs), (dw, du, db)| recurrent::adjoint(w, u, b, xs, 1.0, dw, du, db),
        |(w, u, b, xs)| recurrent::value_and_grad(w, u, b, xs),
        |(w, u, b, xs), shadows| recurrent_by_hand(w, u, b, xs, 1.0, shadows),
    );
}
