//! The same programs with dual numbers (`num-dual`), with a tape of operations (`reverse`) and with tensors (`candle`).
//!
//! `cargo run --release` in this directory prints the table and writes it into `docs/performance.md`. A dual number with
//! a derivative for each input is right for few inputs, a tape for few outputs, tensors for few large operations; a dash
//! stands where a crate is not meant for the program. All run on one thread.

#![allow(
    clippy::needless_range_loop,
    reason = "the programs are written as people write such programs"
)]

mod programs;

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor, Var};
use nalgebra::{DMatrix, SVector, Vector2};
use num_dual::{Dual2SVec64, DualSVec64};
use reverse::{Gradient, Tape};

use programs::State;

const HEAD: &str = "\
| program | size | primal | differentiate / primal | num-dual / primal | reverse / primal | candle / primal |
|---|---|---|---|---|---|---|
";

/// Gradients that differ by more than this part of their largest entry are not the same.
const TOLERANCE: f64 = 1e-9;

type Run<'a> = Box<dyn FnMut() -> Vec<f64> + 'a>;

/// One line: the gradients agree, then all take turns and the shortest times count.
fn line(
    table: &mut String,
    program: &str,
    size: &str,
    mut primal: Run<'_>,
    each: [Option<Run<'_>>; 4],
) {
    let mut runs = vec![];
    let mut first: Option<Vec<f64>> = None;
    for run in each {
        runs.push(run.map(|mut run| {
            let found = run();
            let expected = &*first.get_or_insert_with(|| found.clone());
            agree(program, &found, expected);
            (run, f64::INFINITY)
        }));
    }
    let mut shortest = f64::INFINITY;
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < 5 || begin.elapsed() < Duration::from_secs(2) {
        shortest = shortest.min(seconds(&mut primal));
        for (run, shortest) in runs.iter_mut().flatten() {
            *shortest = shortest.min(seconds(run));
        }
        rounds += 1;
    }
    let _ = write!(table, "| {program} | {size} | {:.1} µs |", shortest * 1e6);
    for run in &runs {
        let _ = match run {
            Some((_, time)) => write!(table, " {:.1} |", time / shortest),
            None => write!(table, " - |"),
        };
    }
    table.push('\n');
}

/// Gradients are the same, but for rounding.
fn agree(program: &str, found: &[f64], expected: &[f64]) {
    let largest = expected
        .iter()
        .fold(f64::MIN_POSITIVE, |m, it| m.max(it.abs()));
    assert_eq!(found.len(), expected.len(), "{program}");
    for (a, b) in found.iter().zip(expected) {
        assert!(
            (a - *b).abs() <= TOLERANCE * largest,
            "{program}: {a} is not {b}"
        );
    }
}

/// The time of one call, of so many that the clock can tell.
fn seconds(run: &mut Run<'_>) -> f64 {
    let start = Instant::now();
    let mut calls = 0_u32;
    let mut batch = 1;
    while calls == 0 || start.elapsed() < Duration::from_micros(200) {
        for _ in 0..batch {
            black_box(run());
        }
        calls += batch;
        batch *= 2;
    }
    start.elapsed().as_secs_f64() / f64::from(calls)
}

/// Unrelated numbers between -1 and 1.
fn numbers(count: usize, seed: u32) -> Vec<f64> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 23) - 1.0
    };
    (0..count).map(next).collect()
}

fn log_sum_exp(table: &mut String) {
    let n = 1000;
    let x = numbers(n, 3);
    let mut shadow = vec![0.0; n];
    line(
        table,
        "logsumexp",
        "1000",
        Box::new(|| vec![programs::log_sum_exp(black_box(&x))]),
        [
            Some(Box::new(|| {
                shadow.fill(0.0);
                programs::plain::log_sum_exp::adjoint(black_box(&x), 1.0, &mut shadow);
                shadow.clone()
            })),
            None,
            Some(Box::new(|| {
                let tape = Tape::new();
                let x = tape.add_vars(black_box(&x));
                programs::log_sum_exp(&x).grad().wrt(&x)
            })),
            None,
        ],
    );
}

fn logistic(table: &mut String) {
    let (rate, start, steps) = (2.9, 0.3, 1000);
    line(
        table,
        "logistic iteration",
        "1,000 steps",
        Box::new(|| vec![programs::logistic(black_box(rate), black_box(start), steps)]),
        [
            Some(Box::new(|| {
                let (mut a, mut b) = (0.0, 0.0);
                let (rate, start) = (black_box(rate), black_box(start));
                programs::plain::logistic::adjoint(rate, start, steps, 1.0, &mut a, &mut b);
                vec![a, b]
            })),
            Some(Box::new(|| {
                let at = SVector::from([black_box(rate), black_box(start)]);
                let f = |v: SVector<DualSVec64<2>, 2>| programs::logistic(v[0], v[1], steps);
                num_dual::gradient(f, &at).1.as_slice().to_vec()
            })),
            Some(Box::new(|| {
                let tape = Tape::new();
                let at = tape.add_vars(&[black_box(rate), black_box(start)]);
                programs::logistic(at[0], at[1], steps).grad().wrt(&at)
            })),
            None,
        ],
    );
}

