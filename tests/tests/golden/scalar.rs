//! Scalar programs: control flow, finance.

use crate::data::golden;
use crate::special::normal_cdf;
use differentiate::{Real, differentiate, lit};

#[differentiate(order = 2)]
fn trig_poly<T: Real>(x: T, y: T) -> T {
    (x * y).sin() + x.powi(3) * (-y).exp()
}

#[differentiate(order = 2)]
fn for_powers(x: f64) -> f64 {
    let (mut s, mut p) = (0.0, 1.0);
    for i in 1..=7 {
        p *= x;
        s += p / f64::from(i);
    }
    s
}

#[differentiate(order = 2)]
fn for_powers_generic<T: Real>(x: T) -> T {
    let (mut s, mut p) = (T::zero(), T::one());
    for i in 1..=7 {
        p *= x;
        s += p / lit(f64::from(i));
    }
    s
}

#[differentiate(order = 2)]
fn break_continue_if(x: f64) -> f64 {
    let mut x = x;
    for i in 0..6 {
        if i == 3 {
            continue;
        }
        if x > 2.5 {
            break;
        }
        if x > 1.0 {
            x = 0.5 * x + x.sin();
        } else {
            x = x * x + 0.3;
        }
    }
    x
}

#[differentiate(order = 2)]
fn early_return(x: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..10 {
        s += x * x * f64::from(i + 1);
        if s > 3.0 {
            return s * x;
        }
    }
    s
}

#[differentiate(order = 2)]
fn recursion<T: Real>(x: T, n: usize) -> T {
    if n == 0 {
        x
    } else {
        recursion(x, n - 1).sin() * x + lit::<T>(0.1) * lit(n as f64)
    }
}

#[differentiate(order = 2)]
fn simpson(a: f64, b: f64) -> f64 {
    let h = 0.1;
    let f = |x: f64| (-a * x * x).exp() * (b * x).cos();
    let mut s = f(0.0) + f(20.0 * h);
    for i in 1..20 {
        let weight = if i % 2 == 1 { 4.0 } else { 2.0 };
        s += weight * f(f64::from(i) * h);
    }
    s * h / 3.0
}

#[differentiate(order = 2)]
fn kepler<T: Real>(e: T, m: T) -> T {
    let mut anomaly = m;
    for _ in 0..8 {
        let f = anomaly - e * anomaly.sin() - m;
        anomaly -= f / (T::one() - e * anomaly.cos());
    }
    anomaly
}

#[differentiate(order = 2)]
fn black_scholes(s: f64, k: f64, t: f64, r: f64, sigma: f64) -> f64 {
    let root = sigma * t.sqrt();
    let d1 = ((s / k).ln() + (r + 0.5 * sigma * sigma) * t) / root;
    let d2 = d1 - root;
    s * normal_cdf(d1) - k * (-r * t).exp() * normal_cdf(d2)
}

#[differentiate(order = 2)]
fn in_place(x: f64, v: &[f64; 4]) -> f64 {
    let mut a = *v;
    for _ in 0..3 {
        for i in 1..4 {
            a[i] = a[i - 1] * x + a[i];
        }
        a[0] = a[3] * a[1];
    }
    a.iter().sum()
}

#[differentiate(order = 2)]
fn in_place_generic<T: Real>(x: T, v: &[T]) -> T {
    let mut a = v.to_vec();
    for _ in 0..3 {
        sweep(x, &mut a);
    }
    let mut sum = T::zero();
    for a in &a {
        sum += *a;
    }
    sum
}

#[differentiate(order = 2)]
fn sweep<T: Real>(x: T, a: &mut [T]) {
    for i in 1..a.len() {
        let before = a[i - 1];
        a[i] += before * x;
    }
    a[0] = a[a.len() - 1] * a[1];
}

#[test]
fn doubles() {
    golden!("s_inplace_array": in_place(*x, v), x: f64, v: [f64; 4]);
    golden!("s_inplace_array": in_place_generic(*x, v), x: f64, v: Vec<f64>);
    golden!("s_trig_poly": trig_poly(*x, *y), x: f64, y: f64);
    golden!("s_for_powers": for_powers(*x), x: f64);
    golden!("s_for_powers": for_powers_generic(*x), x: f64);
    golden!("s_break_continue_if": break_continue_if(*x), x: f64);
    golden!("s_early_return": early_return(*x), x: f64);
    golden!("s_recursion": recursion(*x, 6), x: f64);
    golden!("s_simpson": simpson(*a, *b), a: f64, b: f64);
    golden!("s_kepler": kepler(*e, *m), e: f64, m: f64);
    golden!(
        "black_scholes_call": black_scholes(*s, *k, *t, *r, *sigma),
        s: f64, k: f64, t: f64, r: f64, sigma: f64
    );
}

#[test]
fn singles() {
    golden!("s_inplace_array": in_place_generic(*x, v), x: f32, v: Vec<f32>);
    golden!("s_trig_poly": trig_poly(*x, *y), x: f32, y: f32);
    golden!("s_for_powers": for_powers_generic(*x), x: f32);
    golden!("s_recursion": recursion(*x, 6), x: f32);
    golden!("s_kepler": kepler(*e, *m), e: f32, m: f32);
}
