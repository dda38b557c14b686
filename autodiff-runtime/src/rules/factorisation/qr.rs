//! The QR factorisation `A = Q R`, with `Q` of orthonormal columns and a diagonal of `R` that is not negative.

use nalgebra::allocator::Allocator;
use nalgebra::{
    DMatrix, DefaultAllocator, Dim, DimMin, DimMinimum, Matrix, OMatrix, QR, RawStorage,
};

use super::inverse::put_inverse;
use super::kernels::{Part, solve_upper, subtract_outer, tr_solve_upper};
use super::{SolveRule, TryInverseRule, UnpackRule, put_dynamic, put_zero, to_dynamic};
use crate::differentiable::{Differentiable, Peel, Real};
use crate::rules::matrix::{NewRule, put_copy, put_sparse};
use crate::rules::{method_rule, rule};

method_rule! {
    /// `a.qr()`: hands the cotangent of the matrix on.
    ///
    /// Keeps the receiver, of which it reads nothing.
    QrRule ad_qr;
    /// The orthogonal factor: with `M = -Q̄ᵀ Q`, `Ā += (Q̄ + Q copyltu(M)) R⁻ᵀ`, where `copyltu` mirrors what stands below
    /// the diagonal. Of a wide matrix `[X Y]` it belongs to `X`, which is square. Undefined where the diagonal of `R` has
    /// a zero.
    ///
    /// Keeps the receiver and the result. Cost: three products, one triangular solution. Reference: Walter and Lehmann
    /// 2010; Seeger et al. 2017, *Auto-differentiating linear algebra*.
    QRule ad_q;
    /// The triangular factor: `Ā += Q copyltu(R R̄ᵀ) R⁻ᵀ`; of a wide matrix `[X Y]`, whose factor is `[U V]` with
    /// `V = Qᵀ Y`, `Ȳ += Q V̄` and `Q̄ += Y V̄ᵀ`. Undefined where the diagonal of `R` has a zero.
    ///
    /// Keeps the receiver and the result. Cost: as for `q`, and `Q` is formed. Reference: as for `q`; Roberts and Roberts
    /// 2020, *QR and LQ decomposition matrix backpropagation algorithms for square, wide, and deep matrices*.
    RRule ad_r;
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Differentiable for QR<T, R, C>
where
    DefaultAllocator: Allocator<R, C>
        + Allocator<R>
        + Allocator<DimMinimum<R, C>>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>, C>,
{
    /// The cotangent of the factored matrix.
    type Tangent = OMatrix<T, R, C>;
    type Shape = (R, C);
    type Owned = Self;
    fn ad_shape(&self) -> (R, C) {
        self.qr_internal().shape_generic()
    }
    fn ad_zero(shape: &(R, C)) -> OMatrix<T, R, C> {
        OMatrix::zeros_generic(shape.0, shape.1)
    }
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    /// Factors the matrix that is a step away.
    fn ad_step(&self, direction: &OMatrix<T, R, C>, step: f64) -> Self {
        QR::new((self.q() * self.r()).ad_step(direction, step))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Peel for QR<T, R, C>
where
    DefaultAllocator: Allocator<R, C>
        + Allocator<R>
        + Allocator<DimMinimum<R, C>>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>, C>,
{
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

rule! {
    [T: Real, R: DimMin<C>, C: Dim, S0: RawStorage<T, R, C>]
    QrRule ad_qr(_a: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: OMatrix<T, R, C>, dest| (put_copy(g, dest), ())
}

rule! {
    /// `QR::new(a)`: as [`a.qr()`](QrRule).
    [T: Real, R: DimMin<C>, C: Dim]
    NewRule ad_new(qr: QR<T, R, C>; _a A SA: OMatrix<T, R, C> => OMatrix<T, R, C>)
    [() => ()] where [
        DefaultAllocator: Allocator<R, C> + Allocator<R> + Allocator<DimMinimum<R, C>>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>, C>,
    ]
    |g: OMatrix<T, R, C>, dest, (to_a)| (put_zero(qr.ad_shape(), dest), (put_copy(g, to_a),))
}

/// The cotangent of `A`, from those of the factors that have one.
fn pull_back<T: Real>(
    q: &DMatrix<T>,
    r: &DMatrix<T>,
    to_q: Option<DMatrix<T>>,
    to_r: Option<&DMatrix<T>>,
) -> DMatrix<T> {
    let k = q.ncols();
    let (rows, columns) = (q.nrows(), r.ncols());
    let mut to_q = to_q;
    let mut cotangent = DMatrix::zeros(rows, columns);
    if let Some(to_r) = to_r
        && columns > k
    {
        let (v, to_v) = (r.columns(k, columns - k), to_r.columns(k, columns - k));
        cotangent.columns_mut(k, columns - k).copy_from(&(q * to_v));
        let across = v * to_v.transpose();
        let more = q * across;
        match &mut to_q {
            Some(to_q) => *to_q += more,
            None => to_q = Some(more),
        }
    }
    let u = r.columns(0, k).clone_owned();
    let mut m = DMatrix::zeros(k, k);
    if let Some(to_r) = to_r {
        m += &u * to_r.columns(0, k).upper_triangle().transpose();
    }
    if let Some(to_q) = &to_q {
        m -= to_q.transpose() * q;
    }
    m.fill_upper_triangle_with_lower_triangle();
    let mut left = q * m;
    if let Some(to_q) = to_q {
        left += to_q;
    }
    // From the right: the transpose of `U⁻¹ Xᵀ`.
    let mut solved = left.transpose();
    solve_upper(u.as_slice(), k, solved.as_mut_slice());
    cotangent.columns_mut(0, k).copy_from(&solved.transpose());
    cotangent
}

rule! {
    ['y, T: Real, R: DimMin<C>, C: Dim]
    QRule ad_q(qr: QR<T, R, C>)
    [y => &'y OMatrix<T, R, DimMinimum<R, C>>] where [
        DefaultAllocator: Allocator<R, C> + Allocator<R> + Allocator<DimMinimum<R, C>>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>, C>,
    ]
    |g: OMatrix<T, R, DimMinimum<R, C>>, dest| {
        if !S::ACTIVE {
            return (put_zero(qr.ad_shape(), dest), ());
        }
        let cotangent = pull_back(&to_dynamic(y), &to_dynamic(&qr.r()), Some(to_dynamic(g)), None);
        (put_dynamic(qr.ad_shape(), &cotangent, dest), ())
    }
}

rule! {
    ['y, T: Real, R: DimMin<C>, C: Dim]
    RRule ad_r(qr: QR<T, R, C>)
    [y => &'y OMatrix<T, DimMinimum<R, C>, C>] where [
        DefaultAllocator: Allocator<R, C> + Allocator<R> + Allocator<DimMinimum<R, C>>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>, C>,
    ]
    |g: OMatrix<T, DimMinimum<R, C>, C>, dest| {
        if !S::ACTIVE {
            return (put_zero(qr.ad_shape(), dest), ());
        }
        let cotangent = pull_back(&to_dynamic(&qr.q()), &to_dynamic(y), None, Some(&to_dynamic(g)));
        (put_dynamic(qr.ad_shape(), &cotangent, dest), ())
    }
}

/// The pair of factors.
type Factors<T, R, C> = (
    OMatrix<T, R, DimMinimum<R, C>>,
    OMatrix<T, DimMinimum<R, C>, C>,
);

rule! {
    /// `qr.unpack()`: both factors at once.
    ['y, T: Real, R: DimMin<C>, C: Dim]
    UnpackRule ad_unpack(qr: QR<T, R, C>)
    [y => &'y Factors<T, R, C>] where [
        DefaultAllocator: Allocator<R, C> + Allocator<R> + Allocator<DimMinimum<R, C>>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>, C>,
    ]
    |g: Factors<T, R, C>, dest| {
        if !S::ACTIVE {
            return (put_zero(qr.ad_shape(), dest), ());
        }
        let (q, r) = (to_dynamic(&y.0), to_dynamic(&y.1));
        let cotangent = pull_back(&q, &r, Some(to_dynamic(&g.0)), Some(&to_dynamic(&g.1)));
        (put_dynamic(qr.ad_shape(), &cotangent, dest), ())
    }
}

rule! {
    /// The solution of a square system: `S = Q R⁻ᵀ Ḡ`. Cost: `Q` is formed, and one product with it.
    [
        'y, T: Real, D: DimMin<D, Output = D>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>
    ]
    SolveRule ad_solve(qr: QR<T, D, D>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [y => &'y Option<OMatrix<T, R2, C2>>]
    where [DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<R2, C2> + Allocator<D, C2>]
    |g: Option<OMatrix<T, R2, C2>>, dest, (to_b)| {
        let (Some(x), Some(g)) = (y, g) else {
            return (put_zero(qr.ad_shape(), dest), (put_zero(b.shape_generic(), to_b),));
        };
        let (n, r) = (g.nrows(), qr.r());
        let mut s = to_dynamic(g);
        tr_solve_upper(r.as_slice(), n, s.as_mut_slice());
        let s = to_dynamic(&qr.q()) * s;
        let to_a = put_sparse(qr.ad_shape(), dest, |sum| {
            subtract_outer(sum.as_mut_slice(), n, s.as_slice(), x.as_slice(), Part::All);
        });
        (to_a, (put_dynamic(b.shape_generic(), &s, to_b),))
    }
}

rule! {
    /// `qr.try_inverse()`: as that of the matrix.
    ['y, T: Real, D: DimMin<D, Output = D>]
    TryInverseRule ad_try_inverse(qr: QR<T, D, D>)
    [y => &'y Option<OMatrix<T, D, D>>] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: Option<OMatrix<T, D, D>>, dest| {
        (put_inverse(qr.ad_shape(), y.as_ref(), g.as_ref(), dest), ())
    }
}
