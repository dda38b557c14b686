//! What was once wrong with the compiler, each shrunk to a few lines; a name says what was wrong.

use crate::battery::{battery, kink, lent, pullback};
use differentiate::{detach, differentiate};
use nalgebra::{DMatrix, Matrix2};

#[differentiate(order = 2)]
fn mul(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiate(order = 2)]
fn positive(x: f64) -> Option<f64> {
    if x > 0.0 { Some(x.sqrt()) } else { None }
}

#[differentiate(order = 2)]
fn scaled(x: f64, k: usize) -> f64 {
    x.sin() * k as f64 + 0.5
}

// === wrong gradients and panics ===

#[differentiate(order = 2)]
fn reset_in_a_line(x: f64, n: usize) -> f64 {
    let mut a = x * 3.0;
    a = n as f64;
    a + x
}

#[differentiate(order = 2)]
fn reset_in_a_branch(x: f64, n: usize) -> f64 {
    let mut a = x * 3.0;
    if n == 0 {
        a = 2.0;
    }
    a + x
}

#[differentiate(order = 2)]
fn reset_in_a_loop(v: &[f64]) -> f64 {
    let (mut s, mut best) = (0.0, 0.0);
    for a in v {
        s += a * a;
        if s > 2.0 {
            best += s;
            s = 0.0;
        }
    }
    best * s
}

/// A closure that writes, called where no derivative is wanted: in conditions, indices and bounds.
#[differentiate(order = 2)]
fn written_in_a_condition(x: f64, y: f64, n: usize) -> f64 {
    let mut s: f64 = x;
    let mut update = |by: f64| -> f64 {
        s = y;
        by
    };
    let _ = if n > 1 {
        x
    } else if update(y) <= x {
        x
    } else {
        y
    };
    s
}

#[differentiate(order = 2)]
fn written_everywhere(x: f64, y: f64) -> f64 {
    let mut s: f64 = x;
    let mut update = |by: f64| -> f64 {
        s *= y;
        by
    };
    let mut k = 0;
    while update(y) > 0.0 && k < 3 {
        k += 1;
    }
    let j = (update(1.0) as usize).min(2);
    let w = [x, y, 1.0][(update(1.0) as usize).min(2)];
    match update(2.0) > 1.0 {
        true => (),
        false => (),
    }
    let mut next = || {
        k += 1;
        k
    };
    for _ in 0..next() {
        s += y;
    }
    s * w + j as f64
}

#[differentiate(order = 2)]
fn written_in_an_iterator(x: f64, y: f64) -> f64 {
    let mut s = x;
    let mut add = |v: f64| s += v;
    let t = (0..3)
        .map(|i| {
            add(y * i as f64);
            i
        })
        .fold(0, |a, b| a + b);
    add(x * t as f64);
    s
}

#[differentiate(order = 2)]
fn last_operand_leaves(x: f64, out: &mut [f64], y: f64) -> f64 {
    out[0] += x * y;
    out[0]
}

