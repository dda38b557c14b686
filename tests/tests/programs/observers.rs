//! Macros, statements and attributes that compute nothing: assertions, printing, panics, `unreachable!`.

use crate::battery::{battery, kink};
use differentiate::differentiate;
use nalgebra::DVector;

#[differentiate(order = 2)]
fn asserted(x: f64, v: &[f64]) -> f64 {
    assert!(x > 0.0, "x is {x}, not positive");
    debug_assert!(!v.is_empty());
    assert_eq!(v.len(), 3, "three values, not {}", v.len());
    let mut s = x;
    for (i, a) in v.iter().enumerate() {
        debug_assert_ne!(*a, 100.0, "element {i}");
        s = s * a + x;
        if s > 1e6 {
            panic!("{s} is too large");
        }
    }
    assert!(s.is_finite() && s == s);
    s
}

#[differentiate(order = 2)]
fn printed(x: f64, v: &DVector<f64>) -> f64 {
    println!("x = {x}, v = {v}");
    let w = v * x;
    eprintln!("{:?} {}", w, w.len());
    let message = format!("{:.3}", w[0]);
    w.norm() * message.len() as f64
}

#[differentiate(order = 2)]
fn impossible(x: f64, k: usize) -> f64 {
    match k % 2 {
        0 => x * x,
        1 => {
            let y = x.sin();
            y * x
        }
        _ => unreachable!("two remainders"),
    }
}

#[differentiate(order = 2)]
fn unfinished(x: f64, k: usize) -> f64 {
    let y = if k == 0 {
        x * x
    } else if k == 1 {
        panic!("one")
    } else {
        todo!()
    };
    y + x
}

#[test]
fn assertions_and_output() {
    battery!(asserted(*x, v), at x = 1.2, v = vec![0.5, -1.0, 0.3]);
    kink!(printed(*x, v), at x = 1.25, v = DVector::from_vec(vec![3.0, 4.0]))
        .is(31.25, (25.0, DVector::from_vec(vec![3.75, 5.0])));
    for k in 0..4 {
        battery!(impossible(*x, k), at x = 1.2);
    }
    battery!(unfinished(*x, 0), at x = 1.2);
}

#[test]
#[should_panic(expected = "x is -1, not positive")]
fn assertions_hold_in_the_gradient() {
    asserted::grad(-1.0, &[1.0; 3]);
}

#[test]
#[should_panic(expected = "index out of bounds")]
fn indices_are_checked_in_the_gradient() {
    last_of::grad(&[1.0; 3], 3);
}

#[differentiate(order = 2)]
fn last_of(v: &[f64], i: usize) -> f64 {
    v[i] * v[0]
}

#[differentiate(order = 2)]
#[inline]
#[must_use]
#[allow(clippy::let_and_return, unused_must_use, reason = "that is the case")]
/// A function with documentation and attributes.
pub(crate) fn attributes(x: f64) -> f64 {
    #[allow(unused_variables, reason = "that is the case")]
    let unused = x * 2.0;
    let _ = x * 3.0;
    let _also = x.sin();
    #[rustfmt::skip]
    let y = x *  x;
    x * 5.0;
    ();
    y
}

#[differentiate(order = 2)]
fn inner_items(x: f64) -> f64 {
    const K: f64 = 2.0;
    use std::f64::consts::PI;
    #[differentiate(order = 2)]
    fn twice(x: f64) -> f64 {
        x * K
    }
    fn plain(n: usize) -> usize {
        n + 1
    }
    twice(x) * PI + x.powi(plain(2) as i32)
}

#[differentiate(order = 2)]
fn unit_and_never(x: f64, stop: bool) -> f64 {
    let () = ();
    let mut s = x;
    let unit = {
        s *= x;
    };
    let _ = unit;
    if stop {
        return s;
    };
    loop {
        s += x;
        if s > 10.0 {
            return s * x;
        }
    }
}

#[test]
fn odds_and_ends() {
    battery!(attributes(*x), at x = 3.0).is(9.0, 6.0);
    battery!(inner_items(*x), at x = 1.2);
    battery!(unit_and_never(*x, true), at x = 1.2);
    battery!(unit_and_never(*x, false), at x = 1.2);
}

#[differentiate(order = 2)]
fn expressions(x: f64, y: f64) -> f64 {
    let z = (({ x }) * ({ ({ y }) }));
    let [a, b] = [z, x];
    let (c, _) = (a * b, 1);
    -(-(-c))
        + (if x > y { x } else { y })
            * match (x, y) {
                (p, q) => p - q,
            }
        + if z > 0.0 { 1.0 } else { 2.0 } * z
}

#[differentiate(order = 2)]
fn exponent_towers(x: f64) -> f64 {
    x.powf(x.powf(x))
        .powf(0.5)
        .sqrt()
        .cbrt()
        .exp()
        .ln()
        .exp_m1()
        .ln_1p()
        .sinh()
        .asinh()
        .tanh()
        .atanh()
}

#[differentiate(order = 2)]
fn statement_expressions(x: f64, v: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut k = 0;
    while k < v.len() {
        s += match v[k] {
            a if a > 1.0 => a * x,
            a => {
                k += 1;
                if k == v.len() { a } else { a * v[k] }
            }
        };
        k += 1;
    }
    s -= if s > 0.0 { x } else { -x };
    s *= {
        let t = s;
        t * x
    };
    s
}

#[test]
fn unusual_expressions() {
    battery!(expressions(*x, *y), at x = 1.2, y = 0.7);
    battery!(expressions(*x, *y), at x = -1.2, y = 0.7);
    battery!(exponent_towers(*x), at x = 0.7);
    battery!(statement_expressions(*x, v), at x = 0.7, v = vec![0.5, 0.8, 2.0, 0.9, 0.4, 0.3]);
    battery!(statement_expressions(*x, v), at x = 0.7, v = vec![-0.5]);
}
