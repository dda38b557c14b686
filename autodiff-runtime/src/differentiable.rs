//! Which types carry a derivative, and how references are peeled off.

use core::marker::PhantomData;

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage, RealField};

use crate::dual::{Dual, Kernels};
use crate::lift::Lift;
use crate::put::Put;
use crate::special::Function;
use crate::tangent::{Plain, Tangent};

/// A value that carries a derivative.
///
/// Integers, booleans, characters and strings are `Differentiable` with the tangent `()`: they take part in
/// differentiated code and contribute nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot carry a derivative",
    label = "a value of this type is active here, but `{Self}` is not `Differentiable`",
    note = "write `detach(..)` around it, or `#[no_diff]` on the parameter or field, if no derivative is wanted",
    note = "a type of your own gets its derivative from `#[derive(Differentiable)]`",
    note = "for a generic number write `T: differentiate::Real`; if `{Self}` is a nalgebra type, two versions of \
            nalgebra are in use: depend on the one that `differentiate` re-exports"
)]
pub trait Differentiable {
    /// The space of its derivatives.
    type Tangent: Tangent;
    /// What a zero tangent needs to know: nothing for a scalar, the dimensions of a matrix.
    type Shape: Clone + 'static;
    /// The value without borrows, as a forward sweep saves it.
    type Owned: Clone + 'static + Differentiable<Shape = Self::Shape, Tangent = Self::Tangent>;
    /// Zero, which no type has that carries no derivative: generated code asks for it, so that this is one error.
    #[doc(hidden)]
    const AD_KNOWN: usize = 0;
    /// The shape of this value.
    fn ad_shape(&self) -> Self::Shape;
    /// The shape, if all values of the type have the same.
    #[inline(always)]
    #[must_use]
    fn ad_only_shape() -> Option<Self::Shape> {
        None
    }
    /// The zero tangent of a shape.
    fn ad_zero(shape: &Self::Shape) -> Self::Tangent;
    /// A copy without borrows.
    fn ad_owned(&self) -> Self::Owned;
    /// `self + step · direction`: the retraction that finite differences use.
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned;
}

/// Strips references and smart pointers off a value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot carry a derivative",
    label = "a value of this type is active here, but `{Self}` is not `Differentiable`",
    note = "write `detach(..)` around it, or `#[no_diff]` on the parameter or field, if no derivative is wanted",
    note = "a type of your own gets its derivative from `#[derive(Differentiable)]`",
    note = "for a generic number write `T: differentiate::Real`; if `{Self}` is a nalgebra type, two versions of \
            nalgebra are in use: depend on the one that `differentiate` re-exports"
)]
pub trait Peel {
    /// The value behind the references.
    type V: Differentiable + ?Sized;
    /// The value behind the references.
    fn ad_peel(&self) -> &Self::V;
}

/// The type of the derivative with respect to a parameter of type `A`: `f64` for `f64` and `&f64`, `Vec<f64>` for
/// `&[f64]`, the owned matrix for a matrix, a view or a reference to one, `()` for an integer.
pub type Gradient<A> = <<A as Peel>::V as Differentiable>::Tangent;

/// The value, without its derivative: the result counts as a constant.
///
/// ```
/// use differentiate::{detach, differentiate};
///
/// #[differentiate]
/// fn f(x: f64) -> f64 {
///     detach(x * x) * x
/// }
///
/// assert_eq!(f::grad(3.0), 9.0);
/// ```
/// The type of the same name lets generated code check that the function it calls is this one.
#[inline(always)]
#[must_use]
pub fn detach<T>(value: T) -> T {
    value
}

#[doc(hidden)]
#[allow(non_camel_case_types, reason = "it carries the name of the function")]
#[derive(Debug)]
pub enum detach {}

impl crate::support::Detaches for detach {}

