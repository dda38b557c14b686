//! Stretches of buffers. Where each turn of an innermost loop has the next element of a buffer, the reverse of the loop
//! takes the stretch that its turns walk through out of the buffer before the first of them; then no turn checks a bound.
//! The stretch is there, since the forward half has gone through it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Expr;

use super::names;
use super::ranges::buffer;
use super::value::{Cx, Half};
use super::walk::{Element, Index, Walk};
use crate::analysis::mentions::only_numbers;
use crate::analysis::needs::place_fact;
use crate::analysis::{Cotangent, Storage, lent, overwritten};
use crate::ir::{Block, By, Fact, Loop, Op, Operand, Place, Proj, Stmt, StmtKind, VarId, VarKind};

/// What the turns of a loop walk through.
pub(super) struct Cuts {
    scope: crate::ir::ScopeId,
    position: VarId,
    start: TokenStream,
    end: TokenStream,
    /// Does the forward half walk from the end to the start?
    backwards: bool,
    /// May the turns be reversed in any order? Then it is that of the positions, which compilers know best.
    any_order: bool,
    /// What each turn steps by one.
    steps: Vec<VarId>,
    found: BTreeMap<(VarId, String), Cut>,
}

/// The elements of one buffer at one index.
struct Cut {
    /// The element, from the buffer on.
    place: Place,
    index: Index,
    /// The number in the name.
    number: usize,
    /// May values be read from it, and are they?
    value: Option<bool>,
    /// May its cotangents be added to it, and are they?
    shadow: Option<bool>,
}

/// How a cut is added to.
pub(super) enum Into {
    /// An `Option` of the stretch.
    Parameter(Ident),
    /// The stretch.
    There(Ident),
}

impl Cuts {
    /// `inside`: the variables that are not the same in all turns.
    pub(super) fn of(cx: &Cx<'_>, it: &Loop, inside: &BTreeSet<VarId>) -> Option<Self> {
        let walk = Walk::of(cx, it, inside)?;
        let (position, backwards) = (walk.position, walk.backwards);
        let (start, end) = walk.bounds(cx, Half::Reverse);
        let any_order = walk.any_order(cx, it);
        let steps = walk.steps.keys().copied().collect();
        let mut find = Find {
            cx,
            walk,
            numbers: only_numbers(cx.func, it),
            indices: BTreeMap::new(),
            cuts: BTreeMap::new(),
            behind: BTreeSet::new(),
            restored: BTreeSet::new(),
        };
        find.block(&it.body, true);
        let found = find.finish(it);
        (!found.is_empty()).then_some(Cuts {
            scope: it.scope,
            position,
            start,
            end,
            backwards,
            any_order,
            steps,
            found,
        })
    }

    /// The cut in which a place lies, with its name and its buffer.
    fn cut(&mut self, cx: &Cx<'_>, place: &Place) -> Option<(&mut Cut, Ident, VarId)> {
        let (root, way) = crate::ir::way(&cx.func.vars, place);
        let element = Element::at(&way)?;
        let cut = self.found.get_mut(&(root, element.key()))?;
        let name = names::cut(self.scope, cut.number);
        Some((cut, name, root))
    }

