//! Poses: a rotation followed by a translation.

use nalgebra::{
    Const, Isometry, Matrix, OPoint, RawStorage, Rotation, SMatrix, SVector, Translation, U1, U3,
    Unit, UnitComplex, UnitQuaternion, Vector3,
};

use super::rotation::from_matrix;
use super::series::left;
use super::{
    InverseTransformPointRule, InverseTransformVectorRule, PointTangent, TransformPointRule,
    TransformVectorRule, TranslationTangent, Turn, fields, none,
};
use crate::differentiable::{Differentiable, Peel, Real, TangentOf};
use crate::put::Put;
use crate::rules::factorisation::InverseRule;
use crate::rules::matrix::{NewRule, ToHomogeneousRule, put_copy, put_scalar};
use crate::rules::{MulRule, method_rule, rule};
use crate::tangent::Tangent;

method_rule! {
    /// `Isometry::from_parts(translation, rotation)`: each part its own.
    FromPartsRule ad_from_parts;
    /// `Isometry::translation(x, ..)`: the entries.
    IsometryTranslationRule ad_translation;
    /// `Isometry::rotation(v)`: as the rotation of the same argument.
    IsometryRotationRule ad_rotation;
    /// `a.inv_mul(&b)`, `A⁻¹ B`: the rule of the product behind that of the inverse.
    ///
    /// Keeps the receiver and the argument.
    InvMulRule ad_inv_mul;
    /// `pose.to_matrix()`: as [`to_homogeneous`](ToHomogeneousRule).
    ///
    /// Keeps the receiver.
    ToMatrixRule ad_to_matrix;
}

fields! {
    /// A movement of a pose, in the fields that a pose has.
    IsometryTangent [T: Real, A: Tangent, const N: usize] [T, A, N] where [] {
        /// That of the rotation, in the frame of the body.
        rotation: A,
        /// That of the translation, in the frame of the world.
        translation: TranslationTangent<T, N>,
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: Turn<T, N>, const N: usize> Differentiable for Isometry<T, R, N> {
    type Tangent = IsometryTangent<T, TangentOf<R>, N>;
    type Shape = ();
    type Owned = Self;
    #[inline(always)]
    fn ad_only_shape() -> Option<()> {
        Some(())
    }
    #[inline]
    fn ad_shape(&self) {}
    #[inline]
    fn ad_zero((): &()) -> Self::Tangent {
        moved::<T, R, N>(R::ad_zero(&()), SVector::zeros())
    }
    #[inline]
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self {
        Isometry {
            rotation: self.rotation.ad_step(&direction.rotation, step),
            translation: self.translation.ad_step(&direction.translation, step),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: Turn<T, N>, const N: usize> Peel for Isometry<T, R, N> {
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

/// The tangent of a pose.
type PoseTangent<T, R, const N: usize> = IsometryTangent<T, TangentOf<R>, N>;

fn moved<T: Real, R: Turn<T, N>, const N: usize>(
    rotation: TangentOf<R>,
    vector: SVector<T, N>,
) -> PoseTangent<T, R, N> {
    IsometryTangent {
        rotation,
        translation: TranslationTangent { vector },
    }
}

/// The sum of two tangents of a rotation.
fn sum<A: Tangent>(mut a: A, b: &A) -> A {
    A::ad_add(a.ad_place(), b);
    a
}

/// `φ̄` and `v̄` of `R v`.
fn image<T: Real, R: Turn<T, N>, const N: usize>(
    r: &R,
    v: &SVector<T, N>,
    g: &SVector<T, N>,
) -> (TangentOf<R>, SVector<T, N>) {
    let m = r.inverse_transform_vector(g);
    (R::ad_wedge(v, &m), m)
}

// === products ===

/// The composition of poses: of the left one as for the image of the right translation, besides `φ̄ += S g`; `ḡ` of
/// the right rotation, `Rᵀ g` of the right translation.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<Isometry<T, R, N>> for Isometry<T, R, N> {
    type G = PoseTangent<T, R, N>;
    #[inline]
    fn ad_mul<SA: Put<Self::G>, SB: Put<Self::G>>(
        &self,
        right: &Isometry<T, R, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (phi, back) = image(
            &self.rotation,
            &right.translation.vector,
            &g.translation.vector,
        );
        let carried = right.rotation.ad_carry(&g.rotation);
        (
            sa.give(|| moved::<T, R, N>(sum(phi, &carried), g.translation.vector)),
            sb.give(|| moved::<T, R, N>(g.rotation.clone(), back)),
        )
    }
}

/// `y = R p + t`: `p̄ += Rᵀ g`, `φ̄ += p × Rᵀ g`, `t̄ += g`.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<OPoint<T, Const<N>>> for Isometry<T, R, N> {
    type G = PointTangent<T, Const<N>>;
    #[inline]
    fn ad_mul<SA: Put<PoseTangent<T, R, N>>, SB: Put<PointTangent<T, Const<N>>>>(
        &self,
        right: &OPoint<T, Const<N>>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (phi, back) = image(&self.rotation, &right.coords, &g.coords);
        (
            sa.give(|| moved::<T, R, N>(phi, g.coords)),
            sb.give(|| PointTangent { coords: back }),
        )
    }
}

/// `y = R v`: `v̄ += Rᵀ g`, `φ̄ += v × Rᵀ g`.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<SVector<T, N>> for Isometry<T, R, N> {
    type G = SVector<T, N>;
    #[inline]
    fn ad_mul<SA: Put<PoseTangent<T, R, N>>, SB: Put<SVector<T, N>>>(
        &self,
        right: &SVector<T, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (phi, back) = image(&self.rotation, right, g);
        (
            sa.give(|| moved::<T, R, N>(phi, SVector::zeros())),
            put_copy(&back, sb),
        )
    }
}

/// The image of a unit vector: as that of a vector.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<Unit<SVector<T, N>>> for Isometry<T, R, N> {
    type G = SVector<T, N>;
    #[inline]
    fn ad_mul<SA: Put<PoseTangent<T, R, N>>, SB: Put<SVector<T, N>>>(
        &self,
        right: &Unit<SVector<T, N>>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        self.ad_mul(right.as_ref(), g, sa, sb)
    }
}

/// A translation in the frame of the body: `R b` is added to the translation.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<Translation<T, N>> for Isometry<T, R, N> {
    type G = PoseTangent<T, R, N>;
    #[inline]
    fn ad_mul<SA: Put<PoseTangent<T, R, N>>, SB: Put<TranslationTangent<T, N>>>(
        &self,
        right: &Translation<T, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (phi, back) = image(&self.rotation, &right.vector, &g.translation.vector);
        (
            sa.give(|| moved::<T, R, N>(sum(phi, &g.rotation), g.translation.vector)),
            sb.give(|| TranslationTangent { vector: back }),
        )
    }
}

/// A translation in the frame of the world.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<Isometry<T, R, N>> for Translation<T, N> {
    type G = PoseTangent<T, R, N>;
    #[inline]
    fn ad_mul<SA: Put<TranslationTangent<T, N>>, SB: Put<PoseTangent<T, R, N>>>(
        &self,
        _: &Isometry<T, R, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (sa.give(|| g.translation.clone()), sb.give(|| g.clone()))
    }
}

