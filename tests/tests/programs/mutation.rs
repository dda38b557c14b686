//! Elements, fields and whole values that are overwritten.

use crate::battery::{battery, kink, lent, pullback};
use differentiate::differentiate;
use nalgebra::{DVector, Vector3, dvector, vector};

// E1: sums before and after a test; the elements that have been read are then cleared.
#[differentiate(order = 2)]
fn e1(v: Vec<f64>) -> f64 {
    let mut v = v;
    let mut r = 0.0;
    for i in 0..v.len() {
        r += v[i] * v[i];
        if r > 30.0 {
            break;
        }
        r += v[i] * v[i];
        v[i] = 0.0;
    }
    r
}

#[differentiate(order = 2)]
fn e1_mut_parameter(mut v: [f64; 5]) -> f64 {
    let mut r = 0.0;
    for a in &mut v {
        r += *a * *a;
        if r > 30.0 {
            break;
        }
        r += *a * *a;
        *a = 0.0;
    }
    r
}

#[differentiate(order = 2)]
fn e1_copy(v: &[f64]) -> f64 {
    let mut v = v.to_vec();
    let mut r = 0.0;
    for a in v.iter_mut() {
        r += a.powi(2);
        if r > 30.0 {
            return r;
        }
        r += a.powi(2);
        *a = 0.0;
    }
    r
}

#[differentiate(order = 2)]
fn e1_while(v: &[f64; 5]) -> f64 {
    let mut v = *v;
    let (mut r, mut i) = (0.0, 0);
    while i < 5 {
        r += v[i] * v[i];
        if r > 30.0 {
            break;
        }
        r += v[i] * v[i];
        v[i] = 0.0;
        i += 1;
    }
    r
}

#[differentiate(order = 2)]
fn e1_lent(v: &mut [f64]) -> f64 {
    let mut r = 0.0;
    for i in 0..v.len() {
        let a = &mut v[i];
        r += *a * *a;
        if r > 30.0 {
            break;
        }
        r += *a * *a;
        *a = 0.0;
    }
    r
}

#[differentiate(order = 2)]
fn e1_lent_items(v: &mut Vec<f64>) -> f64 {
    let mut r = 0.0;
    for a in v {
        r += *a * *a;
        if r > 30.0 {
            return r;
        }
        r += *a * *a;
        *a = 0.0;
    }
    r
}

#[test]
fn e1_in_every_way() {
    let (v, g) = (
        vec![1.0, 2.0, 3.0, 4.0, 5.0],
        vec![4.0, 8.0, 12.0, 8.0, 0.0],
    );
    let (a, da) = ([1.0, 2.0, 3.0, 4.0, 5.0], [4.0, 8.0, 12.0, 8.0, 0.0]);
    battery!(e1(v.clone()), at v = v.clone()).is(44.0, g.clone());
    battery!(e1_mut_parameter(*a), at a = a).is(44.0, da);
    battery!(e1_copy(v), at v = v.clone()).is(44.0, g.clone());
    battery!(e1_while(a), at a = a).is(44.0, da);
    let left = vec![0.0, 0.0, 0.0, 4.0, 5.0];
    lent!(e1_lent(v), at mut v = v.clone())
        .is(44.0, left.clone())
        .maps(1.0, vec![0.0; 5], g.clone(), ());
    lent!(e1_lent_items(v), at mut v = v.clone())
        .is(44.0, left)
        .maps(1.0, vec![0.0; 5], g, ());
}

// E5: insertion sort, descending, by swaps; then the sum of the first half.
#[differentiate(order = 2)]
fn e5(a: &[f64]) -> f64 {
    let mut a = a.to_vec();
    for i in 1..a.len() {
        let mut j = i;
        while j > 0 && a[j - 1] < a[j] {
            a.swap(j - 1, j);
            j -= 1;
        }
    }
    a[..a.len() / 2].iter().sum()
}

#[differentiate(order = 2)]
fn e5_by_hand(a: [f64; 10]) -> f64 {
    let mut a = a;
    for i in 1..10 {
        for j in (1..=i).rev() {
            if a[j - 1] >= a[j] {
                break;
            }
            let t = a[j];
            a[j] = a[j - 1];
            a[j - 1] = t;
        }
    }
    let mut s = 0.0;
    for i in 0..5 {
        s += a[i];
    }
    s
}

