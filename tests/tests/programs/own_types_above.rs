//! Operators and methods of the user's own types above second order, and products of matrices with such types.

use std::ops::{Add, Div, Mul, Neg, Sub};

use differentiate::{Differentiable, Real, differentiate};
use nalgebra::{DVector, UnitQuaternion, Vector3, dvector, vector};

use crate::battery::battery;

// === every operator ===

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V2<T> {
    x: T,
    y: T,
}

#[differentiate(order = 4)]
impl<T: Real> V2<T> {
    fn norm(&self) -> T {
        (self.x * self.x + self.y * self.y).sqrt()
    }
    fn dot(&self, w: &[T]) -> T {
        self.x * w[0] * w[1] + self.y.exp() * w[0]
    }
    fn lerp(&self, o: &V2<T>, t: T) -> V2<T> {
        V2 {
            x: self.x + (o.x - self.x) * t,
            y: self.y + (o.y - self.y) * t * t,
        }
    }
}

#[differentiate(order = 4)]
impl<T: Real> Mul for V2<T> {
    type Output = V2<T>;
    fn mul(self, o: V2<T>) -> V2<T> {
        V2 {
            x: self.x * o.x - self.y * o.y,
            y: self.x * o.y + self.y * o.x,
        }
    }
}

#[differentiate(order = 4)]
impl<T: Real> Mul<T> for V2<T> {
    type Output = V2<T>;
    fn mul(self, k: T) -> V2<T> {
        V2 {
            x: self.x * k,
            y: self.y * k * k,
        }
    }
}

#[differentiate(order = 4)]
impl Mul<V2<f64>> for f64 {
    type Output = V2<f64>;
    fn mul(self, v: V2<f64>) -> V2<f64> {
        v * self
    }
}

#[differentiate(order = 4)]
impl<'a, T: Real> Add<&'a V2<T>> for &'a V2<T> {
    type Output = V2<T>;
    fn add(self, o: &V2<T>) -> V2<T> {
        V2 {
            x: self.x + o.x * o.x,
            y: self.y * self.x + o.y,
        }
    }
}

#[differentiate(order = 4)]
impl<T: Real> Sub for V2<T> {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        V2 {
            x: self.x - o.x,
            y: self.y - o.y,
        }
    }
}

#[differentiate(order = 4)]
impl<T: Real> Neg for V2<T> {
    type Output = V2<T>;
    fn neg(self) -> V2<T> {
        V2 {
            x: -self.x,
            y: -self.y,
        }
    }
}

#[differentiate(order = 4)]
impl Div<usize> for V2<f64> {
    type Output = V2<f64>;
    fn div(self, n: usize) -> V2<f64> {
        self * (1.0 / n as f64)
    }
}

#[differentiate(order = 4)]
fn every_operator(a: V2<f64>, b: V2<f64>, w: &[f64], k: f64) -> f64 {
    let c = &(a * b * k) + &b;
    let d = 2.0 * c.lerp(&a, k) / 3usize - -c;
    d.norm() + d.dot(w) * c.norm()
}

#[differentiate(order = 3)]
fn third(a: V2<f64>, b: V2<f64>, w: &[f64], k: f64) -> f64 {
    let (da, db, dw, dk) = every_operator::grad(a, b, w, k);
    da.x * db.y + dw[0] * dk + dw[1]
}

#[differentiate(order = 2)]
fn fourth(a: V2<f64>, b: V2<f64>, w: &[f64], k: f64) -> f64 {
    let (da, db, dw, dk) = third::grad(a, b, w, k);
    da.y * dk + db.x * dw[1]
}

#[differentiate(order = 3)]
fn generic<T: Real>(a: &V2<T>, b: &V2<T>, k: T) -> T {
    let mut c = *a;
    for _ in 0..3 {
        c = (c * *b - *a) * k;
        if c.norm() > T::one() + T::one() {
            return c.x;
        }
    }
    (&c + b).norm() * c.y
}

#[differentiate(order = 2)]
fn of_generic(a: &V2<f64>, b: &V2<f64>, k: f64) -> f64 {
    let (da, db, dk) = generic::grad(a, b, k);
    da.x * db.y + dk * da.y
}

#[test]
fn operators_of_own_types() {
    let (a, b) = (V2 { x: 0.4, y: 0.8 }, V2 { x: 1.3, y: -0.6 });
    battery!(every_operator(*a, *b, w, *k), at a = a, b = b, w = vec![0.3, 0.9], k = 0.7);
    battery!(third(*a, *b, w, *k), at a = a, b = b, w = vec![0.3, 0.9], k = 0.7);
    battery!(fourth(*a, *b, w, *k), at a = a, b = b, w = vec![0.3, 0.9], k = 0.7);
    battery!(of_generic(a, b, *k), at a = a, b = b, k = 0.4);
    battery!(of_generic(a, b, *k), at a = a, b = b, k = 1.9);
}

// === closed forms to the fifth order ===

/// A number of which the product is the sum, and the sum the product.
#[derive(Clone, Copy, Debug, Differentiable)]
struct Odd(f64);

#[differentiate(order = 5)]
impl Mul for Odd {
    type Output = Odd;
    fn mul(self, o: Odd) -> Odd {
        Odd(self.0 + o.0)
    }
}

