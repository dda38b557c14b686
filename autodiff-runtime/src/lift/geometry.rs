//! Points, rotations, poses and their tangents.

use nalgebra::allocator::Allocator;
use nalgebra::{
    DefaultAllocator, Dim, DimName, Isometry, Matrix, OMatrix, OPoint, OVector, Quaternion,
    Rotation, SMatrix, SVector, Similarity, Storage, Translation, Unit, UnitComplex,
    UnitQuaternion, Vector3,
};

use super::{Lift, Split};
use crate::differentiable::{Differentiable, Peel, Real};
use crate::dual::Dual;
use crate::rules::geometry::{
    IsometryTangent, PointTangent, SimilarityTangent, TranslationTangent, Turn,
};
use crate::tangent::Tangent;

// === tangents made of fields, which are lifted field by field ===

/// A tangent is its own type of tangent.
macro_rules! tangents {
    ($(
        $Name:ident { $($field:ident: $F:ty),* }
        [$($p:tt)*] $t:ty where [$($w:tt)*];
        lifted to $Lifted:ty where [$($lw:tt)*];
        split [$($q:tt)*] $S:ty => $V:ty where [$($sw:tt)*];
    )*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($p)*> Differentiable for $t where $($w)* {
            type Tangent = Self;
            type Shape = ($(<$F as Differentiable>::Shape,)*);
            type Owned = Self;
            fn ad_shape(&self) -> Self::Shape {
                ($(self.$field.ad_shape(),)*)
            }
            fn ad_zero(($($field,)*): &Self::Shape) -> Self {
                $Name { $($field: <$F as Differentiable>::ad_zero($field),)* }
            }
            fn ad_owned(&self) -> Self {
                self.clone()
            }
            fn ad_step(&self, direction: &Self, step: f64) -> Self {
                let mut moved = self.clone();
                let mut scaled = direction.clone();
                scaled.ad_map_components(&mut |c| step * c);
                Self::ad_add(&mut moved, &scaled);
                moved
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($p)*> Peel for $t where $($w)* {
            type V = Self;
            #[inline(always)]
            fn ad_peel(&self) -> &Self {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($p)*> Lift for $t where $($w)* $($lw)* {
            type Lifted = $Lifted;
            fn ad_lift(&self, tangent: &Self) -> Self::Lifted {
                $Name { $($field: self.$field.ad_lift(&tangent.$field),)* }
            }
            fn ad_constant(&self) -> Self::Lifted {
                $Name { $($field: self.$field.ad_constant(),)* }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($q)*> Split for $S where $($sw)* {
            type Value = $V;
            type Tangent = $V;
            fn ad_split(&self) -> ($V, $V) {
                $(let $field = self.$field.ad_split();)*
                ($Name { $($field: $field.0,)* }, $Name { $($field: $field.1,)* })
            }
        }
    )* };
}
pub(super) use tangents;

tangents! {
    PointTangent { coords: OVector<T, D> }
    [T: Real, D: DimName] PointTangent<T, D> where [DefaultAllocator: Allocator<D>,];
    lifted to PointTangent<Dual<T>, D> where [];
    split [T: Real, D: DimName] PointTangent<Dual<T>, D> => PointTangent<T, D> where [DefaultAllocator: Allocator<D>];

    TranslationTangent { vector: SVector<T, N> }
    [T: Real, const N: usize] TranslationTangent<T, N> where [];
    lifted to TranslationTangent<Dual<T>, N> where [];
    split [T: Real, const N: usize] TranslationTangent<Dual<T>, N> => TranslationTangent<T, N> where [];

    IsometryTangent { rotation: A, translation: TranslationTangent<T, N> }
    [T: Real, A, const N: usize] IsometryTangent<T, A, N> where [A: Tangent + Differentiable<Tangent = A>,];
    lifted to IsometryTangent<Dual<T>, A::Lifted, N> where [A: Lift, A::Lifted: Tangent];
    split [T: Real, A: Tangent, B, const N: usize] IsometryTangent<Dual<T>, B, N> => IsometryTangent<T, A, N>
        where [B: Tangent + Split<Value = A, Tangent = A>];

    SimilarityTangent { isometry: IsometryTangent<T, A, N>, scaling: T }
    [T: Real, A, const N: usize] SimilarityTangent<T, A, N> where [A: Tangent + Differentiable<Tangent = A>,];
    lifted to SimilarityTangent<Dual<T>, A::Lifted, N> where [A: Lift, A::Lifted: Tangent];
    split [T: Real, A: Tangent, B, const N: usize] SimilarityTangent<Dual<T>, B, N> => SimilarityTangent<T, A, N>
        where [B: Tangent + Split<Value = A, Tangent = A>];
}

// === what is flat ===

impl<T: Real, D: DimName> Lift for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    type Lifted = OPoint<Dual<T>, D>;
    fn ad_lift(&self, tangent: &PointTangent<T, D>) -> Self::Lifted {
        OPoint::from(self.coords.ad_lift(&tangent.coords))
    }
    fn ad_constant(&self) -> Self::Lifted {
        OPoint::from(self.coords.ad_constant())
    }
}

impl<T: Real, D: DimName> Split for OPoint<Dual<T>, D>
where
    DefaultAllocator: Allocator<D>,
{
    type Value = OPoint<T, D>;
    type Tangent = PointTangent<T, D>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (value, coords) = self.coords.ad_split();
        (OPoint::from(value), PointTangent { coords })
    }
}

impl<T: Real, const N: usize> Lift for Translation<T, N> {
    type Lifted = Translation<Dual<T>, N>;
    fn ad_lift(&self, tangent: &TranslationTangent<T, N>) -> Self::Lifted {
        Translation::from(self.vector.ad_lift(&tangent.vector))
    }
    fn ad_constant(&self) -> Self::Lifted {
        Translation::from(self.vector.ad_constant())
    }
}

impl<T: Real, const N: usize> Split for Translation<Dual<T>, N> {
    type Value = Translation<T, N>;
    type Tangent = TranslationTangent<T, N>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (value, vector) = self.vector.ad_split();
        (Translation::from(value), TranslationTangent { vector })
    }
}

impl<T: Real> Lift for Quaternion<T> {
    type Lifted = Quaternion<Dual<T>>;
    fn ad_lift(&self, tangent: &Self) -> Self::Lifted {
        Quaternion::from(self.coords.ad_lift(&tangent.coords))
    }
    fn ad_constant(&self) -> Self::Lifted {
        Quaternion::from(self.coords.ad_constant())
    }
}

impl<T: Real> Split for Quaternion<Dual<T>> {
    type Value = Quaternion<T>;
    type Tangent = Quaternion<T>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (value, tangent) = self.coords.ad_split();
        (Quaternion::from(value), Quaternion::from(tangent))
    }
}

/// The entries, as they are: a tangent is expected to be orthogonal to the vector, as every one is that an operation
/// returns.
impl<T: Real, R: Dim, C: Dim, S: Storage<T, R, C>> Lift for Unit<Matrix<T, R, C, S>>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Lifted = Unit<OMatrix<Dual<T>, R, C>>;
    fn ad_lift(&self, tangent: &OMatrix<T, R, C>) -> Self::Lifted {
        Unit::new_unchecked(self.as_ref().ad_lift(tangent))
    }
    fn ad_constant(&self) -> Self::Lifted {
        Unit::new_unchecked(self.as_ref().ad_constant())
    }
}

