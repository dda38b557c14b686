//! Exits, recursion over halves and patterns of every kind, in combination with writes.

use crate::battery::{battery, in_place, lent, pullback};
use differentiate::differentiate;

// Control flow combos named in the issue
#[differentiate(order = 2)]
fn exit_after_three(x: &mut [f64], limit: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        x[i] = x[i] * x[i] + s;
        s += x[i];
        if i == 2 && s > limit {
            return s * limit;
        }
    }
    s - limit
}
#[differentiate(order = 2)]
fn labelled_continue(x: &mut [f64], k: f64) -> f64 {
    let mut total = 0.0;
    'rows: for row in x.chunks_exact_mut(3) {
        for j in 0..3 {
            match (j, row[j]) {
                (0, v) if v < 0.0 => {
                    row[0] = -v;
                    continue 'rows;
                }
                (1, v) => {
                    row[1] *= k;
                    if row[1] > 1.0 {
                        continue 'rows;
                    }
                    total += v;
                }
                (2, _) => {
                    row[2] += row[0];
                    if row[2] > 5.0 {
                        break 'rows;
                    }
                }
                _ => continue,
            }
            total += row[j] * k;
        }
        total *= 0.9;
    }
    total
}
#[differentiate(order = 2)]
fn fft_like(x: &mut [f64], w: f64) {
    if x.len() == 1 {
        return;
    }
    let (l, r) = x.split_at_mut(x.len() / 2);
    fft_like(l, w * 0.5);
    fft_like(r, w + 0.1);
    for (a, b) in l.iter_mut().zip(r.iter_mut()) {
        let t = *b * w;
        *b = *a - t;
        *a += t;
    }
}
#[differentiate(order = 2)]
fn merge_sort(v: &mut [f64], work: &mut [f64]) {
    let n = v.len();
    if n <= 1 {
        return;
    }
    let mid = n / 2;
    merge_sort(&mut v[..mid], work);
    merge_sort(&mut v[mid..], work);
    let (mut i, mut j, mut k) = (0, mid, 0);
    while i < mid && j < n {
        if v[i] <= v[j] {
            work[k] = v[i];
            i += 1;
        } else {
            work[k] = v[j];
            j += 1;
        }
        k += 1;
    }
    while i < mid {
        work[k] = v[i];
        i += 1;
        k += 1;
    }
    while j < n {
        work[k] = v[j];
        j += 1;
        k += 1;
    }
    v.copy_from_slice(&work[..n]);
}
#[differentiate(order = 2)]
fn quicksort(v: &mut [f64]) {
    if v.len() <= 1 {
        return;
    }
    let p = v.len() - 1;
    let mut s = 0;
    for i in 0..p {
        if v[i] < v[p] {
            v.swap(i, s);
            s += 1;
        }
    }
    v.swap(s, p);
    let (l, r) = v.split_at_mut(s);
    quicksort(l);
    quicksort(&mut r[1..]);
}
#[differentiate(order = 2)]
fn let_else_loop(v: &[f64]) -> f64 {
    let mut it = 0;
    let mut s = 1.0;
    loop {
        let Some(x) = v.get(it) else { break };
        it += 1;
        if *x < 0.0 {
            continue;
        }
        s *= x;
        if s > 10.0 {
            break;
        }
    }
    s
}
#[differentiate(order = 2)]
fn block_value(x: f64, v: &[f64]) -> f64 {
    let y = 'found: {
        for a in v {
            if *a > x {
                break 'found a * x;
            }
        }
        x * x
    };
    let z = loop {
        if y > 0.0 {
            break y * 2.0;
        } else {
            break -y;
        }
    };
    z * y
}
#[differentiate(order = 2)]
fn closure_early(v: &[f64], k: f64) -> f64 {
    let f = |x: f64| {
        if x < 0.0 {
            return 0.0;
        }
        let k = k * x;
        k.sin()
    };
    v.iter().map(|&x| f(x)).sum::<f64>()
        + v.iter()
            .map(|x| {
                let v = x * k;
                v * v
            })
            .sum::<f64>()
}
#[differentiate(order = 2)]
fn closure_mut(v: &[f64], k: f64) -> f64 {
    let mut total = 0.0;
    let mut add = |x: f64| total += x * k;
    for x in v {
        add(*x);
    }
    add(k);
    total
}
#[differentiate(order = 2)]
fn for_each_capture(v: &[f64], k: f64) -> f64 {
    let mut s = 0.0;
    let mut hist = vec![0.0; 3];
    v.iter().enumerate().for_each(|(i, x)| {
        s += x * k;
        hist[i % 3] += s;
    });
    s * hist[0] + hist[2]
}
#[differentiate(order = 2)]
fn question_in_loop(v: &[f64], k: f64) -> Option<f64> {
    let mut s = k;
    for x in v.chunks(2) {
        let y = if let [a, b] = x {
            sq2(a * b)?
        } else {
            return Some(s);
        };
        s += y;
    }
    Some(s)
}

