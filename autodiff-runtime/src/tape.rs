//! What a forward sweep saves per iteration, last in, first out.
//!
//! One [`Tape`] is threaded through a whole call tree. A record is everything that one iteration of one loop saves. The
//! numbers, counters and marks of all records lie on one stack of words; a record with other data has a lane for its type. Straight-line code saves nothing here: its values are captured
//! by the residual closure.

use core::any::{Any, TypeId};
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

use nalgebra::{Dim, Matrix, RawStorageMut};

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

impl Stack<u64> {
    /// So few words are moved one by one: a copy of memory is a call.
    const SHORT: usize = 8;

    /// Pushes all values, the first one first.
    #[inline]
    pub fn extend<T: Word>(&mut self, values: &[T]) {
        if values.len() < Self::SHORT {
            values.iter().for_each(|it| self.push(it.word()));
            return;
        }
        let end = self.len + values.len();
        if end > self.slots.len() {
            self.make_room(end);
        }
        for (slot, value) in self.slots[self.len..end].iter_mut().zip(values) {
            *slot = value.word();
        }
        self.len = end;
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, end: usize) {
        self.slots.reserve(end - self.slots.len());
        let ready = self.slots.capacity().min(end + Self::FILL);
        self.slots.resize(ready, 0);
    }

    /// Takes back what was pushed by `extend`.
    ///
    /// # Panics
    /// If there is not so much, which means that the generated code is wrong.
    #[inline]
    pub fn take<T: Word>(&mut self, values: &mut [T]) {
        if values.len() < Self::SHORT {
            values
                .iter_mut()
                .rev()
                .for_each(|it| *it = T::of(self.pop()));
            return;
        }
        let start = self.len - values.len();
        for (value, slot) in values.iter_mut().zip(&self.slots[start..self.len]) {
            *value = T::of(*slot);
        }
        self.len = start;
    }
}

/// How much has been saved of a buffer whose numbers a loop overwrites and which no reverse statement of the loop reads:
/// it only has to be as it was when the loop is undone. Numbers are saved one by one as long as they are no more than
/// the buffer has; then the buffer is saved as it is, and nothing more.
///
/// The writes come in groups, those of one inner loop, so that the inner loop does not have to count.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    groups: usize,
    /// An upper bound of the numbers that have been saved.
    numbers: usize,
    /// How many the buffer has.
    all: usize,
    /// The first group whose numbers are not saved.
    whole: usize,
}

impl Default for Log {
    fn default() -> Self {
        Log {
            groups: 0,
            numbers: 0,
            all: 0,
            whole: usize::MAX,
        }
    }
}

/// Data that are some words: numbers, counters, marks. They are saved on one stack for all, without looking for a lane.
pub trait Words: Sized {
    /// Saves the words.
    fn save(self, words: &mut Stack<u64>);
    /// Takes what was saved last.
    fn load(words: &mut Stack<u64>) -> Self;
}

impl Words for () {
    #[inline(always)]
    fn save(self, _: &mut Stack<u64>) {}
    #[inline(always)]
    fn load(_: &mut Stack<u64>) {}
}

impl<A: Words, B: Words> Words for (A, B) {
    #[inline(always)]
    fn save(self, words: &mut Stack<u64>) {
        self.0.save(words);
        self.1.save(words);
    }
    #[inline(always)]
    fn load(words: &mut Stack<u64>) -> (A, B) {
        let last = B::load(words);
        (A::load(words), last)
    }
}

/// Always as many words, whatever there is.
impl<W: Words + Default> Words for Option<W> {
    #[inline(always)]
    fn save(self, words: &mut Stack<u64>) {
        let there = self.is_some();
        self.unwrap_or_default().save(words);
        there.save(words);
    }
    #[inline(always)]
    fn load(words: &mut Stack<u64>) -> Option<W> {
        let there = bool::load(words);
        let value = W::load(words);
        there.then_some(value)
    }
}

/// What is saved as one word.
pub trait Word: Copy {
    /// The word.
    fn word(self) -> u64;
    /// What the word was made of.
    fn of(word: u64) -> Self;
}

