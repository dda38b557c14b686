//! The gated recurrent unit.

use autodiff_macros::differentiate;
use nalgebra::{DMatrix, DVector};

use super::{affine, assert_cell, factors, logistic_slope, tanh_slope};
use crate::differentiable::Real;
use crate::nn::activation::sigmoid;

/// One step of a gated recurrent unit: the next state `h'`.
///
/// With `a = w x + b` and `q = u h + d`, three blocks of rows in the order reset, update, new (`PyTorch`'s):
/// `r = σ(a₀ + q₀)`, `z = σ(a₁ + q₁)`, `n = tanh(a₂ + r ∘ q₂)`; `h' = (1 - z) ∘ n + z ∘ h`. The two biases cannot be
/// merged, because the gate `r` acts on one of them only.
///
/// Shapes: `x` m×n, `h` k×n, `w` 3k×m, `u` 3k×k, `b` and `d` 3k; the result k×n. Cost: two products of matrices.
/// Reverse: see [`gru_cell_pullback`]. Reference: Cho et al. 2014, arXiv:1406.1078, where `z` and `1 - z` are
/// exchanged and `r` acts before the product.
///
/// # Panics
/// If the shapes do not fit; the message has them.
///
/// ```
/// use differentiate::nalgebra::{DMatrix, DVector, dmatrix};
/// use differentiate::nn::gru_cell;
///
/// // Without weights the state is halved.
/// let (w, u, b) = (DMatrix::zeros(3, 1), DMatrix::zeros(3, 1), DVector::zeros(3));
/// assert_eq!(gru_cell(&dmatrix![1.0], &dmatrix![2.0], &w, &u, &b, &b), dmatrix![1.0]);
/// ```
#[differentiate(order = 2, pullback = gru_cell_pullback)]
#[must_use]
pub fn gru_cell<T: Real>(
    x: &DMatrix<T>,
    h: &DMatrix<T>,
    w: &DMatrix<T>,
    u: &DMatrix<T>,
    b: &DVector<T>,
    d: &DVector<T>,
) -> DMatrix<T> {
    assert_cell(3, (x, h), (w, u), &[b, d]);
    let (a, q) = (affine(w, x, None, b), affine(u, h, None, d));
    let k = h.nrows();
    DMatrix::from_fn(k, h.ncols(), |i, j| {
        let Gates { z, n, .. } = Gates::of(&a, &q, k, i, j);
        (T::one() - z) * n + z * h[(i, j)]
    })
}

/// The gates of one entry of the state.
struct Gates<T> {
    r: T,
    z: T,
    n: T,
}

impl<T: Real> Gates<T> {
    fn of(a: &DMatrix<T>, q: &DMatrix<T>, k: usize, i: usize, j: usize) -> Self {
        let r = sigmoid(a[(i, j)] + q[(i, j)]);
        let z = sigmoid(a[(k + i, j)] + q[(k + i, j)]);
        let n = (a[(2 * k + i, j)] + r * q[(2 * k + i, j)]).tanh();
        Gates { r, z, n }
    }
}

/// Pullback of [`gru_cell()`]: with `ν = g (1 - z) (1 - n²)`, `ā₂ = ν`, `q̄₂ = ν r`, `ā₀ = q̄₀ = ν q₂ r (1 - r)`,
/// `ā₁ = q̄₁ = g (h - n) z (1 - z)`; `w̄ = ā xᵀ`, `x̄ = wᵀ ā`, `ū = q̄ hᵀ`, `h̄ = uᵀ q̄ + g z`, and `b̄`, `d̄` are the sums of the
/// columns of `ā`, `q̄`.
///
/// Shapes: the results as the arguments. Cost: three times that of the primal, whose gates are computed again.
#[must_use]
#[expect(clippy::type_complexity, reason = "a cotangent for each argument")]
#[expect(
    clippy::too_many_arguments,
    reason = "those of the cell, its value and its cotangent"
)]
pub fn gru_cell_pullback<T: Real>(
    x: &DMatrix<T>,
    h: &DMatrix<T>,
    w: &DMatrix<T>,
    u: &DMatrix<T>,
    b: &DVector<T>,
    d: &DVector<T>,
    _y: &DMatrix<T>,
    g: &DMatrix<T>,
) -> (
    DMatrix<T>,
    DMatrix<T>,
    DMatrix<T>,
    DMatrix<T>,
    DVector<T>,
    DVector<T>,
) {
    assert_cell(3, (x, h), (w, u), &[b, d]);
    let (mut a, mut q) = (affine(w, x, None, b), affine(u, h, None, d));
    let k = h.nrows();
    let mut kept = g.clone();
    for j in 0..h.ncols() {
        for i in 0..k {
            let Gates { r, z, n } = Gates::of(&a, &q, k, i, j);
            let g = g[(i, j)];
            let new = tanh_slope(n, g * (T::one() - z));
            let reset = logistic_slope(r, new * q[(2 * k + i, j)]);
            let update = logistic_slope(z, g * (h[(i, j)] - n));
            for (at, a_bar, q_bar) in [
                (0, reset, reset),
                (k, update, update),
                (2 * k, new, new * r),
            ] {
                a[(at + i, j)] = a_bar;
                q[(at + i, j)] = q_bar;
            }
            kept[(i, j)] = g * z;
        }
    }
    let (w_bar, x_bar) = factors(w, x, &a);
    let (u_bar, mut h_bar) = factors(u, h, &q);
    h_bar += kept;
    (x_bar, h_bar, w_bar, u_bar, a.column_sum(), q.column_sum())
}