#[diagnostic::do_not_recommend]
impl<T: Peel + ?Sized> Peel for &T {
    type V = T::V;
    #[inline(always)]
    fn ad_peel(&self) -> &T::V {
        (**self).ad_peel()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Peel + ?Sized> Peel for &mut T {
    type V = T::V;
    #[inline(always)]
    fn ad_peel(&self) -> &T::V {
        (**self).ad_peel()
    }
}

/// A box is its own value, so that a recursive type has a derivative of finite size.
#[diagnostic::do_not_recommend]
impl<T: Differentiable> Peel for Box<T> {
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> Peel for Box<[T]> {
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable + ?Sized> Differentiable for &T {
    type Tangent = T::Tangent;
    type Shape = T::Shape;
    type Owned = T::Owned;
    #[inline(always)]
    fn ad_only_shape() -> Option<T::Shape> {
        T::ad_only_shape()
    }
    #[inline(always)]
    fn ad_shape(&self) -> T::Shape {
        (**self).ad_shape()
    }
    #[inline(always)]
    fn ad_zero(shape: &T::Shape) -> T::Tangent {
        T::ad_zero(shape)
    }
    #[inline(always)]
    fn ad_owned(&self) -> T::Owned {
        (**self).ad_owned()
    }
    fn ad_step(&self, direction: &T::Tangent, step: f64) -> T::Owned {
        (**self).ad_step(direction, step)
    }
}

/// The tangent of what is in a box is in a box, too, so that a type may contain itself.
#[diagnostic::do_not_recommend]
impl<T: Differentiable> Differentiable for Box<T> {
    type Tangent = Box<T::Tangent>;
    type Shape = T::Shape;
    type Owned = Box<T::Owned>;
    #[inline(always)]
    fn ad_shape(&self) -> T::Shape {
        (**self).ad_shape()
    }
    #[inline(always)]
    fn ad_zero(shape: &T::Shape) -> Self::Tangent {
        Box::new(T::ad_zero(shape))
    }
    #[inline(always)]
    fn ad_owned(&self) -> Self::Owned {
        Box::new((**self).ad_owned())
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
        Box::new((**self).ad_step(direction, step))
    }
}

/// As a `Vec`.
#[diagnostic::do_not_recommend]
impl<T: Differentiable> Differentiable for Box<[T]> {
    type Tangent = Vec<T::Tangent>;
    type Shape = Vec<T::Shape>;
    type Owned = Box<[T::Owned]>;
    fn ad_shape(&self) -> Self::Shape {
        (**self).ad_shape()
    }
    fn ad_zero(shape: &Self::Shape) -> Self::Tangent {
        <[T]>::ad_zero(shape)
    }
    fn ad_owned(&self) -> Self::Owned {
        (**self).ad_owned().into_boxed_slice()
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
        (**self).ad_step(direction, step).into_boxed_slice()
    }
}

/// Implements [`Peel`] for a type that is its own value.
macro_rules! peel_to_itself {
    ($([$($p:tt)*] $t:ty),* $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($p)*> Peel for $t {
            type V = Self;
            #[inline(always)]
            fn ad_peel(&self) -> &Self {
                self
            }
        }
    )* };
}

/// Types without derivative.
#[diagnostic::on_unimplemented(
    message = "the type `{Self}` carries a derivative here, but this position does not differentiate",
    label = "an active value reaches a place that loses its derivative",
    note = "write `detach(..)` around it if that is meant"
)]
pub trait Inactive {}

macro_rules! inactive {
    ($($t:ty)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Differentiable for $t {
            type Tangent = ();
            type Shape = ();
            type Owned = $t;
            #[inline(always)]
            fn ad_only_shape() -> Option<()> {
                Some(())
            }
            #[inline(always)]
            fn ad_shape(&self) {}
            #[inline(always)]
            fn ad_zero((): &()) {}
            #[inline(always)]
            fn ad_owned(&self) -> $t {
                self.clone()
            }
            fn ad_step(&self, (): &(), _: f64) -> $t {
                self.clone()
            }
        }
        peel_to_itself!([] $t);
        #[diagnostic::do_not_recommend]
        impl Inactive for $t {}
    )* };
}
#[diagnostic::do_not_recommend]
impl Differentiable for () {
    type Tangent = ();
    type Shape = ();
    type Owned = ();
    #[inline(always)]
    fn ad_only_shape() -> Option<()> {
        Some(())
    }
    #[inline(always)]
    fn ad_shape(&self) {}
    #[inline(always)]
    fn ad_zero((): &()) {}
    #[inline(always)]
    fn ad_owned(&self) {}
    fn ad_step(&self, (): &(), _: f64) {}
}
peel_to_itself!([]());
#[diagnostic::do_not_recommend]
impl Inactive for () {}
#[diagnostic::do_not_recommend]
impl<T: ?Sized + 'static> Differentiable for PhantomData<T> {
    type Tangent = ();
    type Shape = ();
    type Owned = Self;
    #[inline(always)]
    fn ad_only_shape() -> Option<()> {
        Some(())
    }
    #[inline(always)]
    fn ad_shape(&self) {}
    #[inline(always)]
    fn ad_zero((): &()) {}
    #[inline(always)]
    fn ad_owned(&self) -> Self {
        *self
    }
    fn ad_step(&self, (): &(), _: f64) -> Self {
        *self
    }
}
peel_to_itself!([T: ?Sized + 'static] PhantomData<T>);
#[diagnostic::do_not_recommend]
impl<T: ?Sized> Inactive for PhantomData<T> {}
inactive!(
    u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize bool char String core::cmp::Ordering crate::implicit::Factor
);

macro_rules! scalar {
    ($($t:ident)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Differentiable for $t {
            type Tangent = $t;
            type Shape = ();
            type Owned = $t;
            #[inline(always)]
            fn ad_only_shape() -> Option<()> {
                Some(())
            }
            #[inline(always)]
            fn ad_shape(&self) {}
            #[inline(always)]
            fn ad_zero((): &()) -> $t {
                0.0
            }
            #[inline(always)]
            fn ad_owned(&self) -> $t {
                *self
            }
            #[allow(clippy::cast_possible_truncation, reason = "the scalar type is what the user chose")]
            fn ad_step(&self, direction: &$t, step: f64) -> $t {
                (f64::from(*self) + step * f64::from(*direction)) as $t
            }
        }
        peel_to_itself!([] $t);
        impl Real for $t {
            fn ad_to_f64(self) -> f64 {
                f64::from(self)
            }
            #[allow(clippy::cast_possible_truncation, reason = "the scalar type is what the user chose")]
            fn ad_from_f64(value: f64) -> $t {
                value as $t
            }
            type AdWide = f64;
            const AD_PARTS: usize = 1;
            #[inline(always)]
            fn ad_part(self, at: usize) -> f64 {
                if at == 0 { f64::from(self) } else { 0.0 }
            }
            #[inline(always)]
            fn ad_from_parts(part: &dyn Fn(usize) -> f64) -> $t {
                $t::ad_from_f64(part(0))
            }
            #[inline(always)]
            fn ad_at_zero(self) -> bool {
                self == 0.0
            }
            #[inline(always)]
            fn ad_guarded(self, contribution: $t) -> $t {
                if self == 0.0 { self } else { contribution }
            }
            #[inline(always)]
            fn ad_quotient(self, by: $t) -> $t {
                // Not a choice between `self` and the quotient: rustc makes a jump across the division of that.
                self / if self == 0.0 { 1.0 } else { by }
            }
            #[inline(always)]
            fn ad_function(self, function: Function) -> $t {
                $t::ad_from_f64(function.ad_value(f64::from(self)))
            }
            #[inline(always)]
            fn ad_native_rem_euclid(self, by: $t) -> $t {
                self.rem_euclid(by)
            }
            #[inline(always)]
            fn ad_native_div_euclid(self, by: $t) -> $t {
                self.div_euclid(by)
            }
            #[inline(always)]
            fn ad_native_to_degrees(self) -> $t {
                self.to_degrees()
            }
            #[inline(always)]
            fn ad_native_to_radians(self) -> $t {
                self.to_radians()
            }
            #[inline(always)]
            fn ad_native_round_ties_even(self) -> $t {
                self.round_ties_even()
            }
        }
    )* };
}
scalar!(f32 f64);

/// A real number type in generic differentiated code: `f32` or `f64`, or [dual numbers](crate::dual) over one.
///
/// `fn f<T: differentiate::Real>(x: T) -> T` is all that a generic function must say. Constants come from
/// [`lit`]: `lit::<T>(2.5)`, or `T::one()` and the like from nalgebra's `RealField`.
pub trait Real:
    RealField
    + Copy
    + Default
    + Peel<V = Self>
    + Differentiable<Tangent = Self, Shape = (), Owned = Self>
    + Tangent<Slot = Plain<Self>>
    + crate::tangent::Place<Shadow = Self>
    + Lift<Lifted = Dual<Self>>
    + Kernels
{
    /// The nearest `f64`; of a dual number, that of its real part.
    fn ad_to_f64(self) -> f64;
    /// The nearest number of this type.
    fn ad_from_f64(value: f64) -> Self;
    /// The number type of this kind in double precision.
    type AdWide: Real;
    /// How many parts a number has: 1, of dual numbers twice those of what they are over.
    const AD_PARTS: usize;
    /// Part `at`: first those of the real part. A part that is not there is zero.
    fn ad_part(self, at: usize) -> f64;
    /// The number with these parts.
    fn ad_from_parts(part: &dyn Fn(usize) -> f64) -> Self;
    /// Is the value zero, whatever its infinitesimal part? A rule that chooses a branch asks this, and one that leaves
    /// out work asks `is_zero`.
    fn ad_at_zero(self) -> bool;
    /// `contribution`, or exactly zero if this cotangent is exactly zero, so that `0 · ∞` never makes a NaN.
    #[must_use]
    fn ad_guarded(self, contribution: Self) -> Self;
    /// `self / by`, or exactly zero if this cotangent is exactly zero.
    #[must_use]
    fn ad_quotient(self, by: Self) -> Self;
    /// A special function of this number.
    #[must_use]
    fn ad_function(self, function: Function) -> Self;
    /// `rem_euclid` of the number type.
    #[must_use]
    fn ad_native_rem_euclid(self, by: Self) -> Self;
    /// `div_euclid` of the number type.
    #[must_use]
    fn ad_native_div_euclid(self, by: Self) -> Self;
    /// `to_degrees` of the number type.
    #[must_use]
    fn ad_native_to_degrees(self) -> Self;
    /// `to_radians` of the number type.
    #[must_use]
    fn ad_native_to_radians(self) -> Self;
    /// `round_ties_even` of the number type.
    #[must_use]
    fn ad_native_round_ties_even(self) -> Self;
}

/// The number of another type with the same parts.
#[inline(always)]
pub(crate) fn converted<T: Real, U: Real>(value: T) -> U {
    U::ad_from_parts(&|at| value.ad_part(at))
}

/// `value + step · direction`: a step of gradient descent, on any type that carries a derivative.
///
/// ```
/// use differentiate::{Differentiable, step};
///
/// #[derive(Clone, Debug, PartialEq, Differentiable)]
/// struct Line {
///     slope: f64,
///     offset: f64,
/// }
///
/// let line = Line { slope: 1.0, offset: 0.5 };
/// let gradient = LineTangent { slope: 4.0, offset: -2.0 };
/// assert_eq!(step(&line, &gradient, -0.25), Line { slope: 0.0, offset: 1.0 });
/// ```
#[inline]
#[must_use]
pub fn step<V: Differentiable + ?Sized>(value: &V, direction: &V::Tangent, step: f64) -> V::Owned {
    value.ad_step(direction, step)
}

/// A constant in generic code, rounded to `T`.
///
/// ```
/// assert_eq!(differentiate::lit::<f32>(2.5), 2.5_f32);
/// ```
#[inline(always)]
#[must_use]
pub fn lit<T: Real>(value: f64) -> T {
    T::ad_from_f64(value)
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> Differentiable for [T] {
    type Tangent = Vec<T::Tangent>;
    type Shape = Vec<T::Shape>;
    type Owned = Vec<T::Owned>;
    fn ad_shape(&self) -> Self::Shape {
        self.iter().map(T::ad_shape).collect()
    }
    fn ad_zero(shape: &Self::Shape) -> Self::Tangent {
        shape.iter().map(T::ad_zero).collect()
    }
    fn ad_owned(&self) -> Self::Owned {
        self.iter().map(T::ad_owned).collect()
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
        self.iter()
            .zip(direction)
            .map(|(x, d)| x.ad_step(d, step))
            .collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> Differentiable for Vec<T> {
    type Tangent = Vec<T::Tangent>;
    type Shape = Vec<T::Shape>;
    type Owned = Vec<T::Owned>;
    fn ad_shape(&self) -> Self::Shape {
        self.as_slice().ad_shape()
    }
    fn ad_zero(shape: &Self::Shape) -> Self::Tangent {
        <[T]>::ad_zero(shape)
    }
    fn ad_owned(&self) -> Self::Owned {
        self.as_slice().ad_owned()
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
        self.as_slice().ad_step(direction, step)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> Peel for [T] {
    type V = [T];
    #[inline(always)]
    fn ad_peel(&self) -> &[T] {
        self
    }
}

/// A vector peels to its slice, so that one rule serves both.
#[diagnostic::do_not_recommend]
impl<T: Differentiable> Peel for Vec<T> {
    type V = [T];
    #[inline(always)]
    fn ad_peel(&self) -> &[T] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable, const N: usize> Differentiable for [T; N] {
    type Tangent = [T::Tangent; N];
    type Shape = [T::Shape; N];
    type Owned = [T::Owned; N];
    #[inline(always)]
    fn ad_only_shape() -> Option<Self::Shape> {
        let shape = T::ad_only_shape()?;
        Some(core::array::from_fn(|_| shape.clone()))
    }
    #[inline]
    fn ad_shape(&self) -> Self::Shape {
        self.each_ref().map(T::ad_shape)
    }
    #[inline]
    fn ad_zero(shape: &Self::Shape) -> Self::Tangent {
        shape.each_ref().map(T::ad_zero)
    }
    #[inline]
    fn ad_owned(&self) -> Self::Owned {
        self.each_ref().map(T::ad_owned)
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
        core::array::from_fn(|i| self[i].ad_step(&direction[i], step))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> Differentiable for Option<T> {
    type Tangent = Option<T::Tangent>;
    type Shape = Option<T::Shape>;
    type Owned = Option<T::Owned>;
    #[inline]
    fn ad_shape(&self) -> Self::Shape {
        self.as_ref().map(T::ad_shape)
    }
    #[inline]
    fn ad_zero(shape: &Self::Shape) -> Self::Tangent {
        shape.as_ref().map(T::ad_zero)
    }
    #[inline]
    fn ad_owned(&self) -> Self::Owned {
        self.as_ref().map(T::ad_owned)
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
        self.as_ref().map(|it| match direction {
            Some(direction) => it.ad_step(direction, step),
            None => it.ad_owned(),
        })
    }
}

/// A `Result` has the tangent of its `Ok` value, absent for an `Err`.
#[diagnostic::do_not_recommend]
impl<T: Differentiable, E: Clone + 'static> Differentiable for Result<T, E> {
    type Tangent = Option<T::Tangent>;
    type Shape = Option<T::Shape>;
    type Owned = Result<T::Owned, E>;
    #[inline]
    fn ad_shape(&self) -> Self::Shape {
        self.as_ref().ok().map(T::ad_shape)
    }
    #[inline]
    fn ad_zero(shape: &Self::Shape) -> Self::Tangent {
        shape.as_ref().map(T::ad_zero)
    }
    #[inline]
    fn ad_owned(&self) -> Self::Owned {
        match self {
            Ok(it) => Ok(it.ad_owned()),
            Err(error) => Err(error.clone()),
        }
    }
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
        match (self, direction) {
            (Ok(it), Some(direction)) => Ok(it.ad_step(direction, step)),
            _ => self.ad_owned(),
        }
    }
}

peel_to_itself!(
    [T: Differentiable, const N: usize] [T; N],
    [T: Differentiable] Option<T>,
    [T: Differentiable, E: Clone + 'static] Result<T, E>,
);

macro_rules! tuple {
    ($($t:ident $i:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($t: Differentiable),+> Differentiable for ($($t,)+) {
            type Tangent = ($($t::Tangent,)+);
            type Shape = ($($t::Shape,)+);
            type Owned = ($($t::Owned,)+);
            #[inline(always)]
            fn ad_only_shape() -> Option<Self::Shape> {
                Some(($($t::ad_only_shape()?,)+))
            }
            #[inline]
            fn ad_shape(&self) -> Self::Shape {
                ($(self.$i.ad_shape(),)+)
            }
            #[inline]
            fn ad_zero(shape: &Self::Shape) -> Self::Tangent {
                ($($t::ad_zero(&shape.$i),)+)
            }
            #[inline]
            fn ad_owned(&self) -> Self::Owned {
                ($(self.$i.ad_owned(),)+)
            }
            fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self::Owned {
                ($(self.$i.ad_step(&direction.$i, step),)+)
            }
        }
        peel_to_itself!([$($t: Differentiable),+] ($($t,)+));
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

#[diagnostic::do_not_recommend]
impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> Differentiable for Matrix<T, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Tangent = OMatrix<T, R, C>;
    type Shape = (R, C);
    type Owned = OMatrix<T, R, C>;
    #[inline(always)]
    fn ad_only_shape() -> Option<(R, C)> {
        let (rows, columns) = (R::try_to_usize()?, C::try_to_usize()?);
        Some((R::from_usize(rows), C::from_usize(columns)))
    }
    #[inline]
    fn ad_shape(&self) -> (R, C) {
        self.shape_generic()
    }
    #[inline]
    fn ad_zero(shape: &(R, C)) -> OMatrix<T, R, C> {
        OMatrix::zeros_generic(shape.0, shape.1)
    }
    #[inline]
    fn ad_owned(&self) -> OMatrix<T, R, C> {
        let (rows, columns) = self.shape_generic();
        OMatrix::from_iterator_generic(rows, columns, self.iter().copied())
    }
    fn ad_step(&self, direction: &OMatrix<T, R, C>, step: f64) -> OMatrix<T, R, C> {
        let mut moved = self.ad_owned();
        for (x, d) in moved.as_mut_slice().iter_mut().zip(direction.as_slice()) {
            *x = x.ad_step(d, step);
        }
        moved
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> Peel for Matrix<T, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
{
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

// === what generated code asks of a value ===

/// The tangent `()` of a field that `#[derive(Differentiable)]` leaves out, in a form that mentions the type of the field,
/// so that a tangent type has the type parameters of its primal.
pub trait Ignored {
    /// `()`.
    type Tangent;
}

impl<T: ?Sized> Ignored for T {
    type Tangent = ();
}

/// The tangent of a value type.
pub type TangentOf<V> = <V as Differentiable>::Tangent;

/// The value behind the references: the receiver of every method rule.
#[inline(always)]
pub fn peel<A: Peel + ?Sized>(value: &A) -> &A::V {
    value.ad_peel()
}

/// The operands of an operator rule, peeled together so that a diagnostic names both.
#[inline(always)]
pub fn pair<'a, 'b, A: Peel + ?Sized, B: Peel + ?Sized>(
    left: &'a A,
    right: &'b B,
) -> (&'a A::V, &'b B::V) {
    (left.ad_peel(), right.ad_peel())
}

/// A literal operand. Its value type is the variable itself and not a projection, so that an unsuffixed literal stays
/// open to inference and takes the type that the rule of the other operand asks for.
#[derive(Clone, Copy, Debug)]
pub struct Lit<V>(pub V);

#[diagnostic::do_not_recommend]
impl<V: Differentiable> Peel for Lit<V> {
    type V = V;
    #[inline(always)]
    fn ad_peel(&self) -> &V {
        &self.0
    }
}

/// A statement that a value carries no derivative, checked by the type system.
#[inline(always)]
pub fn inactive<A: Peel + ?Sized>(_: &A)
where
    A::V: Inactive,
{
}

/// A value that carries no derivative, as its type proves.
#[inline(always)]
pub fn checked<T: Inactive>(value: T) -> T {
    value
}

macro_rules! ranges {
    ($([$($p:tt)*] $t:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($p)*> Differentiable for $t {
            type Tangent = ();
            type Shape = ();
            type Owned = $t;
            #[inline(always)]
            fn ad_only_shape() -> Option<()> {
                Some(())
            }
            #[inline(always)]
            fn ad_shape(&self) {}
            #[inline(always)]
            fn ad_zero((): &()) {}
            #[inline(always)]
            fn ad_owned(&self) -> $t {
                self.clone()
            }
            fn ad_step(&self, (): &(), _: f64) -> $t {
                self.clone()
            }
        }
        peel_to_itself!([$($p)*] $t);
        #[diagnostic::do_not_recommend]
        impl<$($p)*> Inactive for $t {}
    )* };
}
ranges!(
    [I: Inactive + Clone + 'static] core::ops::Range<I>,
    [I: Inactive + Clone + 'static] core::ops::RangeInclusive<I>,
    [I: Inactive + Clone + 'static] core::ops::RangeFrom<I>,
    [I: Inactive + Clone + 'static] core::ops::RangeTo<I>,
    [] core::ops::RangeFull
);

#[diagnostic::do_not_recommend]
impl Inactive for str {}
#[diagnostic::do_not_recommend]
impl<T: Inactive> Inactive for [T] {}
#[diagnostic::do_not_recommend]
impl<T: Inactive, const N: usize> Inactive for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T: Inactive> Inactive for Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T: Inactive + ?Sized> Inactive for &T {}
#[diagnostic::do_not_recommend]
impl<T: Inactive> Inactive for Option<T> {}
#[diagnostic::do_not_recommend]
impl<A: Inactive, B: Inactive> Inactive for (A, B) {}

/// A copy of a value that owns its data already. That it is `Clone` is said once, by [`Differentiable::Owned`].
#[inline(always)]
pub fn owned<V: Differentiable>(value: &V::Owned) -> V::Owned {
    value.clone()
}

/// The type of an accumulator, learnt from a value in the forward half and used in the reverse half.
#[derive(Debug)]
pub struct Ty<T>(PhantomData<fn() -> T>);

impl<T> Clone for Ty<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ty<T> {}

impl<T: Tangent> Ty<T> {
    /// A type that [`bind`] will fix.
    #[inline(always)]
    #[must_use]
    pub fn open() -> Self {
        Ty(PhantomData)
    }
    /// A value for closures that are only asked for the type of one of its parts.
    ///
    /// # Panics
    /// If such a closure is run, which means that the generated code is wrong.
    #[inline(always)]
    #[must_use]
    pub fn any(self) -> T {
        unreachable!("the type of a part is asked for, not its value")
    }
    /// An empty accumulator.
    #[inline(always)]
    #[must_use]
    pub fn slot(self) -> T::Slot {
        T::Slot::default()
    }
    /// An accumulator that holds `value`.
    #[inline(always)]
    pub fn filled(self, value: T) -> T::Slot {
        let mut slot = T::Slot::default();
        crate::put::Lazy(&mut slot).give(|| value);
        slot
    }
}

/// Fixes the accumulator type of a value.
#[inline(always)]
pub fn bind<A: Peel + ?Sized>(_: Ty<Gradient<A>>, _: &A) {}

/// A zero tangent that can be made later: the shape of a value, without the type of the value, which may borrow.
#[derive(Debug)]
pub struct Zero<S, O>(S, PhantomData<fn() -> O>);

impl<S: Clone, O> Clone for Zero<S, O> {
    #[inline(always)]
    fn clone(&self) -> Self {
        Zero(self.0.clone(), PhantomData)
    }
}

impl<O: Differentiable> crate::tape::Only for Zero<O::Shape, O> {
    #[inline(always)]
    fn only() -> Option<Self> {
        Some(Zero(O::ad_only_shape()?, PhantomData))
    }
}

impl<O: Differentiable> Zero<O::Shape, O> {
    /// The zero.
    #[inline(always)]
    pub fn make(&self) -> O::Tangent {
        O::ad_zero(&self.0)
    }
}

/// What it takes to make the zero tangent of a value later.
#[inline(always)]
pub fn zero_of<A: Peel + ?Sized>(
    value: &A,
) -> Zero<<A::V as Differentiable>::Shape, <A::V as Differentiable>::Owned> {
    Zero(value.ad_peel().ad_shape(), PhantomData)
}

/// A field of a value, whose shape is wanted if it has one.
#[derive(Debug)]
pub struct Part<'a, A: ?Sized>(pub &'a A);

impl<A: Peel + ?Sized> Part<'_, A> {
    /// What it takes to make the zero tangent of the field later.
    #[inline(always)]
    #[must_use]
    pub fn ad_zero_of(
        &self,
    ) -> Zero<<A::V as Differentiable>::Shape, <A::V as Differentiable>::Owned> {
        zero_of(self.0)
    }
}

/// The shape of a field whose type has no derivative.
pub trait Shapeless {
    /// The zero of no dimension.
    #[inline(always)]
    fn ad_zero_of(&self) -> Zero<(), ()> {
        zero_of(&())
    }
}

impl<A: ?Sized> Shapeless for Part<'_, A> {}

/// The zero tangent of a value.
#[inline(always)]
pub fn zero_like<A: Peel + ?Sized>(value: &A) -> Gradient<A> {
    A::V::ad_zero(&value.ad_peel().ad_shape())
}

/// A copy without borrows, for values that cannot be captured as they are.
#[inline(always)]
pub fn keep<A: Peel + ?Sized>(value: &A) -> <A::V as Differentiable>::Owned {
    value.ad_peel().ad_owned()
}

/// Hands a contribution that is at hand to a destination.
#[inline(always)]
pub fn give<T: Tangent, P: Put<T>>(value: T, to: P) -> P::Out {
    to.give(|| value)
}

/// Hands a copy of a contribution to a destination.
#[inline(always)]
pub fn lend<T: Tangent, P: Put<T>>(value: &T, to: P) -> P::Out {
    to.put(|| value.clone(), |place| T::ad_add(place, value))
}
