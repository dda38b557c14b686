//! Convolution: the gradient with respect to images and kernels against the forward pass, which is a product of matrices
//! and the making of its patches.

use differentiate::differentiate;
use differentiate::nn::{Convolution2d, Image, convolution2d, convolution2d_pullback};
use nalgebra::DMatrix;

use crate::timing::{line, matrix};

#[differentiate]
fn energy(x: &DMatrix<f64>, w: &DMatrix<f64>, #[no_diff] shape: Convolution2d) -> f64 {
    convolution2d(x, w, shape).norm_squared()
}

fn energy_by_hand(
    x: &DMatrix<f64>,
    w: &DMatrix<f64>,
    shape: Convolution2d,
) -> (f64, (DMatrix<f64>, DMatrix<f64>)) {
    let y = convolution2d(x, w, shape);
    let g = &y * 2.0;
    (
        y.norm_squared(),
        convolution2d_pullback(x, w, shape, &y, &g),
    )
}

pub(crate) fn run() {
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
    for (name, image, outputs, kernel) in layers {
        let shape = Convolution2d::new(image, outputs, kernel).with_padding(kernel.map(|k| k / 2));
        let (outputs, taps) = shape.weights();
        let (x, w) = (matrix(image.entries(), 4, 13), matrix(outputs, taps, 14));
        let y = convolution2d(&x, &w, shape);
        line(
            "convolution: its pullback alone",
            name,
            || convolution2d(&x, &w, shape),
            || convolution2d_pullback(&x, &w, shape, &y, &y),
            || convolution2d_pullback(&x, &w, shape, &y, &y),
        );
        line(
            "convolution, sum of squares",
            name,
            || energy(&x, &w, shape),
            || energy::value_and_grad(&x, &w, shape),
            || energy_by_hand(&x, &w, shape),
        );
    }
}