/// A mutable reference that is passed on before an operand with statements of its own.
#[differentiate(order = 2)]
fn lent_before_a_block(x: f64, out: &mut [f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for k in 0..3 {
        sum += last_operand_leaves(x, out, if k == n { break } else { x * x });
    }
    sum
}

#[differentiate(order = 2)]
fn scaled_twice(x: f64, by: &f64) -> f64 {
    x * by * by
}

/// One variable by value and by reference.
#[differentiate(order = 2)]
fn given_and_lent(x: f64, y: f64) -> f64 {
    let a: f64 = y;
    let t = scaled_twice(a, &a);
    if x > 5.0 {
        return t;
    }
    x
}

/// The type of one number is written, that of the other is not.
#[differentiate(order = 2)]
fn exchanged(x: f64, y: f64, n: usize) -> f64 {
    let mut s = x;
    let mut t = if n > 0 { x * y } else { y };
    std::mem::swap(&mut s, &mut t);
    s * s + t
}

#[test]
fn closures_that_write() {
    for n in [0, 2] {
        battery!(written_in_a_condition(*x, *y, n), at x = 1.0, y = 2.0);
    }
    battery!(written_everywhere(*x, *y), at x = 1.2, y = 2.0);
    battery!(written_in_an_iterator(*x, *y), at x = 1.2, y = 2.0);
    battery!(given_and_lent(*x, *y), at x = 6.0, y = 2.0);
    battery!(exchanged(*x, *y, 0), at x = 1.2, y = 2.0);
    battery!(exchanged(*x, *y, 1), at x = 1.2, y = 2.0);
    for n in [0, 2, 5] {
        lent!(lent_before_a_block(*x, out, n), at x = 1.2, mut out = vec![0.5, 0.1]);
    }
}

#[test]
fn a_value_without_derivative_clears_the_cotangent() {
    battery!(reset_in_a_line(*x, 3), at x = 2.0).is(5.0, 1.0);
    battery!(reset_in_a_branch(*x, 0), at x = 2.0).is(4.0, 1.0);
    battery!(reset_in_a_branch(*x, 1), at x = 2.0).is(8.0, 4.0);
    battery!(reset_in_a_loop(v), at v = vec![1.0, 1.2, 0.5, 1.5, 0.3, 0.2]);
}

#[differentiate(order = 2)]
fn option_overwritten(x: f64, c: bool) -> f64 {
    let mut last = Some(x);
    last = if c { Some(x * x) } else { None };
    match last {
        Some(b) => x * b,
        None => x,
    }
}

#[differentiate(order = 2)]
fn option_in_turns(x: f64, n: usize) -> f64 {
    let mut p = Some(x);
    let mut s = x;
    for _ in 0..n {
        if let Some(a) = p {
            s += a * s;
            p = None;
        } else {
            p = Some(s * x);
        }
    }
    s
}

#[test]
fn options_that_come_and_go() {
    battery!(option_overwritten(*x, true), at x = 2.0).is(8.0, 12.0);
    battery!(option_overwritten(*x, false), at x = 2.0).is(2.0, 1.0);
    for n in 0..5 {
        battery!(option_in_turns(*x, n), at x = 0.7);
    }
}

#[differentiate(order = 2)]
fn collected_in_vain(x: f64, v: &[f64], n: usize) -> f64 {
    let mut s = x;
    for _ in 0..2 {
        for a in &v[..n] {
            s = s + a * x;
        }
    }
    let _unused: Vec<f64> = v
        .iter()
        .map(|_| v.iter().map(|b| b * x).sum::<f64>())
        .collect();
    s
}

#[test]
fn records_of_what_is_not_used() {
    for n in 0..3 {
        battery!(collected_in_vain(*x, v, n), at x = 3.0, v = vec![1.0, 2.0]);
    }
}

// === values of control flow that also leaves ===

#[differentiate(order = 2)]
fn return_in_an_arm(x: f64, n: i32) -> f64 {
    let y = match n {
        0 => return x * x,
        1 => loop {
            if x > 1.0 {
                break x * 3.0;
            }
            return -x;
        },
        _ => {
            if x > 1.0 {
                return x.sin();
            }
            x.cos()
        }
    };
    y * x
}

#[differentiate(order = 2)]
fn return_of_an_if(x: f64) -> f64 {
    if x > 0.0 {
        return if x > 1.0 {
            x * x
        } else {
            return -x;
        };
    }
    x
}

#[differentiate(order = 2)]
fn question_after_question(x: f64, y: f64) -> Option<f64> {
    let a = positive(x)?;
    let b = Some(positive(y - a)?).ok_or(7).ok()?;
    Some(a * b)
}

#[differentiate(order = 2)]
fn let_else(x: f64, y: f64) -> f64 {
    let Some(a) = positive(x) else {
        return y;
    };
    let Some(b) = positive(mul(a, y)) else {
        return a;
    };
    a * b
}

#[differentiate(order = 2)]
fn deferred(y: f64, c: bool) -> f64 {
    let (v, w);
    if c {
        v = y.sin();
        w = v * y;
    } else {
        v = 0.0;
        w = y;
    }
    let mut r = y;
    if c {
        r = v * w;
    }
    r
}

#[test]
fn values_and_exits() {
    for n in 0..3 {
        for x in [0.5, 2.0] {
            battery!(return_in_an_arm(*x, n), at x = x);
        }
    }
    for x in [-1.0, 0.5, 2.0] {
        battery!(return_of_an_if(*x), at x = x);
    }
    for (x, y) in [(4.0, 6.0), (4.0, 1.0), (-1.0, 3.0)] {
        pullback!(question_after_question(*x, *y), at x = x, y = y);
    }
    for (x, y) in [(4.0, 6.0), (4.0, -1.0), (-1.0, 3.0)] {
        battery!(let_else(*x, *y), at x = x, y = y);
    }
    battery!(deferred(*y, true), at y = 0.7);
    battery!(deferred(*y, false), at y = 0.7).is(0.7, 1.0);
}

// === calls ===

#[differentiate(order = 2)]
fn call_under_a_tuple_pattern(p: (f64, f64)) -> f64 {
    match p {
        (a, b) => mul(a, b),
    }
}

#[differentiate(order = 2)]
fn calls_after_a_tuple_let(q: f64, p: f64, k: f64) -> f64 {
    let (mut q, mut p) = (q, p);
    for _ in 0..3 {
        p += mul(q, k);
        q += p;
    }
    p
}

#[differentiate(order = 2)]
fn open_range(x: f64) -> f64 {
    let mut s = x;
    for j in 0.. {
        s = scaled(s, j);
        if j > 3 {
            break;
        }
    }
    s
}

#[differentiate(order = 2)]
fn weighted(v: &[f64], x: f64) -> f64 {
    v[0] * x
}

#[differentiate(order = 2)]
fn argument_that_assigns(x: f64, v: &[f64]) -> f64 {
    let mut u = x;
    for _ in 0..2 {
        let z = weighted(v, {
            u += 1.0;
            x
        });
        u *= z;
    }
    u
}

#[test]
fn calls() {
    battery!(call_under_a_tuple_pattern(*p), at p = (2.0, 3.0)).is(6.0, (3.0, 2.0));
    battery!(calls_after_a_tuple_let(*q, *p, *k), at q = 0.5, p = 0.7, k = -0.3);
    battery!(open_range(*x), at x = 0.7);
    battery!(argument_that_assigns(*x, v), at x = 0.7, v = vec![0.3]);
}

// === patterns, types, closures ===

#[differentiate(order = 2)]
fn bound_integer(x: f64, k: usize) -> f64 {
    match k {
        n @ 1..=3 => x * n as f64,
        k => k as f64 * x * x,
    }
}

#[differentiate(order = 2)]
fn payload_of_an_error(x: f64, r: &Result<f64, String>) -> f64 {
    match r {
        Ok(a) => a * a,
        Err(message) => x * message.len() as f64,
    }
}

#[differentiate(order = 2)]
fn views_in_a_tuple(v: &[f64], m: &Matrix2<f64>) -> f64 {
    let (a, b) = (&v[..1], &v[1..]);
    let (x, y) = (m.column(0), m.column(1));
    match (v.first(), v.last()) {
        (Some(p), Some(q)) => p * q * x.dot(&y) + a[0] * b[0],
        _ => 1.0,
    }
}

#[differentiate(order = 2)]
fn matrices_in_a_tuple(x: &DMatrix<f64>, w: &DMatrix<f64>) -> f64 {
    let (q, k) = (x * w, w * x);
    (k * q).sum()
}

#[differentiate(order = 2)]
fn literal_argument_of_a_closure(x: f64, n: usize) -> f64 {
    let f = |t: f64| -> f64 {
        if n == 1 {
            return (t + 0.5).tanh();
        }
        x
    };
    f(0.5) * x
}

#[differentiate(order = 2)]
fn data_in_a_loop(w: f64, #[no_diff] data: &[f64]) -> f64 {
    let mut s = w;
    for (i, y) in data.iter().enumerate() {
        s += ((2.0 * y - i as f64) * w).sin() + w * y;
    }
    s
}

#[differentiate(order = 2)]
fn detached_reference(y: f64) -> f64 {
    detach(&y) * y
}

#[test]
fn patterns_types_closures() {
    battery!(bound_integer(*x, 2), at x = 3.0).is(6.0, 2.0);
    battery!(bound_integer(*x, 5), at x = 3.0).is(45.0, 30.0);
    let (value, (dx, dr)) = payload_of_an_error::value_and_grad(3.0, &Err("four".into()));
    assert_eq!((value, dx, dr), (12.0, 4.0, None));
    battery!(views_in_a_tuple(v, m), at v = vec![0.5, 0.7], m = Matrix2::new(1.0, 2.0, 3.0, 4.0));
    let m = DMatrix::from_row_slice(2, 2, &[0.3, -0.4, 0.9, 0.2]);
    battery!(matrices_in_a_tuple(x, w), at x = m.clone(), w = m * 0.7);
    battery!(literal_argument_of_a_closure(*x, 0), at x = 0.7).is(0.49, 1.4);
    battery!(literal_argument_of_a_closure(*x, 1), at x = 0.7);
    battery!(data_in_a_loop(*w, &[3.0, 4.0]), at w = 0.2);
    kink!(detached_reference(*y), at y = 3.0).is(9.0, 3.0);
}
