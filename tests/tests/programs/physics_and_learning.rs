//! Programs from textbooks: optimisation, bodies, poses, factorisations, layers.

use crate::battery::{battery, in_place, pullback};
use differentiate::{Differentiable, differentiate};
use nalgebra::*;

#[differentiate(order = 2)]
fn beale(p: &[f64; 2]) -> f64 {
    let &[x, y] = p;
    (1.5 - x + x * y).powi(2) + (2.25 - x + x * y * y).powi(2) + (2.625 - x + x * y.powi(3)).powi(2)
}
#[differentiate(order = 2)]
fn ackley(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (sq, cs) = x.iter().fold((0.0, 0.0), |(a, b), v| {
        (a + v * v, b + (2.0 * std::f64::consts::PI * v).cos())
    });
    -20.0 * (-0.2 * (sq / n).sqrt()).exp() - (cs / n).exp() + 20.0 + std::f64::consts::E
}
#[differentiate(order = 2)]
fn penalty(x: &[f64], mu: f64) -> f64 {
    let constraints = [x[0] + x[1] - 1.0, -x[0], x[1] * x[1] - 2.0];
    let f = x.iter().map(|v| v.powi(4)).sum::<f64>();
    f + mu
        * constraints
            .iter()
            .map(|c| if *c > 0.0 { c * c } else { 0.0 })
            .sum::<f64>()
}
#[differentiate(order = 2)]
fn gradient_descent(x0: &[f64; 2], lr: f64, steps: usize) -> f64 {
    let mut x = *x0;
    let mut v = [0.0; 2];
    for _ in 0..steps {
        let g = [2.0 * x[0] + x[1], x[0] + 4.0 * x[1]];
        for ((x, v), g) in x.iter_mut().zip(v.iter_mut()).zip(g) {
            *v = 0.9 * *v - lr * g;
            *x += *v;
        }
    }
    x[0] * x[0] + x[0] * x[1] + 2.0 * x[1] * x[1]
}
#[differentiate(order = 2)]
fn conjugate_gradient(a: &DMatrix<f64>, b: &DVector<f64>) -> f64 {
    let mut x = DVector::zeros(b.len());
    let mut r = b.clone();
    let mut p = r.clone();
    let mut rs = r.dot(&r);
    for _ in 0..b.len() {
        let ap = a * &p;
        let alpha = rs / p.dot(&ap);
        x += &p * alpha;
        r -= &ap * alpha;
        let new = r.dot(&r);
        if new.sqrt() < 1e-12 {
            break;
        }
        p = &r + &p * (new / rs);
        rs = new;
    }
    x.dot(b)
}
#[differentiate(order = 2)]
fn cg_axpy(a: &DMatrix<f64>, b: &DVector<f64>) -> f64 {
    let mut x = DVector::zeros(b.len());
    let mut r = b.clone();
    let mut p = b.clone();
    let mut rs = r.norm_squared();
    for k in 0..2 {
        let ap = a * &p;
        let alpha = rs / p.dot(&ap);
        x.axpy(alpha, &p, 1.0);
        r.axpy(-alpha, &ap, 1.0);
        let new = r.norm_squared();
        p.axpy(1.0, &r, new / rs);
        rs = new;
    }
    x.norm()
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    pos: Vector3<f64>,
    vel: Vector3<f64>,
    mass: f64,
}
#[differentiate(order = 2)]
fn nbody_energy(bodies: &[Body]) -> f64 {
    let mut e = 0.0;
    for (i, a) in bodies.iter().enumerate() {
        e += 0.5 * a.mass * a.vel.norm_squared();
        for b in &bodies[i + 1..] {
            e -= a.mass * b.mass / (a.pos - b.pos).norm();
        }
    }
    e
}
#[differentiate(order = 2)]
fn leapfrog(bodies: &mut Vec<Body>, dt: f64) {
    let n = bodies.len();
    let mut acc = vec![Vector3::zeros(); n];
    for i in 0..n {
        for j in 0..n {
            if i != j {
                let d = bodies[j].pos - bodies[i].pos;
                acc[i] += d * (bodies[j].mass / d.norm().powi(3));
            }
        }
    }
    for (b, a) in bodies.iter_mut().zip(&acc) {
        b.vel += a * dt;
        b.pos += b.vel * dt;
    }
}
#[differentiate(order = 2)]
fn pair_potential(pos: &[Vector2<f64>], eps: f64, sigma: f64, #[no_diff] cutoff: f64) -> f64 {
    let mut e = 0.0;
    for i in 0..pos.len() {
        for j in i + 1..pos.len() {
            let r2 = (pos[i] - pos[j]).norm_squared();
            if r2 > cutoff * cutoff {
                continue;
            }
            let s6 = (sigma * sigma / r2).powi(3);
            e += 4.0 * eps * (s6 * s6 - s6);
        }
    }
    e
}
#[differentiate(order = 2)]
fn ising_mean_field(m: &mut [f64], j: f64, beta: f64) -> usize {
    let mut it = 0;
    loop {
        let mut delta: f64 = 0.0;
        for i in 0..m.len() {
            let left = if i > 0 { m[i - 1] } else { 0.0 };
            let right = m.get(i + 1).copied().unwrap_or(0.0);
            let new = (beta * j * (left + right) + 0.1).tanh();
            delta = delta.max((new - m[i]).abs());
            m[i] = new;
        }
        it += 1;
        if delta < 1e-3 || it >= 5 {
            break it;
        }
    }
}
#[differentiate(order = 2)]
fn brusselator(u: &mut [f64], v: &mut [f64], a: f64, b: f64, #[no_diff] dt: f64) {
    let n = u.len();
    for i in 0..n {
        let (l, r) = ((i + n - 1) % n, (i + 1) % n);
        let lap = u[l] - 2.0 * u[i] + u[r];
        let du = a + u[i] * u[i] * v[i] - (b + 1.0) * u[i] + 0.02 * lap;
        let dv = b * u[i] - u[i].powi(2) * v[i];
        u[i] += dt * du;
        v[i] += dt * dv;
    }
}
#[differentiate(order = 2)]
fn quat_rotate(q: &[f64; 4], v: &[f64; 3]) -> [f64; 3] {
    let [w, x, y, z] = *q;
    let n = (w * w + x * x + y * y + z * z).sqrt();
    let [w, x, y, z] = [w, x, y, z].map(|c| c / n);
    let t = [
        2.0 * (y * v[2] - z * v[1]),
        2.0 * (z * v[0] - x * v[2]),
        2.0 * (x * v[1] - y * v[0]),
    ];
    [
        v[0] + w * t[0] + y * t[2] - z * t[1],
        v[1] + w * t[1] + z * t[0] - x * t[2],
        v[2] + w * t[2] + x * t[1] - y * t[0],
    ]
}
#[differentiate(order = 2)]
fn icp_error(pose: &Isometry3<f64>, src: &[Point3<f64>], dst: &[Point3<f64>]) -> f64 {
    src.iter()
        .zip(dst)
        .map(|(s, d)| (pose * s - d).norm_squared())
        .sum()
}
#[differentiate(order = 2)]
fn huber_icp(
    r: &Rotation3<f64>,
    t: &Vector3<f64>,
    src: &[Point3<f64>],
    dst: &[Point3<f64>],
    delta: f64,
) -> f64 {
    let mut cost = 0.0;
    for (s, d) in src.iter().zip(dst.iter()) {
        let e = (r * s.coords + t - d.coords).norm();
        cost += if e <= delta {
            0.5 * e * e
        } else {
            delta * (e - 0.5 * delta)
        };
    }
    cost
}
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Pose2 {
    x: f64,
    y: f64,
    theta: f64,
}
#[differentiate(order = 2)]
impl Pose2 {
    fn compose(&self, o: &Pose2) -> Pose2 {
        let (s, c) = self.theta.sin_cos();
        Pose2 {
            x: self.x + c * o.x - s * o.y,
            y: self.y + s * o.x + c * o.y,
            theta: self.theta + o.theta,
        }
    }
    fn inverse(&self) -> Self {
        let (s, c) = self.theta.sin_cos();
        Self {
            x: -c * self.x - s * self.y,
            y: s * self.x - c * self.y,
            theta: -self.theta,
        }
    }
    fn between(&self, o: &Pose2) -> Pose2 {
        self.inverse_pose().compose(o)
    }
    fn inverse_pose(&self) -> Self {
        let (s, c) = self.theta.sin_cos();
        Self {
            x: -c * self.x - s * self.y,
            y: s * self.x - c * self.y,
            theta: -self.theta,
        }
    }
}
#[differentiate(order = 2)]
fn pose_graph(poses: &[Pose2], odo: &[Pose2]) -> f64 {
    poses
        .windows(2)
        .zip(odo)
        .map(|(w, o)| {
            let e = w[0].between(&w[1]);
            (e.x - o.x).powi(2) + (e.y - o.y).powi(2) + 10.0 * (e.theta - o.theta).powi(2)
        })
        .sum()
}
#[differentiate(order = 2)]
fn spline(ctrl: &[Vector2<f64>], t: f64) -> Vector2<f64> {
    let mut pts = ctrl.to_vec();
    while pts.len() > 1 {
        for i in 0..pts.len() - 1 {
            pts[i] = pts[i] * (1.0 - t) + pts[i + 1] * t;
        }
        pts.pop();
    }
    pts[0]
}
#[differentiate(order = 2)]
fn path_length(ctrl: &[Vector2<f64>]) -> f64 {
    let n = 8;
    let pts: Vec<Vector2<f64>> = (0..=n).map(|i| spline(ctrl, i as f64 / n as f64)).collect();
    pts.windows(2).map(|w| (w[1] - w[0]).norm()).sum()
}
#[differentiate(order = 2)]
fn cholesky_in_place(a: &mut DMatrix<f64>) -> Option<f64> {
    let n = a.nrows();
    let mut logdet = 0.0;
    for j in 0..n {
        for k in 0..j {
            for i in j..n {
                let t = a[(i, k)] * a[(j, k)];
                a[(i, j)] -= t;
            }
        }
        if a[(j, j)] <= 0.0 {
            return None;
        }
        let d = a[(j, j)].sqrt();
        for i in j..n {
            a[(i, j)] /= d;
        }
        logdet += 2.0 * d.ln();
    }
    Some(logdet)
}
#[differentiate(order = 2)]
fn gram_schmidt(a: &DMatrix<f64>) -> DMatrix<f64> {
    let mut q = a.clone();
    for j in 0..q.ncols() {
        for i in 0..j {
            let proj = q.column(i).dot(&q.column(j));
            let qi = q.column(i).clone_owned();
            let mut qj = q.column_mut(j);
            qj -= qi * proj;
        }
        let norm = q.column(j).norm();
        q.column_mut(j).scale_mut(1.0 / norm);
    }
    q
}
#[differentiate(order = 2)]
fn jacobi(a: &[Vec<f64>], b: &[f64], sweeps: usize) -> Vec<f64> {
    let n = b.len();
    let mut x = vec![0.0; n];
    for _ in 0..sweeps {
        let old = x.clone();
        for (i, (row, bi)) in a.iter().zip(b).enumerate() {
            let s: f64 = row
                .iter()
                .zip(&old)
                .enumerate()
                .filter(|(j, _)| *j != i)
                .map(|(_, (aij, xj))| aij * xj)
                .sum();
            x[i] = (bi - s) / row[i];
        }
    }
    x
}
#[differentiate(order = 2)]
fn gauss(a: &mut [f64], b: &mut [f64], n: usize) {
    for k in 0..n {
        let p = (k..n)
            .max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()))
            .unwrap();
        if p != k {
            for c in 0..n {
                a.swap(k * n + c, p * n + c);
            }
            b.swap(k, p);
        }
        for i in k + 1..n {
            let f = a[i * n + k] / a[k * n + k];
            for c in k..n {
                a[i * n + c] -= f * a[k * n + c];
            }
            b[i] -= f * b[k];
        }
    }
    for i in (0..n).rev() {
        for c in i + 1..n {
            b[i] -= a[i * n + c] * b[c];
        }
        b[i] /= a[i * n + i];
    }
}
#[differentiate(order = 2)]
fn simpson_adaptive(a: f64, b: f64, k: f64, depth: u32) -> f64 {
    let m = 0.5 * (a + b);
    let f = |x: f64| (k * x).exp();
    let whole = (b - a) / 6.0 * (f(a) + 4.0 * f(m) + f(b));
    if depth == 0 || (b - a).abs() < 0.2 {
        whole
    } else {
        simpson_adaptive(a, m, k, depth - 1) + simpson_adaptive(m, b, k, depth - 1)
    }
}
#[differentiate(order = 2)]
fn softmax_in_place(x: &mut [f64]) {
    let max = x.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for v in x.iter_mut() {
        *v = (*v - max).exp();
        sum += *v;
    }
    for v in x {
        *v /= sum;
    }
}
#[differentiate(order = 2)]
fn cross_entropy(logits: &[Vec<f64>], labels: &[usize]) -> f64 {
    let mut loss = 0.0;
    for (row, &label) in logits.iter().zip(labels) {
        let mut p = row.clone();
        softmax_in_place(&mut p);
        loss -= p[label].ln();
    }
    loss / labels.len() as f64
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Lstm {
    wf: DMatrix<f64>,
    wi: DMatrix<f64>,
    wo: DMatrix<f64>,
    wc: DMatrix<f64>,
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct State {
    h: DVector<f64>,
    c: DVector<f64>,
}
#[differentiate(order = 2)]
fn lstm_step(l: &Lstm, s: &mut State, x: &DVector<f64>) {
    let n = x.len();
    let mut z = DVector::zeros(n + s.h.len());
    z.rows_mut(0, n).copy_from(x);
    z.rows_mut(n, s.h.len()).copy_from(&s.h);
    let sig = |v: f64| 1.0 / (1.0 + (-v).exp());
    let f = (&l.wf * &z).map(sig);
    let i = (&l.wi * &z).map(sig);
    let o = (&l.wo * &z).map(|v| sig(v));
    let g = (&l.wc * &z).map(f64::tanh);
    s.c = f.component_mul(&s.c) + i.component_mul(&g);
    s.h = o.component_mul(&s.c.map(|v| v.tanh()));
}
#[differentiate(order = 2)]
fn layer_norm(x: &mut [f64], gamma: &[f64], beta: &[f64]) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let var = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let inv = (var + 1e-5).sqrt().recip();
    for ((x, g), b) in x.iter_mut().zip(gamma).zip(beta) {
        *x = (*x - mean) * inv * g + b;
    }
}
#[test]
fn agree_with_differences() {
    let s = || vec![0.5, 1.2, 0.7];
    battery!(beale(p), at p = [0.3, 0.6]);
    battery!(ackley(p), at p = s());
    battery!(penalty(p, *m), at p = s(), m = 2.0);
    battery!(gradient_descent(p, *l, 5), at p = [0.3, 0.6], l = 0.1);
    let a = || dmatrix![4.0, 1.0; 1.0, 3.0];
    battery!(conjugate_gradient(a, b), at a = a(), b = dvector![1.0, 2.0]);
    battery!(cg_axpy(a, b), at a = a(), b = dvector![1.0, 2.0]);
    let bodies = || {
        vec![
            Body {
                pos: vector![0.1, 0.2, 0.3],
                vel: vector![0.0, 0.1, 0.2],
                mass: 1.0,
            },
            Body {
                pos: vector![1.1, 0.6, -0.3],
                vel: vector![0.3, 0.1, -0.2],
                mass: 2.0,
            },
        ]
    };
    battery!(nbody_energy(b), at b = bodies());
    in_place!(leapfrog(b, *dt), at mut b = bodies(), dt = 0.1);
    battery!(pair_potential(p, *e, *s, 2.0), at p = vec![vector![0.1, 0.2], vector![1.1, 0.6], vector![0.5, 1.2]], e = 0.4, s = 0.9);
    let mut m = vec![0.1, 0.2];
    ising_mean_field::vjp(&mut m, 0.4, 0.9);
    in_place!(brusselator(u, v, *a, *b, 0.1), at mut u = s(), mut v = s(), a = 1.0, b = 1.7);
    pullback!(quat_rotate(q, v), at q = [0.9, 0.1, 0.2, 0.3], v = [0.1, 0.4, 0.9]);
    battery!(pose_graph(p, o), at p = vec![Pose2 { x: 0.1, y: 0.2, theta: 0.3 }, Pose2 { x: 1.1, y: 0.2, theta: 0.4 }], o = vec![Pose2 { x: 0.9, y: 0.1, theta: 0.2 }]);
    battery!(path_length(p), at p = vec![vector![0.1, 0.2], vector![1.1, 0.6], vector![0.5, 1.2]]);
    cholesky_in_place::vjp(&mut a());
    pullback!(gram_schmidt(a), at a = a());
    pullback!(jacobi(a, b, 3), at a = vec![vec![4.0, 1.0], vec![1.0, 3.0]], b = vec![1.0, 2.0]);
    in_place!(gauss(a, b, 2), at mut a = vec![1.0, 2.0, 3.0, 1.0], mut b = vec![0.4, 0.5]);
    battery!(simpson_adaptive(*a, *b, *k, 4), at a = 0.0, b = 1.0, k = 0.7);
    in_place!(softmax_in_place(x), at mut x = s());
    battery!(cross_entropy(x, &[0, 2]), at x = vec![s(), vec![0.3, 0.2, 0.9]]);
    in_place!(layer_norm(x, g, b), at mut x = s(), g = vec![0.3, 0.4, 0.5], b = s());
    let w = |k: f64| DMatrix::from_fn(2, 3, |i, j| (i as f64 + k * j as f64).sin());
    in_place!(lstm_step(l, s, x), at l = Lstm { wf: w(0.3), wi: w(0.4), wo: w(0.7), wc: w(1.1) }, mut s = State { h: dvector![0.3, 0.2], c: dvector![0.1, 0.5] }, x = dvector![0.9]);
}
