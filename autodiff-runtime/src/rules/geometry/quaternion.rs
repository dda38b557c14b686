//! Quaternions, which are flat, and their way to rotations.

use core::marker::PhantomData;

use nalgebra::{Quaternion, Unit, UnitQuaternion, Vector3, Vector4};

use super::{IntoInnerRule, NewNormalizeRule, NewUncheckedRule, itself, none};
use crate::differentiable::{Differentiable, Real};
use crate::put::Put;
use crate::rules::arithmetic::{AddPull, NegPull, SubPull};
use crate::rules::matrix::{
    ConjugateRule, DotRule, NewRule, NormRule, NormSquaredRule, put_scalar,
};
use crate::rules::{AddRule, DivRule, MulRule, NegRule, Pull1, Pull2, SubRule, method_rule, rule};
use crate::tangent::{Place, Tangent};
use crate::tape::only;

method_rule! {
    /// `UnitQuaternion::from_quaternion(q)`, `u = q / |q|`: `q̄ += 2 u ⊗ (0, g) / |q|`; of `new_normalize` the same, of
    /// `new_unchecked` with `|q| = 1`.
    FromQuaternionRule ad_from_quaternion;
    /// `u.quaternion()`: `φ̄ += ½ Im(u* ⊗ G)`; of `into_inner` the same.
    ///
    /// Keeps the receiver.
    QuaternionRule ad_quaternion;
}

#[diagnostic::do_not_recommend]
impl<T: Real> Place for Quaternion<T> {
    type Shadow = Self;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real> Tangent for Quaternion<T> {
    type Slot = Option<Self>;
    #[inline]
    fn ad_add(shadow: &mut Self, other: &Self) {
        shadow.coords += other.coords;
    }
    #[inline]
    fn ad_clear(shadow: &mut Self) {
        shadow.coords.fill(T::zero());
    }
    #[inline]
    fn ad_copy(shadow: &Self) -> Self {
        *shadow
    }
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        self.coords.ad_components(f);
    }
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.coords.ad_map_components(f);
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real> Differentiable for Quaternion<T> {
    type Tangent = Self;
    type Shape = ();
    type Owned = Self;
    #[inline(always)]
    fn ad_only_shape() -> Option<()> {
        Some(())
    }
    #[inline]
    fn ad_shape(&self) {}
    #[inline]
    fn ad_zero((): &()) -> Self {
        Quaternion::from(Vector4::zeros())
    }
    #[inline]
    fn ad_owned(&self) -> Self {
        *self
    }
    fn ad_step(&self, direction: &Self, step: f64) -> Self {
        Quaternion::from(self.coords.ad_step(&direction.coords, step))
    }
}

itself! {
    [T: Real] Quaternion<T> where [];
}

/// The pull of a sum, a difference or a negation of quaternions.
#[derive(Clone, Copy, Debug)]
pub struct QuaternionPull<P>(PhantomData<fn() -> P>);

only!([P] QuaternionPull<P> = QuaternionPull(PhantomData));

macro_rules! sums {
    ($($Rule:ident $method:ident $Pull:ident $sign:ident;)*) => { $(
        impl<T: Real> Pull2 for QuaternionPull<$Pull<T>> {
            type G = Quaternion<T>;
            type TA = Quaternion<T>;
            type TB = Quaternion<T>;
            #[inline]
            fn pull<SA: Put<Self::TA>, SB: Put<Self::TB>>(self, g: &Self::G, sa: SA, sb: SB) -> (SA::Out, SB::Out) {
                (sa.give(|| *g), sb.give(|| $sign(g)))
            }
        }

        impl<T: Real> $Rule<Quaternion<T>> for Quaternion<T> {
            type Pull = QuaternionPull<$Pull<T>>;
            #[inline]
            fn $method(&self, _: &Quaternion<T>) -> Self::Pull {
                QuaternionPull(PhantomData)
            }
        }
    )* };
}

fn same<T: Real>(g: &Quaternion<T>) -> Quaternion<T> {
    *g
}

fn opposite<T: Real>(g: &Quaternion<T>) -> Quaternion<T> {
    -*g
}

sums! {
    AddRule ad_add AddPull same;
    SubRule ad_sub SubPull opposite;
}

impl<T: Real> Pull1 for QuaternionPull<NegPull<T>> {
    type G = Quaternion<T>;
    type TA = Quaternion<T>;
    #[inline]
    fn pull<SA: Put<Self::TA>>(self, g: &Self::G, sa: SA) -> SA::Out {
        sa.give(|| -*g)
    }
}

impl<T: Real> NegRule for Quaternion<T> {
    type Pull = QuaternionPull<NegPull<T>>;
    #[inline]
    fn ad_neg(&self) -> Self::Pull {
        QuaternionPull(PhantomData)
    }
}

/// The Hamilton product: `p̄ += g ⊗ q*`, `q̄ += p* ⊗ g`.
impl<T: Real> MulRule<Quaternion<T>> for Quaternion<T> {
    type G = Quaternion<T>;
    #[inline]
    fn ad_mul<SA: Put<Quaternion<T>>, SB: Put<Quaternion<T>>>(
        &self,
        right: &Quaternion<T>,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            sa.give(|| g * right.conjugate()),
            sb.give(|| self.conjugate() * g),
        )
    }
}

