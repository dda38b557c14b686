//! The identities of matrix calculus, found by differentiating programs; then who owns the gradient, and what to
//! leave out of it.

use differentiate::{detach, differentiate};
use nalgebra::{DMatrix, DVector, RowDVector, dmatrix, dvector};

/// `A x`.
#[differentiate]
pub fn matrix_vector(#[no_diff] a: &DMatrix<f64>, x: &DVector<f64>) -> DVector<f64> {
    a * x
}

/// `xᵀ A`.
#[differentiate]
pub fn vector_matrix(x: &DVector<f64>, #[no_diff] a: &DMatrix<f64>) -> RowDVector<f64> {
    x.transpose() * a
}

/// `xᵀ A x`.
#[differentiate]
pub fn quadratic_form(#[no_diff] a: &DMatrix<f64>, x: &DVector<f64>) -> f64 {
    x.dot(&(a * x))
}

/// `|x|²`.
#[differentiate]
pub fn squared_length(x: &DVector<f64>) -> f64 {
    x.norm_squared()
}

/// `2 xᵀx`.
#[differentiate]
pub fn twice_squared(x: &DVector<f64>) -> f64 {
    2.0 * x.dot(x)
}

/// `Σ xᵢ`.
#[differentiate]
pub fn total(x: &DVector<f64>) -> f64 {
    x.sum()
}

/// `Σ uᵢ xᵢ` with `uᵢ = xᵢ²` taken as a constant.
#[differentiate]
pub fn weighted_by_constant_squares(x: &DVector<f64>) -> f64 {
    let u = detach(x.component_mul(x));
    u.component_mul(x).sum()
}

/// Prints and asserts the identities.
///
/// # Panics
/// If a value is not the one that the story tells.
pub fn run() {
    jacobians();
    gradients();
    accumulation();
    constants();
}

/// A pullback multiplies by the transposed Jacobian, so the unit cotangents give back its columns.
fn jacobians() {
    let a = dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 6.0];
    let (rows, columns) = a.shape();

    let x = dvector![1.0, -1.0, 2.0];
    let (_, pullback) = matrix_vector::vjp(&a, &x);
    let units = DMatrix::identity(rows, rows);
    let transposed: Vec<_> = units
        .column_iter()
        .map(|unit| pullback(unit.into_owned()))
        .collect();
    let jacobian = DMatrix::from_columns(&transposed).transpose();
    println!("the Jacobian of A x is A:{jacobian}");
    assert_eq!(jacobian, a);

    let x = dvector![1.0, -1.0];
    let (_, pullback) = vector_matrix::vjp(&x, &a);
    let units = DMatrix::identity(columns, columns);
    let transposed: Vec<_> = units
        .row_iter()
        .map(|unit| pullback(unit.into_owned()))
        .collect();
    let jacobian = DMatrix::from_columns(&transposed).transpose();
    println!("the Jacobian of xᵀA is Aᵀ:{jacobian}");
    assert_eq!(jacobian, a.transpose());
}

fn gradients() {
    let a = dmatrix![1.0, 2.0, 0.0; -3.0, 4.0, 5.0; 6.0, 0.0, -7.0];
    let x = dvector![1.0, -2.0, 3.0];
    let gradient = quadratic_form::grad(&a, &x);
    println!("∇ xᵀAx = (A + Aᵀ)x:{gradient}");
    assert_eq!(gradient, (&a + a.transpose()) * &x);

    let gradient = squared_length::grad(&x);
    println!("∇ |x|² = 2x:{gradient}");
    assert_eq!(gradient, 2.0 * x);
}

/// `adjoint` adds to a buffer of the caller, who alone decides when a new sum begins.
fn accumulation() {
    let x = dvector![1.0, 1.0, 4.0, 5.0];
    let mut gradient = DVector::zeros(x.len());

    let value = twice_squared::adjoint(&x, 1.0, &mut gradient);
    println!("2 xᵀx = {value}:{gradient}");
    assert_eq!(gradient, dvector![4.0, 4.0, 16.0, 20.0]);

    let value = total::adjoint(&x, 1.0, &mut gradient);
    println!("and Σx = {value} on top:{gradient}");
    assert_eq!(gradient, dvector![5.0, 5.0, 17.0, 21.0]);

    gradient.fill(0.0);
    total::adjoint(&x, 1.0, &mut gradient);
    println!("Σx alone, after zeroing:{gradient}");
    assert_eq!(gradient, dvector![1.0, 1.0, 1.0, 1.0]);
}

/// Without `detach` the gradient would be `3x²`.
fn constants() {
    let x = dvector![1.0, 1.0, 4.0, 5.0];
    let gradient = weighted_by_constant_squares::grad(&x);
    println!("Σ u x with u = x² held constant:{gradient}");
    assert_eq!(gradient, dvector![1.0, 1.0, 16.0, 25.0]);
}
