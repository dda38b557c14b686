//! Parts of values without derivative, such as `#[no_diff]` fields: their tangents and shadows are `()`, which takes part in
//! all that is done to those of other parts.

use core::any::{Any, TypeId};
use core::convert::Infallible;
use core::marker::PhantomData;
use core::ops::Neg;

use crate::differentiable::{Differentiable, Gradient, Peel, Real, zero_like};
use crate::mark::{Mark, Off, On};
use crate::mutation::{Hand, Lend, Terms};
use crate::put::At;
use crate::tangent::{Plain, Tangent};

// === what is read ===

/// The tangent of a part of a value. A field without derivative has the tangent `()`, which stands for zero.
///
/// # Panics
/// If the tangent is that of another type, which means that the generated code is wrong.
#[inline(always)]
pub fn part_tangent<A: Peel + ?Sized, D: Peel + ?Sized>(value: &A, tangent: &D) -> Gradient<A> {
    of_part(tangent).unwrap_or_else(|| zero_like(value))
}

/// A tangent of the type `T`, or none if it is `()`.
#[inline(always)]
pub(crate) fn of_part<D: Peel + ?Sized, T: 'static>(tangent: &D) -> Option<T> {
    let owned = as_type::<_, T>(tangent.ad_peel().ad_owned());
    assert!(
        owned.is_some() || TypeId::of::<<D::V as Differentiable>::Owned>() == TypeId::of::<()>(),
        "a tangent is of the type of its value, or `()`"
    );
    owned
}

/// What the tangent of a part takes of a tangent that is assigned to it: nothing if the part has no derivative, so that its
/// tangent is `()`.
///
/// # Panics
/// If the tangent is that of another type, which means that the generated code is wrong.
#[inline(always)]
pub fn for_part<D: Clone + 'static, T: 'static>(tangent: &D) -> T {
    as_type(tangent.clone())
        .or_else(|| as_type(()))
        .expect("a part has a tangent of the type of its value, or `()`")
}

/// A value as one of the type that it has. Whether it has, the types say, and the compiler knows.
#[inline(always)]
pub(crate) fn as_type<D: 'static, T: 'static>(value: D) -> Option<T> {
    let value: &mut dyn Any = &mut Some(value);
    value.downcast_mut::<Option<T>>().and_then(Option::take)
}

/// The pullback of [`part_tangent`]. A tangent that is `()` has the cotangent `()`.
pub fn part_tangent_pullback<A, D, Y: ?Sized>(
    value: &A,
    tangent: &D,
    _: &Y,
    g: &A::Tangent,
) -> (A::Tangent, D::Tangent)
where
    A: Differentiable + ?Sized,
    D: Differentiable + ?Sized,
{
    let of_tangent = as_type(g.clone()).unwrap_or_else(|| D::ad_zero(&tangent.ad_shape()));
    (A::ad_zero(&value.ad_shape()), of_tangent)
}

/// The pullback of [`for_part`]. What the part did not take has no cotangent.
pub fn for_part_pullback<D: Differentiable + ?Sized, Y: ?Sized, G: Tangent>(
    tangent: &D,
    _: &Y,
    g: &G,
) -> D::Tangent {
    as_type(g.clone()).unwrap_or_else(|| D::ad_zero(&tangent.ad_shape()))
}

// === what is in it ===

/// The fields that a tuple without derivative seems to have.
pub type Positions = ((), (), (), (), (), (), (), (), (), (), (), ());

/// What stands for a field of a variant without derivative.
#[inline(always)]
#[must_use]
pub fn nothing() -> &'static mut () {
    Box::leak(Box::new(()))
}

/// A pattern that has matched before matches again.
///
/// # Panics
/// Always: the generated code is wrong if it comes here.
#[cold]
pub fn other_variant() -> ! {
    unreachable!("a value is of the variant that it was of")
}

/// A part of a tangent, of which a field is wanted.
#[derive(Debug)]
pub struct Within<'a, P: ?Sized>(pub &'a P);

impl Within<'_, ()> {
    /// It carries no derivative.
    #[inline(always)]
    #[must_use]
    pub fn ad_mark(self) -> Off {
        Off
    }
    /// The tangent for a parameter that a tangent program takes by value: none.
    #[inline(always)]
    #[must_use]
    pub fn ad_give<T>(self) -> Option<T> {
        None
    }
    /// The tangent for a tangent program: none.
    #[inline(always)]
    #[must_use]
    pub fn ad_hand<H>(self) -> Option<H> {
        None
    }
    /// All fields, of which none has a derivative. `F` has no size, so that nothing is allocated.
    #[inline(always)]
    #[must_use]
    pub fn ad_fields<F: Default>(self) -> &'static F {
        Box::leak(Box::default())
    }
}

