//! Loops whose turns are run back as they come, and those that must not be: where a turn reads what another has written,
//! where what follows needs the value of a sum, or changes what the loop has read.

use std::cell::Cell;

use differentiate::differentiate;
use nalgebra::DVector;

use super::battery::battery;

#[differentiate(order = 2)]
fn model(p: &[f64], x: f64) -> f64 {
    (p[0] * x).sin() * p[1] + p[2]
}

// === sums of what each item gives ===

#[differentiate(order = 2)]
fn squares(p: &[f64], #[no_diff] data: &[(f64, f64)], weight: f64) -> f64 {
    let mut sum = 0.0;
    for (x, y) in data {
        let r = model(p, *x) - y;
        sum += r * r;
    }
    let n = data.len() as f64;
    sum / n + weight * p.iter().map(|p| p * p).sum::<f64>()
}

#[differentiate(order = 2)]
fn half_of_a_sum(p: &[f64], #[no_diff] data: &[(f64, f64)]) -> f64 {
    0.5 * data
        .iter()
        .map(|(x, y)| (model(p, *x) - y).powi(2))
        .sum::<f64>()
}

#[differentiate(order = 2)]
fn two_sums(a: &[f64], b: &[f64], c: f64) -> f64 {
    let (mut plus, mut minus) = (1.0, c);
    for i in 0..a.len() {
        if a[i] > b[i] {
            plus += a[i] * b[i] * c;
        } else {
            minus -= a[i].exp();
        }
    }
    plus *= 2.0;
    let difference = plus - minus;
    -difference
}

#[differentiate(order = 2)]
fn backwards(a: &[f64], b: &[f64]) -> f64 {
    let mut s = 0.25;
    for i in (1..a.len()).rev() {
        let mut t = a[i];
        for j in 0..i {
            t = t * b[j] + a[j];
        }
        s -= t.tanh();
    }
    s
}

/// A turn that goes on with the next is run back as far as it came.
#[differentiate(order = 2)]
fn skipping(p: &[f64], #[no_diff] data: &[(f64, f64)], limit: f64) -> f64 {
    let mut s = 0.0;
    for (x, y) in data {
        let r = model(p, *x) - y;
        if *y < 0.0 {
            continue;
        }
        s += r * r;
        let mut t = r * p[1];
        for k in 0..3 {
            if t > limit {
                break;
            }
            t += p[0] * f64::from(k);
        }
        if t > 2.0 * limit {
            continue;
        }
        s -= t * limit;
    }
    s
}

/// The loop is left early, as is the function.
#[differentiate(order = 2)]
fn left_early(p: &[f64], #[no_diff] data: &[(f64, f64)]) -> f64 {
    let mut s = 0.0;
    for (x, y) in data {
        if *y < -1.0 {
            return s * 2.0;
        }
        if *y < 0.0 {
            break;
        }
        s += (p[0] * x).sin();
    }
    s + p[1] * p[2]
}

/// What stands behind the loop has parameters of its own.
#[differentiate(order = 2)]
fn with_a_tail(a: &[f64], b: &[f64], k: f64) -> f64 {
    let scale = k.exp();
    let mut s = 0.0;
    for x in a {
        s += (x * scale).sin();
    }
    let mut tail = Vec::new();
    for y in b {
        tail.push(y * k);
    }
    let last = tail[b.len() - 1] * scale;
    s + last - tail.iter().sum::<f64>()
}

#[differentiate(order = 2)]
fn of_vectors(p: &DVector<f64>, #[no_diff] xs: &[DVector<f64>]) -> f64 {
    let mut total = 0.0;
    for x in xs {
        let d = p - x;
        total += d.norm_squared().sqrt();
    }
    total -= p.norm_squared();
    total
}

#[test]
fn sums() {
    let data = [(0.1, 0.3), (0.7, -0.2), (1.4, 0.5)];
    battery!(squares(p, &data, *w), at p = vec![1.2, 0.4, -0.3], w = 0.3);
    for limit in [0.1, 0.7, 3.0] {
        battery!(skipping(p, &data, *l), at p = vec![1.2, 0.4, -0.3], l = limit);
    }
    battery!(left_early(p, &data), at p = vec![1.2, 0.4, -0.3]);
    battery!(left_early(p, &data[..1]), at p = vec![1.2, 0.4, -0.3]);
    battery!(half_of_a_sum(p, &data), at p = vec![1.2, 0.4, -0.3]);
    battery!(half_of_a_sum(p, &[]), at p = vec![1.2, 0.4, -0.3]);
    let (a, b) = (vec![0.3, 0.9, -0.4], vec![0.7, 0.2, 0.1]);
    battery!(two_sums(a, b, *c), at a = a.clone(), b = b.clone(), c = 0.8);
    battery!(backwards(a, b), at a = a.clone(), b = b.clone());
    battery!(with_a_tail(a, b, *k), at a = a.clone(), b = b.clone(), k = 0.4);
    let xs = [
        DVector::from_vec(vec![0.1, 0.2]),
        DVector::from_vec(vec![-0.3, 1.0]),
    ];
    battery!(of_vectors(p, &xs), at p = DVector::from_vec(vec![1.0, -0.5]));
}

