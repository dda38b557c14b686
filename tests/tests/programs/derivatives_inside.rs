//! Derivatives called inside of differentiated functions, and orders above the second.

use crate::battery::battery;
use differentiate::{Differentiable, Real, differentiate};
use nalgebra::{DMatrix, DVector, Matrix2, Vector2};

#[differentiate(order = 4)]
fn potential(x: f64, v: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (i, a) in v.iter().enumerate() {
        if *a > 5.0 {
            return sum * x;
        }
        sum += (a * x).sin() * (i as f64 + 1.0) + a * a * x;
    }
    sum * x
}

// A gradient penalty.
#[differentiate(order = 2)]
fn penalty(x: f64, v: &[f64]) -> f64 {
    let (dx, dv) = potential::grad(x, v);
    let mut sum = dx * dx;
    for d in &dv {
        sum += d * d * x;
    }
    sum
}

#[differentiate(order = 2)]
fn value_and_gradient(x: f64, v: &[f64]) -> f64 {
    let (y, (dx, dv)) = potential::value_and_grad(x * 2.0, v);
    y * dx + dv[1]
}

#[differentiate(order = 2)]
fn along(x: f64, v: &[f64]) -> f64 {
    let direction: Vec<f64> = v.iter().map(|a| a * x).collect();
    let (y, dot) = potential::jvp(x, v, x * x, &direction);
    y * dot
}

#[differentiate(order = 2)]
fn curvature(x: f64, v: &[f64]) -> f64 {
    let direction = vec![x, 1.0, -x];
    let (hx, hv) = potential::hvp(x, v, x, &direction);
    let mut sum = hx * hx;
    for k in 0..3 {
        if hv[k] > 100.0 {
            continue;
        }
        sum += hv[k] * direction[k];
    }
    sum
}

#[test]
fn gradients_inside() {
    let v = vec![0.3, -0.7, 1.1];
    battery!(penalty(*x, v), at x = 0.8, v = v.clone());
    battery!(value_and_gradient(*x, v), at x = 0.8, v = v.clone());
    battery!(along(*x, v), at x = 0.8, v = v.clone());
    battery!(curvature(*x, v), at x = 0.8, v = v.clone());
    // The loop is left early.
    let v = vec![0.3, -0.7, 6.0];
    battery!(penalty(*x, v), at x = 0.8, v = v.clone());
    battery!(curvature(*x, v), at x = 0.8, v = v.clone());
}

// d/dx [x · d/dy (xy)|₂] = 2x, and with another function for the inner variable.
#[differentiate(order = 2, wrt(y))]
fn product(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiate(order = 2, wrt(y))]
fn sum(x: f64, y: f64) -> f64 {
    x + y
}

#[differentiate]
fn perturbed(x: f64) -> f64 {
    x * product::grad(x, 2.0)
}

#[differentiate]
fn perturbed_along(x: f64) -> f64 {
    x * product::jvp(x, 3.0, 1.0).1
}

#[differentiate]
fn perturbed_sum(x: f64) -> f64 {
    x * sum::grad(x, 2.0)
}

#[test]
fn no_perturbation_is_confused() {
    assert_eq!(perturbed::grad(1.0), 2.0);
    assert_eq!(perturbed_along::grad(5.0), 10.0);
    // Perturbation confusion would give 2.
    assert_eq!(perturbed_sum::grad(1.0), 1.0);
}

// A Hamiltonian, and a step of its flow.
#[differentiate(order = 3)]
fn hamiltonian(q: &Vector2<f64>, p: &Vector2<f64>) -> f64 {
    0.5 * p.norm_squared() + (q[0] * q[0] * q[1] - q[1].powi(3) / 3.0) + 0.5 * q.norm_squared()
}

#[differentiate(order = 2)]
fn flow(q: Vector2<f64>, p: Vector2<f64>, steps: usize) -> f64 {
    let (mut q, mut p) = (q, p);
    let h = 0.1;
    for _ in 0..steps {
        let (force, _) = hamiltonian::grad(&q, &p);
        p -= 0.5 * h * force;
        let (_, velocity) = hamiltonian::grad(&q, &p);
        q += h * velocity;
        let (force, _) = hamiltonian::grad(&q, &p);
        p -= 0.5 * h * force;
    }
    q[0] * p[1]
}

#[test]
fn hamiltonian_flow() {
    battery!(flow(*q, *p, 5), at q = Vector2::new(0.1, 0.2), p = Vector2::new(-0.3, 0.15));
}

// Methods.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Oscillator {
    stiffness: f64,
    damping: Vec<f64>,
}

#[differentiate(order = 3)]
impl Oscillator {
    fn energy(&self, x: f64) -> f64 {
        let mut sum = self.stiffness * x * x;
        for d in &self.damping {
            sum += (d * x).cos();
        }
        sum
    }
}

#[differentiate(order = 2)]
impl Oscillator {
    fn stiff(&self, x: f64) -> f64 {
        let (of_self, force) = self.energy_grad(x);
        force * force + of_self.stiffness * x
    }
}

#[test]
fn gradients_of_methods_inside() {
    let it = Oscillator {
        stiffness: 2.0,
        damping: vec![0.4, 1.3],
    };
    let force = |k: f64, x: f64| 2.0 * k * x - 0.4 * (0.4 * x).sin() - 1.3 * (1.3 * x).sin();
    let x = 0.7;
    assert!((it.stiff(x) - (force(2.0, x).powi(2) + x * x * x)).abs() < 1e-12);
    let (d, dx) = it.stiff_grad(x);
    assert!((d.stiffness - 2.0 * force(2.0, x) * 2.0 * x).abs() < 1e-12);
    let h = 1e-5;
    let difference = (it.stiff(x + h) - it.stiff(x - h)) / (2.0 * h);
    assert!((dx - difference).abs() < 1e-8);
}

