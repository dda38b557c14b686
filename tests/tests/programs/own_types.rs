//! Operators and methods of the user's own types, to second order.

use std::ops::{Add, Div, Mul, Neg, Sub};

use differentiate::{Differentiable, Real, detach, differentiate};
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

use crate::battery::battery;

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V3 {
    x: f64,
    y: f64,
    z: f64,
}

fn v3(x: f64, y: f64, z: f64) -> V3 {
    V3 { x, y, z }
}

#[differentiate(order = 2)]
impl V3 {
    fn dot(&self, o: &V3) -> f64 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    fn norm(&self) -> f64 {
        self.dot(self).sqrt()
    }
    fn cross(self, o: V3) -> V3 {
        V3 {
            x: self.y * o.z - self.z * o.y,
            y: self.z * o.x - self.x * o.z,
            z: self.x * o.y - self.y * o.x,
        }
    }
    fn lerp(&self, o: &V3, t: f64) -> V3 {
        *self * (1.0 - t) + *o * t
    }
    fn powi(&self, n: i32) -> f64 {
        self.x.powi(n) + self.y.powi(n) + self.z.powi(n)
    }
    fn bent(&self, k: f64) -> V3 {
        V3 {
            x: self.x * k,
            y: (self.y * k).sin(),
            z: self.z,
        }
    }
}

#[differentiate(order = 2)]
impl Add for V3 {
    type Output = V3;
    fn add(self, o: V3) -> V3 {
        V3 {
            x: self.x + o.x,
            y: self.y + o.y,
            z: self.z + o.z,
        }
    }
}

#[differentiate(order = 2)]
impl Sub for V3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        V3 {
            x: self.x - o.x,
            y: self.y - o.y,
            z: self.z - o.z,
        }
    }
}

#[differentiate(order = 2)]
impl Mul<f64> for V3 {
    type Output = V3;
    fn mul(self, k: f64) -> V3 {
        V3 {
            x: self.x * k,
            y: self.y * k,
            z: self.z * k,
        }
    }
}

#[differentiate(order = 2)]
impl Mul<V3> for f64 {
    type Output = V3;
    fn mul(self, v: V3) -> V3 {
        v * self
    }
}

#[differentiate(order = 2)]
impl Div<usize> for V3 {
    type Output = V3;
    fn div(self, n: usize) -> V3 {
        self * (1.0 / n as f64)
    }
}

#[differentiate(order = 2)]
impl Neg for V3 {
    type Output = V3;
    fn neg(self) -> V3 {
        V3 {
            x: -self.x,
            y: -self.y,
            z: -self.z,
        }
    }
}

impl std::ops::AddAssign for V3 {
    fn add_assign(&mut self, o: V3) {
        *self = *self + o;
    }
}

impl std::ops::SubAssign for V3 {
    fn sub_assign(&mut self, o: V3) {
        *self = *self - o;
    }
}

impl std::ops::MulAssign<f64> for V3 {
    fn mul_assign(&mut self, k: f64) {
        *self = *self * k;
    }
}

#[differentiate(order = 2)]
fn every_operator(a: V3, b: V3, k: f64) -> f64 {
    let c = (a + b * k) / 3usize - -a;
    let d = 2.0 * c.cross(b);
    let e = d.lerp(&c, k).bent(k);
    e.dot(&a) * d.norm() + e.powi(3)
}

// The receivers are of types that the tokens do not show.
#[differentiate(order = 2)]
fn distances(points: &[V3]) -> f64 {
    let mut total = 0.0;
    for i in 1..points.len() {
        let step = points[i] - points[i - 1];
        total += step.norm() * (points[i] + points[i - 1]).dot(&step);
    }
    total
}

