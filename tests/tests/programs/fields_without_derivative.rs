//! What is done with the contents of `#[no_diff]` fields: read, looked at through views, copied, changed.

use differentiate::{Differentiable, differentiate};
use nalgebra::{DMatrix, DVector, RowDVector};

use super::battery::battery;

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Model {
    gain: f64,
    weights: Vec<f64>,
    #[no_diff]
    table: Vec<f64>,
    #[no_diff]
    map: DMatrix<f64>,
    #[no_diff]
    limit: f64,
    #[no_diff]
    steps: usize,
}

fn model() -> Model {
    Model {
        gain: 1.3,
        weights: vec![0.4, -0.7],
        table: vec![1.0, 2.5, -0.5],
        map: DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, -4.0]),
        limit: 0.8,
        steps: 2,
    }
}

// === views ===

#[differentiate(order = 2)]
fn row(p: &Model) -> f64 {
    let r = p.map.row(0);
    r.sum() * p.gain * p.gain
}

/// A part of the same name as what is taken apart.
#[differentiate(order = 2)]
fn hidden_by_a_part(x: f64) -> f64 {
    let table = Wrapped {
        gain: x,
        bounds: ([0.5, 2.0], 3.0),
    };
    let (table, scale) = table.bounds;
    x * table[0] * x * scale + table[1]
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Wrapped {
    gain: f64,
    #[no_diff]
    bounds: ([f64; 2], f64),
}

#[differentiate(order = 2)]
fn columns(p: &Model) -> f64 {
    let mut s = 0.0;
    for j in 0..p.map.ncols() {
        s += p.map.column(j).norm() * p.gain.powi(j as i32 + 1);
    }
    s
}

#[differentiate(order = 2)]
fn columns_in_turn(p: &Model) -> f64 {
    let mut s = 0.0;
    for c in p.map.column_iter() {
        s += c.dot(&c) * p.gain * p.gain;
    }
    s
}

#[differentiate(order = 2)]
fn blocks(p: &Model, x: &DVector<f64>) -> f64 {
    let y = p.map.view((0, 0), (1, 2)) * x;
    let z = p.map.fixed_rows::<1>(0) * x;
    (y[0] + z[0]).powi(2) * p.gain
}

#[differentiate(order = 2)]
fn part_of_a_slice(p: &Model) -> f64 {
    let t = &p.table[1..];
    t[0] * p.gain * p.gain + t.iter().sum::<f64>() * p.gain.exp()
}

#[differentiate(order = 2)]
fn two_halves(p: &Model) -> f64 {
    let (a, b) = p.table.split_at(1);
    let differences = p.table.windows(2).map(|w| w[1] - w[0]).sum::<f64>();
    let products: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    (differences + products) * p.gain.cos()
}

#[differentiate(order = 2)]
fn ends(p: &Model) -> f64 {
    let last = p.table.last().copied().unwrap_or(0.0);
    let first = match p.table.first() {
        Some(first) => *first,
        None => 1.0,
    };
    let second = p.table.get(1).map_or(0.0, |it| *it);
    let scaled: Vec<f64> = p.table.iter().map(|t| t * p.gain).collect();
    last * p.gain * first + second * p.gain.sin() + scaled.iter().map(|t| t * t).sum::<f64>()
}

#[test]
fn views() {
    battery!(row(p), at p = model());
    battery!(columns(p), at p = model());
    battery!(hidden_by_a_part(*x), at x = 0.7);
    battery!(columns_in_turn(p), at p = model());
    battery!(blocks(p, x), at p = model(), x = DVector::from_vec(vec![1.0, 2.0]));
    battery!(part_of_a_slice(p), at p = model());
    battery!(two_halves(p), at p = model());
    battery!(ends(p), at p = model());
}

// === copies ===

#[differentiate(order = 2)]
fn copy(p: &Model) -> f64 {
    let t = p.table.clone();
    let mut s = 0.0;
    for i in 0..t.len() {
        s += t[i] * p.gain.powi(i as i32);
    }
    s + t[0] * p.gain.sin()
}

#[differentiate(order = 2)]
fn product(p: &Model, x: &DVector<f64>) -> f64 {
    let y = &p.map * x;
    y.dot(&y) * p.gain + (p.map.transpose() * &y).sum()
}

#[differentiate(order = 2)]
fn taken_apart(p: &Model) -> f64 {
    let Model {
        gain, map, table, ..
    } = p.clone();
    let mut s = gain * gain * map[(0, 0)];
    for t in table {
        s *= t;
    }
    s
}

#[differentiate(order = 3)]
fn third_order(p: &Model, x: f64) -> f64 {
    let t = p.table.clone();
    let r = p.map.row(1);
    (t[0] * x).sin() + r[0] * x * x * x + p.table[1] * x.powi(4) * p.weights[0]
}

#[test]
fn copies() {
    battery!(copy(p), at p = model());
    battery!(product(p, x), at p = model(), x = DVector::from_vec(vec![1.0, 2.0]));
    battery!(taken_apart(p), at p = model());
    battery!(third_order(p, *x), at p = model(), x = 0.7);
}

// === changes ===

#[differentiate(order = 2)]
fn longer(p: &Model) -> f64 {
    let mut q = p.clone();
    q.table.push(3.0);
    q.table.swap(0, 1);
    q.table[0] = 2.0;
    q.table.truncate(2);
    q.table.sort_by(|a, b| a.total_cmp(b));
    q.table[1] * q.gain * q.gain
}

#[differentiate(order = 2)]
fn refilled(p: &Model) -> f64 {
    let mut q = p.clone();
    q.table.clear();
    q.table.extend([1.0, 2.0]);
    q.table.extend_from_slice(&p.table);
    q.table.rotate_left(1);
    q.table.reverse();
    let kept = q.table[2];
    q.table.fill(q.limit);
    (q.gain * kept).sin() + q.gain * q.gain * q.table[1]
}

#[differentiate(order = 2)]
fn used_up(p: &Model) -> f64 {
    let mut q = p.clone();
    let mut s = 0.0;
    while let Some(t) = q.table.pop() {
        s += t * q.gain * q.gain;
    }
    s
}

#[differentiate(order = 2)]
fn exchanged_by_hand(p: &Model) -> f64 {
    let mut q = p.clone();
    let t = q.table[0];
    q.table[0] = q.table[1];
    q.table[1] = t;
    q.table.push(t);
    let pushed = q.table[3];
    q.table.truncate(3);
    q.table.copy_from_slice(&p.table);
    q.table[2] * q.gain * q.gain * pushed
}

#[differentiate(order = 2)]
fn from_itself(p: &Model) -> f64 {
    let mut q = p.clone();
    q.table[0] = q.table[1] * 2.0;
    q.limit = q.limit.max(0.5);
    q.limit *= 2.0;
    q.limit += 1.0;
    q.table[0] -= 1.0;
    for t in &mut q.table {
        *t *= 2.0;
    }
    q.gain * q.gain * q.limit * q.table[0]
}

#[differentiate(order = 2)]
fn counted(p: &Model) -> f64 {
    let mut q = p.clone();
    q.steps += 1;
    q.limit = 3.0;
    q.steps = q.steps + q.gain.floor() as usize;
    q.limit = p.table[1];
    q.gain * q.gain * q.steps as f64 * q.limit
}

#[differentiate(order = 2)]
fn written_through_views(p: &Model, x: f64) -> f64 {
    let mut q = p.clone();
    q.map.row_mut(0).fill(1.0);
    q.map[(1, 1)] = 3.0;
    q.map
        .column_mut(0)
        .copy_from(&DVector::from_element(2, 2.0));
    q.map.set_row(1, &RowDVector::from_element(2, 5.0));
    q.map[(0, 1)] = -1.0;
    q.map.determinant() * q.gain * x + q.map.row(1).sum() * q.gain * q.gain
}

#[test]
fn changes() {
    battery!(longer(p), at p = model());
    battery!(refilled(p), at p = model());
    battery!(used_up(p), at p = model());
    battery!(exchanged_by_hand(p), at p = model());
    battery!(from_itself(p), at p = model());
    battery!(counted(p), at p = model());
    battery!(written_through_views(p, *x), at p = model(), x = 0.7);
}

// Single precision, with literals that have no suffix.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Single {
    x: f32,
    y: f32,
    #[no_diff]
    cap: f32,
}

