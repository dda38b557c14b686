//! What generated code asks of containers that are changed in place.

use nalgebra::{Dim, Matrix, RawStorage, RawStorageMut, Scalar};

use crate::differentiable::{Differentiable, Gradient};
use crate::tangent::{Place, Slot, Tangent};

/// The way a shadow is lent to a function, which may take the value by `&` or by `&mut`.
pub trait Lend<'a, G: ?Sized> {
    /// Lends.
    fn ad_lend(shadow: &'a mut G) -> Self;
}

impl<'a, G: Place + ?Sized> Lend<'a, G> for Option<&'a mut G::Shadow> {
    #[inline(always)]
    fn ad_lend(shadow: &'a mut G) -> Self {
        Some(shadow.ad_place())
    }
}

impl<'a, G: ?Sized> Lend<'a, G> for &'a mut G {
    #[inline(always)]
    fn ad_lend(shadow: &'a mut G) -> Self {
        shadow
    }
}

impl<'a, T, const N: usize> Lend<'a, [T; N]> for Option<&'a mut [T]>
where
    [T; N]: Place<Shadow = [T; N]>,
{
    #[inline(always)]
    fn ad_lend(shadow: &'a mut [T; N]) -> Self {
        Some(shadow)
    }
}

impl<'a, T> Lend<'a, Box<T>> for &'a mut T {
    #[inline(always)]
    fn ad_lend(shadow: &'a mut Box<T>) -> Self {
        shadow
    }
}

/// A tangent program takes the tangent of what is passed by `&` in this form.
impl<'a, G: Place + ?Sized> Lend<'a, G> for Option<&'a G::Shadow> {
    #[inline(always)]
    fn ad_lend(shadow: &'a mut G) -> Self {
        Some(shadow.ad_place())
    }
}

impl<'a, T, const N: usize> Lend<'a, [T; N]> for Option<&'a [T]>
where
    [T; N]: Place<Shadow = [T; N]>,
{
    #[inline(always)]
    fn ad_lend(shadow: &'a mut [T; N]) -> Self {
        Some(shadow)
    }
}

/// How a tangent is handed to a tangent program, which only reads it.
pub trait Hand<'a, G: ?Sized> {
    /// What the program is given.
    fn ad_hand(tangent: &'a G) -> Self;
}

impl<'a, G: ?Sized> Hand<'a, G> for &'a G {
    #[inline(always)]
    fn ad_hand(tangent: &'a G) -> Self {
        tangent
    }
}

impl<'a, G: ?Sized> Hand<'a, &'_ mut G> for &'a G {
    #[inline(always)]
    fn ad_hand(tangent: &'a &'_ mut G) -> Self {
        tangent
    }
}

impl<'a, T> Hand<'a, &'_ mut Vec<T>> for &'a [T] {
    #[inline(always)]
    fn ad_hand(tangent: &'a &'_ mut Vec<T>) -> Self {
        tangent
    }
}

impl<'a, T> Hand<'a, Vec<T>> for &'a [T] {
    #[inline(always)]
    fn ad_hand(tangent: &'a Vec<T>) -> Self {
        tangent
    }
}

impl<'a, T, const N: usize> Hand<'a, [T; N]> for &'a [T] {
    #[inline(always)]
    fn ad_hand(tangent: &'a [T; N]) -> Self {
        tangent
    }
}

impl<'a, T> Hand<'a, Box<T>> for &'a T {
    #[inline(always)]
    fn ad_hand(tangent: &'a Box<T>) -> Self {
        tangent
    }
}

/// Hands a tangent to a tangent program.
#[inline(always)]
pub fn hand<'a, G: ?Sized, H: Hand<'a, G>>(tangent: &'a G) -> H {
    H::ad_hand(tangent)
}

impl<'a, T> Lend<'a, Vec<T>> for &'a mut [T] {
    #[inline(always)]
    fn ad_lend(shadow: &'a mut Vec<T>) -> Self {
        shadow
    }
}