// === work buffers ===

#[differentiate(order = 2)]
fn refilled(p: &[f64], q: &[f64]) -> f64 {
    let mut work = vec![0.0; p.len()];
    let mut s = 1.0;
    for t in 0..q.len() {
        for i in 0..work.len() {
            work[i] = p[i] * q[t];
        }
        for i in 1..work.len() {
            work[i] += work[i - 1] * p[0];
        }
        s -= work[work.len() - 1].sin() + work[0];
    }
    3.0 - s
}

#[differentiate(order = 2)]
fn filled(p: &[f64], q: &[f64]) -> f64 {
    let mut work = [0.0; 3];
    let mut s = 0.0;
    for t in q {
        work.fill(*t);
        for i in 0..p.len() {
            work[i % 3] *= p[i];
        }
        s += work[0] * work[1] + work[2];
    }
    s
}

/// The first element is written by the turn before.
#[differentiate(order = 2)]
fn stale_element(p: &[f64], q: &[f64]) -> f64 {
    let mut work = vec![1.0; p.len()];
    let mut s = 0.0;
    for t in 0..q.len() {
        for i in 1..work.len() {
            work[i] = p[i] * q[t] * work[0];
        }
        s += work[1];
        work[0] = p[0] + q[t];
    }
    s
}

/// Each turn makes fewer elements than the one before.
#[differentiate(order = 2)]
fn stale_end(p: &[f64], q: &[f64]) -> f64 {
    let mut work = vec![1.0; p.len()];
    let mut s = 0.0;
    for t in 0..q.len() {
        let end = p.len() - t.min(p.len());
        for i in 0..end {
            work[i] = p[i] * q[t];
        }
        for w in &work {
            s += w * w;
        }
    }
    s
}

/// The same, where a cell has the end.
#[differentiate]
fn stale_by_a_cell(p: &[f64], q: &[f64], #[no_diff] end: &Cell<usize>) -> f64 {
    let mut work = vec![1.0; p.len()];
    let mut s = 0.0;
    for t in 0..q.len() {
        for i in 0..end.get() {
            work[i] = p[i] * q[t];
        }
        for w in &work {
            s += w * w;
        }
        end.set(end.get() - 1);
    }
    s
}

/// It is made in one branch alone.
#[differentiate(order = 2)]
fn stale_branch(p: &[f64], q: &[f64]) -> f64 {
    let mut work = vec![0.5; p.len()];
    let mut s = 0.0;
    for t in 0..q.len() {
        if q[t] > 0.0 {
            for i in 0..work.len() {
                work[i] = p[i] * q[t];
            }
        }
        for w in &work {
            s += w * w * q[t];
        }
    }
    s
}

/// It is read before it is made.
#[differentiate(order = 2)]
fn stale_start(p: &[f64], q: &[f64]) -> f64 {
    let mut work = vec![0.5; p.len()];
    let mut s = 0.0;
    for t in 0..q.len() {
        s += work[0] * q[t];
        for i in 0..work.len() {
            work[i] = p[i] * q[t];
        }
    }
    s
}

/// What is made goes to a bound, what is changed goes beyond it.
#[differentiate(order = 2)]
fn stale_rest(p: &[f64], q: &[f64], n: usize) -> f64 {
    let mut work = vec![0.5; p.len()];
    let mut s = 0.0;
    for t in 0..q.len() {
        for i in 0..n {
            work[i] = p[i] * q[t];
        }
        for i in 0..p.len() {
            work[i] *= 1.0 + q[t];
        }
        s += work.iter().sum::<f64>();
    }
    s
}

/// A function that it is lent to goes beyond what is made.
#[differentiate(order = 2)]
fn step_all(work: &mut [f64], by: f64) {
    for w in work.iter_mut() {
        *w = *w * by + 0.25;
    }
}

#[differentiate(order = 2)]
fn stale_after_a_call(p: &[f64], q: &[f64], n: usize) -> f64 {
    let mut work = vec![0.5; p.len()];
    let mut s = 0.0;
    for t in 0..q.len() {
        for i in 0..n {
            work[i] = p[i] * q[t];
        }
        step_all(&mut work, q[t]);
        s += work.iter().sum::<f64>();
    }
    s
}

