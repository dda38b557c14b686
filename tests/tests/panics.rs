//! A panic in a function unwinds through all that is made of it: nothing is leaked, and the next call is right.
//!
//! Every function here panics for some inputs, each at another place. What it keeps for the reverse sweep holds a count of
//! its owners, which must be back at one when the panic has been caught.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use differentiate::nalgebra::DMatrix;
use differentiate::{Differentiable, differentiate};

/// A number and something that is counted.
#[derive(Clone, Debug, Differentiable)]
struct Held {
    x: f64,
    #[no_diff]
    owners: Rc<()>,
}

/// The value, unless `at` is the number of this place.
fn here(place: usize, at: usize, x: f64) {
    assert!(place != at, "panic {at} at {x}");
}

#[differentiate(order = 2)]
fn helper(held: &Held, k: usize, at: usize) -> f64 {
    let mut s = held.x;
    for i in 0..3 {
        if i == 2 {
            here(4, at, 0.0);
        }
        s = s * held.x + k as f64;
    }
    s
}

#[differentiate(order = 2)]
fn deep(held: Held, n: usize, at: usize) -> f64 {
    if n == 0 {
        here(5, at, 0.0);
        return held.x;
    }
    let inner = held.clone();
    deep(inner, n - 1, at) * held.x.sin()
}

/// Places 0 to 8.
#[differentiate(order = 2)]
fn program(held: Held, v: &[f64], at: usize) -> f64 {
    let mut s = held.x;
    let mut all = vec![held.clone()];
    here(0, at, 0.0);
    for (i, a) in v.iter().enumerate() {
        let mut one = all[i].clone();
        one.x = one.x * a + s.sin();
        s = s * one.x;
        if i == 1 {
            here(1, at, 0.0);
        }
        all.push(one);
    }
    let mut n = 0;
    while n < 3 {
        s = s * s.cos();
        n += 1;
        here(2, at + n, 0.0);
    }
    let squares: Vec<f64> = v
        .iter()
        .map(|a| {
            here(3, at, 0.0);
            a * s
        })
        .collect();
    s += helper(&all[1], n, at) + deep(all[0].clone(), 3, at);
    s += v[if at == 6 { v.len() } else { 0 }];
    let last = if at == 7 { None } else { all.pop() };
    let last = last.expect("the last");
    here(8, at, 0.0);
    s * last.x + squares[0]
}

#[differentiate(order = 2)]
fn in_place(v: &mut Vec<f64>, held: &Held, at: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        let held = held.clone();
        v[i] *= held.x;
        v.push(s);
        if i == 1 {
            here(0, at, 0.0);
        }
        s += v[i] * v[i];
    }
    here(1, at, 0.0);
    s
}

fn held() -> Held {
    Held {
        x: 0.7,
        owners: Rc::new(()),
    }
}

/// The same call without panic, with each panic, and without panic again.
#[track_caller]
fn compare<T: PartialEq + Debug>(what: &str, places: &[usize], call: impl Fn(Held, usize) -> T) {
    let none = 100;
    let before = call(held(), none);
    for at in places {
        let held = held();
        let owners = Rc::clone(&held.owners);
        let outcome = catch_unwind(AssertUnwindSafe(|| call(held, *at)));
        assert!(outcome.is_err(), "{what} does not panic at {at}");
        assert_eq!(
            Rc::strong_count(&owners),
            1,
            "{what} leaks after panic {at}"
        );
        assert_eq!(call(self::held(), none), before, "{what} after panic {at}");
    }
}

#[test]
fn every_interface_unwinds() {
    std::panic::set_hook(Box::new(|_| {}));
    let v = [0.3, 1.2, 0.4];
    // At 1 the loop `while` panics, too: `at + n` is 2.
    let places = [0, 1, 3, 4, 5, 6, 7, 8];
    let along = |held: &Held| HeldTangent {
        x: 1.0,
        owners: drop(Rc::clone(&held.owners)),
    };
    let numbers = |(value, (held, v)): (f64, (HeldTangent, Vec<f64>))| (value, held.x, v);
    compare("the function", &places, |held, at| program(held, &v, at));
    compare("`value_and_grad`", &places, |held, at| {
        numbers(program::value_and_grad(held, &v, at))
    });
    compare("`grad`", &places, |held, at| {
        numbers((0.0, program::grad(held, &v, at)))
    });
    compare("`vjp`", &places, |held, at| {
        let (value, pull) = program::vjp(held, &v, at);
        numbers((value, pull(1.0)))
    });
    compare("`adjoint`", &places, |held, at| {
        let mut d_held = along(&held);
        let mut d_v = vec![0.0; 3];
        let value = program::adjoint(held, &v, at, 1.0, &mut d_held, &mut d_v);
        numbers((value, (d_held, d_v)))
    });
    compare("`jvp`", &places, |held, at| {
        let dot = along(&held);
        program::jvp(held, &v, at, dot, &vec![1.0; 3])
    });
    compare("`jacobian`", &places, |held, at| {
        program::jacobian(held, &v, at)
    });
    compare("`hvp`", &places, |held, at| {
        let dot = along(&held);
        numbers((0.0, program::hvp(held, &v, at, dot, &vec![1.0; 3])))
    });
    compare(
        "`value_grad_hessian`",
        &places,
        |held, at| -> (f64, DMatrix<f64>) {
            let (value, _, hessian) = program::value_grad_hessian(held, &v, at);
            (value, hessian)
        },
    );
    compare("`value_and_grad` in place", &[0, 1], |held, at| {
        let mut v = v.to_vec();
        let (value, gradient) = in_place::value_and_grad(&mut v, &held, at);
        (value, gradient.x, v)
    });
    compare("`adjoint` in place", &[0, 1], |held, at| {
        let mut v = v.to_vec();
        let (mut d_v, mut d_held) = (vec![1.0; 6], along(&held));
        let value = in_place::adjoint(&mut v, &held, at, 1.0, &mut d_v, &mut d_held);
        (value, d_v, d_held.x, v)
    });
    compare("`jvp` in place", &[0, 1], |held, at| {
        let mut v = v.to_vec();
        let (mut dot_v, dot) = (vec![1.0; 3], along(&held));
        let (value, slope) = in_place::jvp(&mut v, &held, at, &mut dot_v, &dot);
        (value, slope, dot_v, v)
    });
}
