//! Similarities: a scaling, then a rotation, then a translation, `y = s R p + t`.

use nalgebra::{
    Const, Isometry, Matrix, OPoint, RawStorage, Rotation, SMatrix, SVector, Similarity,
    Translation, U1, U3, UnitComplex, UnitQuaternion, Vector3,
};

use super::rotation::from_matrix;
use super::series::left;
use super::{
    FromPartsRule, InverseTransformPointRule, InverseTransformVectorRule, IsometryTangent,
    PointTangent, TransformPointRule, TransformVectorRule, TranslationTangent, Turn, fields, none,
};
use crate::differentiable::{Differentiable, Peel, Real, TangentOf};
use crate::put::Put;
use crate::rules::factorisation::InverseRule;
use crate::rules::matrix::{NewRule, ToHomogeneousRule, put_copy, put_scalar};
use crate::rules::{MulRule, method_rule, rule};
use crate::tangent::Tangent;

method_rule! {
    /// `s.scaling()`: `s̄ += g`.
    ///
    /// Keeps the receiver.
    ScalingRule ad_scaling;
    /// `Similarity::from_scaling(s)`: `s̄ += g`.
    FromScalingRule ad_from_scaling;
    /// `Similarity::from_isometry(pose, s)`: each part its own.
    FromIsometryRule ad_from_isometry;
    /// `s.prepend_scaling(a)`, the scaling times `a`: of both factors as of a product.
    ///
    /// Keeps the receiver and the argument.
    PrependScalingRule ad_prepend_scaling;
    /// `s.append_scaling(a)`, the scaling and the translation times `a`.
    ///
    /// Keeps the receiver and the argument.
    AppendScalingRule ad_append_scaling;
}

fields! {
    /// A movement of a similarity.
    SimilarityTangent [T: Real, A: Tangent, const N: usize] [T, A, N] where [] {
        /// That of rotation and translation.
        isometry: IsometryTangent<T, A, N>,
        /// That of the scaling, a plain number: `s ← s + δ`.
        scaling: T,
    }
}

/// The tangent of a similarity.
type Moved<T, R, const N: usize> = SimilarityTangent<T, TangentOf<R>, N>;

