//! Functions whose steps are run again in the reverse sweep: the same numbers, and less that is kept.

use crate::battery::{battery, lent};
use differentiate::{Differentiable, differentiate};
use nalgebra::{Matrix2, Vector2};

#[differentiate(checkpoint, order = 2)]
fn swing(x: f64, v: f64, k: f64, steps: usize) -> (f64, f64) {
    let (mut x, mut v) = (x, v);
    for _ in 0..steps {
        let a = -k * x.sin();
        x += 0.1 * v;
        if x > 3.0 {
            return (x, v);
        }
        v += 0.1 * a;
    }
    (x, v)
}

// The memory of n² steps is O(n).
#[differentiate(order = 2)]
fn two_levels(x: f64, v: f64, k: f64, n: usize) -> f64 {
    let (mut x, mut v) = (x, v);
    for _ in 0..n {
        (x, v) = swing(x, v, k, n);
    }
    x * v
}

#[differentiate(order = 2)]
fn one_level(x: f64, v: f64, k: f64, n: usize) -> f64 {
    let (mut x, mut v) = (x, v);
    for _ in 0..n {
        for _ in 0..n {
            let a = -k * x.sin();
            x += 0.1 * v;
            if x > 3.0 {
                break;
            }
            v += 0.1 * a;
        }
    }
    x * v
}

// The memory of n steps is O(log n), and each is run O(log n) times.
#[differentiate(checkpoint, order = 2)]
fn halves(x: f64, v: f64, k: f64, n: usize) -> (f64, f64) {
    if n == 1 {
        let a = -k * x.sin();
        return (x + 0.1 * v, v + 0.1 * a);
    }
    let (x, v) = halves(x, v, k, n / 2);
    halves(x, v, k, n - n / 2)
}

#[differentiate(order = 2)]
fn bisected(x: f64, v: f64, k: f64, n: usize) -> f64 {
    let (x, v) = halves(x, v, k, n * n);
    x * v
}

// What is written in place is found again.
#[differentiate(checkpoint, order = 2)]
fn advance(s: &mut [f64], drift: &[f64], k: f64, steps: usize) -> f64 {
    let mut largest = s[0];
    for _ in 0..steps {
        let a = -k * s[0].sin();
        s[0] += 0.1 * s[1] + drift[0];
        s[1] += 0.1 * a * drift[1];
        largest = largest.max(s[0]);
    }
    largest
}

#[differentiate(order = 2)]
fn in_place(x: f64, v: f64, k: f64, n: usize) -> f64 {
    let mut s = vec![x, v];
    let mut sum = 0.0;
    for _ in 0..n {
        sum += advance(&mut s, &[0.01, 1.1], k, n);
    }
    s[0] * s[1] + sum
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    x: Vector2<f64>,
    v: Vector2<f64>,
}

#[differentiate(checkpoint, order = 2)]
impl Body {
    fn step(&mut self, a: &Matrix2<f64>, h: f64) {
        self.v -= h * (a * self.x);
        self.x += h * self.v;
    }

    fn kinetic(&self) -> f64 {
        0.5 * self.v.norm_squared()
    }

    fn rest(x: f64) -> f64 {
        x * x
    }
}

#[differentiate(order = 2)]
fn orbit(x: Vector2<f64>, a: &Matrix2<f64>, n: usize) -> f64 {
    let mut body = Body {
        x,
        v: Vector2::new(0.1, -0.2),
    };
    for _ in 0..n {
        body.step(a, 0.1);
    }
    body.kinetic() + Body::rest(body.x[0])
}

#[differentiate(checkpoint, order = 2)]
fn generic<T: differentiate::Real, const N: usize>(x: [T; N]) -> T {
    let mut sum = x[0];
    for a in x {
        sum = sum * a.sin() + a;
    }
    sum
}

#[test]
fn steps_are_run_again() {
    let expected = battery!(one_level(*x, *v, *k, 5), at x = 1.0, v = 0.2, k = 1.3);
    let (value, gradient) = (expected.value, expected.gradient);
    battery!(two_levels(*x, *v, *k, 5), at x = 1.0, v = 0.2, k = 1.3).is(value, gradient);
    battery!(bisected(*x, *v, *k, 5), at x = 1.0, v = 0.2, k = 1.3);
    battery!(generic(*x), at x = [0.4, -0.3, 0.8]);
}

#[test]
fn what_is_written_in_place_is_found_again() {
    lent!(advance(s, drift, *k, 4), at mut s = vec![1.0, 0.2], drift = vec![0.02, 0.9], k = 1.3);
    battery!(in_place(*x, *v, *k, 4), at x = 1.0, v = 0.2, k = 1.3);
    let a = Matrix2::new(1.0, 0.3, -0.2, 2.0);
    differentiate::check::gradient(
        |x: &(Vector2<f64>, Matrix2<f64>)| orbit(x.0, &x.1, 7),
        |x: &(Vector2<f64>, Matrix2<f64>)| orbit::grad(x.0, &x.1, 7),
        &(Vector2::new(0.5, -0.4), a),
    )
    .assert();
}
