//! What a check hands back.

use core::fmt;

use super::difference::{Ladder, Rung};

/// What a check found.
#[derive(Clone, Debug)]
#[must_use = "a report that nobody reads passes every test; call `assert`"]
pub struct Report {
    /// The derivative that was checked.
    what: &'static str,
    /// Of which call, if that is known.
    call: Option<String>,
    /// Names of the inputs, and how many components each has, as far as they are known.
    inputs: Vec<(String, usize)>,
    tolerance: f64,
    compared: usize,
    worst: Option<Entry>,
    failures: Vec<Entry>,
    problems: Vec<String>,
}

impl Report {
    /// Did everything agree?
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty() && self.problems.is_empty()
    }

    /// The entry with the largest error.
    #[must_use]
    pub fn worst(&self) -> Option<&Entry> {
        self.worst.as_ref()
    }

    /// The entries that do not agree, largest error first.
    #[must_use]
    pub fn failures(&self) -> &[Entry] {
        &self.failures
    }

    /// What is wrong apart from single entries: results that are not repeatable, wrong numbers of components.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The tolerance that was used.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// Says in the report which call was checked, and what its inputs are called: a name for each, with the number of its
    /// components.
    pub fn of(mut self, call: &str, inputs: &[(&str, usize)]) -> Self {
        self.call = Some(call.to_owned());
        self.inputs = inputs
            .iter()
            .map(|(name, n)| ((*name).to_owned(), *n))
            .collect();
        self
    }

    /// A direction in the space of the inputs, by the name of the input in which it lies.
    fn input(&self, along: Along) -> String {
        if let Along::Component(mut k) = along {
            for (name, count) in &self.inputs {
                match (k < *count, count) {
                    (true, 1) => return name.clone(),
                    (true, _) => return format!("component {k} of {name}"),
                    (false, _) => k -= count,
                }
            }
        }
        format!("input {along}")
    }

    /// Does nothing if everything agreed.
    ///
    /// # Panics
    /// With the report, if something did not agree.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.passed(), "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let Report {
            what,
            call,
            tolerance,
            compared,
            worst,
            failures,
            problems,
            ..
        } = self;
        write!(f, "{what} check")?;
        if let Some(call) = call {
            write!(f, " of `{call}`")?;
        }
        let entry =
            |it: &Entry| format!("output {} along {}: {it}", it.output, self.input(it.input));
        if self.passed() {
            write!(f, " passed: {compared} entries within {tolerance:.1e}")?;
            return match worst {
                Some(worst) => write!(f, "; the worst is {}", entry(worst)),
                None => Ok(()),
            };
        }
        write!(f, " failed")?;
        for problem in problems {
            write!(f, "\n  {problem}")?;
        }
        if !failures.is_empty() {
            let failed = failures.len();
            write!(
                f,
                "\n  {failed} of {compared} entries are not within {tolerance:.1e}:"
            )?;
        }
        for failure in failures.iter().take(SHOWN) {
            write!(f, "\n  - {}", entry(failure))?;
        }
        if failures.len() > SHOWN {
            write!(f, "\n  - and {} more", failures.len() - SHOWN)?;
        }
        Ok(())
    }
}

/// One comparison: the derivative of an output along an input.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Along which the function was moved.
    pub input: Along,
    /// Which the value was multiplied by.
    pub output: Along,
    /// The derivative by differences; NaN if the function is not finite around the point.
    pub expected: f64,
    /// The derivative from the gradient.
    pub got: f64,
    /// Their distance relative to the largest derivative, without what rounding in the differences explains.
    pub error: f64,
    /// The step of the differences.
    pub step: f64,
    /// By how much the differences changed from the next larger step.
    pub change: f64,
}

impl Entry {
    pub(super) fn judge(
        input: Along,
        output: Along,
        got: f64,
        ladder: &Ladder,
        tolerance: f64,
        scale: f64,
    ) -> Self {
        let Some(rung) = ladder.choose(0.25 * tolerance * scale) else {
            let (expected, step, change) = (f64::NAN, f64::NAN, f64::NAN);
            return Entry {
                input,
                output,
                expected,
                got,
                error: f64::INFINITY,
                step,
                change,
            };
        };
        let excess = (got - rung.slope).abs() - rung.rounding;
        let error = match excess {
            _ if excess.is_nan() => f64::INFINITY,
            _ if excess <= 0.0 => 0.0,
            _ => excess / scale,
        };
        let Rung {
            slope: expected,
            step,
            change,
            ..
        } = rung;
        Entry {
            input,
            output,
            expected,
            got,
            error,
            step,
            change,
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entry {
            expected,
            got,
            error,
            step,
            change,
            ..
        } = self;
        if expected.is_nan() {
            return write!(f, "got {got:e}, but no step gives finite differences");
        }
        write!(
            f,
            "expected {expected:e} (differences, step {step:.1e}, steady to {change:.0e}), got {got:e}, \
             relative error {error:.1e}"
        )
    }
}

/// A direction in the space of the inputs or of the outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// One component, counted from zero through tuples, slices and fields from left to right, through matrices column
    /// by column.
    Component(usize),
    /// The random direction of this number.
    Random(usize),
}

impl fmt::Display for Along {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Along::Component(k) => write!(f, "component {k}"),
            Along::Random(k) => write!(f, "direction {k} (random)"),
        }
    }
}

/// What is known before the entries are compared.
pub(super) struct Findings {
    pub(super) what: &'static str,
    pub(super) problems: Vec<String>,
}

impl Default for Findings {
    fn default() -> Self {
        Findings {
            what: "gradient",
            problems: Vec::new(),
        }
    }
}

impl Findings {
    pub(super) fn expect_equal(&mut self, what: &str, left: &[f64], right: &[f64]) {
        if left.len() != right.len() {
            let (left, right) = (left.len(), right.len());
            self.problems
                .push(format!("{what}, differ: {left} and {right} components"));
        } else if let Some(k) = (0..left.len()).find(|&k| left[k].to_bits() != right[k].to_bits()) {
            let (left, right) = (left[k], right[k]);
            self.problems.push(format!(
                "{what}, differ in component {k}: {left:e} and {right:e}"
            ));
        }
    }

    pub(super) fn report(self, tolerance: f64, mut entries: Vec<Entry>) -> Report {
        entries.sort_by(|a, b| b.error.total_cmp(&a.error));
        Report {
            what: self.what,
            call: None,
            inputs: Vec::new(),
            tolerance,
            compared: entries.len(),
            worst: entries.first().copied(),
            failures: entries
                .into_iter()
                .filter(|it| it.error > tolerance)
                .collect(),
            problems: self.problems,
        }
    }
}
