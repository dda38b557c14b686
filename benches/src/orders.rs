//! What tangents, Jacobians and second derivatives cost, as multiples of the time of the function.

use std::fmt::Write as _;
use std::hint::black_box;

use differentiate::differentiate;
use differentiate::sparse::Pattern;
use nalgebra::DVector;

use crate::mixture::{self, WISHART, log_posterior};
use crate::mixture_matrices;
use crate::networks::perceptron;
use crate::suite::{Suite, matrix, numbers, seconds, times};

const HEAD: &str = "\
| program | size | primal | derivative | derivative / primal | value_and_grad or jvp / primal |
|---|---|---|---|---|---|
";

#[differentiate(order = 2)]
fn rosenbrock(x: &DVector<f64>) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        sum += 100.0 * (x[i] - x[i - 1].powi(2)).powi(2) + (1.0 - x[i - 1]).powi(2);
    }
    sum
}

#[differentiate(order = 2)]
fn log_sum_exp(x: &DVector<f64>) -> f64 {
    let max = x.max();
    let mut sum = 0.0;
    for v in x {
        sum += (v - max).exp();
    }
    sum.ln() + max
}

/// In one module, so that the step is written out in the loop, and several directions go through it together.
#[differentiate(forward)]
mod ring {
    pub(super) const SIZE: usize = 10;

    /// Numbers on a ring, each driven by its neighbours.
    fn slope(x: &[f64; SIZE]) -> [f64; SIZE] {
        let mut d = [0.0; SIZE];
        for i in 0..SIZE {
            let (after, before, two) =
                ((i + 1) % SIZE, (i + SIZE - 1) % SIZE, (i + SIZE - 2) % SIZE);
            d[i] = (x[after] - x[two]) * x[before] - x[i] + 8.0;
        }
        d
    }

    /// Where the numbers are after so many steps of the midpoint rule.
    pub(super) fn flow(start: &[f64; SIZE], #[no_diff] h: f64, steps: usize) -> [f64; SIZE] {
        let mut x = *start;
        for _ in 0..steps {
            let k = slope(&x);
            let mut middle = x;
            for i in 0..SIZE {
                middle[i] += 0.5 * h * k[i];
            }
            let k = slope(&middle);
            for i in 0..SIZE {
                x[i] += h * k[i];
            }
        }
        x
    }
}
use ring::{SIZE, flow};

/// A sum of five bells, at so many places.
#[differentiate(forward)]
fn spectrum(p: &[f64; SIZE], #[no_diff] at: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; at.len()];
    for i in 0..at.len() {
        for k in 0..SIZE / 2 {
            y[i] += p[2 * k] * (-(at[i] - p[2 * k + 1]).powi(2)).exp();
        }
    }
    y
}

/// What a chain of springs leaves at each mass.
#[differentiate(forward)]
fn chain(u: &[f64]) -> Vec<f64> {
    let n = u.len();
    let mut r = vec![0.0; n];
    for i in 0..n {
        let left = if i > 0 { u[i - 1] } else { 0.0 };
        let right = if i + 1 < n { u[i + 1] } else { 0.0 };
        r[i] = left - 2.0 * u[i] + right - u[i].sin();
    }
    r
}

/// One line: the function, the derivative in question, and a first one to compare with.
fn line(
    table: &mut String,
    (program, size, derivative): (&str, &str, &str),
    [primal, dear, first]: [&mut dyn FnMut(); 3],
) {
    let [primal, dear, first] = times([primal, dear, first]);
    if table.is_empty() {
        table.push_str(HEAD);
        print!("{HEAD}");
    }
    let line = format!(
        "| {program} | {size} | {} | {derivative} | {:.2} | {:.2} |",
        seconds(primal),
        dear / primal,
        first / primal
    );
    println!("{line}");
    let _ = writeln!(table, "{line}");
}

/// Names three runs, none of which the optimiser may leave out or do once for all.
macro_rules! runs {
    ($($run:expr),*) => {
        [$(&mut || { black_box($run); }),*]
    };
}

pub(crate) fn table(suite: &Suite) -> String {
    let mut table = String::new();
    second_order(suite, &mut table);
    jacobians(suite, &mut table);
    table
}

