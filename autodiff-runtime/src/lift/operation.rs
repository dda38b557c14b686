//! Operations over dual numbers that are not what the operation of the same name does with them; see
//! [`Kernels`](crate::dual::Kernels) for the reasons.
//!
//! Each is a method `ad_lifted_name` on every type of nalgebra that has a rule of the name and is lifted, besides
//! [`Times`] for the operator `*`.

use core::ops::Mul;

use nalgebra::allocator::Allocator;
use nalgebra::constraint::{AreMultipliable, ShapeConstraint};
use nalgebra::{
    Cholesky, DefaultAllocator, Dim, DimDiff, DimMin, DimMinimum, DimName, DimSub, Isometry, LU,
    Matrix, OMatrix, OPoint, OVector, QR, Quaternion, Rotation, SVD, Similarity, Storage,
    SymmetricEigen, Translation, U1, Unit, UnitComplex, UnitQuaternion, Vector1, Vector3,
};

use super::Split;
use crate::differentiable::Real;
use crate::dual::{Dual, Kernels};

/// `a * b` of values over dual numbers, which is [`Times`] where that is not nalgebra's.
#[inline(always)]
pub fn times<A: Times<B> + ?Sized, B: ?Sized>(a: &A, b: &B) -> A::Output {
    a.ad_times(b)
}

/// A product over dual numbers. Each type on the left has its own implementation, so that a literal on the right takes the
/// type that the left asks for.
pub trait Times<B: ?Sized> {
    /// The type of the product.
    type Output;
    /// The product.
    fn ad_times(&self, b: &B) -> Self::Output;
}

/// Below this many products of numbers, taking the parts apart costs more than it gains.
const SMALL: usize = 1000;

impl<T: Real, R1: Dim, C1: Dim, R2: Dim, C2: Dim, SA, SB> Times<Matrix<Dual<T>, R2, C2, SB>>
    for Matrix<Dual<T>, R1, C1, SA>
where
    SA: Storage<Dual<T>, R1, C1>,
    SB: Storage<Dual<T>, R2, C2>,
    DefaultAllocator: Allocator<R1, C1> + Allocator<R2, C2> + Allocator<R1, C2>,
    ShapeConstraint: AreMultipliable<R1, C1, R2, C2>,
{
    type Output = OMatrix<Dual<T>, R1, C2>;
    #[inline]
    fn ad_times(&self, b: &Matrix<Dual<T>, R2, C2, SB>) -> Self::Output {
        if self.len() * b.ncols() < SMALL {
            return self * b;
        }
        Dual::ad_product(&self.clone_owned(), &b.clone_owned())
    }
}

macro_rules! times {
    ($([$($p:tt)*] $left:ty, $right:ty where [$($w:tt)*];)*) => { $(
        impl<$($p)*> Times<$right> for $left
        where
            $left: Clone + Mul<$right>,
            $right: Clone,
            $($w)*
        {
            type Output = <$left as Mul<$right>>::Output;
            #[inline(always)]
            fn ad_times(&self, b: &$right) -> Self::Output {
                self.clone() * b.clone()
            }
        }
    )* };
}
times! {
    [T: Real, R: Dim, C: Dim, S: Storage<Dual<T>, R, C>] Matrix<Dual<T>, R, C, S>, Dual<T> where [];
    [T: Real, R: Dim, C: Dim, D: DimName, S: Storage<Dual<T>, R, C>] Matrix<Dual<T>, R, C, S>, OPoint<Dual<T>, D>
        where [DefaultAllocator: Allocator<D>];
    [T: Real, B] Dual<T>, B where [];
    [T: Real, D: DimName, B] OPoint<Dual<T>, D>, B where [DefaultAllocator: Allocator<D>];
    [T: Real, R: Dim, C: Dim, S: Storage<Dual<T>, R, C>, B] Unit<Matrix<Dual<T>, R, C, S>>, B where [];
    [T: Real, B] Quaternion<Dual<T>>, B where [];
    [T: Real, B] UnitQuaternion<Dual<T>>, B where [];
    [T: Real, B] UnitComplex<Dual<T>>, B where [];
    [T: Real, B, const N: usize] Rotation<Dual<T>, N>, B where [];
    [T: Real, B, const N: usize] Translation<Dual<T>, N>, B where [];
    [T: Real, R, B, const N: usize] Isometry<Dual<T>, R, N>, B where [];
    [T: Real, R, B, const N: usize] Similarity<Dual<T>, R, N>, B where [];
}