    /// The element of a stretch that a place is.
    pub(super) fn value(&mut self, cx: &Cx<'_>, place: &Place) -> Option<TokenStream> {
        let at = names::cut_at(self.scope);
        let (cut, name, _) = self.cut(cx, place)?;
        let same = matches!(cut.index, Index::Same);
        cut.value.as_mut().map(|used| {
            *used = true;
            if same {
                name.to_token_stream()
            } else {
                quote!(#name[#at])
            }
        })
    }

    /// The stretch of cotangents in which that of a place lies, and the position there.
    pub(super) fn shadow(&mut self, cx: &Cx<'_>, place: &Place) -> Option<(Into, Ident)> {
        let at = names::cut_at(self.scope);
        let (cut, name, root) = self.cut(cx, place)?;
        let parameter = matches!(cx.func.var(root).kind, VarKind::Param { by: By::Ref });
        let name = names::cotangent(&name);
        cut.shadow.as_mut().map(|used| {
            *used = true;
            let into = if parameter {
                Into::Parameter(name)
            } else {
                Into::There(name)
            };
            (into, at)
        })
    }

    /// The loop over the stretches that are used, if any is. `held_open`: the accumulators that are there; `pop`: takes
    /// what a turn has saved; without it the turns come as in the forward half.
    pub(super) fn around(
        &self,
        cx: &Cx<'_>,
        held_open: &BTreeSet<VarId>,
        pop: Option<&TokenStream>,
        body: &TokenStream,
    ) -> Option<TokenStream> {
        let rt = &cx.rt;
        let [turns, from] = names::cut_turns(self.scope);
        let mut cuts = TokenStream::new();
        for ((root, _), cut) in &self.found {
            let name = names::cut(self.scope, cut.number);
            let first = match &cut.index {
                Index::Same => {
                    if cut.value == Some(true) {
                        let element = cx.place_value(&cut.place);
                        cuts.extend(quote!(let #name = #element;));
                    }
                    continue;
                }
                Index::Position => from.to_token_stream(),
                Index::Code(code, var) => {
                    let (ident, index) = (cx.value(*var), cx.code(code));
                    let first = if *var == self.position {
                        from.to_token_stream()
                    } else {
                        quote!(#ident - #turns)
                    };
                    if matches!(code.expr, Expr::Path(_)) {
                        first
                    } else {
                        quote!({ let #ident = #first; #index })
                    }
                }
            };
            let parts = Element::at(&cut.place.proj).map(|it| it.starts());
            let parts = parts.iter().flatten().map(|it| cx.code(it));
            let start = quote!(#((#parts) +)* #first);
            if cut.value == Some(true) {
                let buffer = buffer(cx, &Place::from(*root), cx.value(*root));
                cuts.extend(quote!(let #name = #rt::Buffer(&#buffer).ad_stretch(#start, #turns);));
            }
            if cut.shadow == Some(true) {
                let d = names::cotangent(&cx.reverse_ident(*root));
                let name = names::cotangent(&name);
                let stretch = |buffer| quote!(#rt::BufferMut(#buffer).ad_stretch(#start, #turns));
                let stretch = match cx.func.var(*root).kind {
                    VarKind::Param { by: By::Ref } => stretch(quote!(#d.as_deref_mut())),
                    VarKind::Param { by: By::Mut } => {
                        let stretch = stretch(quote!(::core::option::Option::Some(&mut *#d)));
                        quote!(#rt::some(#stretch))
                    }
                    _ => {
                        let there = if held_open.contains(root) {
                            let open = names::open(&d);
                            quote!(&mut *#open)
                        } else {
                            let zero = cx.present_zero(*root);
                            quote!(#rt::Slot::or_zero(&mut #d, || #zero))
                        };
                        let stretch = stretch(quote!(::core::option::Option::Some(#there)));
                        quote!(#rt::some(#stretch))
                    }
                };
                cuts.extend(quote!(let mut #name = #stretch;));
            }
        }
        if cuts.is_empty() {
            return None;
        }
        let (start, end) = (&self.start, &self.end);
        let (at, position) = (names::cut_at(self.scope), cx.ident(self.position));
        // Only a counter of the type of positions can be set to what it was in a turn.
        let counts = |step: &VarId| {
            let cut = |it: &Cut| matches!(&it.index, Index::Code(_, var) if var == step);
            self.found.values().any(cut)
        };
        let nothing_saved = pop.is_some_and(TokenStream::is_empty);
        let any_order = self.any_order && nothing_saved && self.steps.iter().all(counts);
        let ascends = match pop {
            Some(_) => self.backwards || any_order,
            None => !self.backwards,
        };
        let order = if ascends {
            quote!(0..#turns)
        } else {
            quote!(::core::iter::Iterator::rev(0..#turns))
        };
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        for step in self.steps.iter().filter(|_| any_order) {
            let step = cx.value_mut(*step);
            before.extend(quote!(#step += #at + 1;));
            after.extend(quote!(#step -= #at;));
            cuts.extend(quote!(#step -= #turns;));
        }
        Some(quote!({
            let #from = #start;
            let #turns = #rt::turns(&(#from..#end));
            if #turns > 0 {
                #cuts
                for #at in #order {
                    let #position = #from + #at;
                    #before
                    #pop
                    #body
                    #after
                }
            }
        }))
    }
}

/// What is found in the body of a loop.
struct Find<'a> {
    cx: &'a Cx<'a>,
    walk: Walk<'a>,
    /// The buffers of which the loop names numbers alone.
    numbers: BTreeSet<VarId>,
    /// By buffer: all indices by which it is named.
    indices: BTreeMap<VarId, BTreeSet<String>>,
    /// What each turn names.
    cuts: BTreeMap<(VarId, String), (Place, Index)>,
    /// What is named behind a step of its index, where the same index is another element.
    behind: BTreeSet<(VarId, String)>,
    /// The buffers of which values are put back.
    restored: BTreeSet<VarId>,
}

impl Find<'_> {
    fn block(&mut self, block: &Block, always: bool) {
        for stmt in &block.stmts {
            self.stmt(stmt, always);
            for inner in stmt.kind.blocks() {
                self.block(inner, false);
            }
        }
        if let Some(result) = &block.result {
            self.operand(result, u32::MAX, false);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, always: bool) {
        if self.cx.restores(stmt.id) {
            self.restored
                .extend(overwritten(&self.cx.func.vars, &stmt.kind));
        }
        // The reverse half of a call puts back what the call has changed.
        self.restored.extend(lent(&self.cx.func.vars, &stmt.kind));
        match &stmt.kind {
            StmtKind::Let { op, .. } => self.op(op, stmt.id, always),
            StmtKind::Assign { place, op } => {
                self.op(op, stmt.id, always);
                self.place(place, stmt.id, always);
            }
            StmtKind::Update { place, value, .. } => {
                self.operand(value, stmt.id, always);
                self.place(place, stmt.id, always);
            }
            _ => {}
        }
    }

    fn op(&mut self, op: &Op, stmt: u32, always: bool) {
        for operand in op.operands() {
            self.operand(operand, stmt, always);
        }
    }

    fn operand(&mut self, operand: &Operand, stmt: u32, always: bool) {
        if let Some(place) = operand.place() {
            self.place(place, stmt, always);
        }
    }

    fn place(&mut self, place: &Place, stmt: u32, always: bool) {
        let (root, way) = crate::ir::way(&self.cx.func.vars, place);
        let Some(element) = Element::at(&way) else {
            self.numbers.remove(&root);
            return;
        };
        let key = element.key();
        self.indices.entry(root).or_default().insert(key.clone());
        if let Proj::Index(code) = element.index
            && code
                .reads
                .iter()
                .any(|it| self.walk.steps.get(it).is_some_and(|step| stmt > *step))
        {
            self.behind.insert((root, key.clone()));
        }
        if !always || place_fact(self.cx.func, place) != Fact::Scalar {
            return;
        }
        // What the loop writes is not the same in all turns.
        let index = self
            .walk
            .index(self.cx, &element, stmt)
            .filter(|it| !matches!(it, Index::Same) || !self.walk.changes(root));
        if let Some(index) = index {
            let place = Place { root, proj: way };
            self.cuts.insert((root, key), (place, index));
        }
    }

    fn finish(self, it: &Loop) -> BTreeMap<(VarId, String), Cut> {
        let cx = self.cx;
        let first = it.body.stmts.first().map_or(u32::MAX, |it| it.id);
        let mut found = BTreeMap::new();
        for (number, ((root, key), (place, index))) in self.cuts.into_iter().enumerate() {
            let (info, facts) = (cx.func.var(root), cx.facts.var(root));
            let parameter = matches!(info.kind, VarKind::Param { by } if by != By::Value);
            let local = !parameter
                && matches!(info.kind, VarKind::Local | VarKind::Param { .. })
                && !info.borrows
                && facts.home.from < first;
            let behind = self.behind.contains(&(root, key.clone()));
            if !(parameter || local && info.fact == Fact::Scalars) || info.boxed || behind {
                continue;
            }
            let there = !matches!(facts.storage, Storage::Unneeded | Storage::SaveIfDefined);
            let value = there && !self.restored.contains(&root);
            let alone = self.numbers.contains(&root) && self.indices[&root].len() == 1;
            let shadow = alone
                && !matches!(index, Index::Same)
                && facts.useful.is_some()
                && (parameter || facts.cotangent == Cotangent::Slot && !cx.is_scalar(root));
            found.insert(
                (root, key),
                Cut {
                    place,
                    index,
                    number,
                    value: value.then_some(false),
                    shadow: shadow.then_some(false),
                },
            );
        }
        found
    }
}
