//! Products of two matrices that are no matrix product.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, DimMul, DimProd, Matrix, OMatrix, RawStorage, U1, U3};

use super::{DotRule, TrMulRule, TransposeRule, dynamic, dynamic_mut, put_entries, put_sparse};
use crate::differentiable::Real;
use crate::rules::{alias, method_rule, rule};

method_rule! {
    /// `tr(A B)` of `A` m×n and `B` n×m: `Ā += g Bᵀ`, `B̄ += g Aᵀ`.
    ///
    /// Keeps the receiver and the argument. Cost: O(m n). Reference: Giles 2008, section 2.
    TrDotRule ad_tr_dot;
    /// `a₁ b₂ - a₂ b₁` of two vectors with two entries: `ā += g (b₂, -b₁)`, `b̄ += g (-a₂, a₁)`.
    ///
    /// Keeps the receiver and the argument.
    PerpRule ad_perp;
    /// The Kronecker product, whose block `(i, j)` is `aᵢⱼ B`: `āᵢⱼ += ⟨Gᵢⱼ, B⟩`, `B̄ += Σ aᵢⱼ Gᵢⱼ`, with `Gᵢⱼ` the
    /// blocks of the cotangent.
    ///
    /// Keeps the receiver and the argument. Cost: that of the product, once per operand. Reference: Magnus and
    /// Neudecker, *Matrix Differential Calculus*, section 3.6.
    KroneckerRule ad_kronecker;
    /// The matrix `[a]×` with `[a]× v = a × v`: `ā += (G₃₂ - G₂₃, G₁₃ - G₃₁, G₂₁ - G₁₂)`.
    ///
    /// Keeps the receiver, of which it reads nothing.
    CrossMatrixRule ad_cross_matrix;
}

alias! {
    /// `aᵀ b`, as [`dot`](DotRule), because real numbers are their own conjugates.
    DotcRule ad_dotc = DotRule ad_dot;
    /// `Aᵀ B`, as [`tr_mul`](TrMulRule), because real numbers are their own conjugates.
    AdMulRule ad_ad_mul = TrMulRule ad_tr_mul;
    /// `Aᵀ`, as [`transpose`](TransposeRule), because real numbers are their own conjugates.
    AdjointRule ad_adjoint = TransposeRule ad_transpose;
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>]
    TrDotRule ad_tr_dot(a: Matrix<T, R, C, S0>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>]
    |g: T, dest, (to_b)| (
        put_entries(a.shape_generic(), dest, |i, j| b[(j, i)] * *g),
        (put_entries(b.shape_generic(), to_b, |i, j| a[(j, i)] * *g),),
    )
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>]
    PerpRule ad_perp(a: Matrix<T, R, C, S0>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>]
    |g: T, dest, (to_b)| (
        put_entries(a.shape_generic(), dest, |i, j| if i + j == 0 { b[1] * *g } else { -b[0] * *g }),
        (put_entries(b.shape_generic(), to_b, |i, j| if i + j == 0 { -a[1] * *g } else { a[0] * *g }),),
    )
}

rule! {
    [T: Real, R: DimMul<R2>, C: DimMul<C2>, S0: RawStorage<T, R, C>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>]
    KroneckerRule ad_kronecker(a: Matrix<T, R, C, S0>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [() => ()] where [
        DefaultAllocator:
            Allocator<R, C> + Allocator<R2, C2> + Allocator<DimProd<R, R2>, DimProd<C, C2>>,
    ]
    |g: OMatrix<T, DimProd<R, R2>, DimProd<C, C2>>, dest, (to_b)| {
        let (rows, columns) = b.shape();
        let block = |i: usize, j: usize| g.view((i * rows, j * columns), (rows, columns));
        (
            put_entries(a.shape_generic(), dest, |i, j| block(i, j).dot(&dynamic(b))),
            (put_sparse(b.shape_generic(), to_b, |sum| {
                for j in 0..a.ncols() {
                    for i in 0..a.nrows() {
                        let factor = a[(i, j)];
                        dynamic_mut(sum).zip_apply(&block(i, j), |sum, g| *sum += g * factor);
                    }
                }
            }),),
        )
    }
}

rule! {
    [T: Real, S0: RawStorage<T, U3, U1>]
    CrossMatrixRule ad_cross_matrix(a: Matrix<T, U3, U1, S0>)
    [() => ()] where []
    |g: OMatrix<T, U3, U3>, dest| (
        put_entries(a.shape_generic(), dest, |i, _| {
            let (next, last) = ((i + 1) % 3, (i + 2) % 3);
            g[(last, next)] - g[(next, last)]
        }),
        (),
    )
}
