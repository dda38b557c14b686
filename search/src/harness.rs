//! What a generated crate calls: the comparison of a program with its dual twin.

use crate::dual::{self, Dual};
use differentiate::differentiable::TangentOf;
use differentiate::{Differentiable, Tangent, nalgebra};
use std::hash::{DefaultHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The numbers of a value, in order.
pub trait Flat<T> {
    /// Appends the numbers.
    fn flat(&self, out: &mut Vec<T>);
}

macro_rules! scalar {
    ($($t:ty)*) => { $(
        impl Flat<$t> for $t {
            fn flat(&self, out: &mut Vec<$t>) {
                out.push(*self);
            }
        }
    )* };
}
scalar! { f64 Dual }

impl<T> Flat<T> for () {
    fn flat(&self, _: &mut Vec<T>) {}
}

impl<T, A: Flat<T>> Flat<T> for [A] {
    fn flat(&self, out: &mut Vec<T>) {
        self.iter().for_each(|item| item.flat(out));
    }
}

impl<T, A: Flat<T>, const N: usize> Flat<T> for [A; N] {
    fn flat(&self, out: &mut Vec<T>) {
        self.iter().for_each(|item| item.flat(out));
    }
}

impl<N, I: Flat<N>> Flat<N> for Vec<I> {
    fn flat(&self, out: &mut Vec<N>) {
        self.iter().for_each(|item| item.flat(out));
    }
}

impl<N, I: Flat<N>> Flat<N> for Option<I> {
    fn flat(&self, out: &mut Vec<N>) {
        self.iter().for_each(|item| item.flat(out));
    }
}

impl<T, A: Flat<T>, B: Flat<T>> Flat<T> for (A, B) {
    fn flat(&self, out: &mut Vec<T>) {
        self.0.flat(out);
        self.1.flat(out);
    }
}

impl<T: nalgebra::Scalar + Flat<T>> Flat<T> for nalgebra::DVector<T> {
    fn flat(&self, out: &mut Vec<T>) {
        self.iter().for_each(|item| item.flat(out));
    }
}

impl<T: nalgebra::Scalar + Flat<T>> Flat<T> for nalgebra::Vector3<T> {
    fn flat(&self, out: &mut Vec<T>) {
        self.iter().for_each(|item| item.flat(out));
    }
}

/// The numbers of a value.
pub fn flat<T, A: Flat<T> + ?Sized>(value: &A) -> Vec<T> {
    let mut out = Vec::new();
    value.flat(&mut out);
    out
}

/// A cotangent of a value, made of the numbers that come next.
pub fn seeded<A: Differentiable>(
    value: &A,
    numbers: &mut impl Iterator<Item = f64>,
) -> TangentOf<A> {
    let mut seed = zero(value);
    seed.ad_map_components(&mut |_| numbers.next().unwrap_or(0.0));
    seed
}

/// The zero of the tangents of a value.
pub fn zero<A: Differentiable>(value: &A) -> TangentOf<A> {
    A::ad_zero(&value.ad_shape())
}

/// Appends the components of a tangent.
pub fn components<T: Tangent>(tangent: &T, out: &mut Vec<f64>) {
    tangent.ad_components(&mut |c| out.push(c));
}

/// What an interface gave: what came out, value and contents left; and the gradient.
#[derive(Debug)]
pub struct Outcome {
    /// Value and contents of what was lent, afterwards.
    pub outputs: Vec<f64>,
    /// The gradient, a number for each input; without number where the interface does not have it.
    pub gradient: Vec<Option<f64>>,
}

/// `vjp` or `adjoint` of a generated program.
pub type Pull = fn(&[f64], usize, &[f64]) -> Result<Outcome, String>;

/// A generated program, with all its interfaces as functions of flat numbers.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The number of the program.
    pub number: usize,
    /// How many numbers it takes.
    pub inputs: usize,
    /// The plain function.
    pub primal: fn(&[f64], usize) -> Vec<f64>,
    /// The same over dual numbers.
    pub dual: fn(&[Dual], usize) -> Vec<Dual>,
    /// `value_and_grad`, of programs whose value is a number.
    pub gradient: Option<fn(&[f64], usize) -> Outcome>,
    /// `vjp`, with the pullback called twice.
    pub vjp: Pull,
    /// `adjoint`, called twice.
    pub adjoint: Pull,
    /// What a program of second order has besides.
    pub second: Option<Second>,
}

