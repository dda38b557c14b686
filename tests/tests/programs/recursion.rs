//! Functions that call themselves.

use crate::battery::{battery, kink, pullback};
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector};

// C5: x is lowered until it is not above y.
#[differentiate(order = 2)]
fn c5(x: f64, y: f64) -> f64 {
    if x > y { c5(x - 1.0, y) } else { x * y }
}

#[differentiate(order = 2)]
fn c5_return(x: f64, y: f64) -> f64 {
    if x <= y {
        return x * y;
    }
    let z = x - 1.0;
    c5_return(z, y)
}

#[test]
fn c5_in_both_ways() {
    kink!(c5(*x, *y), at x = 3.0, y = 1.0).is(1.0, (1.0, 1.0));
    kink!(c5_return(*x, *y), at x = 3.0, y = 1.0).is(1.0, (1.0, 1.0));
    battery!(c5(*x, *y), at x = 3.5, y = 1.0).is(0.5, (1.0, 0.5));
}

#[differentiate(order = 2)]
fn power(x: f64, n: u32) -> f64 {
    match n {
        0 => 1.0,
        1 => x,
        n if n % 2 == 0 => {
            let h = power(x, n / 2);
            h * h
        }
        n => x * power(x, n - 1),
    }
}

#[differentiate(order = 2)]
fn fibonacci(x: f64, n: u32) -> f64 {
    if n < 2 {
        return x;
    }
    fibonacci(x, n - 1) * 0.5 + fibonacci(x * 0.9, n - 2).sin()
}

#[differentiate(order = 2)]
fn golden(x: f64, n: usize) -> f64 {
    if n == 0 {
        x
    } else {
        golden(x, n - 1).sin() * x + 0.1 * n as f64
    }
}

#[test]
fn recursion_over_integers() {
    for n in 0..8 {
        battery!(power(*x, n), at x = 1.3).is(
            1.3_f64.powi(n as i32),
            n as f64 * 1.3_f64.powi(n as i32 - 1),
        );
        battery!(fibonacci(*x, n), at x = 0.7);
        battery!(golden(*x, n as usize), at x = 0.7);
    }
}

#[differentiate(order = 2)]
fn sum_by_halves(v: &[f64]) -> f64 {
    match v.len() {
        0 => 0.0,
        1 => v[0] * v[0],
        n => {
            let half = n / 2;
            sum_by_halves(&v[..half]) + sum_by_halves(&v[half..]) * v[0]
        }
    }
}

#[differentiate(order = 2)]
fn horner(c: &[f64], x: f64) -> f64 {
    if c.is_empty() {
        0.0
    } else {
        c[0] + x * horner(&c[1..], x)
    }
}

#[differentiate(order = 2)]
fn loop_and_recursion(x: f64, v: &[f64], depth: usize) -> f64 {
    let mut s = x;
    for (i, a) in v.iter().enumerate() {
        if i > depth {
            break;
        }
        if depth == 0 {
            s += a * x;
            continue;
        }
        s = s * 0.5 + loop_and_recursion(a * s, v, depth - 1);
        if s > 1.5 {
            return s * a;
        }
    }
    s
}

#[test]
fn recursion_over_slices() {
    battery!(sum_by_halves(v), at v = vec![0.5, -1.0, 2.0, 0.25, 1.5]);
    battery!(sum_by_halves(v), at v = vec![]).is(0.0, vec![]);
    battery!(horner(c, *x), at c = vec![1.0, -2.0, 0.5, 3.0], x = 0.8);
    for depth in 0..4 {
        battery!(loop_and_recursion(*x, v, depth), at x = 0.6, v = vec![0.7, -0.4, 1.1, 0.9]);
    }
}

#[differentiate(order = 2)]
fn tuple_recursion(x: f64, n: usize) -> (f64, f64) {
    if n == 0 {
        return (x, 1.0);
    }
    let (a, b) = tuple_recursion(x * 0.5, n - 1);
    (a * b + x, a - b * x)
}

#[differentiate(order = 2)]
fn matrix_recursion(m: &DMatrix<f64>, v: &DVector<f64>, n: usize) -> DVector<f64> {
    if n == 0 {
        return v.clone();
    }
    let w = m * matrix_recursion(m, v, n - 1);
    w.map(|t| t.tanh()) + v
}

#[differentiate(order = 2)]
fn by_value(v: DVector<f64>, n: usize) -> f64 {
    if n == 0 {
        return v.norm_squared();
    }
    let w = &v * 0.5 + v.map(|t| t.sin());
    by_value(w, n - 1) + v.sum()
}

#[test]
fn recursion_with_aggregates() {
    for n in 0..4 {
        pullback!(tuple_recursion(*x, n), at x = 0.8);
        pullback!(
            matrix_recursion(m, v, n),
            at m = DMatrix::from_row_slice(2, 2, &[0.3, -0.4, 0.9, 0.2]),
            v = DVector::from_vec(vec![0.5, -1.0])
        );
        battery!(by_value(v.clone(), n), at v = DVector::from_vec(vec![0.5, -1.0]));
    }
}

#[differentiate(order = 2)]
fn ackermann_like(x: f64, m: u32, n: u32) -> f64 {
    if m == 0 {
        return x + f64::from(n);
    }
    if n == 0 {
        return ackermann_like(x * x, m - 1, 1);
    }
    ackermann_like(ackermann_like(x, m, n - 1) * 0.3, m - 1, n)
}

#[differentiate(order = 2)]
fn newton(x: f64, y: f64) -> f64 {
    let next = 0.5 * (y + x / y);
    if (next - y).abs() < 1e-12 {
        next
    } else {
        newton(x, next)
    }
}

#[test]
fn recursion_in_arguments() {
    battery!(ackermann_like(*x, 2, 2), at x = 0.7);
    battery!(newton(*x, *y), at x = 2.0, y = 1.0).is(2.0_f64.sqrt(), (0.5 / 2.0_f64.sqrt(), 0.0));
}