#[differentiate(order = 2)]
fn sq2(x: f64) -> Option<f64> {
    if x > 0.0 { Some(x.sqrt()) } else { None }
}
#[differentiate(order = 2)]
fn bisect(a: f64, b: f64, c: f64) -> f64 {
    let (mut lo, mut hi) = (a, b);
    let f = |x: f64| x * x * x - c;
    while hi - lo > 1e-9 {
        let mid = 0.5 * (lo + hi);
        if f(mid) > 0.0 {
            hi = mid;
        } else {
            lo = mid;
        }
    }
    let x = 0.5 * (lo + hi);
    x - f(x) / (3.0 * x * x)
}
#[differentiate(order = 2)]
fn newton_loop(c: f64) -> f64 {
    let mut x = c;
    for _ in 0..50 {
        let dx = (x * x - c) / (2.0 * x);
        x -= dx;
        if dx.abs() < 1e-14 {
            break;
        }
    }
    x
}
#[differentiate(order = 2)]
fn match_ranges(x: f64, n: i32) -> f64 {
    match n {
        i32::MIN..=-1 => -x,
        0 => 0.0,
        k @ 1..=9 if x > 0.5 => x.powi(k),
        1 | 2 | 3 => x * x,
        _ => x.exp(),
    }
}
#[differentiate(order = 2)]
fn shadowed_prelude(x: f64, y: f64) -> f64 {
    #[derive(Clone, Copy)]
    enum Kind {
        Some,
        None,
    }
    use Kind::*;
    let k = if x > 0.0 { Some } else { None };
    match k {
        Some => x * y,
        None => y,
    }
}
#[differentiate(order = 2)]
fn let_chain(a: Option<f64>, v: &[f64]) -> f64 {
    if let Some(a) = a
        && let Some(b) = v.first()
        && a > *b
    {
        a * b
    } else {
        v.iter().sum()
    }
}
#[differentiate(order = 2)]
fn pop_loop(x: f64) -> f64 {
    let mut stack = vec![(x, 3)];
    let mut s = 0.0;
    while let Some((v, depth)) = stack.pop() {
        s += v;
        if depth > 0 {
            stack.push((v * 0.5, depth - 1));
            stack.push((v * x, depth - 1));
        }
    }
    s
}
#[differentiate(order = 2)]
fn at_binding(p: (f64, f64), o: Option<f64>) -> f64 {
    let whole @ (a, b) = p;
    match o {
        x @ Some(v) if v > 0.0 => v * a + x.unwrap(),
        other => other.unwrap_or(b) * whole.0,
    }
}
#[test]
fn agree_with_differences() {
    let x = || vec![0.5, 1.2, 0.7, -0.3, 0.4, 0.9];
    lent!(exit_after_three(x, *k), at mut x = x(), k = 0.1);
    lent!(exit_after_three(x, *k), at mut x = x(), k = 100.1);
    lent!(labelled_continue(x, *k), at mut x = x(), k = 0.3);
    lent!(labelled_continue(x, *k), at mut x = x(), k = 3.3);
    in_place!(fft_like(x, *k), at mut x = vec![0.4, 0.2, 0.5, 0.7], k = 0.3);
    in_place!(merge_sort(x, y), at mut x = x(), mut y = vec![0.0; 6]);
    in_place!(quicksort(x), at mut x = x());
    battery!(let_else_loop(x), at x = x());
    battery!(block_value(*k, x), at k = 0.6, x = x());
    battery!(closure_early(x, *k), at x = x(), k = 0.6);
    battery!(closure_mut(x, *k), at x = x(), k = 0.6);
    battery!(for_each_capture(x, *k), at x = x(), k = 0.6);
    pullback!(question_in_loop(x, *k), at x = vec![0.4, 0.2, 0.5, 0.7], k = 0.3);
    battery!(bisect(*a, *b, *c), first at a = 0.1, b = 5.0, c = 3.0);
    battery!(newton_loop(*c), at c = 3.0);
    for n in [-4, 0, 2, 5, 12] {
        battery!(match_ranges(*c, n), at c = 0.7);
        battery!(match_ranges(*c, n), at c = 0.3);
    }
    battery!(shadowed_prelude(*a, *b), at a = 0.1, b = 5.0);
    battery!(let_chain(*a, b), at a = Some(0.1), b = vec![0.05]);
    battery!(let_chain(*a, b), at a = Some(0.01), b = vec![0.05]);
    battery!(pop_loop(*b), at b = 0.05);
    battery!(at_binding(*b, *o), at b = (0.05, 0.6), o = Some(0.5));
    battery!(at_binding(*b, *o), at b = (0.05, 0.6), o = Some(-0.5));
}