fn moved<T: Real, R: Turn<T, N>, const N: usize>(
    rotation: TangentOf<R>,
    vector: SVector<T, N>,
    scaling: T,
) -> Moved<T, R, N> {
    SimilarityTangent {
        isometry: IsometryTangent {
            rotation,
            translation: TranslationTangent { vector },
        },
        scaling,
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: Turn<T, N>, const N: usize> Differentiable for Similarity<T, R, N> {
    type Tangent = Moved<T, R, N>;
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
        moved::<T, R, N>(R::ad_zero(&()), SVector::zeros(), T::zero())
    }
    #[inline]
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self {
        Similarity::from_isometry(
            self.isometry.ad_step(&direction.isometry, step),
            self.scaling().ad_step(&direction.scaling, step),
        )
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: Turn<T, N>, const N: usize> Peel for Similarity<T, R, N> {
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

/// `φ̄`, `v̄` and `s̄` of `s R v`: with `m = Rᵀ g`, `φ̄ = s v × m`, `v̄ = s m`, `s̄ = ⟨m, v⟩`.
fn image<T: Real, R: Turn<T, N>, const N: usize>(
    a: &Similarity<T, R, N>,
    v: &SVector<T, N>,
    g: &SVector<T, N>,
) -> (TangentOf<R>, SVector<T, N>, T) {
    let m = a.isometry.rotation.inverse_transform_vector(g);
    let s = a.scaling();
    (R::ad_wedge(&(v * s), &m), m * s, m.dot(v))
}

/// `φ̄`, `v̄` and `s̄` of `y = Rᵀ v / s`: `φ̄ = g × y`, `v̄ = R g / s`, `s̄ = -⟨g, y⟩ / s`.
fn inverse_image<T: Real, R: Turn<T, N>, const N: usize>(
    a: &Similarity<T, R, N>,
    v: &SVector<T, N>,
    g: &SVector<T, N>,
) -> (TangentOf<R>, SVector<T, N>, T) {
    let (r, s) = (&a.isometry.rotation, a.scaling());
    let y = r.inverse_transform_vector(v) / s;
    (
        R::ad_wedge(g, &y),
        r.transform_vector(g) / s,
        -(g.dot(&y) / s),
    )
}

fn sum<A: Tangent>(mut a: A, b: &A) -> A {
    A::ad_add(a.ad_place(), b);
    a
}

// === products ===

/// The composition: the left one as for the image of the right translation, besides `φ̄ += S g` and `s̄ += s₂ g`; of the
/// right one `ḡ` of the rotation, `s₁ Rᵀ g` of the translation, `s₁ g` of the scaling.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<Similarity<T, R, N>> for Similarity<T, R, N> {
    type G = Moved<T, R, N>;
    #[inline]
    fn ad_mul<SA: Put<Self::G>, SB: Put<Self::G>>(
        &self,
        right: &Similarity<T, R, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (to, from) = (&g.isometry, &right.isometry);
        let (phi, back, s) = image(self, &from.translation.vector, &to.translation.vector);
        let phi = sum(phi, &from.rotation.ad_carry(&to.rotation));
        (
            sa.give(|| {
                let s = s + right.scaling() * g.scaling;
                moved::<T, R, N>(phi, to.translation.vector, s)
            }),
            sb.give(|| moved::<T, R, N>(to.rotation.clone(), back, self.scaling() * g.scaling)),
        )
    }
}

/// A pose in the frame of the body: as a similarity with the scaling 1.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<Isometry<T, R, N>> for Similarity<T, R, N> {
    type G = Moved<T, R, N>;
    #[inline]
    fn ad_mul<SA: Put<Self::G>, SB: Put<IsometryTangent<T, TangentOf<R>, N>>>(
        &self,
        right: &Isometry<T, R, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let to = &g.isometry;
        let (phi, back, s) = image(self, &right.translation.vector, &to.translation.vector);
        let phi = sum(phi, &right.rotation.ad_carry(&to.rotation));
        (
            sa.give(|| moved::<T, R, N>(phi, to.translation.vector, s + g.scaling)),
            sb.give(|| IsometryTangent {
                rotation: to.rotation.clone(),
                translation: TranslationTangent { vector: back },
            }),
        )
    }
}

/// A pose in the frame of the world: `φ̄` and `t̄` of it as in the composition, `s̄` is `ḡ`.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<Similarity<T, R, N>> for Isometry<T, R, N> {
    type G = Moved<T, R, N>;
    #[inline]
    fn ad_mul<SA: Put<IsometryTangent<T, TangentOf<R>, N>>, SB: Put<Self::G>>(
        &self,
        right: &Similarity<T, R, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (to_a, to_b) = MulRule::ad_mul(
            self,
            &right.isometry,
            &g.isometry,
            crate::put::Fresh,
            crate::put::Fresh,
        );
        (
            sa.give(|| to_a),
            sb.give(|| SimilarityTangent {
                isometry: to_b,
                scaling: g.scaling,
            }),
        )
    }
}

/// `y = s R p + t`: with `m = Rᵀ g`, `p̄ += s m`, `φ̄ += s p × m`, `t̄ += g`, `s̄ += ⟨m, p⟩`.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<OPoint<T, Const<N>>> for Similarity<T, R, N> {
    type G = PointTangent<T, Const<N>>;
    #[inline]
    fn ad_mul<SA: Put<Moved<T, R, N>>, SB: Put<PointTangent<T, Const<N>>>>(
        &self,
        right: &OPoint<T, Const<N>>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (phi, back, s) = image(self, &right.coords, &g.coords);
        (
            sa.give(|| moved::<T, R, N>(phi, g.coords, s)),
            sb.give(|| PointTangent { coords: back }),
        )
    }
}

/// `y = s R v`: as of a point, without translation.
impl<T: Real, R: Turn<T, N>, const N: usize> MulRule<SVector<T, N>> for Similarity<T, R, N> {
    type G = SVector<T, N>;
    #[inline]
    fn ad_mul<SA: Put<Moved<T, R, N>>, SB: Put<SVector<T, N>>>(
        &self,
        right: &SVector<T, N>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (phi, back, s) = image(self, right, g);
        (
            sa.give(|| moved::<T, R, N>(phi, SVector::zeros(), s)),
            put_copy(&back, sb),
        )
    }
}

