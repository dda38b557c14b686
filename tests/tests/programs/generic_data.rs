//! Generic functions, types, traits and operators; options, boxes and nested lists as data.

use crate::battery::{battery, in_place};
use differentiate::{Differentiable, Real, differentiate, lit};
use nalgebra::*;

#[differentiate(order = 2)]
fn power<const N: usize>(x: f64) -> f64 {
    let mut p = 1.0;
    for _ in 0..N {
        p *= x;
    }
    p
}
#[differentiate(order = 2)]
fn uses_power(x: f64) -> f64 {
    power::<3>(x) + power::<2>(x)
}
#[differentiate(order = 2)]
fn lifetime_bound<'a, 'b: 'a>(x: &'a [f64], y: &'b [f64]) -> f64 {
    let mut best: &'a [f64] = x;
    if y[0] > x[0] {
        best = y;
    }
    best[0] * best[1]
}
#[differentiate(order = 2)]
fn longest<'a>(x: &'a [f64], y: &'a [f64]) -> f64 {
    let v: &'a [f64] = if x.len() > y.len() { x } else { y };
    v.iter().sum()
}
#[differentiate(order = 2)]
fn where_clause<T, const N: usize>(x: [T; N], k: T) -> T
where
    T: Real + std::iter::Sum<T>,
{
    x.iter().map(|v| *v * k).sum()
}
#[differentiate(order = 2)]
fn generic_vec<T: Real>(v: &DVector<T>, m: &DMatrix<T>) -> T {
    let mut w = m * v;
    for i in 0..w.len() {
        w[i] = w[i].exp();
    }
    let mut s = T::zero();
    for x in w.iter() {
        s += *x * lit(0.5);
    }
    s
}
#[differentiate(order = 2)]
fn f32_only(x: &[f32], k: f32) -> f32 {
    let mut s = 0.0;
    for (i, v) in x.iter().enumerate() {
        s += v.powi(2) * k / (i as f32 + 1.0);
    }
    s.sqrt()
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Poly<T> {
    c: Vec<T>,
}
#[differentiate(order = 2)]
impl<T: Real> Poly<T> {
    fn eval(&self, x: T) -> T {
        self.c.iter().rev().fold(T::zero(), |s, c| s * x + *c)
    }
    fn new(a: T, b: T) -> Self {
        Poly {
            c: vec![a, b, a * b],
        }
    }
}
#[differentiate(order = 2)]
fn use_poly(a: f64, b: f64, x: f64) -> f64 {
    Poly::<f64>::new(a, b).eval(x)
}
#[differentiate(order = 2)]
fn use_poly32(a: f32, b: f32, x: f32) -> f32 {
    Poly::<f32>::new(a, b).eval(x)
}

trait Energy {
    fn energy(&self, x: f64) -> f64;
    fn twice(&self, x: f64) -> f64 {
        2.0 * self.energy(x)
    }
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    k: f64,
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Drag {
    c: f64,
    n: f64,
}
#[differentiate(order = 2)]
impl Energy for Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.k * x * x
    }
}
#[differentiate(order = 2)]
impl Energy for Drag {
    fn energy(&self, x: f64) -> f64 {
        self.c * x.powf(self.n)
    }
    fn twice(&self, x: f64) -> f64 {
        self.energy(x) + self.energy(x)
    }
}
#[differentiate(order = 2)]
fn total(s: &Spring, d: &Drag, x: f64) -> f64 {
    s.energy(x) + d.energy(x * x) + d.twice(x)
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Cfg {
    scale: f64,
    bias: Option<f64>,
    w: Vec<Vec<f64>>,
    b: Box<f64>,
    pair: (f64, [f64; 2]),
    #[no_diff]
    n: usize,
    #[no_diff]
    name: String,
}
#[differentiate(order = 2)]
fn cfg_loss(c: &Cfg, x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (row, x) in c.w.iter().zip(x) {
        for w in row {
            s += w * x * c.scale;
        }
    }
    if let Some(b) = c.bias {
        s += b * b;
    }
    let (p, [q, r]) = c.pair;
    s * *c.b + p * q * r + c.n as f64 * s
}
#[differentiate(order = 2)]
fn cfg_update(c: &mut Cfg, k: f64) {
    c.w[1][0] *= k;
    if let Some(b) = &mut c.bias {
        *b += k;
    }
    *c.b *= c.scale;
    c.pair.1[0] = c.pair.0 * k;
    c.w.push(vec![k, c.scale]);
    let last = c.w.last_mut().unwrap();
    last[0] *= 2.0;
    c.n += 1;
    std::mem::swap(&mut c.scale, &mut c.pair.0);
    let b = c.bias.take();
    c.bias = b.map(|b| b * 2.0);
}
#[differentiate(order = 2)]
fn update_syntax(c: Cfg, k: f64) -> Cfg {
    let d = Cfg {
        scale: c.scale * k,
        ..c
    };
    Cfg {
        bias: Some(d.scale),
        n: 3,
        ..d
    }
}
#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Layer {
    Linear { w: DMatrix<f64>, b: DVector<f64> },
    Scale(f64),
    Relu,
}
#[differentiate(order = 2)]
fn run_layers(layers: &[Layer], x: &DVector<f64>) -> f64 {
    let mut h = x.clone();
    for l in layers {
        h = match l {
            Layer::Linear { w, b } => w * &h + b,
            Layer::Scale(s) => h * *s,
            Layer::Relu => h.map(|v| v.max(0.0)),
        };
    }
    h.norm_squared()
}
#[differentiate(order = 2)]
fn result_data(x: f64) -> Result<f64, String> {
    let y = root(x)?;
    let z = root(y - 0.1)?;
    Ok(y * z)
}
#[differentiate(order = 2)]
fn root(x: f64) -> Result<f64, String> {
    if x < 0.0 {
        Err("negative".into())
    } else {
        Ok(x.sqrt())
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Meters(f64);
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Unit;
#[differentiate(order = 2)]
fn tuple_struct(m: Meters, u: Unit, k: f64) -> Meters {
    let Meters(x) = m;
    Meters(x * k)
}
#[differentiate(order = 2)]
impl std::ops::Add for Meters {
    type Output = Meters;
    fn add(self, o: Meters) -> Meters {
        Meters(self.0 + o.0)
    }
}
#[differentiate(order = 2)]
impl std::ops::Mul<Meters> for f64 {
    type Output = Meters;
    fn mul(self, o: Meters) -> Meters {
        Meters(self * o.0)
    }
}
#[differentiate(order = 2)]
impl std::ops::Sub<&Meters> for &Meters {
    type Output = Meters;
    fn sub(self, o: &Meters) -> Meters {
        Meters(self.0 - o.0)
    }
}
#[differentiate(order = 2)]
impl std::ops::Neg for Meters {
    type Output = Meters;
    fn neg(self) -> Meters {
        Meters(-self.0)
    }
}
#[differentiate(order = 2)]
fn ops(a: Meters, b: Meters, k: f64) -> f64 {
    let c = a + k * b;
    let d = &c - &a;
    (-d).0 * c.0
}

fn cfg() -> Cfg {
    Cfg {
        scale: 0.7,
        bias: Some(0.3),
        w: vec![vec![0.1, 0.2], vec![0.5]],
        b: Box::new(0.9),
        pair: (0.2, [0.4, 0.8]),
        n: 2,
        name: "a".into(),
    }
}
#[test]
fn agree_with_differences() {
    battery!(uses_power(*x), at x = 1.3);
    battery!(lifetime_bound(x, y), at x = vec![0.3, 0.6], y = vec![0.4, 0.7]);
    battery!(longest(x, y), at x = vec![0.3, 0.6], y = vec![0.4, 0.7, 0.1]);
    battery!(where_clause(*x, *k), at x = [0.3, 0.6], k = 0.5);
    battery!(generic_vec(v, m), at v = dvector![0.3, 0.4], m = dmatrix![0.1, 0.2; 0.4, 0.9]);
    battery!(f32_only(v, *k), at v = vec![0.3_f32, 0.4], k = 0.4_f32);
    battery!(use_poly(*a, *b, *x), at a = 0.3, b = 0.4, x = 1.2);
    battery!(use_poly32(*a, *b, *x), at a = 0.3_f32, b = 0.4_f32, x = 1.2_f32);
    battery!(total(s, d, *x), at s = Spring { k: 0.4 }, d = Drag { c: 0.3, n: 1.7 }, x = 0.9);
    battery!(cfg_loss(c, x), at c = cfg(), x = vec![0.4, 0.6]);
    in_place!(cfg_update(c, *k), at mut c = cfg(), k = 0.6);
    let (v, pull) = update_syntax::vjp(cfg(), 0.4);
    battery!(run_layers(l, x), at l = vec![Layer::Linear { w: dmatrix![0.1, 0.2; 0.4, 0.9], b: dvector![0.1, 0.3] }, Layer::Relu, Layer::Scale(0.4)], x = dvector![0.4, 0.3]);
    let (v, pull) = result_data::vjp(2.0);
    assert!(v.is_ok());
    pull(Some(1.0));
    battery!(ops(*a, *b, *x), at a = Meters(0.3), b = Meters(0.5), x = 1.2);
}