impl At<'_, ()> {
    /// The shadow for a pullback: none.
    #[inline(always)]
    #[must_use]
    pub fn ad_lend<S: ?Sized>(self) -> Option<&'static mut S> {
        None
    }
    /// As of [`Within`].
    #[inline(always)]
    #[must_use]
    pub fn ad_fields<F: Default>(self) -> &'static mut F {
        Box::leak(Box::default())
    }
}

/// Whether a part of a value carries a derivative, which its tangent tells: `of` is not run.
#[inline(always)]
pub fn mark_of<M: Mark + Default>(_of: impl FnOnce() -> M) -> M {
    M::default()
}

/// An accumulator for a part of a value: none if the tangent of the part, which is not asked for, is `()`.
///
/// # Panics
/// If the tangent is that of another type, which means that the generated code is wrong.
#[inline(always)]
pub fn own_part<A: Peel + ?Sized, T: 'static>(value: &A, _tangent: impl FnOnce() -> T) -> T {
    as_type(())
        .or_else(|| as_type(zero_like(value)))
        .expect("a part has a tangent of the type of its value, or `()`")
}

/// A part of a tangent, as it is owned.
#[inline]
pub fn owned_part<D: Peel + ?Sized>(part: &D) -> <D::V as Differentiable>::Owned {
    part.ad_peel().ad_owned()
}

/// A part of a tangent that carries a derivative.
pub trait MarkPart<P: ?Sized> {
    /// It does.
    fn ad_mark(self) -> On;
    /// The tangent for a parameter that a tangent program takes by value.
    fn ad_give(self) -> Option<P>
    where
        P: Clone;
}

impl<P: ?Sized> MarkPart<P> for Within<'_, P> {
    #[inline(always)]
    fn ad_mark(self) -> On {
        On
    }
    #[inline(always)]
    fn ad_give(self) -> Option<P>
    where
        P: Clone,
    {
        Some(self.0.clone())
    }
}

/// A part of a tangent that a tangent program is given.
pub trait HandPart<'a, P: ?Sized> {
    /// The tangent.
    fn ad_hand<H: Hand<'a, P>>(self) -> Option<H>;
}

impl<'a, P: ?Sized> HandPart<'a, P> for Within<'a, P> {
    #[inline(always)]
    fn ad_hand<H: Hand<'a, P>>(self) -> Option<H> {
        Some(H::ad_hand(self.0))
    }
}

/// A part of a shadow that a pullback is given.
pub trait LendPart<'a, P: ?Sized> {
    /// The shadow.
    fn ad_lend<S: ?Sized>(self) -> Option<&'a mut S>
    where
        Option<&'a mut S>: Lend<'a, P>;
}

impl<'a, P: ?Sized> LendPart<'a, P> for At<'a, P> {
    #[inline(always)]
    fn ad_lend<S: ?Sized>(self) -> Option<&'a mut S>
    where
        Option<&'a mut S>: Lend<'a, P>,
    {
        Lend::ad_lend(self.0)
    }
}

/// A part of a shadow or a tangent that has fields.
pub trait Fields {
    /// What has the fields.
    type Of;
    /// The same, whatever the fields are called.
    fn ad_fields<F>(self) -> Self::Of;
}

impl<'a, P: ?Sized> Fields for Within<'a, P> {
    type Of = &'a P;
    #[inline(always)]
    fn ad_fields<F>(self) -> &'a P {
        self.0
    }
}

impl<'a, P: ?Sized> Fields for At<'a, P> {
    type Of = &'a mut P;
    #[inline(always)]
    fn ad_fields<F>(self) -> &'a mut P {
        self.0
    }
}

// === what is written ===

/// The cotangents of what has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTerms;

#[diagnostic::do_not_recommend]
impl<T> Terms<T> for NoTerms {
    #[inline(always)]
    fn ad_terms(&self) -> Option<&[T]> {
        None
    }
}

macro_rules! views {
    ($([$($p:tt)*] $read:ident $write:ident($($at:ty),*);)*) => { $(
        /// As of a slice or a matrix.
        #[inline(always)]
        fn $read<$($p)*>(&self, $(_: $at),*) {}
        /// As of a slice or a matrix.
        #[inline(always)]
        fn $write<$($p)*>(&mut self, $(_: $at),*) {}
    )* };
}

/// What a part without derivative, such as a `#[no_diff]` field, has as the cotangent of what was written to it.
#[diagnostic::on_unimplemented(
    message = "an active value is written to a part that carries no derivative, such as a `#[no_diff]` field",
    label = "the derivative would be lost here",
    note = "take `#[no_diff]` off the field, or write `detach(..)` around the value if no derivative is wanted"
)]
pub trait Unkept<T> {
    /// The cotangent.
    type Cotangent;
    /// Cotangents of several elements.
    type Terms: Default;
    /// The cotangent, where a zero would do.
    fn ad_unkept(zero: impl FnOnce() -> T) -> Self::Cotangent;
}

