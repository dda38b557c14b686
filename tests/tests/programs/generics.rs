//! Functions generic over the number type, over lengths, with `f32` as well as `f64`.

use crate::battery::{battery, pullback};
use differentiate::{Differentiable, Real, differentiate, lit};
use nalgebra::{DMatrix, DVector, SVector, vector};

#[differentiate(order = 2)]
fn horner<T: Real>(x: T, c: &[T]) -> T {
    let mut s = T::zero();
    for c in c.iter().rev() {
        s = s * x + *c;
    }
    s
}

#[differentiate(order = 2)]
fn with_where<T>(x: T, y: T, n: usize) -> T
where
    T: Real,
{
    let half = lit::<T>(0.5);
    let mut s = x;
    for _ in 0..n {
        if s > y {
            s = s * half;
            continue;
        }
        s += y.sin() * x;
    }
    s * T::pi() + T::one()
}

#[differentiate(order = 2)]
fn calls_generic<T: Real>(x: T, v: &[T]) -> T {
    let a = horner(x, v);
    let b = horner::<T>(a * lit(0.1), v);
    with_where(a, b, 3) + helper(a, b).0
}

#[differentiate(order = 2)]
fn helper<T: Real>(x: T, y: T) -> (T, T) {
    (x * y, x / (y * y + T::one()))
}

#[differentiate(order = 2)]
fn recursive<T: Real>(x: T, n: usize) -> T {
    if n == 0 {
        x
    } else {
        recursive(x * lit(0.5), n - 1).sin() + x
    }
}

#[differentiate(order = 2)]
fn generic_matrix<T: Real>(m: &DMatrix<T>, v: &DVector<T>, k: T) -> T {
    let w = m * v * k;
    let u = w.map(|a| a.tanh() + k);
    u.dot(v) + w.norm()
}

#[differentiate(order = 2)]
fn lengths<const N: usize>(a: [f64; N], b: &[f64; N], v: SVector<f64, N>) -> f64 {
    let mut s = 0.0;
    for i in 0..N {
        s += a[i] * b[N - 1 - i] * v[i];
    }
    s * N as f64
}

#[differentiate(order = 2)]
fn lengths_and_numbers<T: Real, const N: usize>(a: &[T; N], x: T) -> [T; 2] {
    let mut s = x;
    for a in a {
        s = s * *a + x;
    }
    [s, s * a[0]]
}

fn scale_of<S: AsRef<str>>(name: S) -> usize {
    name.as_ref().len()
}

#[differentiate(order = 2)]
fn other_generics<S: AsRef<str> + Clone + 'static>(x: f64, #[no_diff] name: S) -> f64 {
    x * scale_of(name) as f64 * x
}

#[test]
fn doubles() {
    battery!(horner(*x, c), at x = 0.7, c = vec![1.0, -2.0, 0.5]);
    battery!(with_where(*x, *y, 4), at x = 0.7, y = 0.9);
    battery!(calls_generic(*x, v), at x = 0.7, v = vec![1.0, -2.0, 0.5]);
    battery!(recursive(*x, 3), at x = 0.7);
    battery!(
        generic_matrix(m, v, *k),
        at m = DMatrix::from_row_slice(2, 2, &[0.3, -0.4, 0.9, 0.2]), v = DVector::from_vec(vec![0.5, -1.0]), k = 1.2
    );
    battery!(lengths(*a, b, *v), at a = [1.0, 2.0], b = [0.5, -0.5], v = vector![0.3, 0.4]);
    pullback!(lengths_and_numbers(a, *x), at a = [1.0, 2.0, -0.3], x = 0.5);
    battery!(other_generics(*x, "four"), at x = 3.0).is(36.0, 24.0);
}

#[test]
fn singles() {
    battery!(horner(*x, c), at x = 0.7_f32, c = vec![1.0, -2.0, 0.5]);
    battery!(with_where(*x, *y, 4), at x = 0.7_f32, y = 0.9);
    battery!(calls_generic(*x, v), at x = 0.7_f32, v = vec![1.0, -2.0, 0.5]);
    battery!(recursive(*x, 3), at x = 0.7_f32);
    battery!(
        generic_matrix(m, v, *k),
        at m = DMatrix::from_row_slice(2, 2, &[0.3_f32, -0.4, 0.9, 0.2]), v = DVector::from_vec(vec![0.5, -1.0]), k = 1.2
    );
    pullback!(lengths_and_numbers(a, *x), at a = [1.0_f32, 2.0, -0.3], x = 0.5);
}

// Parameters that no argument shows.
#[differentiate(order = 2)]
fn power<const N: usize>(x: f64) -> f64 {
    let mut p = 1.0;
    for _ in 0..N {
        p *= x;
    }
    p
}

#[differentiate(order = 2)]
fn powers<const N: usize>(x: f64) -> Vec<f64> {
    (0..N).map(|k| x.powi(k as i32)).collect()
}

#[differentiate(order = 2)]
fn sum_of_powers(x: f64) -> f64 {
    power::<3>(x) + power::<2>(x) * powers::<4>(x).iter().sum::<f64>()
}

#[differentiate(order = 2)]
fn bounded<'a, 'b: 'a>(x: &'a [f64], y: &'b [f64]) -> f64 {
    let mut best: &'a [f64] = x;
    if y[0] > x[0] {
        best = y;
    }
    best[0] * best[1]
}

#[test]
fn parameters_that_no_argument_shows() {
    battery!(sum_of_powers(*x), at x = 1.3);
    assert_eq!(power::grad::<3>(2.0), 12.0);
    assert_eq!(powers::vjp::<3>(2.0).1(vec![1.0, 1.0, 1.0]), 5.0);
}

#[test]
fn lifetimes() {
    battery!(bounded(x, y), at x = vec![0.3, 0.6], y = vec![0.4, 0.7]);
    battery!(bounded(x, y), at x = vec![0.5, 0.6], y = vec![0.4, 0.7]);
}

#[derive(Clone, Copy, Differentiable)]
struct Quadratic<T: Real> {
    a: T,
    b: T,
}

// The arguments alone tell what the type is.
#[differentiate(order = 2)]
impl<T: Real> Quadratic<T> {
    fn new(a: T, b: T) -> Self {
        Quadratic { a, b }
    }
    fn power(#[no_diff] n: usize, a: T) -> T {
        let mut p = a;
        for _ in 0..n {
            p *= a;
        }
        p
    }
    fn at(&self, x: T) -> T {
        self.a * x * x + self.b * x
    }
}

#[differentiate(order = 2)]
fn nested_quadratics(x: f64, y: f64) -> f64 {
    let p = Quadratic::new(x, x * y);
    Quadratic::new(y, x).at(p.at(x)) + Quadratic::power(2, x)
}

#[test]
fn associated_functions_of_generic_types() {
    battery!(nested_quadratics(*x, *y), at x = 0.7, y = 1.2);
}
