//! Interpolation between vectors on the sphere, and between quaternions.

use nalgebra::allocator::Allocator;
use nalgebra::{
    DefaultAllocator, Dim, Matrix, OVector, Quaternion, RawStorage, Storage, U1, Unit,
    UnitQuaternion, Vector3,
};

use super::RotationSlerpRule;
use crate::differentiable::Real;
use crate::rules::matrix::{LerpRule, put_owned, put_scalar};
use crate::rules::{method_rule, rule};

method_rule! {
    /// `u.nlerp(&v, t)`, `q / |q|` with `q = u (1 - t) + v t`: `φ̄ += Im(u* ⊗ q̄) (1 - t) / 2` with
    /// `q̄ = 2 y ⊗ (0, g) / |q|`, of `v` the same with `t`, `t̄ += ⟨q̄, v - u⟩`.
    ///
    /// Keeps the receiver, the arguments and the result.
    NlerpRule ad_nlerp;
}

/// What [`on_the_sphere`] makes: the cotangents of `a`, of `b` and of `t`.
type OnTheSphere<T, D> = (OVector<T, D>, OVector<T, D>, T);

/// The cotangents of `y = a sin((1 - t) θ) / sin θ + b sin(t θ) / sin θ` with `cos θ = ⟨a, b⟩`, of unit vectors `a` and
/// `b`.
fn on_the_sphere<T: Real, D: Dim>(
    a: &OVector<T, D>,
    b: &OVector<T, D>,
    t: T,
    g: &OVector<T, D>,
) -> OnTheSphere<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    // By the half angle, which keeps its digits where the vectors are nearly the same.
    let two = T::ad_from_f64(2.0);
    let theta = two * (a - b).norm().atan2((a + b).norm());
    let (sin, cos) = theta.sin_cos();
    // `sin(k θ) / sin θ`, and its derivative with respect to `cos θ`.
    let weight = |k: T| {
        let square = k * k;
        if theta < T::ad_from_f64(0.004) {
            let (c, q) = (T::ad_from_f64, theta * theta);
            let first = (T::one() - square) / c(6.0);
            let second = (c(7.0) - square * c(10.0) + square * square * c(3.0)) / c(360.0);
            let ratio = T::one() + q / c(6.0);
            let value = k * (T::one() + q * first + q * q * second);
            (value, -k * (two * first + q * second * c(4.0)) * ratio)
        } else {
            let (s, c) = (k * theta).sin_cos();
            (s / sin, (s * cos - k * c * sin) / (sin * sin * sin))
        }
    };
    let ((to_a, slope_a), (to_b, slope_b)) = (weight(T::one() - t), weight(t));
    let (along_a, along_b) = (g.dot(a), g.dot(b));
    let to_cos = along_a * slope_a + along_b * slope_b;
    let ratio = if theta.ad_at_zero() {
        T::one()
    } else {
        theta / sin
    };
    let rest = (T::one() - t) * theta;
    let to_t = ratio * (along_b * (t * theta).cos() - along_a * rest.cos());
    (g * to_a + b * to_cos, g * to_b + a * to_cos, to_t)
}

rule! {
    /// Of unit vectors: with `θ` between them, `a` and `b` weigh `sin((1 - t) θ) / sin θ` and `sin(t θ) / sin θ`, and the
    /// angle depends on both. The contribution is an ordinary vector, of which the part along the unit vector means
    /// nothing. Undefined where the vectors are opposite.
    [T: Real, D: Dim, S0: Storage<T, D, U1>, S2: Storage<T, D, U1>]
    RotationSlerpRule ad_slerp(a: Unit<Matrix<T, D, U1, S0>>; b B SB: Unit<Matrix<T, D, U1, S2>> => OVector<T, D>, t W SW: T => T)
    [() => ()] where [DefaultAllocator: Allocator<D>]
    |g: OVector<T, D>, dest, (to_b, to_t)| {
        let (a, b) = (a.as_ref().clone_owned(), b.as_ref().clone_owned());
        let (a, b, t) = on_the_sphere(&a, &b, *t, g);
        (put_owned(a, dest), (put_owned(b, to_b), put_scalar(to_t, || t)))
    }
}

