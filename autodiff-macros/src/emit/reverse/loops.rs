//! Loops run backwards: their turns, what those saved, and what they wrote.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::cuts::Cuts;
use super::super::value::Half;
use super::super::{Lanes, names, ours};
use super::Reverse;
use crate::analysis::Cotangent;
use crate::ir::{Loop, LoopKind, Place, ScopeId, Stmt, VarId, VarKind};

impl Reverse<'_> {
    /// The reverse of the turns of a loop.
    fn turned(&mut self, it: &Loop) -> Turned {
        let before = self.set.clone();
        self.scopes.push(it.scope);
        self.turns.push(Turns {
            scope: it.scope,
            inside: self.cx.inside(it),
            sums: Vec::new(),
        });
        let owned = match &it.kind {
            LoopKind::Iter { vars, .. } => vars.clone(),
            LoopKind::Count { .. } | LoopKind::While(_) | LoopKind::Forever => Vec::new(),
        };
        let mut group = (TokenStream::new(), TokenStream::new());
        if self.cx.turns_of_group(it, Half::Reverse).is_some() {
            group = self.undo_group(it);
            self.group = Some(it.scope);
        }
        let opened = self.hold_open(it, &owned);
        let around = self.held_open.clone();
        self.held_open.extend(opened.keys().copied());
        let inside = &self
            .turns
            .last()
            .expect("the loop has just been entered")
            .inside;
        let outer = self.cx.cuts.replace(Cuts::of(self.cx, it, inside));
        let body = self.block(&it.body, None, &owned);
        let cuts = self.cx.cuts.replace(outer);
        let held_open = core::mem::replace(&mut self.held_open, around);
        self.group = None;
        self.scopes.pop();
        let sums = self.turns.pop().map(|it| it.sums).unwrap_or_default();
        let zeros = (0..sums.len()).map(|at| names::sum(it.scope, at));
        let zeros = quote!(#(let mut #zeros = 0.0;)*);
        self.set = before;
        Turned {
            body,
            cuts,
            open: opened.into_values().collect(),
            held_open,
            zeros,
            sums,
            group,
        }
    }

    /// A loop of which each turn is run back right after it was run: `turn` runs it, `around` is the loop.
    pub(in crate::emit) fn loop_in_one_pass(
        &mut self,
        it: &Loop,
        turn: &TokenStream,
        around: impl FnOnce(&TokenStream) -> TokenStream,
    ) -> TokenStream {
        let Turned {
            body,
            cuts,
            open,
            held_open,
            zeros,
            sums,
            ..
        } = self.turned(it);
        let body = quote!(#turn #body);
        let cut = cuts.and_then(|it| it.around(self.cx, &held_open, None, &body));
        let turns = cut.unwrap_or_else(|| around(&body));
        quote!({ #zeros #open #turns #(#sums)* })
    }

    pub(super) fn loop_(&mut self, it: &Loop) -> TokenStream {
        let Turned {
            body,
            cuts,
            open,
            held_open,
            zeros,
            sums,
            group: (before_group, after_group),
        } = self.turned(it);
        let pop = self.pop(it.scope);
        let ranges = self.cx.ranges.get(&it.scope).map_or(&[][..], Vec::as_slice);
        let idle = body.is_empty() && pop.is_empty();
        if idle && ranges.is_empty() {
            return TokenStream::new();
        }
        let early = crate::analysis::leaves_early(it);
        let trips = it.trips.map(|it| self.cx.value(it));
        let cut = cuts.and_then(|it| it.around(self.cx, &held_open, Some(&pop), &body));
        let turns = match &it.kind {
            _ if idle => TokenStream::new(),
            _ if cut.is_some() => cut.unwrap_or_default(),
            LoopKind::Count { index, count } => {
                let index = self.cx.ident(*index);
                let count = if early {
                    trips.unwrap_or_default()
                } else {
                    self.cx.value(*count)
                };
                quote!(for #index in ::core::iter::Iterator::rev(0..#count) { #pop #body })
            }
            LoopKind::Iter {
                vars,
                iter,
                reversible: true,
                ..
            } if !early => {
                let iter = self.cx.code(iter);
                let pat = vars
                    .first()
                    .map_or_else(|| ours("__turn"), |it| self.cx.ident(*it).clone());
                quote!(for #pat in ::core::iter::Iterator::rev(#iter) { #pop #body })
            }
            LoopKind::Iter { .. } | LoopKind::While(_) | LoopKind::Forever => {
                quote!(for _ in 0..#trips { #pop #body })
            }
        };
        let (mut take, give) = self.lanes(it.scope);
        if self.few.contains(&it.scope) {
            let [records, at] = names::turns(it.scope);
            take.extend(quote!(let mut #records = #records; let mut #at = #records.len();));
        }
        let turns = if open.is_empty() {
            turns
        } else {
            quote!({ #open #turns #(#sums)* })
        };
        let sums = if open.is_empty() { sums } else { Vec::new() };
        let region = self.regions.contains_key(&it.scope) || self.region().is_some();
        let words = names::stack_of_words(region);
        let put_back = ranges.iter().rev().map(|range| range.load(self.cx, &words));
        quote!(#zeros #take #before_group #turns #(#put_back)* #after_group #give #(#sums)*)
    }

    /// The accumulators of which a loop touches numbers alone: they are there before it, not looked for in each turn.
    pub(super) fn hold_open(&self, it: &Loop, owned: &[VarId]) -> BTreeMap<VarId, TokenStream> {
        let cx = self.cx;
        let first = it.body.stmts.first().map_or(u32::MAX, |it| it.id);
        let mut opened = BTreeMap::new();
        for var in crate::analysis::mentions::only_numbers(cx.func, it) {
            let facts = cx.facts.var(var);
            let outside = facts.home.from < first && !owned.contains(&var);
            if outside
                && facts.cotangent == Cotangent::Slot
                && matches!(cx.func.var(var).kind, VarKind::Local)
                && !cx.is_scalar(var)
                && !self.held_open.contains(&var)
            {
                let d = names::cotangent(cx.ident(var));
                let (rt, open, zero) = (&cx.rt, names::open(&d), cx.present_zero(var));
                opened.insert(
                    var,
                    quote!(let #open = #rt::Slot::or_zero(&mut #d, || #zero);),
                );
            }
        }
        opened
    }

    /// How the outermost loop of a region takes its lanes out of the tape and gives them back.
    pub(super) fn lanes(&self, scope: ScopeId) -> (TokenStream, TokenStream) {
        self.regions
            .get(&scope)
            .map(Lanes::around)
            .unwrap_or_default()
    }

    /// Takes the record of an iteration.
    pub(super) fn pop(&self, scope: ScopeId) -> TokenStream {
        let Some(record) = self.records.get(&scope).filter(|it| !it.is_empty()) else {
            return TokenStream::new();
        };
        let rt = &self.cx.rt;
        let item = |it: &Ident| quote!(mut #it);
        if self.few.contains(&scope) {
            let ([records, at], items) = (names::turns(scope), record.tuple(item));
            return quote!(
                #at -= 1;
                let #items = #rt::some(::core::option::Option::take(&mut #records[#at]));
            );
        }
        let mut pop = TokenStream::new();
        let region = self.regions.contains_key(&scope) || self.region().is_some();
        if let Some(items) = record.words(item) {
            let (name, words) = (names::words_of(scope), names::stack_of_words(region));
            pop.extend(quote!(let #items = #name.load(#words);));
        }
        if let Some(items) = record.lane(item) {
            let (name, lane, tape) = (names::record(scope), names::lane(scope), names::tape());
            pop.extend(if region {
                quote!(let #items = #lane.pop();)
            } else {
                quote!(let #items = #tape.pop(#name);)
            });
        }
        pop
    }

    /// The loop around that has the lanes: the outermost one without calls.
    pub(super) fn region(&self) -> Option<ScopeId> {
        let mut around = self.scopes.iter().copied();
        around.find(|it| self.regions.contains_key(it))
    }

    /// Puts back what a statement overwrote in a buffer that is logged.
    pub(super) fn unlog(&self, stmt: &Stmt, place: &Place) -> Option<TokenStream> {
        let cx = self.cx;
        let buffer = *cx.facts.logs.get(&stmt.id)?;
        let ident = cx.ident(buffer);
        let (rt, words, log) = (&cx.rt, names::words(), names::log(self.region()?, ident));
        let target = cx.place_mut(place);
        let restore = quote!(#target = #rt::Words::load(&mut #words););
        if let Some(scope) = self.group {
            let logs = names::logs(scope, ident);
            return Some(quote!(if #logs { #restore }));
        }
        let buffer = cx.whole(buffer, Half::Reverse);
        Some(quote!(
            if #log.undo() { #restore }
            #log.undone(&mut #words, &mut #buffer);
        ))
    }

    /// What is asked before an inner loop is undone about the buffers that it logs, and what is done behind it.
    pub(super) fn undo_group(&self, it: &Loop) -> (TokenStream, TokenStream) {
        let (mut before, mut after) = (TokenStream::new(), Vec::new());
        let Some(region) = self.region() else {
            return (before, TokenStream::new());
        };
        for buffer in self.cx.logged(it).into_keys() {
            let ident = self.cx.ident(buffer);
            let (log, logs) = (names::log(region, ident), names::logs(it.scope, ident));
            let words = names::words();
            let buffer = self.cx.whole(buffer, Half::Reverse);
            before.extend(quote!(let #logs = #log.undo();));
            after.push(quote!(#log.undone(&mut #words, &mut #buffer);));
        }
        // The buffer that was saved last lies on top.
        after.reverse();
        (before, quote!(#(#after)*))
    }
}

/// The reverse of the turns of a loop, and what stands around it.
struct Turned {
    body: TokenStream,
    cuts: Option<Cuts>,
    open: TokenStream,
    held_open: BTreeSet<VarId>,
    zeros: TokenStream,
    sums: Vec<TokenStream>,
    group: (TokenStream, TokenStream),
}

/// A loop that is being reversed. What its turns contribute to one element of a parameter is summed in a variable:
/// adding to memory in each turn would wait for the sum of the turn before.
pub(super) struct Turns {
    pub(super) scope: ScopeId,
    /// Variables that are not the same in all turns.
    pub(super) inside: BTreeSet<VarId>,
    /// The elements, each as the branch that adds the sum to it.
    pub(super) sums: Vec<TokenStream>,
}