#[differentiate(order = 2)]
fn single(p: &Single) -> f32 {
    let mut q = p.clone();
    q.cap = 2.0;
    q.y = 0.5;
    q.y *= q.x * q.cap;
    q.x = q.x * q.x;
    q.x * q.y
}

#[test]
fn single_precision() {
    battery!(single(p), at p = Single { x: 1.25, y: 3.0, cap: 1.0 });
}

// Parts that are taken over by assignment, beside fields with a derivative that are.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Settings {
    gain: f64,
    turns: usize,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Filter {
    weights: Vec<f64>,
    more: Vec<f64>,
    #[no_diff]
    settings: Settings,
}

#[differentiate(order = 2)]
fn settings_written(s: &Filter, x: f64) -> f64 {
    let mut s = s.clone();
    s.settings = Settings {
        gain: 2.0,
        turns: 3,
    };
    s.weights[0] * x * s.settings.gain
}

#[differentiate(order = 2)]
fn settings_taken_over(s: &Filter, x: f64) -> f64 {
    let mut t = s.clone();
    t.weights[1] = x * x;
    let mut u = t.clone();
    t.settings = s.settings.clone();
    t.settings.turns += 1;
    t.weights = s.weights.clone();
    t.weights[0] *= x;
    t.more = t.weights.clone();
    t.weights = t.weights.clone();
    u.weights = t.more.clone();
    for k in 0..t.settings.turns {
        u.more = t.weights.clone();
        t.weights = u.weights.clone();
        u.weights[k % 2] *= x + u.more[1];
    }
    let end = t.more[0] * u.more[0] * u.weights[0];
    t.weights[0] * x * t.settings.gain * u.weights[1] + end
}

#[test]
fn taken_over() {
    let s = Filter {
        weights: vec![0.3, 0.7],
        more: vec![0.9, 0.1],
        settings: Settings {
            gain: 1.3,
            turns: 2,
        },
    };
    battery!(settings_written(s, *x), at s = s.clone(), x = 0.7);
    battery!(settings_taken_over(s, *x), at s = s, x = 0.7);
}

// Integers that are computed of such fields, and of others.
#[differentiate(order = 2)]
fn turns_added(s: &Filter, x: f64) -> f64 {
    let mut t = s.clone();
    let more = s.settings.turns + 1;
    t.settings.turns += 1;
    let u = Settings {
        turns: t.settings.turns * 2 + more,
        gain: 0.5,
    };
    let mut y = x;
    for k in 0..u.turns.min(3) {
        y *= t.weights[k % 2] + u.gain;
    }
    y * s.settings.gain
}

#[test]
fn integers() {
    let s = Filter {
        weights: vec![0.3, 0.7],
        more: vec![0.9, 0.1],
        settings: Settings {
            gain: 1.3,
            turns: 2,
        },
    };
    battery!(turns_added(s, *x), at s = s, x = 0.7);
}