// === methods ===

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    TransformPointRule ad_transform_point(a: Similarity<T, R, N>; p P SP: OPoint<T, Const<N>> => PointTangent<T, Const<N>>)
    [() => ()] where []
    |g: PointTangent<T, Const<N>>, dest, (to_p)| {
        let (to_a, to_p) = MulRule::ad_mul(a, p, g, dest, to_p);
        (to_a, (to_p,))
    }
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    TransformVectorRule ad_transform_vector(a: Similarity<T, R, N>; v V SV: SVector<T, N> => SVector<T, N>)
    [() => ()] where []
    |g: SVector<T, N>, dest, (to_v)| {
        let (to_a, to_v) = MulRule::ad_mul(a, v, g, dest, to_v);
        (to_a, (to_v,))
    }
}

rule! {
    /// `y = Rᵀ (p - t) / s`: `p̄ += R g / s`, `t̄ -= R g / s`, `φ̄ += g × y`, `s̄ -= ⟨g, y⟩ / s`.
    [T: Real, R: Turn<T, N>, const N: usize]
    InverseTransformPointRule ad_inverse_transform_point(a: Similarity<T, R, N>; p P SP: OPoint<T, Const<N>> => PointTangent<T, Const<N>>)
    [() => ()] where []
    |g: PointTangent<T, Const<N>>, dest, (to_p)| {
        let offset = p.coords - a.isometry.translation.vector;
        let (phi, out, s) = inverse_image(a, &offset, &g.coords);
        (
            dest.give(|| moved::<T, R, N>(phi, -out, s)),
            (to_p.give(|| PointTangent { coords: out }),),
        )
    }
}

rule! {
    /// `y = Rᵀ v / s`: as of a point, without translation.
    [T: Real, R: Turn<T, N>, const N: usize]
    InverseTransformVectorRule ad_inverse_transform_vector(a: Similarity<T, R, N>; v V SV: SVector<T, N> => SVector<T, N>)
    [() => ()] where []
    |g: SVector<T, N>, dest, (to_v)| {
        let (phi, out, s) = inverse_image(a, v, g);
        (dest.give(|| moved::<T, R, N>(phi, SVector::zeros(), s)), (put_copy(&out, to_v),))
    }
}

