//! What a frame saves, and the pushes that save it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::{Lanes, names};
use super::Forward;
use crate::analysis::Storage;
use crate::analysis::needs::place_fact;
use crate::ir::{Fact, Place, ScopeId, VarId};

/// What is known of an item that a frame saves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It may turn out to be nothing, once its type is known.
    Light,
    /// It is a number, a counter or a mark, or an `Option` of one.
    Words,
    Data,
}

/// What the frame of a loop saves, in order.
#[derive(Default)]
pub(in crate::emit) struct Record {
    pub(super) items: Vec<(Ident, Kind)>,
}

impl Record {
    pub(in crate::emit) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items of the record that lies in a lane, as an expression or a pattern. One without data is a nest of pairs.
    pub(in crate::emit) fn lane(&self, of: impl Fn(&Ident) -> TokenStream) -> Option<TokenStream> {
        if self.has_data() {
            return Some(self.tuple(of));
        }
        self.nest(Kind::Light, of)
    }

    /// The items that lie on the stack of words.
    pub(in crate::emit) fn words(&self, of: impl Fn(&Ident) -> TokenStream) -> Option<TokenStream> {
        if self.has_data() {
            return None;
        }
        self.nest(Kind::Words, of)
    }

    /// All items.
    pub(in crate::emit) fn tuple(&self, of: impl Fn(&Ident) -> TokenStream) -> TokenStream {
        let items = self.items.iter().map(|it| of(&it.0));
        quote!((#(#items,)*))
    }

    fn has_data(&self) -> bool {
        self.items.iter().any(|it| it.1 == Kind::Data)
    }

    fn nest(&self, kind: Kind, of: impl Fn(&Ident) -> TokenStream) -> Option<TokenStream> {
        let items: Vec<&Ident> = (self.items.iter())
            .filter(|it| it.1 == kind)
            .map(|it| &it.0)
            .collect();
        let nest = |rest, it: &&Ident| {
            let it = of(it);
            quote!((#it, #rest))
        };
        (!items.is_empty()).then(|| items.iter().rev().fold(quote!(()), nest))
    }
}

#[derive(Default)]
pub(super) struct Frame {
    pub(super) scope: Option<ScopeId>,
    pub(super) record: Record,
    /// Declarations at the start of the frame.
    pub(super) hoisted: TokenStream,
}

/// A loop without calls that stands in no other: it takes the lanes of its records out of the tape, and those of the
/// loops inside of it, because nobody else saves anything while it runs.
pub(super) struct Region {
    pub(super) scope: ScopeId,
    pub(super) lanes: Lanes,
}

/// A value that is stored when its block ends or an exit leaves it.
pub(super) struct Flush {
    /// After the result of the block is made, by move.
    pub(super) after: TokenStream,
}

impl Forward<'_> {
    pub(super) fn frame(&mut self) -> &mut Frame {
        self.frames
            .last_mut()
            .unwrap_or_else(|| unreachable!("statements are emitted inside a frame"))
    }

    pub(super) fn frame_scope(&self) -> ScopeId {
        self.frames
            .last()
            .and_then(|it| it.scope)
            .unwrap_or(self.cx.func.scope)
    }

    /// Is what is defined here defined whenever the frame ends?
    pub(super) fn definite(&self) -> bool {
        self.root && !self.left.contains(&self.frame_scope())
    }

    /// An item of the record.
    pub(super) fn keep(&mut self, name: Ident, kind: Kind) {
        self.frame().record.items.push((name, kind));
    }

    /// Saves a value of our own under a name.
    pub(super) fn save(&mut self, name: &Ident, value: TokenStream, kind: Kind) -> TokenStream {
        if self.definite() {
            self.keep(name.clone(), kind);
            return quote!(let #name = #value;);
        }
        let kind = match kind {
            Kind::Light => Kind::Data,
            other => other,
        };
        self.keep_optional(name.clone(), kind);
        self.optional.insert(name.to_string());
        quote!(#name = ::core::option::Option::Some(#value);)
    }

    /// An item of the record that may not be there, declared at the start of the frame.
    pub(super) fn keep_optional(&mut self, name: Ident, kind: Kind) {
        self.hoist(&name, quote!(::core::option::Option::None), kind);
    }

    /// An item with a default, declared at the start of the frame.
    pub(super) fn hoist(&mut self, name: &Ident, init: TokenStream, kind: Kind) {
        self.keep(name.clone(), kind);
        self.frame().hoisted.extend(quote!(let mut #name = #init;));
    }

    /// What a saved variable is.
    pub(super) fn kind(&self, var: VarId) -> Kind {
        if self.cx.is_scalar(var) && !self.cx.func.var(var).borrows {
            Kind::Words
        } else {
            Kind::Data
        }
    }

    /// What the old value of a place is.
    pub(super) fn kind_of_place(&self, place: &Place) -> Kind {
        if place_fact(self.func(), place) == Fact::Scalar {
            Kind::Words
        } else {
            Kind::Data
        }
    }

    /// The declarations and the push of a frame that is complete. `few`: the number of turns of the loop, if it is small
    /// and known.
    pub(super) fn finish_frame(
        &mut self,
        scope: ScopeId,
        few: Option<usize>,
    ) -> (TokenStream, TokenStream) {
        let frame = self.frames.pop().unwrap_or_default();
        let record = &frame.record;
        let light = record.items.iter().all(|it| it.1 == Kind::Light);
        let push = match few {
            Some(few) if !light => self.push_of_few(scope, record, few),
            _ => self.push_on_tape(scope, record),
        };
        self.records.insert(scope, frame.record);
        (frame.hoisted, push)
    }

    pub(super) fn push_of_few(
        &mut self,
        scope: ScopeId,
        record: &Record,
        few: usize,
    ) -> TokenStream {
        let values = record.tuple(|it| self.record_value(it));
        let [records, at] = names::turns(scope);
        self.keep(records.clone(), Kind::Data);
        self.frame().hoisted.extend(quote!(
            let mut #records: [_; #few] = ::core::array::from_fn(|_| ::core::option::Option::None);
        ));
        self.few.insert(scope);
        quote!(
            #records[#at] = ::core::option::Option::Some(#values);
            #at += 1;
        )
    }

    pub(super) fn push_on_tape(&mut self, scope: ScopeId, record: &Record) -> TokenStream {
        let rt = self.cx.rt.clone();
        let mut push = TokenStream::new();
        if let Some(values) = record.lane(|it| self.record_value(it)) {
            let (name, lane, tape) = (names::record(scope), names::lane(scope), names::tape());
            let open = if record.has_data() {
                quote!(record)
            } else {
                quote!(light_record)
            };
            let mut number = 0;
            if let Some(region) = &mut self.region {
                number = region.lanes.records.len();
                push.extend(quote!(#lane.push(#values);));
                region.lanes.records.push((lane, name.clone()));
            } else {
                push.extend(quote!(#tape.push(#name, #values);));
            }
            self.types.extend(quote!(let #name = #rt::#open(#number);));
        }
        if let Some(values) = record.words(|it| self.record_value(it)) {
            let name = names::words_of(scope);
            self.types.extend(quote!(let #name = #rt::word_record();));
            let words = names::stack_of_words(self.region.is_some());
            if let Some(region) = &mut self.region {
                region.lanes.words = true;
            }
            push.extend(quote!(#name.save(#words, #values);));
        }
        push
    }

    /// A saved variable that borrows is stored as an owned copy.
    pub(super) fn record_value(&self, item: &Ident) -> TokenStream {
        let rt = &self.cx.rt;
        if self.cx.is_held_ident(item) {
            return quote!((&#rt::Holder(&#item)).ad_hold());
        }
        if self.is_evaluated(item) {
            let value = super::super::ours("__value");
            quote!({
                let #value = #item;
                (&#rt::Holder(&#value)).ad_way().ad_keep(#value)
            })
        } else if self.borrows(item) {
            quote!(#rt::keep(&#item))
        } else {
            quote!(#item)
        }
    }

    /// Is this a variable that is evaluated again if it is a number?
    pub(super) fn is_evaluated(&self, item: &Ident) -> bool {
        self.cx
            .named(item)
            .is_some_and(|it| self.cx.facts.var(it).storage == Storage::SaveOrEvaluate)
    }

    pub(super) fn borrows(&self, item: &Ident) -> bool {
        self.cx.named(item).is_some_and(|it| {
            let info = self.cx.func.var(it);
            info.borrows && info.active
        })
    }
}
