//! What a forward sweep saves per iteration, last in, first out.
//!
//! One [`Tape`] is threaded through a whole call tree. It has one lane per type of saved record; a record is the tuple
//! of everything that one iteration of one loop saves. Straight-line code saves nothing here: its values are captured
//! by the residual closure.

use core::any::{Any, TypeId};
use core::cell::Cell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::elements::{Elements, ElementsMut};

/// A stack of records.
///
/// Records that need no drop lie in pre-filled slots: `Vec::push` hands its vector to a cold path by reference, which
/// keeps pointer, length and capacity in memory during the hot loop (a factor of two in tight loops); `grow` takes the
/// buffer by value instead. Records that own something are pushed and popped, because filling clones and taking out of a
/// slot leaves a clone there.
#[derive(Debug)]
pub struct Stack<T> {
    slots: Vec<T>,
    /// How many slots are in use, where they are pre-filled.
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

impl<T: Clone> Clone for Stack<T> {
    fn clone(&self) -> Self {
        Stack {
            slots: self.slots[..self.len()].to_vec(),
            len: self.len,
        }
    }
}

impl<T> Stack<T> {
    const FILLED: bool = !core::mem::needs_drop::<T>();

    fn len(&self) -> usize {
        if Self::FILLED {
            self.len
        } else {
            self.slots.len()
        }
    }
}

impl<T: Clone> Stack<T> {
    /// So many slots are filled at a time that they are still in the cache when they are used.
    const FILL: usize = match size_of::<T>() {
        0 => 1024,
        size if size < 512 => 16_384 / size,
        _ => 32,
    };

    #[cold]
    #[inline(never)]
    fn grow(mut slots: Vec<T>, record: &T) -> Vec<T> {
        let len = slots.len();
        if len == slots.capacity() {
            slots.reserve(len.max(32));
        }
        let ready = slots.capacity().min(len + Self::FILL);
        slots.resize(ready, record.clone());
        slots
    }

    /// Pushes a record.
    #[inline]
    pub fn push(&mut self, record: T) {
        if !Self::FILLED {
            self.slots.push(record);
            return;
        }
        let len = self.len;
        if len >= self.slots.len() {
            self.slots = Self::grow(core::mem::take(&mut self.slots), &record);
        }
        if let Some(slot) = self.slots.get_mut(len) {
            *slot = record;
        }
        self.len = len + 1;
    }

    /// Pops the record that was pushed last.
    ///
    /// # Panics
    /// If there is none, which means that the generated code is wrong.
    #[inline]
    pub fn pop(&mut self) -> T {
        let record = if Self::FILLED {
            self.len = self.len.wrapping_sub(1);
            self.slots.get(self.len).cloned()
        } else {
            self.slots.pop()
        };
        record.expect("the reverse sweep takes what the forward sweep saved")
    }
}

/// Saves an element of a buffer that is about to be overwritten and that no reverse statement of its loop reads: it only
/// has to be as it was when the loop is undone. When as many elements have been saved as the buffer has, the buffer is
/// saved as it is, and nothing more.
#[inline]
pub fn log<E: Clone, B: Elements<Item = E> + ?Sized>(
    lane: &mut Stack<E>,
    written: &mut usize,
    buffer: &B,
    element: &E,
) {
    let count = buffer.ad_count();
    if *written < count {
        lane.push(element.clone());
    } else if *written == count {
        for k in 0..count {
            lane.push(buffer.ad_at(k).clone());
        }
    }
    *written += 1;
}

/// Undoes [`log`]: puts the whole buffer back if that was saved, and tells whether an element was.
#[inline]
#[must_use]
pub fn unlog<E: Clone, B: ElementsMut<Item = E> + ?Sized>(
    lane: &mut Stack<E>,
    written: &mut usize,
    buffer: &mut B,
) -> bool {
    let count = buffer.ad_count();
    *written -= 1;
    if *written == count {
        for k in (0..count).rev() {
            *buffer.ad_at_mut(k) = lane.pop();
        }
    }
    *written < count
}

trait Lane: Any {
    fn duplicate(&self) -> Box<dyn Lane>;
    fn is_empty(&self) -> bool;
    /// The memory that it holds.
    fn bytes(&self) -> usize;
}

impl<T: Clone + 'static> Lane for Stack<T> {
    fn duplicate(&self) -> Box<dyn Lane> {
        Box::new(self.clone())
    }
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    fn bytes(&self) -> usize {
        self.slots.capacity().saturating_mul(size_of::<T>())
    }
}

