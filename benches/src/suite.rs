//! The clock, the comparison of gradients, and the table.

use std::collections::HashMap;
use std::env;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use differentiate::Workspace;
use nalgebra::{DMatrix, DVector, SVector};

/// How long the rounds of one line may take.
const BUDGET: Duration = Duration::from_millis(700);

/// Gradients that differ by more than this part of their largest entry are not the same.
const TOLERANCE: f64 = 1e-10;

/// The head of the table.
const HEAD: &str = "\
| program | size | primal | adjoint / primal | value_and_grad / primal | by hand / primal | adjoint / by hand | allocations | allocations by hand | peak | peak by hand |
|---|---|---|---|---|---|---|---|---|---|---|
";

/// What one call asks the allocator for.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// How often it asks.
    pub allocations: usize,
    /// How many bytes it has at most at a time, beyond what was there before.
    pub peak: usize,
}

/// Counts the memory of a call.
pub type Count = fn(&mut dyn FnMut()) -> Memory;

/// What is done with a program.
pub(crate) enum Mode {
    /// Its memory is counted and printed.
    Count(Count),
    /// Its times are taken. The memory of each program, that of the adjoint and that of the work by hand, is known.
    Time(HashMap<String, [Memory; 2]>),
}

impl Default for Mode {
    fn default() -> Self {
        Mode::Time(HashMap::new())
    }
}

/// What was asked for on the command line, and the lines so far.
#[derive(Default)]
pub(crate) struct Suite {
    pub(crate) mode: Mode,
    /// Subjects whose name contains one of these are run; all if there are none.
    pub(crate) filters: Vec<String>,
    /// Whether sizes that take long are run too.
    pub(crate) full: bool,
    /// While there is one, sweeps find the memory of the last one, however large.
    pub(crate) workspace: Option<Workspace>,
    lines: Vec<(f64, String)>,
}

/// One line to be: a program, its input, and shadows that are zero.
pub(crate) struct Subject<I, S> {
    pub(crate) program: &'static str,
    pub(crate) size: String,
    pub(crate) input: I,
    pub(crate) shadow: S,
}

impl Suite {
    pub(crate) fn new(mode: Mode) -> Self {
        Suite {
            mode,
            ..Suite::default()
        }
    }

