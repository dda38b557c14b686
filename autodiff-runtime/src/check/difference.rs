//! Central differences over a ladder of steps.

use super::report::Along;

/// The slope by differences with one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rung {
    pub(super) step: f64,
    pub(super) slope: f64,
    /// The distance to the slope with the next larger step.
    pub(super) change: f64,
    /// What rounding of the function's values may contribute to the slope.
    pub(super) rounding: f64,
}

/// The slopes of one output along one direction, largest step first; only finite ones that have a finite neighbour.
#[derive(Clone, Debug, Default)]
pub(super) struct Ladder {
    rungs: Vec<Rung>,
}

impl Ladder {
    /// The ladders of all outputs along one direction, where `value(step)` is the displaced value.
    ///
    /// Ends as soon as all outputs agree with themselves and with the gradient.
    pub(super) fn climb(
        steps: impl Iterator<Item = f64>,
        spacing: f64,
        tolerance: f64,
        cotangents: &[(Along, Vec<f64>)],
        claims: &[f64],
        value: &dyn Fn(f64) -> Vec<f64>,
    ) -> Vec<Ladder> {
        let mut ladders = vec![Ladder::default(); cotangents.len()];
        let mut before: Option<Vec<f64>> = None;
        for step in steps {
            let ring = [1.0, -1.0, 2.0, -2.0, 3.0, -3.0].map(|k| value(k * step));
            let mut slopes = Vec::with_capacity(cotangents.len());
            let mut settled = true;
            for (k, (_, cotangent)) in cotangents.iter().enumerate() {
                let [a, b, c, d, e, f] = ring.each_ref().map(|y| product(y, cotangent));
                let slope = (45.0 * (a - b) - 9.0 * (c - d) + (e - f)) / (60.0 * step);
                slopes.push(slope);
                let change = before
                    .as_ref()
                    .map_or(f64::NAN, |before| (slope - before[k]).abs());
                if !change.is_finite() {
                    settled = false;
                    continue;
                }
                let size = ring.iter().map(|y| size(y, cotangent)).fold(0.0, f64::max);
                let rounding = 4.0 * spacing * size / step;
                let close = 0.1 * tolerance * slope.abs() + rounding;
                // A slope of exactly zero may mean that all displaced points lie where the function is saturated.
                settled &= slope != 0.0 && change <= close && (slope - claims[k]).abs() <= close;
                ladders[k].rungs.push(Rung {
                    step,
                    slope,
                    change,
                    rounding,
                });
            }
            if settled {
                break;
            }
            before = Some(slopes);
        }
        ladders
    }

    /// The size of the largest slope of all ladders, as far as slopes are steady at all.
    pub(super) fn scale<'a>(ladders: impl Iterator<Item = &'a Ladder> + Clone) -> f64 {
        let steady = |ladder: &Ladder| {
            let slope =
                |rung: &Rung| (rung.change <= 1e-3 * rung.slope.abs()).then_some(rung.slope);
            ladder.rungs.iter().rev().find_map(slope)
        };
        let largest = ladders.clone().filter_map(steady).fold(0.0, larger);
        if largest > 0.0 {
            return largest;
        }
        // The gradient vanishes: what the differences show instead is the only measure.
        ladders
            .flat_map(|ladder| &ladder.rungs)
            .map(|rung| rung.slope)
            .fold(0.0, larger)
    }

    /// The rung that changed least.
    fn steadiest(&self) -> Option<Rung> {
        self.rungs
            .iter()
            .copied()
            .min_by(|a, b| a.change.total_cmp(&b.change))
    }

    /// The smallest step that is steady up to `allowed`; a larger step may overlook what happens close to the point.
    pub(super) fn choose(&self, allowed: f64) -> Option<Rung> {
        let steady = self.rungs.iter().rev().find(|it| it.change <= allowed);
        steady.copied().or_else(|| self.steadiest())
    }
}

fn larger(size: f64, slope: f64) -> f64 {
    size.max(slope.abs())
}

/// `⟨a, b⟩`; NaN if the numbers of components differ, as they may for an `Option` that is present at some points only.
pub(super) fn product(a: &[f64], b: &[f64]) -> f64 {
    if a.len() != b.len() {
        return f64::NAN;
    }
    // Zeros of a basis vector are left out, so that an infinite component does not spoil the others.
    a.iter()
        .zip(b)
        .filter(|(_, b)| **b != 0.0)
        .map(|(a, b)| a * b)
        .sum()
}

/// `Σ |a b|`.
fn size(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a * b).abs()).sum()
}
