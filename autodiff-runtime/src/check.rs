//! The gradient checker: does a gradient agree with differences of the function?
//!
//! Of a function with the attribute it is one line: `differentiate::check!(area(3.0, 4.0))` in a test, or
//! `#[differentiate(test(3.0, 4.0))]` on the function, which makes the test. What follows is for derivatives written by
//! hand, and for whoever wants the [`Report`].
//!
//! [`gradient`] checks a function with one number as its value, [`pullback`] one with any number of values, [`tangent`]
//! its derivative along a tangent, [`hessian`] its second derivatives. All take closures, compare the two sides at one
//! point and return a [`Report`], which a test asserts:
//!
//! ```
//! # extern crate autodiff_runtime as differentiate;
//! use differentiate::check;
//!
//! fn area(width: f64, height: f64) -> f64 {
//!     width * height
//! }
//!
//! check::gradient(
//!     |(w, h)| area(*w, *h),
//!     |(w, h)| (*h, *w), // or `area::grad(*w, *h)`
//!     &(3.0, 4.0),
//! )
//! .assert();
//! ```
//!
//! **What is compared.** The function is moved along every component of its inputs, or along random directions if there
//! are more than 64 components, and its value is read off component by component, or against random cotangents if
//! there are more than 64. Each comparison is the identity `⟨v, J u⟩ = ⟨Jᵀ v, u⟩` for one direction `u` and one
//! cotangent `v`: the left side comes from central differences with seven points, the right side from the gradient.
//! Random `u` and `v` are compared as well. The step runs down a ladder, and the differences must agree with
//! those of the next larger step.
//!
//! Further, the function, the gradient and the pullback must be repeatable, bit for bit, and the function must give the
//! same value after the gradient has been computed, which it does not if its inputs have been changed.
//!
//! **What it cannot see.** At a kink or at the edge of a domain differences have no meaning: choose a point beside it.
//! The largest step displaces a component by about 0.2 (`f64`) or 0.75 (`f32`); where inputs are far larger than one,
//! rounding spoils differences of that size, and [`Check::largest_step`] should be raised in proportion.

use nalgebra::DMatrix;

use crate::differentiable::{Differentiable, Real, TangentOf};
use crate::tangent::Tangent;

#[doc(hidden)]
pub mod call;
mod difference;
mod direction;
mod report;

use difference::{Ladder, product};
use direction::{Random, probes};
use report::Findings;

pub use report::{Along, Entry, Report};

/// Compares a gradient with differences of `primal` at the point `at`; see the [module](self).
///
/// Several inputs are one tuple, whose gradient is the tuple of their gradients.
///
/// ```should_panic
/// # extern crate autodiff_runtime as differentiate;
/// use differentiate::check;
///
/// // The gradient of a sum of squares lacks its factor 2.
/// check::gradient(
///     |x: &Vec<f64>| x.iter().map(|x| x * x).sum::<f64>(),
///     |x| x.clone(),
///     &vec![1.0, 2.0, 3.0],
/// )
/// .assert();
/// ```
pub fn gradient<'a, X, Y>(
    primal: impl Fn(&X) -> Y,
    gradient: impl Fn(&'a X) -> TangentOf<X>,
    at: &'a X,
) -> Report
where
    X: Differentiable<Owned = X>,
    Y: Real,
{
    Check::new().gradient(primal, gradient, at)
}

/// Compares a pullback with differences of `primal` at the point `at`; see the [module](self).
///
/// `vjp` returns the value and its pullback, as `f::vjp` does. The value must be made of numbers only, so that it is
/// its own tangent: numbers, tuples, arrays, `Vec`s and matrices of them. Of another value, return in both closures the
/// part to be checked.
///
/// ```
/// # extern crate autodiff_runtime as differentiate;
/// use differentiate::check;
///
/// fn cartesian(r: f64, angle: f64) -> [f64; 2] {
///     [r * angle.cos(), r * angle.sin()]
/// }
///
/// // What `cartesian::vjp` returns: the value and its pullback.
/// fn vjp(r: f64, angle: f64) -> ([f64; 2], impl Fn([f64; 2]) -> (f64, f64)) {
///     let (sin, cos) = angle.sin_cos();
///     let pull = move |[x, y]: [f64; 2]| (x * cos + y * sin, r * (y * cos - x * sin));
///     ([r * cos, r * sin], pull)
/// }
///
/// check::pullback(
///     |(r, angle)| cartesian(*r, *angle),
///     |(r, angle)| vjp(*r, *angle),
///     &(2.0, 0.7),
/// )
/// .assert();
/// ```
pub fn pullback<'a, X, Y, P>(
    primal: impl Fn(&X) -> Y,
    vjp: impl Fn(&'a X) -> (Y, P),
    at: &'a X,
) -> Report
where
    X: Differentiable<Owned = X>,
    Y: Differentiable<Tangent = Y> + Tangent,
    P: Fn(Y) -> TangentOf<X>,
{
    Check::new().pullback(primal, vjp, at)
}

