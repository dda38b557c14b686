//! Element `k` of a container, for loops over elements and for element-wise maps.

use core::ops::{Index, IndexMut};

use nalgebra::{Dim, Matrix, RawStorage, RawStorageMut};

/// A container whose elements are reached by a linear position.
#[diagnostic::on_unimplemented(
    message = "a differentiated loop cannot walk over `{Self}`",
    label = "this is neither a range, a slice, an array, a `Vec`, an `Option` nor a matrix",
    note = "loop over an index range and read the elements by index"
)]
pub trait Elements {
    /// The type of an element.
    type Item;
    /// The number of elements.
    fn ad_count(&self) -> usize;
    /// Element `k`, in the order of `iter()` (matrices: column by column).
    fn ad_at(&self, k: usize) -> &Self::Item;
    /// All elements in this order: a matrix finds the next one faster than one at a position.
    #[inline(always)]
    fn ad_each<'a>(&'a self, mut f: impl FnMut(&'a Self::Item)) {
        for k in 0..self.ad_count() {
            f(self.ad_at(k));
        }
    }
}

/// A container whose elements can be written.
pub trait ElementsMut: Elements {
    /// Element `k`, to be written.
    fn ad_at_mut(&mut self, k: usize) -> &mut Self::Item;
    /// All elements in order, to be written.
    #[inline(always)]
    fn ad_each_mut(&mut self, mut f: impl FnMut(&mut Self::Item)) {
        for k in 0..self.ad_count() {
            f(self.ad_at_mut(k));
        }
    }
}

/// A container that has a method `map`, which may consume it.
pub trait Mapped {
    /// What the method is called on.
    type Source<'a>
    where
        Self: 'a;
    /// The container again, where the method leaves this one in place.
    fn ad_mapped(&self) -> Self::Source<'_>;
}

impl<E: Mapped + ?Sized> Mapped for &E {
    type Source<'a>
        = E::Source<'a>
    where
        Self: 'a;
    #[inline(always)]
    fn ad_mapped(&self) -> E::Source<'_> {
        (**self).ad_mapped()
    }
}

impl<T, R: Dim, C: Dim, S: RawStorage<T, R, C>> Mapped for Matrix<T, R, C, S> {
    type Source<'a>
        = &'a Self
    where
        Self: 'a;
    #[inline(always)]
    fn ad_mapped(&self) -> &Self {
        self
    }
}

impl<T: Clone> Mapped for Option<T> {
    type Source<'a>
        = Self
    where
        Self: 'a;
    #[inline(always)]
    fn ad_mapped(&self) -> Self {
        self.clone()
    }
}

impl<T: Clone, const N: usize> Mapped for [T; N] {
    type Source<'a>
        = Self
    where
        Self: 'a;
    #[inline(always)]
    fn ad_mapped(&self) -> Self {
        self.clone()
    }
}

impl<E: Elements + ?Sized> Elements for &E {
    type Item = E::Item;
    #[inline(always)]
    fn ad_count(&self) -> usize {
        (**self).ad_count()
    }
    #[inline(always)]
    fn ad_at(&self, k: usize) -> &E::Item {
        (**self).ad_at(k)
    }
}

impl<E: Elements + ?Sized> Elements for &mut E {
    type Item = E::Item;
    #[inline(always)]
    fn ad_count(&self) -> usize {
        (**self).ad_count()
    }
    #[inline(always)]
    fn ad_at(&self, k: usize) -> &E::Item {
        (**self).ad_at(k)
    }
}

impl<E: ElementsMut + ?Sized> ElementsMut for &mut E {
    #[inline(always)]
    fn ad_at_mut(&mut self, k: usize) -> &mut E::Item {
        (**self).ad_at_mut(k)
    }
}

macro_rules! sliced {
    ($([$($p:tt)*] $t:ty),* $(,)?) => { $(
        impl<$($p)*> Elements for $t {
            type Item = T;
            #[inline(always)]
            fn ad_count(&self) -> usize {
                self.len()
            }
            #[inline(always)]
            fn ad_at(&self, k: usize) -> &T {
                &self[k]
            }
        }
        impl<$($p)*> ElementsMut for $t {
            #[inline(always)]
            fn ad_at_mut(&mut self, k: usize) -> &mut T {
                &mut self[k]
            }
        }
    )* };
}
sliced!([T] [T], [T] Vec<T>, [T, const N: usize] [T; N]);

impl<T, R: Dim, C: Dim, S: RawStorage<T, R, C>> Elements for Matrix<T, R, C, S> {
    type Item = T;
    #[inline(always)]
    fn ad_count(&self) -> usize {
        self.nrows() * self.ncols()
    }
    #[inline(always)]
    fn ad_at(&self, k: usize) -> &T {
        &self[k]
    }
    #[inline(always)]
    fn ad_each<'a>(&'a self, f: impl FnMut(&'a T)) {
        self.iter().for_each(f);
    }
}

impl<T, R: Dim, C: Dim, S: RawStorageMut<T, R, C>> ElementsMut for Matrix<T, R, C, S> {
    #[inline(always)]
    fn ad_at_mut(&mut self, k: usize) -> &mut T {
        &mut self[k]
    }
    #[inline(always)]
    fn ad_each_mut(&mut self, f: impl FnMut(&mut T)) {
        self.iter_mut().for_each(f);
    }
}

impl<T> Elements for Box<[T]> {
    type Item = T;
    #[inline(always)]
    fn ad_count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn ad_at(&self, k: usize) -> &T {
        &self[k]
    }
}

impl<T> ElementsMut for Box<[T]> {
    #[inline(always)]
    fn ad_at_mut(&mut self, k: usize) -> &mut T {
        &mut self[k]
    }
}

/// The shadow of a container without derivative, whose elements have none.
impl Elements for () {
    type Item = ();
    fn ad_count(&self) -> usize {
        0
    }
    #[inline(always)]
    fn ad_at(&self, _: usize) -> &() {
        self
    }
}

impl ElementsMut for () {
    #[inline(always)]
    fn ad_at_mut(&mut self, _: usize) -> &mut () {
        self
    }
}

impl<T> Elements for Option<T> {
    type Item = T;
    #[inline(always)]
    fn ad_count(&self) -> usize {
        usize::from(self.is_some())
    }
    #[inline(always)]
    fn ad_at(&self, _: usize) -> &T {
        self.as_ref().expect("an element within the count")
    }
}

impl<T> ElementsMut for Option<T> {
    #[inline(always)]
    fn ad_at_mut(&mut self, _: usize) -> &mut T {
        self.as_mut().expect("an element within the count")
    }
}

/// A container that is indexed. What may have no elements, such as the tangent of a `#[no_diff]` field, is indexed by these
/// methods, which `()` has, too ([`Underived`](crate::underived::Underived)).
pub trait Entries {
    /// One element, or several.
    #[inline(always)]
    fn ad_entry<I>(&self, at: I) -> &Self::Output
    where
        Self: Index<I>,
    {
        &self[at]
    }
    /// The same, to be written.
    #[inline(always)]
    fn ad_entry_mut<I>(&mut self, at: I) -> &mut Self::Output
    where
        Self: IndexMut<I>,
    {
        &mut self[at]
    }
}

impl<T> Entries for [T] {}
impl<T> Entries for Vec<T> {}
impl<T, const N: usize> Entries for [T; N] {}
impl<T, R: Dim, C: Dim, S: RawStorage<T, R, C>> Entries for Matrix<T, R, C, S> {}
