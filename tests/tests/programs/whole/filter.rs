//! A Kalman filter with matrices of static size.

use crate::battery::{battery, in_place, lent};
use differentiate::{Differentiable, differentiate};
use nalgebra::{Matrix1x2, Matrix2, Vector2, matrix, vector};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Belief {
    mean: Vector2<f64>,
    covariance: Matrix2<f64>,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Model {
    acceleration: f64,
    noise: f64,
    damping: f64,
}

impl Model {
    #[differentiate(order = 2)]
    fn transition(&self, dt: f64) -> Matrix2<f64> {
        matrix![1.0, dt; 0.0, 1.0 - self.damping * dt]
    }

    #[differentiate(order = 2)]
    fn process_noise(&self, dt: f64) -> Matrix2<f64> {
        let half = 0.5 * dt * dt;
        let g = vector![half, dt];
        g * g.transpose() * self.acceleration.powi(2)
    }
}

#[differentiate(order = 2)]
fn predict(model: &Model, belief: &mut Belief, dt: f64) {
    let f = model.transition(dt);
    belief.mean = f * belief.mean;
    belief.covariance = f * belief.covariance * f.transpose() + model.process_noise(dt);
}

/// Takes a measurement of the position in; returns the logarithm of its likelihood.
#[differentiate(order = 2)]
fn update(model: &Model, belief: &mut Belief, z: f64) -> f64 {
    let h: Matrix1x2<f64> = Matrix1x2::new(1.0, 0.0);
    let innovation = z - belief.mean[0];
    let s = belief.covariance[(0, 0)] + model.noise * model.noise;
    let gain = belief.covariance * h.transpose() / s;
    belief.mean += gain * innovation;
    belief.covariance -= gain * h * belief.covariance;
    let symmetric = 0.5 * (belief.covariance[(0, 1)] + belief.covariance[(1, 0)]);
    belief.covariance[(0, 1)] = symmetric;
    belief.covariance[(1, 0)] = symmetric;
    -0.5 * (innovation * innovation / s + s.ln() + std::f64::consts::TAU.ln())
}

/// Measurements may be missing; one far off is left out and widens the covariance.
#[differentiate(order = 2)]
fn log_likelihood(
    model: &Model,
    start: &Vector2<f64>,
    measurements: &[f64],
    #[no_diff] present: &[bool],
    dt: f64,
) -> f64 {
    let mut belief = Belief {
        mean: *start,
        covariance: Matrix2::identity(),
    };
    let mut total = 0.0;
    for (z, present) in measurements.iter().zip(present) {
        predict(model, &mut belief, dt);
        if !present {
            continue;
        }
        let off = (z - belief.mean.x).abs();
        if off > 5.0 {
            belief.covariance *= 1.5;
            total -= off;
            continue;
        }
        total += update(model, &mut belief, *z);
    }
    total - 0.01 * belief.covariance.trace()
}

#[test]
fn likelihood() {
    let model = || Model {
        acceleration: 0.8,
        noise: 0.5,
        damping: 0.1,
    };
    let belief = || Belief {
        mean: vector![0.3, 1.0],
        covariance: matrix![1.0, 0.2; 0.2, 0.7],
    };
    in_place!(predict(m, b, *dt), at m = model(), mut b = belief(), dt = 0.4);
    lent!(update(m, b, *z), at m = model(), mut b = belief(), z = 0.9);
    let z = vec![0.5, 1.1, 9.0, 1.4, 2.2];
    let present = [true, true, true, false, true];
    battery!(
        log_likelihood(m, x, z, &present, *dt),
        at m = model(), x = vector![0.1, 0.9], z = z, dt = 0.5
    );
}
