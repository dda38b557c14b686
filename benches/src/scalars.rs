//! Loops over numbers: what is linear, what must save, what iterates, what moves.

use differentiate::differentiate;

use crate::suite::{Subject, Suite, Work, numbers};

#[differentiate]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i] * b[i];
    }
    sum
}

fn dot_by_hand(a: &[f64], b: &[f64], seed: f64, da: &mut [f64], db: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for ((a, b), (da, db)) in a.iter().zip(b).zip(da.iter_mut().zip(db)) {
        sum += a * b;
        *da += seed * b;
        *db += seed * a;
    }
    sum
}

#[differentiate]
fn log_sum_exp(x: &[f64]) -> f64 {
    let mut max = x[0];
    for &v in x {
        if v > max {
            max = v;
        }
    }
    let mut sum = 0.0;
    for v in x {
        sum += (v - max).exp();
    }
    sum.ln() + max
}

/// The weights do not depend on the maximum, whose own derivative cancels.
fn log_sum_exp_by_hand(x: &[f64], seed: f64, dx: &mut [f64]) -> f64 {
    let max = x.iter().fold(f64::NEG_INFINITY, |max, v| max.max(*v));
    let weights: Vec<f64> = x.iter().map(|v| (v - max).exp()).collect();
    let mut sum = 0.0;
    for weight in &weights {
        sum += weight;
    }
    let scale = seed / sum;
    for (dx, weight) in dx.iter_mut().zip(&weights) {
        *dx += scale * weight;
    }
    sum.ln() + max
}

/// Horner's rule.
#[differentiate]
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    let mut y = 0.0;
    for c in coefficients.iter().rev() {
        y = y * x + c;
    }
    y
}

fn polynomial_by_hand(coefficients: &[f64], x: f64, seed: f64, dc: &mut [f64]) -> (f64, f64) {
    let mut before = Vec::with_capacity(coefficients.len());
    let mut y = 0.0;
    for c in coefficients.iter().rev() {
        before.push(y);
        y = y * x + c;
    }
    let (mut dy, mut dx) = (seed, 0.0);
    for (dc, y) in dc.iter_mut().zip(before.iter().rev()) {
        *dc += dy;
        dx += dy * y;
        dy *= x;
    }
    (y, dx)
}

#[differentiate]
fn logistic(rate: f64, start: f64, steps: usize) -> f64 {
    let mut x = start;
    for _ in 0..steps {
        x = rate * x * (1.0 - x);
    }
    x
}

fn logistic_by_hand(rate: f64, start: f64, steps: usize, seed: f64) -> (f64, f64, f64) {
    let mut states = Vec::with_capacity(steps);
    let mut x = start;
    for _ in 0..steps {
        states.push(x);
        x = rate * x * (1.0 - x);
    }
    let (mut dx, mut drate) = (seed, 0.0);
    for x in states.iter().rev() {
        drate += dx * (x * (1.0 - x));
        dx *= rate * (1.0 - 2.0 * x);
    }
    (x, drate, dx)
}

/// Newton's iteration for the cube root, damped so that a thousand steps have something to do.
#[differentiate]
fn newton(a: f64, start: f64, steps: usize) -> f64 {
    let mut x = start;
    for _ in 0..steps {
        x -= 0.01 * ((x * x * x - a) / (3.0 * x * x));
    }
    x
}

fn newton_by_hand(a: f64, start: f64, steps: usize, seed: f64) -> (f64, f64, f64) {
    let mut states = Vec::with_capacity(steps);
    let mut x = start;
    for _ in 0..steps {
        let slope = 1.0 / (3.0 * x * x);
        let step = (x * x * x - a) * slope;
        states.push((x, slope, step));
        x -= 0.01 * step;
    }
    let (mut dx, mut da) = (seed, 0.0);
    for (x, slope, step) in states.iter().rev() {
        // The step is f / f', so its derivative is 1 - f f'' / f'^2.
        da += 0.01 * dx * slope;
        dx *= 0.99 + 0.06 * (x * step * slope);
    }
    (x, da, dx)
}

/// Sums up to each element, in a buffer of the caller, and their weighted sum.
#[differentiate]
fn prefix_sums(x: &[f64], #[no_diff] weights: &[f64], work: &mut [f64]) -> f64 {
    work.copy_from_slice(x);
    for i in 1..work.len() {
        work[i] += work[i - 1];
    }
    let mut total = 0.0;
    for (w, s) in weights.iter().zip(work.iter()) {
        total += w * s;
    }
    total
}

fn prefix_sums_by_hand(
    x: &[f64],
    weights: &[f64],
    work: &mut [f64],
    seed: f64,
    dx: &mut [f64],
) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for ((x, w), work) in x.iter().zip(weights).zip(work) {
        sum += x;
        *work = sum;
        total += w * sum;
    }
    let mut after = 0.0;
    for (dx, w) in dx.iter_mut().zip(weights).rev() {
        after += seed * w;
        *dx += after;
    }
    total
}

/// Sorts by moving what is greater, and weighs the ranks.
#[differentiate]
fn insertion_sort(x: &[f64], #[no_diff] weights: &[f64]) -> f64 {
    let mut sorted = x.to_vec();
    for i in 1..sorted.len() {
        let key = sorted[i];
        let mut j = i;
        while j > 0 && sorted[j - 1] > key {
            sorted[j] = sorted[j - 1];
            j -= 1;
        }
        sorted[j] = key;
    }
    let mut total = 0.0;
    for i in 0..sorted.len() {
        total += weights[i] * sorted[i];
    }
    total
}