#[differentiate(order = 2)]
fn e5_shift(mut a: Vec<f64>) -> f64 {
    for i in 1..a.len() {
        let key = a[i];
        let mut j = i;
        while j > 0 && a[j - 1] < key {
            a[j] = a[j - 1];
            j -= 1;
        }
        a[j] = key;
    }
    a.iter().take(a.len() / 2).sum()
}

#[differentiate(order = 2)]
fn insertion_sort(a: &mut [f64]) {
    for i in 1..a.len() {
        let mut j = i;
        loop {
            if j == 0 {
                break;
            }
            if a[j - 1] >= a[j] {
                break;
            }
            a.swap(j, j - 1);
            j -= 1;
        }
    }
}

#[differentiate(order = 2)]
fn e5_helper(a: &[f64]) -> f64 {
    let mut a = a.to_vec();
    insertion_sort(&mut a);
    let (first, _) = a.split_at(a.len() / 2);
    first.iter().sum()
}

#[differentiate(order = 2)]
fn e5_library(a: &[f64]) -> f64 {
    let mut a = a.to_owned();
    a.sort_by(|x, y| y.partial_cmp(x).unwrap());
    a.truncate(a.len() / 2);
    a.iter().sum()
}

#[test]
fn e5_in_every_way() {
    let a: [f64; 10] = std::array::from_fn(|i| (i % 2) as f64);
    for a in [a, [0.3, 2.5, -1.0, 4.0, 0.1, 7.0, 3.0, -2.0, 9.0, 1.5]] {
        let median = {
            let mut b = a;
            b.sort_by(f64::total_cmp);
            b[5]
        };
        let g: [f64; 10] = std::array::from_fn(|i| f64::from(u8::from(a[i] >= median)));
        let (v, dv) = (a.to_vec(), g.to_vec());
        kink!(e5(v), at v = v.clone()).gradient_is(dv.clone());
        kink!(e5_by_hand(*a), at a = a).gradient_is(g);
        kink!(e5_shift(v.clone()), at v = v.clone()).gradient_is(dv.clone());
        kink!(e5_helper(v), at v = v.clone()).gradient_is(dv.clone());
        kink!(e5_library(v), at v = v.clone()).gradient_is(dv);
    }
}

// E11: squares, in place.
#[differentiate(order = 2)]
fn e11(a: &[f64]) -> Vec<f64> {
    let mut a = a.to_vec();
    for i in 0..a.len() {
        a[i] = a[i] * a[i];
    }
    a
}

#[differentiate(order = 2)]
fn e11_compound(mut a: Vec<f64>) -> Vec<f64> {
    for i in 0..a.len() {
        a[i] *= a[i];
    }
    a
}

#[differentiate(order = 2)]
fn e11_items(a: &[f64]) -> Vec<f64> {
    let mut a = a.to_vec();
    for a in a.iter_mut() {
        *a *= *a;
    }
    a
}

#[differentiate(order = 2)]
fn e11_for_each(a: &[f64]) -> Vec<f64> {
    let mut a = a.to_vec();
    a.iter_mut().for_each(|a| *a = *a * *a);
    a
}

#[differentiate(order = 2)]
fn e11_while(a: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; a.len()];
    let mut i = 0;
    while i < a.len() {
        out[i] = a[i] * a[i];
        i += 1;
    }
    out
}

#[differentiate(order = 2)]
fn e11_push(a: &[f64]) -> Vec<f64> {
    let mut out = Vec::with_capacity(a.len());
    for a in a {
        out.push(a * a);
    }
    out
}

#[differentiate(order = 2)]
fn e11_vector(a: &DVector<f64>) -> DVector<f64> {
    let mut a = a.clone();
    for i in 0..a.len() {
        a[i] = a[i].powi(2);
    }
    a
}

#[test]
fn e11_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            pullback!($f(a), at a = vec![1.0, 2.0, 3.0]).maps(vec![1.0; 3], vec![2.0, 4.0, 6.0]);
            pullback!($f(a), at a = vec![]).maps(vec![], vec![]);
        )* };
    }
    check!(e11 e11_items e11_for_each e11_while e11_push);
    pullback!(e11_compound(a.clone()), at a = vec![1.0, 2.0, 3.0])
        .maps(vec![1.0; 3], vec![2.0, 4.0, 6.0]);
    pullback!(e11_compound(a.clone()), at a = vec![]).maps(vec![], vec![]);
    pullback!(e11_vector(a), at a = dvector![1.0, 2.0, 3.0])
        .maps(dvector![1.0, 1.0, 1.0], dvector![2.0, 4.0, 6.0]);
}

