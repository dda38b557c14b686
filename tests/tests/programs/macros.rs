//! What stands among the arguments of macros is seen as anywhere else.

use differentiate::{Real, differentiate};
use nalgebra::{DMatrix, Matrix2, Vector2, matrix, vector};

use self::helpers::calls_it_twice;
use crate::battery::battery;

/// A `return` of the closure, not of the function.
#[differentiate(order = 2)]
fn return_in_a_closure(x: f64, y: f64) -> f64 {
    let f = |t: f64| -> f64 {
        let list = vec![t * t, (if t > y { return 0.5 * t } else { t.sin() })];
        list[0] * list[1]
    };
    f(x) * y + f(y - 1.0)
}

#[differentiate(order = 2)]
mod helpers {
    pub fn early(x: f64, limit: f64) -> f64 {
        let list = vec![x.cos(), if x > limit { return x * x } else { 2.0 * x }];
        list[0] + list[1]
    }
    pub fn calls_it_twice(x: f64) -> f64 {
        early(x, 1.0) * early(0.25 * x, 1.0)
    }
}

#[differentiate(order = 2)]
fn question_mark_in_a_closure(x: f64, xs: &[f64]) -> f64 {
    let at = |i: usize| -> Option<f64> {
        let pair = vec![*xs.get(i)?, *xs.get(i + 1)?];
        Some(pair[0] * x - pair[1])
    };
    at(0).unwrap_or(1.0) + at(1).unwrap_or(3.0) * x + at(2).unwrap_or(x * x)
}

#[differentiate(order = 2)]
fn break_in_a_list(x: f64, n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        let list = vec![x, (if i > 2 { break } else { total * x })];
        total += list[0] * list[1] + 0.5;
    }
    total
}

#[differentiate(order = 2)]
fn continue_in_a_length(x: f64, n: usize) -> f64 {
    let mut total = x;
    for i in 0..n {
        let len = vec![1, (if i == 1 { continue } else { 2 })].len();
        total = total.sin() * len as f64 + x;
    }
    total
}

#[differentiate(order = 2)]
fn return_in_a_length(x: f64, n: usize) -> f64 {
    let mut total = x;
    for i in 0..n {
        let len = vec![1, (if i == 2 { return total * x } else { 2 })].len();
        total = total.sin() * len as f64 + x;
    }
    total
}

#[differentiate(order = 2)]
fn break_from_a_chain(a: &[f64], b: &[f64], x: f64) -> f64 {
    let mut total = 0.0;
    for v in a.iter().chain(b) {
        let list = vec![v * x, (if *v > 2.0 { break } else { v * v })];
        total += list[0] * list[1];
    }
    total
}

#[differentiate(order = 2)]
fn return_in_a_matrix(x: f64, y: f64) -> f64 {
    let f = |t: f64| -> f64 {
        let m = matrix![t, y; (if t > 1.0 { return t * y } else { t * t }), 1.0];
        m.determinant()
    };
    f(x) + f(2.0 * x) * y
}

#[differentiate(order = 2)]
fn closure_that_pushes(x: f64) -> f64 {
    let mut list = vec![x];
    let mut push = |v: f64| {
        list.push(v * x);
        v
    };
    let both = vec![push(x), push(x * x)];
    let last = list[list.len() - 1];
    both[0] * both[1] + last + list[0]
}

#[differentiate(order = 2)]
fn assignment_in_a_vector(x: f64) -> f64 {
    let mut y = x;
    let v = vector![
        y * 2.0,
        {
            y *= x;
            y + 1.0
        },
        y
    ];
    v.dot(&v) * y
}

#[differentiate(order = 2)]
fn guard_of_matches(x: f64, limit: f64) -> f64 {
    let part = Some(x * limit);
    if matches!(part, Some(p) if p > limit) {
        x * x * limit
    } else {
        x.sin() + limit
    }
}

#[differentiate(order = 2)]
fn assertions(x: f64, list: &[f64]) -> f64 {
    let half = |t: f64| 0.5 * t;
    assert!(half(x) < 10.0, "{x} and {}", half(x));
    debug_assert_eq!(list.len() % 1, 0, "{len}", len = list.len());
    let mut sum = x;
    for (i, v) in list.iter().enumerate() {
        assert!(i < list.len());
        sum = sum * v + half(sum);
    }
    sum
}

#[derive(Clone, Copy, Debug, differentiate::Differentiable)]
struct Pair {
    a: f64,
    b: f64,
}

#[differentiate(order = 2)]
impl core::ops::Mul for Pair {
    type Output = Pair;
    fn mul(self, other: Pair) -> Pair {
        let products = vec![
            self.a * other.a - self.b * other.b,
            self.a * other.b + self.b * other.a,
        ];
        Pair {
            a: products[0],
            b: products[1],
        }
    }
}

