//! `Option`, `Result` and `?`.

use crate::battery::{battery, kink, pullback};
use differentiate::differentiate;

// L7: the squares of those present.
#[differentiate(order = 2)]
fn l7(a: Option<f64>, b: Option<f64>) -> f64 {
    let mut s = 0.0;
    if let Some(v) = a {
        s += v * v;
    }
    if let Some(v) = b {
        s += v * v;
    }
    s
}

// With `(Some(a), None) | (None, Some(a))` it would be three arms; see tests/ui/unsupported/or_pattern.rs.
#[differentiate(order = 2)]
fn l7_four_arms(a: Option<f64>, b: Option<f64>) -> f64 {
    match (a, b) {
        (Some(a), Some(b)) => a * a + b * b,
        (Some(a), None) => a * a,
        (None, Some(b)) => b * b,
        (None, None) => 0.0,
    }
}

#[differentiate(order = 2)]
fn l7_reference(a: &Option<f64>, b: &Option<f64>) -> f64 {
    let square = |v: &Option<f64>| match v {
        Some(v) => v * v,
        None => 0.0,
    };
    square(a) + square(b)
}

#[differentiate(order = 2)]
fn l7_unwrap_or(a: Option<f64>, b: Option<f64>) -> f64 {
    let (a, b) = (a.unwrap_or(0.0), b.unwrap_or_default());
    a * a + b * b
}

#[differentiate(order = 2)]
fn l7_loop(a: Option<f64>, b: Option<f64>) -> f64 {
    let mut s = 0.0;
    for v in [a, b] {
        let Some(v) = v else { continue };
        s += v * v;
    }
    s
}

#[test]
fn l7_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            battery!($f(*a, *b), at a = Some(3.0), b = Some(4.0)).is(25.0, (Some(6.0), Some(8.0)));
            battery!($f(*a, *b), at a = None, b = Some(4.0)).is(16.0, (None, Some(8.0)));
            battery!($f(*a, *b), at a = Some(3.0), b = None).is(9.0, (Some(6.0), None));
            battery!($f(*a, *b), at a = None, b = None).is(0.0, (None, None));
        )* };
    }
    check!(l7 l7_four_arms l7_unwrap_or l7_loop);
    battery!(l7_reference(a, b), at a = Some(3.0), b = Some(4.0)).is(25.0, (Some(6.0), Some(8.0)));
    battery!(l7_reference(a, b), at a = None, b = Some(4.0)).is(16.0, (None, Some(8.0)));
}

#[differentiate(order = 2)]
fn question(x: Option<f64>, y: f64) -> Option<f64> {
    let a = x?;
    if a > 10.0 {
        return None;
    }
    Some(a * y * a)
}

#[differentiate(order = 2)]
fn positive(x: f64) -> Option<f64> {
    if x > 0.0 { Some(x.sqrt()) } else { None }
}

#[differentiate(order = 2)]
fn chain(x: f64, y: f64) -> Option<f64> {
    let a = positive(x)?;
    let b = positive(y - a)?;
    let mut s = a * b;
    for k in 0..3 {
        s += positive(s - f64::from(k) * 0.4)? * y;
        if s > 20.0 {
            return positive(x * s);
        }
    }
    Some(s)
}

#[test]
fn question_marks_of_options() {
    pullback!(question(*x, *y), at x = Some(3.0), y = 2.0).maps(Some(1.0), (Some(12.0), 9.0));
    pullback!(question(*x, *y), at x = None, y = 2.0).maps(None, (None, 0.0));
    pullback!(question(*x, *y), at x = Some(11.0), y = 2.0).maps(None, (Some(0.0), 0.0));
    for (x, y) in [(0.7, 2.1), (-1.0, 1.0), (4.1, 1.0), (1.0, 1.2), (2.0, 12.0)] {
        pullback!(chain(*x, *y), at x = x, y = y);
    }
}

#[differentiate(order = 2)]
fn checked(x: f64, v: &[f64]) -> Result<f64, String> {
    if v.is_empty() {
        return Err("nothing to divide by".to_string());
    }
    let mut s = x;
    for a in v {
        if *a == 0.0 {
            return Err(format!("a zero after {s}"));
        }
        s /= a;
    }
    Ok(s)
}

#[differentiate(order = 2)]
fn uses_checked(x: f64, v: &[f64]) -> Result<f64, String> {
    let a = checked(x, v)?;
    let b = checked(a * x, &v[1..])?;
    Ok(a * b)
}

#[differentiate(order = 2)]
fn falls_back(x: f64, v: &[f64]) -> f64 {
    match uses_checked(x, v) {
        Ok(a) => a * a,
        Err(message) => x * message.len() as f64,
    }
}

#[differentiate(order = 2)]
fn if_let_chain(x: f64, v: &[f64]) -> f64 {
    if let Ok(a) = checked(x, v) {
        a
    } else if let Some(b) = positive(x) {
        b * 2.0
    } else if let (Some(c), true) = (positive(-x), x < -1.0) {
        c * x
    } else {
        x
    }
}

