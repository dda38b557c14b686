//! Calls of other differentiated functions.

use crate::battery::{battery, pullback};
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector, Vector3};

#[differentiate(order = 2)]
fn mul(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiate(order = 2)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, a) in x.iter().enumerate() {
        let c = a * y[i];
        if c < 0.0 {
            continue;
        }
        s += c * c;
    }
    s
}

#[differentiate(order = 2)]
fn scale(v: &[f64], k: f64) -> Vec<f64> {
    v.iter().map(|a| a * k).collect()
}

#[differentiate(order = 2)]
fn consume(v: Vec<f64>) -> f64 {
    v.iter().map(|a| a.sin()).sum()
}

#[differentiate(order = 2)]
fn split(x: f64) -> (f64, f64) {
    (x.sin(), x * x)
}

#[differentiate(order = 2)]
fn same_variable_twice(x: f64, v: &[f64]) -> f64 {
    mul(x, x) * dot(v, v) + mul(mul(x, x), dot(v, &v[..])) + dot(&v[1..], &v[..v.len() - 1])
}

#[test]
fn one_variable_in_two_places() {
    battery!(same_variable_twice(*x, v), at x = 1.2, v = vec![0.3, -0.4, 0.8]);
}

#[differentiate(order = 2)]
fn vectors_moved_and_used(v: Vec<f64>, x: f64) -> f64 {
    let w = scale(&v, x);
    let u = v;
    let s = consume(w.clone());
    let t = dot(&u, &w);
    s * t + consume(w) + consume(u)
}

#[differentiate(order = 2)]
fn results_fed_back(v: &[f64], x: f64, n: usize) -> f64 {
    let mut w = scale(v, x);
    let mut total = 0.0;
    for k in 0..n {
        let s = dot(&w, v);
        total += s;
        w = scale(&w, 0.3 * s + k as f64 * 0.1);
        if consume(w.clone()) > 3.0 {
            break;
        }
    }
    total + consume(w)
}

#[test]
fn vectors_through_calls() {
    battery!(vectors_moved_and_used(v.clone(), *x), at v = vec![0.3, -0.4, 0.8], x = 1.4);
    for n in 0..4 {
        battery!(results_fed_back(v, *x, n), at v = vec![0.9, -0.4, 0.8], x = 1.4);
    }
}

#[differentiate(order = 2)]
fn tuples_from_calls(x: f64) -> f64 {
    let (s, q) = split(x);
    let t = split(s * q);
    let u = split(split(t.0).1).1;
    t.0 * t.1 + u + split(x).0
}

#[differentiate(order = 2)]
fn call_in_every_position(x: f64, v: &[f64]) -> f64 {
    let mut acc = if mul(x, 2.0) > 1.0 {
        mul(x, x)
    } else {
        split(x).1
    };
    while mul(acc, acc) < 4.0 {
        acc += mul(x, 1.5);
    }
    for a in scale(v, acc) {
        acc += a * 0.1;
    }
    match split(acc) {
        (s, q) if s > 0.0 => mul(s, q),
        (s, _) => mul(s, mul(acc, x)),
    }
}

#[test]
fn calls_in_every_position() {
    battery!(tuples_from_calls(*x), at x = 0.7);
    for x in [0.3, 0.9, 1.7] {
        battery!(call_in_every_position(*x, v), at x = x, v = vec![0.3, -0.4]);
    }
}

#[differentiate(order = 2)]
fn shadowed_function(mul: f64, dot: f64) -> f64 {
    let consume = mul * dot;
    let split = |t: f64| t * consume;
    split(mul) + dot
}

mod inner {
    use differentiate::differentiate;

    #[differentiate(order = 2)]
    pub(super) fn mul(x: f64, y: f64) -> f64 {
        x * y + 1.0
    }

    pub(super) mod deep {
        use differentiate::differentiate;

        #[differentiate(order = 2)]
        pub(in super::super) fn mul(x: f64, y: f64) -> f64 {
            super::mul(x, y) * y
        }
    }
}

#[differentiate(order = 2)]
fn by_path(x: f64, y: f64) -> f64 {
    use inner::deep;
    inner::mul(x, y) * deep::mul(x, 2.0) + self::mul(x, y) + crate::calls::mul(y, y)
}