/// The saved records of a call tree.
///
/// A lane is for a type and a number: the number tells apart the loops that take their lanes out at the same time, which
/// may have records of one type.
#[derive(Default)]
pub struct Tape {
    lanes: Vec<((TypeId, usize), Box<dyn Lane>)>,
    last: usize,
}

impl core::fmt::Debug for Tape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tape")
            .field("lanes", &self.lanes.len())
            .finish_non_exhaustive()
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

/// A spare tape with more lanes than this is dropped: a lane is found by looking at each.
const SPARE_LANES: usize = 64;

/// A spare tape with more memory than this is dropped.
const SPARE_BYTES: usize = 64 << 20;

std::thread_local! {
    static SPARE: Cell<Option<Tape>> = const { Cell::new(None) };
}

/// A tape for one sweep to and fro, with the memory of the last one of its thread. Most of what the tape of a loop that
/// does little costs is memory that is new to the process.
#[derive(Debug)]
pub struct Reel(Tape);

impl Reel {
    /// The spare tape of the thread, or a new one.
    #[must_use]
    pub fn new() -> Self {
        Reel(
            SPARE
                .try_with(Cell::take)
                .ok()
                .flatten()
                .unwrap_or_default(),
        )
    }
}

impl Default for Reel {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Reel {
    type Target = Tape;
    fn deref(&self) -> &Tape {
        &self.0
    }
}

impl DerefMut for Reel {
    fn deref_mut(&mut self) -> &mut Tape {
        &mut self.0
    }
}

impl Drop for Reel {
    fn drop(&mut self) {
        let tape = core::mem::take(&mut self.0);
        let bytes: usize = tape.lanes.iter().map(|(_, lane)| (**lane).bytes()).sum();
        // After a panic in the middle of a sweep there may be something left.
        if tape.is_empty() && bytes > 0 && bytes <= SPARE_BYTES && tape.lanes.len() <= SPARE_LANES {
            // A thread that ends has no spare tape any more.
            let _ = SPARE.try_with(|it| it.set(Some(tape)));
        }
    }
}

/// The type of the records of one loop, fixed by the push of the forward half and known to the pop of the reverse half,
/// and the number of their lane.
#[derive(Debug)]
pub struct Record<T>(usize, PhantomData<fn() -> T>);

impl<T> Clone for Record<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Record<T> {}

/// A record type that inference will fill in.
#[inline(always)]
#[must_use]
pub fn record<T>(number: usize) -> Record<T> {
    Record(number, PhantomData)
}

impl Tape {
    #[inline]
    fn lane<T: Clone + 'static>(&mut self, record: Record<T>) -> &mut Stack<T> {
        let id = (TypeId::of::<T>(), record.0);
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
    fn find<T: Clone + 'static>(&mut self, id: (TypeId, usize)) -> usize {
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
    pub fn push<T: Clone + 'static>(&mut self, at: Record<T>, record: T) {
        self.lane(at).push(record);
    }

    /// Takes the record that was saved last.
    ///
    /// # Panics
    /// If there is none, which means that the generated code is wrong.
    #[inline]
    pub fn pop<T: Clone + 'static>(&mut self, at: Record<T>) -> T {
        self.lane(at).pop()
    }

    /// Takes a whole lane out, so that a loop without calls looks it up once.
    #[inline]
    pub fn take<T: Clone + 'static>(&mut self, at: Record<T>) -> Stack<T> {
        core::mem::take(self.lane(at))
    }

    /// Puts a lane back.
    #[inline]
    pub fn give<T: Clone + 'static>(&mut self, at: Record<T>, lane: Stack<T>) {
        *self.lane(at) = lane;
    }

    /// Has everything that was saved been taken?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lanes.iter().all(|(_, lane)| (**lane).is_empty())
    }
}