/// `q s`: `q̄ += s g`, `s̄ += ⟨g, q⟩`.
impl<T: Real> MulRule<T> for Quaternion<T> {
    type G = Quaternion<T>;
    #[inline]
    fn ad_mul<SA: Put<Quaternion<T>>, SB: Put<T>>(
        &self,
        right: &T,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            sa.give(|| *g * *right),
            put_scalar(sb, || g.coords.dot(&self.coords)),
        )
    }
}

/// `q / s`: `q̄ += g / s`, `s̄ -= ⟨g, q⟩ / s²`. Undefined at `s = 0`.
impl<T: Real> DivRule<T> for Quaternion<T> {
    type G = Quaternion<T>;
    #[inline]
    fn ad_div<SA: Put<Quaternion<T>>, SB: Put<T>>(
        &self,
        right: &T,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            sa.give(|| *g / *right),
            put_scalar(sb, || -(g.coords.dot(&self.coords) / *right) / *right),
        )
    }
}

rule! {
    /// `Quaternion::new(w, i, j, k)`, entry by entry.
    [T: Real]
    NewRule ad_new(q: Quaternion<T>; _w W SW: T => T, _i I SI: T => T, _j J SJ: T => T, _k K SK: T => T)
    [() => ()] where []
    |g: Quaternion<T>, dest, (to_w, to_i, to_j, to_k)| (
        none(q, dest),
        (
            put_scalar(to_w, || g.w),
            put_scalar(to_i, || g.i),
            put_scalar(to_j, || g.j),
            put_scalar(to_k, || g.k),
        ),
    )
}

rule! {
    /// `q*`: `q̄ += g*`.
    [T: Real]
    ConjugateRule ad_conjugate(_q: Quaternion<T>)
    [() => ()] where []
    |g: Quaternion<T>, dest| (dest.give(|| g.conjugate()), ())
}

rule! {
    /// As of the vector of the four numbers.
    ['y, T: Real]
    NormRule ad_norm(q: Quaternion<T>)
    [y => &'y T] where []
    |g: T, dest| {
        let factor = if y.ad_at_zero() { *y } else { *g / *y };
        (dest.give(|| *q * factor), ())
    }
}

rule! {
    /// As of the vector of the four numbers.
    [T: Real]
    NormSquaredRule ad_norm_squared(q: Quaternion<T>)
    [() => ()] where []
    |g: T, dest| (dest.give(|| *q * (*g + *g)), ())
}

rule! {
    /// As of the vectors of the four numbers.
    [T: Real]
    DotRule ad_dot(p: Quaternion<T>; q B SB: Quaternion<T> => Quaternion<T>)
    [() => ()] where []
    |g: T, dest, (to_q)| (dest.give(|| *q * *g), (to_q.give(|| *p * *g),))
}

/// `2 u ⊗ (0, g) / norm`.
fn lifted<T: Real>(u: &Unit<Quaternion<T>>, g: &Vector3<T>, norm: T) -> Quaternion<T> {
    u.as_ref() * Quaternion::from_imag(*g) * (T::ad_from_f64(2.0) / norm)
}

macro_rules! normalized {
    ($($Rule:ident $method:ident |$q:ident| $norm:expr;)*) => { $(
        rule! {
            /// Of a quaternion, see [`from_quaternion`](FromQuaternionRule).
            [T: Real]
            $Rule $method(u: UnitQuaternion<T>; $q Q SQ: Quaternion<T> => Quaternion<T>)
            [() => ()] where []
            |g: Vector3<T>, dest, (to_q)| {
                let norm = $norm;
                (none(u, dest), (to_q.give(|| lifted(u, g, norm)),))
            }
        }
    )* };
}
normalized! {
    FromQuaternionRule ad_from_quaternion |q| q.norm();
    NewNormalizeRule ad_new_normalize |q| q.norm();
    NewUncheckedRule ad_new_unchecked |_q| T::one();
}

/// `½ Im(u* ⊗ G)`.
fn lowered<T: Real>(u: &UnitQuaternion<T>, g: &Quaternion<T>) -> Vector3<T> {
    (u.as_ref().conjugate() * g).imag() * T::ad_from_f64(0.5)
}

rule! {
    [T: Real]
    QuaternionRule ad_quaternion(u: UnitQuaternion<T>)
    [() => ()] where []
    |g: Quaternion<T>, dest| (dest.give(|| lowered(u, g)), ())
}

rule! {
    /// The quaternion of a rotation: as [`quaternion`](QuaternionRule).
    [T: Real]
    IntoInnerRule ad_into_inner(u: UnitQuaternion<T>)
    [() => ()] where []
    |g: Quaternion<T>, dest| (dest.give(|| lowered(u, g)), ())
}
