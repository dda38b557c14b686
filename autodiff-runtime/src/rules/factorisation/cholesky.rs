//! The Cholesky factorisation `A = L Lᵀ`, which reads the lower triangle of `A`; so its cotangent stands there.

use nalgebra::allocator::Allocator;
use nalgebra::{Cholesky, DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::kernels::{
    Diagonal, Part, add_part, inverse_of_square, solve_lower, subtract_outer, tr_solve_lower,
};
use super::{DeterminantRule, InverseRule, LRule, SolveRule, UnpackRule, put_zero};
use crate::differentiable::{Differentiable, Peel, Real};
use crate::put::Put;
use crate::rules::matrix::{NewRule, put_copy, put_sparse};
use crate::rules::{method_rule, rule};

method_rule! {
    /// `a.cholesky()`: hands the cotangent of the matrix on. A matrix that is not positive definite has no factor and
    /// gets nothing.
    ///
    /// Keeps the receiver, of which it reads the shape.
    CholeskyRule ad_cholesky;
    /// `chol.l_dirty()`: as [`l`](LRule). What stands above the diagonal of the factor carries no derivative.
    ///
    /// Keeps the receiver.
    LDirtyRule ad_l_dirty;
    /// `ln det A`: `Ā += g A⁻¹`. Where the determinant overflows, this does not.
    ///
    /// Keeps the receiver. Cost: an inverse from the factor. Reference: Giles 2008, section 2.2.4; Magnus and Neudecker,
    /// section 8.4.
    LnDeterminantRule ad_ln_determinant;
}

#[diagnostic::do_not_recommend]
impl<T: Real, D: Dim> Differentiable for Cholesky<T, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    /// The cotangent of the factored matrix, in its lower triangle.
    type Tangent = OMatrix<T, D, D>;
    type Shape = (D, D);
    type Owned = Self;
    fn ad_shape(&self) -> (D, D) {
        self.l_dirty().shape_generic()
    }
    fn ad_zero(shape: &(D, D)) -> OMatrix<T, D, D> {
        OMatrix::zeros_generic(shape.0, shape.1)
    }
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    /// Factors the matrix that is a step away.
    ///
    /// # Panics
    /// If that matrix is not positive definite.
    fn ad_step(&self, direction: &OMatrix<T, D, D>, step: f64) -> Self {
        let l = self.l();
        Cholesky::new((&l * l.transpose()).ad_step(direction, step))
            .expect("the matrix a step away is positive definite")
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, D: Dim> Peel for Cholesky<T, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

rule! {
    [T: Real, D: Dim, S0: RawStorage<T, D, D>]
    CholeskyRule ad_cholesky(a: Matrix<T, D, D, S0>)
    [() => ()] where [DefaultAllocator: Allocator<D, D>]
    |g: Option<OMatrix<T, D, D>>, dest| match g {
        Some(g) => (put_copy(g, dest), ()),
        None => (put_zero(a.shape_generic(), dest), ()),
    }
}

rule! {
    /// `Cholesky::new(a)`: as [`a.cholesky()`](CholeskyRule).
    [T: Real, D: Dim, S2: RawStorage<T, D, D>]
    NewRule ad_new(_result: Option<Cholesky<T, D>>; a A SA: Matrix<T, D, D, S2> => OMatrix<T, D, D>)
    [() => ()] where [DefaultAllocator: Allocator<D, D>]
    |g: Option<OMatrix<T, D, D>>, dest, (to_a)| {
        let to_a = match g {
            Some(g) => put_copy(g, to_a),
            None => put_zero(a.shape_generic(), to_a),
        };
        (dest.put(|| None, |_| ()), (to_a,))
    }
}

rule! {
    [
        'y, T: Real, D: Dim, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>
    ]
    SolveRule ad_solve(chol: Cholesky<T, D>; _b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [x => &'y OMatrix<T, R2, C2>] where [DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>]
    |g: OMatrix<T, R2, C2>, dest, (to_b)| {
        let (l, n) = (chol.l_dirty().as_slice(), chol.l_dirty().nrows());
        let mut s = g.clone();
        solve_lower(l, n, s.as_mut_slice(), Diagonal::Given);
        tr_solve_lower(l, n, s.as_mut_slice(), Diagonal::Given);
        let to_a = put_sparse(chol.ad_shape(), dest, |sum| {
            subtract_outer(sum.as_mut_slice(), n, s.as_slice(), x.as_slice(), Part::Folded);
        });
        (to_a, (to_b.give(|| s),))
    }
}

/// `dest += factor M`, where `M` belongs to the symmetric matrix.
fn put_folded<T: Real, D: Dim, P: Put<OMatrix<T, D, D>>>(
    m: &OMatrix<T, D, D>,
    factor: T,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D, D>,
{
    put_sparse(m.shape_generic(), dest, |sum| {
        add_part(
            sum.as_mut_slice(),
            m.nrows(),
            m.as_slice(),
            factor,
            Part::Folded,
        );
    })
}

/// `dest += factor A⁻¹`, by the factor of `A`.
fn put_inverse<T: Real, D: Dim, P: Put<OMatrix<T, D, D>>>(
    chol: &Cholesky<T, D>,
    factor: T,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D, D>,
{
    let n = chol.l_dirty().nrows();
    let inverse = inverse_of_square(chol.l_dirty().as_slice(), n);
    put_sparse(chol.ad_shape(), dest, |sum| {
        let sum = sum.as_mut_slice();
        for j in 0..n {
            let column = j * n + j..(j + 1) * n;
            let entries = sum[column.clone()].iter_mut().zip(&inverse[column]);
            for (k, (sum, entry)) in entries.enumerate() {
                // What is below the diagonal stands for its mirror image, too.
                *sum += *entry * if k == 0 { factor } else { factor + factor };
            }
        }
    })
}

rule! {
    /// `A⁻¹`: `Ā -= A⁻¹ G A⁻¹`. Cost: two products. Reference: Giles 2008, section 2.2.3.
    ['y, T: Real, D: Dim]
    InverseRule ad_inverse(chol: Cholesky<T, D>)
    [x => &'y OMatrix<T, D, D>] where [DefaultAllocator: Allocator<D, D>]
    |g: OMatrix<T, D, D>, dest| {
        if !S::ACTIVE {
            return (put_zero(chol.ad_shape(), dest), ());
        }
        (put_folded(&(x * g * x), -T::one(), dest), ())
    }
}

rule! {
    /// `det A`: `Ā += g det(A) A⁻¹`. Cost: an inverse from the factor. Reference: Giles 2008, section 2.2.4.
    ['y, T: Real, D: Dim]
    DeterminantRule ad_determinant(chol: Cholesky<T, D>)
    [y => &'y T] where [DefaultAllocator: Allocator<D, D>]
    |g: T, dest| {
        if !S::ACTIVE {
            return (put_zero(chol.ad_shape(), dest), ());
        }
        (put_inverse(chol, *g * *y, dest), ())
    }
}

rule! {
    [T: Real, D: Dim]
    LnDeterminantRule ad_ln_determinant(chol: Cholesky<T, D>)
    [() => ()] where [DefaultAllocator: Allocator<D, D>]
    |g: T, dest| {
        if !S::ACTIVE {
            return (put_zero(chol.ad_shape(), dest), ());
        }
        (put_inverse(chol, *g, dest), ())
    }
}

/// `Ā += L⁻ᵀ Φ(Lᵀ L̄) L⁻¹`, where `Φ` takes the lower triangle and halves the diagonal, and `L̄` is read in its lower
/// triangle. Cost: one product, two triangular solutions.
fn put_factor<T: Real, D: Dim, P: Put<OMatrix<T, D, D>>>(
    chol: &Cholesky<T, D>,
    g: &OMatrix<T, D, D>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D, D>,
{
    if !P::ACTIVE {
        return put_zero(chol.ad_shape(), dest);
    }
    let n = g.nrows();
    let factor = chol.l();
    // What is halved is transposed at once, because the solution from the right comes first.
    let mut m = g.lower_triangle().transpose() * &factor;
    m.fill_lower_triangle(T::zero(), 1);
    for i in 0..n {
        m[(i, i)] *= T::ad_from_f64(0.5);
    }
    tr_solve_lower(factor.as_slice(), n, m.as_mut_slice(), Diagonal::Given);
    let mut m = m.transpose();
    tr_solve_lower(factor.as_slice(), n, m.as_mut_slice(), Diagonal::Given);
    put_folded(&m, T::one(), dest)
}

rule! {
    /// The factor: `Ā += L⁻ᵀ Φ(Lᵀ L̄) L⁻¹`, where `Φ` takes the lower triangle and halves the diagonal. Cost: one
    /// product, two triangular solutions. Reference: Murray 2016, equation 9.
    [T: Real, D: Dim]
    LRule ad_l(chol: Cholesky<T, D>)
    [() => ()] where [DefaultAllocator: Allocator<D, D>]
    |g: OMatrix<T, D, D>, dest| (put_factor(chol, g, dest), ())
}

rule! {
    [T: Real, D: Dim]
    LDirtyRule ad_l_dirty(chol: Cholesky<T, D>)
    [() => ()] where [DefaultAllocator: Allocator<D, D>]
    |g: OMatrix<T, D, D>, dest| (put_factor(chol, g, dest), ())
}

rule! {
    /// `chol.unpack()`: as [`l`](LRule).
    ['y, T: Real, D: Dim]
    UnpackRule ad_unpack(chol: Cholesky<T, D>)
    [_ => &'y OMatrix<T, D, D>] where [DefaultAllocator: Allocator<D, D>]
    |g: OMatrix<T, D, D>, dest| (put_factor(chol, g, dest), ())
}