    /// Whether this program was asked for.
    pub(crate) fn wants(&self, program: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|it| program.contains(it.as_str()))
    }

    /// Compares the three gradients, then takes the time of the four. Each takes the input; the second and the last
    /// return the value and add the gradient to shadows, which stay between calls.
    pub(crate) fn line<I, S: Flat + Clone, G: Flat>(
        &mut self,
        subject: Subject<I, S>,
        primal: impl Fn(&I) -> f64,
        adjoint: impl Fn(&I, &mut S) -> f64,
        value_and_grad: impl Fn(&I) -> (f64, G),
        by_hand: impl Fn(&I, &mut S) -> f64,
    ) {
        let Subject {
            program,
            size,
            input,
            shadow,
        } = subject;
        if !self.wants(program) {
            return;
        }

        let value = primal(&input);
        let agree = |who: &str, found: f64, gradient: &[f64], expected: &[f64]| {
            let off = (found - value).abs() / value.abs().max(f64::MIN_POSITIVE);
            assert!(
                off < TOLERANCE,
                "{program}, {size}: {who} has another value, {found}, not {value}"
            );
            let off = difference(gradient, expected);
            assert!(
                off < TOLERANCE,
                "{program}, {size}: {who} is off by {off:e}"
            );
        };
        let mut hand_shadow = shadow.clone();
        let hand_value = by_hand(&input, &mut hand_shadow);
        let expected = hand_shadow.entries();
        agree("the work by hand", hand_value, &expected, &expected);
        let mut warm = shadow;
        let adjoint_value = adjoint(&input, &mut warm);
        agree("`adjoint`", adjoint_value, &warm.entries(), &expected);
        let (grad_value, gradient) = value_and_grad(&input);
        agree(
            "`value_and_grad`",
            grad_value,
            &gradient.entries(),
            &expected,
        );

        let key = format!("{program} | {size}");
        let memory = match &self.mode {
            Mode::Count(count) => {
                let mut ours = count(&mut || {
                    black_box(adjoint(&input, &mut warm));
                });
                // The peak is that of a sweep which finds no memory of an earlier one.
                let keeps = self.workspace.take().is_some();
                drop(Workspace::new());
                let cold = count(&mut || {
                    black_box(adjoint(&input, &mut warm));
                });
                ours.peak = cold.peak;
                self.workspace = keeps.then(Workspace::new);
                let by_hand = count(&mut || {
                    black_box(by_hand(&input, &mut hand_shadow));
                });
                println!(
                    "{key}\t{}\t{}\t{}\t{}",
                    ours.allocations, ours.peak, by_hand.allocations, by_hand.peak
                );
                return;
            }
            Mode::Time(memory) => memory.get(&key).copied(),
        };
        let [ours, theirs] = memory.expect("the other program runs the same programs");
        let [primal, adjoint, value_and_grad, by_hand] = times([
            &mut || {
                black_box(primal(black_box(&input)));
            },
            &mut || {
                black_box(adjoint(black_box(&input), black_box(&mut warm)));
            },
            &mut || {
                black_box(value_and_grad(black_box(&input)));
            },
            &mut || {
                black_box(by_hand(black_box(&input), black_box(&mut hand_shadow)));
            },
        ]);

        let line = format!(
            "| {program} | {size} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {} | {} | {} |",
            seconds(primal),
            adjoint / primal,
            value_and_grad / primal,
            by_hand / primal,
            adjoint / by_hand,
            ours.allocations,
            theirs.allocations,
            bytes(ours.peak),
            bytes(theirs.peak),
        );
        if self.lines.is_empty() {
            print!("{HEAD}");
        }
        println!("{line}");
        self.lines.push((adjoint / by_hand, line));
    }

    /// The table of those lines that are wanted, by what stands in their first columns.
    pub(crate) fn table(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut table = String::from(HEAD);
        for (_, line) in &self.lines {
            if wanted(&line[2..]) {
                let _ = writeln!(table, "{line}");
            }
        }
        table
    }

    /// How many lines there are, and in how many the gradient takes at most `limit` times the time of that by hand.
    pub(crate) fn within(&self, limit: f64) -> (usize, usize) {
        let within = self.lines.iter().filter(|(it, _)| *it <= limit).count();
        (self.lines.len(), within)
    }
}

/// A time in a unit that suits it.
pub(crate) fn seconds(time: f64) -> String {
    let (unit, scale) = match time {
        ..1e-6 => ("ns", 1e9),
        ..1e-3 => ("µs", 1e6),
        _ => ("ms", 1e3),
    };
    format!("{:.1} {unit}", time * scale)
}

/// The shortest time of a call of each, in seconds. They take turns, so that what else the machine does meets all of
/// them; noise only ever adds, so the shortest is the steadiest.
pub(crate) fn times<const N: usize>(mut each: [&mut dyn FnMut(); N]) -> [f64; N] {
    let calls = each.each_mut().map(|f| {
        let start = Instant::now();
        f();
        let once = start.elapsed().max(Duration::from_nanos(10));
        u32::try_from(Duration::from_micros(100).as_nanos() / once.as_nanos())
            .map_or(1000, |it| it.clamp(1, 1000))
    });
    let mut shortest = [f64::INFINITY; N];
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < 5 || begin.elapsed() < BUDGET {
        for ((f, calls), shortest) in each.iter_mut().zip(calls).zip(&mut shortest) {
            let start = Instant::now();
            for _ in 0..calls {
                f();
            }
            *shortest = shortest.min(start.elapsed().as_secs_f64() / f64::from(calls));
        }
        rounds += 1;
    }
    shortest
}

