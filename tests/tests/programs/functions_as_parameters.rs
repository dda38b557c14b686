//! Functions that take functions, in every way in which they are declared and given.

use crate::battery::{battery, pullback};
use differentiate::differentiate;

#[differentiate(order = 2)]
mod numerics {
    pub fn trapezoid(f: impl Fn(f64) -> f64, a: f64, b: f64, panels: usize) -> f64 {
        let h = (b - a) / panels as f64;
        let inner: f64 = (1..panels).map(|i| f(a + i as f64 * h)).sum();
        h * (inner + 0.5 * (f(a) + f(b)))
    }

    fn twice<F: Fn(f64) -> f64>(f: F, x: f64) -> f64 {
        f(f(x))
    }

    fn newton<F, D>(f: F, slope: &D, start: f64) -> f64
    where
        F: Fn(f64) -> f64,
        D: Fn(f64) -> f64,
    {
        let mut x = start;
        for _ in 0..20 {
            let step = f(x) / slope(x);
            x -= step;
            if step.abs() < 1e-13 {
                return x;
            }
        }
        x
    }

    fn euler(f: &impl Fn(f64, &[f64]) -> Vec<f64>, y: &[f64], h: f64, steps: usize) -> Vec<f64> {
        let mut y = y.to_vec();
        for i in 0..steps {
            let slope = f(i as f64 * h, &y);
            for (y, slope) in y.iter_mut().zip(&slope) {
                *y += h * slope;
            }
        }
        y
    }

    fn cube(x: f64) -> f64 {
        x * x * x
    }

    pub fn given_names(a: f64, b: f64) -> f64 {
        trapezoid(cube, a, b, 4) + trapezoid(f64::exp, a, b, 4) + twice(cube, a)
    }

    pub fn given_closures(k: f64, b: f64) -> f64 {
        let square = |x: f64| k * x * x;
        trapezoid(|x| (k * x).sin(), 0.0, b, 8) + trapezoid(square, 0.0, b, 4) + twice(&square, b)
    }

    pub fn cube_root(c: f64) -> f64 {
        newton(|x| cube(x) - c, &|x| 3.0 * x * x, 1.0)
    }

    pub fn oscillator(k: f64, y: &[f64]) -> Vec<f64> {
        euler(&|t, y| vec![y[1], -k * y[0] + t], y, 0.1, 5)
    }
}

#[test]
fn declared_and_given_in_every_way() {
    use numerics::*;
    battery!(given_names(*a, *b), at a = 0.4, b = 0.9);
    battery!(given_closures(*k, *b), at k = 0.4, b = 0.9);
    battery!(cube_root(*c), at c = 0.4).is(0.4_f64.cbrt(), 0.4_f64.powf(-2.0 / 3.0) / 3.0);
    pullback!(oscillator(*k, y), at k = 0.4, y = vec![0.9, 0.3]);
}
