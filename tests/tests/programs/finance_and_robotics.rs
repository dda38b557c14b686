//! Programs from textbooks: options and bonds, arms, filters, sequences, processes.

use crate::battery::{battery, in_place, pullback};
use differentiate::{Differentiable, differentiate};
use nalgebra::*;
use std::f64::consts::PI;

#[differentiate(order = 2)]
fn norm_cdf(x: f64) -> f64 {
    let k = 1.0 / (1.0 + 0.2316419 * x.abs());
    let poly = k
        * (0.319381530
            + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + 1.330274429 * k))));
    let cdf = 1.0 - (-0.5 * x * x).exp() / (2.0 * PI).sqrt() * poly;
    if x >= 0.0 { cdf } else { 1.0 - cdf }
}
#[differentiate(order = 2)]
fn black_scholes(s: f64, k: f64, r: f64, sigma: f64, t: f64, is_call: bool) -> f64 {
    let d1 = ((s / k).ln() + (r + sigma * sigma / 2.0) * t) / (sigma * t.sqrt());
    let d2 = d1 - sigma * t.sqrt();
    if is_call {
        s * norm_cdf(d1) - k * (-r * t).exp() * norm_cdf(d2)
    } else {
        k * (-r * t).exp() * norm_cdf(-d2) - s * norm_cdf(-d1)
    }
}
#[differentiate(order = 2)]
fn binomial_american_put(s0: f64, strike: f64, r: f64, sigma: f64, n: usize) -> f64 {
    let dt = 1.0 / n as f64;
    let u = (sigma * dt.sqrt()).exp();
    let d = 1.0 / u;
    let p = ((r * dt).exp() - d) / (u - d);
    let disc = (-r * dt).exp();
    let mut values: Vec<f64> = (0..=n)
        .map(|j| (strike - s0 * u.powi(j as i32) * d.powi((n - j) as i32)).max(0.0))
        .collect();
    for i in (0..n).rev() {
        for j in 0..=i {
            let hold = disc * (p * values[j + 1] + (1.0 - p) * values[j]);
            let exercise = strike - s0 * u.powi(j as i32) * d.powi((i - j) as i32);
            values[j] = hold.max(exercise);
        }
    }
    values[0]
}
#[differentiate(order = 2)]
fn interpolate(xs: &[f64], ys: &[f64], x: f64) -> f64 {
    if x <= xs[0] {
        return ys[0];
    }
    for (w, v) in xs.windows(2).zip(ys.windows(2)) {
        if x <= w[1] {
            let t = (x - w[0]) / (w[1] - w[0]);
            return v[0] + t * (v[1] - v[0]);
        }
    }
    *ys.last().unwrap()
}
#[differentiate(order = 2)]
fn bond_price(tenors: &[f64], rates: &[f64], coupon: f64, maturity: usize) -> f64 {
    (1..=maturity)
        .map(|t| {
            let t = t as f64;
            let cash = if t == maturity as f64 {
                1.0 + coupon
            } else {
                coupon
            };
            cash * (-interpolate(tenors, rates, t) * t).exp()
        })
        .sum()
}
#[differentiate(order = 2)]
fn portfolio_risk(w: &DVector<f64>, returns: &DMatrix<f64>) -> f64 {
    let mean = returns.row_mean();
    let mut centered = returns.clone();
    for mut row in centered.row_iter_mut() {
        row -= &mean;
    }
    let cov = centered.transpose() * &centered / (returns.nrows() as f64 - 1.0);
    (w.transpose() * cov * w)[(0, 0)].sqrt()
}
#[differentiate(order = 2)]
fn dh(theta: f64, d: f64, a: f64, alpha: f64) -> Matrix4<f64> {
    let (st, ct) = theta.sin_cos();
    let (sa, ca) = alpha.sin_cos();
    matrix![
        ct, -st * ca, st * sa, a * ct;
        st, ct * ca, -ct * sa, a * st;
        0.0, sa, ca, d;
        0.0, 0.0, 0.0, 1.0
    ]
}
#[differentiate(order = 2)]
fn fk(q: &[f64], links: &[[f64; 3]]) -> Vector3<f64> {
    let mut t = Matrix4::identity();
    for (q, [d, a, alpha]) in q.iter().zip(links) {
        t *= dh(*q, *d, *a, *alpha);
    }
    t.fixed_view::<3, 1>(0, 3).into_owned()
}
#[differentiate(order = 2)]
fn ik_cost(q: &[f64], links: &[[f64; 3]], target: &Vector3<f64>) -> f64 {
    (fk(q, links) - target).norm_squared() + 0.01 * q.iter().map(|q| q * q).sum::<f64>()
}
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct CartPole {
    x: f64,
    v: f64,
    theta: f64,
    omega: f64,
}
#[differentiate(order = 2)]
impl CartPole {
    fn derivative(&self, u: f64) -> CartPole {
        let (s, c) = self.theta.sin_cos();
        let tmp = (u + 0.05 * self.omega.powi(2) * s) / 1.1;
        let alpha = (9.8 * s - c * tmp) / (0.5 * (4.0 / 3.0 - 0.1 * c * c / 1.1));
        CartPole {
            x: self.v,
            v: tmp - 0.05 * alpha * c / 1.1,
            theta: self.omega,
            omega: alpha,
        }
    }
    fn axpy_state(&self, k: f64, d: &CartPole) -> CartPole {
        CartPole {
            x: self.x + k * d.x,
            v: self.v + k * d.v,
            theta: self.theta + k * d.theta,
            omega: self.omega + k * d.omega,
        }
    }
    fn rk4(&mut self, u: f64, dt: f64) {
        let k1 = self.derivative(u);
        let k2 = self.axpy_state(dt / 2.0, &k1).derivative(u);
        let k3 = self.axpy_state(dt / 2.0, &k2).derivative(u);
        let k4 = self.axpy_state(dt, &k3).derivative(u);
        for (w, k) in [(1.0, k1), (2.0, k2), (2.0, k3), (1.0, k4)] {
            *self = self.axpy_state(w * dt / 6.0, &k);
        }
    }
}
#[differentiate(order = 2)]
fn cartpole_cost(start: CartPole, controls: &[f64]) -> f64 {
    let mut s = start;
    let mut cost = 0.0;
    for &u in controls {
        s.rk4(u, 0.02);
        cost += s.theta.powi(2) + 0.1 * s.x * s.x + 1e-3 * u * u;
        if s.theta.abs() > 0.5 {
            cost += 10.0;
            break;
        }
    }
    cost
}
#[differentiate(order = 2)]
fn rodrigues(w: &[f64; 3], x: &[f64; 3], out: &mut [f64; 3]) {
    let theta2 = w.iter().map(|v| v * v).sum::<f64>();
    if theta2 > 1e-12 {
        let theta = theta2.sqrt();
        let (s, c) = theta.sin_cos();
        let k = w.map(|v| v / theta);
        let cross = [
            k[1] * x[2] - k[2] * x[1],
            k[2] * x[0] - k[0] * x[2],
            k[0] * x[1] - k[1] * x[0],
        ];
        let dot: f64 = k.iter().zip(x).map(|(a, b)| a * b).sum();
        for i in 0..3 {
            out[i] = x[i] * c + cross[i] * s + k[i] * dot * (1.0 - c);
        }
    } else {
        out[0] = x[0] + w[1] * x[2] - w[2] * x[1];
        out[1] = x[1] + w[2] * x[0] - w[0] * x[2];
        out[2] = x[2] + w[0] * x[1] - w[1] * x[0];
    }
}
#[differentiate(order = 2)]
fn project(cam: &[f64; 9], p: &[f64; 3]) -> [f64; 2] {
    let rot: &[f64; 3] = cam[0..3].try_into().unwrap();
    let mut q = [0.0; 3];
    rodrigues(rot, p, &mut q);
    for (q, t) in q.iter_mut().zip(&cam[3..6]) {
        *q += t;
    }
    let [x, y] = [q[0] / q[2], q[1] / q[2]];
    let r2 = x * x + y * y;
    let [f, k1, k2] = cam[6..9] else {
        unreachable!()
    };
    let d = 1.0 + r2 * (k1 + k2 * r2);
    [f * d * x, f * d * y]
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Ekf {
    x: Vector3<f64>,
    p: Matrix3<f64>,
}
#[differentiate(order = 2)]
impl Ekf {
    fn predict(&mut self, v: f64, w: f64, dt: f64, q: &Matrix3<f64>) {
        let th = self.x[2];
        self.x += vector![v * th.cos(), v * th.sin(), w] * dt;
        let mut f = Matrix3::identity();
        f[(0, 2)] = -v * th.sin() * dt;
        f[(1, 2)] = v * th.cos() * dt;
        self.p = f * self.p * f.transpose() + q;
    }
    fn update(&mut self, z: f64, lx: f64, ly: f64, r: f64) -> f64 {
        let dx = lx - self.x[0];
        let dy = ly - self.x[1];
        let range = dx.hypot(dy);
        let h = RowVector3::new(-dx / range, -dy / range, 0.0);
        let s = (h * self.p * h.transpose())[0] + r;
        let k = self.p * h.transpose() / s;
        let y = z - range;
        self.x += k * y;
        self.p -= k * h * self.p;
        y * y / s + s.ln()
    }
}
#[differentiate(order = 2)]
fn likelihood(ekf: &Ekf, q: &Matrix3<f64>, r: f64, zs: &[f64]) -> f64 {
    let mut f = ekf.clone();
    zs.iter()
        .map(|z| {
            f.predict(1.0, 0.1, 0.1, q);
            f.update(*z, 3.0, 2.0, r)
        })
        .sum()
}
#[differentiate(order = 2)]
fn likelihood_loop(ekf: &Ekf, q: &Matrix3<f64>, r: f64, zs: &[f64]) -> f64 {
    let mut f = ekf.clone();
    let mut nll = 0.0;
    for z in zs {
        f.predict(1.0, 0.1, 0.1, q);
        nll += f.update(*z, 3.0, 2.0, r);
    }
    nll
}
#[differentiate(order = 2)]
fn heat2d(u: &mut [f64], n: usize, alpha: f64, steps: usize) {
    let mut next = u.to_vec();
    for _ in 0..steps {
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                let at = i * n + j;
                next[at] =
                    u[at] + alpha * (u[at - 1] + u[at + 1] + u[at - n] + u[at + n] - 4.0 * u[at]);
            }
        }
        u.copy_from_slice(&next);
    }
}
#[differentiate(order = 2)]
fn wave(u0: &[f64], c: f64, steps: usize) -> f64 {
    let mut prev = u0.to_vec();
    let mut cur = u0.to_vec();
    let mut next = vec![0.0; u0.len()];
    for _ in 0..steps {
        for i in 1..u0.len() - 1 {
            next[i] = 2.0 * cur[i] - prev[i] + c * c * (cur[i - 1] - 2.0 * cur[i] + cur[i + 1]);
        }
        std::mem::swap(&mut prev, &mut cur);
        std::mem::swap(&mut cur, &mut next);
    }
    cur.iter().map(|x| x * x).sum()
}
#[differentiate(order = 2)]
fn hmm(pi: &DVector<f64>, a: &DMatrix<f64>, b: &DMatrix<f64>, obs: &[usize]) -> f64 {
    let mut alpha = pi.component_mul(&b.column(obs[0]));
    let mut ll = 0.0;
    for &o in &obs[1..] {
        let c = alpha.sum();
        ll += c.ln();
        alpha /= c;
        alpha = (a.transpose() * alpha).component_mul(&b.column(o));
    }
    ll + alpha.sum().ln()
}
#[differentiate(order = 2)]
fn soft_dtw(x: &[f64], y: &[f64], gamma: f64) -> f64 {
    let (n, m) = (x.len(), y.len());
    let mut r = vec![vec![f64::INFINITY; m + 1]; n + 1];
    r[0][0] = 0.0;
    for i in 1..=n {
        for j in 1..=m {
            let c = (x[i - 1] - y[j - 1]).powi(2);
            let best = r[i - 1][j].min(r[i][j - 1]).min(r[i - 1][j - 1]);
            let soft: f64 = [r[i - 1][j], r[i][j - 1], r[i - 1][j - 1]]
                .iter()
                .map(|v| (-(v - best) / gamma).exp())
                .sum();
            r[i][j] = c + best - gamma * soft.ln();
        }
    }
    r[n][m]
}
#[differentiate(order = 2)]
fn gp_nll(x: &[f64], y: &DVector<f64>, log_len: f64, log_noise: f64) -> f64 {
    let n = x.len();
    let k = DMatrix::from_fn(n, n, |i, j| {
        let d = (x[i] - x[j]) / log_len.exp();
        let v = (-0.5 * d * d).exp();
        if i == j { v + log_noise.exp() } else { v }
    });
    let chol = k.cholesky().unwrap();
    let alpha = chol.solve(y);
    0.5 * y.dot(&alpha) + chol.l().diagonal().iter().map(|d| d.ln()).sum::<f64>()
}
#[differentiate(order = 2)]
fn attention(q: &DMatrix<f64>, k: &DMatrix<f64>, v: &DMatrix<f64>) -> f64 {
    let mut s = q * k.transpose() / (q.ncols() as f64).sqrt();
    for mut row in s.row_iter_mut() {
        let m = row.max();
        row.iter_mut().for_each(|x| *x = (*x - m).exp());
        let z = row.sum();
        row /= z;
    }
    (s * v).norm_squared()
}
#[differentiate(order = 2)]
fn conv1d(x: &[f64], w: &[f64], b: f64) -> Vec<f64> {
    x.windows(w.len())
        .map(|win| win.iter().zip(w).map(|(a, b)| a * b).sum::<f64>() + b)
        .map(|v| v.max(0.0))
        .collect()
}
#[differentiate(order = 2)]
fn cnn(x: &[f64], w1: &[f64], b1: f64, w2: &[f64]) -> f64 {
    let h = conv1d(x, w1, b1);
    let pooled: Vec<f64> = h
        .chunks(2)
        .map(|c| c.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        .collect();
    pooled
        .iter()
        .zip(w2)
        .map(|(a, b)| a * b)
        .sum::<f64>()
        .tanh()
}
#[test]
fn agree_with_differences() {
    battery!(black_scholes(*a, *b, *c, *d, *e, true), at a = 100.0, b = 110.0, c = 0.03, d = 0.2, e = 0.7);
    battery!(black_scholes(*a, *b, *c, *d, *e, false), at a = 100.0, b = 110.0, c = 0.03, d = 0.2, e = 0.7);
    battery!(binomial_american_put(*a, *b, *c, *d, 6), at a = 100.0, b = 107.0, c = 0.03, d = 0.2);
    battery!(bond_price(a, b, *c, 5), at a = vec![0.5, 1.7, 3.3, 10.0], b = vec![0.01, 0.02, 0.025, 0.03], c = 0.04);
    battery!(portfolio_risk(a, b), at a = dvector![0.4, 0.6], b = dmatrix![0.1, 0.2; -0.1, 0.05; 0.03, 0.04]);
    battery!(ik_cost(q, l, t), at q = vec![0.1, 0.4, -0.3], l = vec![[0.1, 0.5, 0.3], [0.0, 0.4, 0.1], [0.2, 0.3, 0.0]], t = vector![0.5, 0.4, 0.3]);
    battery!(cartpole_cost(*s, u), at s = CartPole { x: 0.1, v: 0.0, theta: 0.1, omega: 0.2 }, u = vec![0.4, -0.3, 0.5]);
    pullback!(project(c, p), at c = [0.1, -0.2, 0.3, 0.1, 0.2, 3.0, 1.2, 0.1, -0.05], p = [0.3, 0.4, 0.5]);
    let e = || Ekf {
        x: vector![0.1, 0.2, 0.3],
        p: Matrix3::identity() * 0.3,
    };
    battery!(likelihood_loop(e, q, *r, z), at e = e(), q = Matrix3::identity() * 0.01, r = 0.1, z = vec![3.4, 3.1]);
    battery!(likelihood(e, q, *r, z), at e = e(), q = Matrix3::identity() * 0.01, r = 0.1, z = vec![3.4, 3.1]);
    in_place!(heat2d(u, 4, *a, 3), at mut u = (0..16).map(|i| (i as f64).sin()).collect::<Vec<_>>(), a = 0.1);
    battery!(wave(u, *a, 3), at u = (0..6).map(|i| (i as f64).sin()).collect::<Vec<_>>(), a = 0.4);
    battery!(hmm(p, a, b, &[0, 1, 1, 0]), at p = dvector![0.4, 0.6], a = dmatrix![0.7, 0.3; 0.2, 0.8], b = dmatrix![0.9, 0.1; 0.4, 0.6]);
    battery!(soft_dtw(x, y, *g), at x = vec![0.1, 0.4, 0.5], y = vec![0.2, 0.3, 0.8, 0.9], g = 0.3);
    battery!(gp_nll(x, y, *l, *n), at x = vec![0.1, 0.4, 0.9], y = dvector![0.2, 0.3, 0.8], l = 0.3, n = -1.0);
    let m = || dmatrix![0.1, 0.4; 0.9, -0.3; 0.2, 0.3];
    battery!(attention(q, k, v), at q = m(), k = m() * 0.7, v = m() * 1.2);
    battery!(cnn(x, w, *b, u), at x = vec![0.1, 0.4, 0.9, -0.2, 0.4, 0.2], w = vec![0.4, 0.9, -0.3], b = 0.3, u = vec![0.3, 0.8]);
}
