//! `for`, `while` and `loop` that run to their end.

use crate::battery::{battery, kink};
use differentiate::differentiate;

// F1: the power of a number.
#[differentiate(order = 2)]
fn f1(x: f64, n: usize) -> f64 {
    let mut p = 1.0;
    for _ in 0..n {
        p = p * x;
    }
    p
}

#[differentiate(order = 2)]
fn f1_compound(x: f64, n: usize) -> f64 {
    let mut p = 1.0;
    for _ in 0..n {
        p *= x;
    }
    p
}

#[differentiate(order = 2)]
fn f1_while(x: f64, n: usize) -> f64 {
    let (mut p, mut i) = (1.0, 0);
    while i < n {
        p *= x;
        i += 1;
    }
    p
}

#[differentiate(order = 2)]
fn f1_countdown(x: f64, mut n: usize) -> f64 {
    let mut p = 1.0;
    while n > 0 {
        n -= 1;
        p = x * p;
    }
    p
}

#[differentiate(order = 2)]
fn f1_loop(x: f64, n: usize) -> f64 {
    let mut p = 1.0;
    let mut i = 0;
    loop {
        if i == n {
            break p;
        }
        p *= x;
        i += 1;
    }
}

#[differentiate(order = 2)]
fn f1_fold(x: f64, n: usize) -> f64 {
    (0..n).fold(1.0, |p, _| p * x)
}

#[test]
fn f1_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            battery!($f(*x, 4), at x = 3.0).is(81.0, 108.0);
            battery!($f(*x, 1), at x = 3.0).is(3.0, 1.0);
            battery!($f(*x, 0), at x = 3.0).is(1.0, 0.0);
        )* };
    }
    check!(f1 f1_compound f1_while f1_countdown f1_loop f1_fold);
}

// F3: only the last element counts.
#[differentiate(order = 2)]
fn f3(xs: &[f64]) -> f64 {
    let mut a = 1.0;
    for x in xs {
        a = x * x;
    }
    a
}

#[differentiate(order = 2)]
fn f3_iter(xs: &[f64]) -> f64 {
    let mut a = 1.0;
    for &x in xs.iter() {
        a = x * x;
    }
    a
}

#[differentiate(order = 2)]
fn f3_index(xs: &[f64]) -> f64 {
    let mut a = 1.0;
    for i in 0..xs.len() {
        a = xs[i] * xs[i];
    }
    a
}

#[differentiate(order = 2)]
fn f3_vec(xs: Vec<f64>) -> f64 {
    let mut a = 1.0;
    for x in xs {
        a = x * x;
    }
    a
}

#[differentiate(order = 2)]
fn f3_vec_reference(xs: &Vec<f64>) -> f64 {
    let mut a = 1.0;
    for x in xs {
        a = x.powi(2);
    }
    a
}

#[differentiate(order = 2)]
fn f3_array(xs: [f64; 3]) -> f64 {
    let mut a = 1.0;
    for x in xs {
        a = x * x;
    }
    a
}

#[test]
fn f3_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            battery!($f(xs), at xs = vec![11.0, 5.0, 13.0]).is(169.0, vec![0.0, 0.0, 26.0]);
            battery!($f(xs), at xs = vec![]).is(1.0, vec![]);
        )* };
    }
    check!(f3 f3_iter f3_index f3_vec_reference);
    battery!(f3_vec(xs.clone()), at xs = vec![11.0, 5.0, 13.0]).is(169.0, vec![0.0, 0.0, 26.0]);
    battery!(f3_vec(xs.clone()), at xs = vec![]).is(1.0, vec![]);
    battery!(f3_array(*xs), at xs = [11.0, 5.0, 13.0]).is(169.0, [0.0, 0.0, 26.0]);
}

// S11: a product, also with a zero in it.
#[differentiate(order = 2)]
fn s11(a: &[f64]) -> f64 {
    let mut r = 1.0;
    for v in a {
        r *= v;
    }
    r
}