impl<T: Real, R: Dim, C: Dim, S: Storage<Dual<T>, R, C>> Split for Unit<Matrix<Dual<T>, R, C, S>>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Value = Unit<OMatrix<T, R, C>>;
    type Tangent = OMatrix<T, R, C>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (value, tangent) = self.as_ref().ad_split();
        (Unit::new_unchecked(value), tangent)
    }
}

// === rotations: `R exp(ε φ)` ===

fn half<T: Real>() -> T {
    T::ad_from_f64(0.5)
}

/// `q + ε q ⊗ (0, φ) / 2`.
impl<T: Real> Lift for UnitQuaternion<T> {
    type Lifted = UnitQuaternion<Dual<T>>;
    const FLAT: bool = false;
    fn ad_lift(&self, tangent: &Vector3<T>) -> Self::Lifted {
        let moved = self.as_ref() * Quaternion::from_imag(tangent * half::<T>());
        Unit::new_unchecked(self.as_ref().ad_lift(&moved))
    }
    fn ad_bracket(a: &Vector3<T>, b: &Vector3<T>, to: &mut Vector3<T>) {
        *to += a.cross(b);
    }
    fn ad_constant(&self) -> Self::Lifted {
        Unit::new_unchecked(self.as_ref().ad_constant())
    }
}