macro_rules! with_rotations {
    ($($r:ty, $n:literal, $h:literal;)*) => { $(
        /// A rotation in the frame of the body: `φ̄ += S g` of the pose, `φ̄ += g` of the rotation `S`.
        impl<T: Real> MulRule<$r> for Isometry<T, $r, $n> {
            type G = PoseTangent<T, $r, $n>;
            #[inline]
            fn ad_mul<SA: Put<PoseTangent<T, $r, $n>>, SB: Put<TangentOf<$r>>>(
                &self,
                right: &$r,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                (
                    sa.give(|| moved::<T, $r, $n>(right.ad_carry(&g.rotation), g.translation.vector)),
                    sb.give(|| g.rotation.clone()),
                )
            }
        }

        /// A rotation in the frame of the world: as the product of poses.
        impl<T: Real> MulRule<Isometry<T, $r, $n>> for $r {
            type G = PoseTangent<T, $r, $n>;
            #[inline]
            fn ad_mul<SA: Put<TangentOf<$r>>, SB: Put<PoseTangent<T, $r, $n>>>(
                &self,
                right: &Isometry<T, $r, $n>,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                let (phi, back) = image(self, &right.translation.vector, &g.translation.vector);
                let carried = right.rotation.ad_carry(&g.rotation);
                (
                    sa.give(|| sum(phi, &carried)),
                    sb.give(|| moved::<T, $r, $n>(g.rotation.clone(), back)),
                )
            }
        }

        /// A rotation after a translation.
        impl<T: Real> MulRule<Translation<T, $n>> for $r {
            type G = PoseTangent<T, $r, $n>;
            #[inline]
            fn ad_mul<SA: Put<TangentOf<$r>>, SB: Put<TranslationTangent<T, $n>>>(
                &self,
                right: &Translation<T, $n>,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                let (phi, back) = image(self, &right.vector, &g.translation.vector);
                (
                    sa.give(|| sum(phi, &g.rotation)),
                    sb.give(|| TranslationTangent { vector: back }),
                )
            }
        }

        /// A translation after a rotation: the parts of a pose.
        impl<T: Real> MulRule<$r> for Translation<T, $n> {
            type G = PoseTangent<T, $r, $n>;
            #[inline]
            fn ad_mul<SA: Put<TranslationTangent<T, $n>>, SB: Put<TangentOf<$r>>>(
                &self,
                _: &$r,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                (sa.give(|| g.translation.clone()), sb.give(|| g.rotation.clone()))
            }
        }

        rule! {
            /// The matrix of a pose: the rotation in the upper left, the translation in the last column.
            ['y, T: Real]
            ToHomogeneousRule ad_to_homogeneous(pose: Isometry<T, $r, $n>)
            [_ => &'y SMatrix<T, $h, $h>] where []
            |g: SMatrix<T, $h, $h>, dest| {
                let column = |j: usize| SVector::from_fn(|i, _| g[(i, j)]);
                (dest.give(|| moved::<T, $r, $n>(from_matrix(&pose.rotation, column), column($n))), ())
            }
        }

        rule! {
            [T: Real]
            ToMatrixRule ad_to_matrix(pose: Isometry<T, $r, $n>)
            [() => ()] where []
            |g: SMatrix<T, $h, $h>, dest| {
                let column = |j: usize| SVector::from_fn(|i, _| g[(i, j)]);
                (dest.give(|| moved::<T, $r, $n>(from_matrix(&pose.rotation, column), column($n))), ())
            }
        }
    )* };
}

with_rotations! {
    Rotation<T, 2>, 2, 3;
    Rotation<T, 3>, 3, 4;
    UnitComplex<T>, 2, 3;
    UnitQuaternion<T>, 3, 4;
}

// === methods ===

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    TransformPointRule ad_transform_point(pose: Isometry<T, R, N>; p P SP: OPoint<T, Const<N>> => PointTangent<T, Const<N>>)
    [() => ()] where []
    |g: PointTangent<T, Const<N>>, dest, (to_p)| {
        let (to_pose, to_p) = MulRule::ad_mul(pose, p, g, dest, to_p);
        (to_pose, (to_p,))
    }
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    TransformVectorRule ad_transform_vector(pose: Isometry<T, R, N>; v V SV: SVector<T, N> => SVector<T, N>)
    [() => ()] where []
    |g: SVector<T, N>, dest, (to_v)| {
        let (to_pose, to_v) = MulRule::ad_mul(pose, v, g, dest, to_v);
        (to_pose, (to_v,))
    }
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    InverseTransformPointRule ad_inverse_transform_point(pose: Isometry<T, R, N>; p P SP: OPoint<T, Const<N>> => PointTangent<T, Const<N>>)
    [() => ()] where []
    |g: PointTangent<T, Const<N>>, dest, (to_p)| {
        let y = pose.rotation.inverse_transform_vector(&(p.coords - pose.translation.vector));
        let forth = pose.rotation.transform_vector(&g.coords);
        (
            dest.give(|| moved::<T, R, N>(R::ad_wedge(&g.coords, &y), -forth)),
            (to_p.give(|| PointTangent { coords: forth }),),
        )
    }
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    InverseTransformVectorRule ad_inverse_transform_vector(pose: Isometry<T, R, N>; v V SV: SVector<T, N> => SVector<T, N>)
    [() => ()] where []
    |g: SVector<T, N>, dest, (to_v)| {
        let y = pose.rotation.inverse_transform_vector(v);
        (
            dest.give(|| moved::<T, R, N>(R::ad_wedge(g, &y), SVector::zeros())),
            (to_v.give(|| pose.rotation.transform_vector(g)),),
        )
    }
}

/// The cotangent of a pose, from that of its inverse `(Rᵀ, -Rᵀ t)`: `φ̄ -= Rᵀ g`, `φ̄ += g × (-Rᵀ t)`, `t̄ -= R g`.
fn inverted<T: Real, R: Turn<T, N>, const N: usize>(
    pose: &Isometry<T, R, N>,
    g: &PoseTangent<T, R, N>,
) -> PoseTangent<T, R, N> {
    let r = &pose.rotation;
    let vector = &g.translation.vector;
    let image = -r.inverse_transform_vector(&pose.translation.vector);
    let turned = R::ad_negated(&r.inverse().ad_carry(&g.rotation));
    moved::<T, R, N>(
        sum(turned, &R::ad_wedge(vector, &image)),
        -r.transform_vector(vector),
    )
}

rule! {
    /// The inverse of a pose, `(Rᵀ, -Rᵀ t)`: `φ̄ -= Rᵀ g`, `φ̄ += g × (-Rᵀ t)`, `t̄ -= R g`.
    ['y, T: Real, R: Turn<T, N>, const N: usize]
    InverseRule ad_inverse(pose: Isometry<T, R, N>)
    [_ => &'y Isometry<T, R, N>] where []
    |g: PoseTangent<T, R, N>, dest| (dest.give(|| inverted(pose, g)), ())
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    InvMulRule ad_inv_mul(a: Isometry<T, R, N>; b B SB: Isometry<T, R, N> => PoseTangent<T, R, N>)
    [() => ()] where []
    |g: PoseTangent<T, R, N>, dest, (to_b)| {
        let (to_inverse, to_b) = MulRule::ad_mul(&a.inverse(), b, g, crate::put::Fresh, to_b);
        (dest.give(|| inverted(a, &to_inverse)), (to_b,))
    }
}

// === constructors ===

rule! {
    [T: Real, R: Turn<T, N> + Peel<V = R>, const N: usize]
    FromPartsRule ad_from_parts(pose: Isometry<T, R, N>; _t A SA: Translation<T, N> => TranslationTangent<T, N>, _r B SB: R => TangentOf<R>)
    [() => ()] where []
    |g: PoseTangent<T, R, N>, dest, (to_t, to_r)| (
        none(pose, dest),
        (to_t.give(|| g.translation.clone()), to_r.give(|| g.rotation.clone())),
    )
}

macro_rules! poses_in_space {
    ($($r:ty;)*) => { $(
        rule! {
            /// `Isometry::new(translation, v)`: the vector, and the rotation by `|v|` about `v`.
            [T: Real, ST: RawStorage<T, U3, U1>, SV: RawStorage<T, U3, U1>]
            NewRule ad_new(pose: Isometry<T, $r, 3>; _t A SA: Matrix<T, U3, U1, ST> => Vector3<T>, v B SB: Matrix<T, U3, U1, SV> => Vector3<T>)
            [() => ()] where []
            |g: PoseTangent<T, $r, 3>, dest, (to_t, to_v)| {
                let v = Vector3::new(v[0], v[1], v[2]);
                (none(pose, dest), (put_copy(&g.translation.vector, to_t), to_v.give(|| left(&v, &g.rotation))))
            }
        }

        rule! {
            [T: Real, SV: RawStorage<T, U3, U1>]
            IsometryRotationRule ad_rotation(pose: Isometry<T, $r, 3>; v B SB: Matrix<T, U3, U1, SV> => Vector3<T>)
            [() => ()] where []
            |g: PoseTangent<T, $r, 3>, dest, (to_v)| {
                let v = Vector3::new(v[0], v[1], v[2]);
                (none(pose, dest), (to_v.give(|| left(&v, &g.rotation)),))
            }
        }

        rule! {
            [T: Real]
            IsometryTranslationRule ad_translation(pose: Isometry<T, $r, 3>; _x X SX: T => T, _y Y SY: T => T, _z Z SZ: T => T)
            [() => ()] where []
            |g: PoseTangent<T, $r, 3>, dest, (to_x, to_y, to_z)| {
                let v = &g.translation.vector;
                (none(pose, dest), (put_scalar(to_x, || v.x), put_scalar(to_y, || v.y), put_scalar(to_z, || v.z)))
            }
        }
    )* };
}
poses_in_space! {
    Rotation<T, 3>;
    UnitQuaternion<T>;
}

macro_rules! poses_in_the_plane {
    ($($r:ty;)*) => { $(
        rule! {
            /// `Isometry::new(translation, α)`: the vector and the angle.
            [T: Real, ST: RawStorage<T, Const<2>, U1>]
            NewRule ad_new(pose: Isometry<T, $r, 2>; _t A SA: Matrix<T, Const<2>, U1, ST> => SVector<T, 2>, _a B SB: T => T)
            [() => ()] where []
            |g: PoseTangent<T, $r, 2>, dest, (to_t, to_a)| (
                none(pose, dest),
                (put_copy(&g.translation.vector, to_t), put_scalar(to_a, || g.rotation)),
            )
        }

        rule! {
            [T: Real]
            IsometryRotationRule ad_rotation(pose: Isometry<T, $r, 2>; _a B SB: T => T)
            [() => ()] where []
            |g: PoseTangent<T, $r, 2>, dest, (to_a)| (none(pose, dest), (put_scalar(to_a, || g.rotation),))
        }

        rule! {
            [T: Real]
            IsometryTranslationRule ad_translation(pose: Isometry<T, $r, 2>; _x X SX: T => T, _y Y SY: T => T)
            [() => ()] where []
            |g: PoseTangent<T, $r, 2>, dest, (to_x, to_y)| {
                let v = &g.translation.vector;
                (none(pose, dest), (put_scalar(to_x, || v.x), put_scalar(to_y, || v.y)))
            }
        }
    )* };
}
poses_in_the_plane! {
    Rotation<T, 2>;
    UnitComplex<T>;
}
