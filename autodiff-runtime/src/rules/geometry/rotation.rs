//! Rotations of the plane and of space, as matrices, unit complex numbers and unit quaternions.

use nalgebra::{
    AbstractRotation, Const, Matrix, Matrix2, Matrix3, OPoint, RawStorage, Rotation, SMatrix,
    SVector, U1, U3, Unit, UnitComplex, UnitQuaternion, Vector3,
};

use super::series::{left, left_inverse, rotated};
use super::{
    IntoInnerRule, InverseTransformPointRule, InverseTransformVectorRule, PointTangent,
    TransformPointRule, TransformVectorRule, itself, none,
};
use crate::differentiable::{Differentiable, Real, TangentOf};
use crate::put::Put;
use crate::rules::elementary::PowfRule;
use crate::rules::factorisation::InverseRule;
use crate::rules::matrix::{
    AngleRule, ConjugateRule, NewRule, ToHomogeneousRule, TransposeRule, put_scalar,
};
use crate::rules::{DivRule, MulRule, method_rule, rule};
use crate::tangent::{Place, Tangent};

method_rule! {
    /// `Type::from_scaled_axis(v)`, the rotation by `|v|` about `v`: `v̄ += Jₗ(v) g`, with the left Jacobian of the
    /// exponential; in the plane, `g`. Of [`new`](NewRule) the same.
    FromScaledAxisRule ad_from_scaled_axis;
    /// `Type::from_axis_angle(&u, α)`, the rotation by `α` about `u`: with `w = Jₗ(α u) g`, `ū += α w`, `ᾱ += ⟨u, w⟩`.
    FromAxisAngleRule ad_from_axis_angle;
    /// `Type::from_euler_angles(roll, pitch, yaw)`, `R = R_z(yaw) R_y(pitch) R_x(roll)`: the components of `g` along the
    /// three axes as the body sees them.
    FromEulerAnglesRule ad_from_euler_angles;
    /// `UnitComplex::from_angle(α)`: `ᾱ += g`.
    FromAngleRule ad_from_angle;
    /// `Rotation::from_matrix_unchecked(m)`: `M̄ += R [g]× / 2`, for a movement of `m` along the rotations.
    FromMatrixUncheckedRule ad_from_matrix_unchecked;
    /// `Type::from_rotation_matrix(&r)`: the same rotation.
    FromRotationMatrixRule ad_from_rotation_matrix;
    /// `r.to_rotation_matrix()`: the same rotation.
    ///
    /// Keeps the receiver.
    ToRotationMatrixRule ad_to_rotation_matrix;
    /// `r.matrix()`: with `M = Rᵀ G`, `φ̄ += (M₃₂ - M₂₃, M₁₃ - M₃₁, M₂₁ - M₁₂)`; in the plane, `M₂₁ - M₁₂`.
    ///
    /// Keeps the receiver.
    RotationMatrixRule ad_matrix;
    /// `r.scaled_axis()`, the logarithm `v`: `φ̄ += Jₗ(v)⁻¹ g`. Undefined at a half turn.
    ///
    /// Keeps the receiver and the result.
    ScaledAxisRule ad_scaled_axis;
    /// `r.angle_to(&s)`: with the unit axis `n` of `Rᵀ S`, `φ̄ -= g n` for `r`, `φ̄ += g n` for `s`. Nothing where the two
    /// are the same, where the angle has a kink.
    ///
    /// Keeps the receiver and the argument.
    AngleToRule ad_angle_to;
    /// `r.rotation_to(&s)`, `S Rᵀ`: `φ̄ -= Rᵀ g` for `r`, `φ̄ += Rᵀ g` for `s`.
    ///
    /// Keeps the receiver and the argument.
    RotationToRule ad_rotation_to;
    /// `r.slerp(&s, t)`, `R exp(t v)` with `v = log(Rᵀ S)`: with `w = t Jₗ(t v) g`, `φ̄ += exp(t v) g - Jᵣ(v)⁻¹ w` for
    /// `r`, `φ̄ += Jₗ(v)⁻¹ w` for `s`, `t̄ += ⟨v, g⟩`. Undefined where the two are half a turn apart.
    ///
    /// Keeps the receiver and the arguments.
    RotationSlerpRule ad_slerp;
    /// `r.euler_angles()`, roll, pitch and yaw: the inverse of
    /// [`from_euler_angles`](FromEulerAnglesRule). Undefined where the pitch is a quarter turn.
    ///
    /// Keeps the receiver and the result.
    EulerAnglesRule ad_euler_angles;
}

