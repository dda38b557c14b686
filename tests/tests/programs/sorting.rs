//! Sorting, by the library and by hand: cotangents go back where the values came from.

use crate::battery::{battery, in_place, lent, pullback};
use differentiate::{Differentiable, differentiate};

// F5: ascending.
#[differentiate(order = 2)]
fn f5(x: &[f64]) -> Vec<f64> {
    let mut x = x.to_vec();
    x.sort_by(|a, b| a.partial_cmp(b).unwrap());
    x
}

#[differentiate(order = 2)]
fn f5_total(mut x: [f64; 4]) -> [f64; 4] {
    x.sort_by(f64::total_cmp);
    x
}

#[differentiate(order = 2)]
fn f5_unstable(x: &mut [f64]) {
    x.sort_unstable_by(|a, b| a.total_cmp(b));
}

#[differentiate(order = 2)]
fn f5_bubble(x: &mut [f64]) {
    let n = x.len();
    for end in (1..n).rev() {
        let mut swapped = false;
        for i in 0..end {
            if x[i] > x[i + 1] {
                x.swap(i, i + 1);
                swapped = true;
            }
        }
        if !swapped {
            break;
        }
    }
}

#[differentiate(order = 2)]
fn f5_selection(x: &mut [f64; 4]) {
    for i in 0..4 {
        let mut least = i;
        for j in i + 1..4 {
            if x[j] < x[least] {
                least = j;
            }
        }
        (x[i], x[least]) = (x[least], x[i]);
    }
}

#[differentiate(order = 2)]
fn f5_quick(x: &mut [f64]) {
    if x.len() < 2 {
        return;
    }
    let last = x.len() - 1;
    let pivot = x[last];
    let mut store = 0;
    for i in 0..last {
        if x[i] < pivot {
            x.swap(i, store);
            store += 1;
        }
    }
    x.swap(store, last);
    let (left, right) = x.split_at_mut(store);
    f5_quick(left);
    f5_quick(&mut right[1..]);
}

#[differentiate(order = 2)]
fn f5_merge(x: &mut [f64], work: &mut [f64]) {
    let n = x.len();
    if n < 2 {
        return;
    }
    let half = n / 2;
    f5_merge(&mut x[..half], &mut work[..half]);
    f5_merge(&mut x[half..], &mut work[half..]);
    let (mut i, mut j) = (0, half);
    for k in 0..n {
        if j >= n || (i < half && x[i] <= x[j]) {
            work[k] = x[i];
            i += 1;
        } else {
            work[k] = x[j];
            j += 1;
        }
    }
    x.copy_from_slice(&work[..n]);
}

#[differentiate(order = 2)]
fn f5_merge_owned(x: &[f64]) -> Vec<f64> {
    let mut x = x.to_vec();
    let mut work = vec![0.0; x.len()];
    f5_merge(&mut x, &mut work);
    x
}

#[differentiate(order = 2)]
fn sift_down(heap: &mut [f64], start: usize) {
    let mut root = start;
    loop {
        let mut child = 2 * root + 1;
        if child >= heap.len() {
            return;
        }
        if child + 1 < heap.len() && heap[child] < heap[child + 1] {
            child += 1;
        }
        if heap[root] >= heap[child] {
            break;
        }
        heap.swap(root, child);
        root = child;
    }
}

#[differentiate(order = 2)]
fn f5_heap(x: &mut [f64]) {
    for start in (0..x.len() / 2).rev() {
        sift_down(x, start);
    }
    for end in (1..x.len()).rev() {
        x.swap(0, end);
        sift_down(&mut x[..end], 0);
    }
}

