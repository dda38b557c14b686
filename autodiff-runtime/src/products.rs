//! Products of a Jacobian, by pulling unit cotangents back.

use nalgebra::{DMatrix, DVector};

use crate::differentiable::{Gradient, Peel, zero_like};
use crate::support::Shadow;
use crate::tangent::{Tangent, components};

/// The Jacobian of a function with this value: row `k` is what the pullback makes of unit cotangent `k`.
#[must_use]
pub fn jacobian<Y: Peel + ?Sized, G: Tangent>(
    value: &Y,
    pull: impl Fn(Gradient<Y>) -> G,
) -> DMatrix<f64> {
    rows(&zero_like(value), pull)
}

/// The Jacobian by its columns, so many at once, or by its rows, whichever are fewer. The columns are products with unit
/// tangents like this one, and the first ones tell how many rows there are.
#[inline]
pub fn jacobian_by_columns_or_rows<G: Tangent, D: Tangent, const LANES: usize>(
    like: &G,
    products: impl Fn([G; LANES]) -> [D; LANES],
    by_rows: impl FnOnce() -> DMatrix<f64>,
) -> DMatrix<f64> {
    let columns = count(like);
    if columns == 0 {
        return by_rows();
    }
    let units = |from: usize| core::array::from_fn(|lane| unit(like, from + lane));
    let first = products(units(0));
    let rows = count(&first[0]);
    // A pull for each row comes after a sweep that saves, at the cost of a column or two.
    if columns > (rows + 2).max(LANES) {
        return by_rows();
    }
    let mut jacobian = DMatrix::zeros(rows, columns);
    let mut entries = jacobian.as_mut_slice().iter_mut();
    let mut write = |column: &D| {
        column.ad_components(&mut |c| {
            if let Some(entry) = entries.next() {
                *entry = c;
            }
        });
    };
    first.iter().for_each(&mut write);
    for from in (LANES..columns).step_by(LANES) {
        products(units(from)).iter().for_each(&mut write);
    }
    jacobian
}

/// `Jᵀr` and `JᵀJ`, for residuals `r` with the Jacobian `J`: gradient and Gauss-Newton matrix of `|r|² / 2`.
#[must_use]
pub fn gauss_newton<N, R, G>(
    residuals: &R,
    pull: impl Fn(Gradient<R>) -> G,
) -> (DVector<f64>, DMatrix<f64>)
where
    R: Peel + Residuals<N>,
    G: Tangent,
{
    let jacobian = jacobian(residuals, pull);
    let transposed = jacobian.transpose();
    let gradient = &transposed * DVector::from_vec(residuals.ad_residuals());
    (gradient, transposed * jacobian)
}

/// What is made of numbers alone, so that there is a sum of their squares. The parameter is as in
/// [`ScalarOutput`](crate::support::ScalarOutput).
#[diagnostic::on_unimplemented(
    message = "residuals must be made of numbers, `{Self}` is not",
    label = "not a number, and not a vector, an array or a tuple of numbers",
    note = "return the residuals as a `Vec`, an array, or a vector of nalgebra"
)]
pub trait Residuals<N> {
    /// The numbers, in the order of the rows of the Jacobian.
    fn ad_residuals(&self) -> Vec<f64>;
}

#[diagnostic::do_not_recommend]
impl<T: Tangent> Residuals<T> for T {
    fn ad_residuals(&self) -> Vec<f64> {
        components(self)
    }
}

/// The Hessian of which the products with tangents like this one are known.
#[must_use]
pub fn hessian<G: Tangent>(like: &G, product: impl Fn(G) -> G) -> DMatrix<f64> {
    rows(like, product)
}

/// Gradient and Hessian, where each product with the Hessian comes with the gradient.
#[must_use]
pub fn grad_and_hessian<G: Tangent>(like: &G, product: impl Fn(G) -> (G, G)) -> (G, DMatrix<f64>) {
    let known = core::cell::OnceCell::new();
    let hessian = rows(like, |direction| {
        let (gradient, row) = product(direction);
        let _ = known.set(gradient);
        row
    });
    // Without unknowns there is nothing in it.
    let gradient = known.into_inner().unwrap_or_else(|| like.clone());
    (gradient, hessian)
}

/// A row for each component of cotangents that are like this one. The first one tells how many columns there are.
pub(crate) fn rows<T: Tangent, G: Tangent>(like: &T, pull: impl Fn(T) -> G) -> DMatrix<f64> {
    let rows = count(like);
    if rows == 0 {
        return DMatrix::zeros(0, count(&pull(like.clone())));
    }
    let mut matrix = DMatrix::zeros(0, 0);
    for row in 0..rows {
        let gradient = pull(unit(like, row));
        if row == 0 {
            matrix = DMatrix::zeros(rows, count(&gradient));
        }
        let mut entries = matrix.row_mut(row).into_iter();
        gradient.ad_components(&mut |c| {
            if let Some(entry) = entries.next() {
                *entry = c;
            }
        });
    }
    matrix
}

/// The tangent of a value whose component `k` is what a linear form gives for unit cotangent `k`.
pub fn along<Y: Peel + ?Sized>(value: &Y, form: impl Fn(Gradient<Y>) -> f64) -> Gradient<Y> {
    let mut tangent = zero_like(value);
    let zero = tangent.clone();
    let mut rows = 0..;
    tangent.ad_map_components(&mut |_| rows.next().map_or(0.0, |row| form(unit(&zero, row))));
    tangent
}

/// The inner product of two tangents of one shape.
#[must_use]
pub fn inner<T: Tangent>(left: &T, right: &T) -> f64 {
    let mut components = Vec::new();
    left.ad_components(&mut |c| components.push(c));
    let (mut sum, mut at) = (0.0, components.iter());
    right.ad_components(&mut |c| sum += at.next().map_or(0.0, |it| it * c));
    sum
}

/// An owned copy of a tangent that is given in its place form.
#[must_use]
pub fn owned_tangent<A: Peel + ?Sized>(_: &A, tangent: &Shadow<A>) -> Gradient<A> {
    Gradient::<A>::ad_copy(tangent)
}

#[inline]
pub(crate) fn count<T: Tangent>(tangent: &T) -> usize {
    let mut count = 0;
    tangent.ad_components(&mut |_| count += 1);
    count
}

#[inline]
fn unit<T: Tangent>(like: &T, k: usize) -> T {
    let mut unit = like.clone();
    let mut at = 0..;
    unit.ad_map_components(&mut |_| f64::from(u8::from(at.next() == Some(k))));
    unit
}
