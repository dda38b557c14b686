//! Rotations that look somewhere, that take one vector to another, and the axis of a rotation.

use nalgebra::{
    Isometry3, IsometryMatrix3, Matrix, Point3, Quaternion, RawStorage, Rotation3, Storage, U1, U3,
    Unit, UnitQuaternion, Vector3,
};

use super::rotation::Logarithm;
use super::series::left_inverse;
use super::{IsometryTangent, PointTangent, Turn, none};
use crate::differentiable::Real;
use crate::rules::{method_rule, rule};

method_rule! {
    /// `Type::face_towards(&d, &up)`, the rotation whose axes are `z = d / |d|`, `x = n / |n|` with `n = up × z`, and
    /// `y = z × x`: `d̄ += ((g₂ + g₃ ⟨up, z⟩ / |n|) x - g₁ y) / |d|`, `up̄ -= g₃ x / |n|`. Of a pose,
    /// `face_towards(&eye, &target, &up)`, with `d = target - eye`, besides `ēye += ḡ` of the translation. Undefined
    /// where `d` is zero or along `up`.
    FaceTowardsRule ad_face_towards;
    /// `Type::look_at_rh(&d, &up)`, the inverse of `face_towards(&-d, &up)`: as that, with `-R g` for `g`. Of a pose,
    /// `look_at_rh(&eye, &target, &up)`, besides as for the image of `-eye`.
    LookAtRhRule ad_look_at_rh;
    /// `Type::look_at_lh(&d, &up)`, the inverse of `face_towards(&d, &up)`; see [`look_at_rh`](LookAtRhRule).
    LookAtLhRule ad_look_at_lh;
    /// `Type::rotation_between(&a, &b)`, by the quaternion `q = (1 + ⟨a, b⟩, a × b)` of the unit vectors `a` and `b`,
    /// normalized: with the cotangent `(w̄, v̄)` of `q`, `ā += w̄ b + b × v̄`, `b̄ += w̄ a + v̄ × a`, and of the vectors that
    /// were normalized as of [`normalize`](crate::rules::matrix::NormalizeRule). Undefined where one is zero or they
    /// point in opposite directions.
    RotationBetweenRule ad_rotation_between;
    /// `r.axis_angle()`, `v / |v|` and `|v|` of the logarithm `v`: `φ̄ += Jₗ(v)⁻¹ ((ū - ⟨ū, u⟩ u) / θ + θ̄ u)`. The
    /// identity has no axis. Undefined at a half turn.
    ///
    /// Keeps the receiver and the result.
    AxisAngleRule ad_axis_angle;
    /// `r.axis()`: the axis of [`axis_angle`](AxisAngleRule).
    ///
    /// Keeps the receiver and the result.
    AxisRule ad_axis;
}

fn vector<T: Real, S: RawStorage<T, U3, U1>>(v: &Matrix<T, U3, U1, S>) -> Vector3<T> {
    Vector3::new(v[0], v[1], v[2])
}

/// The cotangents of `d` and `up`, with `g` of the rotation that `face_towards` makes of them.
fn frame<T: Real>(d: &Vector3<T>, up: &Vector3<T>, g: &Vector3<T>) -> (Vector3<T>, Vector3<T>) {
    let length = d.norm();
    let z = d / length;
    let n = up.cross(&z);
    let width = n.norm();
    let x = n / width;
    let y = z.cross(&x);
    (
        (x * (g.y + g.z * up.dot(&z) / width) - y * g.x) / length,
        x * -(g.z / width),
    )
}

/// The cotangent of the inverse of `r`: `-R g`.
fn of_the_inverse<T: Real, R: Turn<T, 3, Tangent = Vector3<T>>>(
    r: &R,
    g: &Vector3<T>,
) -> Vector3<T> {
    -r.ad_carry(g)
}

macro_rules! rotations {
    ($($t:ty { $($Rule:ident $method:ident |$r:ident, $g:ident| $sign:literal $to_face:expr;)* })*) => { $($(
        rule! {
            [T: Real, SD: RawStorage<T, U3, U1>, SU: RawStorage<T, U3, U1>]
            $Rule $method(r: $t; d D DD: Matrix<T, U3, U1, SD> => Vector3<T>, up U DU: Matrix<T, U3, U1, SU> => Vector3<T>)
            [() => ()] where []
            |g: Vector3<T>, dest, (to_d, to_up)| {
                let ($r, $g) = (r, g);
                let sign = T::ad_from_f64($sign);
                let (d, up) = frame(&(vector(d) * sign), &vector(up), &$to_face);
                (none(r, dest), (to_d.give(|| d * sign), to_up.give(|| up)))
            }
        }
    )*)* };
}
rotations! {
    Rotation3<T> {
        FaceTowardsRule ad_face_towards |_r, g| 1.0 *g;
        LookAtLhRule ad_look_at_lh |r, g| 1.0 of_the_inverse(r, g);
        LookAtRhRule ad_look_at_rh |r, g| -1.0 of_the_inverse(r, g);
    }
    UnitQuaternion<T> {
        FaceTowardsRule ad_face_towards |_r, g| 1.0 *g;
        LookAtLhRule ad_look_at_lh |r, g| 1.0 of_the_inverse(r, g);
        LookAtRhRule ad_look_at_rh |r, g| -1.0 of_the_inverse(r, g);
    }
}

