//! Values that an equation or a minimum defines: `foo::root` and `foo::argmin`.
//!
//! With the option `root`, a function `f(x, p)` with as many residuals as unknowns has `f::root(x0, p)`: the `x` near `x0`
//! where `f(x, p)` is zero. With the option `argmin`, which implies `order = 2`, a cost `f(x, p)` has `f::argmin(x0, p)`:
//! an `x` where it is least. The unknown is the first parameter behind `self`: a number, or an array, a `Vec`, a vector or
//! a matrix of numbers; all others are parameters of the problem.
//!
//! ```
//! use differentiate::differentiate;
//! use differentiate::nalgebra::{self, Vector2, vector};
//!
//! /// Where a circle meets a parabola.
//! #[differentiate(root)]
//! fn apart(x: &Vector2<f64>, radius: f64) -> Vector2<f64> {
//!     Vector2::new(x.norm_squared() - radius * radius, x.y - x.x * x.x)
//! }
//!
//! /// The energy of a spring that hangs.
//! #[differentiate(argmin)]
//! fn energy(length: f64, stiffness: f64, weight: f64) -> f64 {
//!     0.5 * stiffness * (length - 1.0).powi(2) - weight * length
//! }
//!
//! /// How high the circle meets the parabola.
//! #[differentiate]
//! fn height(radius: f64) -> f64 {
//!     let start = vector![1.0, 1.0];
//!     let x = apart::root(&start, radius).expect("a circle");
//!     x.y
//! }
//!
//! assert!((height(2.0_f64.sqrt()) - 1.0).abs() < 1e-15);
//! assert!((height::grad(2.0_f64.sqrt()) - 8.0_f64.sqrt() / 3.0).abs() < 1e-15);
//!
//! // The same without a function around it.
//! let start = vector![1.0, 1.0];
//! let (x, sensitivity) = apart::root_vjp(&start, 2.0_f64.sqrt());
//! assert!((x.unwrap() - vector![1.0, 1.0]).norm() < 1e-15);
//! // Of x.x, which grows by √2/3 with the radius.
//! assert!((sensitivity(Some(vector![1.0, 0.0])) - 2.0_f64.sqrt() / 3.0).abs() < 1e-15);
//!
//! let (length, sensitivity) = energy::argmin_vjp(1.0, 4.0, 2.0);
//! assert_eq!(length, Some(1.5));
//! assert_eq!(sensitivity(Some(1.0)), (-0.125, 0.25));
//! ```
//!
//! # How they are found
//!
//! A root by Newton's method with the exact Jacobian; a step is halved until it makes the norm of the residuals smaller.
//! A minimum by Newton's method on the gradient with the exact Hessian, to which a multiple of the identity is added
//! where it is not positive definite; a step is halved until the cost goes down (Nocedal and Wright, *Numerical
//! Optimization*, algorithms 3.2 and 3.3 and section 11.1). They end with a full step that is at most the square root of
//! the precision times as long as the unknown: behind it, convergence being quadratic, the error is of the order of the
//! precision, as far as the rounding of the function allows.
//!
//! `None` is returned if there is no root or minimum on the way: after 200 steps, where the residuals or the cost cannot
//! be made smaller by a step, where a Jacobian is singular, where the point at which the method stands is a saddle or a
//! maximum, and where a value is not finite.
//!
//! Cost: a step takes one Jacobian (one pull for each unknown) or one Hessian (one product for each unknown), and a
//! factorisation of it; a value for each halving.
//!
//! # Their derivatives
//!
//! The steps are not differentiated: the implicit function theorem gives the derivative from the solution alone, however
//! it was found. For a cotangent `x̄` of the root and the Jacobian `J = ∂f/∂x` there, `p̄ = (∂f/∂p)ᵀ λ` with
//! `λ = -J⁻ᵀ x̄`; for a minimum, with the Hessian `H`, `p̄ = (∂²f/∂x∂p)ᵀ λ` with `λ = -H⁻¹ x̄`. The start `x0` chooses among
//! several solutions and has the derivative zero. Cost: one Jacobian or Hessian, one factorisation and one pull.
//!
//! With the option `forward` beside them they have tangents, `ẋ = -J⁻¹ (∂f/∂p) ṗ` and `ẋ = -H⁻¹ (∂²f/∂x∂p) ṗ`, by one Jacobian
//! or Hessian and one tangent. With `order = N` a root has derivatives up to the order `N`, and a minimum, which is made of
//! the gradient of the cost, up to `N - 1`.
//!
//! What is differentiated is one step of Newton's method at the solution, `x - J⁻¹ f(x, p)`, with a Jacobian that stays as it
//! is: the step does not move the solution, and its derivative is the one above. Each further step makes the derivatives of
//! one order more exact, since the error `e` of a step is that of the one before, multiplied by what is of first order:
//! `(1 - J⁻¹ ∂f/∂x) e`. So a derivative of order `k` takes `k` steps, each with one sweep of the program of that order, and one
//! Jacobian or Hessian and one factorisation all together, which the pullback keeps (Griewank and Walther, *Evaluating
//! Derivatives*, chapter 15; Christianson, *Reverse accumulation and implicit functions*, Optimization Methods and Software
//! 9, 1998).
//!
//! Undefined where `J` or `H` is singular: derivatives are NaN there, and zero for a cotangent or a tangent of exactly zero.