/// Of an active value: an error, unless it has no derivative either.
#[derive(Clone, Copy, Debug)]
pub struct Computed;

#[diagnostic::do_not_recommend]
impl Unkept<()> for Computed {
    type Cotangent = ();
    type Terms = ();
    #[inline(always)]
    fn ad_unkept(_: impl FnOnce()) {}
}

/// Without a second implementation, of a type that has no values, a literal would be taken for a `()`.
#[diagnostic::do_not_recommend]
impl Unkept<Infallible> for Computed {
    type Cotangent = Infallible;
    type Terms = ();
    fn ad_unkept(zero: impl FnOnce() -> Infallible) -> Infallible {
        zero()
    }
}

/// Of a value that may come from such a part itself: none, which no other variable takes.
#[derive(Clone, Copy, Debug)]
pub struct Moved;

impl<T> Unkept<T> for Moved {
    type Cotangent = ();
    type Terms = ();
    #[inline(always)]
    fn ad_unkept(_: impl FnOnce() -> T) {}
}

/// Of a value that is known to have nothing to lose there, because it is made of what is in the part. In the halves of a
/// tangent program that is any, since a value that would lose its derivative is an error in those of the function.
#[derive(Clone, Copy, Debug)]
pub struct Harmless;

impl<T> Unkept<T> for Harmless {
    type Cotangent = T;
    type Terms = NoTerms;
    #[inline(always)]
    fn ad_unkept(zero: impl FnOnce() -> T) -> T {
        zero()
    }
}

/// The cotangent that a part has for a value that was added to it, or from which it was made.
#[inline(always)]
pub fn kept<P, W>(part: &P, _: W) -> <P::Slot as Keeps<W>>::Cotangent
where
    P: Tangent<Slot: Keeps<W, Part = P>>,
{
    P::Slot::ad_kept(part)
}

/// The same as [`Unkept`], found by the type of the part: where that is an error, nothing more is said.
#[diagnostic::on_unimplemented(
    message = "an active value is written to a part that carries no derivative, such as a `#[no_diff]` field",
    label = "the derivative would be lost here",
    note = "take `#[no_diff]` off the field, or write `detach(..)` around the value if no derivative is wanted"
)]
pub trait Keeps<W> {
    /// The part.
    type Part;
    /// The cotangent.
    type Cotangent;
    /// The cotangent, of which the part keeps its own.
    fn ad_kept(part: &Self::Part) -> Self::Cotangent;
}

macro_rules! keeps {
    ($([$($p:tt)*] $slot:ty: $part:ty => $cotangent:ty, $written:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($p)*> Keeps<$written> for $slot {
            type Part = $part;
            type Cotangent = $cotangent;
            #[inline(always)]
            fn ad_kept(part: &$part) -> $cotangent {
                Clone::clone(part)
            }
        }
    )* };
}
// A number is named as that of an operator, which `()` does not have: the cotangent there is an error, about which nothing
// more is said.
keeps! {
    [T: Real] Plain<T>: T => <T as Neg>::Output, Computed;
    [T: Real] Plain<T>: T => T, Moved;
    [T: Real] Plain<T>: T => T, Made<T>;
    [P: Clone] Option<P>: P => P, Computed;
    [P: Clone] Option<P>: P => P, Moved;
    [P: Clone] Option<P>: P => P, Made<P>;
    [] Plain<()>: () => (), Moved;
}

/// Of an active value of a type that the tokens do not show: it may be an integer.
#[derive(Clone, Copy, Debug)]
pub struct Made<T>(PhantomData<T>);

/// What was computed.
#[inline(always)]
#[must_use]
pub fn made<T>() -> Made<T> {
    Made(PhantomData)
}

#[diagnostic::do_not_recommend]
impl<T: 'static> Keeps<Made<T>> for Plain<()>
where
    Computed: Unkept<T>,
{
    type Part = ();
    type Cotangent = T;
    #[inline(always)]
    fn ad_kept((): &()) -> T {
        as_type(()).expect("what has no derivative has the cotangent `()`")
    }
}

