//! Factorisations, and what is solved with them.
//!
//! The tangent of a Cholesky, LU or QR factorisation is the cotangent of the *factored matrix*, not of its factors:
//! each method of the object pulls its cotangent back to that matrix with the factors at hand, and the rule of the
//! factorisation itself hands it on. So several systems share one factor in the reverse sweep as they did before, and
//! nothing is factored twice. The tangent of a singular value or eigenvalue decomposition, whose parts are public
//! fields, has a cotangent for each of them, and the work is done by the rule of the decomposition.
//!
//! A factorisation that reads one triangle of a symmetric matrix (Cholesky, the symmetric eigenvalues) has a gradient
//! in that triangle, the lower one: an entry below the diagonal stands for two of the symmetric matrix, and its
//! derivative is that of both.
//!
//! Where a system is singular, the primal gives `None`, and nothing is contributed. Empty matrices are fine as far as
//! nalgebra accepts them.
//!
//! References: Giles 2008, *Collected matrix derivative results for forward and reverse mode algorithmic
//! differentiation*; Murray 2016, *Differentiation of the Cholesky decomposition*; Walter and Lehmann 2010,
//! *Algorithmic differentiation of linear algebra functions*; Townsend 2016, *Differentiating the singular value
//! decomposition*; Magnus and Neudecker, *Matrix Differential Calculus*.

use nalgebra::DMatrix;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::method_rule;
use crate::differentiable::Real;
use crate::put::Put;

mod cholesky;
mod eigen;
mod inverse;
mod kernels;
mod lu;
mod qr;
mod svd;
mod triangular;

pub use cholesky::*;
pub use eigen::*;
pub use inverse::*;
pub use lu::*;
pub use qr::*;
pub use svd::*;
pub use triangular::*;

pub(crate) use eigen::{matching, push_eigen};
pub(crate) use inverse::cofactors;
pub(crate) use lu::{factored, tr_solve};
pub(crate) use svd::{generalized_of as generalized, push_svd};

method_rule! {
    /// `f.solve(&b)`, the solution of `A X = B`: with `S` the solution of `Aᵀ S = Ḡ`, by the same factors,
    /// `B̄ += S`, `Ā -= S Xᵀ`.
    ///
    /// Keeps the receiver, the argument and the result. Cost: that of the solution, and one outer product. Reference:
    /// Giles 2008, section 2.2.
    SolveRule ad_solve;
    /// `f.l()`, the lower triangular factor.
    ///
    /// Keeps the receiver, of which it reads the factors.
    LRule ad_l;
    /// `f.u()`, the upper triangular factor.
    ///
    /// Keeps the receiver, of which it reads the factors.
    URule ad_u;
    /// `f.inverse()`, of what always has an inverse.
    ///
    /// Keeps the receiver and the result.
    InverseRule ad_inverse;
    /// `f.unpack()`: the factors.
    ///
    /// Keeps the receiver and the result.
    UnpackRule ad_unpack;
    /// `f.recompose()`: the matrix again.
    ///
    /// Keeps the receiver and the result.
    RecomposeRule ad_recompose;
}

/// A contribution of exactly zero.
fn put_zero<T: Real, R: Dim, C: Dim, P: Put<OMatrix<T, R, C>>>(shape: (R, C), dest: P) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    dest.put(|| OMatrix::zeros_generic(shape.0, shape.1), |_| ())
}

/// `dest += ` a matrix that was computed with dynamic dimensions.
fn put_dynamic<T: Real, R: Dim, C: Dim, P: Put<OMatrix<T, R, C>>>(
    shape: (R, C),
    contribution: &DMatrix<T>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C>,
{
    super::matrix::put_entries(shape, dest, |i, j| contribution[(i, j)])
}

/// A copy with dynamic dimensions.
pub(crate) fn to_dynamic<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
    matrix: &Matrix<T, R, C, S>,
) -> DMatrix<T> {
    DMatrix::from_iterator(matrix.nrows(), matrix.ncols(), matrix.iter().copied())
}
