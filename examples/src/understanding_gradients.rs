//! Vector-Jacobian products: what each function makes of the cotangent that comes back to it.
//!
//! A function `z = f(x)` in the middle of a program learns from what follows it one number per entry of `z`: how fast
//! the final result changes with that entry. `f::vjp` turns this cotangent `dz` into that of `x`.

use differentiate::differentiate;
use differentiate::nn;
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

use crate::assert_close;

/// The logistic function of each entry.
#[differentiate]
pub fn sigmoid(x: &DVector<f64>) -> DVector<f64> {
    x.map(nn::sigmoid)
}

/// `eˣ / Σ eˣ`.
#[differentiate]
pub fn softmax(x: &DVector<f64>) -> DVector<f64> {
    nn::softmax(x)
}

/// The product of two matrices.
#[differentiate]
pub fn product(x: &DMatrix<f64>, y: &DMatrix<f64>) -> DMatrix<f64> {
    x * y
}

/// The kernel `w` slid over the image `x`, without padding.
#[differentiate]
pub fn convolution(x: &DMatrix<f64>, w: &DMatrix<f64>) -> DMatrix<f64> {
    nn::conv2d(x, w)
}

/// Prints and asserts one product for each function.
///
/// # Panics
/// If a value is not the one that the story tells.
pub fn run() {
    let (x, dz) = (dvector![3.0, 4.0, 5.0], dvector![1.0, 2.0, 3.0]);

    // Entries do not mix: dx = dz σ(x) σ(-x).
    let (z, pullback) = sigmoid::vjp(&x);
    let dx = pullback(dz.clone());
    println!("sigmoid{z:.8}  dx{dx:.8}");
    assert_close(
        dx.as_slice(),
        &[0.045_176_66, 0.035_325_41, 0.019_944_17],
        5e-9,
    );

    // Every entry acts on all others through the common denominator, and the cotangents sum to zero: adding the same
    // number to all entries of x changes nothing.
    let (z, pullback) = softmax::vjp(&x);
    let dx = pullback(dz);
    println!("softmax{z:.8}  dx{dx:.8}");
    assert_close(
        dx.as_slice(),
        &[-0.141_817_09, -0.140_770_36, 0.282_587_45],
        5e-9,
    );
    assert_close(&[dx.sum()], &[0.0], 1e-15);

    // dx = dz yᵀ, dy = xᵀ dz.
    let (x, y) = (dmatrix![3.0, 4.0; 5.0, 6.0], dmatrix![4.0, 5.0; 6.0, 7.0]);
    let (z, pullback) = product::vjp(&x, &y);
    let (dx, dy) = pullback(dmatrix![1.0, 2.0; 3.0, 4.0]);
    println!("x y{z}  dx{dx}  dy{dy}");
    assert_eq!(dx, dmatrix![14.0, 20.0; 32.0, 46.0]);
    assert_eq!(dy, dmatrix![18.0, 26.0; 22.0, 32.0]);

    // dw is the image seen through dz as the kernel; dx spreads dz over the pixels that the kernel has touched.
    let x = dmatrix![
        3.0, 4.0, 5.0, 6.0;
        4.0, 5.0, 6.0, 7.0;
        5.0, 6.0, 7.0, 8.0;
        6.0, 7.0, 8.0, 9.0
    ];
    let w = dmatrix![1.0, 2.0; 3.0, 4.0];
    let (z, pullback) = convolution::vjp(&x, &w);
    let (dx, dw) = pullback(dmatrix![1.0, 1.0, 1.0; 2.0, 2.0, 2.0; 3.0, 3.0, 3.0]);
    println!("convolution{z}  dw{dw}  dx{dx}");
    assert_eq!(dw, dmatrix![96.0, 114.0; 114.0, 132.0]);
    assert_eq!(
        dx,
        dmatrix![
            1.0, 3.0, 3.0, 2.0;
            5.0, 13.0, 13.0, 8.0;
            9.0, 23.0, 23.0, 14.0;
            9.0, 21.0, 21.0, 12.0
        ]
    );
}
