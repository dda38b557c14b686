//! No control flow.

use crate::battery::{battery, kink, vector};
use differentiate::differentiate;

#[differentiate]
fn poly(x: f64, y: f64) -> f64 {
    x * x * y + y.exp()
}

#[differentiate]
fn dot(c: f64, w: &[f64], x: &[f64]) -> f64 {
    let s = c + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
    1.0 / s
}

#[differentiate]
fn square(x: f64) -> f64 {
    x * x
}

#[differentiate]
fn tup(a: f64) -> (f64, f64) {
    let mut y = 2.0 * a;
    y = y + 2.0 * a;
    let x = y + 5.0 * a;
    (x, y)
}

#[test]
fn all() {
    battery!(poly(*x, *y), at x = 2.0, y = 0.0).is(1.0, (0.0, 5.0));
    battery!(dot(*c, w, x), at c = 1.0, w = vec![1.0, 2.0], x = vec![3.0, 4.0]);
    battery!(square(*x), at x = 3.0).is(9.0, 6.0);
    kink!(square(*x), at x = 3.0).is(9.0, 6.0);
    vector!(tup(*a), at a = 1.0).is((9.0, 4.0)).maps((1.0, 1.0), 13.0);
}
