//! Local closures: captures, shadowing, several calls, early returns; `map`, `zip_map`, `fold`.

use crate::battery::{battery, pullback};
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector, Vector3};

#[differentiate(order = 2)]
fn called_twice(x: f64, k: f64) -> f64 {
    let f = |t: f64| {
        let u = t * k;
        u.sin() + k
    };
    f(x) * f(2.0) - f(f(x))
}

#[differentiate(order = 2)]
fn nested(x: f64, y: f64) -> f64 {
    let outer = |t: f64| {
        let inner = |s: f64| s * t + y;
        let t = inner(t) * inner(x);
        t + inner(t)
    };
    outer(x) + outer(y * 0.5)
}

#[differentiate(order = 2)]
fn shadowing(x: f64, y: f64) -> f64 {
    let a = x * y;
    let f = |x: f64| {
        let y = x * a;
        let a = y + x;
        a * y
    };
    let a = y;
    let x = f(a) + a;
    let f = |t: f64| f(t) * x;
    f(y)
}

#[differentiate(order = 2)]
fn early_return(x: f64, y: f64) -> f64 {
    let f = |t: f64| {
        if t < 0.0 {
            return -t * y;
        }
        for k in 0..4 {
            if t > f64::from(k) * 0.7 {
                continue;
            }
            return t * f64::from(k);
        }
        t * t
    };
    f(x) + f(-x) * f(y + 1.0) + f(x * x + 3.0)
}

#[differentiate(order = 2)]
fn several_parameters(x: f64, v: &[f64]) -> f64 {
    let axpy = |a: f64, b: f64, c: f64| a * b + c;
    let nothing = || x * 2.0;
    let pair = |p: (f64, f64)| p.0 * p.1;
    let split = |(a, b): (f64, f64)| a - b * x;
    let mut acc = nothing();
    for (i, a) in v.iter().enumerate() {
        acc = axpy(acc, *a, pair((x, *a))) + split((acc, i as f64));
    }
    acc * nothing()
}

#[differentiate(order = 2)]
fn capture_of_a_loop_variable(v: &[f64], x: f64) -> f64 {
    let mut s = x;
    for (i, a) in v.iter().enumerate() {
        let w = a * x;
        let f = |t: f64| t * w + i as f64 * a;
        s = f(s) * 0.5;
        if s > 2.0 {
            s = f(f(s)) * 0.1;
        }
    }
    s
}

#[differentiate(order = 2)]
fn returns_aggregates(x: f64) -> f64 {
    let both = |t: f64| (t.sin(), [t, t * x]);
    let (s, [a, b]) = both(x);
    let q = both(s);
    s * a + b * q.0 + q.1[1]
}

/// Local closures in the arguments of macros.
#[differentiate(order = 2)]
fn in_macros(x: f64) -> f64 {
    let half = |_: f64| 0.5;
    let more = |k: usize| k + 1;
    let mut b: Vec<f64> = vec![half(0.5); more(2)];
    let c = vec![half(0.1), 2.0];
    assert!(half(0.2) < 1.0, "no {} {}", half(0.3), more(1));
    b[0] = x;
    x * b[0] + c[1] * x * b.len() as f64
}

#[test]
fn closures_in_macros() {
    battery!(in_macros(*x), at x = 0.7);
}

#[test]
fn local_closures() {
    battery!(called_twice(*x, *y), at x = 1.1, y = 0.4);
    battery!(nested(*x, *y), at x = 1.1, y = 0.4);
    battery!(shadowing(*x, *y), at x = 1.1, y = 0.4);
    for x in [-0.8, 0.3, 1.9] {
        battery!(early_return(*x, *y), at x = x, y = 0.45);
    }
    battery!(several_parameters(*x, v), at x = 0.8, v = vec![0.5, -1.2, 2.0]);
    battery!(capture_of_a_loop_variable(v, *x), at v = vec![0.5, -1.2, 2.0, 3.0], x = 0.8);
    battery!(returns_aggregates(*x), at x = 0.8);
}

#[differentiate(order = 2)]
fn helper(x: f64, y: f64) -> f64 {
    x * y.exp()
}

