//! What `check!` and `#[differentiate(test(..))]` call: checks of one call of a differentiated function.

use nalgebra::DMatrix;

use super::{Check, Report, components};
use crate::differentiable::{Differentiable, Real, TangentOf};
use crate::tangent::Tangent;

/// A value that is made of numbers, so that differences of it are its tangents.
#[diagnostic::on_unimplemented(
    message = "a check needs a value that is made of numbers alone, this one is `{Self}`",
    label = "differences of this value are not its tangents",
    note = "check a function that returns the numbers that count: numbers, tuples, arrays, `Vec`s and matrices of them"
)]
pub trait Numbers: Differentiable<Tangent = Self> + Tangent {}

#[diagnostic::do_not_recommend]
impl<T: Differentiable<Tangent = T> + Tangent> Numbers for T {}

/// Checks `vjp`.
pub fn pullback<'a, X, Y, P, G>(
    at: &'a X,
    primal: impl Fn(&X) -> Y,
    vjp: impl Fn(&'a X) -> (Y, P),
) -> Report
where
    X: Differentiable<Owned = X>,
    Y: Numbers,
    P: Fn(TangentOf<Y>) -> G,
    G: Tangent,
{
    Check::new().pulled(primal, vjp, at)
}

/// Checks `grad`.
pub fn gradient<X, Y, G>(at: &X, primal: impl Fn(&X) -> Y, gradient: impl Fn(&X) -> G) -> Report
where
    X: Differentiable<Owned = X>,
    Y: Real,
    G: Tangent,
{
    Check::new().scalar(primal, gradient, at)
}

/// Checks `jvp`.
pub fn tangent<X, Y>(
    at: &X,
    primal: impl Fn(&X) -> Y,
    jvp: impl Fn(&X, &TangentOf<X>) -> (Y, Y),
) -> Report
where
    X: Differentiable<Owned = X>,
    Y: Numbers,
{
    Check::new().tangent(primal, jvp, at)
}

/// Checks `hessian`.
pub fn hessian<X, G: Tangent>(
    at: &X,
    gradient: impl Fn(&X) -> G,
    hessian: impl Fn(&X) -> DMatrix<f64>,
) -> Report
where
    X: Differentiable<Owned = X>,
{
    Check::new().curved(gradient, hessian, at)
}

/// How many components the tangents of a value have.
pub fn count<X: Differentiable>(at: &X) -> usize {
    components(&X::ad_zero(&at.ad_shape())).len()
}