macro_rules! poses {
    ($($t:ty;)*) => { $(
        rule! {
            [T: Real, SU: RawStorage<T, U3, U1>]
            FaceTowardsRule ad_face_towards(pose: $t; eye E DE: Point3<T> => PointTangent<T, U3>, target G DG: Point3<T> => PointTangent<T, U3>, up U DU: Matrix<T, U3, U1, SU> => Vector3<T>)
            [() => ()] where []
            |g: IsometryTangent<T, Vector3<T>, 3>, dest, (to_eye, to_target, to_up)| {
                let (d, up) = frame(&(target - eye), &vector(up), &g.rotation);
                (
                    none(pose, dest),
                    (
                        to_eye.give(|| PointTangent { coords: g.translation.vector - d }),
                        to_target.give(|| PointTangent { coords: d }),
                        to_up.give(|| up),
                    ),
                )
            }
        }

        poses!(@look $t, LookAtLhRule ad_look_at_lh 1.0);
        poses!(@look $t, LookAtRhRule ad_look_at_rh -1.0);
    )* };
    (@look $t:ty, $Rule:ident $method:ident $sign:literal) => {
        rule! {
            [T: Real, SU: RawStorage<T, U3, U1>]
            $Rule $method(pose: $t; eye E DE: Point3<T> => PointTangent<T, U3>, target G DG: Point3<T> => PointTangent<T, U3>, up U DU: Matrix<T, U3, U1, SU> => Vector3<T>)
            [() => ()] where []
            |g: IsometryTangent<T, Vector3<T>, 3>, dest, (to_eye, to_target, to_up)| {
                let (r, sign) = (&pose.rotation, T::ad_from_f64($sign));
                // The translation is `-R eye`.
                let m = r.inverse_transform_vector(&g.translation.vector);
                let phi = g.rotation - eye.coords.cross(&m);
                let (d, up) = frame(&((target - eye) * sign), &vector(up), &of_the_inverse(r, &phi));
                let d = d * sign;
                (
                    none(pose, dest),
                    (
                        to_eye.give(|| PointTangent { coords: -m - d }),
                        to_target.give(|| PointTangent { coords: d }),
                        to_up.give(|| up),
                    ),
                )
            }
        }
    };
}
poses! {
    Isometry3<T>;
    IsometryMatrix3<T>;
}

/// The cotangent of a vector that was normalized.
fn unnormalized<T: Real>(unit: &Vector3<T>, length: T, g: &Vector3<T>) -> Vector3<T> {
    (g - unit * unit.dot(g)) / length
}

macro_rules! of_all {
    ($($t:ty;)*) => { $(
        rule! {
            [T: Real, SA: Storage<T, U3, U1>, SB: Storage<T, U3, U1>]
            RotationBetweenRule ad_rotation_between(r: Option<$t>; a A DA: Matrix<T, U3, U1, SA> => Vector3<T>, b B DB: Matrix<T, U3, U1, SB> => Vector3<T>)
            [() => ()] where []
            |g: Option<Vector3<T>>, dest, (to_a, to_b)| {
                let (Some(_), Some(g)) = (r, g) else {
                    return (none(r, dest), (to_a.give(Vector3::zeros), to_b.give(Vector3::zeros)));
                };
                let (a, b) = (vector(a), vector(b));
                let (lengths, a, b) = ((a.norm(), b.norm()), a.normalize(), b.normalize());
                let q = Quaternion::from_parts(T::one() + a.dot(&b), a.cross(&b));
                let norm = q.norm();
                let q = (q * Quaternion::from_imag(*g)) * (T::ad_from_f64(2.0) / norm / norm);
                let (w, v) = (q.w, q.imag());
                (
                    none(r, dest),
                    (
                        to_a.give(|| unnormalized(&a, lengths.0, &(b * w + b.cross(&v)))),
                        to_b.give(|| unnormalized(&b, lengths.1, &(a * w + v.cross(&a)))),
                    ),
                )
            }
        }

        rule! {
            ['y, T: Real]
            AxisAngleRule ad_axis_angle(r: $t)
            [_ => &'y Option<(Unit<Vector3<T>>, T)>] where []
            |g: Option<(Vector3<T>, T)>, dest| {
                let Some((to_axis, to_angle)) = g else {
                    return (none(r, dest), ());
                };
                let v = r.ad_log();
                let angle = v.norm();
                let axis = v / angle;
                let back = unnormalized(&axis, angle, to_axis) + axis * *to_angle;
                (dest.give(|| left_inverse(&v, &back)), ())
            }
        }

        rule! {
            ['y, T: Real]
            AxisRule ad_axis(r: $t)
            [_ => &'y Option<Unit<Vector3<T>>>] where []
            |g: Option<Vector3<T>>, dest| {
                let Some(to_axis) = g else {
                    return (none(r, dest), ());
                };
                let v = r.ad_log();
                let angle = v.norm();
                let back = unnormalized(&(v / angle), angle, to_axis);
                (dest.give(|| left_inverse(&v, &back)), ())
            }
        }
    )* };
}
of_all! {
    Rotation3<T>;
    UnitQuaternion<T>;
}