// E13: elements that are written twice.
#[differentiate(order = 2)]
fn e13(d: &[f64; 4]) -> [f64; 4] {
    let mut e = [0.0; 4];
    for o in [0, 1, 2, 3, 0, 1, 2, 3] {
        e[o] = d[o] * d[o];
    }
    e
}

#[differentiate(order = 2)]
fn e13_turns(d: &[f64]) -> Vec<f64> {
    let mut e = vec![0.0; d.len()];
    for k in 0..2 * d.len() {
        let o = k % d.len();
        e[o] = d[o].powi(2);
    }
    e
}

#[differentiate(order = 2)]
fn e13_table(d: [f64; 4], #[no_diff] order: &[usize]) -> [f64; 4] {
    let mut e = d;
    for &o in order {
        e[o] = d[o] * d[o];
    }
    e
}

#[differentiate(order = 2)]
fn e13_nested(d: [f64; 4]) -> [f64; 4] {
    let mut e = [0.0; 4];
    for _ in 0..2 {
        for (e, d) in e.iter_mut().zip(&d) {
            *e = d * d;
        }
    }
    e
}

#[test]
fn e13_in_every_way() {
    let (d, g) = ([0.0, 1.0, 2.0, 3.0], [0.0, 2.0, 4.0, 6.0]);
    pullback!(e13(d), at d = d).maps([1.0; 4], g);
    pullback!(e13_turns(d), at d = d.to_vec()).maps(vec![1.0; 4], g.to_vec());
    let order = [0, 1, 2, 3, 0, 1, 2, 3];
    pullback!(e13_table(*d, &order), at d = d).maps([1.0; 4], g);
    pullback!(e13_table(*d, &[2, 2]), at d = d).maps([1.0; 4], [1.0, 1.0, 4.0, 1.0]);
    pullback!(e13_nested(*d), at d = d).maps([1.0; 4], g);
}

// S9: two arrays change places.
#[differentiate(order = 2)]
fn s9(x: f64) -> f64 {
    let mut y = [x, x];
    let mut z = [2.0 * x, 0.0];
    if x > 0.0 {
        let mut w = [x, x];
        std::mem::swap(&mut w, &mut y);
        z[0] -= y[0];
        z[1] += y[0];
    } else {
        z = [x, x];
    }
    y[0] + y[1] - z[0] + z[1]
}

#[differentiate(order = 2)]
fn s9_vec(x: f64) -> f64 {
    let mut y = vec![x; 2];
    let mut z = vec![2.0 * x, 0.0];
    if x > 0.0 {
        let w = std::mem::replace(&mut y, vec![x, x]);
        z[0] -= w[0];
        z[1] += y[0];
    } else {
        z.clear();
        z.extend([x, x]);
    }
    y.iter().sum::<f64>() - z[0] + z[1]
}

#[differentiate(order = 2)]
fn s9_tuple(x: f64) -> f64 {
    let (mut y, mut z) = ((x, x), (2.0 * x, 0.0));
    if x > 0.0 {
        let mut w = (x, x);
        (w, y) = (y, w);
        z.0 -= y.0;
        z.1 += w.0;
    } else {
        z = (x, x);
    }
    y.0 + y.1 - z.0 + z.1
}

#[test]
fn s9_in_every_way() {
    macro_rules! check {
        ($($f:ident)*) => { $(
            battery!($f(*x), at x = 1.5).is(3.0, 2.0);
            battery!($f(*x), at x = -1.5).is(-3.0, 2.0);
        )* };
    }
    check!(s9 s9_vec s9_tuple);
}

// S11: a product accumulated in an element.
#[differentiate(order = 2)]
fn s11(a: &[f64]) -> f64 {
    let mut r = [1.0];
    for i in 0..a.len() {
        r[0] *= a[i];
    }
    r[0]
}

#[differentiate(order = 2)]
fn s11_prefix(a: &[f64]) -> f64 {
    let mut a = a.to_vec();
    for i in 1..a.len() {
        a[i] *= a[i - 1];
    }
    a[a.len() - 1]
}

#[differentiate(order = 2)]
fn s11_last(mut a: Vec<f64>) -> f64 {
    while a.len() > 1 {
        let last = a.pop().unwrap();
        *a.last_mut().unwrap() *= last;
    }
    a[0]
}