macro_rules! word {
    ($($t:ty: $value:ident => $word:expr, $back:expr;)*) => { $(
        impl Word for $t {
            #[inline(always)]
            fn word(self) -> u64 {
                let $value = self;
                $word
            }
            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, reason = "the word was such a number")]
            fn of($value: u64) -> $t {
                $back
            }
        }
        impl Words for $t {
            #[inline(always)]
            fn save(self, words: &mut Stack<u64>) {
                words.push(self.word());
            }
            #[inline(always)]
            fn load(words: &mut Stack<u64>) -> $t {
                Word::of(words.pop())
            }
        }
    )* };
}
word! {
    f64: it => it.to_bits(), f64::from_bits(it);
    f32: it => u64::from(it.to_bits()), f32::from_bits(it as u32);
    bool: it => u64::from(it), it != 0;
    u16: it => u64::from(it), it as u16;
    u32: it => u64::from(it), it as u32;
    usize: it => it as u64, it as usize;
}

/// The type of the words of the records of one loop, fixed by what the forward half saves.
#[derive(Debug)]
pub struct WordRecord<T>(PhantomData<fn() -> T>);

impl<T> Clone for WordRecord<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for WordRecord<T> {}

/// A record type of words that inference will fill in.
#[inline(always)]
#[must_use]
pub fn word_record<T>() -> WordRecord<T> {
    WordRecord(PhantomData)
}

impl<T: Words> WordRecord<T> {
    /// Saves the record of one iteration.
    #[inline(always)]
    pub fn save(self, words: &mut Stack<u64>, record: T) {
        record.save(words);
    }

    /// Takes the record that was saved last.
    #[inline(always)]
    #[must_use]
    pub fn load(self, words: &mut Stack<u64>) -> T {
        T::load(words)
    }
}

/// Numbers that are saved and put back all at once: those of a buffer.
pub trait Numbers {
    /// How many numbers there are.
    fn ad_len(&self) -> usize;
    /// Saves all of them.
    fn ad_save(&self, words: &mut Stack<u64>);
    /// Takes all of them back.
    fn ad_load(&mut self, words: &mut Stack<u64>);
    /// Saves those of several buffers.
    fn ad_save_all(all: &[Self], words: &mut Stack<u64>)
    where
        Self: Sized,
    {
        all.iter().for_each(|it| it.ad_save(words));
    }
    /// Takes those of several buffers back.
    fn ad_load_all(all: &mut [Self], words: &mut Stack<u64>)
    where
        Self: Sized,
    {
        all.iter_mut().rev().for_each(|it| it.ad_load(words));
    }
}

macro_rules! one_number {
    ($($t:ident)*) => { $(
        impl Numbers for $t {
            #[inline(always)]
            fn ad_len(&self) -> usize {
                1
            }
            #[inline(always)]
            fn ad_save(&self, words: &mut Stack<u64>) {
                Words::save(*self, words);
            }
            #[inline(always)]
            fn ad_load(&mut self, words: &mut Stack<u64>) {
                *self = Words::load(words);
            }
            #[inline]
            fn ad_save_all(all: &[$t], words: &mut Stack<u64>) {
                words.extend(all);
            }
            #[inline]
            fn ad_load_all(all: &mut [$t], words: &mut Stack<u64>) {
                words.take(all);
            }
        }
    )* };
}
one_number!(f32 f64);

impl<T: Numbers> Numbers for [T] {
    fn ad_len(&self) -> usize {
        self.iter().map(T::ad_len).sum()
    }
    fn ad_save(&self, words: &mut Stack<u64>) {
        T::ad_save_all(self, words);
    }
    fn ad_load(&mut self, words: &mut Stack<u64>) {
        T::ad_load_all(self, words);
    }
}

macro_rules! buffer {
    ([$($p:tt)*] $t:ty: $slice:ident $slice_mut:ident) => {
        impl<$($p)*> Numbers for $t {
            fn ad_len(&self) -> usize {
                self.$slice().ad_len()
            }
            fn ad_save(&self, words: &mut Stack<u64>) {
                self.$slice().ad_save(words);
            }
            fn ad_load(&mut self, words: &mut Stack<u64>) {
                self.$slice_mut().ad_load(words);
            }
        }
    };
}
buffer!([T: Numbers] Vec<T>: as_slice as_mut_slice);
buffer!([T: Numbers] Box<[T]>: as_ref as_mut);
buffer!([T: Numbers, const N: usize] [T; N]: as_slice as_mut_slice);

