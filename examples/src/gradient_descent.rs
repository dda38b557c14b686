//! Gradients of models with respect to their weights, and the way down to a minimum.
//!
//! A batch is a matrix with one sample per column.

use differentiate::differentiate;
use differentiate::nn::{cross_entropy_with_logits, mse, one_hot, softmax};
use nalgebra::{DMatrix, DVector, Vector2, dmatrix, dvector, vector};

use crate::assert_close;

/// `x w`.
#[differentiate(wrt(w))]
pub fn scaled(x: f64, w: f64) -> f64 {
    x * w
}

/// `x w + b`.
#[differentiate(wrt(w, b))]
pub fn line(x: f64, w: f64, b: f64) -> f64 {
    x * w + b
}

/// The logistic function `1 / (1 + e⁻ˣ)`.
#[differentiate]
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `w x + b`: one column of logits per sample.
#[differentiate]
pub fn logits(w: &DMatrix<f64>, b: &DVector<f64>, x: &DMatrix<f64>) -> DMatrix<f64> {
    let scores = w * x;
    DMatrix::from_fn(scores.nrows(), scores.ncols(), |i, j| scores[(i, j)] + b[i])
}

/// The mean squared error of the probabilities `softmax(w x + b)`.
#[differentiate(wrt(w, b))]
pub fn squared_error(
    w: &DMatrix<f64>,
    b: &DVector<f64>,
    x: &DMatrix<f64>,
    targets: &DMatrix<f64>,
) -> f64 {
    mse(&softmax(&logits(w, b, x)), targets)
}

/// The cross-entropy of `w x + b` taken as logits.
#[differentiate(wrt(w, b))]
pub fn cross_entropy(
    w: &DMatrix<f64>,
    b: &DVector<f64>,
    x: &DMatrix<f64>,
    targets: &DMatrix<f64>,
) -> f64 {
    cross_entropy_with_logits(&logits(w, b, x), targets)
}

/// Himmelblau's function, which is zero at its four minima.
#[differentiate]
pub fn himmelblau(p: &Vector2<f64>) -> f64 {
    (p.x * p.x + p.y - 11.0).powi(2) + (p.x + p.y * p.y - 7.0).powi(2)
}

/// Prints and asserts the gradients, then descends.
///
/// # Panics
/// If a value is not the one that the story tells.
pub fn run() {
    one_neuron();
    classifier();
    descent();
}

fn one_neuron() {
    let dw = scaled::grad(2.0, 1.0);
    println!("d(xw)/dw = {dw} at x = 2");
    assert_eq!(dw, 2.0);

    let (dw, db) = line::grad(3.0, 1.0, 2.0);
    println!("d(xw + b)/dw = {dw}, d(xw + b)/db = {db} at x = 3, w = 1, b = 2");
    assert_eq!((dw, db), (3.0, 1.0));

    let points: [f64; 10] = std::array::from_fn(|k| -10.0 + 20.0 * k as f64 / 9.0);
    let slopes = points.map(sigmoid::grad);
    for (x, slope) in points.iter().zip(slopes) {
        println!(
            "sigmoid({x:9.6}) = {:.6e}, its slope is {slope:.6e}",
            sigmoid(*x)
        );
    }
    let closed_form = points.map(|x| 1.0 / (2.0 + x.exp() + (-x).exp()));
    assert_close(&slopes, &closed_form, 1e-15);
    // The digits that y (1 - y) gives in single precision, where 1 - y has lost all but a few of its own.
    let rounding = f64::from(f32::EPSILON) / 2.0;
    assert_close(&[slopes[0], slopes[9]], &[4.538_687_4e-5; 2], rounding);
    assert_close(&slopes[4..6], &[0.186_326_49; 2], rounding);
}

/// Three classes, three samples with two features each.
fn classifier() {
    let w = dmatrix![0.5, -1.0; 0.25, 0.75; -0.5, 0.125];
    let b = dvector![0.1, 0.0, -0.3];
    let x = dmatrix![1.0, -0.5, 2.0; 0.5, 1.5, -1.0];
    let targets = one_hot(&[0, 1, 2], 3);
    let probabilities = softmax(&logits(&w, &b, &x));
    let samples = x.ncols() as f64;

    let (value, (dw, db)) = squared_error::value_and_grad(&w, &b, &x, &targets);
    println!("mean squared error {value:.6}, with respect to w:{dw:.6}  to b:{db:.6}");
    // Back through the mean of the squares, then through softmax.
    let dp = (&probabilities - &targets) * 2.0 / (3.0 * samples);
    let weighted = dp.component_mul(&probabilities);
    let dlogits = DMatrix::from_fn(3, x.ncols(), |i, j| {
        weighted[(i, j)] - probabilities[(i, j)] * weighted.column(j).sum()
    });
    assert_close(dw.as_slice(), (&dlogits * x.transpose()).as_slice(), 1e-15);
    assert_close(db.as_slice(), dlogits.column_sum().as_slice(), 1e-15);

    let (value, (dw, db)) = cross_entropy::value_and_grad(&w, &b, &x, &targets);
    println!("cross-entropy {value:.6}, with respect to w:{dw:.6}  to b:{db:.6}");
    let dlogits = (probabilities - targets) / samples;
    assert_close(dw.as_slice(), (&dlogits * x.transpose()).as_slice(), 1e-15);
    assert_close(db.as_slice(), dlogits.column_sum().as_slice(), 1e-15);
}

/// Which minimum the descent ends in is decided by where it begins.
fn descent() {
    for (start, minimum) in [
        (vector![1.0, 0.0], vector![3.0, 2.0]),
        (vector![4.0, 0.0], vector![3.584_428, -1.848_127]),
        (vector![-4.0, 0.0], vector![-3.779_310, -3.283_186]),
        (vector![-2.0, 2.0], vector![-2.805_118, 3.131_313]),
    ] {
        let mut p = start;
        let mut steps = 0;
        loop {
            let gradient = himmelblau::grad(&p);
            if gradient.norm() < 1e-10 {
                break;
            }
            p -= 0.01 * gradient;
            steps += 1;
            assert!(steps < 1000, "no minimum near {p}");
        }
        println!(
            "from ({}, {}) in {steps} steps to ({:.6}, {:.6}), where the function is {:.1e}",
            start.x,
            start.y,
            p.x,
            p.y,
            himmelblau(&p)
        );
        assert_close(p.as_slice(), minimum.as_slice(), 5e-7);
    }
}
