//! Casts, integers that steer floats, indices, step functions.

use crate::battery::{battery, kink, pullback};
use differentiate::differentiate;

#[differentiate(order = 2)]
fn casts(x: f64, n: u8, k: i64) -> f64 {
    let a = n as f64 * x;
    let b = (k as f32) as f64 + a;
    let c = x as f32;
    let d = (c * 2.0) as f64;
    let e = x as i32 as f64;
    a * b + d * e + f64::from(n) * x + (n as i64 + k) as f64
}

#[differentiate(order = 2)]
fn steps(x: f64, y: f64) -> f64 {
    let a = x.floor() * y + x.ceil();
    let b = (x - x.trunc()) * x.signum() + y.round() * x;
    let c = x.fract() * x.rem_euclid(0.7);
    a * b + c
}

#[differentiate(order = 2)]
fn index_from_float(v: &[f64], t: f64) -> f64 {
    let i = t.floor() as usize;
    let i = i.min(v.len() - 2);
    let w = t - i as f64;
    v[i] * (1.0 - w) + v[i + 1] * w
}

#[test]
fn casts_and_steps() {
    // The single-precision part makes differences useless.
    kink!(casts(*x, 3, -2), at x = 1.75).is(26.8125, 30.5);
    battery!(steps(*x, *y), at x = 1.3, y = 0.8);
    battery!(steps(*x, *y), at x = -1.3, y = 0.8);
    for t in [0.25, 1.5, 2.75, 3.5] {
        battery!(index_from_float(v, *t), at v = vec![1.0, 3.0, 2.0, 5.0], t = t);
    }
}

#[differentiate(order = 2)]
fn bits(x: f64, mut n: u32) -> f64 {
    let (mut result, mut base) = (1.0, x);
    while n > 0 {
        if n & 1 == 1 {
            result *= base;
        }
        base *= base;
        n >>= 1;
    }
    result
}

#[differentiate(order = 2)]
fn counters(x: f64, n: usize) -> f64 {
    let mut odd = 0;
    let mut history = [0_usize; 4];
    let mut s = x;
    for i in 0..n {
        let bucket = (i * 7 + odd) % 4;
        if bucket % 2 == 1 {
            odd += 1;
            s *= x;
        } else {
            s += x * odd as f64;
        }
        history = [bucket, history[0], history[1], history[2]];
        if history[3] == 2 && s > 0.0 {
            s -= history.iter().sum::<usize>() as f64 * 0.1 * x;
        }
    }
    s * (1 + odd) as f64
}

#[differentiate(order = 2)]
fn integer_loops(v: &[f64], stride: usize) -> f64 {
    let n = v.len();
    let (mut i, mut j) = (0_usize, n);
    let mut s = 1.0;
    while i < j {
        j -= 1;
        s += v[i] * v[j] * (j - i) as f64;
        i += stride;
        if j == 0 {
            break;
        }
    }
    s * v[i % n]
}

#[differentiate(order = 2)]
fn collatz(x: f64, n: u64) -> f64 {
    let mut n = n;
    let mut s = x;
    while n != 1 {
        n = if n.is_multiple_of(2) {
            s = s * 0.5 + x;
            n / 2
        } else {
            s = s.sin() + n as f64 * 0.01;
            3 * n + 1
        };
    }
    s
}

#[test]
fn integers_steer() {
    for n in 0..9 {
        battery!(bits(*x, n), at x = 1.2).is(
            1.2_f64.powi(n as i32),
            f64::from(n) * 1.2_f64.powi(n as i32 - 1),
        );
        battery!(counters(*x, n as usize), at x = 0.9);
    }
    battery!(integer_loops(v, 1), at v = vec![0.5, 1.0, 2.0, -1.0, 0.3]);
    battery!(integer_loops(v, 2), at v = vec![0.5, 1.0, 2.0, -1.0, 0.3]);
    battery!(collatz(*x, 7), at x = 0.4);
    battery!(collatz(*x, 1), at x = 0.4).gradient_is(1.0);
}

