//! `break`, `continue`, `return` and labels, at every depth.

use crate::battery::{battery, kink};
use differentiate::differentiate;

// S5: an outer loop left from an inner one.
#[differentiate(order = 2)]
fn s5(x: f64, n: usize) -> f64 {
    let mut out = x;
    'outer: for _ in 0..n {
        out = out * x;
        let mut inn = out;
        for _ in 0..n {
            inn = inn + x;
            if inn.trunc() as i64 % 7 == 0 {
                break 'outer;
            }
        }
        out = inn;
    }
    out
}

#[differentiate(order = 2)]
fn s5_while(x: f64, n: usize) -> f64 {
    let mut out = x;
    let mut i = 0;
    'outer: while i < n {
        out *= x;
        let mut inn = out;
        let mut j = 0;
        while j < n {
            inn += x;
            if inn as i64 % 7 == 0 {
                break 'outer;
            }
            j += 1;
        }
        out = inn;
        i += 1;
    }
    out
}

#[differentiate(order = 2)]
fn s5_return(x: f64, n: usize) -> f64 {
    let mut out = x;
    for _ in 0..n {
        out = out * x;
        let mut inn = out;
        for _ in 0..n {
            inn = inn + x;
            if inn.trunc() % 7.0 == 0.0 {
                return out;
            }
        }
        out = inn;
    }
    out
}

#[test]
fn s5_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            for (n, value, derivative) in [(1, 6.0, 5.0), (2, 20.0, 22.0), (3, 52.0, 80.0), (4, 24.0, 28.0)] {
                kink!($f(*x, n), at x = 2.0).is(value, derivative);
            }
        )* };
    }
    check!(s5 s5_while s5_return);
}

// S7: a do-while with a break in its middle.
#[differentiate(order = 2)]
fn s7(x: f64) -> f64 {
    let mut r = x;
    let mut i = 0;
    loop {
        if i == 2 {
            break;
        }
        r = if i == 0 { r * x } else { r * r };
        i += 1;
        if !(i < 10) {
            break;
        }
    }
    r
}

#[differentiate(order = 2)]
fn s7_for(x: f64) -> f64 {
    let mut r = x;
    for i in 0..10 {
        match i {
            0 => r *= x,
            2 => break,
            _ => r *= r,
        }
    }
    r
}

#[differentiate(order = 2)]
fn s7_value(x: f64) -> f64 {
    let (mut r, mut i) = (x, 0);
    loop {
        if i == 2 {
            break r;
        }
        r = match i {
            0 => r * x,
            _ => r * r,
        };
        i += 1;
    }
}

#[test]
fn s7_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            battery!($f(*x), at x = 2.0).is(16.0, 32.0);
            battery!($f(*x), at x = 3.0).is(81.0, 108.0);
        )* };
    }
    check!(s7 s7_for s7_value);
}

// L1: a continue that depends on the value carried.
#[differentiate(order = 2)]
fn l1(y: f64) -> f64 {
    let mut t = y;
    for _ in 0..3 {
        if t > 4.0 {
            continue;
        }
        t = t * t;
    }
    t
}

#[differentiate(order = 2)]
fn l1_while(y: f64) -> f64 {
    let (mut t, mut k) = (y, 0);
    while k < 3 {
        k += 1;
        if t <= 4.0 {
            t *= t;
        }
    }
    t
}

#[test]
fn l1_in_both_ways() {
    // At 2 the second square is 16, so the third does not happen; with differences taken beside the kink at 4.
    kink!(l1(*y), at y = 2.0).is(16.0, 32.0);
    kink!(l1_while(*y), at y = 2.0).is(16.0, 32.0);
    battery!(l1(*y), at y = 0.4).gradient_is(0.013_107_2);
    battery!(l1_while(*y), at y = 0.4).gradient_is(0.013_107_2);
}

// C1: an early return out of a loop.
#[differentiate(order = 2)]
fn c1(x: f64, y: f64) -> f64 {
    let mut s = 0.0;
    for _ in 0..5 {
        s = s + x * y;
        if s > 20.0 {
            return s;
        }
    }
    s
}

#[differentiate(order = 2)]
fn c1_break(x: f64, y: f64) -> f64 {
    let mut s = 0.0;
    for _ in 0..5 {
        s += x * y;
        if s > 20.0 {
            break;
        }
    }
    s
}

#[differentiate(order = 2)]
fn c1_while(x: f64, y: f64) -> f64 {
    let (mut s, mut k) = (0.0, 0);
    while k < 5 && s <= 20.0 {
        s += x * y;
        k += 1;
    }
    s
}

// C7: break and continue of the inner loop, continue of the outer one.
#[differentiate(order = 2)]
fn c7(x: f64, y: f64) -> f64 {
    let mut r = 0.0;
    for a in 0..5 {
        let mut b = a;
        if a < 2 {
            continue;
        }
        while b != 0 {
            b -= 1;
            if b < 3 {
                r += x * y;
                break;
            } else {
                continue;
            }
        }
    }
    r
}