rule! {
    /// `(1/s, Rᵀ, u)` with `u = -Rᵀ t / s`: `φ̄ += ḡ × u - Rᵀ ḡᵣ`, `t̄ -= R ḡ / s`, `s̄ -= ⟨ḡ, u⟩ / s + ḡₛ / s²`.
    ['y, T: Real, R: Turn<T, N>, const N: usize]
    InverseRule ad_inverse(a: Similarity<T, R, N>)
    [_ => &'y Similarity<T, R, N>] where []
    |g: Moved<T, R, N>, dest| {
        let (r, s) = (&a.isometry.rotation, a.scaling());
        let to = &g.isometry;
        let shift = -a.isometry.translation.vector;
        let (phi, out, to_s) = inverse_image(a, &shift, &to.translation.vector);
        let carried = R::ad_negated(&r.inverse().ad_carry(&to.rotation));
        (dest.give(|| moved::<T, R, N>(sum(phi, &carried), -out, to_s - g.scaling / s / s)), ())
    }
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    ScalingRule ad_scaling(_a: Similarity<T, R, N>)
    [() => ()] where []
    |g: T, dest| (dest.give(|| moved::<T, R, N>(R::ad_zero(&()), SVector::zeros(), *g)), ())
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    PrependScalingRule ad_prepend_scaling(a: Similarity<T, R, N>; s B SB: T => T)
    [() => ()] where []
    |g: Moved<T, R, N>, dest, (to_s)| (
        dest.give(|| SimilarityTangent { isometry: g.isometry.clone(), scaling: g.scaling * *s }),
        (put_scalar(to_s, || g.scaling * a.scaling()),),
    )
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    AppendScalingRule ad_append_scaling(a: Similarity<T, R, N>; s B SB: T => T)
    [() => ()] where []
    |g: Moved<T, R, N>, dest, (to_s)| {
        let (to, from) = (&g.isometry.translation.vector, &a.isometry.translation.vector);
        (
            dest.give(|| moved::<T, R, N>(g.isometry.rotation.clone(), to * *s, g.scaling * *s)),
            (put_scalar(to_s, || g.scaling * a.scaling() + to.dot(from)),),
        )
    }
}

// === constructors ===

rule! {
    [T: Real, R: Turn<T, N> + Peel<V = R>, const N: usize]
    FromPartsRule ad_from_parts(a: Similarity<T, R, N>; _t A SA: Translation<T, N> => TranslationTangent<T, N>, _r B SB: R => TangentOf<R>, _s C SC: T => T)
    [() => ()] where []
    |g: Moved<T, R, N>, dest, (to_t, to_r, to_s)| (
        none(a, dest),
        (
            to_t.give(|| g.isometry.translation.clone()),
            to_r.give(|| g.isometry.rotation.clone()),
            put_scalar(to_s, || g.scaling),
        ),
    )
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    FromIsometryRule ad_from_isometry(a: Similarity<T, R, N>; _p A SA: Isometry<T, R, N> => IsometryTangent<T, TangentOf<R>, N>, _s C SC: T => T)
    [() => ()] where []
    |g: Moved<T, R, N>, dest, (to_p, to_s)| (
        none(a, dest),
        (to_p.give(|| g.isometry.clone()), put_scalar(to_s, || g.scaling)),
    )
}

rule! {
    [T: Real, R: Turn<T, N>, const N: usize]
    FromScalingRule ad_from_scaling(a: Similarity<T, R, N>; _s C SC: T => T)
    [() => ()] where []
    |g: Moved<T, R, N>, dest, (to_s)| (none(a, dest), (put_scalar(to_s, || g.scaling),))
}

macro_rules! in_space {
    ($($r:ty;)*) => { $(
        rule! {
            /// `Similarity::new(translation, v, s)`: the vector, the rotation by `|v|` about `v`, the scaling.
            [T: Real, ST: RawStorage<T, U3, U1>, SV: RawStorage<T, U3, U1>]
            NewRule ad_new(a: Similarity<T, $r, 3>; _t A SA: Matrix<T, U3, U1, ST> => Vector3<T>, v B SB: Matrix<T, U3, U1, SV> => Vector3<T>, _s C SC: T => T)
            [() => ()] where []
            |g: Moved<T, $r, 3>, dest, (to_t, to_v, to_s)| {
                let v = Vector3::new(v[0], v[1], v[2]);
                (none(a, dest), (
                    put_copy(&g.isometry.translation.vector, to_t),
                    to_v.give(|| left(&v, &g.isometry.rotation)),
                    put_scalar(to_s, || g.scaling),
                ))
            }
        }
    )* };
}
in_space! {
    Rotation<T, 3>;
    UnitQuaternion<T>;
}

macro_rules! in_the_plane {
    ($($r:ty;)*) => { $(
        rule! {
            /// `Similarity::new(translation, α, s)`: the vector, the angle, the scaling.
            [T: Real, ST: RawStorage<T, Const<2>, U1>]
            NewRule ad_new(a: Similarity<T, $r, 2>; _t A SA: Matrix<T, Const<2>, U1, ST> => SVector<T, 2>, _a B SB: T => T, _s C SC: T => T)
            [() => ()] where []
            |g: Moved<T, $r, 2>, dest, (to_t, to_a, to_s)| (
                none(a, dest),
                (
                    put_copy(&g.isometry.translation.vector, to_t),
                    put_scalar(to_a, || g.isometry.rotation),
                    put_scalar(to_s, || g.scaling),
                ),
            )
        }
    )* };
}
in_the_plane! {
    Rotation<T, 2>;
    UnitComplex<T>;
}

macro_rules! homogeneous {
    ($($r:ty, $n:literal, $h:literal;)*) => { $(
        rule! {
            /// The matrix of a similarity: `s R` in the upper left, the translation in the last column.
            ['y, T: Real]
            ToHomogeneousRule ad_to_homogeneous(a: Similarity<T, $r, $n>)
            [_ => &'y SMatrix<T, $h, $h>] where []
            |g: SMatrix<T, $h, $h>, dest| {
                let column = |j: usize| SVector::<T, $n>::from_fn(|i, _| g[(i, j)]);
                let rotation = &a.isometry.rotation;
                let to_s = (0..$n).fold(T::zero(), |sum, j| {
                    let mut unit = SVector::<T, $n>::zeros();
                    unit[j] = T::one();
                    sum + nalgebra::AbstractRotation::transform_vector(rotation, &unit).dot(&column(j))
                });
                let s = a.scaling();
                let phi = from_matrix(rotation, |j| column(j) * s);
                (dest.give(|| moved::<T, $r, $n>(phi, column($n), to_s)), ())
            }
        }
    )* };
}
homogeneous! {
    Rotation<T, 2>, 2, 3;
    Rotation<T, 3>, 3, 4;
    UnitComplex<T>, 2, 3;
    UnitQuaternion<T>, 3, 4;
}