#[differentiate(order = 2)]
fn s11_index(a: &[f64; 3]) -> f64 {
    let mut r = 1.0;
    for i in 0..3 {
        r *= a[i];
    }
    r
}

#[differentiate(order = 2)]
fn s11_product(a: &[f64]) -> f64 {
    a.iter().product::<f64>()
}

#[test]
fn s11_in_every_way() {
    battery!(s11(a), at a = vec![3.0, 4.0, 5.0]).is(60.0, vec![20.0, 15.0, 12.0]);
    battery!(s11_index(a), at a = [3.0, 4.0, 5.0]).is(60.0, [20.0, 15.0, 12.0]);
    battery!(s11_product(a), at a = vec![3.0, 4.0, 5.0]).is(60.0, vec![20.0, 15.0, 12.0]);
    battery!(s11(a), at a = vec![3.0, 0.0, 5.0]).is(0.0, vec![0.0, 15.0, 0.0]);
    battery!(s11_product(a), at a = vec![3.0, 0.0, 5.0]).is(0.0, vec![0.0, 15.0, 0.0]);
}

// T3: halving until it is small.
#[differentiate(order = 2)]
fn t3(a: f64) -> f64 {
    let mut a = a;
    while a.abs() > 0.1 {
        a = a / 2.0;
    }
    a
}

#[differentiate(order = 2)]
fn t3_parameter(mut a: f64) -> f64 {
    while a.abs() > 0.1 {
        a /= 2.0;
    }
    a
}

#[differentiate(order = 2)]
fn t3_loop(a: f64) -> f64 {
    let mut a = a;
    loop {
        if a.abs() <= 0.1 {
            return a;
        }
        a *= 0.5;
    }
}

#[test]
fn t3_in_every_way() {
    battery!(t3(*a), at a = 3.0).gradient_is(0.03125);
    battery!(t3_parameter(*a), at a = 3.0).gradient_is(0.03125);
    battery!(t3_loop(*a), at a = 3.0).gradient_is(0.03125);
    battery!(t3(*a), at a = 0.05).gradient_is(1.0);
}

// L3: a flag, a counter, and a body that runs before the flag is looked at.
#[differentiate(order = 2)]
fn l3(y: f64) -> f64 {
    let (mut t, mut done, mut i) = (y, false, 2);
    while !done {
        i += 1;
        t = t * t;
        done = i < 5;
    }
    t
}

// L9: a loop in one branch.
#[differentiate(order = 2)]
fn l9(y: f64) -> f64 {
    let mut t = y;
    if y > 0.5 {
        for _ in 0..3 {
            t = t * t;
        }
    } else {
        t = 10.0 * t;
    }
    t
}

#[differentiate(order = 2)]
fn l9_expression(y: f64) -> f64 {
    if y > 0.5 {
        (0..3).fold(y, |t, _| t * t)
    } else {
        10.0 * y
    }
}

// C15: the condition of the loop computes.
#[differentiate(order = 2)]
fn c15(x: f64, y: f64) -> f64 {
    let mut r = 0.0;
    let mut n = 0;
    while {
        r = x * y;
        n += 1;
        r < 10.0 && n < 3
    } {}
    r
}

#[test]
fn l3_l9_c15() {
    battery!(l3(*y), at y = 1.0).is(1.0, 2.0);
    battery!(l9(*y), at y = 1.0).is(1.0, 8.0);
    battery!(l9(*y), at y = 0.4).is(4.0, 10.0);
    battery!(l9_expression(*y), at y = 1.0).is(1.0, 8.0);
    battery!(l9_expression(*y), at y = 0.4).is(4.0, 10.0);
    battery!(c15(*x, *y), at x = 3.0, y = 5.0).is(15.0, (5.0, 3.0));
    battery!(c15(*x, *y), at x = 2.0, y = 3.0).is(6.0, (3.0, 2.0));
}

// M5: a long chain.
#[differentiate(order = 2)]
fn m5(x: f64) -> f64 {
    let mut x = x;
    for _ in 0..500 {
        x = x.sin();
    }
    x
}