/// The buffer is the caller's, who may have given a cotangent to what is left there.
#[differentiate(order = 2)]
fn lent(p: &[f64], q: &[f64], work: &mut [f64]) -> f64 {
    let n = p.len();
    let mut s = 0.0;
    for t in 0..q.len() {
        for i in 0..n {
            work[i] = p[i] * q[t];
        }
        for i in 0..n {
            s += work[i] * work[i];
        }
    }
    s
}

#[differentiate(order = 2)]
fn lender(p: &[f64], q: &[f64]) -> f64 {
    let mut work = vec![0.1; p.len() + 1];
    let s = lent(p, q, &mut work);
    s + work.iter().map(|w| w.sin()).sum::<f64>()
}

#[test]
fn buffers() {
    let (p, q) = (vec![0.3, 0.9, -0.4], vec![0.7, -0.2, 0.1]);
    battery!(refilled(p, q), at p = p.clone(), q = q.clone());
    battery!(filled(p, q), at p = p.clone(), q = q.clone());
    battery!(stale_element(p, q), at p = p.clone(), q = q.clone());
    battery!(stale_end(p, q), at p = p.clone(), q = q.clone());
    battery!(stale_branch(p, q), at p = p.clone(), q = q.clone());
    battery!(stale_start(p, q), at p = p.clone(), q = q.clone());
    battery!(stale_rest(p, q, 2), at p = p.clone(), q = q.clone());
    battery!(stale_after_a_call(p, q, 2), at p = p.clone(), q = q.clone());
    battery!(lender(p, q), at p = p.clone(), q = q.clone());
}

/// What follows reads a cell that the turns have changed.
#[differentiate]
fn counted_in_a_cell(a: &[f64], #[no_diff] hits: &Cell<usize>) -> f64 {
    let mut s = 0.0;
    for x in a {
        if *x > 0.0 {
            hits.set(hits.get() + 1);
        }
        s += x * x;
    }
    let n = hits.get() as f64;
    s / n
}

#[test]
fn a_count_in_a_cell() {
    let a = [0.5, -1.0, 2.0];
    let (value, by) = counted_in_a_cell::value_and_grad(&a, &Cell::new(0));
    assert_eq!(value, counted_in_a_cell(&a, &Cell::new(0)));
    assert_eq!(by, a);
}

#[test]
fn an_end_in_a_cell() {
    let (p, q) = ([0.3, 0.9, -0.4], [0.7, -0.2]);
    let end = || Cell::new(3);
    let (value, (by_one, of_one)) = stale_by_a_cell::value_and_grad(&p, &q, &end());
    assert_eq!(value, stale_by_a_cell(&p, &q, &end()));
    // The last element keeps what the first turn made of it.
    for i in 0..3 {
        let squares = q[0] * q[0] + if i < 2 { q[1] * q[1] } else { q[0] * q[0] };
        assert!((by_one[i] - 2.0 * p[i] * squares).abs() < 1e-14);
    }
    let first = p[0] * p[0] + p[1] * p[1] + 2.0 * p[2] * p[2];
    assert!((of_one[0] - 2.0 * q[0] * first).abs() < 1e-14);
}

#[test]
fn cotangents_of_what_is_left_in_a_buffer() {
    let (p, q) = ([0.3, 0.9], [0.7, -0.2]);
    for left in [[0.0, 0.0, 0.0], [0.5, -1.0, 2.0]] {
        let (mut work, mut back) = ([0.1, 0.2, 0.4], left);
        let (mut d_p, mut d_q) = ([0.25; 2], [0.5; 2]);
        let value = lent::adjoint(&p, &q, &mut work, 2.0, &mut d_p, &mut d_q, &mut back);
        // What the last turn leaves, next to what is its own; the last element nobody writes.
        let mut changed = [0.1, 0.2, 0.4];
        assert_eq!(value, lent(&p, &q, &mut changed));
        let squares = q[0] * q[0] + q[1] * q[1];
        for i in 0..2 {
            let of_p = 2.0 * 2.0 * p[i] * squares + left[i] * q[1];
            assert!(
                (d_p[i] - 0.25 - of_p).abs() < 1e-14,
                "{} {of_p}",
                d_p[i] - 0.25
            );
        }
        let norm = p[0] * p[0] + p[1] * p[1];
        let of_last = 2.0 * 2.0 * q[1] * norm + left[0] * p[0] + left[1] * p[1];
        assert!((d_q[1] - 0.5 - of_last).abs() < 1e-14);
        assert_eq!(back, [0.0, 0.0, left[2]]);
        assert_eq!(
            work,
            [0.1, 0.2, 0.4],
            "the argument is left as it was found"
        );
    }
}

// === what the loop or what follows needs ===

