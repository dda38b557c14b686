//! Norms, distances and angles.

use nalgebra::allocator::Allocator;
use nalgebra::{ComplexField, DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{
    AmaxRule, AminRule, NormRule, NormSquaredRule, put_constant, put_entries, put_map, put_nothing,
    put_scalar, put_sparse, put_zip, sign,
};
use crate::differentiable::Real;
use crate::rules::{alias, method_rule, rule};

method_rule! {
    /// `|a - b|`: `ā += g (a - b) / y`, `b̄ -= g (a - b) / y`. At `a = b`, where the distance is convex with a kink, the
    /// subgradient of least norm: 0.
    ///
    /// Keeps the receiver, the argument and the result.
    MetricDistanceRule ad_metric_distance;
    /// `(Σ |x|ᵖ)^(1/p)` for an integer `p`: `x̄ += g sign(x) (|x| / y)^(p - 1)`, which cannot overflow where the result
    /// did not. Entries that are 0 get nothing, and nor does `x = 0`.
    ///
    /// Keeps the receiver, the argument and the result.
    LpNormRule ad_lp_norm;
    /// The largest sum of absolute values of a column. Columns that tie share equally; entries that are 0 get nothing.
    ///
    /// Keeps the receiver.
    OneNormRule ad_one_norm;
    /// The angle between two vectors: with the unit vectors `u`, `v` of `a`, `b`, `ā -= g w / |a|`, where `w` is the unit
    /// vector along `v - ⟨u, v⟩ u`, and the same for `b̄`. At parallel vectors, where the angle has a kink, and at
    /// vectors of length 0: nothing.
    ///
    /// Keeps the receiver and the argument.
    AngleRule ad_angle;
    /// `a / |a|`, if `|a|` is more than the bound: `ā += (g - ⟨y, g⟩ y) / |a|`. The bound gets nothing.
    ///
    /// Keeps the receiver, the argument and the result.
    TryNormalizeRule ad_try_normalize;
    /// `a`, scaled down to the length `m` if it is longer: with the unit vector `u` of `a`,
    /// `ā += (m / |a|) (g - ⟨u, g⟩ u)`, `m̄ += ⟨u, g⟩`; otherwise `ā += g`, as also at equality.
    ///
    /// Keeps the receiver and the argument.
    CapMagnitudeRule ad_cap_magnitude;
}

alias! {
    /// The 2-norm, as [`norm`](NormRule).
    MagnitudeRule ad_magnitude = NormRule ad_norm;
    /// The sum of the squares, as [`norm_squared`](NormSquaredRule).
    MagnitudeSquaredRule ad_magnitude_squared = NormSquaredRule ad_norm_squared;
    /// The largest absolute value of an entry, as [`amax`](AmaxRule).
    CamaxRule ad_camax = AmaxRule ad_amax;
    /// The smallest absolute value of an entry, as [`amin`](AminRule).
    CaminRule ad_camin = AminRule ad_amin;
}

rule! {
    ['y, T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>]
    MetricDistanceRule ad_metric_distance(a: Matrix<T, R, C, S0>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [y => &'y T] where [DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>]
    |g: T, dest, (to_b)| {
        let factor = if y.ad_at_zero() { *y } else { *g / *y };
        (
            put_entries(a.shape_generic(), dest, |i, j| (a[(i, j)] - b[(i, j)]) * factor),
            (put_entries(b.shape_generic(), to_b, |i, j| (b[(i, j)] - a[(i, j)]) * factor),),
        )
    }
}

rule! {
    ['y, T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    LpNormRule ad_lp_norm(x: Matrix<T, R, C, S0>; p B SB: i32 => ())
    [y => &'y T] where [DefaultAllocator: Allocator<R, C>]
    |g: T, dest, (to_p)| {
        let slope = |x: T| {
            if x.ad_at_zero() || y.ad_at_zero() {
                T::zero()
            } else {
                *g * sign(x) * (ComplexField::abs(x) / *y).powi(p - 1)
            }
        };
        (put_map(x, dest, slope), (put_nothing(to_p),))
    }
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    OneNormRule ad_one_norm(x: Matrix<T, R, C, S0>)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: T, dest| {
        let sum = |j: usize| (0..x.nrows()).fold(T::zero(), |sum, i| sum + ComplexField::abs(x[(i, j)]));
        let largest = (0..x.ncols()).map(sum).fold(T::zero(), |a, b| if b > a { b } else { a });
        let ties = (0..x.ncols()).filter(|j| sum(*j) == largest).count();
        let part = *g / super::scalar(ties.max(1));
        let add = |to: &mut OMatrix<T, R, C>| {
            for j in (0..x.ncols()).filter(|j| sum(*j) == largest) {
                for i in 0..x.nrows() {
                    to[(i, j)] += part * sign(x[(i, j)]);
                }
            }
        };
        (put_sparse(x.shape_generic(), dest, add), ())
    }
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>]
    AngleRule ad_angle(a: Matrix<T, R, C, S0>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>)
    [() => ()] where [DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>]
    |g: T, dest, (to_b)| {
        let (la, lb) = (length(a), length(b));
        let cosine = if la.ad_at_zero() || lb.ad_at_zero() {
            T::zero()
        } else {
            a.iter().zip(b.iter()).fold(T::zero(), |sum, (a, b)| sum + (*a / la) * (*b / lb))
        };
        // The sine is the length of what is orthogonal; at a right angle and near it, this is the stable form.
        let across = a.iter().zip(b.iter()).fold(T::zero(), |sum, (a, b)| {
            let w = *b / lb - *a / la * cosine;
            sum + w * w
        });
        let sine = across.sqrt();
        let flat = la.ad_at_zero() || lb.ad_at_zero() || sine.ad_at_zero();
        let slope = |x: T, lx: T, z: T, lz: T| {
            if flat { T::zero() } else { -*g * ((z / lz - x / lx * cosine) / (sine * lx)) }
        };
        (
            put_entries(a.shape_generic(), dest, |i, j| slope(a[(i, j)], la, b[(i, j)], lb)),
            (put_entries(b.shape_generic(), to_b, |i, j| slope(b[(i, j)], lb, a[(i, j)], la)),),
        )
    }
}

/// The 2-norm, of a view with any strides.
fn length<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>>(x: &Matrix<T, R, C, S>) -> T {
    x.iter().fold(T::zero(), |sum, x| sum + *x * *x).sqrt()
}

rule! {
    ['y, T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    TryNormalizeRule ad_try_normalize(a: Matrix<T, R, C, S0>; _bound B SB: T => T)
    [y => &'y Option<OMatrix<T, R, C>>] where [DefaultAllocator: Allocator<R, C>]
    |g: Option<OMatrix<T, R, C>>, dest, (to_bound)| {
        let to_a = match (y, g) {
            (Some(y), Some(g)) if S::ACTIVE => {
                let (norm, along) = (length(a), y.dot(g));
                put_zip(g, y, dest, |g, y| (g - y * along) / norm)
            }
            _ => put_constant(a.shape_generic(), T::zero(), dest),
        };
        (to_a, (put_scalar(to_bound, T::zero),))
    }
}

rule! {
    [T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    CapMagnitudeRule ad_cap_magnitude(a: Matrix<T, R, C, S0>; bound B SB: T => T)
    [() => ()] where [DefaultAllocator: Allocator<R, C>]
    |g: OMatrix<T, R, C>, dest, (to_bound)| {
        let norm = length(a);
        if norm <= *bound {
            return (super::put_copy(g, dest), (put_scalar(to_bound, T::zero),));
        }
        let along = a.iter().zip(g.iter()).fold(T::zero(), |sum, (a, g)| sum + *a / norm * *g);
        let factor = *bound / norm;
        (
            put_zip(g, a, dest, |g, a| (g - a / norm * along) * factor),
            (put_scalar(to_bound, || along),),
        )
    }
}
