//! Steps on what has a curved space: rotations, poses, unit vectors.
//!
//! A gradient is an element of the [tangent space](crate::rules::geometry) of the point; [`retract`] takes a step in it,
//! and [`local`] is its inverse. Near 0 a rotation steps as `R exp(φ)`, a pose as rotation and translation by
//! themselves; for what is flat, `retract` is a sum and `local` a difference.
//!
//! Gradient descent is one line each iteration, and so is Gauss-Newton:
//!
//! ```
//! use differentiate::differentiate;
//! use differentiate::nalgebra::{Isometry3, Point3, Vector3};
//! use differentiate::retraction::{gauss_newton, local};
//!
//! /// How far the points are from where they were seen.
//! #[differentiate]
//! fn residuals(
//!     pose: &Isometry3<f64>,
//!     #[no_diff] points: &[Point3<f64>],
//!     #[no_diff] seen: &[Point3<f64>],
//! ) -> Vec<f64> {
//!     (0..3 * points.len())
//!         .map(|k| {
//!             let error = pose * points[k / 3] - seen[k / 3];
//!             error[k % 3]
//!         })
//!         .collect()
//! }
//!
//! #[differentiate]
//! fn loss(
//!     pose: &Isometry3<f64>,
//!     #[no_diff] points: &[Point3<f64>],
//!     #[no_diff] seen: &[Point3<f64>],
//! ) -> f64 {
//!     let errors = residuals(pose, points, seen);
//!     errors.iter().map(|e| e * e).sum()
//! }
//!
//! let points = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]].map(Point3::from);
//! let truth = Isometry3::new(Vector3::new(1.0, 2.0, 3.0), Vector3::new(0.3, -0.5, 0.7));
//! let seen = points.map(|p| truth * p);
//!
//! let mut pose = Isometry3::identity();
//! for _ in 0..300 {
//!     pose = differentiate::step(&pose, &loss::grad(&pose, &points, &seen), -0.1);
//! }
//! assert!(loss(&pose, &points, &seen) < 1e-6);
//!
//! let mut pose = Isometry3::identity();
//! for _ in 0..8 {
//!     let (errors, pull) = residuals::vjp(&pose, &points, &seen);
//!     pose = gauss_newton(&pose, &errors, pull);
//! }
//! let rest = local(&truth, &pose);
//! assert!(rest.rotation.norm() < 1e-12 && rest.translation.norm() < 1e-12);
//! ```

use nalgebra::allocator::Allocator;
use nalgebra::{
    DVector, DefaultAllocator, DimName, Isometry, OPoint, Rotation2, Rotation3, Similarity,
    Translation, UnitComplex, UnitQuaternion, Vector3,
};

use crate::differentiable::{Differentiable, Real};
use crate::products::rows;
use crate::rules::geometry::{
    IsometryTangent, PointTangent, SimilarityTangent, TranslationTangent, Turn,
};
use crate::tangent::Tangent;

/// The point that is `direction` away from `at`: `R exp(φ)` for a rotation. The same as [`step`](crate::step) by 1.
#[must_use]
pub fn retract<V: Differentiable + ?Sized>(at: &V, direction: &V::Tangent) -> V::Owned {
    at.ad_step(direction, 1.0)
}

/// The direction from one point to another: `retract(a, &local(a, b))` is `b`. For rotations `log(Rᵀ S)`, a rotation
/// vector no longer than half a turn.
#[must_use]
pub fn local<V: Local>(from: &V, to: &V) -> V::Tangent {
    from.ad_local(to)
}

/// One step of Gauss-Newton: the point `retract(at, δ)` with the shortest `δ` that makes `|r + J δ|` least, where the
/// rows of `J` are what `pull` makes of the unit cotangents. Directions that the residuals do not see are left alone.
///
/// Cost: one pull for each residual, and the singular value decomposition of `J`. Reference: Nocedal and Wright,
/// *Numerical Optimization*, section 10.3.
///
/// # Panics
///
/// If what `pull` returns has not one component for each component of the tangent of `at`.
#[must_use]
pub fn gauss_newton<V, Y>(at: &V, residuals: &Y, pull: impl Fn(Y) -> V::Tangent) -> V::Owned
where
    V: Differentiable + ?Sized,
    Y: Tangent,
{
    let mut r = Vec::new();
    residuals.ad_components(&mut |c| r.push(c));
    let jacobian = rows(residuals, pull);
    let mut direction = V::ad_zero(&at.ad_shape());
    if !jacobian.is_empty() {
        let epsilon = f64::EPSILON * jacobian.norm();
        let svd = jacobian.svd(true, true);
        let delta = svd
            .solve(&DVector::from_vec(r), epsilon)
            .expect("both sides were asked for");
        let mut delta = delta.iter();
        direction.ad_map_components(&mut |_| -delta.next().expect("one number for each component"));
    }
    at.ad_step(&direction, 1.0)
}

/// What has an inverse of [`retract`].
pub trait Local: Differentiable {
    /// The direction to another point.
    fn ad_local(&self, to: &Self) -> Self::Tangent;
}

impl<T: Real> Local for UnitQuaternion<T> {
    fn ad_local(&self, to: &Self) -> Vector3<T> {
        (self.inverse() * to).scaled_axis()
    }
}

impl<T: Real> Local for Rotation3<T> {
    fn ad_local(&self, to: &Self) -> Vector3<T> {
        UnitQuaternion::from_rotation_matrix(&(self.inverse() * to)).scaled_axis()
    }
}

impl<T: Real> Local for UnitComplex<T> {
    fn ad_local(&self, to: &Self) -> T {
        self.angle_to(to)
    }
}

impl<T: Real> Local for Rotation2<T> {
    fn ad_local(&self, to: &Self) -> T {
        self.angle_to(to)
    }
}

impl<T: Real, const N: usize> Local for Translation<T, N> {
    fn ad_local(&self, to: &Self) -> TranslationTangent<T, N> {
        TranslationTangent {
            vector: to.vector - self.vector,
        }
    }
}

impl<T: Real, D: DimName> Local for OPoint<T, D>
where
    DefaultAllocator: Allocator<D>,
{
    fn ad_local(&self, to: &Self) -> PointTangent<T, D> {
        PointTangent {
            coords: &to.coords - &self.coords,
        }
    }
}

impl<T: Real, R: Turn<T, N> + Local, const N: usize> Local for Isometry<T, R, N> {
    fn ad_local(&self, to: &Self) -> IsometryTangent<T, R::Tangent, N> {
        IsometryTangent {
            rotation: self.rotation.ad_local(&to.rotation),
            translation: self.translation.ad_local(&to.translation),
        }
    }
}

impl<T: Real, R: Turn<T, N> + Local, const N: usize> Local for Similarity<T, R, N> {
    fn ad_local(&self, to: &Self) -> SimilarityTangent<T, R::Tangent, N> {
        SimilarityTangent {
            isometry: self.isometry.ad_local(&to.isometry),
            scaling: to.scaling() - self.scaling(),
        }
    }
}