/// A rotation: what the rules need besides [`AbstractRotation`].
pub trait Turn<T: Real, const N: usize>:
    AbstractRotation<T, N> + Differentiable<Shape = (), Owned = Self> + 'static
{
    /// The `φ̄` of `⟨m, φ × v⟩`: `v × m`, in the plane the third entry of it.
    fn ad_wedge(v: &SVector<T, N>, m: &SVector<T, N>) -> TangentOf<Self>;
    /// The same movement, seen from before the rotation: `R φ`.
    fn ad_carry(&self, phi: &TangentOf<Self>) -> TangentOf<Self>;
    /// `-φ`.
    fn ad_negated(phi: &TangentOf<Self>) -> TangentOf<Self>;
}

macro_rules! in_space {
    ($($t:ty: |$r:ident| $log:expr, $exp:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Real> Differentiable for $t {
            /// A rotation vector in the frame of the body.
            type Tangent = Vector3<T>;
            type Shape = ();
            type Owned = Self;
            #[inline(always)]
            fn ad_only_shape() -> Option<()> {
                Some(())
            }
            #[inline]
            fn ad_shape(&self) {}
            #[inline]
            fn ad_zero((): &()) -> Vector3<T> {
                Vector3::zeros()
            }
            #[inline]
            fn ad_owned(&self) -> Self {
                *self
            }
            /// `R exp(step φ)`.
            fn ad_step(&self, direction: &Vector3<T>, step: f64) -> Self {
                self * $exp(Vector3::zeros().ad_step(direction, step))
            }
        }

        impl<T: Real> Turn<T, 3> for $t {
            #[inline]
            fn ad_wedge(v: &Vector3<T>, m: &Vector3<T>) -> Vector3<T> {
                v.cross(m)
            }
            #[inline]
            fn ad_carry(&self, phi: &Vector3<T>) -> Vector3<T> {
                self * phi
            }
            #[inline]
            fn ad_negated(phi: &Vector3<T>) -> Vector3<T> {
                -phi
            }
        }

        impl<T: Real> Logarithm<T> for $t {
            fn ad_log(&self) -> Vector3<T> {
                let $r = self;
                $log
            }
        }

        rule! {
            [T: Real, SV: RawStorage<T, U3, U1>]
            NewRule ad_new(r: $t; v V DV: Matrix<T, U3, U1, SV> => Vector3<T>)
            [() => ()] where []
            |g: Vector3<T>, dest, (to_v)| {
                let v = Vector3::new(v[0], v[1], v[2]);
                (none(r, dest), (to_v.give(|| left(&v, g)),))
            }
        }

        rule! {
            [T: Real, SV: RawStorage<T, U3, U1>]
            FromScaledAxisRule ad_from_scaled_axis(r: $t; v V DV: Matrix<T, U3, U1, SV> => Vector3<T>)
            [() => ()] where []
            |g: Vector3<T>, dest, (to_v)| {
                let v = Vector3::new(v[0], v[1], v[2]);
                (none(r, dest), (to_v.give(|| left(&v, g)),))
            }
        }

        rule! {
            [T: Real, SU: nalgebra::Storage<T, U3, U1>]
            FromAxisAngleRule ad_from_axis_angle(r: $t; axis U DU: Unit<Matrix<T, U3, U1, SU>> => Vector3<T>, angle A DA: T => T)
            [() => ()] where []
            |g: Vector3<T>, dest, (to_axis, to_angle)| {
                let axis = Vector3::new(axis[0], axis[1], axis[2]);
                (none(r, dest), (to_axis.give(|| left(&(axis * *angle), g) * *angle), put_scalar(to_angle, || axis.dot(g))))
            }
        }

        rule! {
            [T: Real]
            FromEulerAnglesRule ad_from_euler_angles(r: $t; roll A DA: T => T, pitch B DB: T => T, _yaw C DC: T => T)
            [() => ()] where []
            |g: Vector3<T>, dest, (to_roll, to_pitch, to_yaw)| {
                let ((sr, cr), (sp, cp)) = (roll.sin_cos(), pitch.sin_cos());
                (none(r, dest), (
                    put_scalar(to_roll, || g.x),
                    put_scalar(to_pitch, || g.y * cr - g.z * sr),
                    put_scalar(to_yaw, || (g.y * sr + g.z * cr) * cp - g.x * sp),
                ))
            }
        }

        rule! {
            ['y, T: Real]
            EulerAnglesRule ad_euler_angles(_r: $t)
            [y => &'y (T, T, T)] where []
            |g: (T, T, T), dest| {
                let ((sr, cr), (sp, cp)) = (y.0.sin_cos(), y.1.sin_cos());
                let turn = (g.2 + g.0 * sp) / cp;
                (dest.give(|| Vector3::new(g.0, g.1 * cr + turn * sr, turn * cr - g.1 * sr)), ())
            }
        }

        rule! {
            ['y, T: Real]
            ScaledAxisRule ad_scaled_axis(_r: $t)
            [v => &'y Vector3<T>] where []
            |g: Vector3<T>, dest| (dest.give(|| left_inverse(v, g)), ())
        }

        rule! {
            /// The angle of a rotation: `φ̄ += g n` with the unit axis `n`; nothing at the identity, where the angle has a
            /// kink. Undefined at a half turn.
            [T: Real]
            AngleRule ad_angle(r: $t)
            [() => ()] where []
            |g: T, dest| (dest.give(|| axis(&r.ad_log()) * *g), ())
        }

        rule! {
            [T: Real]
            AngleToRule ad_angle_to(r: $t; s B SB: $t => Vector3<T>)
            [() => ()] where []
            |g: T, dest, (to_s)| {
                let step = axis(&(r.inverse() * s).ad_log()) * *g;
                (dest.give(|| -step), (to_s.give(|| step),))
            }
        }

        rule! {
            [T: Real]
            RotationSlerpRule ad_slerp(r: $t; s B SB: $t => Vector3<T>, t W SW: T => T)
            [() => ()] where []
            |g: Vector3<T>, dest, (to_s, to_t)| {
                let v = (r.inverse() * s).ad_log();
                let along = v * *t;
                let w = left(&along, g) * *t;
                (
                    dest.give(|| rotated(&along, g) - left_inverse(&-v, &w)),
                    (to_s.give(|| left_inverse(&v, &w)), put_scalar(to_t, || v.dot(g))),
                )
            }
        }

        rule! {
            /// `exp(n v)` with the logarithm `v`: `φ̄ += n Jₗ(v)⁻¹ Jₗ(n v) g`, `n̄ += ⟨v, g⟩`. Undefined at a half turn.
            ['y, T: Real]
            PowfRule ad_powf(r: $t; n W SW: T => T)
            [_ => &'y $t] where []
            |g: Vector3<T>, dest, (to_n)| {
                let v = r.ad_log();
                (
                    dest.give(|| left_inverse(&v, &left(&(v * *n), g)) * *n),
                    (put_scalar(to_n, || v.dot(g)),),
                )
            }
        }
    )* };
}

/// The rotation vector of a rotation in space.
pub(super) trait Logarithm<T: Real> {
    fn ad_log(&self) -> Vector3<T>;
}

/// The unit vector along `v`, or 0.
fn axis<T: Real>(v: &Vector3<T>) -> Vector3<T> {
    let length = v.norm();
    if length.ad_at_zero() { *v } else { v / length }
}

in_space! {
    Rotation<T, 3>: |r| UnitQuaternion::from_rotation_matrix(r).scaled_axis(), Rotation::<T, 3>::new;
    UnitQuaternion<T>: |r| r.scaled_axis(), UnitQuaternion::new;
}

macro_rules! in_the_plane {
    ($($t:ty: $exp:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: Real> Differentiable for $t {
            /// An angle.
            type Tangent = T;
            type Shape = ();
            type Owned = Self;
            #[inline(always)]
            fn ad_only_shape() -> Option<()> {
                Some(())
            }
            #[inline]
            fn ad_shape(&self) {}
            #[inline]
            fn ad_zero((): &()) -> T {
                T::zero()
            }
            #[inline]
            fn ad_owned(&self) -> Self {
                *self
            }
            fn ad_step(&self, direction: &T, step: f64) -> Self {
                self * $exp(T::zero().ad_step(direction, step))
            }
        }

        impl<T: Real> Turn<T, 2> for $t {
            #[inline]
            fn ad_wedge(v: &SVector<T, 2>, m: &SVector<T, 2>) -> T {
                v.x * m.y - v.y * m.x
            }
            #[inline]
            fn ad_carry(&self, phi: &T) -> T {
                *phi
            }
            #[inline]
            fn ad_negated(phi: &T) -> T {
                -*phi
            }
        }

        rule! {
            [T: Real]
            NewRule ad_new(r: $t; _a A SA: T => T)
            [() => ()] where []
            |g: T, dest, (to_a)| (none(r, dest), (put_scalar(to_a, || *g),))
        }

        rule! {
            [T: Real]
            FromAngleRule ad_from_angle(r: $t; _a A SA: T => T)
            [() => ()] where []
            |g: T, dest, (to_a)| (none(r, dest), (put_scalar(to_a, || *g),))
        }

        rule! {
            [T: Real, SV: RawStorage<T, U1, U1>]
            FromScaledAxisRule ad_from_scaled_axis(r: $t; _v V DV: Matrix<T, U1, U1, SV> => SVector<T, 1>)
            [() => ()] where []
            |g: T, dest, (to_v)| (none(r, dest), (to_v.give(|| SVector::<T, 1>::new(*g)),))
        }

        rule! {
            ['y, T: Real]
            ScaledAxisRule ad_scaled_axis(_r: $t)
            [_ => &'y SVector<T, 1>] where []
            |g: SVector<T, 1>, dest| (put_scalar(dest, || g[0]), ())
        }

        rule! {
            /// The angle of a rotation: `φ̄ += g`.
            [T: Real]
            AngleRule ad_angle(_r: $t)
            [() => ()] where []
            |g: T, dest| (put_scalar(dest, || *g), ())
        }

        rule! {
            [T: Real]
            AngleToRule ad_angle_to(_r: $t; _s B SB: $t => T)
            [() => ()] where []
            |g: T, dest, (to_s)| (put_scalar(dest, || -*g), (put_scalar(to_s, || *g),))
        }

        rule! {
            [T: Real]
            RotationSlerpRule ad_slerp(r: $t; s B SB: $t => T, t W SW: T => T)
            [() => ()] where []
            |g: T, dest, (to_s, to_t)| (
                put_scalar(dest, || *g * (T::one() - *t)),
                (put_scalar(to_s, || *g * *t), put_scalar(to_t, || r.angle_to(s) * *g)),
            )
        }

        rule! {
            /// The rotation by `n` times the angle: `φ̄ += n g`, `n̄ += α g`.
            ['y, T: Real]
            PowfRule ad_powf(r: $t; n W SW: T => T)
            [_ => &'y $t] where []
            |g: T, dest, (to_n)| (
                put_scalar(dest, || *g * *n),
                (put_scalar(to_n, || r.angle() * *g),),
            )
        }
    )* };
}

in_the_plane! {
    Rotation<T, 2>: Rotation::<T, 2>::new;
    UnitComplex<T>: UnitComplex::new;
}

itself! {
    [T: Real] Rotation<T, 2> where [];
    [T: Real] Rotation<T, 3> where [];
    [T: Real] UnitComplex<T> where [];
    [T: Real] UnitQuaternion<T> where [];
}

// === rules of all rotations ===

/// The `φ̄` of a matrix cotangent: the sum over its columns, each the image of a vector of the basis.
pub(super) fn from_matrix<T: Real, R: Turn<T, N>, const N: usize>(
    r: &R,
    column: impl Fn(usize) -> SVector<T, N>,
) -> TangentOf<R> {
    let mut sum = R::ad_zero(&());
    for j in 0..N {
        let mut unit = SVector::zeros();
        unit[j] = T::one();
        R::ad_add_to(
            &mut sum,
            &R::ad_wedge(&unit, &r.inverse_transform_vector(&column(j))),
        );
    }
    sum
}

/// `sum += term`, for the tangents of a rotation.
trait AddTo: Differentiable {
    fn ad_add_to(sum: &mut Self::Tangent, term: &Self::Tangent) {
        Tangent::ad_add(sum.ad_place(), term);
    }
}
impl<V: Differentiable> AddTo for V {}

/// `φ̄` and `V̄` of `R V`.
fn images<T: Real, R: Turn<T, N>, const N: usize, const C: usize, S>(
    r: &R,
    v: &Matrix<T, Const<N>, Const<C>, S>,
    g: &SMatrix<T, N, C>,
) -> (TangentOf<R>, SMatrix<T, N, C>)
where
    S: RawStorage<T, Const<N>, Const<C>>,
{
    let (mut to_r, mut back) = (R::ad_zero(&()), *g);
    for j in 0..C {
        let m = r.inverse_transform_vector(&g.column(j).into_owned());
        let v = SVector::from_fn(|i, _| v[(i, j)]);
        R::ad_add_to(&mut to_r, &R::ad_wedge(&v, &m));
        back.set_column(j, &m);
    }
    (to_r, back)
}

macro_rules! rotations {
    ($($t:ty, $n:literal, $h:literal;)*) => { $(
        /// The composition: `φ̄ += S g` for the left one, `φ̄ += g` for the right one, `S`.
        impl<T: Real> MulRule<$t> for $t {
            type G = TangentOf<$t>;
            #[inline]
            fn ad_mul<SA: Put<TangentOf<$t>>, SB: Put<TangentOf<$t>>>(
                &self,
                right: &$t,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                (sa.give(|| right.ad_carry(g)), sb.give(|| g.clone()))
            }
        }

        /// `R S⁻¹`: `φ̄ += Sᵀ g` for the left one, `φ̄ -= Sᵀ g` for the right one.
        impl<T: Real> DivRule<$t> for $t {
            type G = TangentOf<$t>;
            #[inline]
            fn ad_div<SA: Put<TangentOf<$t>>, SB: Put<TangentOf<$t>>>(
                &self,
                right: &$t,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                let step = right.inverse().ad_carry(g);
                let back = <$t>::ad_negated(&step);
                (sa.give(|| step), sb.give(|| back))
            }
        }

        /// The image of a vector, or of each column of a matrix: `v̄ += Rᵀ g`, `φ̄ += v × Rᵀ g`.
        impl<T: Real, const C: usize, S: RawStorage<T, Const<$n>, Const<C>>>
            MulRule<Matrix<T, Const<$n>, Const<C>, S>> for $t
        {
            type G = SMatrix<T, $n, C>;
            #[inline]
            fn ad_mul<SA: Put<TangentOf<$t>>, SB: Put<SMatrix<T, $n, C>>>(
                &self,
                right: &Matrix<T, Const<$n>, Const<C>, S>,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                let (to_self, back) = images(self, right, g);
                (sa.give(|| to_self), sb.give(|| back))
            }
        }

        /// The image of a unit vector: as that of a vector.
        impl<T: Real> MulRule<Unit<SVector<T, $n>>> for $t {
            type G = SVector<T, $n>;
            #[inline]
            fn ad_mul<SA: Put<TangentOf<$t>>, SB: Put<SVector<T, $n>>>(
                &self,
                right: &Unit<SVector<T, $n>>,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                self.ad_mul(right.as_ref(), g, sa, sb)
            }
        }

        /// The image of a point: as that of a vector.
        impl<T: Real> MulRule<OPoint<T, Const<$n>>> for $t {
            type G = PointTangent<T, Const<$n>>;
            #[inline]
            fn ad_mul<SA: Put<TangentOf<$t>>, SB: Put<PointTangent<T, Const<$n>>>>(
                &self,
                right: &OPoint<T, Const<$n>>,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                let m = self.inverse_transform_vector(&g.coords);
                (
                    sa.give(|| <$t>::ad_wedge(&right.coords, &m)),
                    sb.give(|| PointTangent { coords: m }),
                )
            }
        }

        rule! {
            [T: Real]
            TransformVectorRule ad_transform_vector(r: $t; v V SV: SVector<T, $n> => SVector<T, $n>)
            [() => ()] where []
            |g: SVector<T, $n>, dest, (to_v)| {
                let (to_r, to_v) = MulRule::ad_mul(r, v, g, dest, to_v);
                (to_r, (to_v,))
            }
        }

        rule! {
            [T: Real]
            TransformPointRule ad_transform_point(r: $t; p P SP: OPoint<T, Const<$n>> => PointTangent<T, Const<$n>>)
            [() => ()] where []
            |g: PointTangent<T, Const<$n>>, dest, (to_p)| {
                let (to_r, to_p) = MulRule::ad_mul(r, p, g, dest, to_p);
                (to_r, (to_p,))
            }
        }

        rule! {
            [T: Real]
            InverseTransformVectorRule ad_inverse_transform_vector(r: $t; v V SV: SVector<T, $n> => SVector<T, $n>)
            [() => ()] where []
            |g: SVector<T, $n>, dest, (to_v)| (
                dest.give(|| <$t>::ad_wedge(g, &r.inverse_transform_vector(v))),
                (to_v.give(|| AbstractRotation::transform_vector(r, g)),),
            )
        }

        rule! {
            [T: Real]
            InverseTransformPointRule ad_inverse_transform_point(r: $t; p P SP: OPoint<T, Const<$n>> => PointTangent<T, Const<$n>>)
            [() => ()] where []
            |g: PointTangent<T, Const<$n>>, dest, (to_p)| (
                dest.give(|| <$t>::ad_wedge(&g.coords, &r.inverse_transform_vector(&p.coords))),
                (to_p.give(|| PointTangent { coords: AbstractRotation::transform_vector(r, &g.coords) }),),
            )
        }

        rule! {
            /// The inverse rotation: `φ̄ -= Rᵀ g`.
            ['y, T: Real]
            InverseRule ad_inverse(r: $t)
            [_ => &'y $t] where []
            |g: TangentOf<$t>, dest| (dest.give(|| <$t>::ad_negated(&r.inverse().ad_carry(g))), ())
        }

        rule! {
            [T: Real]
            RotationToRule ad_rotation_to(r: $t; _s B SB: $t => TangentOf<$t>)
            [() => ()] where []
            |g: TangentOf<$t>, dest, (to_s)| {
                let step = r.inverse().ad_carry(g);
                let back = <$t>::ad_negated(&step);
                (dest.give(|| back), (to_s.give(|| step),))
            }
        }

        rule! {
            /// The matrix in the upper left of an identity: as [`matrix`](RotationMatrixRule).
            ['y, T: Real]
            ToHomogeneousRule ad_to_homogeneous(r: $t)
            [_ => &'y SMatrix<T, $h, $h>] where []
            |g: SMatrix<T, $h, $h>, dest| (
                dest.give(|| from_matrix(r, |j| SVector::from_fn(|i, _| g[(i, j)]))),
                (),
            )
        }
    )* };
}

rotations! {
    Rotation<T, 2>, 2, 3;
    Rotation<T, 3>, 3, 4;
    UnitComplex<T>, 2, 3;
    UnitQuaternion<T>, 3, 4;
}

// === matrices and what they stand for ===

macro_rules! as_matrices {
    ($($n:literal |$g:ident| $skew:expr;)*) => { $(
        rule! {
            [T: Real]
            RotationMatrixRule ad_matrix(r: Rotation<T, $n>)
            [() => ()] where []
            |g: SMatrix<T, $n, $n>, dest| (dest.give(|| from_matrix(r, |j| g.column(j).into_owned())), ())
        }

        rule! {
            /// The matrix of a rotation: as [`matrix`](RotationMatrixRule).
            [T: Real]
            IntoInnerRule ad_into_inner(r: Rotation<T, $n>)
            [() => ()] where []
            |g: SMatrix<T, $n, $n>, dest| (dest.give(|| from_matrix(r, |j| g.column(j).into_owned())), ())
        }

        rule! {
            [T: Real]
            FromMatrixUncheckedRule ad_from_matrix_unchecked(r: Rotation<T, $n>; _m M SM: SMatrix<T, $n, $n> => SMatrix<T, $n, $n>)
            [() => ()] where []
            |g: TangentOf<Rotation<T, $n>>, dest, (to_m)| {
                let $g = g;
                (none(r, dest), (to_m.give(|| r.matrix() * $skew * T::ad_from_f64(0.5)),))
            }
        }

        rule! {
            /// The transpose of a rotation is its inverse.
            [T: Real]
            TransposeRule ad_transpose(r: Rotation<T, $n>)
            [() => ()] where []
            |g: TangentOf<Rotation<T, $n>>, dest| {
                (dest.give(|| <Rotation<T, $n>>::ad_negated(&r.inverse().ad_carry(g))), ())
            }
        }
    )* };
}
as_matrices! {
    2 |g| Matrix2::new(T::zero(), -*g, *g, T::zero());
    3 |g| Matrix3::new(T::zero(), -g.z, g.y, g.z, T::zero(), -g.x, -g.y, g.x, T::zero());
}

macro_rules! same_rotation {
    ($($t:ty, $n:literal;)*) => { $(
        rule! {
            [T: Real]
            ToRotationMatrixRule ad_to_rotation_matrix(_r: $t)
            [() => ()] where []
            |g: TangentOf<$t>, dest| (dest.give(|| g.clone()), ())
        }

        rule! {
            [T: Real]
            FromRotationMatrixRule ad_from_rotation_matrix(r: $t; _m M SM: Rotation<T, $n> => TangentOf<$t>)
            [() => ()] where []
            |g: TangentOf<$t>, dest, (to_m)| (none(r, dest), (to_m.give(|| g.clone()),))
        }

        rule! {
            /// The conjugate of a unit number is its inverse.
            [T: Real]
            ConjugateRule ad_conjugate(r: $t)
            [() => ()] where []
            |g: TangentOf<$t>, dest| (dest.give(|| <$t>::ad_negated(&r.inverse().ad_carry(g))), ())
        }
    )* };
}
same_rotation! {
    UnitComplex<T>, 2;
    UnitQuaternion<T>, 3;
}