impl<'a, T, const N: usize> Lend<'a, [T; N]> for &'a mut [T] {
    #[inline(always)]
    fn ad_lend(shadow: &'a mut [T; N]) -> Self {
        shadow
    }
}

/// A container whose contents are overwritten as a whole: a slice or a matrix, of values or of cotangents.
pub trait Contents {
    /// The type of an element.
    type Item;
    /// The contents, in storage order.
    fn ad_contents(&self) -> Vec<Self::Item>;
    /// Puts contents of the same length back.
    fn ad_put_back(&mut self, old: Vec<Self::Item>);
}

impl<T: Clone> Contents for [T] {
    type Item = T;
    #[inline]
    fn ad_contents(&self) -> Vec<T> {
        self.to_vec()
    }
    #[inline]
    fn ad_put_back(&mut self, old: Vec<T>) {
        self.clone_from_slice(&old);
    }
}

impl<T: Scalar, R: Dim, C: Dim, S: RawStorageMut<T, R, C>> Contents for Matrix<T, R, C, S> {
    type Item = T;
    #[inline]
    fn ad_contents(&self) -> Vec<T> {
        self.iter().cloned().collect()
    }
    #[inline]
    fn ad_put_back(&mut self, old: Vec<T>) {
        for (to, from) in self.iter_mut().zip(old) {
            *to = from;
        }
    }
}

/// What puts a copy made by `to_owned` back.
pub trait Restore<O> {
    /// Puts it back.
    fn ad_restore(&mut self, old: O);
}

impl<T> Restore<T> for T {
    #[inline(always)]
    fn ad_restore(&mut self, old: T) {
        *self = old;
    }
}

impl<T: Clone> Restore<Vec<T>> for [T] {
    #[inline]
    fn ad_restore(&mut self, old: Vec<T>) {
        self.clone_from_slice(&old);
    }
}

/// The cotangents of a container. What was written to it is told where it may have none ([`Unkept`](crate::underived::Unkept)).
pub trait Cotangents {
    /// The type of the cotangent of an element.
    type Item: Tangent;
    /// The cotangents, in storage order, moved out; zeros are left.
    fn ad_take<W>(&mut self, _: W) -> Vec<Self::Item>;
    /// Hands the cotangents on, in storage order; zeros are left.
    fn ad_hand<W>(&mut self, to: impl FnOnce(&[Self::Item]), written: W) {
        to(&self.ad_take(written));
    }
    /// Zeros are left.
    fn ad_forget(&mut self);
    /// `sum` and all cotangents added to it, moved out; zeros are left.
    fn ad_take_sum<W>(&mut self, sum: Self::Item, _: W) -> Self::Item;
    /// Adds cotangents of the elements, in storage order.
    fn ad_add_all<G: Terms<Self::Item> + ?Sized>(&mut self, terms: &G);
}

/// Cotangents of the elements of a container, in storage order.
#[diagnostic::on_unimplemented(
    message = "an active value is written to a part that carries no derivative, such as a `#[no_diff]` field",
    label = "the derivative would be lost here",
    note = "take `#[no_diff]` off the field, or write `detach(..)` around the value if no derivative is wanted"
)]
pub trait Terms<T> {
    /// None if they are those of a part without derivative.
    fn ad_terms(&self) -> Option<&[T]>;
}

