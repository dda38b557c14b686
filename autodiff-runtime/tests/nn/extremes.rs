//! Views and static matrices, extremes, messages.

use autodiff_runtime::nalgebra::{DMatrix, DVector, Matrix2, RowVector2, Vector3, dmatrix, vector};
use autodiff_runtime::nn::{
    conv2d, conv2d_pullback, cross_entropy_with_logits, cross_entropy_with_logits_pullback,
    log_softmax, log_softmax_pullback, logsumexp, logsumexp_pullback, mse, one_hot, sigmoid,
    sigmoid_pullback, softmax, softmax_pullback,
};
use autodiff_runtime::tangent::dot;
use autodiff_runtime::{Differentiable, Tangent};

const STEP: f64 = 1e-5;

/// Third derivatives of order one leave `STEP²`, rounding leaves `10⁻¹⁶ / STEP`.
const TOLERANCE: f64 = 1e-8;

/// `⟨g, f⟩` differentiated at `x` by central differences.
fn differences<Y: Tangent>(
    x: &DMatrix<f64>,
    g: &Y,
    f: impl Fn(&DMatrix<f64>) -> Y,
) -> DMatrix<f64> {
    DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| {
        let mut unit = DMatrix::zeros(x.nrows(), x.ncols());
        unit[(i, j)] = 1.0;
        let ahead = dot(g, &f(&x.ad_step(&unit, STEP)));
        let behind = dot(g, &f(&x.ad_step(&unit, -STEP)));
        (ahead - behind) / (2.0 * STEP)
    })
}

#[track_caller]
fn assert_close<'a>(
    got: impl IntoIterator<Item = &'a f64>,
    expected: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    let (got, expected): (Vec<_>, Vec<_>) =
        (got.into_iter().collect(), expected.into_iter().collect());
    assert_eq!(got.len(), expected.len());
    for (left, right) in got.iter().zip(&expected) {
        assert!(
            (*left - *right).abs() <= tolerance * (1.0 + right.abs()),
            "{got:?} is not {expected:?}"
        );
    }
}

/// Unrelated entries in -2..2.
fn data(rows: usize, columns: usize, mut seed: u32) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 16) / 16384.0 - 2.0
    })
}

#[test]
fn values_of_the_book() {
    let (x, g) = (vector![3.0, 4.0, 5.0], vector![1.0, 2.0, 3.0]);
    let softmax_bar = softmax_pullback(&x, &softmax(&x), &g);
    assert_close(
        &softmax_bar,
        &[-0.141_817_09, -0.140_770_36, 0.282_587_45],
        1e-8,
    );
    let sigmoid_bar = x.zip_map(&g, |x, g| sigmoid_pullback(x, &sigmoid(x), &g));
    assert_close(
        &sigmoid_bar,
        &[0.045_176_66, 0.035_325_41, 0.019_944_17],
        1e-8,
    );
}

#[test]
fn convolution_of_the_book() {
    let x = DMatrix::from_fn(4, 4, |i, j| [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0][i + j]);
    let w = dmatrix![1.0, 2.0; 3.0, 4.0];
    let y = conv2d(&x, &w);
    assert_eq!(
        y,
        dmatrix![43.0, 53.0, 63.0; 53.0, 63.0, 73.0; 63.0, 73.0, 83.0]
    );
    let g = dmatrix![1.0, 1.0, 1.0; 2.0, 2.0, 2.0; 3.0, 3.0, 3.0];
    let (x_bar, w_bar) = conv2d_pullback(&x, &w, &y, &g);
    assert_eq!(w_bar, dmatrix![96.0, 114.0; 114.0, 132.0]);
    let expected = dmatrix![1.0, 3.0, 3.0, 2.0; 5.0, 13.0, 13.0, 8.0; 9.0, 23.0, 23.0, 14.0; 9.0, 21.0, 21.0, 12.0];
    assert_eq!(x_bar, expected);
}

#[test]
fn convolution_of_other_shapes() {
    for ((m, n), (h, k)) in [
        ((1, 1), (1, 1)),
        ((5, 3), (2, 3)),
        ((3, 6), (3, 1)),
        ((4, 4), (4, 4)),
    ] {
        let (x, w) = (data(m, n, 1), data(h, k, 2));
        let y = conv2d(&x, &w);
        assert_eq!(y.shape(), (m - h + 1, n - k + 1));
        let g = data(y.nrows(), y.ncols(), 3);
        let (x_bar, w_bar) = conv2d_pullback(&x, &w, &y, &g);
        assert_close(&x_bar, &differences(&x, &g, |x| conv2d(x, &w)), TOLERANCE);
        assert_close(&w_bar, &differences(&w, &g, |w| conv2d(&x, w)), TOLERANCE);
    }
}

#[test]
#[should_panic(expected = "a 3×1 kernel does not fit into a 2×2 image")]
fn a_kernel_larger_than_the_image() {
    let _ = conv2d(&data(2, 2, 1), &data(3, 1, 2));
}