fn second_order(suite: &Suite, table: &mut String) {
    let program = "Gaussian mixture in place";
    if suite.wants(program) {
        for (d, k) in [(2, 5), (10, 25)] {
            let [a, m, l, x] = &mixture::data(d, k, 1000);
            let directions = [a, m, l].map(|it| numbers(it.len(), 24));
            let [da, dm, dl] = &directions;
            line(
                table,
                (program, &format!("d = {d}, K = {k}, n = 1000"), "hvp"),
                runs![
                    log_posterior(d, k, black_box(a), m, l, x, WISHART),
                    log_posterior::hvp(d, k, black_box(a), m, l, x, WISHART, da, dm, dl),
                    log_posterior::value_and_grad(d, k, black_box(a), m, l, x, WISHART)
                ],
            );
        }
    }
    let program = "Gaussian mixture with nalgebra";
    if suite.wants(program) {
        for (d, k) in [(2, 5), (10, 25)] {
            let (a, m, l, x) = &mixture_matrices::vectors(d, k, 1000);
            let (da, dm, dl) = (a, m, l);
            line(
                table,
                (program, &format!("d = {d}, K = {k}, n = 1000"), "hvp"),
                runs![
                    mixture_matrices::objective(black_box(a), m, l, x, WISHART),
                    mixture_matrices::objective::hvp(black_box(a), m, l, x, WISHART, da, dm, dl),
                    mixture_matrices::objective::value_and_grad(black_box(a), m, l, x, WISHART)
                ],
            );
        }
    }
    let program = "perceptron, tanh, squared error";
    if suite.wants(program) {
        for n in [64, 256] {
            let of = |columns, seed| matrix(n, columns, seed);
            let (v, w, x, t) = (&of(n, 5), &of(n, 5), &of(64, 5), &of(64, 5));
            let (dv, dw) = (&of(n, 6), &of(n, 7));
            line(
                table,
                (program, &format!("{n}-{n}-{n}, 64 samples"), "hvp"),
                runs![
                    perceptron(black_box(v), w, x, t),
                    perceptron::hvp(black_box(v), w, x, t, dv, dw),
                    perceptron::value_and_grad(black_box(v), w, x, t)
                ],
            );
        }
    }
    let x = &DVector::from_vec(numbers(50, 3));
    let pattern = &Pattern::tridiagonal(50);
    if suite.wants("Rosenbrock") {
        line(
            table,
            ("Rosenbrock", "50", "hessian"),
            runs![
                rosenbrock(black_box(x)),
                rosenbrock::hessian(black_box(x)),
                rosenbrock::value_and_grad(black_box(x))
            ],
        );
        line(
            table,
            ("Rosenbrock", "50", "sparse_hessian, tridiagonal"),
            runs![
                rosenbrock(black_box(x)),
                rosenbrock::sparse_hessian(black_box(x), pattern),
                rosenbrock::value_and_grad(black_box(x))
            ],
        );
    }
    if suite.wants("logsumexp") {
        line(
            table,
            ("logsumexp", "50", "hessian"),
            runs![
                log_sum_exp(black_box(x)),
                log_sum_exp::hessian(black_box(x)),
                log_sum_exp::value_and_grad(black_box(x))
            ],
        );
    }
}

fn jacobians(suite: &Suite, table: &mut String) {
    let start: &[f64; SIZE] = &std::array::from_fn(|i| numbers(SIZE, 40)[i]);
    let direction: &[f64; SIZE] = &std::array::from_fn(|i| numbers(SIZE, 41)[i]);
    if suite.wants("numbers on a ring") {
        line(
            table,
            (
                "numbers on a ring",
                "10 inputs, 10 values, 1,000 steps",
                "jacobian",
            ),
            runs![
                flow(black_box(start), 1e-3, 1000),
                flow::jacobian(black_box(start), 1e-3, 1000),
                flow::jvp(black_box(start), 1e-3, 1000, direction)
            ],
        );
    }
    if suite.wants("spectrum") {
        let at = &numbers(1000, 42);
        let size = "10 inputs, 1,000 values";
        line(
            table,
            ("spectrum", size, "jacobian"),
            runs![
                spectrum(black_box(start), at),
                spectrum::jacobian(black_box(start), at),
                spectrum::jvp(black_box(start), at, direction)
            ],
        );
    }
    if suite.wants("chain of springs") {
        for n in [100, 10_000] {
            let u = &numbers(n, 43);
            let direction = &numbers(n, 44);
            let pattern = &Pattern::tridiagonal(n);
            line(
                table,
                (
                    "chain of springs",
                    &n.to_string(),
                    "sparse_jacobian, tridiagonal",
                ),
                runs![
                    chain(black_box(u)),
                    chain::sparse_jacobian(black_box(u), pattern),
                    chain::jvp(black_box(u), direction)
                ],
            );
        }
    }
}