use std::sync::Arc;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn, LU};

use crate::differentiable::{Differentiable, Peel, Real};
use crate::products::Residuals;
use crate::rules::factorisation::tr_solve;
use crate::tangent::{Tangent, components, with_components};

/// After so many steps there is no solution.
const STEPS: usize = 200;

/// A step is not halved more often.
const HALVINGS: i32 = 40;

/// Which part of the decrease that a step promises must come true.
const DECREASE: f64 = 1e-4;

/// What can be asked for: a number, or a container of numbers, which is its own tangent.
#[diagnostic::on_unimplemented(
    message = "the unknown of `root` and `argmin` must be made of numbers, `{Self}` is not",
    label = "not a number, and not an array or a vector of numbers",
    note = "write the unknowns as a `Vec`, an array, or a vector of nalgebra"
)]
pub trait Unknown: Differentiable<Tangent = Self, Owned = Self> + Tangent {}

#[diagnostic::do_not_recommend]
impl<T: Differentiable<Tangent = T, Owned = T> + Tangent> Unknown for T {}

/// The value of a function that has a minimum: one number.
#[diagnostic::on_unimplemented(
    message = "`argmin` needs a function that returns one number, this one returns `{Self}`",
    label = "not a scalar function",
    note = "return the sum of the squares, or the one number that is to be least"
)]
pub trait Cost {
    /// The number.
    fn ad_cost(&self) -> f64;
}

#[diagnostic::do_not_recommend]
impl<T: Real> Cost for T {
    fn ad_cost(&self) -> f64 {
        self.ad_to_f64()
    }
}

/// The owned form of an unknown.
pub type Owned<A> = <<A as Peel>::V as Differentiable>::Owned;

