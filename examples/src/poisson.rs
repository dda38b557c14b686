//! A physics-informed network: a function that learns a differential equation.
//!
//! The problem is Poisson's in one dimension, `u'' = f` with `u(0) = u(1) = 0` (Lagaris, Likas and Fotiadis 1998; Raissi,
//! Perdikaris and Karniadakis 2019). A network with one hidden layer takes the place of `u`. What it is taught is what
//! the equation leaves at some points, and there stands its second derivative in `x`: `u::hvp`, called inside of a
//! function that is differentiated again, in the weights. Since the loss is a sum of squares, the method of Levenberg
//! and Marquardt learns in few steps what descent along the gradient learns in many thousands.

use std::error::Error;
use std::f64::consts::PI;
use std::fs;
use std::path::Path;

use differentiate::differentiable::zero_like;
use differentiate::tangent::with_components;
use differentiate::{Differentiable, differentiate, step};
use nalgebra::{DMatrix, DVector};
use plotters::prelude::SeriesLabelPosition;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::pictures::{Labels, curves};

const HIDDEN: usize = 12;
/// Where the equation is asked for.
const POINTS: usize = 30;
/// How much the values at the ends weigh.
const ENDS: f64 = 10.0;
const EPOCHS: usize = 60;
const SEED: u64 = 1998;

/// `c + Σ vᵢ tanh(wᵢ x + bᵢ)`.
#[derive(Clone, Debug, Differentiable)]
pub struct Network {
    w: DVector<f64>,
    b: DVector<f64>,
    v: DVector<f64>,
    c: f64,
}

impl Network {
    /// Steps of the hyperbolic tangent all over the interval.
    pub fn random(seed: u64) -> Self {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut numbers =
            |limit: f64| DVector::from_fn(HIDDEN, |_, _| rng.random_range(-limit..limit));
        Network {
            w: numbers(5.0),
            b: numbers(3.0),
            v: numbers(0.5),
            c: 0.0,
        }
    }
}

/// The network. Third order: its second derivative in `x`, and the derivative of that in the weights.
#[differentiate(order = 3, wrt(x))]
pub fn u(x: f64, network: &Network) -> f64 {
    let mut sum = network.c;
    for i in 0..network.w.len() {
        sum += network.v[i] * (network.w[i] * x + network.b[i]).tanh();
    }
    sum
}

/// The solution, of which the network knows nothing: `eˣ sin(πx)`.
fn exact(x: f64) -> f64 {
    x.exp() * (PI * x).sin()
}

/// Its second derivative, which the equation asks for.
fn source(x: f64) -> f64 {
    x.exp() * ((1.0 - PI * PI) * (PI * x).sin() + 2.0 * PI * (PI * x).cos())
}

/// What is left of the equation at each point, and of the values at both ends.
#[differentiate]
pub fn residuals(network: &Network, #[no_diff] points: &[f64]) -> Vec<f64> {
    let mut left = Vec::new();
    for x in points {
        let u_xx = u::hvp(*x, network, 1.0);
        left.push(u_xx - source(*x));
    }
    left.push(ENDS * u(0.0, network));
    left.push(ENDS * u(1.0, network));
    left
}

fn squared(residuals: &[f64]) -> f64 {
    residuals.iter().map(|r| r * r).sum()
}

/// The largest error of the network between the ends.
fn error(network: &Network) -> f64 {
    let errors = (0..=1000).map(|k| {
        let x = f64::from(k) / 1000.0;
        (u(x, network) - exact(x)).abs()
    });
    errors.fold(0.0, f64::max)
}

/// Teaches the network, draws it into `folder`, and returns its largest error.
///
/// # Errors
/// If the picture cannot be written.
///
/// # Panics
/// If a value is not the one that the story tells.
pub fn run(folder: &Path) -> Result<f64, Box<dyn Error>> {
    let points: Vec<f64> = (0..POINTS)
        .map(|k| (k as f64 + 0.5) / POINTS as f64)
        .collect();
    let mut network = Network::random(SEED);
    let untaught = network.clone();

    let mut damping = 1.0;
    for epoch in 0..EPOCHS {
        let (left, gradient, matrix) = residuals::gauss_newton(&network, &points);
        if epoch % 10 == 0 {
            println!(
                "epoch {epoch:2}: loss {:9.3e}, error {:9.3e}",
                squared(&left),
                error(&network)
            );
        }
        let size = gradient.len();
        let damped = matrix + DMatrix::identity(size, size) * damping;
        let Some(factor) = damped.cholesky() else {
            damping *= 4.0;
            continue;
        };
        let direction =
            with_components(&zero_like(&network), (-factor.solve(&gradient)).as_slice());
        let next = step(&network, &direction, 1.0);
        if squared(&residuals(&next, &points)) < squared(&left) {
            (network, damping) = (next, damping / 3.0);
        } else {
            damping *= 4.0;
        }
    }
    let error = error(&network);
    println!("the network is at most {error:.1e} off");

    // What `u::hvp` is, by differences.
    let (x, h) = (0.3, 1e-3);
    let difference = u(x + h, &network) - 2.0 * u(x, &network) + u(x - h, &network);
    assert!((u::hvp(x, &network, 1.0) - difference / (h * h)).abs() < 1e-3);

    let at = |f: &dyn Fn(f64) -> f64| -> Vec<(f64, f64)> {
        let grid = (0..=200).map(|k| f64::from(k) / 200.0);
        grid.map(|x| (x, f(x))).collect()
    };
    let labels = Labels {
        title: "A network that has learnt u'' = f",
        x: "x",
        y: "u",
        names: SeriesLabelPosition::LowerMiddle,
    };
    let picture = curves(
        &labels,
        &[
            ("exact", at(&exact)),
            ("taught", at(&|x| u(x, &network))),
            ("not taught", at(&|x| u(x, &untaught))),
        ],
    )?;
    fs::create_dir_all(folder)?;
    let path = folder.join("solution.svg");
    fs::write(&path, picture)?;
    println!("The solution is drawn in {}", path.display());
    Ok(error)
}