#[test]
fn s11_in_every_way() {
    for (a, g) in [
        ([3.0, 4.0, 5.0], [20.0, 15.0, 12.0]),
        ([3.0, 0.0, 5.0], [0.0, 15.0, 0.0]),
    ] {
        battery!(s11(a), at a = a.to_vec()).gradient_is(g.to_vec());
        battery!(s11_prefix(a), at a = a.to_vec()).gradient_is(g.to_vec());
        battery!(s11_last(a.clone()), at a = a.to_vec()).gradient_is(g.to_vec());
    }
}

// W3: one is added to each, then the sum.
#[differentiate(order = 2)]
fn w3(a: &[f64]) -> f64 {
    let mut a = a.to_vec();
    for i in 0..a.len() {
        a[i] = a[i] + 1.0;
    }
    a.iter().sum()
}

#[differentiate(order = 2)]
fn w3_items(mut a: Vec<f64>) -> f64 {
    for v in &mut a {
        *v += 1.0;
    }
    let mut s = 0.0;
    for v in a {
        s += v;
    }
    s
}

#[differentiate(order = 2)]
fn w3_array(mut a: [f64; 2]) -> f64 {
    a[0] += 1.0;
    a[1] += 1.0;
    a[0] + a[1]
}

#[differentiate(order = 2)]
fn w3_lent(a: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for v in a.iter_mut() {
        *v += 1.0;
        s += *v;
    }
    s
}

#[test]
fn w3_in_every_way() {
    battery!(w3(a), at a = vec![0.5, 2.0]).is(4.5, vec![1.0; 2]);
    battery!(w3_items(a.clone()), at a = vec![0.5, 2.0]).is(4.5, vec![1.0; 2]);
    battery!(w3_array(*a), at a = [0.5, 2.0]).is(4.5, [1.0; 2]);
    lent!(w3_lent(a), at mut a = vec![0.5, 2.0])
        .is(4.5, vec![1.5, 3.0])
        .maps(1.0, vec![0.0; 2], vec![1.0; 2], ());
}

// W7: an accumulator behind a reference.
#[differentiate(order = 2)]
fn w7(c: f64, w: &[f64], x: &[f64]) -> f64 {
    let mut s = c;
    for k in 0..w.len() {
        let s = &mut s;
        *s += w[k] * x[k];
    }
    1.0 / s
}

#[differentiate(order = 2)]
fn w7_slot(c: f64, w: &[f64], x: &[f64]) -> f64 {
    let mut sums = [c, 0.0];
    let total = &mut sums[0];
    for (w, x) in w.iter().zip(x) {
        *total += w * x;
    }
    sums[0].recip()
}

#[test]
fn w7_in_both_ways() {
    let g = |v: f64| -v / 144.0;
    let expected = (g(1.0), vec![g(3.0), g(4.0)], vec![g(1.0), g(2.0)]);
    battery!(w7(*c, w, x), at c = 1.0, w = vec![1.0, 2.0], x = vec![3.0, 4.0])
        .gradient_is(expected.clone());
    battery!(w7_slot(*c, w, x), at c = 1.0, w = vec![1.0, 2.0], x = vec![3.0, 4.0])
        .gradient_is(expected);
}

// J1: an element that is scaled five times.
#[differentiate(order = 2)]
fn j1(x: f64) -> f64 {
    let mut t = [1.0, 0.0];
    for _ in 0..5 {
        t[0] *= x;
    }
    t[0]
}

#[differentiate(order = 2)]
fn j1_vec(x: f64) -> f64 {
    let mut t = vec![1.0, 0.0];
    let mut k = 0;
    while k < 5 {
        t[0] = t[0] * x;
        k += 1;
    }
    t[0]
}

#[differentiate(order = 2)]
fn j1_tuple(x: f64) -> f64 {
    let mut t = (1.0, 0.0);
    for _ in 0..5 {
        t.0 *= x;
    }
    t.0
}

#[differentiate(order = 2)]
fn j1_vector(x: f64) -> f64 {
    let mut t = vector![1.0, 0.0];
    for _ in 0..5 {
        t.x *= x;
    }
    t[0]
}

#[test]
fn j1_in_every_way() {
    battery!(j1(*x), at x = 1.2).gradient_is(10.368);
    battery!(j1_vec(*x), at x = 1.2).gradient_is(10.368);
    battery!(j1_tuple(*x), at x = 1.2).gradient_is(10.368);
    battery!(j1_vector(*x), at x = 1.2).gradient_is(10.368);
}