/// A turn reads the sum.
#[differentiate(order = 2)]
fn sum_in_use(a: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += x * x;
        if s > 0.5 {
            s += x.sin();
        }
    }
    s
}

/// A sum of sums: a turn adds what the turns before have added up.
#[differentiate(order = 2)]
fn sum_of_sums(a: &[f64]) -> f64 {
    let (mut s, mut all) = (0.0, 0.0);
    for x in a {
        s += x.sin();
        all -= s;
    }
    2.0 * all
}

/// A turn carries a number to the next.
#[differentiate(order = 2)]
fn carried(a: &[f64]) -> f64 {
    let (mut s, mut last) = (0.0, 1.0);
    for x in a {
        s += x * last;
        last = x.cos();
    }
    s
}

#[differentiate(order = 2)]
fn not_linear(a: &[f64], k: f64) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += (x * k).sin();
    }
    s * s + s.exp() * k
}

/// A linear function of the sum is needed, not the sum itself.
#[differentiate(order = 2)]
fn square_of_twice(a: &[f64], k: f64) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += (x * k).sin();
    }
    let twice = 2.0 * s + 1.0;
    twice * twice
}

/// The product with a number that has a derivative reads the sum.
#[differentiate(order = 2)]
fn times_a_parameter(a: &[f64], k: f64) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += x.sin();
    }
    s * k
}

/// The value is another one, which is overwritten behind the loop.
#[differentiate(order = 2)]
fn unused_sum(a: &[f64], k: f64) -> f64 {
    let mut value = k;
    let mut s = 0.0;
    for x in a {
        s += x.sin();
    }
    value = value * value * a[0];
    value
}

/// The number of turns is a sum, too, and is divided by.
#[differentiate(order = 2)]
fn mean(a: &[f64]) -> f64 {
    let (mut s, mut n) = (0.0, 0.0);
    for x in a {
        s += x * x;
        n += 1.0;
    }
    s / n
}

/// The branch depends on the sum.
#[differentiate(order = 2)]
fn branched(a: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += x.sin();
    }
    if s > 0.0 { 2.0 * s } else { -s }
}

/// What follows changes what the loop has read.
#[differentiate(order = 2)]
fn changed_after(a: &[f64], k: f64) -> f64 {
    let mut scale = vec![k, k * k];
    let mut s = 0.0;
    for x in a {
        s += x.sin() * scale[0];
    }
    scale[0] = k.exp();
    scale.push(1.0);
    s + scale[0] * scale[2] + scale[1]
}

/// What follows moves what the loop has read.
#[differentiate(order = 2)]
fn moved_after(a: &[f64], k: f64) -> f64 {
    let scale = vec![k, k * k];
    let mut s = 0.0;
    for x in a {
        s += x.sin() * scale[0];
    }
    let rest = scale.into_iter().map(|it| it * it).sum::<f64>();
    s + rest
}

/// What is added to the sum is changed behind the addition.
#[differentiate(order = 2)]
fn changed_operand(a: &[f64], k: f64) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += x.sin();
    }
    let mut bias = k * k;
    let value = s + bias;
    bias = 0.0;
    value - bias * k
}

/// The number of turns is counted by the loop itself.
#[differentiate(order = 2)]
fn counted(a: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut n = 0;
    for x in a {
        if *x > 0.0 {
            n += 1;
            s += x.exp();
        }
    }
    s / f64::from(n)
}

/// An assertion stands between the loop and the value.
#[differentiate(order = 2)]
fn asserted(a: &[f64], k: f64) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += x.sin() * k;
    }
    assert!(s < 10.0, "a sum is small");
    s * 2.0
}

#[test]
fn needed() {
    let a = vec![0.3, 0.9, -0.4];
    battery!(sum_in_use(a), at a = a.clone());
    battery!(sum_of_sums(a), at a = a.clone());
    battery!(carried(a), at a = a.clone());
    battery!(not_linear(a, *k), at a = a.clone(), k = 0.7);
    battery!(square_of_twice(a, *k), at a = a.clone(), k = 0.7);
    battery!(times_a_parameter(a, *k), at a = a.clone(), k = 0.7);
    battery!(unused_sum(a, *k), at a = a.clone(), k = 0.7);
    battery!(mean(a), at a = a.clone());
    battery!(branched(a), at a = a.clone());
    battery!(changed_after(a, *k), at a = a.clone(), k = 0.7);
    battery!(moved_after(a, *k), at a = a.clone(), k = 0.7);
    battery!(changed_operand(a, *k), at a = a.clone(), k = 0.7);
    battery!(counted(a), at a = a.clone());
    battery!(asserted(a, *k), at a = a.clone(), k = 0.7);
}
