//! Vector programs.

use crate::data::{case, golden, golden_rows};
use crate::special::{erf, softplus};
use differentiate::nn::{logsumexp, sigmoid};
use differentiate::{Real, differentiate, lit};
use nalgebra::{DMatrix, DVector, Vector3};

#[differentiate(order = 2)]
fn rosenbrock<T: Real>(x: &[T]) -> T {
    let mut s = T::zero();
    for i in 0..x.len() - 1 {
        let (a, b) = (x[i + 1] - x[i] * x[i], T::one() - x[i]);
        s += lit::<T>(100.0) * a * a + b * b;
    }
    s
}

#[differentiate(order = 2)]
fn log_sum_exp<T: Real + std::iter::Sum>(x: &[T]) -> T {
    let max = x.iter().fold(x[0], |m, a| m.max(*a));
    x.iter().map(|a| (*a - max).exp()).sum::<T>().ln() + max
}

#[differentiate(order = 2)]
fn log_sum_exp_of_the_library(x: &DVector<f64>) -> f64 {
    logsumexp(x)
}

#[differentiate(order = 2)]
fn softmax_weighted(x: &[f64], w: &[f64]) -> f64 {
    let e: Vec<f64> = x.iter().map(|a| a.exp()).collect();
    let total: f64 = e.iter().sum();
    e.iter().zip(w).map(|(e, w)| w * e / total).sum()
}

#[differentiate(order = 2)]
fn cosine_similarity<T: Real>(u: &DVector<T>, v: &DVector<T>) -> T {
    u.dot(v) / (u.norm() * v.norm())
}

#[differentiate(order = 2)]
fn standardize(x: &DVector<f64>, w: &DVector<f64>) -> f64 {
    let mean = x.mean();
    let centred = x.map(|a| a - mean);
    let deviation = (centred.norm_squared() / x.len() as f64 + 1e-5).sqrt();
    w.dot(&centred) / deviation
}

#[differentiate(order = 2)]
fn rotation(q: [f64; 4], p: Vector3<f64>) -> Vector3<f64> {
    let n = (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]).sqrt();
    let (w, v) = (q[0] / n, Vector3::new(q[1] / n, q[2] / n, q[3] / n));
    let t = v.cross(&p) * 2.0;
    p + t * w + v.cross(&t)
}

#[differentiate(order = 2)]
fn rotate_loss(q: [f64; 4], p: Vector3<f64>, target: Vector3<f64>) -> f64 {
    (rotation(q, p) - target).norm_squared()
}

#[differentiate(order = 2)]
fn cumsum<T: Real>(x: &[T], w: &[T]) -> T {
    let (mut s, mut r) = (T::zero(), T::zero());
    for (x, w) in x.iter().zip(w) {
        s += *x;
        r += *w * s.sin();
    }
    r
}

#[differentiate(order = 2)]
fn activations<T: Real>(x: &[T]) -> T {
    let mut s = T::zero();
    for x in x {
        s += x.tanh() + *x * sigmoid(*x) + softplus(*x);
        s += *x * (T::one() + erf(*x / lit::<T>(2.0).sqrt())) * lit(0.5);
    }
    s
}

#[differentiate(order = 2)]
fn max_reduce(x: &DVector<f64>) -> f64 {
    x.max() * x.norm_squared()
}

#[differentiate(order = 2)]
fn max_by_loop(x: &[f64]) -> f64 {
    let (mut max, mut squares) = (f64::NEG_INFINITY, 0.0);
    for x in x {
        if *x > max {
            max = *x;
        }
        squares += x * x;
    }
    max * squares
}

#[differentiate(order = 2)]
fn product(x: &[f64]) -> f64 {
    x.iter().product::<f64>()
}

#[differentiate(order = 2)]
fn logistic_regression(w: &DVector<f64>, #[no_diff] x: &DMatrix<f64>, #[no_diff] y: &[f64]) -> f64 {
    let z = x * w;
    let mut loss = 0.05 * w.norm_squared();
    for (i, y) in y.iter().enumerate() {
        loss += softplus(-(2.0 * y - 1.0) * z[i]);
    }
    loss
}