/// What comes out at a point, and its derivative along a direction.
pub type Along = fn(&[f64], usize, &[f64]) -> (Vec<f64>, Vec<f64>);

/// Second derivatives at a point, along a direction.
pub type Product = fn(&[f64], usize, &[f64]) -> Curvature;

/// The interfaces of a program of second order.
#[derive(Clone, Copy, Debug)]
pub struct Second {
    /// `jvp`.
    pub tangent: Along,
    /// Second derivatives, of programs whose value is a number and that write nothing.
    pub curvature: Option<Product>,
}

/// Derivatives of second order.
#[derive(Debug)]
pub struct Curvature {
    /// The value from `value_grad_hessian`.
    pub value: f64,
    /// The gradient from it.
    pub gradient: Vec<Option<f64>>,
    /// `hvp` along a direction.
    pub product: Vec<Option<f64>>,
    /// The Hessian from `value_grad_hessian`.
    pub matrix: nalgebra::DMatrix<f64>,
    /// Is `hessian` the same?
    pub same: bool,
}

/// Runs the programs and prints a line for each: its number, the verdict, details.
pub fn main(programs: &[Program]) {
    std::panic::set_hook(Box::new(|_| {}));
    let only: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    for program in programs {
        if !only.is_empty() && !only.contains(&program.number) {
            continue;
        }
        println!("{}\tbegin\t", program.number);
        let line = match check(program) {
            Ok((0, _)) => "skipped\tno point without kink or overflow".to_string(),
            Ok((_, bits)) => format!("ok\t{bits:016x}"),
            Err(message) => message,
        };
        println!("{}\t{line}", program.number);
    }
}

/// A point, the same for every program.
fn point(k: usize, inputs: usize) -> Vec<f64> {
    let mut rng = fastrand::Rng::with_seed(17 + k as u64);
    (0..inputs)
        .map(|_| {
            let size = 0.15 + 1.4 * rng.f64();
            if rng.f64() < 0.35 { -size } else { size }
        })
        .collect()
}