/// Compares the derivative along tangents, as `f::jvp` gives it, with differences of `primal` at the point `at`; see the
/// [module](self).
///
/// `jvp` returns the value and its tangent. The value must be made of numbers only, as for [`pullback`].
///
/// ```
/// # extern crate autodiff_runtime as differentiate;
/// use differentiate::check;
///
/// check::tangent(
///     |(w, h): &(f64, f64)| w * h,
///     |(w, h), (dw, dh)| (w * h, w * dh + dw * h),
///     &(3.0, 4.0),
/// )
/// .assert();
/// ```
pub fn tangent<X, Y>(
    primal: impl Fn(&X) -> Y,
    jvp: impl Fn(&X, &TangentOf<X>) -> (Y, Y),
    at: &X,
) -> Report
where
    X: Differentiable<Owned = X>,
    Y: Differentiable<Tangent = Y> + Tangent,
{
    Check::new().tangent(primal, jvp, at)
}

/// Compares a Hessian, as `f::hessian` gives it, with differences of the gradient at the point `at`; see the
/// [module](self).
///
/// ```
/// # extern crate autodiff_runtime as differentiate;
/// use differentiate::{check, nalgebra::dmatrix};
///
/// check::hessian(
///     |(w, h): &(f64, f64)| (2.0 * w * h, w * w),
///     |(w, h)| dmatrix![2.0 * h, 2.0 * w; 2.0 * w, 0.0],
///     &(3.0, 4.0),
/// )
/// .assert();
/// ```
pub fn hessian<X>(
    gradient: impl Fn(&X) -> TangentOf<X>,
    hessian: impl Fn(&X) -> DMatrix<f64>,
    at: &X,
) -> Report
where
    X: Differentiable<Owned = X>,
{
    Check::new().hessian(gradient, hessian, at)
}

/// A check with other settings than the defaults.
///
/// ```
/// # extern crate autodiff_runtime as differentiate;
/// use differentiate::check::Check;
///
/// let report = Check::new()
///     .tolerance(1e-6)
///     .largest_step(1e3)
///     .gradient(|x: &f64| x.powi(3), |x| 3.0 * x * x, &2.5e5);
/// assert!(report.passed(), "{report}");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Check {
    tolerance: Option<f64>,
    largest_step: Option<f64>,
    seed: u64,
}

impl Check {
    /// The default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The largest accepted error, relative to the largest entry of the gradient.
    ///
    /// The default is the square root of the spacing of the numbers at 1: 1.5e-8 for `f64`, 3.5e-4 if an `f32` takes
    /// part.
    #[must_use]
    pub fn tolerance(mut self, relative: f64) -> Self {
        self.tolerance = Some(relative);
        self
    }

    /// The step with which the differences begin, rounded to a power of two; three of it are taken to each side.
    ///
    /// The default is 1/16 for `f64`, 1/4 for `f32`.
    #[must_use]
    pub fn largest_step(mut self, step: f64) -> Self {
        self.largest_step = Some(step);
        self
    }