// J3: scratch that the function owns.
#[differentiate(order = 2)]
fn j3(x: f64, v: f64, k: f64) -> (f64, f64) {
    let mut b = [0.0; 1];
    let mut scratch = [0.0; 1];
    b[0] = -k;
    scratch[0] = b[0] * x;
    (v, scratch[0])
}

#[differentiate(order = 2)]
fn j3_vec(x: f64, v: f64, k: f64) -> (f64, f64) {
    let (mut b, mut scratch) = (vec![0.0; 2], Vec::new());
    b[0] = k;
    b[0] *= -1.0;
    scratch.push(b[0] * x);
    (v, scratch[0])
}

#[differentiate(order = 2)]
fn spring(force: &mut [f64], x: f64, k: f64) {
    force[0] = -k;
    force[0] *= x;
}

#[differentiate(order = 2)]
fn j3_helper(x: f64, v: f64, k: f64) -> [f64; 2] {
    let mut out = [v, 0.0];
    spring(&mut out[1..], x, k);
    out
}

#[test]
fn j3_in_every_way() {
    let at = (1.0, 3.0, 1.0);
    let g = (-1.0, 0.0, -1.0);
    pullback!(j3(*x, *v, *k), at x = at.0, v = at.1, k = at.2).maps((0.0, 1.0), g);
    pullback!(j3_vec(*x, *v, *k), at x = at.0, v = at.1, k = at.2).maps((0.0, 1.0), g);
    pullback!(j3_helper(*x, *v, *k), at x = at.0, v = at.1, k = at.2).maps([0.0, 1.0], g);
}

// M3: the first element becomes the sine of the second.
#[differentiate(order = 2)]
fn m3(x: [f64; 2]) -> f64 {
    let mut x = x;
    x[0] = x[1].sin();
    x[0]
}

#[differentiate(order = 2)]
fn m3_slice(x: &[f64]) -> f64 {
    let mut x = x.to_vec();
    x[0] = x[1].sin();
    return x[0];
}

#[differentiate(order = 2)]
fn m3_pattern(mut x: [f64; 2]) -> f64 {
    let [first, second] = &mut x;
    *first = second.sin();
    x[0]
}

#[differentiate(order = 2)]
fn m3_lent(x: &mut [f64]) -> f64 {
    x[0] = x[1].sin();
    x[0]
}

#[test]
fn m3_in_every_way() {
    let g = [0.0, 2.0_f64.cos()];
    battery!(m3(*x), at x = [1.0, 2.0]).gradient_is(g);
    battery!(m3_slice(x), at x = vec![1.0, 2.0]).gradient_is(g.to_vec());
    battery!(m3_pattern(*x), at x = [1.0, 2.0]).gradient_is(g);
    lent!(m3_lent(x), at mut x = vec![1.0, 2.0]).maps(1.0, vec![0.0; 2], g.to_vec(), ());
}

// T1: an element is replaced by a product of what was computed before.
#[differentiate(order = 2)]
fn t1(x: Vector3<f64>) -> f64 {
    let mut x = x;
    let y = x.component_mul(&x);
    x[0] = y[1] * y[2];
    x.dot(&y)
}

#[differentiate(order = 2)]
fn t1_slices(x: &[f64]) -> f64 {
    let mut x = x.to_vec();
    let y: Vec<f64> = x.iter().map(|x| x * x).collect();
    x[0] = y[1] * y[2];
    x.iter().zip(&y).map(|(x, y)| x * y).sum()
}

#[differentiate(order = 2)]
fn t1_arrays(mut x: [f64; 3]) -> f64 {
    let mut y = [0.0; 3];
    for i in 0..3 {
        y[i] = x[i] * x[i];
    }
    x[0] = y[1] * y[2];
    let mut s = 0.0;
    for i in 0..3 {
        s += x[i] * y[i];
    }
    s
}

#[test]
fn t1_in_every_way() {
    let (x, g) = ([1.0, 2.0, 3.0], [72.0, 48.0, 51.0]);
    battery!(t1(*x), at x = x.into()).is(71.0, Vector3::from(g));
    battery!(t1_slices(x), at x = x.to_vec()).is(71.0, g.to_vec());
    battery!(t1_arrays(*x), at x = x).is(71.0, g);
}
