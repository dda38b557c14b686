//! `if`, `match`, `if let`, blocks as expressions.

use crate::battery::{battery, kink};
use differentiate::differentiate;

// S1: early returns in nested branches.
#[differentiate(order = 2)]
fn s1(x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        if y > 0.0 {
            return x * y;
        } else if x == -1337.0 {
            return x * x;
        }
        return 0.0;
    }
    y * y
}

#[differentiate(order = 2)]
fn s1_expression(x: f64, y: f64) -> f64 {
    if x > 0.0 {
        y * y
    } else if y > 0.0 {
        x * y
    } else if x == -1337.0 {
        x * x
    } else {
        0.0
    }
}

#[differentiate(order = 2)]
fn s1_match(x: f64, y: f64) -> f64 {
    match (x, y) {
        (x, y) if x > 0.0 => y * y,
        (x, y) if y > 0.0 => x * y,
        (-1337.0, _) => x * x,
        _ => 0.0,
    }
}

#[test]
fn s1_in_every_way() {
    macro_rules! check {
        ($f:ident) => {
            battery!($f(*x, *y), at x = 4.0, y = 5.0).is(25.0, (0.0, 10.0));
            battery!($f(*x, *y), at x = -1337.0, y = 5.0).is(-6685.0, (5.0, -1337.0));
            kink!($f(*x, *y), at x = -1337.0, y = -5.0).gradient_is((-2674.0, 0.0));
            battery!($f(*x, *y), at x = -3.0, y = 2.0).is(-6.0, (2.0, -3.0));
            battery!($f(*x, *y), at x = -3.0, y = -2.0).is(0.0, (0.0, 0.0));
        };
    }
    check!(s1);
    check!(s1_expression);
    check!(s1_match);
}

// S3: a branch that may or may not leave.
#[differentiate(order = 2)]
fn s3(x: f64, y: f64) -> f64 {
    if x > 0.0 && y > 10.0 {
        let z = x * y;
        if z > 100.0 {
            return x + z;
        }
        if y == 20.0 {
            return 2.0 * z;
        }
    }
    if x > 0.0 && y <= 10.0 {
        return x + y;
    }
    -y
}

#[differentiate(order = 2)]
fn s3_blocks(x: f64, y: f64) -> f64 {
    'value: {
        if x > 0.0 && y > 10.0 {
            let z = x * y;
            break 'value if z > 100.0 {
                x + z
            } else if y == 20.0 {
                2.0 * z
            } else {
                break 'value -y;
            };
        }
        if x > 0.0 && y <= 10.0 { x + y } else { -y }
    }
}

#[test]
fn s3_in_both_ways() {
    macro_rules! check {
        ($f:ident) => {
            kink!($f(*x, *y), at x = 4.0, y = 20.0).is(160.0, (40.0, 8.0));
            battery!($f(*x, *y), at x = 4.0, y = 21.0).is(-21.0, (0.0, -1.0));
            battery!($f(*x, *y), at x = 4.0, y = 5.0).is(9.0, (1.0, 1.0));
            battery!($f(*x, *y), at x = 6.0, y = 20.5).is(129.0, (21.5, 6.0));
        };
    }
    check!(s3);
    check!(s3_blocks);
}

// C11: a match that returns from every arm.
#[differentiate(order = 2)]
fn c11(k: u32, x: f64, y: f64) -> f64 {
    match k {
        0 => return x * x,
        1 => return x * y,
        _ => return y * y,
    }
}

#[differentiate(order = 2)]
fn c11_value(k: u32, x: f64, y: f64) -> f64 {
    match k {
        0 => x * x,
        1 => x * y,
        _ => y * y,
    }
}

#[differentiate(order = 2)]
fn c11_if(k: u32, x: f64, y: f64) -> f64 {
    if k == 0 {
        return x * x;
    }
    if k == 1 { x * y } else { y * y }
}

