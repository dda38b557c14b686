//! Softmax and its relatives along both axes.

use crate::harness::{assert_close, confirm, data, vector};
use autodiff_runtime::nalgebra::{Matrix2x3, RowVector3, Vector2, dmatrix, dvector};
use autodiff_runtime::nn::{
    log_softmax, log_softmax_rows, logsumexp, logsumexp_columns, logsumexp_rows,
    logsumexp_rows_pullback, softmax, softmax_rows,
};

#[test]
fn jacobians() {
    for (rows, columns) in [(1, 1), (4, 1), (1, 3), (3, 5), (5, 2)] {
        confirm!(softmax(x), at x = data(rows, columns, 1));
        confirm!(log_softmax(x), at x = data(rows, columns, 2));
        confirm!(softmax_rows(x), at x = data(rows, columns, 3));
        confirm!(log_softmax_rows(x), at x = data(rows, columns, 4));
    }
    for length in [1, 2, 7] {
        confirm!(logsumexp(x), at x = vector(length, 5));
    }
}

#[test]
fn rows_are_columns_of_the_transpose() {
    for (rows, columns) in [(0, 2), (2, 0), (1, 1), (3, 5)] {
        let x = data(rows, columns, 1);
        let t = x.transpose();
        assert_close(
            "softmax",
            &softmax_rows(&x),
            &softmax(&t).transpose(),
            1e-15,
        );
        assert_close(
            "log_softmax",
            &log_softmax_rows(&x),
            &log_softmax(&t).transpose(),
            1e-15,
        );
        if columns > 0 {
            assert_eq!(logsumexp_rows(&x), logsumexp_columns(&t).transpose());
        }
    }
}

/// [`logsumexp_rows()`] has a vector as its value, [`logsumexp_columns()`] a row.
#[test]
fn logsumexp_of_rows_and_columns() {
    let x = Box::leak(Box::new(data(3, 4, 6)));
    let (_, by_row) = logsumexp_rows::vjp(x);
    let (_, by_column) = logsumexp_columns::vjp(x);
    let (rows, columns) = (vector(3, 1), vector(4, 2).transpose());
    let softmax_of_rows = softmax_rows(x);
    let expected = x.map_with_location(|i, j, _| softmax_of_rows[(i, j)] * rows[i]);
    assert_close("rows", &by_row(rows), &expected, 1e-15);
    let softmax_of_columns = softmax(x);
    let expected = x.map_with_location(|i, j, _| softmax_of_columns[(i, j)] * columns[j]);
    assert_close("columns", &by_column(columns), &expected, 1e-15);
}

#[test]
fn extremes_of_rows() {
    let infinity = f64::INFINITY;
    let x = RowVector3::new(0.0, 1.0, -infinity);
    let expected = [0.268_941_421_369_995_1, 0.731_058_578_630_004_9, 0.0];
    assert_close("softmax", &softmax_rows(&x), &expected, 1e-15);
    let far = dmatrix![1000.0, 0.0; -1000.0, 0.0; -infinity, -infinity];
    assert_eq!(
        log_softmax_rows(&far.rows(0, 2)),
        dmatrix![0.0, -1000.0; -1000.0, 0.0]
    );
    let y = logsumexp_rows(&far);
    assert_eq!(y.as_slice(), [1000.0, 0.0, -infinity]);
    let g = dvector![1.0, 2.0, 0.0];
    let bar = logsumexp_rows_pullback(&far, &y, &g);
    assert_eq!(bar, dmatrix![1.0, 0.0; 0.0, 2.0; 0.0, 0.0]);
}

#[test]
fn static_matrices_and_views() {
    let x = Matrix2x3::new(1.0_f32, 1.0, 1.0, 2.0, 2.0, 2.0);
    assert!((softmax_rows(&x).sum() - 2.0).abs() < 1e-6);
    let y: Vector2<f32> = logsumexp_rows(&x.columns(1, 2).into_owned());
    assert!(
        (y - Vector2::new(1.0, 2.0))
            .add_scalar(-2.0_f32.ln())
            .amax()
            < 1e-6
    );
    assert_eq!(softmax_rows(&x.column(0)), Vector2::new(1.0, 1.0));
}