// Generic functions.
#[differentiate(order = 3)]
fn cubic<T: Real, const N: usize>(x: &[T; N]) -> T {
    let mut sum = x[0];
    for a in x {
        sum = sum * *a + a.tanh();
    }
    sum
}

#[differentiate(order = 2)]
fn steepness(x: [f64; 3]) -> f64 {
    let g = cubic::grad(&x);
    g[0] * g[1] + g[2] * x[0]
}

#[test]
fn generic_gradients_inside() {
    battery!(steepness(*x), at x = [0.3, -0.8, 0.6]);
}

// === higher orders ===

#[differentiate(order = 5)]
fn sine(x: f64) -> f64 {
    x.sin()
}

#[differentiate(order = 5)]
fn exponential(x: f64) -> f64 {
    x.exp()
}

#[differentiate(order = 5)]
fn geometric(x: f64) -> f64 {
    1.0 / (1.0 - x)
}

// A loop with an exit, a branch and an overwritten variable: x⁵.
#[differentiate(order = 5)]
fn power(x: f64) -> f64 {
    let mut y = 1.0;
    for k in 0..10 {
        if k == 5 {
            break;
        }
        y *= x;
    }
    y
}

#[test]
fn taylor_coefficients() {
    let near = |found: [f64; 6], expected: [f64; 6]| {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-12 * (1.0 + expected.abs()),
                "{found} is not {expected}"
            );
        }
    };
    let sixth = 1.0 / 6.0;
    near(
        sine::taylor(0.0, 1.0),
        [0.0, 1.0, 0.0, -sixth, 0.0, sixth / 20.0],
    );
    near(
        exponential::taylor(0.0, 1.0),
        [1.0, 1.0, 0.5, sixth, sixth / 4.0, sixth / 20.0],
    );
    near(geometric::taylor(0.0, 1.0), [1.0; 6]);
    near(
        geometric::taylor(0.0, 2.0),
        [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
    );
    near(power::taylor(1.0, 1.0), [1.0, 5.0, 10.0, 10.0, 5.0, 1.0]);
}

#[differentiate(order = 2)]
fn third_of_power(x: f64) -> f64 {
    // d²/dx² of x⁵, along 1.
    power::hvp(x, 1.0)
}

#[test]
fn third_derivatives() {
    let outcome = battery!(third_of_power(*x), at x = 1.3);
    outcome.is(20.0 * 1.3_f64.powi(3), 60.0 * 1.3_f64.powi(2));
    assert!((third_of_power::hvp(1.3, 1.0) - 120.0 * 1.3).abs() < 1e-10);
}

// Third order of matrices, of factorisations, of writes in place, of calls and of `?`.
#[differentiate(order = 3)]
fn layer(w: &DMatrix<f64>, x: &DVector<f64>) -> f64 {
    let mut h = (w * x).map(|t| t.tanh());
    h[0] *= 2.0;
    let k = &h * h.transpose() + DMatrix::identity(2, 2);
    k.cholesky().unwrap().solve(x).norm_squared() + h.sum().exp()
}

#[differentiate(forward)]
fn layer_product(w: &DMatrix<f64>, x: &DVector<f64>) -> f64 {
    let (hw, hx) = layer::hvp(w, x, w, x);
    hw.norm_squared() + hx.dot(x)
}

#[differentiate(order = 3)]
fn chain(v: &[f64], k: f64) -> f64 {
    let mut v = v.to_vec();
    let mut sum = 0.0;
    for i in 1..v.len() {
        v[i] *= v[i - 1] * k;
        sum += part(v[i]).unwrap_or(0.0);
    }
    sum
}

#[differentiate(order = 3)]
fn part(x: f64) -> Option<f64> {
    let root = positive(x)?;
    Some(root * x)
}

#[differentiate(order = 3)]
fn positive(x: f64) -> Option<f64> {
    if x > 0.0 { Some(x.sqrt()) } else { None }
}

#[differentiate(forward)]
fn chain_product(v: &[f64], k: f64) -> f64 {
    let (hv, hk) = chain::hvp(v, k, &[1.0, 0.5, -1.0], 2.0);
    hv[0] * hv[2] + hk
}

#[test]
fn third_order_of_programs() {
    let w = DMatrix::from_row_slice(2, 2, &[0.3, -0.4, 0.8, 0.1]);
    let x = DVector::from_vec(vec![0.7, -0.2]);
    battery!(layer_product(w, x), first at w = w.clone(), x = x.clone());
    battery!(chain_product(v, *k), first at v = vec![0.9, 1.2, 0.8], k = 1.1);
}

// The size of what is given is known by the type.
#[differentiate(order = 3)]
fn form(a: &Matrix2<f64>, x: Vector2<f64>) -> f64 {
    (x.transpose() * a * x).x + x.x.powi(3)
}

#[differentiate(forward)]
fn form_curvature(a: &Matrix2<f64>, x: Vector2<f64>) -> f64 {
    let (_, hx) = form::hvp(a, x, &Matrix2::zeros(), x);
    hx.dot(&x)
}

#[test]
fn products_inside() {
    let a = Matrix2::new(1.0, 2.0, 3.0, 4.0);
    let x = Vector2::new(0.5, -1.5);
    battery!(form_curvature(a, *x), first at a = a, x = x);
}