/// Declares the trait of an operation on dual numbers and implements it for the types that have it.
macro_rules! lifted {
    ($(
        $(#[$doc:meta])* $Trait:ident $method:ident;
        $([$($p:tt)*] $this:ident: $t:ty => $out:ty where [$($w:tt)*] $body:expr;)*
    )*) => { $(
        $(#[$doc])*
        pub trait $Trait {
            /// The type of the result.
            type Output;
            /// The result.
            fn $method(&self) -> Self::Output;
        }
        $(
            impl<$($p)*> $Trait for $t where $($w)* {
                type Output = $out;
                fn $method(&self) -> $out {
                    let $this = self;
                    $body
                }
            }
        )*
    )* };
}

lifted! {
    /// `a.determinant()`, with a derivative at a singular matrix.
    LiftedDeterminant ad_lifted_determinant;
    [T: Real, D: DimMin<D, Output = D>, S: Storage<Dual<T>, D, D>] a: Matrix<Dual<T>, D, D, S> => Dual<T>
    where [DefaultAllocator: Allocator<D, D> + Allocator<D>,] Dual::ad_determinant(&a.clone_owned());
    [T: Real, D: DimMin<D, Output = D>] lu: LU<Dual<T>, D, D> => Dual<T>
    where [DefaultAllocator: Allocator<D, D> + Allocator<D>,]
    Dual::ad_determinant(&crate::rules::factorisation::factored(lu));
    [T: Real, D: Dim] chol: Cholesky<Dual<T>, D> => Dual<T>
    where [DefaultAllocator: Allocator<D, D>,] chol.determinant();

    /// `a.try_inverse()`: `None` where the real part is singular.
    LiftedTryInverse ad_lifted_try_inverse;
    [T: Real, D: Dim, S: Storage<Dual<T>, D, D>] a: Matrix<Dual<T>, D, D, S> => Option<OMatrix<Dual<T>, D, D>>
    where [DefaultAllocator: Allocator<D, D>,] {
        let (value, _) = a.ad_split();
        value.try_inverse().and_then(|_| a.clone_owned().try_inverse())
    };
    [T: Real, D: DimMin<D, Output = D>] lu: LU<Dual<T>, D, D> => Option<OMatrix<Dual<T>, D, D>>
    where [DefaultAllocator: Allocator<D, D> + Allocator<D>,]
    regular(lu.lu_internal()).then(|| lu.try_inverse()).flatten();
    [T: Real, D: DimMin<D, Output = D>] qr: QR<Dual<T>, D, D> => Option<OMatrix<Dual<T>, D, D>>
    where [DefaultAllocator: Allocator<D, D> + Allocator<D>,]
    regular(&qr.r()).then(|| qr.try_inverse()).flatten();

    /// `a.cholesky()`: `None` where the real part is not positive definite.
    LiftedCholesky ad_lifted_cholesky;
    [T: Real, D: Dim, S: Storage<Dual<T>, D, D>] a: Matrix<Dual<T>, D, D, S> => Option<Cholesky<Dual<T>, D>>
    where [DefaultAllocator: Allocator<D, D>,] {
        let (value, _) = a.ad_split();
        Cholesky::new(value).and_then(|_| Cholesky::new(a.clone_owned()))
    };

    /// `a.symmetric_eigen()`, by the derivative formula.
    LiftedSymmetricEigen ad_lifted_symmetric_eigen;
    [T: Real, D: DimSub<U1>, S: Storage<Dual<T>, D, D>] a: Matrix<Dual<T>, D, D, S> => SymmetricEigen<Dual<T>, D>
    where [DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,]
    Dual::ad_symmetric_eigen(a.clone_owned());

    /// `a.symmetric_eigenvalues()`, by the derivative formula.
    LiftedSymmetricEigenvalues ad_lifted_symmetric_eigenvalues;
    [T: Real, D: DimSub<U1>, S: Storage<Dual<T>, D, D>] a: Matrix<Dual<T>, D, D, S> => OVector<Dual<T>, D>
    where [DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,]
    Dual::ad_symmetric_eigenvalues(&a.clone_owned());

    /// `r.scaled_axis()`, with a derivative at the identity.
    LiftedScaledAxis ad_lifted_scaled_axis;
    [T: Real] r: UnitQuaternion<Dual<T>> => Vector3<Dual<T>> where [] Dual::ad_scaled_axis(r);
    [T: Real] r: Rotation<Dual<T>, 3> => Vector3<Dual<T>> where [] Dual::ad_scaled_axis_of_matrix(r);
    [T: Real] r: UnitComplex<Dual<T>> => Vector1<Dual<T>> where [] r.scaled_axis();
    [T: Real] r: Rotation<Dual<T>, 2> => Vector1<Dual<T>> where [] r.scaled_axis();
}

/// Has the diagonal of a triangular matrix no real part that is zero?
fn regular<T: Real, D: Dim, C: Dim, S: Storage<Dual<T>, D, C>>(
    triangle: &Matrix<Dual<T>, D, C, S>,
) -> bool {
    (0..triangle.nrows().min(triangle.ncols())).all(|i| !triangle[(i, i)].ad_at_zero())
}

/// Has the diagonal of a factor no real part that is zero? If not, its solutions are `None`, which nalgebra's test of the
/// whole number does not see.
pub trait Regular {
    /// The answer.
    fn ad_regular(&self) -> bool;
}

impl<T: Real, R: Dim, C: Dim, S: Storage<Dual<T>, R, C>> Regular for Matrix<Dual<T>, R, C, S> {
    fn ad_regular(&self) -> bool {
        regular(self)
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Regular for LU<Dual<T>, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>,
{
    fn ad_regular(&self) -> bool {
        regular(self.lu_internal())
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Regular for QR<Dual<T>, R, C>
where
    DefaultAllocator: Allocator<R, C>
        + Allocator<R>
        + Allocator<DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>, C>,
{
    fn ad_regular(&self) -> bool {
        regular(&self.r())
    }
}

/// The decompositions by singular values, by their derivative formulas.
pub trait LiftedSvd {
    /// The decomposition.
    type Svd;
    /// The values.
    type Values;
    /// `a.svd(u, v)`.
    fn ad_lifted_svd(&self, u: bool, v: bool) -> Self::Svd;
    /// `a.svd_unordered(u, v)`.
    fn ad_lifted_svd_unordered(&self, u: bool, v: bool) -> Self::Svd;
    /// `a.singular_values()`.
    fn ad_lifted_singular_values(&self) -> Self::Values;
    /// `a.singular_values_unordered()`.
    fn ad_lifted_singular_values_unordered(&self) -> Self::Values;
}

impl<T: Real, R: DimMin<C>, C: Dim, S: Storage<Dual<T>, R, C>> LiftedSvd
    for Matrix<Dual<T>, R, C, S>
where
    DimMinimum<R, C>: DimSub<U1>,
    DefaultAllocator: Allocator<R, C>
        + Allocator<C>
        + Allocator<R>
        + Allocator<DimDiff<DimMinimum<R, C>, U1>>
        + Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Svd = SVD<Dual<T>, R, C>;
    type Values = OVector<Dual<T>, DimMinimum<R, C>>;
    fn ad_lifted_svd(&self, u: bool, v: bool) -> Self::Svd {
        Dual::ad_svd(self.clone_owned(), u, v, true)
    }
    fn ad_lifted_svd_unordered(&self, u: bool, v: bool) -> Self::Svd {
        Dual::ad_svd(self.clone_owned(), u, v, false)
    }
    fn ad_lifted_singular_values(&self) -> Self::Values {
        Dual::ad_svd(self.clone_owned(), false, false, true).singular_values
    }
    fn ad_lifted_singular_values_unordered(&self) -> Self::Values {
        Dual::ad_svd(self.clone_owned(), false, false, false).singular_values
    }
}

/// `a.pseudo_inverse(epsilon)`, of a matrix and of its decomposition.
pub trait LiftedPseudoInverse<T> {
    /// The pseudo-inverse.
    type Output;
    /// The pseudo-inverse, where singular values up to `epsilon` count as zero.
    ///
    /// # Errors
    /// As nalgebra's.
    fn ad_lifted_pseudo_inverse(&self, epsilon: Dual<T>) -> Result<Self::Output, &'static str>;
}

impl<T: Real, R: DimMin<C>, C: Dim, S: Storage<Dual<T>, R, C>> LiftedPseudoInverse<T>
    for Matrix<Dual<T>, R, C, S>
where
    DimMinimum<R, C>: DimSub<U1>,
    DefaultAllocator: Allocator<R, C>
        + Allocator<C, R>
        + Allocator<C>
        + Allocator<R>
        + Allocator<DimDiff<DimMinimum<R, C>, U1>>
        + Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Output = OMatrix<Dual<T>, C, R>;
    fn ad_lifted_pseudo_inverse(&self, epsilon: Dual<T>) -> Result<Self::Output, &'static str> {
        Dual::ad_pseudo_inverse(self.clone_owned(), epsilon)
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> LiftedPseudoInverse<T> for SVD<Dual<T>, R, C>
where
    DimMinimum<R, C>: DimSub<U1>,
    DefaultAllocator: Allocator<R, C>
        + Allocator<C, R>
        + Allocator<C>
        + Allocator<R>
        + Allocator<DimDiff<DimMinimum<R, C>, U1>>
        + Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Output = OMatrix<Dual<T>, C, R>;
    fn ad_lifted_pseudo_inverse(&self, epsilon: Dual<T>) -> Result<Self::Output, &'static str> {
        self.clone().pseudo_inverse(epsilon)
    }
}

/// `R::new(v)` and `R::from_scaled_axis(v)` of a rotation of space, with a derivative at the identity.
pub trait LiftedTurn: Sized {
    /// The type of the vector.
    type Vector;
    /// The rotation.
    fn ad_lifted_turn(v: Self::Vector) -> Self;
}

impl<T: Real> LiftedTurn for UnitQuaternion<Dual<T>> {
    type Vector = Vector3<Dual<T>>;
    fn ad_lifted_turn(v: Vector3<Dual<T>>) -> Self {
        Dual::ad_turn(v)
    }
}

impl<T: Real> LiftedTurn for Rotation<Dual<T>, 3> {
    type Vector = Vector3<Dual<T>>;
    fn ad_lifted_turn(v: Vector3<Dual<T>>) -> Self {
        Dual::ad_turn_matrix(v)
    }
}

/// `P::new(t, v)` of a pose of space, with a derivative where `v` is zero.
pub trait LiftedPose<T: Real>: Sized {
    /// The pose.
    fn ad_lifted_pose(t: Vector3<Dual<T>>, v: Vector3<Dual<T>>) -> Self;
}

/// `S::new(t, v, s)` of a similarity of space, with a derivative where `v` is zero.
pub trait LiftedScaledPose<T: Real>: Sized {
    /// The similarity.
    fn ad_lifted_scaled_pose(t: Vector3<Dual<T>>, v: Vector3<Dual<T>>, s: Dual<T>) -> Self;
}

macro_rules! pose {
    ($($R:ty: $turn:ident),*) => { $(
        impl<T: Real> LiftedPose<T> for Isometry<Dual<T>, $R, 3> {
            fn ad_lifted_pose(t: Vector3<Dual<T>>, v: Vector3<Dual<T>>) -> Self {
                Isometry::from_parts(Translation::from(t), Dual::$turn(v))
            }
        }

        impl<T: Real> LiftedScaledPose<T> for Similarity<Dual<T>, $R, 3> {
            fn ad_lifted_scaled_pose(t: Vector3<Dual<T>>, v: Vector3<Dual<T>>, s: Dual<T>) -> Self {
                Similarity::from_isometry(Isometry::ad_lifted_pose(t, v), s)
            }
        }
    )* };
}
pose!(UnitQuaternion<Dual<T>>: ad_turn, Rotation<Dual<T>, 3>: ad_turn_matrix);

/// `x.powf(t)`: of a rotation of space by its rotation vector, which has a derivative at the identity.
pub trait LiftedPowf<T: Real> {
    /// The power.
    #[must_use]
    fn ad_lifted_powf(&self, t: Dual<T>) -> Self;
}

impl<T: Real> LiftedPowf<T> for Dual<T> {
    #[inline(always)]
    fn ad_lifted_powf(&self, t: Dual<T>) -> Self {
        nalgebra::ComplexField::powf(*self, t)
    }
}

impl<T: Real> LiftedPowf<T> for UnitQuaternion<Dual<T>> {
    fn ad_lifted_powf(&self, t: Dual<T>) -> Self {
        Dual::ad_turn(Dual::ad_scaled_axis(self) * t)
    }
}

impl<T: Real> LiftedPowf<T> for Rotation<Dual<T>, 3> {
    fn ad_lifted_powf(&self, t: Dual<T>) -> Self {
        Dual::ad_turn_matrix(Dual::ad_scaled_axis_of_matrix(self) * t)
    }
}

impl<T: Real> LiftedPowf<T> for Rotation<Dual<T>, 2> {
    fn ad_lifted_powf(&self, t: Dual<T>) -> Self {
        self.powf(t)
    }
}

impl<T: Real> LiftedPowf<T> for UnitComplex<Dual<T>> {
    fn ad_lifted_powf(&self, t: Dual<T>) -> Self {
        self.powf(t)
    }
}
