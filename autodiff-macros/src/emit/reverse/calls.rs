//! Calls, what is lent to them, methods that change their receiver, and containers made by a closure.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::super::cuts::Cuts;
use super::super::ranges::buffer;
use super::super::tangent::given_tangent;
use super::super::value::Half;
use super::super::{halves, names, ours};
use super::Reverse;
use super::cotangents::Shadow;
use crate::analysis::Cotangent;
use crate::analysis::needs::{by_reference, operand_fact, place_fact};
use crate::ir::{
    Block, Build, BuildKind, Call, Fact, Loop, LoopKind, Mutate, Mutation, Operand, Place, Stmt,
    StmtKind, VarId,
};

impl Reverse<'_> {
    pub(super) fn call(
        &mut self,
        stmt: &Stmt,
        target: &Place,
        call: &Call,
        restored: bool,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let root = self.cx.root(target);
        let vars = &self.cx.func.vars;
        if !self.cx.useful(root) && (0..call.args.len()).all(|at| !call.lends(vars, at)) {
            return TokenStream::new();
        }
        // The residual runs even for a zero cotangent: it takes its records from the tape.
        let (take, g) = match self.take_place(target, stmt, restored, self.made(true)) {
            Some(it) => it,
            None => {
                let zero = self.zero_left(root, stmt.id);
                (TokenStream::new(), zero)
            }
        };
        let back = self.saved(&names::back(stmt.id));
        let handed = halves::handed(self.cx, call);
        let tape = names::tape();
        let disjoint = super::super::lend::Lent::new(self.cx, stmt, call, &handed);
        let (mut before, mut after) = (disjoint.before.clone(), disjoint.after.clone());
        // Accumulators of our own are made before anything is borrowed.
        let mut own_accumulators = TokenStream::new();
        let mut primals = TokenStream::new();
        let mut shadows = TokenStream::new();
        let mut outs = TokenStream::new();
        let mut busy: Vec<VarId> = disjoint.busy.clone();
        let mut returned: Vec<(&Operand, Ident)> = Vec::new();
        for (at, (arg, handed)) in call.args.iter().zip(&handed).enumerate() {
            let active = self.cx.active(arg);
            if !*handed {
                let out = names::waiting(stmt.id, at);
                if active {
                    outs.extend(quote!(#out,));
                    returned.push((arg, out));
                } else {
                    outs.extend(quote!(_,));
                }
                continue;
            }
            let lent = call.lends(vars, at);
            let receiver = at == 0 && call.is_method() && !matches!(arg, Operand::Ref { .. });
            let is_tangent = call.primal().is_some_and(|it| at >= it.args.len());
            let primal = match (disjoint.primals.get(&at), arg) {
                _ if is_tangent && matches!(arg, Operand::Never) => {
                    quote!(::core::option::Option::None)
                }
                _ if is_tangent => {
                    let place = match (disjoint.primals.get(&at), arg.place()) {
                        (Some(tokens), _) => quote!((*#tokens)),
                        (None, Some(place)) => {
                            let tokens = if lent {
                                self.cx.place_mut(place)
                            } else {
                                self.cx.place_value(place)
                            };
                            let named = place.proj.is_empty() && matches!(arg, Operand::Place(_));
                            let by_reference = by_reference(self.cx.func, arg)
                                || vars[place.root.0 as usize].writes_through();
                            if named && by_reference {
                                quote!((*#tokens))
                            } else {
                                tokens
                            }
                        }
                        (None, None) => {
                            let tokens = self.cx.operand(arg);
                            quote!((*#tokens))
                        }
                    };
                    if lent {
                        quote!(#rt::Lend::ad_lend(&mut #place))
                    } else {
                        given_tangent(self.cx, arg, &place)
                    }
                }
                (Some(tokens), _) => tokens.clone(),
                (None, Operand::Place(place)) if lent => {
                    let reference =
                        place.proj.is_empty() && vars[place.root.0 as usize].writes_through();
                    let tokens = self.cx.place_mut(place);
                    if reference {
                        quote!(&mut *#tokens)
                    } else {
                        quote!(&mut #tokens)
                    }
                }
                (None, Operand::Place(place)) if receiver => {
                    let reference = place.proj.is_empty() && vars[place.root.0 as usize].borrows;
                    let tokens = self.cx.operand(arg);
                    if reference { tokens } else { quote!(&#tokens) }
                }
                (None, _) => self.cx.operand(arg),
            };
            primals.extend(quote!(#primal,));
            let Some(place) = arg.place().filter(|_| active).cloned() else {
                shadows.extend(if lent {
                    quote!(&mut (),)
                } else {
                    quote!(::core::option::Option::None,)
                });
                continue;
            };
            if let Some(tokens) = disjoint.shadows.get(&at) {
                shadows.extend(quote!(#tokens,));
                continue;
            }
            let root = self.cx.root(&place);
            let own = names::waiting(stmt.id, at);
            let shadow = self.shadow(&place);
            if busy.contains(&root) || shadow.view {
                // A second reference to one variable gets an accumulator of its own, and so does a view.
                let value = self.cx.place_value(&place);
                if lent {
                    let tokens = &shadow.tokens;
                    before.extend(quote!(let mut #own = #tokens.ad_take_view();));
                    shadows.extend(quote!(#rt::Lend::ad_lend(&mut #own),));
                } else {
                    let made = match self.cx.tangent_part(&place, Half::Reverse) {
                        Some((ty, part)) => quote!(#rt::own_part(&#value, || {
                            let __zero = #ty.any();
                            #rt::owned_part(&#part)
                        })),
                        None => quote!(#rt::zero_like(&#value)),
                    };
                    own_accumulators.extend(quote!(let mut #own = #made;));
                    let lent = self.lent_part(&place, &quote!(#own));
                    shadows.extend(quote!(#lent,));
                }
                after.extend(self.contribute(&Operand::Place(place), quote!(#own)));
                continue;
            }
            busy.push(root);
            let explicit = matches!(call.value_of(at), Operand::Ref { .. });
            let tokens = self.lent_shadow(&place, &shadow, lent, explicit, &mut before);
            if !lent {
                shadows.extend(quote!(#tokens,));
                continue;
            }
            // The shape of a shadow that is made here is read before its value is lent.
            let shadow = ours(&format!("__shadow_{at}"));
            before.extend(quote!(let #shadow = #tokens;));
            shadows.extend(quote!(#shadow,));
        }
        // What is returned is added after what is lent, which has to be there before.
        for (arg, out) in returned {
            match arg.place().cloned() {
                // It may carry none.
                Some(place) if crate::ir::behind_field(vars, &place) => {
                    let (there, put) = self.contribute_to(&place, quote!(#out));
                    after.extend(quote!(
                        #there
                        if let ::core::option::Option::Some(#out) = #out { #put }
                    ));
                }
                _ => after.extend(self.contribute(arg, quote!(#rt::some(#out)))),
            }
        }
        let run = quote!(#back(&mut *#tape, #primals #g, #shadows));
        quote!(#take #own_accumulators #before let (#outs) = #run; #after)
    }

    /// The shadow of a place, lent to a callee.
    pub(super) fn lent_shadow(
        &mut self,
        of: &Place,
        shadow: &Shadow,
        lent: bool,
        explicit: bool,
        before: &mut TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let tokens = &shadow.tokens;
        if let Some(name) = &shadow.parameter {
            let inner = names::shadow();
            return if shadow.whole {
                quote!(#name)
            } else {
                let lent = self.lent_part(of, tokens);
                quote!(#name.and_then(|#inner| #lent))
            };
        }
        let slot = self.cx.facts.var(shadow.root).cotangent == Cotangent::Slot
            && !self.cx.is_scalar(shadow.root);
        let place = if shadow.whole && slot {
            let zero = self.cx.present_zero(shadow.root);
            quote!(*#rt::Slot::or_zero(&mut #tokens, || #zero))
        } else {
            before.extend(self.exists(shadow.root));
            quote!(#tokens)
        };
        match (lent, explicit) {
            (false, _) => self.lent_part(of, &place),
            (true, true) => quote!(&mut #place),
            // The function may take the value by either reference.
            (true, false) => quote!(#rt::Lend::ad_lend(&mut #place)),
        }
    }

    /// The shadow of a place, lent to a callee that only reads the place. What is in a field may have none.
    fn lent_part(&self, of: &Place, tokens: &TokenStream) -> TokenStream {
        let rt = &self.cx.rt;
        if crate::ir::behind_field(&self.cx.func.vars, of) {
            quote!(#rt::At(&mut #tokens).ad_lend())
        } else {
            quote!(#rt::Lend::ad_lend(&mut #tokens))
        }
    }

    /// What a method did to its receiver is undone, on the value and on the cotangent.
    pub(super) fn mutate(&mut self, stmt: &Stmt, it: &Mutate) -> TokenStream {
        let cx = self.cx;
        let rt = cx.rt.clone();
        let restored = cx.restores(stmt.id);
        let useful = cx.useful(cx.root(&it.place));
        let target = cx.place_mut(&it.place);
        let old = names::old(stmt.id);
        let saves = match it.kind {
            Mutation::Pop | Mutation::Truncate | Mutation::Sort => useful || restored,
            Mutation::Fill | Mutation::Copy => restored && !cx.is_buffer(&it.place),
            Mutation::Permute(_) | Mutation::Push | Mutation::Exchange => false,
        };
        let args: Vec<TokenStream> = it.args.iter().map(|it| cx.operand(it)).collect();
        let mut tokens = TokenStream::new();
        if saves && self.optional.contains(&old.to_string()) {
            tokens.extend(quote!(let #old = #rt::some(#old);));
        }
        let shadow = useful.then(|| self.whole_shadow(&it.place));
        let g = names::seed(stmt.id);
        // The cotangent first: where there is none yet, it is made in the shape of what the method left.
        match (it.kind, &shadow) {
            (Mutation::Permute(inverse), Some(shadow)) => {
                let inverse = Ident::new(inverse, it.name.span());
                tokens.extend(quote!(#shadow.#inverse(#(#args),*);));
            }
            (Mutation::Fill, Some(shadow)) => {
                if let Some(arg) = it.args.first().filter(|it| cx.active(it)) {
                    let value = self.peeled(arg);
                    let put = self.contribute(arg, quote!(#g));
                    let written = self.written(arg);
                    let sum =
                        quote!(let #g = #shadow.ad_take_sum(#rt::zero_like(#value), #written););
                    tokens.extend(super::super::located(sum, it.name.span()));
                    tokens.extend(put);
                } else {
                    tokens.extend(quote!(#shadow.ad_forget();));
                }
            }
            (Mutation::Copy, Some(shadow)) => {
                if let Some(arg) = it.args.first().filter(|it| cx.active(it)) {
                    let put = self.contribute_all(arg, quote!(#g));
                    let put = super::super::located(put, it.name.span());
                    let apart = arg.place().is_some_and(|from| {
                        let from = cx.root(from);
                        from != cx.root(&it.place)
                            && cx.facts.var(from).cotangent != Cotangent::Direct
                    });
                    let written = self.written(arg);
                    tokens.extend(if apart && cx.is_buffer(&it.place) {
                        quote!(#shadow.ad_hand(|#g| { #put }, #written);)
                    } else {
                        quote!(let #g = #shadow.ad_take(#written); #put)
                    });
                } else {
                    tokens.extend(quote!(#shadow.ad_forget();));
                }
            }
            (Mutation::Push, Some(_)) => {
                let place = self.shadow(&it.place);
                let tokens_of = &place.tokens;
                let slot = place.whole && cx.facts.var(place.root).cotangent == Cotangent::Slot;
                let undone = restored.then(|| quote!(#target.pop();));
                let arg = it.args.first().filter(|it| cx.active(it));
                let popped = if slot {
                    quote!(#rt::pop_slot(&mut #tokens_of))
                } else {
                    quote!(#tokens_of.pop())
                };
                if let Some(arg) = arg {
                    let zero = if operand_fact(cx.func, arg) == Fact::Scalar {
                        quote!(0.0)
                    } else {
                        let value = self.peeled(arg);
                        quote!(#rt::zero_like(#value))
                    };
                    let popped = if slot {
                        quote!(#popped.unwrap_or_else(|| #zero))
                    } else {
                        let written = self.written(arg);
                        quote!(#tokens_of.ad_pop(|| #zero, #written))
                    };
                    let popped = super::super::located(quote!(let #g = #popped;), it.name.span());
                    let put = self.contribute(arg, quote!(#g));
                    // The argument was evaluated before the list had one more.
                    tokens.extend(quote!(#popped #undone #put));
                } else {
                    tokens.extend(quote!(let _ = #popped; #undone));
                }
            }
            (Mutation::Pop, shadow) => {
                let taken = it.result.and_then(|it| self.take(it, stmt.id));
                match (shadow, taken) {
                    (Some(shadow), Some((take, g))) => {
                        tokens.extend(quote!(#take #shadow.ad_unpop(&#old, #g);));
                    }
                    (Some(shadow), None) => {
                        tokens.extend(quote!(#shadow.ad_unpop_unused(&#old);));
                    }
                    (None, _) => {}
                }
            }
            (Mutation::Truncate, Some(shadow)) => {
                tokens.extend(quote!(#shadow.ad_uncut(&#old);));
            }
            (Mutation::Sort, Some(shadow)) => {
                tokens.extend(quote!(#shadow.ad_unsort(&#old);));
            }
            (Mutation::Exchange, Some(_)) => {
                if let Some(Operand::Place(other)) = it.args.first() {
                    let (left, right) = (self.shadow(&it.place).tokens, self.shadow(other).tokens);
                    tokens.extend(quote!(::core::mem::swap(&mut #left, &mut #right);));
                }
            }
            (_, None) => {}
        }
        if !restored {
            return tokens;
        }
        tokens.extend(match it.kind {
            Mutation::Permute(inverse) => {
                let inverse = Ident::new(inverse, it.name.span());
                quote!(#target.#inverse(#(#args),*);)
            }
            Mutation::Fill | Mutation::Copy if cx.is_buffer(&it.place) => {
                let words = names::stack_of_words(self.region().is_some());
                let buffer = buffer(cx, &it.place, target);
                quote!(#rt::Numbers::ad_load(&mut #buffer, #words);)
            }
            Mutation::Fill | Mutation::Copy => quote!(#target.ad_put_back(#old);),
            Mutation::Push if useful => TokenStream::new(),
            Mutation::Push => quote!(#target.pop();),
            Mutation::Pop | Mutation::Truncate => quote!(#target.ad_rejoin(#old);),
            Mutation::Sort => quote!(#target.ad_unsort(&#old);),
            Mutation::Exchange => match it.args.first() {
                Some(Operand::Place(other)) => {
                    let other = cx.place_mut(other);
                    quote!(::core::mem::swap(&mut #target, &mut #other);)
                }
                _ => TokenStream::new(),
            },
        });
        tokens
    }

    /// The reverse of a container made element by element: one turn per element, from last to first.
    pub(super) fn build(&mut self, stmt: &Stmt, target: &Place, build: &Build) -> TokenStream {
        let rt = self.cx.rt.clone();
        let pop = self.pop(build.scope);
        let restored = self.cx.restores(stmt.id);
        let (take, g) = match self.take_place(target, stmt, restored, self.made(true)) {
            Some((take, g)) => (take, Some(g)),
            // Without a cotangent the elements still take their records from the tape.
            None => (TokenStream::new(), None),
        };
        let mut whole = TokenStream::new();
        if let BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } = &build.kind
            && g.is_some()
            && self.cx.active(&Operand::Place(recv.clone()))
        {
            whole.extend(self.exists(self.cx.root(recv)));
        }
        if let BuildKind::ZipMap { other, .. } = &build.kind
            && g.is_some()
            && self.cx.active(other)
            && let Some(place) = other.place()
        {
            whole.extend(self.exists(self.cx.root(place)));
        }
        self.empty.clear();
        let before = self.set.clone();
        self.scopes.push(build.scope);
        let turns = Loop {
            kind: LoopKind::Count {
                index: build.index,
                count: build.count,
            },
            label: ours("__turn"),
            scope: build.scope,
            trips: None,
            body: build.body.clone(),
            result: None,
        };
        let opened = self.hold_open(&turns, &[]);
        let around_held = self.held_open.clone();
        self.held_open.extend(opened.keys().copied());
        let inside = self.cx.inside(&turns);
        let outer = self.cx.cuts.replace(Cuts::of(self.cx, &turns, &inside));
        let mut seeded = build.body.clone();
        let result = seeded.result.take();
        let at = self.cx.ident(build.index);
        let element = names::seed(stmt.id);
        let element = Ident::new(&format!("{element}_k"), Span::mixed_site());
        let count = self.cx.value(build.count);
        let contiguous = place_fact(self.cx.func, target) == Fact::Scalars;
        let mut seed = TokenStream::new();
        let mut seeds = TokenStream::new();
        // The body is reversed first so that it is known which plain cotangents the seed defines.
        if let (Some(result), Some(g)) = (&result, &g) {
            let put = self.contribute(result, quote!(#element));
            if !put.is_empty() {
                let seed_at = if contiguous {
                    let all = Ident::new(&format!("{element}s"), Span::mixed_site());
                    seeds = quote!(let #all = #rt::Buffer(&#g).ad_stretch(0, #count););
                    quote!(#all[#at])
                } else {
                    quote!(::core::clone::Clone::clone(#rt::Elements::ad_at(&#g, #at)))
                };
                seed = quote!(let #element = #seed_at; #put);
            }
        }
        let around = core::mem::take(&mut self.turns);
        let body = self.block_after(&seeded, seed);
        self.turns = around;
        let cuts = self.cx.cuts.replace(outer);
        let held_open = core::mem::replace(&mut self.held_open, around_held);
        let open: TokenStream = opened.into_values().collect();
        self.scopes.pop();
        self.set = before;
        if body.is_empty() && pop.is_empty() {
            return if matches!(stmt.kind, StmtKind::Assign { .. }) {
                take
            } else {
                TokenStream::new()
            };
        }
        let (lanes, give) = self.lanes(build.scope);
        let turns = cuts
            .and_then(|it| it.around(self.cx, &held_open, Some(&pop), &body))
            .unwrap_or_else(
                || quote!(for #at in ::core::iter::Iterator::rev(0..#count) { #pop #body }),
            );
        quote!(#take #whole #lanes { #open #seeds #turns } #give)
    }

    /// The reverse of a block whose result has been seeded by `seed`.
    pub(super) fn block_after(&mut self, block: &Block, seed: TokenStream) -> TokenStream {
        let mut head = TokenStream::new();
        for stmt in &block.stmts {
            if let StmtKind::Let { var, op, .. } = &stmt.kind
                && !self.cx.facts.var(*var).needed.is_empty()
            {
                head.extend(self.again(*var, op));
            }
        }
        for var in block
            .stmts
            .iter()
            .flat_map(|it| crate::analysis::declared(&it.kind))
        {
            if self.cx.facts.var(var).cotangent == Cotangent::Slot {
                head.extend(self.declare_slot(var));
            }
        }
        let mut tokens = TokenStream::new();
        for stmt in block.stmts.iter().rev() {
            tokens.extend(self.stmt(stmt));
        }
        self.empty.clear();
        quote!(#head #seed #tokens)
    }
}
