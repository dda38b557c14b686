//! The LU factorisation with row pivoting, `P A = L U`.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, DimMin, DimMinimum, LU, Matrix, OMatrix, RawStorage};

use super::inverse::{cofactors, put_inverse};
use super::kernels::{Diagonal, Part, subtract_outer, tr_solve_lower, tr_solve_upper};
use super::{
    DeterminantRule, LRule, SolveRule, TryInverseRule, URule, put_dynamic, put_zero, to_dynamic,
};
use crate::differentiable::{Differentiable, Peel, Real};
use crate::put::Put;
use crate::rules::matrix::{NewRule, put_copy, put_sparse};
use crate::rules::{method_rule, rule};

method_rule! {
    /// `a.lu()`: hands the cotangent of the matrix on.
    ///
    /// Keeps the receiver, of which it reads nothing.
    LuRule ad_lu;
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Differentiable for LU<T, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>,
{
    /// The cotangent of the factored matrix.
    type Tangent = OMatrix<T, R, C>;
    type Shape = (R, C);
    type Owned = Self;
    fn ad_shape(&self) -> (R, C) {
        self.lu_internal().shape_generic()
    }
    fn ad_zero(shape: &(R, C)) -> OMatrix<T, R, C> {
        OMatrix::zeros_generic(shape.0, shape.1)
    }
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    /// Factors the matrix that is a step away.
    fn ad_step(&self, direction: &OMatrix<T, R, C>, step: f64) -> Self {
        LU::new(factored(self).ad_step(direction, step))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Peel for LU<T, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>,
{
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

/// The factored matrix.
pub(crate) fn factored<T: Real, R: DimMin<C>, C: Dim>(lu: &LU<T, R, C>) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>,
{
    let factors = lu.lu_internal();
    let (rows, columns) = factors.shape_generic();
    let mut product = OMatrix::from_fn_generic(rows, columns, |i, j| {
        let below =
            (0..i.min(j + 1)).fold(T::zero(), |sum, k| sum + factors[(i, k)] * factors[(k, j)]);
        if i <= j {
            below + factors[(i, j)]
        } else {
            below
        }
    });
    lu.p().inv_permute_rows(&mut product);
    product
}

rule! {
    [T: Real, R: DimMin<C>, C: Dim, S0: RawStorage<T, R, C>]
    LuRule ad_lu(_a: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>]
    |g: OMatrix<T, R, C>, dest| (put_copy(g, dest), ())
}

rule! {
    /// `LU::new(a)`: as [`a.lu()`](LuRule).
    [T: Real, R: DimMin<C>, C: Dim]
    NewRule ad_new(lu: LU<T, R, C>; _a A SA: OMatrix<T, R, C> => OMatrix<T, R, C>)
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>]
    |g: OMatrix<T, R, C>, dest, (to_a)| (put_zero(lu.ad_shape(), dest), (put_copy(g, to_a),))
}

/// `B ← A⁻ᵀ B`.
pub(crate) fn tr_solve<T: Real, D: DimMin<D, Output = D>, R2: Dim, C2: Dim>(
    lu: &LU<T, D, D>,
    b: &mut OMatrix<T, R2, C2>,
) where
    DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<R2, C2>,
{
    let (factors, n) = (lu.lu_internal().as_slice(), lu.lu_internal().nrows());
    tr_solve_upper(factors, n, b.as_mut_slice());
    tr_solve_lower(factors, n, b.as_mut_slice(), Diagonal::Ones);
    lu.p().inv_permute_rows(b);
}

rule! {
    [
        'y, T: Real, D: DimMin<D, Output = D>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>
    ]
    SolveRule ad_solve(lu: LU<T, D, D>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [y => &'y Option<OMatrix<T, R2, C2>>]
    where [DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<R2, C2>]
    |g: Option<OMatrix<T, R2, C2>>, dest, (to_b)| {
        let (Some(x), Some(g)) = (y, g) else {
            return (put_zero(lu.ad_shape(), dest), (put_zero(b.shape_generic(), to_b),));
        };
        let (mut s, n) = (g.clone(), g.nrows());
        tr_solve(lu, &mut s);
        let to_a = put_sparse(lu.ad_shape(), dest, |sum| {
            subtract_outer(sum.as_mut_slice(), n, s.as_slice(), x.as_slice(), Part::All);
        });
        (to_a, (to_b.give(|| s),))
    }
}

rule! {
    /// `lu.try_inverse()`: as that of the matrix.
    ['y, T: Real, D: DimMin<D, Output = D>]
    TryInverseRule ad_try_inverse(lu: LU<T, D, D>)
    [y => &'y Option<OMatrix<T, D, D>>] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: Option<OMatrix<T, D, D>>, dest| {
        (put_inverse(lu.ad_shape(), y.as_ref(), g.as_ref(), dest), ())
    }
}

rule! {
    /// `lu.determinant()`: as that of the matrix. Cost: an inverse from the factors; at a singular matrix the singular
    /// value decomposition.
    ['y, T: Real, D: DimMin<D, Output = D>]
    DeterminantRule ad_determinant(lu: LU<T, D, D>)
    [y => &'y T] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: T, dest| {
        if !S::ACTIVE || g.is_zero() {
            return (put_zero(lu.ad_shape(), dest), ());
        }
        if !y.ad_at_zero() && y.is_finite() && let Some(inverse) = lu.try_inverse() {
            let factor = *g * *y;
            return (dest.give(|| inverse.transpose() * factor), ());
        }
        let cofactors = cofactors(to_dynamic(&factored(lu)));
        (put_dynamic(lu.ad_shape(), &(cofactors * *g), dest), ())
    }
}

/// `Ā += Pᵀ L⁻ᵀ M U⁻ᵀ`.
fn put_factors<T: Real, D: DimMin<D, Output = D>, P: Put<OMatrix<T, D, D>>>(
    lu: &LU<T, D, D>,
    m: &OMatrix<T, D, D>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    let (factors, n) = (lu.lu_internal().as_slice(), m.nrows());
    // From the right: the transpose of `U⁻¹ Mᵀ`.
    let mut m = m.transpose();
    super::kernels::solve_upper(factors, n, m.as_mut_slice());
    let mut m = m.transpose();
    tr_solve_lower(factors, n, m.as_mut_slice(), Diagonal::Ones);
    lu.p().inv_permute_rows(&mut m);
    dest.give(|| m)
}

rule! {
    /// The lower factor of a square matrix: `Ā += Pᵀ L⁻ᵀ M U⁻ᵀ`, where `M` is `Lᵀ L̄` below the diagonal. Undefined at a
    /// singular matrix. Cost: one product, two triangular solutions. Reference: de Hoog, Anderssen and Lukas 2011,
    /// *Differentiation of matrix functionals using triangular factorization*.
    [T: Real, D: DimMin<D, Output = D>]
    LRule ad_l(lu: LU<T, D, D>)
    [() => ()] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: OMatrix<T, D, D>, dest| {
        if !S::ACTIVE {
            return (put_zero(lu.ad_shape(), dest), ());
        }
        // Only what stands below the diagonal is a variable.
        let mut g = g.clone();
        g.fill_upper_triangle(T::zero(), 0);
        let mut m = lu.l().transpose() * g;
        m.fill_upper_triangle(T::zero(), 0);
        (put_factors(lu, &m, dest), ())
    }
}

rule! {
    /// The upper factor of a square matrix: `Ā += Pᵀ L⁻ᵀ M U⁻ᵀ`, where `M` is `Ū Uᵀ` on and above the diagonal. Undefined
    /// at a singular matrix. Cost: one product, two triangular solutions. Reference: as for `l`.
    [T: Real, D: DimMin<D, Output = D>]
    URule ad_u(lu: LU<T, D, D>)
    [() => ()] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: OMatrix<T, D, D>, dest| {
        if !S::ACTIVE {
            return (put_zero(lu.ad_shape(), dest), ());
        }
        let mut m = g.upper_triangle() * lu.u().transpose();
        m.fill_lower_triangle(T::zero(), 1);
        (put_factors(lu, &m, dest), ())
    }
}
