//! Containers that grow, shrink, are filled, copied and exchanged.

use crate::battery::{battery, in_place, lent, pullback};
use differentiate::differentiate;
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

// C13: a list that is cut and grows.
#[differentiate(order = 2)]
fn c13(x: f64) -> f64 {
    let mut p = vec![x, x * x, x * x * x];
    let mut r = p.iter().sum::<f64>();
    p.truncate(1);
    r += p[0];
    p.push(x);
    r += p[1];
    r
}

#[differentiate(order = 2)]
fn c13_push(x: f64) -> f64 {
    let mut p = Vec::new();
    p.push(x);
    for _ in 0..2 {
        let last = p[p.len() - 1];
        p.push(last * x);
    }
    let mut r = 0.0;
    for v in &p {
        r += v;
    }
    while p.len() > 1 {
        p.pop();
    }
    r += p[0];
    p.push(x);
    r + p[1]
}

#[differentiate(order = 2)]
fn c13_clear(x: f64) -> f64 {
    let mut p = vec![x];
    p.extend([x * x, x * x * x]);
    let mut r: f64 = p.iter().sum();
    p.clear();
    p.push(x);
    r += p[0];
    p.extend_from_slice(&[x]);
    r + p[1]
}

#[test]
fn c13_in_every_way() {
    battery!(c13(*x), at x = 2.0).is(18.0, 19.0);
    battery!(c13_push(*x), at x = 2.0).is(18.0, 19.0);
    battery!(c13_clear(*x), at x = 2.0).is(18.0, 19.0);
}

// A stack machine: the program is data, the stack holds numbers.
#[differentiate(order = 2)]
fn stack_machine(x: &[f64], #[no_diff] program: &[char]) -> f64 {
    let mut stack = vec![1.0];
    let mut next = 0;
    for op in program {
        match op {
            'x' => {
                stack.push(x[next % x.len()]);
                next += 1;
            }
            '+' => {
                let a = stack.pop().unwrap();
                let b = stack.pop().unwrap();
                stack.push(a + b);
            }
            '*' => {
                let a = stack.pop().unwrap();
                *stack.last_mut().unwrap() *= a;
            }
            'd' => {
                let top = stack[stack.len() - 1];
                stack.push(top);
            }
            's' => {
                let n = stack.len();
                stack.swap(n - 1, n - 2);
            }
            'n' => {
                let top = stack.len() - 1;
                stack[top] = -stack[top].sin();
            }
            _ => break,
        }
    }
    match stack.pop() {
        Some(top) => top * stack.len() as f64,
        None => 0.0,
    }
}

// A stack of positions, which carry no derivative, steers what is done with the numbers.
#[differentiate(order = 2)]
fn depth_first(#[no_diff] children: &[Vec<usize>], weights: &[f64]) -> f64 {
    let mut stack = vec![(0, 0)];
    let mut sums = vec![0.0; weights.len()];
    let mut total = 0.0;
    while let Some((node, depth)) = stack.pop() {
        sums[node] += weights[node] * (depth as f64 + 1.0);
        total += sums[node] * weights[node];
        for &child in &children[node] {
            sums[child] += 0.5 * sums[node];
            stack.push((child, depth + 1));
        }
    }
    total
}

#[differentiate(order = 2)]
fn permuted(x: &mut [f64], k: f64) {
    let n = x.len();
    let mut order: Vec<usize> = (0..n).collect();
    for i in 0..n {
        order.swap(i, (i * 7 + 3) % n);
        let at = order[i];
        x[at] += k * x[order[(i + 1) % n]];
    }
    order.reverse();
    for at in order {
        x[at] *= k;
    }
}

// A sieve of flags.
#[differentiate(order = 2)]
fn flagged(x: &[f64]) -> f64 {
    let mut seen = vec![false; x.len()];
    let mut product = 1.0;
    let mut at = 0;
    while !seen[at] {
        seen[at] = true;
        product *= x[at];
        at = (at + 2) % x.len();
    }
    for i in 0..x.len() {
        if !seen[i] {
            product += x[i] * x[i];
        }
    }
    product
}