/// `x` with `residuals(x) = 0`, by Newton's method from `start`; `jacobian` has a row for each residual.
///
/// # Panics
/// If there are not as many residuals as unknowns.
pub fn root<X: Unknown, N, R: Residuals<N>>(
    start: &X,
    residuals: impl Fn(&X) -> R,
    jacobian: impl Fn(&X) -> DMatrix<f64>,
) -> Option<X> {
    let residuals = |x: &DVector<f64>| {
        let residuals = residuals(&with_components(start, x.as_slice())).ad_residuals();
        DVector::from_vec(residuals)
    };
    let mut point = Point::new(start);
    let mut r = residuals(&point.x);
    assert_eq!(
        r.len(),
        point.x.len(),
        "`root` needs as many residuals as unknowns"
    );
    for _ in 0..STEPS {
        let norm = r.norm();
        if norm == 0.0 {
            return Some(point.of(start));
        }
        let jacobian = jacobian(&point.of(start));
        let step = finite(jacobian.lu().solve(&-&r)?)?;
        if point.ends_with(&step) {
            return Some(point.moved(&step, 1.0).of(start));
        }
        let halved = (0..HALVINGS).find_map(|k| {
            let length = 0.5_f64.powi(k);
            let next = point.moved(&step, length);
            let r = residuals(&next.x);
            (r.norm() <= (1.0 - DECREASE * length) * norm).then_some((next, r))
        });
        // Residuals that cannot be made smaller, and a step that is small all the same: what is left is rounding.
        let Some((next, smaller)) = halved else {
            return point.is_negligible(&step).then(|| point.of(start));
        };
        (point, r) = (next, smaller);
    }
    None
}

/// `x` where `cost(x)` is least, by Newton's method from `start`; `slope` is gradient and Hessian.
pub fn argmin<X: Unknown, Y: Cost>(
    start: &X,
    cost: impl Fn(&X) -> Y,
    slope: impl Fn(&X) -> (X, DMatrix<f64>),
) -> Option<X> {
    let cost = |point: &Point| cost(&point.of(start)).ad_cost();
    let mut point = Point::new(start);
    let mut value = cost(&point);
    for _ in 0..STEPS {
        let (gradient, hessian) = slope(&point.of(start));
        let gradient = finite(DVector::from_vec(components(&gradient)))?;
        let (factor, shift) = shifted(&hessian)?;
        let step = finite(-factor.solve(&gradient))?;
        let slope = gradient.dot(&step);
        let rounding = f64::EPSILON * value.abs();
        let ends = point.ends_with(&step) || (point.is_negligible(&step) && -slope <= rounding);
        if ends {
            return (shift == 0.0).then(|| point.moved(&step, 1.0).of(start));
        }
        let halved = (0..HALVINGS).find_map(|k| {
            let length = 0.5_f64.powi(k);
            let next = point.moved(&step, length);
            let smaller = cost(&next);
            // Below the rounding of the cost the gradient alone is to be trusted.
            (smaller <= value + DECREASE * length * slope + 4.0 * rounding)
                .then_some((next, smaller))
        });
        let Some((next, smaller)) = halved else {
            return (shift == 0.0 && point.is_negligible(&step)).then(|| point.of(start));
        };
        (point, value) = (next, smaller);
    }
    None
}

/// The factors of the Jacobian or of the Hessian at a solution, which all steps there share.
#[derive(Clone, Debug)]
pub struct Factor(Arc<LU<f64, Dyn, Dyn>>);

impl Factor {
    /// The factors of a matrix.
    #[must_use]
    pub fn new(matrix: DMatrix<f64>) -> Self {
        Factor(Arc::new(matrix.lu()))
    }

    /// What `solve` makes of the right side: zero of exactly zero, and not a number where the matrix is singular.
    fn solved<B: Tangent>(
        &self,
        right: &B,
        solve: impl FnOnce(&LU<f64, Dyn, Dyn>, &mut DVector<f64>),
    ) -> DVector<f64> {
        let mut right = DVector::from_vec(components(right));
        if right.iter().all(|b| *b == 0.0) {
            return right;
        }
        if self.0.is_invertible() {
            solve(&self.0, &mut right);
        } else {
            right.fill(f64::NAN);
        }
        right
    }
}

/// The solution after one more step of Newton's method, which does not move it.
#[must_use]
pub fn newton<X: Clone, R>(x: &X, _residuals: &R, _factor: &Factor) -> X {
    x.clone()
}

/// The tangent of [`newton`], `ẋ - J⁻¹ ṙ`, and its own tangent.
#[must_use]
pub fn newton_tangent<X: Tangent, R: Tangent>(x: &X, residuals: &R, factor: &Factor) -> X {
    let step = factor.solved(residuals, |lu, step| {
        lu.solve_mut(step);
    });
    let moved = DVector::from_vec(components(x)) - step;
    with_components(x, moved.as_slice())
}