/// What is done to the shadow or the tangent of a part without derivative, such as a `#[no_diff]` field: nothing, whatever
/// the part is. Its views are the same.
pub trait Underived: Sized {
    views! {
        [] first first_mut();
        [] last last_mut();
        [] get get_mut(usize);
        [] row row_mut(usize);
        [] column column_mut(usize);
        [] rows rows_mut(usize, usize);
        [] columns columns_mut(usize, usize);
        [] view view_mut((usize, usize), (usize, usize));
        [const N: usize] fixed_rows fixed_rows_mut(usize);
        [const N: usize] fixed_columns fixed_columns_mut(usize);
        [const R: usize, const C: usize] fixed_view fixed_view_mut(usize, usize);
    }
    /// As of a `Vec` or a matrix.
    #[inline(always)]
    fn as_slice(&self) -> &Self {
        self
    }
    /// As of a `Vec` or a matrix.
    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut Self {
        self
    }
    /// As of `Entries`.
    #[inline(always)]
    fn ad_entry<I>(&self, _: I) -> &Self {
        self
    }
    /// As of `Entries`.
    #[inline(always)]
    fn ad_entry_mut<I>(&mut self, _: I) -> &mut Self {
        self
    }
    /// As of a `Vec`.
    #[inline(always)]
    fn push<T>(&mut self, _: T) {}
    /// As of a `Vec`.
    #[inline(always)]
    fn truncate(&mut self, _: usize) {}
    /// As of a `Vec`.
    #[inline(always)]
    fn clear(&mut self) {}
    /// As of a slice.
    #[inline(always)]
    fn fill<T>(&mut self, _: T) {}
    /// As of a slice.
    #[inline(always)]
    fn copy_from_slice<T>(&mut self, _: T) {}
    /// As of a matrix.
    #[inline(always)]
    fn copy_from<T>(&mut self, _: T) {}
    /// As of a slice.
    #[inline(always)]
    fn swap(&mut self, _: usize, _: usize) {}
    /// As of a matrix.
    #[inline(always)]
    fn swap_rows(&mut self, _: usize, _: usize) {}
    /// As of a matrix.
    #[inline(always)]
    fn swap_columns(&mut self, _: usize, _: usize) {}
    /// As of a slice.
    #[inline(always)]
    fn reverse(&mut self) {}
    /// As of a slice.
    #[inline(always)]
    fn rotate_left(&mut self, _: usize) {}
    /// As of a slice.
    #[inline(always)]
    fn rotate_right(&mut self, _: usize) {}
    /// As of `Cut`.
    #[inline(always)]
    fn ad_cut(&mut self, _: usize) -> Vec<()> {
        Vec::new()
    }
    /// As of `Cut`.
    #[inline(always)]
    fn ad_rejoin<T>(&mut self, _: T) {}
    /// As of `Uncut`.
    #[inline(always)]
    fn ad_uncut<V>(&mut self, _: &[V]) {}
    /// As of `Uncut`.
    #[inline(always)]
    fn ad_unpop<V, G>(&mut self, _: &V, _: G) {}
    /// As of `Uncut`.
    #[inline(always)]
    fn ad_unpop_unused<V>(&mut self, _: &V) {}
    /// As of `Sort`.
    #[inline(always)]
    fn ad_unsort(&mut self, _: &[usize]) {}
    /// As of `Sort`.
    #[inline(always)]
    fn ad_sorted(&mut self, _: &[usize]) {}
    /// As of `Sort`.
    #[inline(always)]
    fn in_order(&mut self, _: &[usize]) {}
    /// As of `Sort`.
    #[inline(always)]
    fn ad_in_order(&mut self, permutation: &[usize]) -> Vec<usize> {
        permutation.to_vec()
    }
    /// As of `Contents`.
    #[inline(always)]
    fn ad_contents(&self) -> Vec<()> {
        Vec::new()
    }
    /// As of `Contents`.
    #[inline(always)]
    fn ad_put_back<T>(&mut self, _: T) {}
    /// As of `AddToView`.
    #[inline(always)]
    fn ad_add_to_view<G>(&mut self, _: &G) {}
    /// As of `TakeView`.
    #[inline(always)]
    fn ad_take_view(&mut self) {}
    /// As of a `Vec`.
    #[inline(always)]
    fn pop(&mut self) {}
    /// As of `Popped`.
    #[inline(always)]
    fn ad_pop<T, W: Unkept<T>>(&mut self, zero: impl FnOnce() -> T, _: W) -> W::Cotangent {
        W::ad_unkept(zero)
    }
    /// As of `Cotangents`.
    #[inline(always)]
    fn ad_take<W: Unkept<()>>(&mut self, _: W) -> W::Terms {
        W::Terms::default()
    }
    /// As of `Cotangents`.
    #[inline(always)]
    fn ad_hand<W: Unkept<()>>(&mut self, to: impl FnOnce(&W::Terms), _: W) {
        to(&W::Terms::default());
    }
    /// As of `Cotangents`.
    #[inline(always)]
    fn ad_forget(&mut self) {}
    /// As of `Cotangents`.
    #[inline(always)]
    fn ad_take_sum<T, W: Unkept<T>>(&mut self, zero: T, _: W) -> W::Cotangent {
        W::ad_unkept(|| zero)
    }
    /// As of `Cotangents`.
    #[inline(always)]
    fn ad_add_all<G: ?Sized>(&mut self, _: &G) {}
}

impl Underived for () {}