impl<T: Numbers, R: Dim, C: Dim, S: RawStorageMut<T, R, C>> Numbers for Matrix<T, R, C, S> {
    fn ad_len(&self) -> usize {
        self.iter().map(T::ad_len).sum()
    }
    fn ad_save(&self, words: &mut Stack<u64>) {
        self.iter().for_each(|it| it.ad_save(words));
    }
    fn ad_load(&mut self, words: &mut Stack<u64>) {
        self.iter_mut().rev().for_each(|it| it.ad_load(words));
    }
}

impl Log {
    /// Before a group of at most so many writes: are the numbers to be saved?
    #[inline]
    #[must_use]
    pub fn begin<B: Numbers + ?Sized>(
        &mut self,
        words: &mut Stack<u64>,
        buffer: &B,
        writes: usize,
    ) -> bool {
        if self.whole == usize::MAX {
            if self.groups == 0 {
                self.all = buffer.ad_len();
            }
            self.numbers = self.numbers.saturating_add(writes);
            if self.numbers > self.all {
                self.whole = self.groups;
                buffer.ad_save(words);
            }
        }
        self.groups += 1;
        self.groups <= self.whole
    }

    /// Before a group is undone: have its numbers been saved?
    #[inline]
    #[must_use]
    pub fn undo(&mut self) -> bool {
        self.groups -= 1;
        self.groups < self.whole
    }

    /// After a group is undone: puts the whole buffer back, if it was saved before the group.
    #[inline]
    pub fn undone<B: Numbers + ?Sized>(&self, words: &mut Stack<u64>, buffer: &mut B) {
        if self.groups == self.whole {
            buffer.ad_load(words);
        }
    }
}

trait Lane: Any {
    fn duplicate(&self) -> Box<dyn Lane>;
    fn is_empty(&self) -> bool;
    /// The memory that it holds.
    fn bytes(&self) -> usize;
}

impl<T> Stack<T> {
    /// The memory that it holds.
    fn bytes(&self) -> usize {
        self.slots.capacity().saturating_mul(size_of::<T>())
    }
}

impl<T: Clone + 'static> Lane for Stack<T> {
    fn duplicate(&self) -> Box<dyn Lane> {
        Box::new(self.clone())
    }
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    fn bytes(&self) -> usize {
        Stack::bytes(self)
    }
}

/// The saved records of a call tree.
///
/// A lane is for a type and a number: the number tells apart the loops that take their lanes out at the same time, which
/// may have records of one type.
#[derive(Default)]
pub struct Tape {
    lanes: Lanes,
    last: usize,
    words: Stack<u64>,
}

impl core::fmt::Debug for Tape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tape")
            .field("lanes", &self.lanes.len())
            .finish_non_exhaustive()
    }
}

impl Clone for Tape {
    /// A sweep that saved nothing can be repeated for nothing, and where everything is inlined rustc sees that.
    #[inline]
    fn clone(&self) -> Self {
        if self.lanes.is_empty() && self.words.slots.is_empty() {
            Tape::default()
        } else {
            self.copied()
        }
    }
}

impl Tape {
    #[cold]
    #[inline(never)]
    fn copied(&self) -> Self {
        Tape {
            last: 0,
            words: self.words.clone(),
            lanes: Lanes(ManuallyDrop::new(
                self.lanes
                    .iter()
                    .map(|(id, lane)| (*id, (**lane).duplicate()))
                    .collect(),
            )),
        }
    }
}

/// A lane, with the type and the number by which it is found.
type Entry = ((TypeId, usize), Box<dyn Lane>);

/// The lanes of a tape. Where there are none, and everything is inlined, rustc sees that there is nothing to drop: the
/// code that drops some stands elsewhere, since rustc would make a call of it as a whole.
struct Lanes(ManuallyDrop<Vec<Entry>>);

impl Default for Lanes {
    #[inline(always)]
    fn default() -> Self {
        Lanes(ManuallyDrop::new(Vec::new()))
    }
}

impl Deref for Lanes {
    type Target = Vec<Entry>;
    #[inline(always)]
    fn deref(&self) -> &Vec<Entry> {
        &self.0
    }
}

impl DerefMut for Lanes {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Vec<Entry> {
        &mut self.0
    }
}