/// What the other program counts for the same arguments.
pub(crate) fn counted() -> HashMap<String, [Memory; 2]> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--release", "--bin", "count", "--"])
        .args(env::args().skip(1))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "memory can be counted");
    let text = String::from_utf8(output.stdout).expect("names and numbers");
    text.lines()
        .map(|line| {
            let mut parts = line.split('\t');
            let key = parts.next().unwrap_or_default().to_owned();
            let mut number = || {
                let part = parts.next().expect("four numbers");
                part.parse().expect("a number")
            };
            let mut memory = || Memory {
                allocations: number(),
                peak: number(),
            };
            (key, [memory(), memory()])
        })
        .collect()
}

/// So many bytes in a unit that suits them.
fn bytes(count: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "no memory is that large")]
    let count = count as f64;
    match count {
        ..1024.0 => format!("{count} B"),
        ..1_048_576.0 => format!("{:.1} KiB", count / 1024.0),
        _ => format!("{:.1} MiB", count / 1_048_576.0),
    }
}

/// The largest difference, as a part of the largest entry.
fn difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(
        a.len(),
        b.len(),
        "gradients of the same function have the same shape"
    );
    let largest = b.iter().fold(f64::MIN_POSITIVE, |m, it| m.max(it.abs()));
    a.iter().zip(b).fold(0.0, |worst, (a, b)| {
        let off = (a - b).abs() / largest;
        if off.is_nan() {
            f64::NAN
        } else {
            worst.max(off)
        }
    })
}

/// The numbers in a gradient, in order.
pub(crate) trait Flat {
    fn put(&self, into: &mut Vec<f64>);

    fn entries(&self) -> Vec<f64> {
        let mut all = Vec::new();
        self.put(&mut all);
        all
    }
}

impl Flat for f64 {
    fn put(&self, into: &mut Vec<f64>) {
        into.push(*self);
    }
}

impl<T: Flat> Flat for Vec<T> {
    fn put(&self, into: &mut Vec<f64>) {
        self.iter().for_each(|it| it.put(into));
    }
}

impl<T: Flat, const N: usize> Flat for [T; N] {
    fn put(&self, into: &mut Vec<f64>) {
        self.iter().for_each(|it| it.put(into));
    }
}

impl Flat for DMatrix<f64> {
    fn put(&self, into: &mut Vec<f64>) {
        into.extend_from_slice(self.as_slice());
    }
}

impl Flat for DVector<f64> {
    fn put(&self, into: &mut Vec<f64>) {
        into.extend_from_slice(self.as_slice());
    }
}

impl<const N: usize> Flat for SVector<f64, N> {
    fn put(&self, into: &mut Vec<f64>) {
        into.extend(self.iter());
    }
}

macro_rules! flat_tuples {
    ($(($($T:ident $i:tt)*))*) => {
        $(impl<$($T: Flat),*> Flat for ($($T,)*) {
            fn put(&self, into: &mut Vec<f64>) {
                $(self.$i.put(into);)*
            }
        })*
    };
}
flat_tuples!((A 0) (A 0 B 1) (A 0 B 1 C 2) (A 0 B 1 C 2 D 3) (A 0 B 1 C 2 D 3 E 4));

/// A cotangent that is no part of the gradient, such as that of a work buffer.
#[derive(Clone)]
pub(crate) struct Work<T>(pub(crate) T);

impl<T> Flat for Work<T> {
    fn put(&self, _into: &mut Vec<f64>) {}
}

/// Unrelated numbers between -1 and 1.
pub(crate) fn numbers(count: usize, seed: u32) -> Vec<f64> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 23) - 1.0
    };
    (0..count).map(next).collect()
}

/// Unrelated entries between -1 and 1, divided by the square root of the number of columns.
pub(crate) fn matrix(rows: usize, columns: usize, seed: u32) -> DMatrix<f64> {
    #[expect(clippy::cast_precision_loss, reason = "no matrix here is that large")]
    let size = (columns as f64).sqrt();
    DMatrix::from_vec(rows, columns, numbers(rows * columns, seed)) / size
}