#[diagnostic::do_not_recommend]
impl<T> Terms<T> for [T] {
    #[inline(always)]
    fn ad_terms(&self) -> Option<&[T]> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Terms<T> for Vec<T> {
    #[inline(always)]
    fn ad_terms(&self) -> Option<&[T]> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, G: Terms<T> + ?Sized> Terms<T> for &G {
    #[inline(always)]
    fn ad_terms(&self) -> Option<&[T]> {
        (**self).ad_terms()
    }
}

fn take_item<T: Tangent>(item: &mut T) -> T {
    let taken = item.clone();
    T::ad_clear(item.ad_place());
    taken
}

fn take_sum<'a, T: Tangent>(mut sum: T, items: impl Iterator<Item = &'a mut T>) -> T {
    for item in items {
        T::ad_add(sum.ad_place(), item);
        T::ad_clear(item.ad_place());
    }
    sum
}

impl<T: Tangent> Cotangents for [T] {
    type Item = T;
    #[inline]
    fn ad_take<W>(&mut self, _: W) -> Vec<T> {
        self.iter_mut().map(take_item).collect()
    }
    #[inline]
    fn ad_hand<W>(&mut self, to: impl FnOnce(&[T]), _: W) {
        to(self);
        self.ad_forget();
    }
    #[inline]
    fn ad_forget(&mut self) {
        self.iter_mut().for_each(|it| T::ad_clear(it.ad_place()));
    }
    #[inline]
    fn ad_take_sum<W>(&mut self, sum: T, _: W) -> T {
        take_sum(sum, self.iter_mut())
    }
    #[inline]
    fn ad_add_all<G: Terms<T> + ?Sized>(&mut self, terms: &G) {
        let Some(terms) = terms.ad_terms() else {
            return;
        };
        assert_eq!(self.len(), terms.len(), "cotangents of different lengths");
        for (sum, term) in self.iter_mut().zip(terms) {
            T::ad_add(sum.ad_place(), term);
        }
    }
}

impl<T: Tangent + Scalar, R: Dim, C: Dim, S: RawStorageMut<T, R, C>> Cotangents
    for Matrix<T, R, C, S>
{
    type Item = T;
    #[inline]
    fn ad_take<W>(&mut self, _: W) -> Vec<T> {
        self.iter_mut().map(take_item).collect()
    }
    #[inline]
    fn ad_forget(&mut self) {
        self.iter_mut().for_each(|it| T::ad_clear(it.ad_place()));
    }
    #[inline]
    fn ad_take_sum<W>(&mut self, sum: T, _: W) -> T {
        take_sum(sum, self.iter_mut())
    }
    #[inline]
    fn ad_add_all<G: Terms<T> + ?Sized>(&mut self, terms: &G) {
        let Some(terms) = terms.ad_terms() else {
            return;
        };
        assert_eq!(self.len(), terms.len(), "cotangents of different shapes");
        for (sum, term) in self.iter_mut().zip(terms) {
            T::ad_add(sum.ad_place(), term);
        }
    }
}

/// A view of cotangents, to which a cotangent is added.
pub trait AddToView<G> {
    /// Adds it.
    ///
    /// # Panics
    /// If the shapes differ, which means that the generated code is wrong.
    fn ad_add_to_view(&mut self, term: &G);
}

impl<T, R, C, S, R2, C2, S2> AddToView<Matrix<T, R2, C2, S2>> for Matrix<T, R, C, S>
where
    T: Tangent + Scalar,
    R: Dim,
    C: Dim,
    S: RawStorageMut<T, R, C>,
    R2: Dim,
    C2: Dim,
    S2: RawStorage<T, R2, C2>,
{
    #[inline]
    fn ad_add_to_view(&mut self, term: &Matrix<T, R2, C2, S2>) {
        assert_eq!(self.shape(), term.shape(), "cotangents of different shapes");
        for (sum, term) in self.iter_mut().zip(term.iter()) {
            T::ad_add(sum.ad_place(), term);
        }
    }
}

/// An element that may be missing.
impl<T: Tangent> AddToView<Option<T>> for Option<&mut T> {
    #[inline]
    fn ad_add_to_view(&mut self, term: &Option<T>) {
        if let (Some(sum), Some(term)) = (self, term) {
            T::ad_add(sum.ad_place(), term);
        }
    }
}

/// A view of cotangents that is emptied.
pub trait TakeView {
    /// A cotangent of the shape of the view.
    type Taken;
    /// The cotangent that it holds, moved out; zeros are left.
    fn ad_take_view(&mut self) -> Self::Taken;
}

impl<T, R, C, S> TakeView for Matrix<T, R, C, S>
where
    T: crate::differentiable::Real,
    R: Dim,
    C: Dim,
    S: RawStorageMut<T, R, C>,
    nalgebra::DefaultAllocator: nalgebra::allocator::Allocator<R, C>,
{
    type Taken = Gradient<Self>;
    #[inline]
    fn ad_take_view(&mut self) -> Gradient<Self> {
        let taken = self.ad_owned();
        self.fill(T::zero());
        taken
    }
}

/// The cotangent that a place holds, moved out; a zero of the same shape is left.
#[inline]
pub fn take_place<T: Tangent>(place: &mut T) -> T {
    take_item(place)
}

/// A copy of the cotangent that a place holds.
#[inline(always)]
pub fn shadow_copy<T: Tangent>(place: &T) -> T {
    place.clone()
}

/// Clears a place of the shape of `T`.
#[inline(always)]
pub fn clear<T: Tangent>(place: &mut T::Shadow, _: &T) {
    T::ad_clear(place);
}

/// The cotangent of the last element, moved out of an accumulator; `None` if the accumulator is an exact zero.
#[inline]
pub fn pop_slot<T: Tangent, S: Slot<Vec<T>>>(slot: &mut S) -> Option<T> {
    slot.get()?;
    slot.or_zero(Vec::new).pop()
}

/// A list of cotangents, of which the last is taken when a push is undone.
pub trait Popped {
    /// The type of an element.
    type Item;
    /// The last, or a zero.
    fn ad_pop<W>(&mut self, zero: impl FnOnce() -> Self::Item, _: W) -> Self::Item;
}

impl<T> Popped for Vec<T> {
    type Item = T;
    #[inline(always)]
    fn ad_pop<W>(&mut self, zero: impl FnOnce() -> T, _: W) -> T {
        self.pop().unwrap_or_else(zero)
    }
}

/// A list that is cut.
pub trait Cut {
    /// The type of an element.
    type Item;
    /// Takes the elements from `len` on away.
    fn ad_cut(&mut self, len: usize) -> Vec<Self::Item>;
    /// Puts them back.
    fn ad_rejoin(&mut self, cut: impl IntoIterator<Item = Self::Item>);
}

impl<T> Cut for Vec<T> {
    type Item = T;
    #[inline]
    fn ad_cut(&mut self, len: usize) -> Self {
        if len < self.len() {
            self.split_off(len)
        } else {
            Self::new()
        }
    }
    #[inline]
    fn ad_rejoin(&mut self, cut: impl IntoIterator<Item = T>) {
        self.extend(cut);
    }
}

/// What undoes a change of length on the cotangents.
pub trait Uncut<V> {
    /// The cotangent of an element.
    type Item;
    /// What undoes [`Cut::ad_cut`]: zeros for what was taken away.
    fn ad_uncut(&mut self, cut: &[V]);
    /// What undoes `pop`: the cotangent of what was popped, or a zero.
    fn ad_unpop(&mut self, popped: &Option<V>, cotangent: Option<Self::Item>);
    /// The same where nobody takes what was popped.
    #[inline]
    fn ad_unpop_unused(&mut self, popped: &Option<V>) {
        self.ad_unpop(popped, None);
    }
}

impl<V: Differentiable> Uncut<V> for Vec<V::Tangent> {
    type Item = V::Tangent;
    #[inline]
    fn ad_uncut(&mut self, cut: &[V]) {
        self.extend(cut.iter().map(|it| V::ad_zero(&it.ad_shape())));
    }
    #[inline]
    fn ad_unpop(&mut self, popped: &Option<V>, cotangent: Option<V::Tangent>) {
        if let Some(value) = popped {
            self.push(cotangent.unwrap_or_else(|| V::ad_zero(&value.ad_shape())));
        }
    }
}

/// Sorting that tells the permutation: position `k` of the result held element `permutation[k]`.
pub trait Sort {
    /// The type of an element.
    type Item;
    /// The permutation of a stable sort.
    fn ad_order_by<F>(&self, compare: F) -> Vec<usize>
    where
        F: FnMut(&Self::Item, &Self::Item) -> core::cmp::Ordering;
    /// Does a permutation.
    fn in_order(&mut self, permutation: &[usize]);
    /// The same, and tells it.
    fn ad_in_order(&mut self, permutation: &[usize]) -> Vec<usize> {
        self.in_order(permutation);
        permutation.to_vec()
    }
    /// `sort_by`: stable.
    fn ad_sort_by<F>(&mut self, compare: F) -> Vec<usize>
    where
        F: FnMut(&Self::Item, &Self::Item) -> core::cmp::Ordering,
    {
        let permutation = self.ad_order_by(compare);
        self.in_order(&permutation);
        permutation
    }
    /// `sort_unstable_by`: the permutation is that of the stable sort, so that equal elements stay in order.
    fn ad_sort_unstable_by<F>(&mut self, compare: F) -> Vec<usize>
    where
        F: FnMut(&Self::Item, &Self::Item) -> core::cmp::Ordering,
    {
        self.ad_sort_by(compare)
    }
    /// Undoes a permutation, on values or on cotangents.
    fn ad_unsort(&mut self, permutation: &[usize]);
}

impl<T: Clone> Sort for [T] {
    type Item = T;
    fn ad_order_by<F>(&self, mut compare: F) -> Vec<usize>
    where
        F: FnMut(&T, &T) -> core::cmp::Ordering,
    {
        let mut permutation: Vec<usize> = (0..self.len()).collect();
        permutation.sort_by(|a, b| compare(&self[*a], &self[*b]));
        permutation
    }
    fn in_order(&mut self, permutation: &[usize]) {
        let sorted: Vec<T> = permutation.iter().map(|at| self[*at].clone()).collect();
        self.clone_from_slice(&sorted);
    }
    fn ad_unsort(&mut self, permutation: &[usize]) {
        let mut before = self.to_vec();
        for (value, at) in self.iter().zip(permutation) {
            before[*at].clone_from(value);
        }
        self.clone_from_slice(&before);
    }
}

/// A slice as an array of its length.
///
/// # Panics
/// If the lengths differ, as `try_into().unwrap()` does.
#[inline(always)]
pub fn array<T, const N: usize>(slice: &[T]) -> &[T; N] {
    slice
        .try_into()
        .expect("a slice of the length of the array")
}

/// A slice as an array of its length, to be written.
///
/// # Panics
/// If the lengths differ, as `try_into().unwrap()` does.
#[inline(always)]
pub fn array_mut<T, const N: usize>(slice: &mut [T]) -> &mut [T; N] {
    slice
        .try_into()
        .expect("a slice of the length of the array")
}

/// The number of windows of a size.
///
/// # Panics
/// If the size is zero, as `windows` does.
#[inline(always)]
#[must_use]
pub fn windows(len: usize, size: usize) -> usize {
    assert!(size != 0, "window size must be non-zero");
    (len + 1).saturating_sub(size)
}

/// What the cast of a number makes of a tangent: a number that is cast to another type of numbers takes it along, an
/// integer has none.
pub trait CastTangent<T> {
    /// The tangent of the number that the cast makes.
    fn ad_cast(self) -> T;
}

macro_rules! cast_tangent {
    ($($from:ty => $to:ty),*) => { $(
        impl CastTangent<$to> for $from {
            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, clippy::cast_lossless, trivial_numeric_casts, reason = "as the function does")]
            fn ad_cast(self) -> $to {
                self as $to
            }
        }
    )* };
}
cast_tangent!(f32 => f32, f32 => f64, f64 => f32, f64 => f64);

impl CastTangent<()> for f32 {
    #[inline(always)]
    fn ad_cast(self) {}
}

impl CastTangent<()> for f64 {
    #[inline(always)]
    fn ad_cast(self) {}
}

impl<T: Default> CastTangent<T> for () {
    #[inline(always)]
    fn ad_cast(self) -> T {
        T::default()
    }
}

impl<T, S: CastTangent<T> + Copy> CastTangent<T> for &S {
    #[inline(always)]
    fn ad_cast(self) -> T {
        (*self).ad_cast()
    }
}

/// The tangent of a number that was cast.
#[inline(always)]
pub fn cast_tangent<T, S: CastTangent<T>>(tangent: S) -> T {
    tangent.ad_cast()
}