#[differentiate(order = 5)]
impl Add for Odd {
    type Output = Odd;
    fn add(self, o: Odd) -> Odd {
        Odd(self.0 * o.0)
    }
}

#[differentiate(order = 5)]
impl Odd {
    fn exp(self) -> f64 {
        self.0.exp()
    }
}

/// `(x + x²) exp(2x)`
#[differentiate(order = 5)]
fn odd(x: f64) -> f64 {
    let x = Odd(x);
    let all = [x, x + x];
    let mut sum = Odd(0.0);
    for it in all {
        sum = sum * it;
    }
    sum.0 * (x * x).exp()
}

#[test]
fn taylor_coefficients() {
    // exp(2x) = Σ (2x)ᵏ / k! at zero, times x + x².
    let exponential = [1.0, 2.0, 2.0, 4.0 / 3.0, 2.0 / 3.0];
    let c = odd::taylor(0.0, 1.0);
    assert_eq!(c[0], 0.0);
    for k in 1..=5 {
        let before = if k > 1 { exponential[k - 2] } else { 0.0 };
        let expected: f64 = exponential[k - 1] + before;
        assert!((c[k] - expected).abs() < 1e-14, "{k}: {} {expected}", c[k]);
    }
}

// === what is made of rotations ===

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Pose {
    turn: UnitQuaternion<f64>,
    at: Vector3<f64>,
}

#[differentiate(order = 3)]
impl Mul<&Pose> for &Pose {
    type Output = Pose;
    fn mul(self, o: &Pose) -> Pose {
        Pose {
            turn: self.turn * o.turn,
            at: self.turn * o.at + self.at,
        }
    }
}

#[differentiate(order = 3)]
impl Mul<Vector3<f64>> for &Pose {
    type Output = Vector3<f64>;
    fn mul(self, v: Vector3<f64>) -> Vector3<f64> {
        self.turn * v + self.at
    }
}

/// Has no third derivative, since the rotation is not a part of the pose.
#[differentiate(order = 3)]
impl Mul<UnitQuaternion<f64>> for &Pose {
    type Output = Pose;
    fn mul(self, turn: UnitQuaternion<f64>) -> Pose {
        Pose {
            turn: self.turn * turn,
            at: self.at,
        }
    }
}

#[differentiate(order = 3)]
fn chained(x: &Vector3<f64>, t: f64) -> f64 {
    let p = Pose {
        turn: UnitQuaternion::from_scaled_axis(*x),
        at: Vector3::new(t, x.x, t * t),
    };
    let q = Pose {
        turn: UnitQuaternion::from_scaled_axis(x * t),
        at: *x,
    };
    let r = &(&p * &q) * &p;
    let v = &r * vector![1.0, -2.0, 0.5];
    v.x * v.y + v.z
}

#[differentiate(order = 2)]
fn of_chained(x: &Vector3<f64>, t: f64) -> f64 {
    let (dx, dt) = chained::grad(x, t);
    dx.x * dx.y * dt + dx.z
}

#[differentiate(order = 2)]
fn turned(x: &Vector3<f64>, t: f64) -> f64 {
    let p = Pose {
        turn: UnitQuaternion::from_scaled_axis(*x),
        at: Vector3::new(t, x.x, t * t),
    };
    let q = &p * UnitQuaternion::from_scaled_axis(x * t);
    (&q * q.at).x
}

#[test]
fn operators_of_poses() {
    battery!(chained(x, *t), at x = vector![0.3, -0.4, 0.2], t = 0.5);
    battery!(of_chained(x, *t), at x = vector![0.3, -0.4, 0.2], t = 0.5);
    battery!(turned(x, *t), at x = vector![0.3, -0.4, 0.2], t = 0.5);
}

// === matrices on the left ===

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Scale {
    s: f64,
}

#[differentiate(order = 3)]
impl Mul<Scale> for Vector3<f64> {
    type Output = Vector3<f64>;
    fn mul(self, o: Scale) -> Vector3<f64> {
        self * o.s.sin()
    }
}

// The rule of the form above serves this one, too.
impl Mul<&Scale> for &Vector3<f64> {
    type Output = Vector3<f64>;
    fn mul(self, o: &Scale) -> Vector3<f64> {
        self * o.s.sin()
    }
}

#[differentiate(order = 3)]
impl Mul<&Scale> for &DVector<f64> {
    type Output = DVector<f64>;
    fn mul(self, o: &Scale) -> DVector<f64> {
        self / o.s.exp()
    }
}

#[differentiate(order = 3)]
fn scaled(x: &Vector3<f64>, t: &Scale, d: &DVector<f64>) -> f64 {
    let r = *x * t.clone();
    let q = &r * t;
    let e = d * t;
    q.x * r.y * t.s * e.dot(d)
}

#[differentiate(order = 2)]
fn of_scaled(x: &Vector3<f64>, t: &Scale, d: &DVector<f64>) -> f64 {
    let (dx, dt, dd) = scaled::grad(x, t, d);
    dx.dot(x) * dt.s + dd.norm_squared()
}

#[test]
fn matrices_on_the_left() {
    let (x, t, d) = (vector![0.1, 0.2, 0.3], Scale { s: 0.4 }, dvector![0.3, 0.7]);
    battery!(scaled(x, t, d), at x = x, t = t.clone(), d = d.clone());
    battery!(of_scaled(x, t, d), at x = x, t = t.clone(), d = d.clone());
}
