//! Differential equations, estimation, statistics, physics, geometry, dynamic programming.

use crate::data::{case, golden};
use differentiate::differentiate;
use nalgebra::{DMatrix, Matrix2, Vector2, Vector3};

#[differentiate(order = 2)]
fn lotka_volterra(a: f64, b: f64, g: f64, d: f64, x0: f64, y0: f64) -> f64 {
    let dt = 0.05;
    let (mut x, mut y) = (x0, y0);
    for _ in 0..50 {
        let (dx, dy) = (a * x - b * x * y, d * x * y - g * y);
        x += dt * dx;
        y += dt * dy;
    }
    x + 2.0 * y
}

#[differentiate(order = 2)]
fn gravity(q: Vector2<f64>, k: f64) -> Vector2<f64> {
    q * (-k / q.norm().powi(3))
}

#[differentiate(order = 2)]
fn leapfrog(q: Vector2<f64>, p: Vector2<f64>, k: f64) -> f64 {
    let dt = 0.05;
    let (mut q, mut p) = (q, p);
    for _ in 0..25 {
        p += gravity(q, k) * (0.5 * dt);
        q += p * dt;
        p += gravity(q, k) * (0.5 * dt);
    }
    q.x * p.x - q.y * p.y + q.x * q.x
}

#[differentiate(order = 2)]
fn kalman(
    f: Matrix2<f64>,
    q: Matrix2<f64>,
    h: Vector2<f64>,
    r: f64,
    x: Vector2<f64>,
    p: Matrix2<f64>,
    #[no_diff] measured: &[f64],
) -> f64 {
    let (mut x, mut p) = (x, p);
    let mut nll = 0.0;
    for y in measured {
        x = f * x;
        p = f * p * f.transpose() + q;
        let ph = p * h;
        let s = h.dot(&ph) + r;
        let v = y - h.dot(&x);
        let gain = ph / s;
        x += gain * v;
        p -= gain * ph.transpose();
        nll += 0.5 * ((std::f64::consts::TAU * s).ln() + v * v / s);
    }
    nll
}

#[differentiate(order = 2)]
fn log_add(a: f64, b: f64) -> f64 {
    let max = a.max(b);
    max + ((a - max).exp() + (b - max).exp()).ln()
}

#[differentiate(order = 2)]
fn hmm(pi: [f64; 2], a: [[f64; 2]; 2], b: [[f64; 2]; 2], obs: &[usize]) -> f64 {
    let normalise = |l: [f64; 2]| {
        let total = log_add(l[0], l[1]);
        [l[0] - total, l[1] - total]
    };
    let start = normalise(pi);
    let (a, b) = (
        [normalise(a[0]), normalise(a[1])],
        [normalise(b[0]), normalise(b[1])],
    );
    let mut alpha = [start[0] + b[0][obs[0]], start[1] + b[1][obs[0]]];
    for &o in &obs[1..] {
        alpha = [
            log_add(alpha[0] + a[0][0], alpha[1] + a[1][0]) + b[0][o],
            log_add(alpha[0] + a[0][1], alpha[1] + a[1][1]) + b[1][o],
        ];
    }
    log_add(alpha[0], alpha[1])
}

#[differentiate(order = 2)]
fn hmm_flat(pi: [f64; 2], a: [f64; 4], b: [f64; 4], obs: &[usize]) -> f64 {
    hmm(
        pi,
        [[a[0], a[1]], [a[2], a[3]]],
        [[b[0], b[1]], [b[2], b[3]]],
        obs,
    )
}

#[differentiate(order = 2)]
fn lennard_jones(x: &DMatrix<f64>) -> f64 {
    let mut energy = 0.0;
    for i in 0..x.nrows() {
        for j in 0..i {
            let r2 = (x.row(i) - x.row(j)).norm_squared();
            let s = 1.0 / (r2 * r2 * r2);
            energy += 4.0 * (s * s - s);
        }
    }
    energy
}

#[differentiate(order = 2)]
fn lennard_jones_points(x: &[f64]) -> f64 {
    let atom = |i: usize| Vector3::new(x[3 * i], x[3 * i + 1], x[3 * i + 2]);
    let mut energy = 0.0;
    for i in 0..x.len() / 3 {
        for j in 0..i {
            let r = (atom(i) - atom(j)).norm();
            energy += 4.0 * (r.powi(-12) - r.powi(-6));
        }
    }
    energy
}

#[differentiate(order = 2)]
fn planar_arm(q: &[f64], l: &[f64]) -> f64 {
    let (mut angle, mut x, mut y) = (0.0, 0.0, 0.0);
    for (q, l) in q.iter().zip(l) {
        angle += q;
        let (sin, cos) = angle.sin_cos();
        x += l * cos;
        y += l * sin;
    }
    (x - 1.2).powi(2) + (y - 0.4).powi(2)
}

#[differentiate(order = 2)]
fn soft_min(a: f64, b: f64) -> f64 {
    -log_add(-a, -b)
}

#[differentiate(order = 2)]
fn soft_dtw(x: &[f64], y: &[f64], i: usize, j: usize) -> f64 {
    let distance = (x[i] - y[j]) * (x[i] - y[j]);
    let before = match (i, j) {
        (0, 0) => 0.0,
        (0, _) => soft_dtw(x, y, 0, j - 1),
        (_, 0) => soft_dtw(x, y, i - 1, 0),
        _ => {
            let straight = soft_min(soft_dtw(x, y, i - 1, j), soft_dtw(x, y, i, j - 1));
            soft_min(straight, soft_dtw(x, y, i - 1, j - 1))
        }
    };
    distance + before
}

#[test]
fn dynamics() {
    golden!(
        "ode_euler_lotka_volterra": lotka_volterra(*a, *b, *g, *d, *x, *y),
        a: f64, b: f64, g: f64, d: f64, x: f64, y: f64
    );
    golden!("ode_leapfrog_kepler": leapfrog(*q, *p, *k), q: Vector2<f64>, p: Vector2<f64>, k: f64);
}

#[test]
fn statistics() {
    let measured = case("kalman_nll_3steps").constant("y");
    golden!(
        "kalman_nll_3steps": kalman(*f, *q, *h, *r, *x, *p, &measured),
        f: Matrix2<f64>, q: Matrix2<f64>, h: Vector2<f64>, r: f64, x: Vector2<f64>, p: Matrix2<f64>
    );
    golden!("hmm_forward": hmm_flat(*pi, *a, *b, &[0, 1, 1, 0]), pi: [f64; 2], a: [f64; 4], b: [f64; 4]);
}

#[test]
fn physics_and_geometry() {
    golden!("lennard_jones4": lennard_jones(x), x: DMatrix<f64>);
    golden!("lennard_jones4": lennard_jones_points(x), x: Vec<f64>);
    golden!("planar_arm_ik": planar_arm(q, l), q: Vec<f64>, l: Vec<f64>);
    golden!("soft_dtw4": soft_dtw(x, y, 3, 3), x: Vec<f64>, y: Vec<f64>);
}
