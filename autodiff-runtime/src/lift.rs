//! From pairs of a value and a tangent to values over [dual numbers](crate::dual), and back.
//!
//! Forward mode takes an operation at a time: its operands are *lifted*, the operation itself runs over dual numbers, and
//! what it returns is *split* into value and tangent. Second order does the same with the pullback of the operation,
//! whose cotangent is lifted as a pair of cotangents: of `g + g' ε`, where `g` belongs to the tangent of the result and
//! `g'` to the result, the real part of a contribution belongs to the tangent of the operand and the infinitesimal part
//! to the operand.
//!
//! `split(&lift(&x, &dx))` is `(x, dx)`. The tangent of a type of curved space, such as a rotation, is not its entries:
//! its lifted form is the value moved by `ε` along the tangent, `R exp(ε φ)`.
//!
//! A tangent is its own type of tangent, so that the same functions lift pairs of tangents.

use core::any::Any;

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use crate::differentiable::{Differentiable, Gradient, Inactive, Peel, Real, zero_like};
use crate::dual::Dual;
use crate::elements::{Elements, ElementsMut};
use crate::underived::of_part;

mod factorisation;
mod geometry;
mod operation;
mod own;
mod pullbacks;

pub use operation::*;
pub use own::*;
pub use pullbacks::*;

/// A value that has a form over dual numbers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no form over dual numbers, which forward mode and second order compute with",
    label = "this is differentiated forward"
)]
pub trait Lift: Differentiable {
    /// The form over dual numbers. It owns what it holds.
    type Lifted;
    /// Is the lifted form linear in value and tangent? It is not in curved space, such as that of rotations.
    const FLAT: bool = true;
    /// The value moved by `ε` along a tangent.
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted;
    /// The value without infinitesimal part.
    fn ad_constant(&self) -> Self::Lifted;
    /// Adds the bracket `[a, b]` of two tangents, by which a step along `a` turns the frame in which `b` is written. It is
    /// zero in flat space.
    #[inline(always)]
    fn ad_bracket(_a: &Self::Tangent, _b: &Self::Tangent, _to: &mut Self::Tangent) {}
}

/// What an operation over dual numbers returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not made of dual numbers",
    label = "a value and a tangent cannot be had from this"
)]
pub trait Split {
    /// The type of the value. It owns what it holds.
    type Value;
    /// The type of the tangent.
    type Tangent;
    /// Value and tangent.
    fn ad_split(&self) -> (Self::Value, Self::Tangent);
}

// === what generated code calls ===

/// A value and its tangent, over dual numbers. The tangent may be a view or a slice, as the value may; that of a field
/// without derivative is `()`, and stands for zero.
///
/// # Panics
/// If the tangent is that of another type, which means that the generated code is wrong.
#[inline(always)]
pub fn lift<A: Peel + ?Sized, D: Peel + ?Sized>(value: &A, tangent: &D) -> <A::V as Lift>::Lifted
where
    A::V: Lift,
{
    let value = value.ad_peel();
    match of_part(tangent) {
        Some(tangent) => value.ad_lift(&tangent),
        None => value.ad_constant(),
    }
}

/// A value without tangent, over dual numbers.
#[inline(always)]
pub fn constant<A: Peel + ?Sized>(value: &A) -> <A::V as Lift>::Lifted
where
    A::V: Lift,
{
    value.ad_peel().ad_constant()
}

/// A literal number over dual numbers. Its type is a variable and not a projection, so that an unsuffixed literal takes
/// the type that its surroundings ask for.
#[inline(always)]
pub fn literal<T: Real>(value: T) -> Dual<T> {
    Dual::constant(value)
}

/// Value and tangent of what an operation over dual numbers returned.
#[inline(always)]
pub fn split<S: Split + ?Sized>(value: &S) -> (S::Value, S::Tangent) {
    value.ad_split()
}

/// The tangent of what an operation over dual numbers returned.
#[inline(always)]
pub fn tangent<S: Split + ?Sized>(value: &S) -> S::Tangent {
    value.ad_split().1
}

/// The tangent of a container, from those of its elements.
///
/// # Panics
/// If there are more of them than elements.
pub fn gathered<V: Peel + ?Sized, D>(value: &V, elements: Vec<D>) -> Gradient<V>
where
    Gradient<V>: ElementsMut<Item = D>,
{
    let mut tangent = zero_like(value);
    assert!(
        elements.len() <= tangent.ad_count(),
        "there are more tangents than elements"
    );
    let mut elements = elements.into_iter();
    tangent.ad_each_mut(|it| {
        if let Some(element) = elements.next() {
            *it = element;
        }
    });
    tangent
}