#[test]
fn c11_in_every_way() {
    macro_rules! check {
        ($f:ident) => {
            battery!($f(0, *x, *y), at x = 3.0, y = 5.0).gradient_is((6.0, 0.0));
            battery!($f(1, *x, *y), at x = 3.0, y = 5.0).gradient_is((5.0, 3.0));
            battery!($f(2, *x, *y), at x = 3.0, y = 5.0).gradient_is((0.0, 10.0));
        };
    }
    check!(c11);
    check!(c11_value);
    check!(c11_if);
}

// T5: an assignment in each branch.
#[differentiate(order = 2)]
fn t5(a: f64) -> f64 {
    let mut a = a;
    let b = if a * a / 3.0 > 0.0 { 3.0 } else { 4.0 };
    a = a * b;
    if a < b - a * b {
        a = a * a;
    } else if a > b + 3.0 * a {
        if a / 2.0 < 0.0 {
            a = a / b;
        } else {
            a = a * b;
        }
    } else {
        a = -a;
    }
    a
}

#[differentiate(order = 2)]
fn t5_expression(a: f64) -> f64 {
    let b = if a * a / 3.0 > 0.0 { 3.0 } else { 4.0 };
    let a = a * b;
    if a < b - a * b {
        a * a
    } else if a > b + 3.0 * a {
        if a / 2.0 < 0.0 { a / b } else { a * b }
    } else {
        -a
    }
}

#[test]
fn t5_in_both_ways() {
    for x in [-2.0, 0.1, 0.5] {
        let expected = battery!(t5(*x), at x = x).gradient;
        battery!(t5_expression(*x), at x = x).gradient_is(expected);
    }
}

// M1: a value set under a condition and used under the same condition.
#[differentiate(order = 2)]
fn m1(y: f64, c: bool) -> f64 {
    let v;
    if c {
        v = y.sin();
    } else {
        v = 0.0;
    }
    let mut r = y.cos();
    if c {
        r += v;
    }
    r
}

#[differentiate(order = 2)]
fn m1_option(y: f64, c: bool) -> f64 {
    let v = if c { Some(y.sin()) } else { None };
    match v {
        Some(v) => y.cos() + v,
        None => y.cos(),
    }
}

#[differentiate(order = 2)]
fn m1_expression(y: f64, c: bool) -> f64 {
    y.cos() + if c { y.sin() } else { 0.0 }
}

#[test]
fn m1_in_every_way() {
    macro_rules! check {
        ($f:ident) => {
            battery!($f(*y, true), at y = 4.0).gradient_is(4.0_f64.cos() - 4.0_f64.sin());
            battery!($f(*y, false), at y = 4.0).gradient_is(-4.0_f64.sin());
        };
    }
    check!(m1);
    check!(m1_option);
    check!(m1_expression);
    assert!((m1_option::grad(4.0, true) - 0.103_158_874_4).abs() < 1e-10);
    assert!((m1_option::grad(4.0, false) - 0.756_802_495_3).abs() < 1e-10);
}

#[differentiate(order = 2)]
fn defined_in_arms(x: f64, y: f64, k: i32) -> f64 {
    let (a, b);
    match k {
        0 => {
            a = x * y;
            b = x;
        }
        1 | 2 => {
            let t = x.sin();
            b = t * t;
            a = b * y;
        }
        3..=5 => {
            a = 2.0;
            b = y;
        }
        n if n < 0 => {
            a = x * f64::from(n);
            b = 1.0;
        }
        n => {
            a = f64::from(n);
            b = a * x;
        }
    }
    a * b + y
}

#[test]
fn values_defined_in_one_arm_and_used_after() {
    for k in -1..8 {
        battery!(defined_in_arms(*x, *y, k), at x = 0.7, y = 1.3);
    }
}

#[differentiate(order = 2)]
fn bindings(x: f64, k: usize, v: &[f64]) -> f64 {
    match (k, v.len()) {
        (0, n @ 1..=3) => x * n as f64,
        (i @ (1 | 2), n) if i < n => v[i] * x,
        (_, 0) => x,
        (i, n) => v[i % n] * v[0] + x * x,
    }
}