#[differentiate(order = 2)]
fn map_fold(v: &DVector<f64>, x: f64) -> f64 {
    let w = v.map(|a| a.tanh() * x);
    let u = w.zip_map(v, |a, b| helper(a, b) - x);
    let worst = u.fold(x, |acc, a| acc * 0.5 + a * a);
    worst + u.map(|a| if a > 0.0 { a } else { 0.1 * a }).sum()
}

#[differentiate(order = 2)]
fn map_with_exits(v: &DVector<f64>, x: f64) -> f64 {
    let w = v.map(|a| {
        if a < 0.0 {
            return a * 0.01;
        }
        let mut t = a;
        while t < 2.0 {
            t = t * x + 1.0;
        }
        t
    });
    w.dot(v)
}

#[differentiate(order = 2)]
fn nested_maps(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    m.map(|a| v.map(|b| (a * b).sin()).sum() * a).sum()
}

#[differentiate(order = 2)]
fn map_by_name(v: &DVector<f64>, a: &[f64]) -> f64 {
    let w = v.map(f64::sin);
    let s: f64 = a.iter().copied().map(f64::exp).sum();
    w.sum() * s + a.iter().map(|a| helper(*a, s)).sum::<f64>()
}

#[differentiate(order = 2)]
fn static_maps(a: Vector3<f64>, x: f64) -> Vector3<f64> {
    let b = a.map(|t| t * x + a.x);
    let c = b.zip_map(&a, |p, q| p * q - b.y);
    c.map(|t| t.cos()) + a * x
}

#[differentiate(order = 2)]
fn array_maps(v: [f64; 3], x: f64) -> f64 {
    let w = v.map(|a| a * x);
    let u = [w[0], w[1] * w[2], x].map(|a| a.sin());
    u[0] * u[1] + u[2]
}

#[test]
fn closures_of_methods() {
    let v = DVector::from_vec(vec![0.5, -1.2, 2.0]);
    battery!(map_fold(v, *x), at v = v.clone(), x = 0.8);
    battery!(map_with_exits(v, *x), at v = DVector::from_vec(vec![0.5, -1.2, 2.5]), x = 1.3);
    battery!(nested_maps(m, v), at m = DMatrix::from_row_slice(2, 2, &[0.3, -0.4, 0.9, 0.2]), v = v.clone());
    battery!(map_by_name(v, a), at v = v.clone(), a = vec![0.1, -0.4]);
    pullback!(static_maps(*a, *x), at a = Vector3::new(0.5, -1.2, 2.0), x = 0.8);
    battery!(array_maps(*a, *x), at a = [0.5, -1.2, 2.0], x = 0.8);
}

#[differentiate(order = 2)]
fn empty_maps(v: &DVector<f64>, m: &DMatrix<f64>, x: f64) -> f64 {
    v.map(|a| a * x).sum() + m.map(|a| a + x).fold(x, |s, a| s * a)
}

#[test]
fn empty_matrices() {
    battery!(empty_maps(v, m, *x), at v = DVector::zeros(0), m = DMatrix::zeros(0, 3), x = 2.0)
        .gradient_is((DVector::zeros(0), DMatrix::zeros(0, 3), 1.0));
}

#[differentiate(order = 2)]
fn move_closure(x: f64, y: f64) -> f64 {
    let s = x * y;
    let f = move |t: f64| t * s + y;
    f(x) * f(s)
}

#[differentiate(order = 2)]
fn closure_in_a_branch(x: f64, c: bool) -> f64 {
    let y = x * x;
    if c {
        let f = |t: f64| t * y;
        f(x)
    } else {
        let f = |t: f64| t + y;
        f(x) * f(2.0)
    }
}

#[differentiate(order = 2)]
fn closure_over_mutable(x: f64) -> f64 {
    let mut s = x;
    s *= 2.0;
    let k = s;
    let f = |t: f64| t * k;
    let a = f(x);
    s += a;
    let f = |t: f64| t * s;
    f(a) + f(1.0)
}

#[test]
fn more_closures() {
    battery!(move_closure(*x, *y), at x = 1.1, y = 0.4);
    battery!(closure_in_a_branch(*x, true), at x = 1.1);
    battery!(closure_in_a_branch(*x, false), at x = 1.1);
    battery!(closure_over_mutable(*x), at x = 1.1);
}