fn caught<T>(what: &str, f: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("?");
        format!("{what} panics: {}", text.replace(['\n', '\t'], " "))
    })
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn check(program: &Program) -> Result<(usize, u64), String> {
    let mut points = 0;
    let mut hasher = DefaultHasher::new();
    for (k, n) in [3, 0, 2, 5, 1, 4].into_iter().enumerate() {
        let at = point(k, program.inputs);
        let invalid = |message| format!("invalid\t{message}");
        let plain = caught("plain function", || (program.primal)(&at, n)).map_err(invalid)?;
        dual::reset();
        let mut jacobian = Vec::new();
        let along = match program.second {
            Some(_) => (1_u32..)
                .take(program.inputs)
                .map(|k| f64::from(k).cos())
                .collect(),
            None => vec![0.0; program.inputs],
        };
        for direction in 0..program.inputs {
            let input: Vec<Dual> = at
                .iter()
                .enumerate()
                .map(|(i, v)| Dual {
                    value: *v,
                    slope: if i == direction { 1.0 } else { 0.0 },
                    other: along[i],
                    both: 0.0,
                })
                .collect();
            let out = caught("dual function", || (program.dual)(&input, n)).map_err(invalid)?;
            let values: Vec<f64> = out.iter().map(|d| d.value).collect();
            let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-11 * (1.0 + a.abs());
            if out.iter().all(|d| d.value.is_finite())
                && (values.len() != plain.len() || !values.iter().zip(&plain).all(near))
            {
                return Err(format!(
                    "invalid\tthe twin gives {values:?}, the program {plain:?}"
                ));
            }
            jacobian.push(out);
        }
        let large = dual::largest();
        if dual::kink() || large > 1e7 || plain.is_empty() {
            continue;
        }
        points += 1;
        let scale = 1.0 + large;
        let wrong = |what: &str, got: &dyn std::fmt::Debug, expected: &dyn std::fmt::Debug| {
            format!("wrong\t{what} at {at:?}, n = {n}: {got:?}, not {expected:?}")
        };
        let mut compare = |what: &str, outcome: &Outcome, seed: &[f64]| {
            if !same_bits(&outcome.outputs, &plain) {
                return Err(wrong(&format!("value of {what}"), &outcome.outputs, &plain));
            }
            let expected: Vec<f64> = jacobian
                .iter()
                .map(|out| out.iter().zip(seed).map(|(d, s)| d.slope * s).sum())
                .collect();
            let bad = |(g, e): (&Option<f64>, &f64)| {
                g.is_some_and(|g| (g - e).abs() > 1e-12 * scale || g.is_nan())
            };
            if outcome.gradient.len() != expected.len()
                || outcome.gradient.iter().zip(&expected).any(bad)
            {
                return Err(wrong(what, &outcome.gradient, &expected));
            }
            for number in outcome.gradient.iter().flatten().chain(&outcome.outputs) {
                hasher.write_u64((number + 0.0).to_bits());
            }
            Ok(())
        };
        let panics = |message: String| format!("wrong\t{message} at {at:?}, n = {n}");
        let seed: Vec<f64> = (1_u32..)
            .take(plain.len())
            .map(|k| f64::from(k).sin())
            .collect();
        let outcome = caught("`vjp`", || (program.vjp)(&at, n, &seed)).map_err(panics)?;
        let outcome = outcome.map_err(|message| format!("wrong\t{message} at {at:?}, n = {n}"))?;
        compare("`vjp`", &outcome, &seed)?;
        let outcome = caught("`adjoint`", || (program.adjoint)(&at, n, &seed)).map_err(panics)?;
        let outcome = outcome.map_err(|message| format!("wrong\t{message} at {at:?}, n = {n}"))?;
        compare("`adjoint`", &outcome, &seed)?;
        if let Some(gradient) = program.gradient {
            let outcome = caught("`value_and_grad`", || gradient(&at, n)).map_err(panics)?;
            let mut seed = vec![0.0; plain.len()];
            seed[0] = 1.0;
            compare("`value_and_grad`", &outcome, &seed)?;
        }
        let Some(second) = program.second else {
            continue;
        };
        let steepest = dual::steepest();
        if steepest > 1e7 {
            continue;
        }
        let scale = 1.0 + steepest;
        let mut near = |what: &str, got: &[f64], expected: &[f64]| {
            let bad = |(g, e): (&f64, &f64)| (g - e).abs() > 1e-12 * scale || g.is_nan();
            if got.len() != expected.len() || got.iter().zip(expected).any(bad) {
                return Err(wrong(what, &got, &expected));
            }
            for number in got {
                hasher.write_u64((number + 0.0).to_bits());
            }
            Ok(())
        };
        let run = || (second.tangent)(&at, n, &along);
        let (outputs, slopes) = caught("`jvp`", run).map_err(panics)?;
        if !same_bits(&outputs, &plain) {
            return Err(wrong("value of `jvp`", &outputs, &plain));
        }
        let expected: Vec<f64> = jacobian[0].iter().map(|d| d.other).collect();
        near("`jvp`", &slopes, &expected)?;
        if let Some(curvature) = second.curvature {
            let run = || curvature(&at, n, &along);
            let found = caught("`hvp` or `hessian`", run).map_err(panics)?;
            if !found.same || !same_bits(&[found.value], &plain) {
                return Err(wrong(
                    "`value_grad_hessian` beside `hessian`",
                    &found,
                    &plain,
                ));
            }
            let numbers =
                |all: &[Option<f64>]| -> Vec<f64> { all.iter().flatten().copied().collect() };
            let expected: Vec<f64> = jacobian.iter().map(|out| out[0].slope).collect();
            near(
                "gradient of `value_grad_hessian`",
                &numbers(&found.gradient),
                &expected,
            )?;
            let expected: Vec<f64> = jacobian.iter().map(|out| out[0].both).collect();
            near("`hvp`", &numbers(&found.product), &expected)?;
            let along = nalgebra::DVector::from_column_slice(&along);
            near(
                "rows of `hessian`",
                (&found.matrix * &along).as_slice(),
                &expected,
            )?;
            near(
                "columns of `hessian`",
                found.matrix.tr_mul(&along).as_slice(),
                &expected,
            )?;
        }
    }
    Ok((points, hasher.finish()))
}