/// The pullback of [`newton`] and of its tangent: `x̄` and `r̄ = -J⁻ᵀ x̄`.
pub fn newton_pullback<X, R, Y: ?Sized>(
    _x: &X,
    residuals: &R,
    factor: &Factor,
    _value: &Y,
    cotangent: &X::Tangent,
) -> (X::Tangent, R::Tangent, ())
where
    X: Differentiable + ?Sized,
    R: Differentiable + ?Sized,
{
    let lambda = -factor.solved(cotangent, tr_solve);
    let zero = R::ad_zero(&residuals.ad_shape());
    let of_residuals = with_components(&zero, lambda.as_slice());
    (cotangent.clone(), of_residuals, ())
}

/// The solution, as it is returned.
#[must_use]
pub fn solution<X: Clone>(x: &X) -> Option<X> {
    Some(x.clone())
}

/// The pullback of [`solution`]: no cotangent is a zero.
pub fn solution_pullback<X: Differentiable + ?Sized, Y: ?Sized>(
    x: &X,
    _value: &Y,
    cotangent: &Option<X::Tangent>,
) -> X::Tangent {
    let given = cotangent.clone();
    given.unwrap_or_else(|| X::ad_zero(&x.ad_shape()))
}

/// The Cholesky factor of a symmetric matrix, to which a multiple of the identity is added until it has one, and that
/// multiple.
fn shifted(matrix: &DMatrix<f64>) -> Option<(Cholesky<f64, Dyn>, f64)> {
    let norm = matrix.norm();
    if !norm.is_finite() {
        return None;
    }
    // Of a matrix of zeros a step along the gradient is left.
    let unit = if norm > 0.0 { 1e-3 * norm } else { 1.0 };
    let least = matrix.diagonal().iter().copied().fold(0.0, f64::min);
    let mut shift = if least < 0.0 { unit - least } else { 0.0 };
    loop {
        let mut sum = matrix.clone();
        (0..sum.nrows()).for_each(|k| sum[(k, k)] += shift);
        if let Some(factor) = sum.cholesky() {
            return Some((factor, shift));
        }
        shift = unit.max(2.0 * shift);
    }
}

fn finite(vector: DVector<f64>) -> Option<DVector<f64>> {
    vector.iter().all(|it| it.is_finite()).then_some(vector)
}

/// Where the method stands.
struct Point {
    x: DVector<f64>,
    /// The greatest norm of all points so far.
    scale: f64,
    /// The square root of the precision of the numbers.
    tolerance: f64,
}

impl Point {
    fn new<X: Tangent>(start: &X) -> Self {
        let x = DVector::from_vec(components(start));
        // A number that single precision does not have.
        let double = x.map(|_| 1.0 + f64::EPSILON);
        let kept = components(&with_components(start, double.as_slice())) == double.as_slice();
        let precision = if kept {
            f64::EPSILON
        } else {
            f32::EPSILON.into()
        };
        Point {
            scale: x.norm(),
            x,
            tolerance: precision.sqrt(),
        }
    }

    fn of<X: Tangent>(&self, like: &X) -> X {
        with_components(like, self.x.as_slice())
    }

    fn moved(&self, step: &DVector<f64>, length: f64) -> Self {
        let x = &self.x + step * length;
        Point {
            scale: self.scale.max(x.norm()),
            x,
            tolerance: self.tolerance,
        }
    }

    /// Is a full step the last one?
    fn ends_with(&self, step: &DVector<f64>) -> bool {
        step.norm() <= self.tolerance * self.x.norm()
    }

    /// The same in the measure of all points so far, for solutions at zero.
    fn is_negligible(&self, step: &DVector<f64>) -> bool {
        step.norm() <= self.tolerance * self.scale
    }
}
