//! Stretches of buffers: what the turns of a loop walk through, one element each. The reverse of the loop takes the stretch
//! out of the buffer before its first turn, so that no turn checks a bound.

use core::ops::{Index, IndexMut};

use nalgebra::{ArrayStorage, Const, Dim, Dyn, Matrix, VecStorage};

use crate::tape::{Stack, Word};

/// A buffer whose elements lie one behind the other.
pub trait Contiguous {
    /// The type of an element.
    type Item;
    /// The elements in the order of their positions.
    fn ad_slice(&self) -> &[Self::Item];
    /// The same, to be written.
    fn ad_slice_mut(&mut self) -> &mut [Self::Item];
}

macro_rules! contiguous {
    ($([$($p:tt)*] $t:ty, $read:ident, $write:ident;)*) => { $(
        impl<$($p)*> Contiguous for $t {
            type Item = T;
            #[inline(always)]
            fn ad_slice(&self) -> &[T] {
                self.$read()
            }
            #[inline(always)]
            fn ad_slice_mut(&mut self) -> &mut [T] {
                self.$write()
            }
        }
    )* };
}
contiguous! {
    [T] Vec<T>, as_slice, as_mut_slice;
    [T, const N: usize] [T; N], as_slice, as_mut_slice;
    [T, C: Dim] Matrix<T, Dyn, C, VecStorage<T, Dyn, C>>, as_slice, as_mut_slice;
    [T, const R: usize, const C: usize] Matrix<T, Const<R>, Const<C>, ArrayStorage<T, R, C>>, as_slice, as_mut_slice;
}

impl<T> Contiguous for [T] {
    type Item = T;
    #[inline(always)]
    fn ad_slice(&self) -> &[T] {
        self
    }
    #[inline(always)]
    fn ad_slice_mut(&mut self) -> &mut [T] {
        self
    }
}

/// A buffer to be read.
#[derive(Debug)]
pub struct Buffer<'a, B: ?Sized>(pub &'a B);

/// A buffer to be written.
#[derive(Debug)]
pub struct BufferMut<'a, B: ?Sized>(pub Option<&'a mut B>);

/// `turns` elements from `from` on, of a buffer that has so many.
pub trait Stretch {
    /// What is indexed from zero on.
    type Out;
    /// The stretch.
    fn ad_stretch(self, from: usize, turns: usize) -> Self::Out;
    /// As much of it as the buffer has.
    fn ad_reach(self, from: usize, turns: usize) -> Self::Out;
}

impl<'a, B: Contiguous + ?Sized> Stretch for Buffer<'a, B> {
    type Out = &'a [B::Item];
    #[inline(always)]
    fn ad_stretch(self, from: usize, turns: usize) -> &'a [B::Item] {
        &self.0.ad_slice()[from..][..turns]
    }
    #[inline(always)]
    fn ad_reach(self, from: usize, turns: usize) -> &'a [B::Item] {
        let rest = self.0.ad_slice().get(from..).unwrap_or_default();
        &rest[..turns.min(rest.len())]
    }
}

impl<'a, B: Contiguous + ?Sized> Stretch for BufferMut<'a, B> {
    type Out = Option<&'a mut [B::Item]>;
    #[inline(always)]
    fn ad_stretch(self, from: usize, turns: usize) -> Self::Out {
        let buffer = self.0?.ad_slice_mut();
        Some(&mut buffer[from..][..turns])
    }
    #[inline(always)]
    fn ad_reach(self, from: usize, turns: usize) -> Self::Out {
        let buffer = self.0?.ad_slice_mut();
        let rest = buffer.get_mut(from..).unwrap_or_default();
        let turns = turns.min(rest.len());
        Some(&mut rest[..turns])
    }
}

/// The stretch of any other buffer, such as a view of a matrix: method resolution comes here last.
pub trait StretchElsewhere {
    /// As of [`Stretch`].
    type Out;
    /// As of [`Stretch`].
    fn ad_stretch(self, from: usize, turns: usize) -> Self::Out;
    /// As of [`Stretch`].
    fn ad_reach(self, from: usize, turns: usize) -> Self::Out;
}

impl<'a, B: ?Sized> StretchElsewhere for &Buffer<'a, B> {
    type Out = Part<&'a B>;
    #[inline(always)]
    fn ad_stretch(self, from: usize, _: usize) -> Part<&'a B> {
        Part {
            buffer: self.0,
            from,
        }
    }
    #[inline(always)]
    fn ad_reach(self, from: usize, turns: usize) -> Part<&'a B> {
        self.ad_stretch(from, turns)
    }
}

impl<'a, B: ?Sized> StretchElsewhere for &mut BufferMut<'a, B> {
    type Out = Option<Part<&'a mut B>>;
    #[inline(always)]
    fn ad_stretch(self, from: usize, _: usize) -> Self::Out {
        let buffer = self.0.take()?;
        Some(Part { buffer, from })
    }
    #[inline(always)]
    fn ad_reach(self, from: usize, turns: usize) -> Self::Out {
        self.ad_stretch(from, turns)
    }
}

/// A buffer of which positions are counted from another one than the first.
#[derive(Debug)]
pub struct Part<B> {
    buffer: B,
    from: usize,
}

impl<B: Index<usize> + ?Sized> Index<usize> for Part<&B> {
    type Output = B::Output;
    #[inline(always)]
    fn index(&self, at: usize) -> &B::Output {
        &self.buffer[self.from + at]
    }
}

impl<B: Index<usize> + ?Sized> Index<usize> for Part<&mut B> {
    type Output = B::Output;
    #[inline(always)]
    fn index(&self, at: usize) -> &B::Output {
        &self.buffer[self.from + at]
    }
}

impl<B: IndexMut<usize> + ?Sized> IndexMut<usize> for Part<&mut B> {
    #[inline(always)]
    fn index_mut(&mut self, at: usize) -> &mut B::Output {
        &mut self.buffer[self.from + at]
    }
}

/// Numbers that a loop is about to overwrite.
pub trait Saved {
    /// Saves so many of them, or as many as there are.
    fn save(self, turns: usize, words: &mut Stack<u64>);
}

impl<T: Word> Saved for &[T] {
    #[inline]
    fn save(self, _: usize, words: &mut Stack<u64>) {
        words.extend(self);
    }
}

impl<B: Index<usize, Output: Word> + ?Sized> Saved for Part<&B> {
    fn save(self, turns: usize, words: &mut Stack<u64>) {
        (0..turns).for_each(|at| words.push(self[at].word()));
    }
}

/// Numbers that a loop has overwritten.
pub trait Overwritten {
    /// Puts so many of them back as they were.
    fn load(self, turns: usize, words: &mut Stack<u64>);
}

impl<T: Word> Overwritten for &mut [T] {
    #[inline]
    fn load(self, _: usize, words: &mut Stack<u64>) {
        words.take(self);
    }
}

impl<B: IndexMut<usize, Output: Word> + ?Sized> Overwritten for Part<&mut B> {
    fn load(mut self, turns: usize, words: &mut Stack<u64>) {
        (0..turns)
            .rev()
            .for_each(|at| self[at] = Word::of(words.pop()));
    }
}