fn reprojection(table: &mut String) {
    let n = 1000;
    let all: Vec<[f64; 17]> = numbers(17 * n, 5)
        .chunks(17)
        .map(|v| {
            let mut at: [f64; 17] = std::array::from_fn(|i| 0.3 * v[i]);
            at[6] += 1.5;
            at[9] *= 0.2;
            at[10] *= 0.2;
            at[13] += 4.0;
            at[14] += 2.0;
            at
        })
        .collect();
    let all = &all;
    let split = |at: &[f64; 17]| -> ([f64; 15], [f64; 2]) {
        (std::array::from_fn(|i| at[i]), [at[15], at[16]])
    };
    line(
        table,
        "reprojection, 2 × 15 Jacobians",
        "1,000 observations",
        Box::new(move || {
            let mut sum = 0.0;
            for at in black_box(all) {
                let (at, feature) = split(at);
                let [a, b] = programs::residual(&at, feature);
                sum += a + b;
            }
            vec![sum]
        }),
        [
            Some(Box::new(move || {
                let mut rows = Vec::with_capacity(30 * n);
                for at in black_box(all) {
                    let (at, feature) = split(at);
                    for seed in [[1.0, 0.0], [0.0, 1.0]] {
                        let mut row = [0.0; 15];
                        programs::plain::residual::adjoint(&at, feature, seed, &mut row);
                        rows.extend(row);
                    }
                }
                rows
            })),
            Some(Box::new(move || {
                let mut rows = Vec::with_capacity(30 * n);
                for at in black_box(all) {
                    let (at, feature) = split(at);
                    let f = |v: SVector<DualSVec64<15>, 15>| {
                        Vector2::from(programs::residual(&v.data.0[0], feature))
                    };
                    let (_, jacobian) = num_dual::jacobian(f, &SVector::from(at));
                    rows.extend(jacobian.row(0).iter());
                    rows.extend(jacobian.row(1).iter());
                }
                rows
            })),
            Some(Box::new(move || {
                let mut rows = Vec::with_capacity(30 * n);
                for at in black_box(all) {
                    let (at, feature) = split(at);
                    let tape = Tape::new();
                    let at: [reverse::Var<'_>; 15] = at.map(|it| tape.add_var(it));
                    for value in programs::residual(&at, feature) {
                        rows.extend(value.grad().wrt(&at));
                    }
                }
                rows
            })),
            None,
        ],
    );
}

fn runge_kutta(table: &mut String) {
    let steps = 1000;
    let start: State<f64> = std::array::from_fn(|i| numbers(10, 40)[i]);
    let f = |v: &[f64; 11]| -> (State<f64>, f64) { (std::array::from_fn(|i| v[i]), v[10]) };
    let at: [f64; 11] = std::array::from_fn(|i| if i < 10 { start[i] } else { 0.5 });
    line(
        table,
        "Runge-Kutta of fourth order",
        "10 numbers, 1,000 steps",
        Box::new(move || {
            let (x, force) = f(black_box(&at));
            vec![programs::runge_kutta(x, force, 1e-3, steps)]
        }),
        [
            Some(Box::new(move || {
                let (x, force) = f(black_box(&at));
                let (mut dx, mut df) = ([0.0; 10], 0.0);
                programs::plain::runge_kutta::adjoint(
                    &x, force, 1e-3, steps, 1.0, &mut dx, &mut df,
                );
                let mut gradient = dx.to_vec();
                gradient.push(df);
                gradient
            })),
            Some(Box::new(move || {
                let f = |v: SVector<DualSVec64<11>, 11>| {
                    programs::runge_kutta(std::array::from_fn(|i| v[i]), v[10], 1e-3, steps)
                };
                let at = SVector::from(*black_box(&at));
                num_dual::gradient(f, &at).1.as_slice().to_vec()
            })),
            Some(Box::new(move || {
                let tape = Tape::new();
                let at: [reverse::Var<'_>; 11] = black_box(at).map(|it| tape.add_var(it));
                let x = std::array::from_fn(|i| at[i]);
                programs::runge_kutta(x, at[10], 1e-3, steps)
                    .grad()
                    .wrt(&at)
            })),
            None,
        ],
    );
}

/// All second derivatives; a tape has none.
fn hessians(table: &mut String) {
    const N: usize = 50;
    type Twice = SVector<Dual2SVec64<N>, N>;
    let x = &numbers(N, 3);
    line(
        table,
        "logsumexp, Hessian",
        "50",
        Box::new(|| vec![programs::log_sum_exp(black_box(x))]),
        [
            Some(Box::new(|| {
                let hessian = programs::twice::log_sum_exp::hessian(black_box(x));
                hessian.as_slice().to_vec()
            })),
            Some(Box::new(|| {
                let f = |v: Twice| programs::log_sum_exp(v.as_slice());
                let at = SVector::from_column_slice(black_box(x));
                num_dual::hessian(f, &at).2.as_slice().to_vec()
            })),
            None,
            None,
        ],
    );
    line(
        table,
        "Rosenbrock, Hessian",
        "50",
        Box::new(|| vec![programs::rosenbrock(black_box(x))]),
        [
            Some(Box::new(|| {
                let hessian = programs::twice::rosenbrock::hessian(black_box(x));
                hessian.as_slice().to_vec()
            })),
            Some(Box::new(|| {
                let f = |v: Twice| programs::rosenbrock(v.as_slice());
                let at = SVector::from_column_slice(black_box(x));
                num_dual::hessian(f, &at).2.as_slice().to_vec()
            })),
            None,
            None,
        ],
    );
}

/// Two layers and the gradients of their weights. Here the gradients are compared before, and the runs return the value
/// alone, since they are large.
fn perceptron(table: &mut String, n: usize) -> candle_core::Result<()> {
    let program = "perceptron, tanh, squared error";
    let samples = 64;
    let matrix = |columns: usize| {
        #[expect(clippy::cast_precision_loss, reason = "no matrix here is that large")]
        let size = (columns as f64).sqrt();
        DMatrix::from_vec(n, columns, numbers(n * columns, 5)) / size
    };
    let [v, w, x, t] = [n, n, samples, samples].map(matrix);
    let tensor = |m: &DMatrix<f64>| {
        // Tensors lie row by row.
        Tensor::from_slice(m.transpose().as_slice(), m.shape(), &Device::Cpu)
    };
    let (tv, tw) = (
        Var::from_tensor(&tensor(&v)?)?,
        Var::from_tensor(&tensor(&w)?)?,
    );
    let (tx, tt) = (tensor(&x)?, tensor(&t)?);
    let by_tensors = || -> candle_core::Result<(f64, GradStore)> {
        let hidden = tv.matmul(&tx)?.tanh()?;
        let value = (tw.matmul(&hidden)? - &tt)?.sqr()?.sum_all()?;
        let gradients = value.backward()?;
        Ok((value.to_scalar()?, gradients))
    };
    let (mut dv, mut dw) = (DMatrix::zeros(n, n), DMatrix::zeros(n, n));
    programs::plain::perceptron::adjoint(&v, &w, &x, &t, 1.0, &mut dv, &mut dw);
    let (_, gradients) = by_tensors()?;
    for (var, expected) in [(&tv, &dv), (&tw, &dw)] {
        let found = gradients.get(var).expect("the weights are variables");
        let found: Vec<f64> = found.flatten_all()?.to_vec1()?;
        agree(program, &found, expected.transpose().as_slice());
    }
    line(
        table,
        program,
        &format!("{n}-{n}-{n}, {samples} samples"),
        Box::new(|| vec![programs::plain::perceptron(black_box(&v), &w, &x, &t)]),
        [
            Some(Box::new(|| {
                let v = black_box(&v);
                vec![programs::plain::perceptron::adjoint(
                    v, &w, &x, &t, 1.0, &mut dv, &mut dw,
                )]
            })),
            None,
            None,
            Some(Box::new(|| {
                let (value, gradients) = by_tensors().expect("the shapes fit");
                black_box(gradients);
                vec![value]
            })),
        ],
    );
    Ok(())
}

fn main() -> candle_core::Result<()> {
    assert_eq!(
        candle_core::utils::get_num_threads(),
        1,
        "`cargo run` here sets `RAYON_NUM_THREADS`, so that all run on one thread"
    );
    let mut table = String::from(HEAD);
    log_sum_exp(&mut table);
    logistic(&mut table);
    reprojection(&mut table);
    runge_kutta(&mut table);
    for n in [64, 256, 1024] {
        perceptron(&mut table, n)?;
    }
    hessians(&mut table);
    print!("{table}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance.md");
    let text = fs::read_to_string(&path).expect("the page can be read");
    let (before, rest) = text.split_once("<!-- peers -->\n").expect("a marker");
    let (_, after) = rest.split_once("<!-- end of peers -->").expect("a marker");
    let text = format!("{before}<!-- peers -->\n{table}<!-- end of peers -->{after}");
    fs::write(&path, text).expect("the page can be written");
    Ok(())
}