/// `φ = 2 Im(q* ⊗ q̇)`.
impl<T: Real> Split for UnitQuaternion<Dual<T>> {
    type Value = UnitQuaternion<T>;
    type Tangent = Vector3<T>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (value, moved) = self.as_ref().ad_split();
        let turn = (value.conjugate() * moved).imag();
        (Unit::new_unchecked(value), turn + turn)
    }
}

/// `R + ε R [φ]×`.
impl<T: Real> Lift for Rotation<T, 3> {
    type Lifted = Rotation<Dual<T>, 3>;
    const FLAT: bool = false;
    fn ad_lift(&self, tangent: &Vector3<T>) -> Self::Lifted {
        let moved = self.matrix() * tangent.cross_matrix();
        Rotation::from_matrix_unchecked(self.matrix().ad_lift(&moved))
    }
    fn ad_bracket(a: &Vector3<T>, b: &Vector3<T>, to: &mut Vector3<T>) {
        *to += a.cross(b);
    }
    fn ad_constant(&self) -> Self::Lifted {
        Rotation::from_matrix_unchecked(self.matrix().ad_constant())
    }
}

/// `[φ]×` is the antisymmetric part of `Rᵀ Ṙ`.
impl<T: Real> Split for Rotation<Dual<T>, 3> {
    type Value = Rotation<T, 3>;
    type Tangent = Vector3<T>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (value, moved) = self.matrix().ad_split();
        let turn = value.transpose() * moved;
        let part = |i, j| (turn[(i, j)] - turn[(j, i)]) * half::<T>();
        let phi = Vector3::new(part(2, 1), part(0, 2), part(1, 0));
        (Rotation::from_matrix_unchecked(value), phi)
    }
}

/// `z + ε i α z`.
impl<T: Real> Lift for UnitComplex<T> {
    type Lifted = UnitComplex<Dual<T>>;
    fn ad_lift(&self, tangent: &T) -> Self::Lifted {
        let (cos, sin) = (self.re, self.im);
        let (re, im) = (
            Dual::new(cos, -sin * *tangent),
            Dual::new(sin, cos * *tangent),
        );
        Unit::new_unchecked(nalgebra::Complex { re, im })
    }
    fn ad_constant(&self) -> Self::Lifted {
        let (re, im) = (Dual::constant(self.re), Dual::constant(self.im));
        Unit::new_unchecked(nalgebra::Complex { re, im })
    }
}

/// `α = Im(z* ż)`.
impl<T: Real> Split for UnitComplex<Dual<T>> {
    type Value = UnitComplex<T>;
    type Tangent = T;
    fn ad_split(&self) -> (Self::Value, T) {
        let (cos, sin) = (self.re, self.im);
        let (re, im) = (cos.re, sin.re);
        let value = Unit::new_unchecked(nalgebra::Complex { re, im });
        (value, re * sin.eps - im * cos.eps)
    }
}