#[test]
fn match_with_guards_ranges_and_bindings() {
    let v = vec![0.5, 1.5, -2.0];
    for k in 0..5 {
        battery!(bindings(*x, k, v), at x = 1.1, v = v.clone());
        battery!(bindings(*x, k, v), at x = 1.1, v = Vec::new());
        battery!(bindings(*x, k, v), at x = 1.1, v = vec![2.5]);
    }
}

#[differentiate(order = 2)]
fn guard_on_active(x: f64, y: f64) -> f64 {
    match x * y {
        p if p > 2.0 => p * p,
        p if p < 0.0 => {
            let q = -p;
            q * x
        }
        p => p + y,
    }
}

#[differentiate(order = 2)]
fn ranges_of_active(x: f64) -> f64 {
    match x {
        ..0.0 => -x,
        0.0..1.0 => x * x,
        1.0..=2.0 => 2.0 * x - 1.0,
        _ => x.sqrt(),
    }
}

#[test]
fn match_on_an_active_value() {
    for (x, y) in [(2.0, 3.0), (-2.0, 3.0), (0.5, 0.5)] {
        battery!(guard_on_active(*x, *y), at x = x, y = y);
    }
    for x in [-0.7, 0.4, 1.6, 3.5] {
        battery!(ranges_of_active(*x), at x = x);
    }
}

#[differentiate(order = 2)]
fn block_values(x: f64, y: f64) -> f64 {
    let a = {
        let x = x * y;
        let y = x + y;
        {
            let x = y * y;
            x.sin()
        }
    };
    let b = 'found: {
        if a > 0.9 {
            break 'found x;
        }
        let c = a * y;
        if c > 0.0 {
            break 'found c * c;
        }
        'inner: {
            if c < -0.5 {
                break 'inner;
            }
            break 'found y;
        }
        c
    };
    a * b + x
}

#[test]
fn labelled_blocks() {
    for (x, y) in [(0.5, 1.0), (1.0, 1.0), (1.0, -0.6), (2.1, -1.2), (0.3, 2.0)] {
        battery!(block_values(*x, *y), at x = x, y = y);
    }
}

#[differentiate(order = 2)]
fn condition_with_statements(x: f64, y: f64) -> f64 {
    let mut t = x;
    if {
        t = t * y;
        t > 1.0
    } || {
        t = t + y;
        t > 2.0
    } {
        t * x
    } else {
        t
    }
}

#[differentiate(order = 2)]
fn short_circuit(x: f64, v: &[f64]) -> f64 {
    if !v.is_empty() && v[0] > 0.0 && (v.len() < 2 || v[1] < x) {
        v[0] * x
    } else {
        x
    }
}

#[test]
fn conditions() {
    for (x, y) in [(2.0, 0.9), (0.9, 0.8), (0.1, 0.4)] {
        battery!(condition_with_statements(*x, *y), at x = x, y = y);
    }
    for v in [
        vec![],
        vec![-1.0],
        vec![2.0],
        vec![2.0, 0.1],
        vec![2.0, 7.0],
    ] {
        battery!(short_circuit(*x, v), at x = 0.5, v = v);
    }
}

// The branch that is not taken would be NaN or infinite.
#[differentiate(order = 2)]
fn guarded(x: f64) -> f64 {
    let r = if x > 0.0 { x.ln() * x.sqrt() } else { 0.0 };
    r + if x == 0.0 { 1.0 } else { x.sin() / x }
}

#[test]
fn nothing_comes_from_the_branch_not_taken() {
    kink!(guarded(*x), at x = 0.0).is(1.0, 0.0);
    battery!(guarded(*x), at x = 0.5);
    battery!(guarded(*x), at x = -0.5);
}

#[differentiate(order = 2)]
fn matrix_or_vector(x: f64, flip: bool, v: &[f64; 2]) -> [f64; 2] {
    let w = if flip { [v[1], x] } else { *v };
    let mut u = w;
    if flip {
        u = [w[1] * x, w[0]];
    }
    u
}

#[test]
fn arrays_chosen_by_a_condition() {
    for flip in [false, true] {
        crate::battery::pullback!(matrix_or_vector(*x, flip, v), at x = 0.5, v = [1.5, -2.0]);
    }
}
