//! Points, rotations, poses and similarities.
//!
//! **Tangents.** A rotation moves by a rotation vector in its own (body) frame: `R ← R exp(φ)`, the *right*
//! perturbation, for [`Rotation3`](nalgebra::Rotation3) and [`UnitQuaternion`](nalgebra::UnitQuaternion) a vector with
//! three entries, for [`Rotation2`](nalgebra::Rotation2) and [`UnitComplex`](nalgebra::UnitComplex) an angle. A gradient
//! is the cotangent of `φ`. The tangent of a pose has the fields of the pose, `rotation` as above and `translation` in
//! the world frame, `t ← t + δ`, which makes the field of the gradient the gradient of the field; the cotangent of a
//! shift in the body frame is `Rᵀ` times that of `δ`. Points, translations and quaternions are flat.
//!
//! A similarity has the tangent of its pose and, as a plain number, that of its scaling.
//!
//! Gradient descent on a pose is `pose = differentiate::step(&pose, &gradient, -rate)`; see
//! [`retraction`](crate::retraction), which has Gauss-Newton, too. The exponential and the logarithm of a rotation are
//! `from_scaled_axis` and `scaled_axis`.
//!
//! A unit vector moves along the sphere, `u ← (u + δ) / |u + δ|`. Its cotangent is an ordinary vector, of which the part
//! along `u` means nothing; what makes a unit vector of a vector removes it.
//!
//! References: Solà, Deray and Atchuthan 2018, *A micro Lie theory for state estimation in robotics*; Barfoot, *State
//! Estimation for Robotics*.

use crate::differentiable::{Differentiable, TangentOf};
use crate::put::Put;

mod frames;
mod interpolation;
mod isometry;
mod point;
mod quaternion;
mod rotation;
mod series;
mod similarity;
mod unit;

pub use frames::*;
pub use interpolation::*;
pub use isometry::*;
pub use point::*;
pub use quaternion::*;
pub use rotation::*;
pub use similarity::*;
pub use unit::*;

pub(crate) use series::{left, left_inverse};

/// The destination of the result of a constructor, which has no contribution.
fn none<V: Differentiable, P: Put<TangentOf<V>>>(result: &V, dest: P) -> P::Out {
    dest.put(|| V::ad_zero(&result.ad_shape()), |_| ())
}

/// A tangent made of fields.
macro_rules! fields {
    ($(#[$doc:meta])* $Name:ident [$($p:tt)*] [$($a:tt)*] where [$($w:tt)*] { $($(#[$fdoc:meta])* $field:ident: $t:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Name<$($p)*> where $($w)* {
            $($(#[$fdoc])* pub $field: $t,)*
        }

        #[diagnostic::do_not_recommend]
        impl<$($p)*> $crate::tangent::Place for $Name<$($a)*> where $($w)* {
            type Shadow = Self;
            #[inline(always)]
            fn ad_place(&mut self) -> &mut Self {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($p)*> $crate::tangent::Tangent for $Name<$($a)*> where $($w)* {
            type Slot = Option<Self>;
            fn ad_add(shadow: &mut Self, other: &Self) {
                $(<$t as $crate::tangent::Tangent>::ad_add(
                    $crate::tangent::Place::ad_place(&mut shadow.$field),
                    &other.$field,
                );)*
            }
            fn ad_clear(shadow: &mut Self) {
                $(<$t as $crate::tangent::Tangent>::ad_clear(
                    $crate::tangent::Place::ad_place(&mut shadow.$field),
                );)*
            }
            fn ad_copy(shadow: &Self) -> Self {
                shadow.clone()
            }
            fn ad_components(&self, f: &mut dyn FnMut(f64)) {
                $(self.$field.ad_components(f);)*
            }
            fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
                $(self.$field.ad_map_components(f);)*
            }
        }
    };
}
use fields;

/// Implements `Peel` for a type that is its own value.
macro_rules! itself {
    ($([$($p:tt)*] $t:ty where [$($w:tt)*];)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($p)*> $crate::differentiable::Peel for $t where $($w)* {
            type V = Self;
            #[inline(always)]
            fn ad_peel(&self) -> &Self {
                self
            }
        }
    )* };
}
use itself;