/// `R + ε α R J` with the quarter turn `J`.
impl<T: Real> Lift for Rotation<T, 2> {
    type Lifted = Rotation<Dual<T>, 2>;
    fn ad_lift(&self, tangent: &T) -> Self::Lifted {
        let m = self.matrix();
        let moved = SMatrix::from_fn(|i, j| *tangent * if j == 0 { m[(i, 1)] } else { -m[(i, 0)] });
        Rotation::from_matrix_unchecked(m.ad_lift(&moved))
    }
    fn ad_constant(&self) -> Self::Lifted {
        Rotation::from_matrix_unchecked(self.matrix().ad_constant())
    }
}

/// `α J` is the antisymmetric part of `Rᵀ Ṙ`.
impl<T: Real> Split for Rotation<Dual<T>, 2> {
    type Value = Rotation<T, 2>;
    type Tangent = T;
    fn ad_split(&self) -> (Self::Value, T) {
        let (value, moved) = self.matrix().ad_split();
        let turn = value.transpose() * moved;
        let alpha = (turn[(1, 0)] - turn[(0, 1)]) * half::<T>();
        (Rotation::from_matrix_unchecked(value), alpha)
    }
}

// === poses ===

impl<T: Real, R: Turn<T, N> + Lift, const N: usize> Lift for Isometry<T, R, N>
where
    R::Lifted: Turn<Dual<T>, N>,
{
    type Lifted = Isometry<Dual<T>, R::Lifted, N>;
    const FLAT: bool = false;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        Isometry {
            rotation: self.rotation.ad_lift(&tangent.rotation),
            translation: self.translation.ad_lift(&tangent.translation),
        }
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        R::ad_bracket(&a.rotation, &b.rotation, &mut to.rotation);
    }
    fn ad_constant(&self) -> Self::Lifted {
        Isometry {
            rotation: self.rotation.ad_constant(),
            translation: self.translation.ad_constant(),
        }
    }
}

impl<T: Real, R, const N: usize> Split for Isometry<Dual<T>, R, N>
where
    R: Turn<Dual<T>, N> + Split,
    R::Value: Turn<T, N> + Differentiable<Tangent = <R as Split>::Tangent>,
    <R as Split>::Tangent: Tangent,
{
    type Value = Isometry<T, R::Value, N>;
    type Tangent = IsometryTangent<T, <R as Split>::Tangent, N>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (rotation, to_rotation) = self.rotation.ad_split();
        let (translation, to_translation) = self.translation.ad_split();
        let tangent = IsometryTangent {
            rotation: to_rotation,
            translation: to_translation,
        };
        let value = Isometry {
            rotation,
            translation,
        };
        (value, tangent)
    }
}

impl<T: Real, R: Turn<T, N> + Lift, const N: usize> Lift for Similarity<T, R, N>
where
    R::Lifted: Turn<Dual<T>, N>,
{
    type Lifted = Similarity<Dual<T>, R::Lifted, N>;
    const FLAT: bool = false;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        Similarity::from_isometry(
            self.isometry.ad_lift(&tangent.isometry),
            self.scaling().ad_lift(&tangent.scaling),
        )
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        <Isometry<T, R, N>>::ad_bracket(&a.isometry, &b.isometry, &mut to.isometry);
    }
    fn ad_constant(&self) -> Self::Lifted {
        Similarity::from_isometry(self.isometry.ad_constant(), self.scaling().ad_constant())
    }
}

impl<T: Real, R, const N: usize> Split for Similarity<Dual<T>, R, N>
where
    R: Turn<Dual<T>, N> + Split,
    R::Value: Turn<T, N> + Differentiable<Tangent = <R as Split>::Tangent>,
    <R as Split>::Tangent: Tangent,
{
    type Value = Similarity<T, R::Value, N>;
    type Tangent = SimilarityTangent<T, <R as Split>::Tangent, N>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (isometry, to_isometry) = self.isometry.ad_split();
        let (scaling, to_scaling) = self.scaling().ad_split();
        let tangent = SimilarityTangent {
            isometry: to_isometry,
            scaling: to_scaling,
        };
        (Similarity::from_isometry(isometry, scaling), tangent)
    }
}