#[test]
fn f5_in_every_way() {
    let (x, sorted) = (vec![4.0, 3.0, 2.0, 1.0], vec![1.0, 2.0, 3.0, 4.0]);
    let (seed, g) = (vec![0.1, 0.2, 0.3, 0.4], vec![0.4, 0.3, 0.2, 0.1]);
    let array = [4.0, 3.0, 2.0, 1.0];
    macro_rules! check {
        ($($f:ident)*) => { $(
            in_place!($f(x), at mut x = x.clone())
                .is((), sorted.clone())
                .maps((), seed.clone(), g.clone(), ());
            in_place!($f(x), at mut x = vec![]);
            in_place!($f(x), at mut x = vec![0.3, 2.0, -1.0, 0.9, 0.5, 7.0, -3.0]);
        )* };
    }
    pullback!(f5(x), at x = x.clone())
        .is(sorted.clone())
        .maps(seed.clone(), g.clone());
    pullback!(f5_merge_owned(x), at x = x.clone())
        .is(sorted.clone())
        .maps(seed.clone(), g.clone());
    pullback!(f5_total(*x), at x = array).maps([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]);
    in_place!(f5_selection(x), at mut x = array).maps(
        (),
        [0.1, 0.2, 0.3, 0.4],
        [0.4, 0.3, 0.2, 0.1],
        (),
    );
    check!(f5_unstable f5_bubble f5_quick f5_heap);
}

// What is done with sorted values.
#[differentiate(order = 2)]
fn median(x: &[f64]) -> f64 {
    let mut x = x.to_vec();
    x.sort_unstable_by(|a, b| b.partial_cmp(a).expect("numbers"));
    let n = x.len();
    if n % 2 == 1 {
        x[n / 2]
    } else {
        0.5 * (x[n / 2 - 1] + x[n / 2])
    }
}

#[differentiate(order = 2)]
fn trimmed(x: &[f64], cut: usize) -> f64 {
    let mut sorted: Vec<f64> = x.iter().map(|v| v * v).collect();
    sorted.sort_by(|a, b| a.total_cmp(b));
    let kept = &sorted[cut..sorted.len() - cut];
    kept.iter().sum::<f64>() / kept.len() as f64
}

#[differentiate(order = 2)]
fn ranked(x: &mut [f64], #[no_diff] keys: &[i32]) -> f64 {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by_key(|i| keys[*i]);
    let mut carried = 0.0;
    for (rank, i) in order.into_iter().enumerate() {
        x[i] = x[i] * (rank as f64 + 1.0) + carried;
        carried = x[i] * 0.5;
    }
    carried
}

#[differentiate(order = 2)]
fn ordered_by_value(x: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
    order
        .iter()
        .enumerate()
        .map(|(rank, &i)| rank as f64 * x[i])
        .sum()
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Sample {
    at: f64,
    value: f64,
}

#[differentiate(order = 2)]
fn interpolated(samples: &[Sample], t: f64) -> f64 {
    let mut samples = samples.to_vec();
    samples.sort_by(|a, b| a.at.total_cmp(&b.at));
    for k in 1..samples.len() {
        let (left, right) = (samples[k - 1], samples[k]);
        if t <= right.at {
            let s = (t - left.at) / (right.at - left.at);
            return left.value + s * (right.value - left.value);
        }
    }
    samples[samples.len() - 1].value
}

#[test]
fn order_statistics() {
    for x in [vec![0.3, 2.0, -1.0, 0.9], vec![5.0, 1.0, 3.0]] {
        battery!(median(x), at x = x.clone());
        battery!(trimmed(x, 1), at x = x.clone());
        battery!(ordered_by_value(x), at x = x.clone());
        lent!(ranked(x, &[3, 1, 2, 0]), at mut x = x);
    }
    let samples = vec![
        Sample {
            at: 2.0,
            value: 1.0,
        },
        Sample {
            at: 0.0,
            value: -0.5,
        },
        Sample {
            at: 1.0,
            value: 0.7,
        },
    ];
    for t in [0.3, 1.6, 9.0] {
        battery!(interpolated(s, *t), at s = samples.clone(), t = t);
    }
}