#[test]
fn m5_against_the_product_of_cosines() {
    let (mut x, mut product) = (3.0_f64, 1.0);
    for _ in 0..500 {
        product *= x.cos();
        x = x.sin();
    }
    kink!(m5(*x), at x = 3.0).is(x, product);
    battery!(m5(*x), at x = 3.0);
}

// W1: a loop over a slice, then a product.
#[differentiate(order = 2)]
fn w1(x: f64, w: &[f64]) -> f64 {
    let y = x * x;
    let mut s = 0.0;
    for w in w {
        s += w * x;
    }
    y * s
}

// E7: Rosenbrock over disjoint pairs.
#[differentiate(order = 2)]
fn e7(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in (0..x.len()).step_by(2) {
        s += 100.0 * (x[i + 1] - x[i] * x[i]).powi(2) + (1.0 - x[i]).powi(2);
    }
    s
}

#[differentiate(order = 2)]
fn e7_while(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut i = 0;
    while i + 1 < x.len() {
        let (a, b) = (x[i], x[i + 1]);
        let t = b - a * a;
        s += 100.0 * t * t;
        let t = 1.0 - a;
        s += t * t;
        i += 2;
    }
    s
}

#[differentiate(order = 2)]
fn e7_sum(x: &[f64]) -> f64 {
    (0..x.len() / 2)
        .map(|k| {
            let (a, b) = (x[2 * k], x[2 * k + 1]);
            100.0 * (b - a * a).powi(2) + (1.0 - a).powi(2)
        })
        .sum()
}

#[test]
fn w1_e7() {
    battery!(w1(*x, w), at x = 2.0, w = vec![1.0, 3.0]).is(32.0, (48.0, vec![8.0, 8.0]));
    let (x, g) = (
        vec![1.5, 2.5, 3.5, 4.5],
        vec![-149.0, 50.0, 10855.0, -1550.0],
    );
    battery!(e7(x), at x = x.clone()).is(6019.0, g.clone());
    battery!(e7_while(x), at x = x.clone()).is(6019.0, g.clone());
    battery!(e7_sum(x), at x = x.clone()).is(6019.0, g);
}

#[differentiate(order = 2)]
fn carried_pair(x: f64, n: u32) -> f64 {
    let (mut a, mut b) = (x, 1.0);
    for i in 1..=n {
        (a, b) = (a * b + x, a / f64::from(i));
    }
    a - b
}

#[differentiate(order = 2)]
fn nested(x: f64, n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        let mut row = x;
        for j in i..n {
            row = row * x + (i * j) as f64;
            total += row * 0.01;
        }
        total *= 0.5;
        for _ in 0..i {
            total += row.sin();
        }
    }
    total
}

#[differentiate(order = 2)]
fn triangle_backwards(x: &[f64]) -> f64 {
    let n = x.len();
    let mut s = 0.0;
    for i in (0..n).rev() {
        let mut p = x[i];
        for j in (i + 1..n).rev().step_by(2) {
            p = p * x[j] + s;
        }
        s = p.sin() + s * 0.5;
    }
    s
}

#[differentiate(order = 2)]
fn range_from_values(x: f64, lo: i32, hi: i32) -> f64 {
    let mut s = x;
    for k in lo..hi {
        s += x.powi(k) / f64::from(k * k + 1);
    }
    for k in (lo..=hi).rev() {
        s *= 1.0 + 0.1 * f64::from(k);
    }
    s
}

#[test]
fn loops_in_loops() {
    for n in 0..4 {
        battery!(carried_pair(*x, n), at x = 0.8);
        battery!(nested(*x, n as usize), at x = 0.8);
    }
    battery!(triangle_backwards(x), at x = vec![0.5, -1.0, 0.3, 0.9, 1.2]);
    battery!(triangle_backwards(x), at x = vec![]).is(0.0, vec![]);
    battery!(range_from_values(*x, -2, 3), at x = 0.8);
    battery!(range_from_values(*x, 3, -2), at x = 0.8).gradient_is(1.0);
}