#[test]
fn stacks_and_tables() {
    let x = || vec![1.5, -0.4, 0.8];
    for program in ["xx+d*", "xxx*+n", "xds*x+", "", "x.x", "xd*d*x+s+"] {
        let program: Vec<char> = program.chars().collect();
        battery!(stack_machine(x, &program), at x = x());
    }
    let children = [vec![1, 2], vec![3], vec![3, 4], vec![], vec![]];
    battery!(depth_first(&children, w), at w = vec![1.0, 0.5, -0.3, 0.7, 2.0]);
    in_place!(permuted(x, *k), at mut x = vec![1.0, 2.0, -0.5, 0.3, 0.9], k = 0.7);
    battery!(flagged(x), at x = vec![1.0, 2.0, -0.5, 0.3])
        .is(-0.5 + 4.09, vec![-0.5, 4.0, 1.0, 0.6]);
}

// Buffers of a loop, and buffers that a loop uses again.
#[differentiate(order = 2)]
fn local_buffers(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..x.len() {
        let mut powers = [1.0; 4];
        for k in 1..4 {
            powers[k] = powers[k - 1] * x[i];
        }
        total += powers[3] + powers[1] * total;
    }
    total
}

#[differentiate(order = 2)]
fn buffer_used_again(x: &[f64]) -> f64 {
    let mut buffer = vec![0.0; x.len()];
    let mut total = 1.0;
    for step in 0..3 {
        for i in 0..x.len() {
            buffer[i] = x[i] * total;
        }
        buffer[step % x.len()] *= 2.0;
        total = buffer.iter().map(|b| b.sin()).sum::<f64>();
    }
    total
}

#[differentiate(order = 2)]
fn filled_again(x: &[f64]) -> f64 {
    let mut buffer = [0.0; 3];
    let mut total = 1.0;
    for &v in x {
        buffer.fill(0.0);
        for k in 0..3 {
            buffer[k] += v * total;
            buffer[(k + 1) % 3] -= v;
        }
        total += buffer[0] * buffer[2];
    }
    total
}

#[differentiate(order = 2)]
fn cleared_again(x: &[f64]) -> f64 {
    let mut kept: Vec<f64> = Vec::new();
    let mut total = 0.0;
    for (i, &v) in x.iter().enumerate() {
        if i % 3 == 0 {
            kept.clear();
        }
        kept.push(v * v);
        if kept.len() > 1 {
            kept.truncate(2);
            total += kept[0] * kept[1];
        }
    }
    total * kept.len() as f64
}

#[differentiate(order = 2)]
fn vector_of_vectors(x: &[f64]) -> f64 {
    let mut rows = vec![vec![0.0; 2]; x.len()];
    for i in 0..x.len() {
        rows[i][0] = x[i];
        rows[i][1] = rows[i][0] * x[(i + 1) % x.len()];
        rows[i].push(x[i].sin());
    }
    let mut longest = Vec::new();
    std::mem::swap(&mut longest, &mut rows[1]);
    rows.swap(0, 2);
    let mut total = longest[1] * longest[2];
    for row in &mut rows {
        for v in row.iter_mut() {
            *v *= 2.0;
            total += *v * *v;
        }
    }
    total
}

#[test]
fn buffers() {
    let x = || vec![0.5, -0.4, 0.8, 1.1];
    battery!(local_buffers(x), at x = x());
    battery!(buffer_used_again(x), at x = x());
    battery!(filled_again(x), at x = x());
    battery!(cleared_again(x), at x = x());
    battery!(vector_of_vectors(x), at x = x());
}

// Fill, copy, rotate, reverse, swap.
#[differentiate(order = 2)]
fn shuffled(x: &mut [f64]) -> f64 {
    x.rotate_left(1);
    x[0] *= 2.0;
    x.reverse();
    x[1] *= x[0];
    x.rotate_right(2);
    x[..2].swap(0, 1);
    x[0]
}

#[differentiate(order = 2)]
fn copied(x: &[f64], k: f64) -> f64 {
    let mut y = vec![k; x.len()];
    y[1..].copy_from_slice(&x[..x.len() - 1]);
    y[0] *= k;
    let mut z = [1.0; 3];
    z.copy_from_slice(&y[..3]);
    z[2..].fill(k * k);
    y.iter().zip(&z).map(|(a, b)| a * b).sum()
}

