//! Blocks and modules under one attribute.

use crate::battery::{battery, lent};
use differentiate::{Differentiable, Real, differentiate};
use nalgebra::*;

#[differentiate(order = 2)]
mod quad {
    pub fn trapezoid(f: impl Fn(f64) -> f64, a: f64, b: f64, n: usize) -> f64 {
        let h = (b - a) / n as f64;
        (1..n).map(|i| f(a + i as f64 * h)).sum::<f64>() * h + 0.5 * h * (f(a) + f(b))
    }
    pub fn by_closure(k: f64, b: f64) -> f64 {
        trapezoid(|x| (k * x).sin(), 0.0, b, 8)
    }
    fn cube(x: f64) -> f64 {
        x * x * x
    }
    pub fn by_name(a: f64, b: f64) -> f64 {
        trapezoid(cube, a, b, 4) + trapezoid(f64::exp, a, b, 4)
    }
    pub fn by_local(k: f64, b: f64) -> f64 {
        let f = |x: f64| k * x * x;
        trapezoid(f, 0.0, b, 4) + trapezoid(&f, b, 1.0, 2)
    }
    pub fn newton(f: impl Fn(f64) -> f64, df: impl Fn(f64) -> f64, x0: f64) -> f64 {
        let mut x = x0;
        for _ in 0..20 {
            let dx = f(x) / df(x);
            x -= dx;
            if dx.abs() < 1e-13 {
                return x;
            }
        }
        x
    }
    pub fn cube_root(c: f64) -> f64 {
        newton(|x| x * x * x - c, |x| 3.0 * x * x, 1.0)
    }
    pub fn apply<F: Fn(f64) -> f64>(f: F, x: f64) -> f64 {
        f(f(x))
    }
    pub fn use_apply(k: f64, x: f64) -> f64 {
        apply(|t| t * k, x)
    }
    pub fn apply_where<F>(f: F, x: f64) -> f64
    where
        F: Fn(f64) -> f64,
    {
        f(f(x))
    }
    pub fn use_apply_where(k: f64, x: f64) -> f64 {
        apply_where(|t| t * k, x) + apply_where(cube, k)
    }
    pub fn ode(f: &impl Fn(f64, &[f64]) -> Vec<f64>, y0: &[f64], h: f64, n: usize) -> Vec<f64> {
        let mut y = y0.to_vec();
        for i in 0..n {
            let k = f(i as f64 * h, &y);
            for (y, k) in y.iter_mut().zip(&k) {
                *y += h * k;
            }
        }
        y
    }
    pub fn oscillator(k: f64, y0: &[f64]) -> f64 {
        let y = ode(&|_t, y| vec![y[1], -k * y[0]], y0, 0.1, 5);
        y[0]
    }
    pub fn even(x: f64, n: usize) -> f64 {
        if n == 0 { x } else { odd(x * 1.1, n - 1) }
    }
    pub fn odd(x: f64, n: usize) -> f64 {
        if n == 0 { x * x } else { even(x.sin(), n - 1) }
    }
    pub struct NotUsed;
    pub const G: f64 = 9.81;
    pub fn fall(t: f64) -> f64 {
        0.5 * G * t * t
    }
    pub mod inner {
        pub fn f(x: f64) -> f64 {
            super::fall(x) * x
        }
    }
}
use quad::*;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Mlp {
    w1: DMatrix<f64>,
    b1: DVector<f64>,
    w2: DMatrix<f64>,
    b2: DVector<f64>,
}
#[differentiate(order = 2)]
impl Mlp {
    fn hidden(&self, x: &DVector<f64>) -> DVector<f64> {
        (&self.w1 * x + &self.b1).map(Self::act)
    }
    fn act(x: f64) -> f64 {
        x.tanh()
    }
    fn forward(&self, x: &DVector<f64>) -> DVector<f64> {
        &self.w2 * self.hidden(x) + &self.b2
    }
    fn loss(&self, xs: &[DVector<f64>], ys: &[DVector<f64>]) -> f64 {
        xs.iter()
            .zip(ys)
            .map(|(x, y)| (self.forward(x) - y).norm_squared())
            .sum::<f64>()
            / xs.len() as f64
    }
    fn sgd(&mut self, lr: f64, k: &DMatrix<f64>) {
        self.w1 -= k * lr;
        self.b2[0] -= lr;
        self.b1 *= 1.0 - lr;
    }
}
#[differentiate(order = 2)]
fn mlp_loss(m: &Mlp, xs: &[DVector<f64>], ys: &[DVector<f64>]) -> f64 {
    m.loss(xs, ys)
}
trait Shape {
    const SIDES: usize;
    fn area(&self) -> f64;
    fn name() -> &'static str
    where
        Self: Sized;
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Sq {
    a: f64,
}
#[differentiate(order = 2)]
impl Shape for Sq {
    const SIDES: usize = 4;
    fn area(&self) -> f64 {
        self.a * self.a
    }
    fn name() -> &'static str {
        "sq"
    }
}
#[differentiate(order = 2)]
fn area(s: &Sq) -> f64 {
    s.area() * Sq::SIDES as f64
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Stack<T, const N: usize> {
    items: [T; N],
    top: T,
}
#[differentiate(order = 2)]
impl<T: Real, const N: usize> Stack<T, N> {
    fn total(&self) -> T {
        let mut s = self.top;
        for x in &self.items {
            s += *x * *x;
        }
        s
    }
    fn bump(&mut self, k: T) {
        for x in self.items.iter_mut() {
            *x *= k;
        }
        self.top += k;
    }
}
#[differentiate(order = 2)]
fn stack(s: &mut Stack<f64, 3>, k: f64) -> f64 {
    s.bump(k);
    s.total()
}
#[test]
fn agree_with_differences() {
    battery!(by_closure(*a, *b), at a = 0.4, b = 0.9);
    battery!(by_name(*a, *b), at a = 0.4, b = 0.9);
    battery!(by_local(*a, *b), at a = 0.4, b = 0.9);
    battery!(cube_root(*a), at a = 0.4);
    battery!(use_apply(*a, *b), at a = 0.4, b = 0.9);
    battery!(use_apply_where(*a, *b), at a = 0.4, b = 0.9);
    battery!(oscillator(*a, b), at a = 0.4, b = vec![0.9, 0.3]);
    battery!(even(*a, 3), at a = 0.4);
    battery!(fall(*a), at a = 0.4);
    let m = Mlp {
        w1: dmatrix![0.1, 0.2; 0.4, 0.5],
        b1: dvector![0.1, 0.2],
        w2: dmatrix![0.4, 0.8],
        b2: dvector![0.3],
    };
    battery!(mlp_loss(m, x, y), at m = m.clone(), x = vec![dvector![0.3, 0.4]], y = vec![dvector![0.5]]);
    battery!(area(s), at s = Sq { a: 0.4 });
    lent!(stack(s, *k), at mut s = Stack { items: [0.2, 0.4, 0.5], top: 0.3 }, k = 0.4);
}