impl Drop for Lanes {
    #[inline(always)]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn drop_all(lanes: Vec<Entry>) {
            drop(lanes);
        }
        if self.0.capacity() > 0 {
            let all = core::mem::replace(&mut self.0, ManuallyDrop::new(Vec::new()));
            drop_all(ManuallyDrop::into_inner(all));
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

std::thread_local! {
    static WORKSPACES: Cell<usize> = const { Cell::new(0) };
}

/// Keeps the memory of the last sweep of its thread for the next one, however large it is, for as long as the workspace
/// lives.
///
/// `grad`, `value_and_grad`, `adjoint`, `hvp` and their like keep what they saved in a loop in memory that they leave to the
/// next call on the same thread. Without a workspace they leave at most 64 MiB; a larger one is returned to the system,
/// which hands it out again page by page. A workspace changes no result.
///
/// The memory is that of the largest sweep: for a loop of n steps, n times what one step saves.
///
/// ```
/// use differentiate::{Workspace, differentiate};
///
/// #[differentiate]
/// fn logistic(x: f64, r: f64, steps: usize) -> f64 {
///     let mut x = x;
///     for _ in 0..steps {
///         x = r * x * (1.0 - x);
///     }
///     x
/// }
///
/// let _workspace = Workspace::new();
/// let mut r = 3.0;
/// for _ in 0..5 {
///     let (_, slope) = logistic::grad(0.3, r, 1000);
///     r -= 0.01 * slope;
/// }
/// assert!(r < 3.0);
/// ```
#[derive(Debug)]
pub struct Workspace {
    /// It belongs to its thread.
    thread: PhantomData<*const ()>,
}

impl Workspace {
    /// A workspace for the present thread. There may be several; the memory is given back with the last one.
    #[must_use]
    pub fn new() -> Self {
        WORKSPACES.with(|it| it.set(it.get() + 1));
        Workspace {
            thread: PhantomData,
        }
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let left = WORKSPACES.try_with(|it| {
            it.set(it.get() - 1);
            it.get()
        });
        if left == Ok(0) {
            let _ = SPARE.try_with(Cell::take);
        }
    }
}

/// How much memory a tape may leave to the next.
fn spare_bytes() -> usize {
    match WORKSPACES.try_with(Cell::get) {
        Ok(0) | Err(_) => SPARE_BYTES,
        Ok(_) => usize::MAX,
    }
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
        let lanes: usize = tape.lanes.iter().map(|(_, lane)| (**lane).bytes()).sum();
        let bytes = lanes.saturating_add(tape.words.bytes());
        // After a panic in the middle of a sweep there may be something left.
        if tape.is_empty() && bytes > 0 && bytes <= spare_bytes() && tape.lanes.len() <= SPARE_LANES
        {
            // A thread that ends has no spare tape any more.
            let _ = SPARE.try_with(|it| it.set(Some(tape)));
        }
    }
}

/// A part of a record of which there may be no more than one value, so that nothing has to be kept of it.
pub trait Only: Sized {
    /// That value, if there is one alone.
    #[inline(always)]
    #[must_use]
    fn only() -> Option<Self> {
        None
    }
}

impl<A: Only, B: Only> Only for (A, B) {
    #[inline(always)]
    fn only() -> Option<(A, B)> {
        Some((A::only()?, B::only()?))
    }
}

/// What has no data has one value alone.
macro_rules! only {
    ($([$($p:tt)*] $t:ty = $value:expr),* $(,)?) => { $(
        impl<$($p)*> $crate::tape::Only for $t {
            #[inline(always)]
            fn only() -> Option<Self> {
                Some($value)
            }
        }
    )* };
}
pub(crate) use only;

only!([]() = ());

/// A loop's way to its records: the lane that it takes out of the tape, and the records themselves.
pub trait Records: Copy {
    /// What one iteration saves.
    type Record: Clone + 'static;
    /// The records, taken out of the tape.
    type Lane;
    /// Takes the lane out.
    fn take(self, tape: &mut Tape) -> Self::Lane;
    /// Puts it back.
    fn give(self, tape: &mut Tape, lane: Self::Lane);
    /// Saves the record of one iteration.
    fn push(self, tape: &mut Tape, record: Self::Record);
    /// Takes the record that was saved last.
    fn pop(self, tape: &mut Tape) -> Self::Record;
}

