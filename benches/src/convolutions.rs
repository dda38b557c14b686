//! Convolution: the gradient with respect to images and kernels.

use differentiate::differentiate;
use differentiate::nn::{Convolution2d, Image, convolution2d, convolution2d_pullback};
use nalgebra::DMatrix;

use crate::suite::{Subject, Suite, matrix};

#[differentiate]
fn energy(x: &DMatrix<f64>, w: &DMatrix<f64>, #[no_diff] shape: Convolution2d) -> f64 {
    convolution2d(x, w, shape).norm_squared()
}

/// With the pullback of the convolution, which is itself written by hand.
fn energy_by_hand(
    x: &DMatrix<f64>,
    w: &DMatrix<f64>,
    shape: Convolution2d,
    seed: f64,
    dx: &mut DMatrix<f64>,
    dw: &mut DMatrix<f64>,
) -> f64 {
    let y = convolution2d(x, w, shape);
    let value = y.norm_squared();
    let g = &y * (2.0 * seed);
    let (to_x, to_w) = convolution2d_pullback(x, w, shape, &y, &g);
    *dx += to_x;
    *dw += to_w;
    value
}

pub(crate) fn run(suite: &mut Suite) {
    let layers = [
        (
            "3 → 16 channels, 32², 3 × 3, 4 samples",
            Image::new(3, 32, 32),
            16,
            [3, 3],
        ),
        (
            "16 → 32 channels, 16², 3 × 3, 4 samples",
            Image::new(16, 16, 16),
            32,
            [3, 3],
        ),
        (
            "32 → 64 channels, 8², 1 × 1, 4 samples",
            Image::new(32, 8, 8),
            64,
            [1, 1],
        ),
    ];
    for (size, image, outputs, kernel) in layers {
        let shape = Convolution2d::new(image, outputs, kernel).with_padding(kernel.map(|k| k / 2));
        let (outputs, taps) = shape.weights();
        suite.line(
            Subject {
                program: "convolution, sum of squares",
                size: size.to_owned(),
                input: (matrix(image.entries(), 4, 13), matrix(outputs, taps, 14)),
                shadow: (
                    DMatrix::zeros(image.entries(), 4),
                    DMatrix::zeros(outputs, taps),
                ),
            },
            |(x, w)| energy(x, w, shape),
            |(x, w), (dx, dw)| energy::adjoint(x, w, shape, 1.0, dx, dw),
            |(x, w)| energy::value_and_grad(x, w, shape),
            |(x, w), (dx, dw)| energy_by_hand(x, w, shape, 1.0, dx, dw),
        );
    }
}
