//! Updates in place: `y = a x + b y` and its relatives. The receiver is what was there before.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage, U1};

use super::products::{put_inner, put_outer};
use super::{dynamic, put_entries, put_map, put_scalar, recast_owned};
use crate::differentiable::Real;
use crate::rules::{method_rule, rule};

method_rule! {
    /// `y ← a x + b y`: `x̄ += a g`, `ā += ⟨g, x⟩`, `ȳ = b g`, `b̄ += ⟨g, y⟩`.
    ///
    /// Keeps the receiver and the arguments. Cost: O(n).
    AxpyRule ad_axpy;
    /// `C ← a x yᵀ + b C`: `x̄ += a G y`, `ȳ += a Gᵀ x`, `ā += xᵀ G y`, `C̄ = b G`, `b̄ += ⟨G, C⟩`.
    ///
    /// Keeps the receiver and the arguments. Cost: O(m n). Reference: Giles 2008, section 2.
    GerRule ad_ger;
    /// `C ← a A B + b C`: `Ā += a G Bᵀ`, `B̄ += a Aᵀ G`, `ā += ⟨G, A B⟩`, `C̄ = b G`, `b̄ += ⟨G, C⟩`.
    ///
    /// Keeps the receiver and the arguments. Cost: two products of the size of the primal one, and a third if `a` is
    /// active. Reference: Giles 2008, section 2.
    GemmRule ad_gemm;
    /// `y ← a A x + b y`: as [`gemm`](GemmRule) with matrices of one column.
    ///
    /// Keeps the receiver and the arguments.
    GemvRule ad_gemv;
}

rule! {
    [T: Real, R: Dim, S0: RawStorage<T, R, U1>, R2: Dim, S2: RawStorage<T, R2, U1>]
    AxpyRule ad_axpy(
        y: Matrix<T, R, U1, S0>; a A SA: T => T, x X SX: Matrix<T, R2, U1, S2> => OMatrix<T, R2, U1>, b B SB: T => T
    )
    [() => ()] where [DefaultAllocator: Allocator<R> + Allocator<R2>]
    |g: OMatrix<T, R, U1>, dest, (to_a, to_x, to_b)| (
        put_map(g, dest, |g| *b * g),
        (
            put_scalar(to_a, || dynamic(g).dot(&dynamic(x))),
            put_entries(x.shape_generic(), to_x, |i, _| *a * g[i]),
            put_scalar(to_b, || g.dot(y)),
        ),
    )
}

rule! {
    [
        T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, R2: Dim, S2: RawStorage<T, R2, U1>, R3: Dim,
        S3: RawStorage<T, R3, U1>
    ]
    GerRule ad_ger(
        c: Matrix<T, R, C, S0>; a A SA: T => T, x X SX: Matrix<T, R2, U1, S2> => OMatrix<T, R2, U1>,
        y Y SY: Matrix<T, R3, U1, S3> => OMatrix<T, R3, U1>, b B SB: T => T
    )
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<R2> + Allocator<R3>]
    |g: OMatrix<T, R, C>, dest, (to_a, to_x, to_y, to_b)| (
        put_map(g, dest, |g| *b * g),
        (
            put_scalar(to_a, || {
                let by_column = (0..g.ncols()).map(|j| y[j] * dynamic(g).column(j).dot(&dynamic(x)));
                by_column.fold(T::zero(), |sum, term| sum + term)
            }),
            put_entries(x.shape_generic(), to_x, |i, _| {
                *a * (0..g.ncols()).fold(T::zero(), |sum, j| sum + g[(i, j)] * y[j])
            }),
            put_entries(y.shape_generic(), to_y, |j, _| *a * dynamic(g).column(j).dot(&dynamic(x))),
            put_scalar(to_b, || g.dot(c)),
        ),
    )
}

/// A product that is added to the receiver. `C` and `C3` are the types of the numbers of columns of the receiver and of
/// the right factor.
macro_rules! added_product {
    ($Rule:ident $method:ident $C:ty, $C3:ty, [$($c:tt)*]) => {
        rule! {
            [
                T: Real, R: Dim, $($c)* S0: RawStorage<T, R, $C>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>, R3: Dim,
                S3: RawStorage<T, R3, $C3>
            ]
            $Rule $method(
                sum: Matrix<T, R, $C, S0>; factor F SF: T => T, a A SA: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>,
                b B SB: Matrix<T, R3, $C3, S3> => OMatrix<T, R3, $C3>, rest E SE: T => T
            )
            [() => ()]
            where [
                DefaultAllocator: Allocator<R, $C> + Allocator<R2, C2> + Allocator<R3, $C3> + Allocator<R2, $C3>
            ]
            |g: OMatrix<T, R, $C>, dest, (to_factor, to_a, to_b, to_rest)| {
                // The receiver has the rows of `a` and the columns of `b`, though perhaps by types of other kinds.
                let scaled: OMatrix<T, R2, $C3> = recast_owned(g * *factor);
                (
                    put_map(g, dest, |g| *rest * g),
                    (
                        put_scalar(to_factor, || dynamic(g).dot(&(dynamic(a) * dynamic(b)))),
                        put_outer(a.shape_generic(), &scaled, b, to_a),
                        put_inner(b.shape_generic(), a, &scaled, to_b),
                        put_scalar(to_rest, || g.dot(sum)),
                    ),
                )
            }
        }
    };
}
added_product!(GemmRule ad_gemm C, C3, [C: Dim, C3: Dim,]);
added_product!(GemvRule ad_gemv U1, U1, []);
