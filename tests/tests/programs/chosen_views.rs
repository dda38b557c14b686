//! Views chosen by a condition, mutable and shared, and views of ends and wholes.

use crate::battery::{battery, in_place, lent};
use differentiate::differentiate;
use nalgebra::{DVector, dvector};

// What follows the choice sees the names outside of the branch.
#[differentiate(order = 2)]
fn payload_of_the_same_name(x: &[f64], y: f64, k: Option<f64>) -> f64 {
    let mut a = x.to_vec();
    let mut b = x.to_vec();
    let r = match k {
        Some(y) => {
            a[1] *= y;
            &mut a
        }
        None => &mut b,
    };
    r[0] *= y;
    a[0] * a[1] + 2.0 * b[0]
}

#[differentiate(order = 2)]
fn if_let_of_the_same_name(x: &[f64], y: f64, k: Option<f64>) -> f64 {
    let mut a = x.to_vec();
    let mut b = x.to_vec();
    let r = if let Some(y) = k { &mut a } else { &mut b };
    r[0] *= y;
    a[0] + 2.0 * b[0]
}

#[differentiate(order = 2)]
fn variable_of_the_same_name(x: &[f64], y: f64, first: bool) -> f64 {
    let mut a = x.to_vec();
    let mut b = x.to_vec();
    let r = if first {
        let y = x[1];
        a[1] *= y;
        &mut a
    } else {
        &mut b
    };
    r[0] *= y;
    let y = y * r[0];
    a[0] * a[1] + y * b[0]
}

#[differentiate(order = 2)]
fn choices_in_choices(x: &[f64], y: f64, k: Option<f64>) -> f64 {
    let mut a = x.to_vec();
    let mut b = x.to_vec();
    let r = match k {
        Some(y) => {
            if y > 2.0 {
                let x = 1;
                &mut a[x]
            } else {
                &mut b[0]
            }
        }
        None => {
            let y = 1;
            &mut b[y]
        }
    };
    *r *= y;
    let q = if y > 1.0 {
        let y = x[0];
        a[1] += y;
        &mut b
    } else {
        &mut a
    };
    q[0] *= y * x[1];
    a[0] + 2.0 * b[0] + 3.0 * a[1] * b[1] * y
}

#[test]
fn names_outside_of_the_branches() {
    let x = || vec![0.3, 0.4];
    for k in [Some(3.0), Some(1.5), None] {
        for y in [0.4, 2.0] {
            battery!(payload_of_the_same_name(x, *y, *k), at x = x(), y = y, k = k);
            battery!(if_let_of_the_same_name(x, *y, *k), at x = x(), y = y, k = k);
            battery!(choices_in_choices(x, *y, *k), at x = x(), y = y, k = k);
        }
    }
    for first in [true, false] {
        battery!(variable_of_the_same_name(x, *y, first), at x = x(), y = 2.0);
    }
}

#[differentiate(order = 2)]
fn chain_of_choices(x: &[f64], k: f64) -> f64 {
    let mut a = x.to_vec();
    let mut b = x.to_vec();
    let mut c = 2.0;
    let r = if k > 1.0 {
        &mut a[0]
    } else if k > 0.0 {
        let k = 1;
        &mut b[k]
    } else {
        &mut c
    };
    *r *= k;
    a[0] + 2.0 * b[1] + c * k
}

// A branch that leaves chooses nothing.
#[differentiate(order = 2)]
fn choice_or_exit(x: &[f64], i: usize) -> f64 {
    let mut a = x.to_vec();
    let r = match a.get_mut(i) {
        Some(r) => r,
        None => return x[0],
    };
    *r *= *r;
    let q = if let Some(q) = a.last_mut() {
        q
    } else {
        return x[1];
    };
    *q *= 3.0;
    let s = if i > 5 { return x[0] } else { &mut a };
    s[0] *= 2.0;
    a[0] * a[1]
}

#[differentiate(order = 2)]
fn parameter_chosen(x: &mut [f64], y: &mut [f64], first: bool) {
    let a = if first { x } else { y };
    a[0] *= a[0];
    a[1] += a[0];
}

#[differentiate(order = 2)]
fn larger_and_smaller(x: &mut f64, y: &mut f64) {
    let (larger, smaller) = if *x > *y { (x, y) } else { (y, x) };
    *larger -= *smaller;
    *smaller *= *larger;
}

#[differentiate(order = 2)]
fn two_of_two(x: &mut [f64], y: &mut [f64], first: bool) -> f64 {
    let (a, b) = if first {
        (&mut x[..2], &mut *y)
    } else {
        (y, x)
    };
    a[0] *= b[0];
    b[1] += a[1];
    let d = match first {
        true => a,
        false => b,
    };
    d[0] *= d[1];
    d[0]
}

#[test]
fn chosen_to_be_written() {
    let (x, y) = (|| vec![0.3, 0.4], || vec![0.6, 0.8]);
    for k in [1.5, 0.5, -0.3] {
        battery!(chain_of_choices(x, *k), at x = x(), k = k);
    }
    for i in 0..3 {
        battery!(choice_or_exit(x, i), at x = x());
    }
    for first in [true, false] {
        in_place!(parameter_chosen(x, y, first), at mut x = x(), mut y = y());
        lent!(two_of_two(x, y, first), at mut x = x(), mut y = y());
    }
    in_place!(larger_and_smaller(x, y), at mut x = 0.3, mut y = 0.4);
    in_place!(larger_and_smaller(x, y), at mut x = 0.5, mut y = 0.4);
}