/// The positions move with the numbers.
fn insertion_sort_by_hand(x: &[f64], weights: &[f64], seed: f64, dx: &mut [f64]) -> f64 {
    let mut sorted: Vec<(f64, usize)> = x.iter().copied().zip(0..).collect();
    for i in 1..sorted.len() {
        let key = sorted[i];
        let mut j = i;
        while j > 0 && sorted[j - 1].0 > key.0 {
            sorted[j] = sorted[j - 1];
            j -= 1;
        }
        sorted[j] = key;
    }
    let mut total = 0.0;
    for ((value, at), w) in sorted.iter().zip(weights) {
        total += w * value;
        dx[*at] += seed * w;
    }
    total
}

pub(crate) fn run(suite: &mut Suite) {
    let n = 1000;
    suite.line(
        Subject {
            program: "dot",
            size: format!("{n}"),
            input: (numbers(n, 1), numbers(n, 2)),
            shadow: (vec![0.0; n], vec![0.0; n]),
        },
        |(a, b)| dot(a, b),
        |(a, b), (da, db)| dot::adjoint(a, b, 1.0, da, db),
        |(a, b)| dot::value_and_grad(a, b),
        |(a, b), (da, db)| dot_by_hand(a, b, 1.0, da, db),
    );
    suite.line(
        Subject {
            program: "logsumexp",
            size: format!("{n}"),
            input: numbers(n, 3),
            shadow: vec![0.0; n],
        },
        |x| log_sum_exp(x),
        |x, dx| log_sum_exp::adjoint(x, 1.0, dx),
        |x| log_sum_exp::value_and_grad(x),
        |x, dx| log_sum_exp_by_hand(x, 1.0, dx),
    );
    suite.line(
        Subject {
            program: "polynomial, Horner",
            size: format!("{n} coefficients"),
            input: (numbers(n, 4), 0.999),
            shadow: (vec![0.0; n], 0.0),
        },
        |(c, x)| polynomial(c, *x),
        |(c, x), (dc, dx)| polynomial::adjoint(c, *x, 1.0, dc, dx),
        |(c, x)| polynomial::value_and_grad(c, *x),
        |(c, x), (dc, dx)| {
            let (y, to_x) = polynomial_by_hand(c, *x, 1.0, dc);
            *dx += to_x;
            y
        },
    );
    suite.line(
        Subject {
            program: "logistic iteration",
            size: "1,000 steps".to_owned(),
            input: (2.9, 0.3, n),
            shadow: (0.0, 0.0),
        },
        |&(r, x, n)| logistic(r, x, n),
        |&(r, x, n), (dr, dx)| logistic::adjoint(r, x, n, 1.0, dr, dx),
        |&(r, x, n)| logistic::value_and_grad(r, x, n),
        |&(r, x, n), (dr, dx)| {
            let (y, to_r, to_x) = logistic_by_hand(r, x, n, 1.0);
            *dr += to_r;
            *dx += to_x;
            y
        },
    );
    suite.line(
        Subject {
            program: "Newton iteration",
            size: "1,000 steps".to_owned(),
            input: (2.0, 3.0, n),
            shadow: (0.0, 0.0),
        },
        |&(a, x, n)| newton(a, x, n),
        |&(a, x, n), (da, dx)| newton::adjoint(a, x, n, 1.0, da, dx),
        |&(a, x, n)| newton::value_and_grad(a, x, n),
        |&(a, x, n), (da, dx)| {
            let (y, to_a, to_x) = newton_by_hand(a, x, n, 1.0);
            *da += to_a;
            *dx += to_x;
            y
        },
    );
    suite.line(
        Subject {
            program: "prefix sums in place",
            size: format!("{n}"),
            input: (numbers(n, 5), numbers(n, 6), vec![0.0; n].into()),
            shadow: (vec![0.0; n], Work(vec![0.0; n])),
        },
        |(x, w, work): &(Vec<f64>, Vec<f64>, std::cell::RefCell<Vec<f64>>)| {
            prefix_sums(x, w, &mut work.borrow_mut())
        },
        |(x, w, work), (dx, dwork)| {
            prefix_sums::adjoint(x, w, &mut work.borrow_mut(), 1.0, dx, &mut dwork.0)
        },
        |(x, w, work)| prefix_sums::value_and_grad(x, w, &mut work.borrow_mut()),
        |(x, w, work), (dx, _)| prefix_sums_by_hand(x, w, &mut work.borrow_mut(), 1.0, dx),
    );
    let n = 200;
    suite.line(
        Subject {
            program: "insertion sort",
            size: format!("{n}"),
            input: (numbers(n, 7), numbers(n, 8)),
            shadow: vec![0.0; n],
        },
        |(x, w)| insertion_sort(x, w),
        |(x, w), dx| insertion_sort::adjoint(x, w, 1.0, dx),
        |(x, w)| insertion_sort::value_and_grad(x, w),
        |(x, w), dx| insertion_sort_by_hand(x, w, 1.0, dx),
    );
}
