//! Newton's method with the exact Hessian, in the curved valley of Rosenbrock's function in twenty dimensions.
//!
//! A step of Newton's method goes to the minimum of the quadratic that has the value, the gradient and the Hessian of the
//! function where it stands. Near a minimum each step doubles the number of correct digits; descent along the gradient
//! goes to and fro between the walls of the valley.

use std::error::Error;
use std::fs;
use std::path::Path;

use differentiate::differentiate;
use differentiate::sparse::Pattern;
use nalgebra::{DMatrix, DVector};
use plotters::prelude::SeriesLabelPosition;

use crate::assert_close;
use crate::pictures::{Labels, logarithmic};

const DIMENSIONS: usize = 20;

/// `Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)²`, which is zero where all are 1.
#[differentiate(argmin)]
pub fn rosenbrock(x: &DVector<f64>) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        sum += 100.0 * (x[i] - x[i - 1].powi(2)).powi(2) + (1.0 - x[i - 1]).powi(2);
    }
    sum
}

/// The second derivatives as one finds them on paper.
fn hessian_by_hand(x: &DVector<f64>) -> DMatrix<f64> {
    let n = x.len();
    let mut h = DMatrix::zeros(n, n);
    for i in 1..n {
        h[(i - 1, i - 1)] += 1200.0 * x[i - 1].powi(2) - 400.0 * x[i] + 2.0;
        h[(i, i)] += 200.0;
        h[(i, i - 1)] -= 400.0 * x[i - 1];
        h[(i - 1, i)] -= 400.0 * x[i - 1];
    }
    h
}

/// The step of Newton's method. Where the function curves down, a multiple of the identity is added until it does not.
fn newton_step(gradient: &DVector<f64>, hessian: &DMatrix<f64>) -> DVector<f64> {
    let mut shift = 0.0;
    loop {
        let curved = hessian + DMatrix::identity(DIMENSIONS, DIMENSIONS) * shift;
        if let Some(factor) = curved.cholesky() {
            return -factor.solve(gradient);
        }
        shift = 1.0_f64.max(2.0 * shift);
    }
}

/// How much of a step to take: half as much until the function goes down as its slope promises.
fn length(x: &DVector<f64>, value: f64, slope: f64, step: &DVector<f64>) -> f64 {
    let mut length = 1.0;
    while rosenbrock(&(x + step * length)) > value + 1e-4 * length * slope {
        length /= 2.0;
    }
    length
}

/// Descends by both methods, draws the distance to the minimum into `folder`, and returns how many steps Newton's method
/// took.
///
/// # Errors
/// If the picture cannot be written.
///
/// # Panics
/// If a value is not the one that the story tells.
pub fn run(folder: &Path) -> Result<usize, Box<dyn Error>> {
    let start = DVector::from_element(DIMENSIONS, -1.2);
    let minimum = DVector::from_element(DIMENSIONS, 1.0);

    hessians(&start);

    let mut x = start.clone();
    let mut by_newton = vec![(&x - &minimum).norm()];
    loop {
        let (value, gradient, hessian) = rosenbrock::value_grad_hessian(&x);
        println!(
            "step {:2}: value {value:10.3e}, gradient {:9.3e}, distance {:9.3e}",
            by_newton.len() - 1,
            gradient.norm(),
            (&x - &minimum).norm()
        );
        if gradient.norm() < 1e-10 {
            break;
        }
        let step = newton_step(&gradient, &hessian);
        x += &step * length(&x, value, gradient.dot(&step), &step);
        by_newton.push((&x - &minimum).norm());
        assert!(by_newton.len() < 100, "no minimum near {x}");
    }
    assert_close(x.as_slice(), minimum.as_slice(), 1e-12);
    // The number of correct digits doubles.
    let [.., before, last, _] = by_newton[..] else {
        panic!("more than two steps are needed");
    };
    assert!(last < 100.0 * before * before);

    let mut x = start.clone();
    let mut by_descent = vec![(&x - &minimum).norm()];
    for _ in 0..1000 {
        let (value, gradient) = rosenbrock::value_and_grad(&x);
        let step = -&gradient;
        x += &step * length(&x, value, gradient.dot(&step), &step);
        by_descent.push((&x - &minimum).norm());
    }
    let steps = by_newton.len() - 1;
    println!(
        "Newton's method takes {steps} steps; descent along the gradient is still {:.2} away after 1000",
        by_descent[1000]
    );
    assert!(by_descent[1000] > 0.1);

    // All of it in one call.
    let found = rosenbrock::argmin(&start).expect("a minimum");
    assert_close(found.as_slice(), minimum.as_slice(), 1e-12);

    let curve = |distances: &[f64]| -> Vec<(f64, f64)> {
        (distances.iter().enumerate())
            .filter(|(_, distance)| **distance > 0.0)
            .map(|(k, distance)| (k as f64, *distance))
            .collect()
    };
    let labels = Labels {
        title: "Distance to the minimum of Rosenbrock's function in 20 dimensions",
        x: "step",
        y: "distance (logarithmic)",
        names: SeriesLabelPosition::LowerLeft,
    };
    let picture = logarithmic(
        &labels,
        &[
            ("Newton's method", curve(&by_newton)),
            ("along the gradient", curve(&by_descent[..=2 * steps])),
        ],
    )?;
    fs::create_dir_all(folder)?;
    let path = folder.join("distance.svg");
    fs::write(&path, picture)?;
    println!("The way is drawn in {}", path.display());
    Ok(steps)
}

/// The Hessian four times: twenty products with unit vectors; by hand; three products, since its sparsity is known; and
/// one product with a direction, which needs no matrix.
fn hessians(x: &DVector<f64>) {
    let by_hand = hessian_by_hand(x);
    let hessian = rosenbrock::hessian(x);
    assert_close(hessian.as_slice(), by_hand.as_slice(), 1e-12);

    let pattern = Pattern::tridiagonal(DIMENSIONS);
    let sparse = rosenbrock::sparse_hessian(x, &pattern);
    println!(
        "a Hessian of {} entries in {} products",
        sparse.values().len(),
        pattern.forward_sweeps()
    );
    assert_close(sparse.to_dense().as_slice(), by_hand.as_slice(), 1e-12);

    let direction = DVector::from_fn(DIMENSIONS, |i, _| (i as f64).sin());
    let product = rosenbrock::hvp(x, &direction);
    assert_close(product.as_slice(), (by_hand * direction).as_slice(), 1e-11);
}