#[test]
fn extremes() {
    let infinity = f64::INFINITY;
    let x = vector![0.0, 1.0, -infinity];
    let y = softmax(&x);
    assert_close(&y, &[0.268_941_42, 0.731_058_58, 0.0], 1e-8);
    assert_close(
        &softmax_pullback(&x, &y, &vector![1.0, 0.0, 0.0]),
        &[0.196_611_93, -0.196_611_93, 0.0],
        1e-8,
    );
    let y = logsumexp(&x);
    assert_close(
        &logsumexp_pullback(&x, &y, &1.0),
        &[0.268_941_42, 0.731_058_58, 0.0],
        1e-8,
    );
    let x = vector![1000.0, 1000.0];
    assert_eq!(
        logsumexp_pullback(&x, &logsumexp(&x), &1.0),
        vector![0.5, 0.5]
    );
    let x = vector![1000.0, 0.0];
    let bar = log_softmax_pullback(&x, &log_softmax(&x), &vector![0.0, 1.0]);
    assert_eq!(bar, vector![-1.0, 1.0]);
    let lost = vector![-infinity, -infinity];
    assert_eq!(logsumexp(&lost), -infinity);
    assert_eq!(
        logsumexp_pullback(&lost, &-infinity, &0.0),
        vector![0.0, 0.0]
    );
    assert_eq!(logsumexp(&vector![infinity, 0.0]), infinity);
    assert_eq!(logsumexp(&DVector::<f64>::zeros(0)), -infinity);
    assert!(logsumexp(&vector![1.0, f64::NAN, 2.0]).is_nan());
}

#[test]
fn sigmoid_far_out() {
    for (x, y) in [(1000.0, 1.0), (-1000.0, 0.0)] {
        assert_eq!((sigmoid(x), sigmoid_pullback(x, &y, &1.0)), (y, 0.0));
    }
    assert_eq!(sigmoid_pullback(f32::MAX, &1.0, &1.0), 0.0);
    let (x, tail) = (40.0_f64, (-40.0_f64).exp());
    assert_close(
        &[sigmoid_pullback(x, &sigmoid(x), &1.0) / tail],
        &[1.0],
        1e-15,
    );
    assert_close(&[sigmoid(-x) / tail], &[1.0], 1e-15);
    assert!(sigmoid(f64::NAN).is_nan());
}

#[test]
fn cross_entropy_of_certain_targets() {
    let logits = dmatrix![0.0, 1000.0; 0.0, -1000.0];
    let targets = one_hot(&[1, 0], 2);
    let loss = cross_entropy_with_logits(&logits, &targets);
    assert_eq!(loss, 0.5 * 2.0_f64.ln());
    let (bar, _) = cross_entropy_with_logits_pullback(&logits, &targets, &loss, &1.0);
    assert_eq!(bar, dmatrix![0.25, 0.0; -0.25, 0.0]);
    let masked = vector![0.0, f64::NEG_INFINITY, 0.0];
    let target = vector![1.0, 0.0, 0.0];
    let loss = cross_entropy_with_logits(&masked, &target);
    let (bar, _) = cross_entropy_with_logits_pullback(&masked, &target, &loss, &1.0);
    assert_eq!((loss, bar), (2.0_f64.ln(), vector![-0.5, 0.0, 0.5]));
}

#[test]
fn views_and_static_matrices() {
    let x = Matrix2::new(1.0_f32, 2.0, 3.0, 4.0);
    let row = x.row(1);
    assert_eq!(softmax(&row), RowVector2::new(1.0, 1.0));
    assert_eq!(mse(&x.column(0), &x.column(1)), 1.0);
    let sum: f32 = softmax(&Vector3::new(1.0_f32, 2.0, 3.0)).sum();
    assert!((sum - 1.0).abs() < 1e-6);
}

#[test]
#[should_panic(expected = "label 2 of sample 1 is not one of 2 classes")]
fn a_label_out_of_range() {
    let _ = one_hot::<f64>(&[0, 2], 2);
}

#[test]
#[should_panic(expected = "a prediction and its target have different shapes")]
fn losses_compare_shapes() {
    let _ = mse(&data(2, 1, 1), &data(1, 2, 1));
}

/// Far outside of what `exp` can hold in single precision, value and gradient are finite.
#[test]
fn single_precision_stays_finite() {
    let quarter = f32::MAX / 4.0;
    let tiny = f32::MIN_POSITIVE;
    let rows = [
        [quarter, -quarter, 0.0],
        [-quarter, -quarter, -quarter],
        [89.0, 88.0, -104.0],
        [1e4, -1e4, 1e4],
        [tiny, -tiny, f32::from_bits(1)],
    ];
    let finite = |what: &str, numbers: &[f32]| {
        assert!(
            numbers.iter().all(|it| it.is_finite()),
            "{what}: {numbers:?}"
        );
    };
    for row in rows {
        let x = DMatrix::from_column_slice(3, 1, &row);
        let ones = DMatrix::from_element(3, 1, 1.0);
        let y = softmax(&x);
        finite("softmax", y.as_slice());
        finite("its gradient", softmax_pullback(&x, &y, &ones).as_slice());
        let y = log_softmax(&x);
        finite("log_softmax", y.as_slice());
        finite(
            "its gradient",
            log_softmax_pullback(&x, &y, &ones).as_slice(),
        );
        let v = DVector::from_column_slice(&row);
        let y = logsumexp(&v);
        finite("logsumexp", &[y]);
        finite("its gradient", logsumexp_pullback(&v, &y, &1.0).as_slice());
        let target = one_hot::<f32>(&[1], 3);
        let y = cross_entropy_with_logits(&x, &target);
        finite("cross_entropy_with_logits", &[y]);
        let (to_x, to_target) = cross_entropy_with_logits_pullback(&x, &target, &y, &1.0);
        finite("its gradient", to_x.as_slice());
        finite("its gradient", to_target.as_slice());
    }
}