/// What a tangent moves by when its value does: `along`, its own derivative, and in curved space what the frame turns by
/// in which it is written, `[of_value, tangent]`.
///
/// With `x = R exp(ε φ)`, moved to `R exp(δ ψ) exp(ε (φ + δ χ)) = x exp(δ (ψ + ε (χ + ψ × φ)))`, the tangent of the lifted
/// form is the lifted form of `ψ` and `χ + ψ × φ`. The other way, of a value over dual numbers that moves by `ψ + ε ξ` the
/// tangent moves by `ξ + φ × ψ`. The bracket of two turns is the cross product of their vectors (J. Solà, J. Deray,
/// D. Atchuthan, *A micro Lie theory for state estimation in robotics*, 2018).
#[inline(always)]
pub fn with_frame<A, X, P, D>(
    _: &A,
    along: &X,
    of_value: &P,
    tangent: &D,
) -> <X::V as Differentiable>::Owned
where
    A: Peel + ?Sized,
    A::V: Lift,
    X: Peel + ?Sized,
    P: Peel + ?Sized,
    D: Peel + ?Sized,
{
    let mut along = along.ad_peel().ad_owned();
    if !<A::V as Lift>::FLAT
        && let Some(of_value) = of_part::<P, Gradient<A>>(of_value)
        && let Some(tangent) = of_part::<D, Gradient<A>>(tangent)
    {
        let to: &mut dyn Any = &mut along;
        if let Some(to) = to.downcast_mut() {
            A::V::ad_bracket(&of_value, &tangent, to);
        }
    }
    along
}

// === numbers ===

macro_rules! numbers {
    ($([$($p:tt)*] $t:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($p)*> Lift for $t {
            type Lifted = Dual<$t>;
            #[inline(always)]
            fn ad_lift(&self, tangent: &$t) -> Dual<$t> {
                Dual::new(*self, *tangent)
            }
            #[inline(always)]
            fn ad_constant(&self) -> Dual<$t> {
                Dual::constant(*self)
            }
        }
    )* };
}
numbers!([] f32, [] f64, [T: Real] Dual<T>);

impl<T: Real> Split for Dual<T> {
    type Value = T;
    type Tangent = T;
    #[inline(always)]
    fn ad_split(&self) -> (T, T) {
        (self.re, self.eps)
    }
}

// === values without derivative ===