#[differentiate(order = 2)]
fn operator_with_a_list(x: f64, y: f64) -> f64 {
    let p = Pair { a: x, b: y };
    let q = p * p * p;
    q.a * q.b
}

#[differentiate(order = 2)]
fn generic<T: Real>(x: T, n: usize) -> T {
    let list = vec![x * x, (if n > 2 { return x.sin() } else { x })];
    list[0] * list[1]
}

#[differentiate(order = 2)]
fn repeated(x: f64, n: usize) -> f64 {
    let list = vec![(if n > 3 { return x * x } else { x.sin() }); n + 1];
    list.iter().sum::<f64>() * x
}

#[differentiate(order = 2)]
fn nested(x: f64) -> f64 {
    let f = |t: f64| -> f64 {
        let rows = vec![
            vec![t, 1.0],
            vec![(if t > 1.0 { return 3.0 * t } else { t * t })],
        ];
        rows[0][0] * rows[1][0]
    };
    f(x) + x * f(x + 1.0)
}

#[differentiate(order = 2)]
fn view_of_nalgebra(x: f64, n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        let v: Vector2<f64> = vector![x * i as f64, (if i == 3 { break } else { x.cos() })];
        let m: Matrix2<f64> = matrix![v[0], 1.0; x, v[1]];
        total += (m * v).norm_squared();
    }
    total
}

#[differentiate(order = 2)]
fn stacked(x: f64) -> f64 {
    let f = |t: f64| -> f64 {
        let m: DMatrix<f64> =
            DMatrix::from_row_slice(1, 2, &vec![t, if t < 0.0 { return t } else { t * t }]);
        m.sum()
    };
    f(x) * f(-x)
}

macro_rules! next_of {
    ($k:expr, $n:expr) => {
        ($k + 1) % $n
    };
}

macro_rules! check_all {
    ($($k:expr),*) => {
        $(assert!($k < 100);)*
    };
}

/// Macros of the user's own in a loop, which stay in it.
#[differentiate(order = 2)]
fn own_macros_in_a_loop(x: f64, n: usize) -> f64 {
    let mut total = x;
    let mut k = 0;
    for i in 0..n {
        check_all!(i, k, n);
        k = next_of!(k, 3) + next_of!(i, 2);
        total = total * x + (next_of!(k, 4) as f64) * total.sin();
        check_all![k];
    }
    total
}

#[test]
fn all() {
    battery!(return_in_a_closure(*x, *y), at x = 0.4, y = 0.9);
    battery!(return_in_a_closure(*x, *y), at x = 1.4, y = 0.9);
    battery!(return_in_a_closure(*x, *y), at x = 1.4, y = 0.2);
    battery!(calls_it_twice(*x), at x = 0.7);
    battery!(calls_it_twice(*x), at x = 1.7);
    for n in [0, 1, 3] {
        let list = vec![0.7; n];
        battery!(question_mark_in_a_closure(*x, xs), at x = 0.7, xs = list.clone());
    }
    for n in [1, 3, 5] {
        battery!(break_in_a_list(*x, n), at x = 0.7);
        battery!(continue_in_a_length(*x, n), at x = 0.7);
        battery!(return_in_a_length(*x, n), at x = 0.7);
        battery!(generic(*x, n), at x = 0.7);
        battery!(repeated(*x, n), at x = 0.7);
        battery!(own_macros_in_a_loop(*x, n), at x = 0.7);
        battery!(view_of_nalgebra(*x, n), at x = 0.7);
    }
    battery!(break_from_a_chain(a, b, *x), at a = vec![0.5, 1.5], b = vec![0.3, 2.5, 0.2], x = 0.7);
    battery!(break_from_a_chain(a, b, *x), at a = vec![0.5, 2.5], b = vec![0.3, 1.5, 0.2], x = 0.7);
    battery!(return_in_a_matrix(*x, *y), at x = 0.7, y = 0.2);
    battery!(closure_that_pushes(*x), at x = 0.7);
    battery!(assignment_in_a_vector(*x), at x = 0.7);
    battery!(guard_of_matches(*x, *limit), at x = 0.7, limit = 1.2);
    battery!(guard_of_matches(*x, *limit), at x = 1.7, limit = 1.2);
    battery!(assertions(*x, list), at x = 0.7, list = vec![0.3, 0.8]);
    battery!(operator_with_a_list(*x, *y), at x = 0.7, y = 0.3);
    battery!(nested(*x), at x = 0.4);
    battery!(stacked(*x), at x = 0.4);
}