#[test]
fn doubles() {
    golden!("v_rosenbrock5": rosenbrock(x), x: Vec<f64>);
    golden!("v_logsumexp": log_sum_exp(x), x: Vec<f64>);
    golden!("v_logsumexp": log_sum_exp_of_the_library(x), x: DVector<f64>);
    golden!("v_softmax_weighted": softmax_weighted(x, w), x: Vec<f64>, w: Vec<f64>);
    golden!("v_cosine_similarity": cosine_similarity(u, v), u: DVector<f64>, v: DVector<f64>);
    golden!("v_standardize": standardize(x, w), x: DVector<f64>, w: DVector<f64>);
    golden!(
        "quaternion_rotate_loss": rotate_loss(*q, *p, *t),
        q: [f64; 4], p: Vector3<f64>, t: Vector3<f64>
    );
    golden!("v_cumsum": cumsum(x, w), x: Vec<f64>, w: Vec<f64>);
    golden!("v_activations": activations(x), x: Vec<f64>);
    golden!("v_max_reduce": max_reduce(x), x: DVector<f64>);
    golden!("v_max_reduce": max_by_loop(x), x: Vec<f64>);
    golden!("v_prod_one_zero": product(x), x: Vec<f64>);
}

#[test]
fn regression() {
    let it = case("logistic_regression_nll");
    let y = it.constant("y");
    let x = DMatrix::from_row_slice(y.len(), 3, &it.constant("X"));
    golden!("logistic_regression_nll": logistic_regression(w, &x, &y), w: DVector<f64>);
}

#[test]
fn singles() {
    golden!("v_rosenbrock5": rosenbrock(x), x: Vec<f32>);
    golden!("v_logsumexp": log_sum_exp(x), x: Vec<f32>);
    golden!("v_cosine_similarity": cosine_similarity(u, v), u: DVector<f32>, v: DVector<f32>);
    golden!("v_cumsum": cumsum(x, w), x: Vec<f32>, w: Vec<f32>);
    golden!("v_activations": activations(x), x: Vec<f32>);
}

#[differentiate(order = 2)]
fn spherical(p: [f64; 3]) -> [f64; 3] {
    let [r, th, ph] = p;
    [
        r * th.sin() * ph.cos(),
        r * th.sin() * ph.sin(),
        r * th.cos(),
    ]
}

#[differentiate(order = 2)]
fn dense_tanh(w: &DMatrix<f64>, x: &DVector<f64>, b: &DVector<f64>) -> DVector<f64> {
    (w * x + b).map(f64::tanh)
}

#[differentiate(order = 2)]
fn quaternion_to_matrix(q: [f64; 4]) -> [f64; 9] {
    let n = (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]).sqrt();
    let [w, x, y, z] = [q[0] / n, q[1] / n, q[2] / n, q[3] / n];
    [
        1.0 - 2.0 * (y * y + z * z),
        2.0 * (x * y - w * z),
        2.0 * (x * z + w * y),
        2.0 * (x * y + w * z),
        1.0 - 2.0 * (x * x + z * z),
        2.0 * (y * z - w * x),
        2.0 * (x * z - w * y),
        2.0 * (y * z + w * x),
        1.0 - 2.0 * (x * x + y * y),
    ]
}

#[differentiate(order = 2)]
fn conv1d(x: &[f64], k: &[f64]) -> Vec<f64> {
    (0..x.len() - k.len() + 1)
        .map(|i| k.iter().enumerate().map(|(j, k)| k * x[i + j]).sum())
        .collect()
}

#[test]
fn jacobians() {
    golden_rows!("j_spherical": spherical(*p), p: [f64; 3]);
    golden_rows!("j_dense_tanh": dense_tanh(w, x, b), w: DMatrix<f64>, x: DVector<f64>, b: DVector<f64>);
    golden_rows!("j_quat_to_matrix": quaternion_to_matrix(*q), q: [f64; 4]);
    golden_rows!("j_conv1d": conv1d(x, k), x: Vec<f64>, k: Vec<f64>);
}