// Shared views.
#[differentiate(order = 2)]
fn total(x: &[f64]) -> f64 {
    x.iter().sum()
}

#[differentiate(order = 2)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

#[differentiate(order = 2)]
fn squared(x: &f64) -> f64 {
    x * x
}

#[differentiate(order = 2)]
fn two_shared_choices(x: &[f64], y: &[f64], first: bool) -> f64 {
    let v = if first { x } else { y };
    let w = if x[0] > 0.0 { &x[1..] } else { &y[1..] };
    v[0] * w[0]
}

#[differentiate(order = 2)]
fn choice_for_a_call(x: &[f64], y: &[f64], k: usize) -> f64 {
    let v = match k {
        0 => x,
        1 => y,
        _ => &x[1..],
    };
    total(v) * v[0]
}

#[differentiate(order = 2)]
fn choice_in_an_argument(x: &[f64], y: &[f64], first: bool) -> f64 {
    total(if first { x } else { &y[..1] })
        * total(match first {
            true => y,
            false => &x[1..],
        })
}

#[differentiate(order = 2)]
fn choice_in_a_loop(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        let row = if i == 0 { x } else { y };
        s += total(row) * row[i];
        for (a, b) in row.iter().zip(x) {
            s *= a * b;
        }
    }
    s
}

#[differentiate(order = 2)]
fn references_to_numbers(x: &[f64], y: f64) -> f64 {
    let best = if y > x[0] { &y } else { &x[0] };
    let worst = match x {
        [a, b, ..] => {
            if a < b {
                a
            } else {
                b
            }
        }
        _ => &y,
    };
    best * worst + squared(best)
}

#[differentiate(order = 2)]
fn other_names(x: &[f64], a: &f64) -> f64 {
    let v = x;
    let b = a;
    total(v) * v[0] * b * squared(b) * squared(a)
}

#[test]
fn chosen_to_be_read() {
    let (x, y) = (|| vec![0.3, 0.4, 0.9], || vec![0.7, 0.9, 0.2]);
    for first in [true, false] {
        battery!(two_shared_choices(x, y, first), at x = x(), y = y());
        battery!(choice_in_an_argument(x, y, first), at x = x(), y = y());
    }
    for k in 0..3 {
        battery!(choice_for_a_call(x, y, k), at x = x(), y = y());
    }
    battery!(choice_in_a_loop(x, y), at x = x(), y = y());
    for y in [0.24, 0.34] {
        battery!(references_to_numbers(x, *y), at x = x(), y = y);
    }
    battery!(other_names(x, y), at x = x(), y = 0.4);
}

// Slices of wholes, and ends of what is written.
#[differentiate(order = 2)]
fn slices_as_arguments(v: &DVector<f64>, a: &[f64; 3]) -> f64 {
    let s = v.as_slice();
    dot(v.as_slice(), a.as_slice()) + dot(s, s) + total(s) * s[0]
}

#[differentiate(order = 2)]
fn slices_of_what_is_written(v: &mut DVector<f64>, a: &mut [f64; 3], w: &mut Vec<f64>) -> f64 {
    let s = v.as_mut_slice();
    s[0] *= s[1];
    a.as_mut_slice()[1] *= 2.0;
    w.as_mut_slice()[0] += a[1];
    dot(v.as_slice(), a.as_slice()) + dot(w.as_slice(), &a[..])
}

#[differentiate(order = 2)]
fn ends_of_what_is_written(x: &mut [f64]) -> f64 {
    *x.first_mut().unwrap() *= 2.0;
    *x.last_mut().unwrap() += x[0];
    if let Some(first) = x.first_mut() {
        *first = first.sin();
    }
    let product = x.last().unwrap() * x.first().unwrap();
    product + *x.last().unwrap() * x.get(1).expect("a second one")
}

#[differentiate(order = 2)]
fn ends_of_what_grows(x: &[f64]) -> f64 {
    let mut x = x.to_vec();
    x[0] *= 2.0;
    let product = x.last().unwrap() * x.first().unwrap();
    x.push(product);
    let last = x.last().copied().unwrap() + x.get(1).unwrap() * x.get(0).unwrap();
    x.push(last);
    x.iter().sum::<f64>() * *x.last().unwrap()
}

#[test]
fn ends_and_wholes() {
    let (v, a, w) = (
        dvector![0.2, 0.3, 0.4],
        [0.4, 0.1, 0.2],
        vec![0.5, 1.2, 0.7],
    );
    battery!(slices_as_arguments(v, a), at v = v.clone(), a = a);
    lent!(slices_of_what_is_written(v, a, w), at mut v = v, mut a = a, mut w = w.clone());
    lent!(ends_of_what_is_written(w), at mut w = w.clone());
    battery!(ends_of_what_grows(w), at w = w);
}