#[differentiate(order = 2)]
fn let_else(x: f64, y: f64) -> f64 {
    let Some(a) = positive(x) else {
        return y * y;
    };
    let Ok(b) = checked(a, &[y, a + 1.0]) else {
        return a;
    };
    a * b
}

#[test]
fn results_and_else() {
    for v in [vec![2.0, 3.0], vec![], vec![2.0, 0.0], vec![4.0]] {
        for x in [1.5, -0.5, -2.5] {
            kink!(falls_back(*x, v), at x = x, v = v.clone());
            kink!(if_let_chain(*x, v), at x = x, v = v.clone());
        }
    }
    battery!(falls_back(*x, v), at x = 1.5, v = vec![2.0, 3.0]);
    battery!(falls_back(*x, v), at x = 1.5, v = vec![]).is(30.0, (20.0, vec![]));
    battery!(if_let_chain(*x, v), at x = 1.5, v = vec![2.0, 3.0]);
    battery!(if_let_chain(*x, v), at x = -2.5, v = vec![]);
    battery!(let_else(*x, *y), at x = 1.5, y = 0.7);
    battery!(let_else(*x, *y), at x = -1.5, y = 0.7).is(0.49, (0.0, 1.4));
    kink!(let_else(*x, *y), at x = 4.0, y = 0.0).is(2.0, (0.25, 0.0));
}

#[differentiate(order = 2)]
fn optional_state(x: f64, v: &[f64]) -> f64 {
    let mut last = None;
    let mut s = x;
    for a in v {
        if let Some(b) = last {
            s += a * b;
        }
        last = if *a > 0.0 { Some(a * x) } else { None };
    }
    match last {
        Some(b) => s * b,
        None => s,
    }
}

#[differentiate(order = 2)]
fn while_let(x: f64, #[no_diff] stop: f64) -> f64 {
    let mut t = x;
    while let Some(r) = positive(t - stop) {
        t = r * 0.9;
    }
    t * x
}

#[differentiate(order = 2)]
fn option_of_tuple(p: Option<(f64, f64)>, v: Option<Vec<f64>>) -> f64 {
    let Some((a, b)) = p else { return 3.0 };
    match &v {
        Some(v) if v.len() > 1 => v[0] * a + v[1] * b,
        Some(v) => v.iter().sum::<f64>() * a,
        None => a * b,
    }
}

#[differentiate(order = 2)]
fn result_parameter(r: Result<f64, i32>, x: f64) -> Result<f64, i32> {
    let a = r?;
    let b = Some(a * x).ok_or(7)?;
    if b < 0.0 { Err(-1) } else { Ok(b * b) }
}

#[test]
fn options_as_state_and_input() {
    for v in [
        vec![0.5, 1.0, 2.0],
        vec![0.5, -1.0, 2.0, 1.0],
        vec![0.5, -1.0],
        vec![],
    ] {
        battery!(optional_state(*x, v), at x = 0.8, v = v);
    }
    for x in [0.9, 0.3, 2.0] {
        battery!(while_let(*x, 0.25), at x = x);
    }
    battery!(option_of_tuple(*p, v.clone()), at p = Some((2.0, 3.0)), v = Some(vec![0.5, 0.7]));
    battery!(option_of_tuple(*p, v.clone()), at p = Some((2.0, 3.0)), v = Some(vec![0.5]));
    battery!(option_of_tuple(*p, v.clone()), at p = Some((2.0, 3.0)), v = None)
        .is(6.0, (Some((3.0, 2.0)), None));
    battery!(option_of_tuple(*p, v.clone()), at p = None, v = Some(vec![0.5]))
        .is(3.0, (None, Some(vec![0.0])));
    let (value, pull) = result_parameter::vjp(Ok(3.0), 2.0);
    assert_eq!(value, Ok(36.0));
    assert_eq!(pull(Some(1.0)), (Some(24.0), 36.0));
    let (value, pull) = result_parameter::vjp(Err(4), 2.0);
    assert_eq!(value, Err(4));
    assert_eq!(pull(None), (None, 0.0));
}

/// Elements that may not be there, named, read through and taken apart.
#[differentiate(order = 2)]
fn parts_or_nothing(x: f64, rows: &Vec<[f64; 2]>) -> Option<f64> {
    let last = rows.last()?;
    let c = rows.get(1)?[0];
    let [d, e] = *rows.first()?;
    Some(*last.first()? * x * last[1] + c * d * e)
}

#[differentiate(order = 2)]
fn parts_in_a_value(x: f64, xs: &[f64]) -> Option<f64> {
    Some(*xs.first()? * x - *xs.get(1)? * *xs.last()?)
}

#[test]
fn parts() {
    let rows = vec![[0.5, 1.5], [2.0, 0.7], [1.1, 0.3]];
    pullback!(parts_or_nothing(*x, rows), at x = 0.6, rows = rows);
    pullback!(parts_or_nothing(*x, rows), at x = 0.6, rows = vec![[0.5, 1.5]]);
    for n in [0, 1, 2, 4] {
        pullback!(parts_in_a_value(*x, xs), at x = 0.6, xs = vec![0.7; n]);
    }
}
