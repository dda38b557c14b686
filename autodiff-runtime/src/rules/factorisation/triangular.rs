//! Triangular systems: `a.solve_lower_triangular(&b)` and its relatives, which read one triangle of `a`.
//!
//! nalgebra has methods called `ad_solve_lower_triangular` and `ad_solve_upper_triangular`, where `ad` is short for
//! adjoint; the rules of what they are the adjoints of are called `ad_rule_..` for that reason.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage, Storage};

use super::kernels::{
    Diagonal, Part, solve_lower, solve_upper, subtract_outer, tr_solve_lower, tr_solve_upper,
};
use super::put_zero;
use crate::differentiable::Real;
use crate::put::Put;
use crate::rules::matrix::put_sparse;
use crate::rules::{alias, method_rule, rule};

method_rule! {
    /// The solution of `L X = B`: with `S = L⁻ᵀ Ḡ`, `B̄ += S` and `L̄ -= S Xᵀ` in the lower triangle.
    ///
    /// Keeps the receiver, the argument and the result. Cost: that of the solution, and half an outer product. If there
    /// is no solution, nothing. Reference: Giles 2008, section 2.2; Walter and Lehmann 2010.
    SolveLowerTriangularRule ad_rule_solve_lower_triangular;
    /// The solution of `U X = B`: as for `L`, in the upper triangle.
    ///
    /// Keeps the receiver, the argument and the result.
    SolveUpperTriangularRule ad_rule_solve_upper_triangular;
    /// The solution of `Lᵀ X = B`: with `S = L⁻¹ Ḡ`, `B̄ += S` and `L̄ -= X Sᵀ` in the lower triangle.
    ///
    /// Keeps the receiver, the argument and the result.
    TrSolveLowerTriangularRule ad_tr_solve_lower_triangular;
    /// The solution of `Uᵀ X = B`: as for `L`, in the upper triangle.
    ///
    /// Keeps the receiver, the argument and the result.
    TrSolveUpperTriangularRule ad_tr_solve_upper_triangular;
    /// As [`solve_lower_triangular`](SolveLowerTriangularRule), of a diagonal without zeros.
    ///
    /// Keeps the receiver, the argument and the result.
    SolveLowerTriangularUncheckedRule ad_rule_solve_lower_triangular_unchecked;
    /// As [`solve_upper_triangular`](SolveUpperTriangularRule), of a diagonal without zeros.
    ///
    /// Keeps the receiver, the argument and the result.
    SolveUpperTriangularUncheckedRule ad_rule_solve_upper_triangular_unchecked;
    /// As [`tr_solve_lower_triangular`](TrSolveLowerTriangularRule), of a diagonal without zeros.
    ///
    /// Keeps the receiver, the argument and the result.
    TrSolveLowerTriangularUncheckedRule ad_tr_solve_lower_triangular_unchecked;
    /// As [`tr_solve_upper_triangular`](TrSolveUpperTriangularRule), of a diagonal without zeros.
    ///
    /// Keeps the receiver, the argument and the result.
    TrSolveUpperTriangularUncheckedRule ad_tr_solve_upper_triangular_unchecked;
}

alias! {
    /// As [`tr_solve_lower_triangular`](TrSolveLowerTriangularRule), because real numbers are their own conjugates.
    AdSolveLowerTriangularRule ad_ad_solve_lower_triangular = TrSolveLowerTriangularRule ad_tr_solve_lower_triangular;
    /// As [`tr_solve_upper_triangular`](TrSolveUpperTriangularRule), because real numbers are their own conjugates.
    AdSolveUpperTriangularRule ad_ad_solve_upper_triangular = TrSolveUpperTriangularRule ad_tr_solve_upper_triangular;
}

/// Contributions of `X = op(A)⁻¹ B`, from `S = op(A)⁻ᵀ Ḡ`.
fn put_solution<T: Real, D: Dim, R2: Dim, C2: Dim, PA, PB>(
    shape: (D, D),
    mut s: OMatrix<T, R2, C2>,
    x: &OMatrix<T, R2, C2>,
    solve: impl Fn(&mut [T]),
    (part, transposed): (Part, bool),
    to_a: PA,
    to_b: PB,
) -> (PA::Out, PB::Out)
where
    PA: Put<OMatrix<T, D, D>>,
    PB: Put<OMatrix<T, R2, C2>>,
    DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
{
    solve(s.as_mut_slice());
    let n = shape.0.value();
    let a = put_sparse(shape, to_a, |sum| {
        let (s, x) = (s.as_slice(), x.as_slice());
        let (left, right) = if transposed { (x, s) } else { (s, x) };
        subtract_outer(sum.as_mut_slice(), n, left, right, part);
    });
    (a, to_b.give(|| s))
}

macro_rules! triangular {
    ($($Rule:ident $method:ident, $Unchecked:ident $unchecked:ident: $transposed:literal $part:ident
        |$a:ident, $n:ident, $s:ident| $solve:expr;)*) => { $(
        rule! {
            ['y, T: Real, D: Dim, S0: Storage<T, D, D>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>]
            $Rule $method(matrix: Matrix<T, D, D, S0>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
            [y => &'y Option<OMatrix<T, R2, C2>>]
            where [DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>]
            |g: Option<OMatrix<T, R2, C2>>, dest, (to_b)| {
                let (Some(x), Some(g)) = (y, g) else {
                    return (put_zero(matrix.shape_generic(), dest), (put_zero(b.shape_generic(), to_b),));
                };
                let ($a, $n) = (matrix.clone_owned(), matrix.nrows());
                let $a = $a.as_slice();
                let solve = |$s: &mut [T]| $solve;
                let way = (Part::$part, $transposed);
                let (to_a, to_b) = put_solution(matrix.shape_generic(), g.clone(), x, solve, way, dest, to_b);
                (to_a, (to_b,))
            }
        }

        rule! {
            ['y, T: Real, D: Dim, S0: Storage<T, D, D>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>]
            $Unchecked $unchecked(matrix: Matrix<T, D, D, S0>; _b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
            [x => &'y OMatrix<T, R2, C2>]
            where [DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>]
            |g: OMatrix<T, R2, C2>, dest, (to_b)| {
                let ($a, $n) = (matrix.clone_owned(), matrix.nrows());
                let $a = $a.as_slice();
                let solve = |$s: &mut [T]| $solve;
                let way = (Part::$part, $transposed);
                let (to_a, to_b) = put_solution(matrix.shape_generic(), g.clone(), x, solve, way, dest, to_b);
                (to_a, (to_b,))
            }
        }
    )* };
}

triangular! {
    SolveLowerTriangularRule ad_rule_solve_lower_triangular,
    SolveLowerTriangularUncheckedRule ad_rule_solve_lower_triangular_unchecked: false Lower
        |a, n, s| tr_solve_lower(a, n, s, Diagonal::Given);
    SolveUpperTriangularRule ad_rule_solve_upper_triangular,
    SolveUpperTriangularUncheckedRule ad_rule_solve_upper_triangular_unchecked: false Upper
        |a, n, s| tr_solve_upper(a, n, s);
    TrSolveLowerTriangularRule ad_tr_solve_lower_triangular,
    TrSolveLowerTriangularUncheckedRule ad_tr_solve_lower_triangular_unchecked: true Lower
        |a, n, s| solve_lower(a, n, s, Diagonal::Given);
    TrSolveUpperTriangularRule ad_tr_solve_upper_triangular,
    TrSolveUpperTriangularUncheckedRule ad_tr_solve_upper_triangular_unchecked: true Upper
        |a, n, s| solve_upper(a, n, s);
}
