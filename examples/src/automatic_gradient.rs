//! The first gradients: of a formula, of several values at once, through a loop, and of a loss.
//!
//! Beside a function `f` with the attribute there is a type `f` with functions of its own: `f::grad`,
//! `f::value_and_grad`, `f::vjp`, … The function itself stays as it was written.

use differentiate::differentiate;
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

use crate::assert_close;

/// `2 xᵀx`, whose gradient is `4x`.
#[differentiate]
pub fn twice_squared(x: &DVector<f64>) -> f64 {
    2.0 * x.dot(x)
}

/// `y = x²` and `z = y²`.
#[differentiate]
pub fn square_and_fourth_power(x: f64) -> (f64, f64) {
    let y = x * x;
    let z = y * y;
    (y, z)
}

/// How often the loop turns, and which way the branch goes, depends on `a`.
///
/// Yet in a neighbourhood of every `a` but a few the function is `a` times a constant, so its derivative is its value
/// divided by `a`.
#[differentiate]
pub fn piecewise_linear(a: f64) -> f64 {
    let mut b = 2.0 * a;
    while b.abs() < 1000.0 {
        b *= 2.0;
    }
    if b > 0.0 { b } else { 100.0 * b }
}

/// The cross-entropy of a linear classifier: minus the logarithm of the probability that it gives to `label`.
///
/// The largest logit is subtracted before `exp`, and added again after `ln`, so that nothing overflows.
#[differentiate]
pub fn loss(w: &DMatrix<f64>, b: &DVector<f64>, x: &DVector<f64>, #[no_diff] label: usize) -> f64 {
    let logits = w * x + b;
    let max = logits.max();
    let lse = logits.iter().map(|z| (z - max).exp()).sum::<f64>().ln() + max;
    lse - logits[label]
}

/// Prints and asserts the gradients of the functions above.
///
/// # Panics
/// If a value is not the one that the story tells.
pub fn run() {
    let x = dvector![0.0, 1.0, 2.0, 3.0];
    let (value, gradient) = twice_squared::value_and_grad(&x);
    println!(
        "2 xᵀx = {value} at {:?}, its gradient is {:?}",
        x.as_slice(),
        gradient.as_slice()
    );
    assert_eq!((value, &gradient), (28.0, &dvector![0.0, 4.0, 8.0, 12.0]));
    assert_eq!(gradient, 4.0 * x);

    // `vjp` runs the function once. Its pullback then answers for as many combinations of the results as one likes.
    let ((y, z), pullback) = square_and_fourth_power::vjp(3.0);
    let (dy, dz) = (pullback((1.0, 0.0)), pullback((0.0, 1.0)));
    println!("y = x² = {y}, z = y² = {z} at 3: dy/dx = {dy}, dz/dx = {dz}");
    assert_eq!((y, z), (9.0, 81.0));
    assert_eq!((dz, dy), (108.0, 6.0));

    for a in [-1500.0, -3.7, -0.002, 0.1, 1.25, 499.0, 1e6] {
        let (value, gradient) = piecewise_linear::value_and_grad(a);
        println!("piecewise_linear({a}) = {value}, its derivative is {gradient}");
        assert_close(&[gradient / (value / a)], &[1.0], 1e-15);
    }

    let w = dmatrix![
        0.5, -0.25, 0.0;
        0.125, 0.75, -1.0;
        -0.5, 0.0, 0.25
    ];
    let (b, x) = (dvector![0.1, -0.2, 0.3], dvector![1.0, 2.0, -0.5]);
    let label = 2;
    let (value, (dw, db, dx)) = loss::value_and_grad(&w, &b, &x, label);
    println!("loss = {value:.6}");
    println!("  with respect to w:{dw:.6}  to b:{db:.6}  to x:{dx:.6}");

    // With respect to the logits the gradient is the probabilities minus 1 at the label; the rest is the chain rule.
    let mut dlogits = (&w * &x + &b).map(f64::exp);
    dlogits /= dlogits.sum();
    assert_close(&[value], &[-dlogits[label].ln()], 1e-15);
    dlogits[label] -= 1.0;
    assert_close(db.as_slice(), dlogits.as_slice(), 1e-15);
    assert_close(dw.as_slice(), (&dlogits * x.transpose()).as_slice(), 1e-15);
    assert_close(dx.as_slice(), (w.transpose() * dlogits).as_slice(), 1e-15);
}