#[differentiate(order = 2)]
fn c7_labels(x: f64, y: f64) -> f64 {
    let mut r = 0.0;
    'a: for a in 0..5 {
        if a < 2 {
            continue 'a;
        }
        'b: for b in (0..a).rev() {
            if b >= 3 {
                continue 'b;
            }
            r = r + x * y;
            continue 'a;
        }
    }
    r
}

// C9: a continue that depends on the sum and on a parameter.
#[differentiate(order = 2)]
fn c9(x: f64, y: f64) -> f64 {
    let mut s = y * 0.0;
    for i in 1..=3 {
        if s > x {
            continue;
        }
        s = s + f64::from(i).sin() * x;
    }
    s
}

// W5: a continue inside a branch that is always taken.
#[differentiate(order = 2)]
fn w5(x: f64) -> f64 {
    let mut s = x;
    for i in 0..4 {
        if true {
            if i % 2 == 0 {
                continue;
            }
            s = s * x;
        }
        s = s + x * x;
    }
    s
}

#[differentiate(order = 2)]
fn w5_filter(x: f64) -> f64 {
    let mut s = x;
    for _ in (0..4).filter(|i| i % 2 != 0) {
        s = s * x + x * x;
    }
    s
}

#[test]
fn c1_c7_c9_w5() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            battery!($f(*x, *y), at x = 2.0, y = 3.0).is(24.0, (12.0, 8.0));
            battery!($f(*x, *y), at x = 1.0, y = 1.0).is(5.0, (5.0, 5.0));
        )* };
    }
    check!(c1 c1_break c1_while);
    battery!(c7(*x, *y), at x = 3.0, y = 5.0).is(45.0, (15.0, 9.0));
    battery!(c7_labels(*x, *y), at x = 3.0, y = 5.0).is(45.0, (15.0, 9.0));
    battery!(c9(*x, *y), at x = 1.0, y = 1.0).gradient_is((1.0_f64.sin() + 2.0_f64.sin(), 0.0));
    battery!(w5(*x), at x = 2.0).is(20.0, 28.0);
    battery!(w5_filter(*x), at x = 2.0).is(20.0, 28.0);
}

// C3: an integer taken from a float, an early return, and names that change hands.
#[differentiate(order = 2)]
fn c3(x: f64, y: f64) -> f64 {
    let k = y as i32;
    if k == 0 {
        return 1.0;
    }
    let n = k as f64;
    let mut a = n + x;
    let b = n;
    let c = 2.0 * x;
    a = a * b;
    a + c
}

#[differentiate(order = 2)]
fn c3_float(x: f64, y: f64) -> f64 {
    if y as i32 == 0 {
        return 1.0;
    }
    let n = y;
    let mut a = n + x;
    let b = n;
    let c = 2.0 * x;
    a = a * b;
    a + c
}

#[test]
fn c3_with_and_without_a_cast() {
    // Where n comes from a cast, it is a step function of y, so that nothing comes back through it.
    kink!(c3(*x, *y), at x = 3.0, y = 0.0).is(1.0, (0.0, 0.0));
    kink!(c3(*x, *y), at x = 3.0, y = 5.0).is(46.0, (7.0, 0.0));
    kink!(c3_float(*x, *y), at x = 3.0, y = 0.0).is(1.0, (0.0, 0.0));
    kink!(c3_float(*x, *y), at x = 3.0, y = 5.0).is(46.0, (7.0, 13.0));
}

#[differentiate(order = 2)]
fn scaled(x: f64, k: usize) -> f64 {
    x.sin() * k as f64 + 0.5
}

#[differentiate(order = 2)]
fn calls_and_exits(x: f64, v: &[f64]) -> f64 {
    let mut acc = x;
    let mut last = 0.0;
    'rows: for (i, a) in v.iter().enumerate() {
        let mut t = scaled(*a, i);
        for j in 0.. {
            t = scaled(t * acc, j) + last;
            if j > 3 {
                break;
            }
            if t < 0.0 {
                last = t;
                continue 'rows;
            }
            if t > 2.5 {
                break 'rows;
            }
            if acc > 4.0 {
                return scaled(acc, i) * t;
            }
            last = last * 0.5 + t;
        }
        acc += t * last;
    }
    acc * last
}

#[test]
fn exits_out_of_nested_loops_with_calls() {
    for v in [
        vec![0.3, -0.7, 1.2, 0.9],
        vec![-1.0, -0.2],
        vec![1.5, 1.5, 1.5, 1.5, 1.5],
        vec![],
    ] {
        for x in [0.4, 1.3, 3.7, -0.8, 4.2] {
            battery!(calls_and_exits(*x, v), at x = x, v = v.clone());
        }
    }
}