impl<T: Clone + 'static> Records for Record<T> {
    type Record = T;
    type Lane = Stack<T>;
    #[inline]
    fn take(self, tape: &mut Tape) -> Stack<T> {
        core::mem::take(tape.lane(self))
    }
    #[inline]
    fn give(self, tape: &mut Tape, lane: Stack<T>) {
        *tape.lane(self) = lane;
    }
    #[inline]
    fn push(self, tape: &mut Tape, record: T) {
        tape.lane(self).push(record);
    }
    #[inline]
    fn pop(self, tape: &mut Tape) -> T {
        tape.lane(self).pop()
    }
}

/// The records of a loop that may turn out to be nothing, once their types are known: then there is no lane.
#[derive(Debug)]
pub struct LightRecord<T>(Record<T>);

impl<T> Clone for LightRecord<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for LightRecord<T> {}

/// A light record type that inference will fill in.
#[inline(always)]
#[must_use]
pub fn light_record<T>(number: usize) -> LightRecord<T> {
    LightRecord(record(number))
}

/// A stack of records of which there may be only one.
#[derive(Debug)]
pub struct LightStack<T>(Stack<T>);

impl<T: Only + Clone> LightStack<T> {
    /// Pushes a record.
    #[inline(always)]
    pub fn push(&mut self, record: T) {
        if T::only().is_none() {
            self.0.push(record);
        }
    }

    /// Pops the record that was pushed last.
    #[inline(always)]
    pub fn pop(&mut self) -> T {
        T::only().unwrap_or_else(|| self.0.pop())
    }
}

impl<T: Only + Clone + 'static> Records for LightRecord<T> {
    type Record = T;
    type Lane = LightStack<T>;
    #[inline(always)]
    fn take(self, tape: &mut Tape) -> LightStack<T> {
        LightStack(if T::only().is_none() {
            self.0.take(tape)
        } else {
            Stack::default()
        })
    }
    #[inline(always)]
    fn give(self, tape: &mut Tape, lane: LightStack<T>) {
        if T::only().is_none() {
            self.0.give(tape, lane.0);
        }
    }
    #[inline(always)]
    fn push(self, tape: &mut Tape, record: T) {
        if T::only().is_none() {
            self.0.push(tape, record);
        }
    }
    #[inline(always)]
    fn pop(self, tape: &mut Tape) -> T {
        T::only().unwrap_or_else(|| self.0.pop(tape))
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
    #[inline(always)]
    pub fn push<R: Records>(&mut self, at: R, record: R::Record) {
        at.push(self, record);
    }

    /// Takes the record that was saved last.
    ///
    /// # Panics
    /// If there is none, which means that the generated code is wrong.
    #[inline(always)]
    pub fn pop<R: Records>(&mut self, at: R) -> R::Record {
        at.pop(self)
    }

    /// Takes a whole lane out, so that a loop without calls looks it up once.
    #[inline(always)]
    pub fn take<R: Records>(&mut self, at: R) -> R::Lane {
        at.take(self)
    }

    /// Puts a lane back.
    #[inline(always)]
    pub fn give<R: Records>(&mut self, at: R, lane: R::Lane) {
        at.give(self, lane);
    }

    /// The stack of words.
    #[inline(always)]
    #[must_use]
    pub fn words(&mut self) -> &mut Stack<u64> {
        &mut self.words
    }

    /// Takes the stack of words out for a loop without calls.
    #[inline(always)]
    #[must_use]
    pub fn take_words(&mut self) -> Stack<u64> {
        core::mem::take(&mut self.words)
    }

    /// Puts it back.
    #[inline(always)]
    pub fn give_words(&mut self, words: Stack<u64>) {
        self.words = words;
    }

    /// Has everything that was saved been taken?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.len() == 0 && self.lanes.iter().all(|(_, lane)| (**lane).is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The memory that a sweep of so many words leaves to the next.
    fn left_by(words: usize) -> usize {
        let mut reel = Reel::new();
        reel.words = Stack {
            slots: vec![0; words],
            len: 0,
        };
        drop(reel);
        Reel::new().words.bytes()
    }

    #[test]
    fn a_workspace_keeps_what_is_large() {
        let small = 1000;
        let large = SPARE_BYTES / size_of::<u64>() + 1;
        assert!(left_by(small) >= small * size_of::<u64>());
        assert_eq!(left_by(large), 0);
        let outer = Workspace::new();
        drop(Workspace::new());
        assert!(left_by(large) > SPARE_BYTES);
        drop(outer);
        assert_eq!(Reel::new().words.bytes(), 0);
        assert_eq!(left_by(large), 0);
    }
}