macro_rules! inactive {
    ($([$($p:tt)*] $t:ty),* $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($p)*> Lift for $t {
            type Lifted = $t;
            #[inline(always)]
            fn ad_lift(&self, (): &()) -> $t {
                self.clone()
            }
            #[inline(always)]
            fn ad_constant(&self) -> $t {
                self.clone()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($p)*> Split for $t {
            type Value = $t;
            type Tangent = ();
            #[inline(always)]
            fn ad_split(&self) -> ($t, ()) {
                (self.clone(), ())
            }
        }
    )* };
}
inactive!(
    [] (), [] u8, [] u16, [] u32, [] u64, [] u128, [] usize, [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] bool,
    [] char, [] String, [] core::cmp::Ordering, [T: ?Sized + 'static] core::marker::PhantomData<T>,
    [I: Inactive + Clone + 'static] core::ops::Range<I>,
    [I: Inactive + Clone + 'static] core::ops::RangeInclusive<I>,
    [I: Inactive + Clone + 'static] core::ops::RangeFrom<I>,
    [I: Inactive + Clone + 'static] core::ops::RangeTo<I>,
    [] core::ops::RangeFull,
);

// === containers ===

#[diagnostic::do_not_recommend]
impl<T: Lift + ?Sized> Lift for &T {
    type Lifted = T::Lifted;
    const FLAT: bool = T::FLAT;
    #[inline(always)]
    fn ad_lift(&self, tangent: &T::Tangent) -> T::Lifted {
        (**self).ad_lift(tangent)
    }
    #[inline(always)]
    fn ad_bracket(a: &T::Tangent, b: &T::Tangent, to: &mut T::Tangent) {
        T::ad_bracket(a, b, to);
    }
    #[inline(always)]
    fn ad_constant(&self) -> T::Lifted {
        (**self).ad_constant()
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split + ?Sized> Split for &S {
    type Value = S::Value;
    type Tangent = S::Tangent;
    #[inline(always)]
    fn ad_split(&self) -> (S::Value, S::Tangent) {
        (**self).ad_split()
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split + ?Sized> Split for &mut S {
    type Value = S::Value;
    type Tangent = S::Tangent;
    #[inline(always)]
    fn ad_split(&self) -> (S::Value, S::Tangent) {
        (**self).ad_split()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Lift> Lift for Box<T> {
    type Lifted = Box<T::Lifted>;
    const FLAT: bool = T::FLAT;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        Box::new((**self).ad_lift(tangent))
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        T::ad_bracket(a, b, to);
    }
    fn ad_constant(&self) -> Self::Lifted {
        Box::new((**self).ad_constant())
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split> Split for Box<S> {
    type Value = Box<S::Value>;
    type Tangent = Box<S::Tangent>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (value, tangent) = (**self).ad_split();
        (Box::new(value), Box::new(tangent))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Lift> Lift for [T] {
    type Lifted = Vec<T::Lifted>;
    const FLAT: bool = T::FLAT;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        assert_eq!(self.len(), tangent.len(), "a tangent of another length");
        (self.iter().zip(tangent))
            .map(|(x, d)| x.ad_lift(d))
            .collect()
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        for (a, (b, to)) in a.iter().zip(b.iter().zip(to.iter_mut())) {
            T::ad_bracket(a, b, to);
        }
    }
    fn ad_constant(&self) -> Self::Lifted {
        self.iter().map(T::ad_constant).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split> Split for [S] {
    type Value = Vec<S::Value>;
    type Tangent = Vec<S::Tangent>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        self.iter().map(S::ad_split).unzip()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Lift> Lift for Vec<T> {
    type Lifted = Vec<T::Lifted>;
    const FLAT: bool = T::FLAT;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        self.as_slice().ad_lift(tangent)
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        for (a, (b, to)) in a.iter().zip(b.iter().zip(to.iter_mut())) {
            T::ad_bracket(a, b, to);
        }
    }
    fn ad_constant(&self) -> Self::Lifted {
        self.as_slice().ad_constant()
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split> Split for Vec<S> {
    type Value = Vec<S::Value>;
    type Tangent = Vec<S::Tangent>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        self.as_slice().ad_split()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Lift> Lift for Box<[T]> {
    type Lifted = Box<[T::Lifted]>;
    const FLAT: bool = T::FLAT;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        (**self).ad_lift(tangent).into_boxed_slice()
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        for (a, (b, to)) in a.iter().zip(b.iter().zip(to.iter_mut())) {
            T::ad_bracket(a, b, to);
        }
    }
    fn ad_constant(&self) -> Self::Lifted {
        (**self).ad_constant().into_boxed_slice()
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split> Split for Box<[S]> {
    type Value = Box<[S::Value]>;
    type Tangent = Vec<S::Tangent>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (values, tangents) = (**self).ad_split();
        (values.into_boxed_slice(), tangents)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Lift, const N: usize> Lift for [T; N] {
    type Lifted = [T::Lifted; N];
    const FLAT: bool = T::FLAT;
    #[inline]
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        core::array::from_fn(|i| self[i].ad_lift(&tangent[i]))
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        for (a, (b, to)) in a.iter().zip(b.iter().zip(to.iter_mut())) {
            T::ad_bracket(a, b, to);
        }
    }
    #[inline]
    fn ad_constant(&self) -> Self::Lifted {
        self.each_ref().map(T::ad_constant)
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split, const N: usize> Split for [S; N] {
    type Value = [S::Value; N];
    type Tangent = [S::Tangent; N];
    #[inline]
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let pairs = self.each_ref().map(S::ad_split);
        let mut tangents = Vec::with_capacity(N);
        let values = pairs.map(|(value, tangent)| {
            tangents.push(tangent);
            value
        });
        let Ok(tangents) = tangents.try_into() else {
            unreachable!("as many tangents as values");
        };
        (values, tangents)
    }
}

/// A tangent that is absent is an exact zero.
#[diagnostic::do_not_recommend]
impl<T: Lift> Lift for Option<T> {
    type Lifted = Option<T::Lifted>;
    const FLAT: bool = T::FLAT;
    #[inline]
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        self.as_ref().map(|it| match tangent {
            Some(tangent) => it.ad_lift(tangent),
            None => it.ad_constant(),
        })
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        if let (Some(a), Some(b), Some(to)) = (a, b, to) {
            T::ad_bracket(a, b, to);
        }
    }
    #[inline]
    fn ad_constant(&self) -> Self::Lifted {
        self.as_ref().map(T::ad_constant)
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split> Split for Option<S> {
    type Value = Option<S::Value>;
    type Tangent = Option<S::Tangent>;
    #[inline]
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        self.as_ref().map(S::ad_split).unzip()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Lift, E: Clone + 'static> Lift for Result<T, E> {
    type Lifted = Result<T::Lifted, E>;
    const FLAT: bool = T::FLAT;
    #[inline]
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        match (self, tangent) {
            (Ok(it), Some(tangent)) => Ok(it.ad_lift(tangent)),
            _ => self.ad_constant(),
        }
    }
    fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
        if let (Some(a), Some(b), Some(to)) = (a, b, to) {
            T::ad_bracket(a, b, to);
        }
    }
    #[inline]
    fn ad_constant(&self) -> Self::Lifted {
        match self {
            Ok(it) => Ok(it.ad_constant()),
            Err(error) => Err(error.clone()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<S: Split, E: Clone> Split for Result<S, E> {
    type Value = Result<S::Value, E>;
    type Tangent = Option<S::Tangent>;
    #[inline]
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        match self {
            Ok(it) => {
                let (value, tangent) = it.ad_split();
                (Ok(value), Some(tangent))
            }
            Err(error) => (Err(error.clone()), None),
        }
    }
}

macro_rules! tuple {
    ($($t:ident $i:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($t: Lift),+> Lift for ($($t,)+) {
            type Lifted = ($($t::Lifted,)+);
            const FLAT: bool = $($t::FLAT &&)+ true;
            #[inline]
            fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
                ($(self.$i.ad_lift(&tangent.$i),)+)
            }
            #[inline]
            fn ad_constant(&self) -> Self::Lifted {
                ($(self.$i.ad_constant(),)+)
            }
            #[inline]
            fn ad_bracket(a: &Self::Tangent, b: &Self::Tangent, to: &mut Self::Tangent) {
                $($t::ad_bracket(&a.$i, &b.$i, &mut to.$i);)+
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($t: Split),+> Split for ($($t,)+) {
            type Value = ($($t::Value,)+);
            type Tangent = ($($t::Tangent,)+);
            #[inline]
            fn ad_split(&self) -> (Self::Value, Self::Tangent) {
                let parts = ($(self.$i.ad_split(),)+);
                (($(parts.$i.0,)+), ($(parts.$i.1,)+))
            }
        }
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

// === matrices ===

#[diagnostic::do_not_recommend]
impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> Lift for Matrix<T, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Lifted = OMatrix<Dual<T>, R, C>;
    #[inline]
    fn ad_lift(&self, tangent: &OMatrix<T, R, C>) -> Self::Lifted {
        assert_eq!(self.shape(), tangent.shape(), "a tangent of another shape");
        let entries = self.iter().zip(tangent.as_slice());
        filled(
            self.shape_generic(),
            entries.map(|(x, d)| Dual::new(*x, *d)),
        )
    }
    #[inline]
    fn ad_constant(&self) -> Self::Lifted {
        let entries = self.iter().map(|x| Dual::constant(*x));
        filled(self.shape_generic(), entries)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: Dim, C: Dim, S: RawStorage<Dual<T>, R, C>> Split for Matrix<Dual<T>, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Value = OMatrix<T, R, C>;
    type Tangent = OMatrix<T, R, C>;
    #[inline]
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let shape = self.shape_generic();
        (
            filled(shape, self.iter().map(|x| x.re)),
            filled(shape, self.iter().map(|x| x.eps)),
        )
    }
}

/// A matrix of these entries. What nalgebra collects from an iterator it collects one by one.
#[inline]
fn filled<T: Real, R: Dim, C: Dim>(
    (rows, columns): (R, C),
    entries: impl Iterator<Item = T>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let mut matrix = OMatrix::zeros_generic(rows, columns);
    for (to, entry) in matrix.as_mut_slice().iter_mut().zip(entries) {
        *to = entry;
    }
    matrix
}
