//! Inverses and determinants.

use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{put_dynamic, put_zero, to_dynamic};
use crate::differentiable::Real;
use crate::put::Put;
use crate::rules::{method_rule, rule};

method_rule! {
    /// The inverse of a square matrix, `X`: `Ā -= Xᵀ G Xᵀ`. Of a singular matrix: nothing.
    ///
    /// Keeps the receiver, of which it reads the shape, and the result. Cost: two products. Reference: Giles 2008,
    /// section 2.2.3.
    TryInverseRule ad_try_inverse;
    /// The determinant: `Ā += g cof A`, where the matrix of cofactors is `det(A) A⁻ᵀ` if `A` has an inverse. A
    /// determinant is a polynomial: at a singular matrix the cofactors are there all the same, and are had from the
    /// singular values.
    ///
    /// Keeps the receiver and the result. Cost: closed forms up to three rows; from four rows on an LU factorisation and
    /// the inverse from it, at a singular matrix the singular value decomposition. Reference: Giles 2008, section 2.2.4;
    /// Stewart 1998, *On the adjugate matrix*.
    DeterminantRule ad_determinant;
}

/// `dest -= Xᵀ G Xᵀ`.
pub(super) fn put_inverse<T: Real, D: Dim, P: Put<OMatrix<T, D, D>>>(
    shape: (D, D),
    x: Option<&OMatrix<T, D, D>>,
    g: Option<&OMatrix<T, D, D>>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D, D>,
{
    match (x, g) {
        (Some(x), Some(g)) if P::ACTIVE => {
            let x = x.transpose();
            let product = &x * g;
            dest.put(
                || -(&product * &x),
                |sum| sum.gemm(-T::one(), &product, &x, T::one()),
            )
        }
        _ => put_zero(shape, dest),
    }
}

rule! {
    ['y, T: Real, D: Dim, S0: RawStorage<T, D, D>]
    TryInverseRule ad_try_inverse(a: Matrix<T, D, D, S0>)
    [y => &'y Option<OMatrix<T, D, D>>] where [DefaultAllocator: Allocator<D, D>]
    |g: Option<OMatrix<T, D, D>>, dest| {
        (put_inverse(a.shape_generic(), y.as_ref(), g.as_ref(), dest), ())
    }
}

rule! {
    ['y, T: Real, D: Dim, S0: RawStorage<T, D, D>]
    DeterminantRule ad_determinant(a: Matrix<T, D, D, S0>)
    [_ => &'y T] where [DefaultAllocator: Allocator<D, D>]
    |g: T, dest| {
        if !S::ACTIVE || g.is_zero() {
            return (put_zero(a.shape_generic(), dest), ());
        }
        let at = |i: usize, j: usize| a[(i, j)];
        let out = match a.nrows() {
            0 => put_zero(a.shape_generic(), dest),
            1 => crate::rules::matrix::put_constant(a.shape_generic(), *g, dest),
            2 => crate::rules::matrix::put_entries(a.shape_generic(), dest, |i, j| {
                let cofactor = at(1 - i, 1 - j);
                *g * if i == j { cofactor } else { -cofactor }
            }),
            3 => crate::rules::matrix::put_entries(a.shape_generic(), dest, |i, j| {
                // Cyclic indices carry the sign.
                let ((i, k), (j, l)) = (((i + 1) % 3, (i + 2) % 3), ((j + 1) % 3, (j + 2) % 3));
                *g * (at(i, j) * at(k, l) - at(i, l) * at(k, j))
            }),
            _ => put_dynamic(a.shape_generic(), &(cofactors(to_dynamic(a)) * *g), dest),
        };
        (out, ())
    }
}

/// The matrix of cofactors.
pub(crate) fn cofactors<T: Real>(a: DMatrix<T>) -> DMatrix<T> {
    let lu = a.clone().lu();
    let determinant = lu.determinant();
    if !determinant.ad_at_zero()
        && determinant.is_finite()
        && let Some(inverse) = lu.try_inverse()
    {
        return inverse.transpose() * determinant;
    }
    // With `A = U Σ Vᵀ`: cofactors are multiplicative, and those of an orthogonal matrix are `det(U) U`.
    let svd = T::ad_svd(a, true, true, true);
    let (Some(mut u), Some(v_t)) = (svd.u, svd.v_t) else {
        unreachable!("both are computed");
    };
    let sign = orientation(&u) * orientation(&v_t);
    for i in 0..u.ncols() {
        let others = (svd.singular_values.iter().enumerate()).filter(|(k, _)| *k != i);
        let product = others.fold(sign, |product, (_, value)| product * *value);
        u.column_mut(i).scale_mut(product);
    }
    u * v_t
}

/// The determinant of an orthogonal matrix, without the rounding.
fn orientation<T: Real>(matrix: &DMatrix<T>) -> T {
    T::one().copysign(T::ad_determinant(matrix))
}
