//! Exits that hand out a value, and exits inside of expressions.

use crate::battery::battery;
use differentiate::differentiate;

#[differentiate(order = 2)]
fn loop_values(x: f64, y: f64) -> f64 {
    let mut t = x;
    let found = 'search: loop {
        let mut u = t;
        let depth = loop {
            u = u * y + 0.1;
            if u > 3.0 {
                break u * t;
            }
            if u < 0.2 {
                break 'search u - x;
            }
            if t > 8.0 {
                return t * u;
            }
        };
        t += depth;
        if depth > 5.0 {
            break t;
        }
    };
    found * y
}

#[test]
fn loops_with_values() {
    for (x, y) in [(1.0, 1.4), (0.3, 0.2), (9.0, 1.1), (2.0, 2.0), (0.5, 3.0)] {
        battery!(loop_values(*x, *y), at x = x, y = y);
    }
}

#[differentiate(order = 2)]
fn first_above(v: &[f64], #[no_diff] limit: f64) -> f64 {
    let mut i = 0;
    let it = loop {
        if i >= v.len() {
            return -1.0;
        }
        if v[i] > limit {
            break v[i] * v[i];
        }
        i += 1;
    };
    it + i as f64
}

#[differentiate(order = 2)]
fn returns_everywhere(x: f64, n: i32) -> f64 {
    let y = match n {
        0 => return x,
        1 => x * x,
        2 => {
            if x > 1.0 {
                return x.sin();
            }
            x.cos()
        }
        _ => loop {
            if x > 0.0 {
                break x * 3.0;
            }
            return -x;
        },
    };
    let z = if n == 1 && x < 0.0 { return y * y } else { y };
    z * x
}

#[test]
fn early_returns() {
    battery!(first_above(v, 1.0), at v = vec![0.5, 2.0, 3.0]).is(5.0, vec![0.0, 4.0, 0.0]);
    battery!(first_above(v, 9.0), at v = vec![0.5, 2.0]).is(-1.0, vec![0.0, 0.0]);
    for n in 0..4 {
        for x in [-1.2, 0.6, 1.4] {
            battery!(returns_everywhere(*x, n), at x = x);
        }
    }
}