#[differentiate(order = 2)]
fn taken(x: f64) -> f64 {
    let mut buffer = vec![x, x * x];
    let old = std::mem::take(&mut buffer);
    buffer.push(old[1] * 2.0);
    let mut pair = (old, buffer);
    let second = std::mem::replace(&mut pair.0, vec![x]);
    second[0] * pair.0[0] + pair.1[0]
}

#[differentiate(order = 2)]
fn ping_pong(x: &[f64], n: usize) -> Vec<f64> {
    let mut from = x.to_vec();
    let mut to = vec![0.0; x.len()];
    for _ in 0..n {
        for i in 0..x.len() {
            let left = from[(i + x.len() - 1) % x.len()];
            to[i] = 0.5 * from[i] + 0.5 * left * from[i];
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

#[differentiate(order = 2)]
fn slots(x: f64) -> f64 {
    let mut slot = Some(x);
    let mut total = 0.0;
    for _ in 0..3 {
        if let Some(v) = slot {
            total += v * v;
            slot = if v > 1.0 { Some(v * 0.5) } else { None };
        } else {
            slot = Some(total);
        }
    }
    total
}

#[differentiate(order = 2)]
fn slot_taken(x: f64) -> f64 {
    let mut slot = Some(x * x);
    let first = slot.take().unwrap_or(1.0);
    let second = slot.unwrap_or(x);
    first * second
}

#[differentiate(order = 2)]
fn slot_written(x: &mut Option<f64>, k: f64) -> f64 {
    if let Some(v) = x {
        *v *= k;
    }
    match x.as_mut() {
        Some(v) => {
            *v += k;
            *v
        }
        None => k,
    }
}

#[test]
fn rearranged() {
    lent!(shuffled(x), at mut x = vec![1.0, 2.0, 3.0, 4.0]);
    battery!(copied(x, *k), at x = vec![1.0, 2.0, 3.0], k = 1.5);
    battery!(taken(*x), at x = 1.5).is(6.75, 9.0);
    pullback!(ping_pong(x, 3), at x = vec![0.5, -0.4, 0.8]);
    pullback!(ping_pong(x, 0), at x = vec![0.5, -0.4, 0.8]);
    battery!(slots(*x), at x = 3.0);
    battery!(slots(*x), at x = 0.7);
    battery!(slot_taken(*x), at x = 0.7).gradient_is(3.0 * 0.49);
    lent!(slot_written(x, *k), at mut x = Some(2.0), k = 1.5);
    lent!(slot_written(x, *k), at mut x = None, k = 1.5);
}

// Matrices that are filled and copied.
#[differentiate(order = 2)]
fn vandermonde(x: &DVector<f64>) -> f64 {
    let n = x.len();
    let mut m = DMatrix::zeros(n, n);
    for i in 0..n {
        m[(i, 0)] = 1.0;
        for j in 1..n {
            m[(i, j)] = m[(i, j - 1)] * x[i];
        }
    }
    m.swap_rows(0, n - 1);
    m.swap_columns(0, 1);
    m.fill(0.5);
    m[(0, 0)] = x[0];
    m.copy_from(&(&m * x * x.transpose()));
    m.norm_squared()
}

#[differentiate(order = 2)]
fn power_iteration(a: &DMatrix<f64>, v: &DVector<f64>, n: usize) -> f64 {
    let mut v = v.clone();
    let mut value = 0.0;
    for _ in 0..n {
        let w = a * &v;
        value = w.norm();
        v.copy_from(&w);
        v /= value;
    }
    value
}

#[differentiate(order = 2)]
fn shifted(a: &mut DMatrix<f64>, k: f64) {
    for i in 0..a.nrows() {
        a[(i, i)] += k;
        a[(i, 0)] *= a[(i, i)];
    }
    a.swap_rows(0, 1);
}

#[test]
fn matrices() {
    battery!(vandermonde(x), at x = dvector![0.5, 1.2, -0.7]);
    let a = || dmatrix![2.0, 0.5; -0.2, 1.3];
    battery!(power_iteration(a, v, 4), at a = a(), v = dvector![1.0, 0.4]);
    in_place!(shifted(a, *k), at mut a = a(), k = 0.3);
}
