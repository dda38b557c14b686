//! Dual numbers, `a + bε` with `ε² = 0`: what forward mode and derivatives of derivatives compute with.
//!
//! A function of dual numbers has the derivative along the infinitesimal parts in the infinitesimal part of its result:
//! `f(a + bε) = f(a) + f'(a) b ε`. The real part is computed by the very operations that the function does without
//! them, so that it is the same to the last bit.
//!
//! **One table of formulas.** The infinitesimal part of an elementary function is what the [rule](crate::rules) of its
//! reverse makes of the infinitesimal part of the operand, because the Jacobian of a function of one number is its own
//! transpose. So both modes have the same conventions at kinks and at the edges of domains, and an infinitesimal part of
//! exactly zero contributes exactly zero where a slope is infinite.
//!
//! **Comparisons.** `<`, `>`, `partial_cmp`, `max`, `min`, `abs` and the like look at the real part alone, so that every
//! branch is that of the function itself; `a < b` and `a > b` are both false where the real parts are equal.
//! `==` and `is_zero` look at both parts, although `partial_cmp` may say `Equal` of numbers that are not `==`: nalgebra
//! leaves work out where a number is zero (`gemv`, `gemm` and `axpy` for a factor `β`, `solve_*_triangular` and
//! `gemm` for a zero entry, Householder reflections, Givens rotations, the deflation of eigenvalues and singular
//! values), and `0 + 3ε` taken for zero would lose a derivative without a word. The price is paid where `is_zero` is a
//! test for a singular matrix (`try_inverse`, the solutions of triangular systems and of LU and QR factorisations): a
//! pivot `0 + 3ε` is not seen as the zero that the real computation sees. [`crate::lift`] has those operations with
//! real pivots.
//!
//! References: Griewank and Walther, *Evaluating Derivatives*, chapter 3; Clifford 1873, *Preliminary Sketch of
//! Biquaternions*.

use core::fmt;

use crate::differentiable::{Differentiable, Peel, Real};
use crate::special::Function;
use crate::tangent::{Place, Plain, Tangent};

mod elementary;
mod field;
mod kernels;
mod operators;

pub use elementary::Bound;
pub use kernels::Kernels;

/// A number `re + eps ε` with `ε² = 0`; see the [module](self).
///
/// It is a [`Real`] over any other one, also over dual numbers: a derivative of third order is in
/// `Dual<Dual<Dual<f64>>>`.
///
/// ```
/// use autodiff_runtime::dual::Dual;
///
/// let x = Dual::new(2.0_f64, 1.0);
/// assert_eq!((x * x + x).eps, 5.0);
/// assert_eq!((x.sqrt() * x.sqrt()).re, 2.0_f64.sqrt() * 2.0_f64.sqrt());
/// ```
#[derive(Clone, Copy, Default)]
pub struct Dual<T> {
    /// The real part: the value.
    pub re: T,
    /// The infinitesimal part: the derivative.
    pub eps: T,
}

impl<T> Dual<T> {
    /// `re + eps ε`.
    #[inline(always)]
    #[must_use]
    pub const fn new(re: T, eps: T) -> Self {
        Dual { re, eps }
    }
}

impl<T: Real> Dual<T> {
    /// A number without infinitesimal part.
    #[inline(always)]
    #[must_use]
    pub fn constant(re: T) -> Self {
        Dual { re, eps: T::zero() }
    }
}

impl<T: fmt::Display> fmt::Display for Dual<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.re, f)?;
        f.write_str(" + ")?;
        fmt::Display::fmt(&self.eps, f)?;
        f.write_str("ε")
    }
}

impl<T: fmt::Debug> fmt::Debug for Dual<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.re, f)?;
        f.write_str(" + ")?;
        fmt::Debug::fmt(&self.eps, f)?;
        f.write_str("ε")
    }
}

impl<T: Real> Place for Dual<T> {
    type Shadow = Self;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut Self {
        self
    }
}

/// Both parts are components.
impl<T: Real> Tangent for Dual<T> {
    type Slot = Plain<Self>;
    #[inline(always)]
    fn ad_add(shadow: &mut Self, other: &Self) {
        *shadow += *other;
    }
    #[inline(always)]
    fn ad_clear(shadow: &mut Self) {
        *shadow = Self::default();
    }
    #[inline(always)]
    fn ad_copy(shadow: &Self) -> Self {
        *shadow
    }
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        self.re.ad_components(f);
        self.eps.ad_components(f);
    }
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.re.ad_map_components(f);
        self.eps.ad_map_components(f);
    }
    fn ad_fill_one(&mut self) {
        *self = Self::constant(T::one());
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real> Differentiable for Dual<T> {
    type Tangent = Self;
    type Shape = ();
    type Owned = Self;
    #[inline(always)]
    fn ad_only_shape() -> Option<()> {
        Some(())
    }
    #[inline(always)]
    fn ad_shape(&self) {}
    #[inline(always)]
    fn ad_zero((): &()) -> Self {
        Self::default()
    }
    #[inline(always)]
    fn ad_owned(&self) -> Self {
        *self
    }
    fn ad_step(&self, direction: &Self, step: f64) -> Self {
        Dual {
            re: self.re.ad_step(&direction.re, step),
            eps: self.eps.ad_step(&direction.eps, step),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real> Peel for Dual<T> {
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

impl<T: Real> Real for Dual<T> {
    type AdWide = Dual<T::AdWide>;
    const AD_PARTS: usize = 2 * T::AD_PARTS;
    #[inline(always)]
    fn ad_to_f64(self) -> f64 {
        self.re.ad_to_f64()
    }
    #[inline(always)]
    fn ad_from_f64(value: f64) -> Self {
        Self::constant(T::ad_from_f64(value))
    }
    #[inline(always)]
    fn ad_part(self, at: usize) -> f64 {
        match at.checked_sub(T::AD_PARTS) {
            None => self.re.ad_part(at),
            Some(at) if at < T::AD_PARTS => self.eps.ad_part(at),
            Some(_) => 0.0,
        }
    }
    #[inline(always)]
    fn ad_from_parts(part: &dyn Fn(usize) -> f64) -> Self {
        Dual {
            re: T::ad_from_parts(part),
            eps: T::ad_from_parts(&|at| part(at + T::AD_PARTS)),
        }
    }
    #[inline(always)]
    fn ad_at_zero(self) -> bool {
        self.re.ad_at_zero()
    }
    #[inline(always)]
    fn ad_guarded(self, contribution: Self) -> Self {
        if num_traits::Zero::is_zero(&self) {
            return self;
        }
        Dual {
            re: self.re.ad_guarded(contribution.re),
            eps: contribution.eps,
        }
    }
    #[inline(always)]
    fn ad_quotient(self, by: Self) -> Self {
        self.ad_guarded(self / by)
    }
    #[inline]
    fn ad_function(self, function: Function) -> Self {
        let re = self.re.ad_function(function);
        let eps = function.ad_pullback(self.re, re, self.eps);
        Dual { re, eps }
    }
    #[inline(always)]
    fn ad_native_rem_euclid(self, by: Self) -> Self {
        self.rem_euclid(by)
    }
    #[inline(always)]
    fn ad_native_div_euclid(self, by: Self) -> Self {
        self.div_euclid(by)
    }
    #[inline(always)]
    fn ad_native_to_degrees(self) -> Self {
        self.to_degrees()
    }
    #[inline(always)]
    fn ad_native_to_radians(self) -> Self {
        self.to_radians()
    }
    #[inline(always)]
    fn ad_native_round_ties_even(self) -> Self {
        self.round_ties_even()
    }
}