    /// Selects other random directions. The same seed gives the same report.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// As the function [`gradient`], with these settings.
    pub fn gradient<'a, X, Y>(
        &self,
        primal: impl Fn(&X) -> Y,
        gradient: impl Fn(&'a X) -> TangentOf<X>,
        at: &'a X,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
        Y: Real,
    {
        self.scalar(primal, gradient, at)
    }

    /// As [`Check::gradient`], where the gradient may have another type than the tangents of `X` with the same components:
    /// that of `&[f64]` is a `Vec`, of whatever it is a slice.
    fn scalar<'a, X, Y, G>(
        &self,
        primal: impl Fn(&X) -> Y,
        gradient: impl Fn(&'a X) -> G,
        at: &'a X,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
        Y: Real,
        G: Tangent,
    {
        let mut findings = Findings::default();
        let before = components(&primal(at));
        let entries = components(&gradient(at));
        findings.expect_equal(
            "the gradient, computed twice",
            &entries,
            &components(&gradient(at)),
        );
        findings.expect_equal(
            "the function, before and after the gradient",
            &before,
            &components(&primal(at)),
        );
        let side = Side::Rows(&|seed| entries.iter().map(|entry| seed[0] * entry).collect());
        self.compare(at, &primal, findings, &side)
    }

    /// As the function [`pullback`], with these settings.
    pub fn pullback<'a, X, Y, P>(
        &self,
        primal: impl Fn(&X) -> Y,
        vjp: impl Fn(&'a X) -> (Y, P),
        at: &'a X,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
        Y: Differentiable<Tangent = Y> + Tangent,
        P: Fn(Y) -> TangentOf<X>,
    {
        self.pulled(primal, vjp, at)
    }

    /// As [`Check::pullback`], with the freedom of [`Check::scalar`].
    fn pulled<'a, X, Y, P, G>(
        &self,
        primal: impl Fn(&X) -> Y,
        vjp: impl Fn(&'a X) -> (Y, P),
        at: &'a X,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
        Y: Differentiable<Tangent = Y> + Tangent,
        P: Fn(Y) -> G,
        G: Tangent,
    {
        let mut findings = Findings::default();
        let before = components(&primal(at));
        let (value, pull) = vjp(at);
        let (again, pull_again) = vjp(at);
        let zero = Y::ad_zero(&value.ad_shape());
        let value = components(&value);
        let transposed = |pull: &P, seed: &[f64]| components(&pull(with_components(&zero, seed)));

        let seed = Random::new(self.seed).vector(value.len());
        let first = transposed(&pull, &seed);
        findings.expect_equal("the value, computed twice", &value, &components(&again));
        findings.expect_equal(
            "a cotangent, pulled back twice",
            &first,
            &transposed(&pull, &seed),
        );
        findings.expect_equal(
            "a cotangent, pulled back by two pullbacks",
            &first,
            &transposed(&pull_again, &seed),
        );
        findings.expect_equal("the value and that of the function", &value, &before);
        findings.expect_equal(
            "the function, before and after the pullback",
            &before,
            &components(&primal(at)),
        );
        let side = Side::Rows(&|seed| transposed(&pull, seed));
        self.compare(at, &primal, findings, &side)
    }

    /// As the function [`tangent`], with these settings.
    pub fn tangent<X, Y>(
        &self,
        primal: impl Fn(&X) -> Y,
        jvp: impl Fn(&X, &TangentOf<X>) -> (Y, Y),
        at: &X,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
        Y: Differentiable<Tangent = Y> + Tangent,
    {
        let mut findings = Findings {
            what: "tangent",
            ..Findings::default()
        };
        let zero = X::ad_zero(&at.ad_shape());
        let along = |direction: &[f64]| jvp(at, &with_components(&zero, direction));
        let direction = Random::new(self.seed).vector(components(&zero).len());
        let ((value, first), (_, second)) = (along(&direction), along(&direction));
        let (first, second) = (components(&first), components(&second));
        findings.expect_equal("a tangent, computed twice", &first, &second);
        let (value, before) = (components(&value), components(&primal(at)));
        findings.expect_equal("the value and that of the function", &value, &before);
        let side = Side::Columns(&|direction| components(&along(direction).1));
        self.compare(at, &primal, findings, &side)
    }

    /// As the function [`hessian`], with these settings.
    pub fn hessian<X>(
        &self,
        gradient: impl Fn(&X) -> TangentOf<X>,
        hessian: impl Fn(&X) -> DMatrix<f64>,
        at: &X,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
    {
        self.curved(gradient, hessian, at)
    }

    /// As [`Check::hessian`], with the freedom of [`Check::scalar`].
    fn curved<X, G: Tangent>(
        &self,
        gradient: impl Fn(&X) -> G,
        hessian: impl Fn(&X) -> DMatrix<f64>,
        at: &X,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
    {
        let mut findings = Findings {
            what: "Hessian",
            ..Findings::default()
        };
        let (first, second) = (hessian(at), hessian(at));
        findings.expect_equal(
            "the Hessian, computed twice",
            first.as_slice(),
            second.as_slice(),
        );
        let inputs = components(&X::ad_zero(&at.ad_shape())).len();
        if first.shape() != (inputs, inputs) {
            let (rows, columns) = first.shape();
            findings.problems.push(format!(
                "the Hessian has {rows} rows and {columns} columns, and the inputs have {inputs} components"
            ));
            return findings.report(self.tolerance.unwrap_or_default(), Vec::new());
        }
        let side = Side::Rows(&|seed| {
            let columns = first.column_iter();
            columns.map(|it| product(it.as_slice(), seed)).collect()
        });
        self.compare(at, &gradient, findings, &side)
    }

    /// Compares `⟨v, J u⟩` by differences with the same from the derivative, for a basis, or a random sample, of the `u`
    /// and of the `v`.
    fn compare<X, Y>(
        &self,
        at: &X,
        primal: &impl Fn(&X) -> Y,
        mut findings: Findings,
        side: &Side<'_>,
    ) -> Report
    where
        X: Differentiable<Owned = X>,
        Y: Tangent,
    {
        let value = primal(at);
        let zero = X::ad_zero(&at.ad_shape());
        let spacing = spacing(&zero).max(spacing(&value));
        let tolerance = self.tolerance.unwrap_or(spacing.sqrt());
        let (inputs, outputs) = (components(&zero).len(), components(&value).len());

        let mut random = Random::new(self.seed);
        let directions = probes(inputs, &mut random);
        let cotangents = probes(outputs, &mut random);
        let rows: Vec<Vec<f64>> = match side {
            Side::Rows(pulled) => cotangents.iter().map(|(_, v)| pulled(v)).collect(),
            Side::Columns(_) => Vec::new(),
        };
        if let Some(row) = rows.iter().find(|row| row.len() != inputs) {
            findings.problems.push(format!(
                "the gradient has {} components and the inputs have {inputs}; an argument of a `#[no_diff]` parameter is \
                 marked, too: `check!(f(&x, #[no_diff] &table))`",
                row.len()
            ));
            return findings.report(tolerance, Vec::new());
        }

        let mut entries = Vec::new();
        for (input, direction) in &directions {
            let tangent = with_components(&zero, direction);
            let claims: Vec<f64> = match side {
                Side::Rows(_) => rows.iter().map(|row| product(row, direction)).collect(),
                Side::Columns(pushed) => {
                    let column = pushed(direction);
                    cotangents
                        .iter()
                        .map(|(_, v)| product(&column, v))
                        .collect()
                }
            };
            let ladders = Ladder::climb(
                self.steps(spacing),
                spacing,
                tolerance,
                &cotangents,
                &claims,
                &|step| components(&primal(&at.ad_step(&tangent, step))),
            );
            for (((output, _), claim), ladder) in cotangents.iter().zip(claims).zip(ladders) {
                entries.push((*input, *output, claim, ladder));
            }
        }
        let scale = Ladder::scale(entries.iter().map(|(.., ladder)| ladder));
        let entries = entries
            .into_iter()
            .map(|(input, output, got, ladder)| {
                Entry::judge(input, output, got, &ladder, tolerance, scale)
            })
            .collect();
        findings.report(tolerance, entries)
    }

    /// The ladder of steps. Powers of two, so that most displacements are exact.
    fn steps(&self, spacing: f64) -> impl Iterator<Item = f64> + use<> {
        let (first, ratio, rungs) = if spacing > 1e-10 {
            (0.25, 0.5, 8)
        } else {
            (0.0625, 0.25, 9)
        };
        let first = match self.largest_step {
            Some(step) => step.log2().round().exp2(),
            None => first,
        };
        (0..rungs).map(move |k| first * f64::powi(ratio, k))
    }
}

/// From which side the derivative `J` is known.
enum Side<'a> {
    /// `Jᵀ v` for cotangents `v`.
    Rows(&'a dyn Fn(&[f64]) -> Vec<f64>),
    /// `J u` for tangents `u`.
    Columns(&'a dyn Fn(&[f64]) -> Vec<f64>),
}

fn components<T: Tangent>(tangent: &T) -> Vec<f64> {
    let mut all = Vec::new();
    tangent.ad_components(&mut |c| all.push(c));
    all
}

/// The tangent shaped like `zero` with these components.
fn with_components<T: Tangent>(zero: &T, components: &[f64]) -> T {
    let mut tangent = zero.clone();
    let mut rest = components.iter();
    tangent.ad_map_components(&mut |_| *rest.next().expect("as many components as the zero has"));
    tangent
}

/// The distance of 1 to the next number of the coarsest component type, which rounds what it cannot hold.
fn spacing<T: Tangent>(zero: &T) -> f64 {
    let fine = 1.0 + f64::from(f32::EPSILON) / 8.0;
    let mut probe = zero.clone();
    probe.ad_map_components(&mut |_| fine);
    let coarse = components(&probe)
        .iter()
        .any(|c| c.to_bits() != fine.to_bits());
    if coarse {
        f64::from(f32::EPSILON)
    } else {
        f64::EPSILON
    }
}