#[differentiate(order = 2)]
fn local_import(x: f64) -> f64 {
    use inner::mul;
    mul(x, x)
}

#[test]
fn names_of_functions() {
    battery!(shadowed_function(*x, *y), at x = 1.5, y = 0.4)
        .gradient_is((2.0 * 1.5 * 0.4, 1.5 * 1.5 + 1.0));
    battery!(by_path(*x, *y), at x = 1.5, y = 0.4);
    battery!(local_import(*x), at x = 1.5).is(3.25, 3.0);
}

#[differentiate(order = 2, wrt(x))]
fn narrowed(x: f64, y: f64) -> f64 {
    x * y * y
}

// `wrt` narrows the interface of `narrowed`, not what callers get.
#[differentiate(order = 2)]
fn calls_narrowed(x: f64, y: f64) -> f64 {
    narrowed(x, y) + narrowed(y, x)
}

#[differentiate(order = 2)]
fn with_constant(x: f64, #[no_diff] k: f64, n: usize) -> f64 {
    x * k + n as f64
}

#[differentiate(order = 2)]
fn constants_and_literals(x: f64) -> f64 {
    with_constant(x, 2.5, 3) * with_constant(1.0, 0.5, 1) + mul(2.0, 3.0) * x + mul(x, 4.0)
}

fn cubed_pullback(x: f64, _y: &f64, g: &f64) -> f64 {
    3.0 * x * x * g
}

#[differentiate(forward, pullback = cubed_pullback)]
fn cubed(x: f64) -> f64 {
    x * x * x
}

#[differentiate(forward)]
fn with_rule(x: f64) -> f64 {
    let mut s = x;
    for _ in 0..3 {
        s = cubed(s) * 0.5;
    }
    s
}

#[test]
fn narrowed_constant_and_custom() {
    battery!(calls_narrowed(*x, *y), at x = 1.5, y = 0.4);
    battery!(constants_and_literals(*x), at x = 1.5);
    battery!(cubed(*x), first at x = 1.5).is(3.375, 6.75);
    battery!(with_rule(*x), first at x = 1.1);
}

#[differentiate(order = 2)]
fn matrix_helper(m: &DMatrix<f64>, v: DVector<f64>) -> DVector<f64> {
    m * &v + v
}

#[differentiate(order = 2)]
fn matrices_through_calls(m: DMatrix<f64>, v: DVector<f64>) -> f64 {
    let mut w = v.clone();
    for _ in 0..2 {
        w = matrix_helper(&m, w);
    }
    let u = matrix_helper(&m.transpose(), v);
    u.dot(&w) + matrix_helper(&m, u.clone()).norm() + u.sum()
}

#[differentiate(order = 2)]
fn cross_sum(a: Vector3<f64>, b: &Vector3<f64>) -> Vector3<f64> {
    a.cross(b) + a
}

#[differentiate(order = 2)]
fn copies_through_calls(a: Vector3<f64>) -> f64 {
    let b = cross_sum(a, &a);
    let c = cross_sum(b, &a);
    cross_sum(c, &b).dot(&a) + a.norm()
}

#[test]
fn matrices_and_copies() {
    battery!(
        matrices_through_calls(m.clone(), v.clone()),
        at m = DMatrix::from_row_slice(2, 2, &[0.3, -0.4, 0.9, 0.2]),
        v = DVector::from_vec(vec![0.5, -1.0])
    );
    battery!(copies_through_calls(*a), at a = Vector3::new(0.5, -1.0, 0.7));
}

#[differentiate(order = 2)]
fn zero(x: f64) -> Vec<f64> {
    vec![x, x * x, 1.0]
}

#[differentiate(order = 2)]
fn vec_of_results(x: f64) -> Vec<f64> {
    let v = zero(x);
    let w = vec![mul(v[0], v[1]), v[2], consume(zero(x))];
    scale(&w, v[1])
}

#[test]
fn vectors_as_results() {
    pullback!(zero(*x), at x = 1.5);
    pullback!(vec_of_results(*x), at x = 1.5);
}
