//! What a forward sweep saves per iteration, last in, first out.
//!
//! One [`Tape`] is threaded through a whole call tree. It has one lane per type of saved record; a record is the tuple
//! of everything that one iteration of one loop saves. Straight-line code saves nothing here: its values are captured
//! by the residual closure.

use core::any::{Any, TypeId};
use core::marker::PhantomData;

/// A stack made of pre-filled slots.
///
/// `Vec::push` hands its vector to a cold path by reference, which keeps pointer, length and capacity in memory during
/// the hot loop (a factor of two in tight loops); `grow` takes the buffer by value instead.
#[derive(Clone, Debug)]
pub struct Stack<T> {
    slots: Vec<Option<T>>,
    len: usize,
}

impl<T> Default for Stack<T> {
    fn default() -> Self {
        Stack {
            slots: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Stack<T> {
    #[cold]
    #[inline(never)]
    fn grow(mut slots: Vec<Option<T>>) -> Vec<Option<T>> {
        let len = (2 * slots.len()).max(32);
        slots.resize_with(len, || None);
        slots
    }

    /// Pushes a record.
    #[inline]
    pub fn push(&mut self, record: T) {
        let len = self.len;
        if len >= self.slots.len() {
            self.slots = Self::grow(core::mem::take(&mut self.slots));
        }
        if let Some(slot) = self.slots.get_mut(len) {
            *slot = Some(record);
        }
        self.len = len + 1;
    }

    /// Pops the record that was pushed last.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.len = self.len.wrapping_sub(1);
        self.slots.get_mut(self.len)?.take()
    }
}

trait Lane: Any {
    fn duplicate(&self) -> Box<dyn Lane>;
    fn is_empty(&self) -> bool;
}

impl<T: Clone + 'static> Lane for Stack<T> {
    fn duplicate(&self) -> Box<dyn Lane> {
        Box::new(self.clone())
    }
    fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The saved records of a call tree, one lane per type.
#[derive(Default)]
pub struct Tape {
    lanes: Vec<(TypeId, Box<dyn Lane>)>,
    last: usize,
}

impl core::fmt::Debug for Tape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tape")
            .field("lanes", &self.lanes.len())
            .finish()
    }
}

impl Clone for Tape {
    fn clone(&self) -> Self {
        Tape {
            last: 0,
            lanes: self
                .lanes
                .iter()
                .map(|(id, lane)| (*id, (**lane).duplicate()))
                .collect(),
        }
    }
}

/// The type of the records of one loop, fixed by the push of the forward half and known to the pop of the reverse half.
#[derive(Debug)]
pub struct Record<T>(PhantomData<fn() -> T>);

impl<T> Clone for Record<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Record<T> {}

/// A record type that inference will fill in.
#[inline(always)]
#[must_use]
pub fn record<T>() -> Record<T> {
    Record(PhantomData)
}

impl Tape {
    #[inline]
    fn lane<T: Clone + 'static>(&mut self) -> &mut Stack<T> {
        let id = TypeId::of::<T>();
        if self
            .lanes
            .get(self.last)
            .is_none_or(|(lane, _)| *lane != id)
        {
            self.last = self.find::<T>(id);
        }
        let lane: &mut dyn Any = &mut *self.lanes[self.last].1;
        lane.downcast_mut()
            .expect("a lane has the type that it is filed under")
    }

    #[inline(never)]
    fn find<T: Clone + 'static>(&mut self, id: TypeId) -> usize {
        self.lanes
            .iter()
            .position(|(lane, _)| *lane == id)
            .unwrap_or_else(|| {
                self.lanes.push((id, Box::new(Stack::<T>::default())));
                self.lanes.len() - 1
            })
    }

    /// Saves the record of one iteration.
    #[inline]
    pub fn push<T: Clone + 'static>(&mut self, _: Record<T>, record: T) {
        self.lane::<T>().push(record);
    }

    /// Takes the record that was saved last.
    ///
    /// # Panics
    /// If there is none, which means that the generated code is wrong.
    #[inline]
    pub fn pop<T: Clone + 'static>(&mut self, _: Record<T>) -> T {
        self.lane::<T>()
            .pop()
            .expect("the reverse sweep takes what the forward sweep saved")
    }

    /// Takes a whole lane out, so that a loop without calls looks it up once.
    #[inline]
    pub fn take<T: Clone + 'static>(&mut self, _: Record<T>) -> Stack<T> {
        core::mem::take(self.lane::<T>())
    }

    /// Puts a lane back.
    #[inline]
    pub fn give<T: Clone + 'static>(&mut self, _: Record<T>, stack: Stack<T>) {
        *self.lane::<T>() = stack;
    }

    /// Has everything that was saved been taken?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lanes.iter().all(|(_, lane)| (**lane).is_empty())
    }
}