#[differentiate(order = 2)]
fn accumulated(points: &[V3], k: f64) -> f64 {
    let mut centre = v3(0.0, 0.0, 0.0);
    for p in points {
        centre += *p * k;
    }
    centre *= 1.0 / points.len() as f64;
    let mut spread = 0.0;
    for p in points {
        let mut d = *p;
        d -= centre;
        if d.x > 0.0 {
            spread += d.norm();
            continue;
        }
        spread += d.dot(&d) * k;
    }
    spread
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Body {
    position: V3,
    velocity: V3,
    mass: f64,
}

#[differentiate(order = 2)]
fn stepped(body: &Body, force: V3, dt: f64) -> f64 {
    let mut body = body.clone();
    for _ in 0..3 {
        let acceleration = force * (1.0 / body.mass) - body.position * 0.3;
        body.velocity = body.velocity + acceleration * dt;
        body.position = body.position + body.velocity * dt;
    }
    body.position.norm() * body.mass + body.velocity.dot(&force)
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V2<T> {
    x: T,
    y: T,
}

#[differentiate(order = 2)]
impl<T: Real> V2<T> {
    fn dot(&self, o: &V2<T>) -> T {
        self.x * o.x + self.y * o.y
    }
    fn norm(&self) -> T {
        self.dot(self).sqrt()
    }
}

#[differentiate(order = 2)]
impl<T: Real> Add for V2<T> {
    type Output = V2<T>;
    fn add(self, o: V2<T>) -> V2<T> {
        V2 {
            x: self.x + o.x,
            y: self.y + o.y,
        }
    }
}

#[differentiate(order = 2)]
impl<T: Real> Mul<T> for V2<T> {
    type Output = Self;
    fn mul(self, k: T) -> Self {
        V2 {
            x: self.x * k,
            y: self.y * k,
        }
    }
}

#[differentiate(order = 2)]
fn generic<T: Real>(a: V2<T>, k: T) -> T {
    let b = a * k + a;
    b.norm() * b.dot(&a)
}

/// A sum that is not linear: what is added turns.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Turned {
    by: f64,
    length: f64,
}

#[differentiate(order = 2)]
impl Add for Turned {
    type Output = Turned;
    fn add(self, o: Turned) -> Turned {
        Turned {
            by: self.by + o.by,
            length: self.length + o.length * (self.by - o.by).cos(),
        }
    }
}

impl std::ops::AddAssign for Turned {
    fn add_assign(&mut self, o: Turned) {
        *self = *self + o;
    }
}

#[differentiate(order = 2)]
fn turned(parts: &[Turned]) -> f64 {
    let mut sum = parts[0] + parts[1];
    sum = sum + parts[2];
    sum.length * sum.by
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Polynomial {
    c: Vec<f64>,
}

#[differentiate(order = 2)]
impl Polynomial {
    fn scale(&self, k: f64) -> Polynomial {
        let mut c = Vec::new();
        for v in &self.c {
            c.push(v * k);
        }
        Polynomial { c }
    }
    fn dot(&self, w: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..w.len() {
            sum += self.c[i] * w[i];
        }
        sum
    }
}

#[differentiate(order = 2)]
fn of_containers(p: &[Polynomial], w: &[f64], k: f64) -> f64 {
    let q = p[0].scale(k);
    q.dot(w) * p[1].scale(k).dot(w)
}

// Methods as functions.
#[differentiate(order = 2)]
impl V3 {
    fn angle_between(a: &V3, b: &V3) -> f64 {
        (V3::dot(a, b) / (Self::norm(a) * V3::norm(b))).acos()
    }
    fn max(&self, o: &V3) -> f64 {
        self.x.max(o.x) * self.y.max(o.y) + self.z.abs()
    }
}

#[differentiate(order = 2)]
fn methods_as_functions(points: &[V3]) -> f64 {
    let lengths: f64 = points.iter().map(V3::norm).sum();
    lengths * V3::angle_between(&points[0], &points[1]) + points[1].max(&points[2])
}

// Fields without derivative.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    stiffness: f64,
    #[no_diff]
    step: f64,
    #[no_diff]
    table: Vec<f64>,
    #[no_diff]
    steps: usize,
}

#[differentiate(order = 2)]
impl Spring {
    fn force(&self, x: f64) -> f64 {
        (x * self.step).sin() / self.step - self.stiffness * x
    }
}

#[differentiate(order = 2)]
fn swung(spring: &Spring, x: &DVector<f64>) -> f64 {
    let table = detach(&spring.table);
    let h = spring.step;
    let mut y = x * spring.step;
    for i in 0..spring.steps {
        y[0] += h * spring.force(y[1]) * table[i];
        y[1] -= spring.step * y[0];
    }
    y.norm() * spring.step.exp()
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct State {
    x: f64,
    v: f64,
}

#[differentiate(order = 2)]
impl State {
    fn energy(&self) -> f64 {
        self.x * self.x + self.v * self.v
    }
    fn is_below(&self, goal: f64) -> bool {
        self.energy() < goal
    }
    fn damped(&self, by: f64) -> State {
        State {
            x: self.x * by + 0.01 * self.v,
            v: self.v * by,
        }
    }
}

/// Conditions and assertions that ask variables that change, by methods that only their author knows.
#[differentiate(order = 2)]
fn asked_while_it_changes(s0: &State, goal: f64) -> f64 {
    let mut s = s0.damped(1.1);
    let mut turns = 0;
    while s.energy() > goal && turns < 20 {
        s = s.damped(0.9);
        turns += 1;
        assert!(s.energy().is_finite(), "an energy of {}", s.energy());
        if s.is_below(0.5 * goal) {
            break;
        }
    }
    let mut states = vec![s.clone(), s0.clone()];
    if states[0].energy() < states[1].energy() {
        states[0].x += goal;
    }
    states[0].energy() * s.x + states[0].v
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Tables {
    #[no_diff]
    list: Vec<f64>,
    #[no_diff]
    matrix: DMatrix<f64>,
    #[no_diff]
    array: [f64; 3],
    scale: f64,
}

/// Elements of fields without derivative, named in every way.
#[differentiate(order = 2)]
fn looked_up(p: &Tables, x: f64) -> f64 {
    let mut s = p.list[0] * x + p.scale;
    s += p.matrix[(0, 1)] * x;
    for i in 0..2 {
        s += p.list[i] * p.array[i] * x * p.scale;
    }
    for v in &p.list {
        s += v * x;
    }
    s += p.list.iter().map(|v| v * x * x).sum::<f64>();
    for (a, b) in p.array.iter().zip(&p.list) {
        s += a * b * x;
    }
    let list = &p.list;
    s += list[1] * x + list.len() as f64;
    s += (&p.matrix * dvector![x, 1.0])[0] * p.array[..2][1] * x;
    s
}

#[test]
fn agree_with_differences() {
    let (a, b, c) = (v3(1.0, 2.0, 3.0), v3(-1.0, 0.5, 0.3), v3(0.2, -0.4, 1.1));
    battery!(every_operator(*a, *b, *k), at a = a, b = b, k = 1.5);
    battery!(distances(p), at p = vec![a, b, c]);
    battery!(accumulated(p, *k), at p = vec![a, b, c], k = 0.7);
    let body = Body {
        position: a,
        velocity: b,
        mass: 1.3,
    };
    battery!(stepped(body, *force, *dt), at body = body, force = c, dt = 0.1);
    battery!(generic(*a, *k), at a = V2 { x: 1.0, y: -0.4 }, k = 1.3);
    battery!(methods_as_functions(p), at p = vec![a, b, c]);
    let spring = Spring {
        stiffness: 1.3,
        step: 0.4,
        table: vec![1.0, 0.5],
        steps: 2,
    };
    battery!(swung(s, x), at s = spring, x = dvector![0.7, -0.2]);
    let part = |by, length| Turned { by, length };
    battery!(turned(p), at p = vec![part(0.3, 1.0), part(-0.2, 0.5), part(1.0, 2.0)]);
    let p = |c: &[f64]| Polynomial { c: c.to_vec() };
    battery!(of_containers(p, w, *k), at p = vec![p(&[1.0, 2.0]), p(&[0.5, -1.0])], w = vec![0.4, 0.8], k = 2.0);
    battery!(asked_while_it_changes(s, *goal), at s = State { x: 0.9, v: 0.3 }, goal = 0.4);
    battery!(asked_while_it_changes(s, *goal), at s = State { x: 0.9, v: 0.3 }, goal = 2.0);
    let tables = Tables {
        list: vec![0.3, 0.7],
        matrix: dmatrix![0.1, 0.2; 0.3, 0.4],
        array: [0.1, 0.2, 0.3],
        scale: 0.2,
    };
    battery!(looked_up(p, *x), at p = tables, x = 0.7);
}