#[differentiate(order = 2)]
fn argmax(v: &[f64]) -> f64 {
    let mut best = 0;
    for (i, a) in v.iter().enumerate() {
        if *a > v[best] {
            best = i;
        }
    }
    v[best] * v[(best + 1) % v.len()]
}

#[differentiate(order = 2)]
fn bisection(c: f64, #[no_diff] upper: f64) -> f64 {
    let (mut lo, mut hi) = (c * 0.0, upper);
    let mut steps = 0;
    while hi - lo > 1e-3 && steps < 60 {
        let mid = 0.5 * (lo + hi);
        if mid * mid < c {
            lo = mid;
        } else {
            hi = mid;
        }
        steps += 1;
    }
    // One Newton step, so that the derivative is that of the root.
    let x = 0.5 * (lo + hi);
    x - (x * x - c) / (2.0 * x)
}

#[differentiate(order = 2)]
fn characters(x: f64, program: &str) -> f64 {
    let mut s = x;
    for c in program.chars() {
        match c {
            '+' => s += x,
            '*' => s *= x,
            's' => s = s.sin(),
            'a'..='z' => s -= 0.5,
            _ => break,
        }
    }
    s
}

#[test]
fn indices_and_programs() {
    battery!(argmax(v), at v = vec![0.5, 1.0, 2.0, -1.0]).is(-2.0, vec![0.0, 0.0, -1.0, 2.0]);
    kink!(bisection(*c, 3.0), at c = 2.0).gradient_is(bisection_slope(2.0));
    for program in ["", "+*s", "**+x+s!***", "sss*"] {
        battery!(characters(*x, program), at x = 0.7);
    }
}

/// The root from a Newton step at a point that does not move: 1 / 2x.
fn bisection_slope(c: f64) -> f64 {
    let (mut lo, mut hi) = (0.0, 3.0);
    while hi - lo > 1e-3 {
        let mid = 0.5 * (lo + hi);
        if mid * mid < c {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    1.0 / (lo + hi)
}

#[differentiate(order = 2)]
fn integer_results(x: f64, n: usize) -> (f64, usize, bool) {
    let mut k = 0;
    let mut s = x;
    while s < 10.0 && k < n {
        s = s * 1.5 + x;
        k += 1;
    }
    (s, k, s > 5.0)
}

#[test]
fn integers_as_results() {
    let (value, pull) = integer_results::vjp(1.0, 3);
    assert_eq!(value, (8.125, 3, true));
    assert_eq!(pull((1.0, (), ())), 8.125);
    let (value, pull) = integer_results::vjp(1.0, 0);
    assert_eq!(value, (1.0, 0, false));
    assert_eq!(pull((2.0, (), ())), 2.0);
    pullback!(casts_pair(*x, 3), at x = 0.5);
}

#[differentiate(order = 2)]
fn casts_pair(x: f64, n: i32) -> [f64; 2] {
    [x.powi(n), x.powf(n as f64)]
}

/// What is cast is assigned, to a variable without a value and to one with one.
#[differentiate(order = 2)]
fn cast_and_assigned(x: f64, y: f32, n: usize) -> f64 {
    let late: f64;
    let mut sum = x;
    if n > 1 {
        late = y as f64;
    } else {
        late = (x * 2.0) as f32 as f64;
    }
    for i in 0..n {
        sum = (sum as f32 * y * i as f32) as f64 + late;
        sum = sum as f64;
    }
    sum * late
}

#[test]
fn casts_are_assigned() {
    assert_eq!(cast_and_assigned::grad(3.0, 2.0, 0), (12.0, 0.0));
    assert_eq!(cast_and_assigned::grad(3.0, 2.0, 1), (24.0, 0.0));
    // ((x y 0 + y) y + y) y = y^3 + y^2
    assert_eq!(cast_and_assigned::grad(3.0, 2.0, 2), (0.0, 16.0));
}
