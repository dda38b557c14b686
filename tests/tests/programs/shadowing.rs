//! One name for several variables: parameters, loops, arms, closures, blocks.

use crate::battery::{battery, pullback};
use differentiate::differentiate;
use nalgebra::{DVector, Vector2};

#[differentiate(order = 2)]
fn parameter_shadowed(x: f64, y: f64) -> f64 {
    let x = x * y;
    let y = x + y;
    let x = x * y;
    let y = &x;
    x * y
}

#[differentiate(order = 2)]
fn mutable_parameter(mut x: f64, mut y: f64) -> f64 {
    x *= y;
    let z = x;
    y = y + z;
    let mut x = x + y;
    x += z;
    x * y
}

#[differentiate(order = 2)]
fn in_loops(x: f64, v: &[f64]) -> f64 {
    let mut s = x;
    for x in v {
        let s_before = s;
        let x = x * s;
        s = {
            let s = x + s_before;
            let x = s * 0.5;
            x * x
        };
        for x in 0..2 {
            s += x as f64 * s_before;
        }
    }
    s + x
}

#[differentiate(order = 2)]
fn in_arms(x: f64, k: usize) -> f64 {
    let y = match k {
        0 => {
            let x = x * 2.0;
            x * x
        }
        1 => {
            let k = x;
            let x = k + 1.0;
            k * x
        }
        k => {
            let x = k as f64 * x;
            let x = x.sin();
            x
        }
    };
    let x = if y > 0.5 {
        let y = x * y;
        y
    } else {
        let x = y;
        x * x
    };
    x * y
}

#[differentiate(order = 2)]
fn in_patterns(p: (f64, f64), q: Option<f64>) -> f64 {
    let (p, x) = p;
    let (x, p) = (p * x, x);
    if let Some(x) = q {
        let (q, p) = (x * p, x);
        let x = q * p;
        return x + p;
    }
    let q = q.unwrap_or(x);
    x * p + q
}

#[differentiate(order = 2)]
fn loop_carried_and_shadowed(x: f64, n: usize) -> f64 {
    let mut t = x;
    let mut out = 0.0;
    for n in 0..n {
        let mut t2 = t;
        let u = t;
        t = t2 * x;
        let t = t + u;
        while t2 < t {
            t2 += 0.75 + x * 0.01;
            let t2 = t2 * n as f64;
            out += t2 * 0.1;
        }
        out += t * t2;
    }
    out + t
}

#[test]
fn scalars() {
    battery!(parameter_shadowed(*x, *y), at x = 1.3, y = 0.7);
    battery!(mutable_parameter(*x, *y), at x = 1.3, y = 0.7);
    battery!(in_loops(*x, v), at x = 0.6, v = vec![0.5, -1.0, 1.5]);
    for k in 0..4 {
        for x in [0.3, 1.4] {
            battery!(in_arms(*x, k), at x = x);
        }
    }
    battery!(in_patterns(*p, *q), at p = (1.3, 0.7), q = Some(0.4));
    battery!(in_patterns(*p, *q), at p = (1.3, 0.7), q = None);
    for n in 0..5 {
        battery!(loop_carried_and_shadowed(*x, n), at x = 1.13);
    }
}

#[differentiate(order = 2)]
fn vectors(v: Vec<f64>, x: f64) -> Vec<f64> {
    let w = v.clone();
    let v: Vec<f64> = v.iter().map(|v| v * x).collect();
    let x = v[0] + w[0];
    let w = {
        let v = w;
        let w: Vec<f64> = v.iter().zip(&v).map(|(v, w)| v * w + x).collect();
        w
    };
    v.iter().zip(w).map(|(v, w)| v * w).collect()
}

#[differentiate(order = 2)]
fn matrices(v: DVector<f64>, u: Vector2<f64>) -> f64 {
    let mut v = v;
    let w = v.clone();
    for k in 0..3 {
        let u = u * k as f64;
        let v2 = &v * u.x;
        let w = v2.dot(&w);
        v = v2 + &v * w;
    }
    let u = u.dot(&u);
    let v = v.dot(&w) * u;
    v * v
}

#[test]
fn aggregates() {
    pullback!(vectors(v.clone(), *x), at v = vec![0.5, -1.0, 1.5], x = 0.6);
    battery!(matrices(v.clone(), *u), at v = DVector::from_vec(vec![0.5, -1.0]), u = Vector2::new(0.3, 0.4));
}

#[differentiate(order = 2)]
fn names_of_the_generated_code(x: f64, y: f64) -> f64 {
    let (cx, m, tp, t, g, w) = (x, y, x * y, x - y, y * y, x + 1.0);
    let mut s = tp;
    for k in 0..3 {
        let d_s = s * m;
        let kept_s = d_s + t;
        let old_s = kept_s * g;
        let trip = old_s + w;
        let exit = trip * 0.1;
        s = exit + cx;
        let iter = s * k as f64;
        if iter > 4.0 {
            let chosen = iter * d_s;
            let found = chosen;
            return found * 0.01;
        }
        let zero_s = iter;
        s += zero_s;
    }
    let differentiate = s;
    let nalgebra = differentiate * x;
    let f64_ = nalgebra;
    f64_ * s
}

#[differentiate(order = 2)]
#[allow(non_snake_case, reason = "that is the case")]
fn upper_case(X: f64, Some_: f64, M: f64) -> f64 {
    let T = X * Some_;
    let Self_ = T * M;
    Self_ * X
}

#[differentiate(order = 2)]
fn raw_identifiers(r#type: f64, r#match: f64) -> f64 {
    let r#fn = r#type * r#match;
    let r#loop = |r#let: f64| r#let * r#fn;
    r#loop(r#type)
}

#[test]
fn names() {
    battery!(names_of_the_generated_code(*x, *y), at x = 0.6, y = 0.9);
    battery!(names_of_the_generated_code(*x, *y), at x = 2.6, y = 0.9);
    battery!(upper_case(*x, *y, *z), at x = 0.6, y = 0.9, z = 2.0);
    battery!(raw_identifiers(*x, *y), at x = 3.0, y = 5.0).is(45.0, (30.0, 9.0));
}

/// Types and functions of the user's that have the names of the prelude.
mod hostile {
    #![allow(
        dead_code,
        non_camel_case_types,
        reason = "names that nobody should choose"
    )]

    use differentiate::differentiate;

    struct Option;
    struct Vec;
    struct Result;
    struct Clone;
    struct Box;
    mod core {}
    mod std {}
    fn drop() {}
    fn zero() {}
    fn some() {}

    #[differentiate(order = 2)]
    pub(super) fn polynomial(x: f64, v: &[f64]) -> f64 {
        let mut s = x;
        for a in v {
            if s > 2.0 {
                continue;
            }
            s = s * x + a;
        }
        s
    }
}

use hostile::polynomial;

#[test]
fn hostile_surroundings() {
    battery!(polynomial(*x, v), at x = 0.6, v = vec![0.5, -1.0, 4.0, 1.0]);
}
