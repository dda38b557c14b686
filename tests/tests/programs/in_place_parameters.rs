//! `&mut` parameters: what is lent goes in and comes out.

use crate::battery::{in_place, lent};
use differentiate::differentiate;

// E3: a value is replaced through a reference.
#[differentiate]
fn e3(x: &mut f64) -> f64 {
    let p = *x * *x;
    *x = *x * p;
    *x
}

#[differentiate]
fn e3_nothing(x: &mut f64) {
    let p = *x * *x;
    *x *= p;
}

// E11: squares in place.
#[differentiate]
fn e11(a: &mut [f64]) {
    for i in 0..a.len() {
        a[i] = a[i] * a[i];
    }
}

#[differentiate]
fn weighted(w: &[f64], a: &mut [f64], x: f64) -> f64 {
    for (a, w) in a.iter_mut().zip(w) {
        *a += w * x;
    }
    a.iter().map(|a| a * a).sum()
}

#[test]
fn squares() {
    lent!(e3(x), at mut x = 2.0)
        .is(8.0, 8.0)
        .maps(1.0, 0.0, 12.0, ());
    in_place!(e3_nothing(x), at mut x = 2.0)
        .is((), 8.0)
        .maps((), 1.0, 12.0, ());
    in_place!(e11(a), at mut a = vec![1.0, 2.0, 3.0]).maps(
        (),
        vec![1.0; 3],
        vec![2.0, 4.0, 6.0],
        (),
    );
    in_place!(e11(a), at mut a = vec![]).maps((), vec![], vec![], ());
    lent!(weighted(w, a, *x), at w = vec![1.0, 2.0], mut a = vec![0.5, -1.5], x = 0.3);
}
