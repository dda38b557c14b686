//! The programs for any kind of number, and for `differentiate` with `f64`.

use std::ops::{Add, Div, Mul, Neg, Sub};

use num_dual::{Dual2SVec64, DualNum, DualSVec64};
use reverse::Var;

/// What the programs ask of a number.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    fn value(self) -> f64;
    fn sine(self) -> Self;
    fn cosine(self) -> Self;
    fn root(self) -> Self;
    fn exponential(self) -> Self;
    fn logarithm(self) -> Self;
}

macro_rules! number {
    ($([$($generics:tt)*] $T:ty, $x:ident => $value:expr;)*) => {
        $(impl<$($generics)*> Number for $T {
            fn value(self) -> f64 {
                let $x = self;
                $value
            }
            fn sine(self) -> Self {
                self.sin()
            }
            fn cosine(self) -> Self {
                self.cos()
            }
            fn root(self) -> Self {
                self.sqrt()
            }
            fn exponential(self) -> Self {
                self.exp()
            }
            fn logarithm(self) -> Self {
                self.ln()
            }
        })*
    };
}
number! {
    [] f64, x => x;
    ['a] Var<'a>, x => x.val();
    [const N: usize] DualSVec64<N>, x => x.re;
    [const N: usize] Dual2SVec64<N>, x => x.re;
}

pub(crate) fn log_sum_exp<T: Number>(x: &[T]) -> T {
    let mut max = x[0];
    for v in x {
        if v.value() > max.value() {
            max = *v;
        }
    }
    let mut sum = (x[0] - max).exponential();
    for v in &x[1..] {
        sum = sum + (*v - max).exponential();
    }
    sum.logarithm() + max
}

pub(crate) fn rosenbrock<T: Number>(x: &[T]) -> T {
    let term = |i: usize| {
        let (a, b) = (x[i] - x[i - 1] * x[i - 1], -x[i - 1] + 1.0);
        a * a * 100.0 + b * b
    };
    let mut sum = term(1);
    for i in 2..x.len() {
        sum = sum + term(i);
    }
    sum
}

pub(crate) fn logistic<T: Number>(rate: T, start: T, steps: usize) -> T {
    let mut x = start;
    for _ in 0..steps {
        x = rate * x * (-x + 1.0);
    }
    x
}

fn dot<T: Number>(a: &[T; 3], b: &[T; 3]) -> T {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross<T: Number>(a: &[T; 3], b: &[T; 3]) -> [T; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Rotation, centre, focal length, principal point, distortion; point; weight.
pub(crate) fn residual<T: Number>(at: &[T; 15], feature: [f64; 2]) -> [T; 2] {
    let r = [at[0], at[1], at[2]];
    let p = [at[11] - at[3], at[12] - at[4], at[13] - at[5]];
    let angle = dot(&r, &r).root();
    let (sin, cos) = (angle.sine(), angle.cosine());
    let axis = r.map(|it| it / angle);
    let across = cross(&axis, &p);
    let along = dot(&axis, &p) * (-cos + 1.0);
    let seen: [T; 3] = std::array::from_fn(|i| p[i] * cos + across[i] * sin + axis[i] * along);
    let (x, y) = (seen[0] / seen[2], seen[1] / seen[2]);
    let r2 = x * x + y * y;
    let factor = at[9] * r2 + at[10] * r2 * r2 + 1.0;
    [
        at[14] * (x * factor * at[6] + at[7] + -feature[0]),
        at[14] * (y * factor * at[6] + at[8] + -feature[1]),
    ]
}

pub(crate) type State<T> = [T; 10];

fn slope<T: Number>(x: &State<T>, force: T) -> State<T> {
    std::array::from_fn(|i| (x[(i + 1) % 10] - x[(i + 8) % 10]) * x[(i + 9) % 10] - x[i] + force)
}

fn ahead<T: Number>(x: &State<T>, h: f64, k: &State<T>) -> State<T> {
    std::array::from_fn(|i| x[i] + k[i] * h)
}

pub(crate) fn runge_kutta<T: Number>(start: State<T>, force: T, h: f64, steps: usize) -> T {
    let mut x = start;
    for _ in 0..steps {
        let k1 = slope(&x, force);
        let k2 = slope(&ahead(&x, 0.5 * h, &k1), force);
        let k3 = slope(&ahead(&x, 0.5 * h, &k2), force);
        let k4 = slope(&ahead(&x, h, &k3), force);
        for i in 0..10 {
            x[i] = x[i] + (k1[i] + k2[i] * 2.0 + k3[i] * 2.0 + k4[i]) * (h / 6.0);
        }
    }
    let mut sum = x[0] * x[0];
    for v in &x[1..] {
        sum = sum + *v * *v;
    }
    sum
}

/// The same as ordinary functions.
#[differentiate::differentiate]
pub(crate) mod plain {
    use nalgebra::DMatrix;

    pub(crate) fn perceptron(
        v: &DMatrix<f64>,
        w: &DMatrix<f64>,
        #[no_diff] x: &DMatrix<f64>,
        #[no_diff] t: &DMatrix<f64>,
    ) -> f64 {
        let hidden = (v * x).map(f64::tanh);
        (w * hidden - t).norm_squared()
    }

    pub(crate) fn log_sum_exp(x: &[f64]) -> f64 {
        let mut max = x[0];
        for v in x {
            if *v > max {
                max = *v;
            }
        }
        let mut sum = 0.0;
        for v in x {
            sum += (v - max).exp();
        }
        sum.ln() + max
    }

    pub(crate) fn logistic(rate: f64, start: f64, steps: usize) -> f64 {
        let mut x = start;
        for _ in 0..steps {
            x = rate * x * (1.0 - x);
        }
        x
    }

    fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
        a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    }

    fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    }

    pub(crate) fn residual(at: &[f64; 15], #[no_diff] feature: [f64; 2]) -> [f64; 2] {
        let r = [at[0], at[1], at[2]];
        let p = [at[11] - at[3], at[12] - at[4], at[13] - at[5]];
        let angle = dot(&r, &r).sqrt();
        let (sin, cos) = (angle.sin(), angle.cos());
        let axis = [r[0] / angle, r[1] / angle, r[2] / angle];
        let across = cross(&axis, &p);
        let along = dot(&axis, &p) * (1.0 - cos);
        let seen = [
            p[0] * cos + across[0] * sin + axis[0] * along,
            p[1] * cos + across[1] * sin + axis[1] * along,
            p[2] * cos + across[2] * sin + axis[2] * along,
        ];
        let x = seen[0] / seen[2];
        let y = seen[1] / seen[2];
        let r2 = x * x + y * y;
        let factor = at[9] * r2 + at[10] * r2 * r2 + 1.0;
        [
            at[14] * (x * factor * at[6] + at[7] - feature[0]),
            at[14] * (y * factor * at[6] + at[8] - feature[1]),
        ]
    }

    fn slope(x: &[f64; 10], force: f64) -> [f64; 10] {
        let mut out = [0.0; 10];
        for i in 0..10 {
            out[i] = (x[(i + 1) % 10] - x[(i + 8) % 10]) * x[(i + 9) % 10] - x[i] + force;
        }
        out
    }

    fn ahead(x: &[f64; 10], h: f64, k: &[f64; 10]) -> [f64; 10] {
        let mut out = *x;
        for i in 0..10 {
            out[i] += h * k[i];
        }
        out
    }

    pub(crate) fn runge_kutta(
        start: &[f64; 10],
        force: f64,
        #[no_diff] h: f64,
        steps: usize,
    ) -> f64 {
        let mut x = *start;
        for _ in 0..steps {
            let k1 = slope(&x, force);
            let k2 = slope(&ahead(&x, 0.5 * h, &k1), force);
            let k3 = slope(&ahead(&x, 0.5 * h, &k2), force);
            let k4 = slope(&ahead(&x, h, &k3), force);
            for i in 0..10 {
                x[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        let mut sum = 0.0;
        for v in &x {
            sum += v * v;
        }
        sum
    }
}

/// Those whose second derivatives are compared.
#[differentiate::differentiate(order = 2)]
pub(crate) mod twice {
    pub(crate) fn log_sum_exp(x: &[f64]) -> f64 {
        let mut max = x[0];
        for v in x {
            if *v > max {
                max = *v;
            }
        }
        let mut sum = 0.0;
        for v in x {
            sum += (v - max).exp();
        }
        sum.ln() + max
    }

    pub(crate) fn rosenbrock(x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 1..x.len() {
            let (a, b) = (x[i] - x[i - 1] * x[i - 1], 1.0 - x[i - 1]);
            sum += 100.0 * a * a + b * b;
        }
        sum
    }
}