rule! {
    /// Of vectors, which are normalized first: as of unit vectors, and of [`normalize`](crate::rules::matrix::NormalizeRule).
    [T: Real, D: Dim, S0: RawStorage<T, D, U1>, S2: RawStorage<T, D, U1>]
    RotationSlerpRule ad_slerp(a: Matrix<T, D, U1, S0>; b B SB: Matrix<T, D, U1, S2> => OVector<T, D>, t W SW: T => T)
    [() => ()] where [DefaultAllocator: Allocator<D>]
    |g: OVector<T, D>, dest, (to_b, to_t)| {
        let owned = |v: OVector<T, D>| {
            let length = v.norm();
            (v / length, length)
        };
        let ((u, long), (v, wide)) = (owned(copied(a)), owned(copied(b)));
        let (to_u, to_v, t) = on_the_sphere(&u, &v, *t, g);
        (
            put_owned((&to_u - &u * u.dot(&to_u)) / long, dest),
            (put_owned((&to_v - &v * v.dot(&to_v)) / wide, to_b), put_scalar(to_t, || t)),
        )
    }
}

fn copied<T: Real, D: Dim, S: RawStorage<T, D, U1>>(v: &Matrix<T, D, U1, S>) -> OVector<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    OVector::from_iterator_generic(v.shape_generic().0, U1, v.iter().copied())
}

rule! {
    /// As of the vectors of the four numbers.
    [T: Real]
    LerpRule ad_lerp(p: Quaternion<T>; q B SB: Quaternion<T> => Quaternion<T>, t W SW: T => T)
    [() => ()] where []
    |g: Quaternion<T>, dest, (to_q, to_t)| (
        dest.give(|| *g * (T::one() - *t)),
        (
            to_q.give(|| *g * *t),
            put_scalar(to_t, || g.coords.dot(&(q.coords - p.coords))),
        ),
    )
}

/// `½ Im(u* ⊗ ḡ) s`, the cotangent of a rotation from that of its quaternion.
fn turned<T: Real>(u: &UnitQuaternion<T>, g: &Quaternion<T>, s: T) -> Vector3<T> {
    (u.as_ref().conjugate() * g).imag() * (s * T::ad_from_f64(0.5))
}

rule! {
    /// Of unit quaternions, a quaternion that is not one: `φ̄ += Im(u* ⊗ ḡ) (1 - t) / 2`, of `v` the same with `t`.
    [T: Real]
    LerpRule ad_lerp(u: UnitQuaternion<T>; v B SB: UnitQuaternion<T> => Vector3<T>, t W SW: T => T)
    [() => ()] where []
    |g: Quaternion<T>, dest, (to_v, to_t)| (
        dest.give(|| turned(u, g, T::one() - *t)),
        (
            to_v.give(|| turned(v, g, *t)),
            put_scalar(to_t, || g.coords.dot(&(v.coords - u.coords))),
        ),
    )
}

rule! {
    ['y, T: Real]
    NlerpRule ad_nlerp(u: UnitQuaternion<T>; v B SB: UnitQuaternion<T> => Vector3<T>, t W SW: T => T)
    [y => &'y UnitQuaternion<T>] where []
    |g: Vector3<T>, dest, (to_v, to_t)| {
        let norm = u.lerp(v, *t).norm();
        let g = y.as_ref() * Quaternion::from_imag(*g) * (T::ad_from_f64(2.0) / norm);
        (
            dest.give(|| turned(u, &g, T::one() - *t)),
            (
                to_v.give(|| turned(v, &g, *t)),
                put_scalar(to_t, || g.coords.dot(&(v.coords - u.coords))),
            ),
        )
    }
}
