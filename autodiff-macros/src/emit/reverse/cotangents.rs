//! Where cotangents are: taken from a variable, found by the way of a place, accumulated.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::super::cuts::Into;
use super::super::names;
use super::super::value::Half;
use super::{Dest, Reverse};
use crate::analysis::Cotangent;
use crate::analysis::needs::{operand_fact, place_fact};
use crate::ir::{By, Fact, Operand, Place, Proj, Stmt, VarId, VarKind};

impl Reverse<'_> {
    pub(super) fn declare_slot(&self, var: VarId) -> TokenStream {
        let ident = self.cx.ident(var);
        let d = names::cotangent(ident);
        if self.cx.is_scalar(var) {
            quote!(let mut #d = 0.0;)
        } else {
            let ty = names::ty(ident);
            quote!(let mut #d = #ty.slot();)
        }
    }

    /// The cotangent of the result of a statement, moved out of where it is held; `None` if there is none.
    pub(super) fn take(&self, var: VarId, stmt: u32) -> Option<(TokenStream, TokenStream)> {
        self.take_or(var, stmt, || self.zero_left(var, stmt))
    }

    /// The same, with the zero of a cotangent to which nothing has been added.
    pub(super) fn take_or(
        &self,
        var: VarId,
        stmt: u32,
        zero: impl FnOnce() -> TokenStream,
    ) -> Option<(TokenStream, TokenStream)> {
        let rt = &self.cx.rt;
        if !self.cx.useful(var) {
            return None;
        }
        let d = names::cotangent(self.cx.ident(var));
        let g = names::seed(stmt);
        match self.cx.facts.var(var).cotangent {
            Cotangent::Direct => self
                .set
                .contains(&var)
                .then(|| (TokenStream::new(), quote!(#d))),
            Cotangent::Slot if self.cx.is_scalar(var) => Some((
                quote!(let #g = ::core::mem::replace(&mut #d, 0.0);),
                quote!(#g),
            )),
            Cotangent::Slot => {
                let zero = zero();
                Some((
                    quote!(let #g = #rt::take_or(&mut #d, || #zero);),
                    quote!(#g),
                ))
            }
            Cotangent::Shadow | Cotangent::InOut | Cotangent::None => None,
        }
    }

    /// The cotangent of a place that a statement overwrites, moved out; what is left is the zero of the value before.
    /// `written`: what is known of the new value.
    pub(super) fn take_place(
        &mut self,
        place: &Place,
        stmt: &Stmt,
        restored: bool,
        written: TokenStream,
    ) -> Option<(TokenStream, TokenStream)> {
        let cx = self.cx;
        let (stmt, span) = (stmt.id, stmt.span);
        let root = cx.root(place);
        if cx.is_whole(place) {
            let taken = self.take(root, stmt);
            if cx.is_scalar(root) && cx.facts.var(root).cotangent == Cotangent::Slot {
                self.empty.insert(root);
            }
            return taken;
        }
        if !cx.useful(root) {
            return None;
        }
        let rt = &cx.rt;
        if cx.is_view(place) {
            let (shadow, g) = (self.shadow(place).tokens, names::seed(stmt));
            return Some((quote!(let #g = #shadow.ad_take_view();), quote!(#g)));
        }
        let zero = if place_fact(cx.func, place) == Fact::Scalar {
            quote!(0.0)
        } else if restored {
            let value = cx.place_value(place);
            quote!(#rt::zero_like(&#value))
        } else {
            let zero = self.saved(&names::zero_before(stmt));
            quote!(#zero.make())
        };
        let found = self.shadow(place);
        let (shadow, g) = (&found.tokens, names::seed(stmt));
        // A name for a variable as a whole.
        let slot =
            found.whole && cx.facts.var(root).cotangent == Cotangent::Slot && !cx.is_scalar(root);
        let take = if slot {
            quote!(let #g = #rt::take_or(&mut #shadow, || #zero);)
        } else if crate::ir::behind_field(&cx.func.vars, place) {
            let take = quote!(let #g = #rt::At(&mut #shadow).ad_exchange(#zero, #written););
            super::super::located(take, span)
        } else {
            quote!(let #g = ::core::mem::replace(&mut #shadow, #zero);)
        };
        Some((take, quote!(#g)))
    }

    /// What is known of a value that is written to a part that may have no derivative. A variable may hold what was in
    /// such a part itself.
    pub(super) fn written(&self, value: &Operand) -> TokenStream {
        self.made(self.is_computed(value))
    }

    /// The cotangent that a part has for a value that was written or added to it.
    pub(super) fn cotangent_of_written(&self, part: TokenStream, value: &Operand) -> TokenStream {
        let rt = &self.cx.rt;
        if self.cx.func.level > 0 {
            return quote!(#rt::shadow_copy(&#part));
        }
        let unknown = operand_fact(self.cx.func, value) == Fact::Unknown;
        let written = if unknown && self.is_computed(value) {
            quote!(#rt::made())
        } else {
            self.written(value)
        };
        quote!(#rt::kept(&#part, #written))
    }

    /// Is it a value of the function, not of a tangent program, that was computed?
    pub(super) fn is_computed(&self, value: &Operand) -> bool {
        let cx = self.cx;
        cx.func.level == 0 && cx.active(value) && cx.is_computed(value)
    }

    /// The same of what an operation made. Has it a derivative?
    pub(super) fn made(&self, active: bool) -> TokenStream {
        let rt = &self.cx.rt;
        if self.cx.func.level > 0 {
            quote!(#rt::Harmless)
        } else if active {
            quote!(#rt::Computed)
        } else {
            quote!(#rt::Moved)
        }
    }

    /// Are two places in one field, which has a derivative for both or for none?
    pub(super) fn shares_field(&self, a: &Place, b: &Place) -> bool {
        let fields = |place: &Place| {
            let (root, way) = crate::ir::way(&self.cx.func.vars, place);
            let names = way.iter().filter_map(|it| match it {
                Proj::Field(it) | Proj::Part(it) => Some(it.to_token_stream().to_string()),
                Proj::Variant { path, member, .. } => {
                    Some(crate::lower::accessor(path, member).to_string())
                }
                Proj::Accessor { name, .. } => Some(name.to_string()),
                _ => None,
            });
            (root, names.collect::<Vec<_>>())
        };
        let (root, names) = fields(a);
        !names.is_empty() && (root, names) == fields(b)
    }

    /// The zero of the cotangent of what a statement leaves in a variable.
    pub(super) fn zero_left(&self, var: VarId, stmt: u32) -> TokenStream {
        if self.zeros_after.contains(&(stmt, var)) {
            let zero = self.saved(&names::zero_after(stmt));
            return quote!(#zero.make());
        }
        self.cx.zero(var)
    }

    /// The place of the shadow of a place: an expression of a type that can be borrowed mutably.
    pub(super) fn shadow(&mut self, place: &Place) -> Shadow {
        let cx = self.cx;
        let rt = &cx.rt;
        self.empty.remove(&place.root);
        let info = cx.func.var(place.root);
        let cut = cx
            .cuts
            .borrow_mut()
            .as_mut()
            .and_then(|it| it.shadow(cx, place));
        if let Some((into, at)) = cut {
            let (parameter, stretch) = match into {
                Into::Parameter(cut) => {
                    let inner = names::shadow();
                    (Some(quote!(#cut.as_mut())), quote!((*#inner)))
                }
                Into::There(cut) => (None, quote!(#cut)),
            };
            return Shadow {
                root: place.root,
                parameter,
                whole: false,
                view: false,
                tokens: quote!(#stretch[#at]),
            };
        }
        let mut shadow = match &info.kind {
            VarKind::Alias { place, .. } => self.shadow(&place.clone()),
            VarKind::Param { by: By::Ref } => {
                let inner = names::shadow();
                Shadow {
                    root: place.root,
                    parameter: Some({
                        let d = names::cotangent(&cx.reverse_ident(place.root));
                        quote!(#d.as_deref_mut())
                    }),
                    whole: true,
                    view: false,
                    tokens: quote!((*#inner)),
                }
            }
            VarKind::Param { by: By::Mut } => {
                let d = names::cotangent(&cx.reverse_ident(place.root));
                Shadow {
                    root: place.root,
                    parameter: None,
                    whole: false,
                    view: false,
                    tokens: quote!((*#d)),
                }
            }
            _ => {
                let d = names::cotangent(cx.ident(place.root));
                Shadow {
                    root: place.root,
                    parameter: None,
                    whole: true,
                    view: false,
                    tokens: quote!(#d),
                }
            }
        };
        // References have the cotangent of what they refer to.
        let references = match &info.kind {
            VarKind::Alias { depth, .. } => usize::from(*depth),
            _ if info.boxed => 0,
            _ => usize::MAX,
        };
        let around = crate::ir::behind_field(&cx.func.vars, &Place::from(place.root));
        let mut way = place.proj.clone();
        crate::ir::as_parts(&mut way, around);
        for (at, proj) in way.iter().enumerate() {
            let leading = place.proj[..=at].iter().all(|it| matches!(it, Proj::Deref));
            if leading && at < references {
                continue;
            }
            let local = shadow.whole && shadow.parameter.is_none();
            if local && self.held_open.contains(&shadow.root) {
                let open = names::open(&shadow.tokens);
                shadow.tokens = quote!((*#open));
            } else if local && cx.facts.var(shadow.root).cotangent == Cotangent::Slot {
                let (d, zero) = (&shadow.tokens, cx.present_zero(shadow.root));
                shadow.tokens = quote!((*#rt::Slot::or_zero(&mut #d, || #zero)));
            }
            let base = &shadow.tokens;
            let in_field = around || place.proj[..at].iter().any(Proj::is_field);
            shadow.tokens = match proj {
                Proj::Deref => quote!((*#rt::Place::ad_place(&mut #base))),
                // A field may have no derivative, and then its elements have none.
                Proj::Index(index) if in_field => {
                    let index = cx.code(index);
                    quote!((*#rt::At(&mut #base).ad_part(#index)))
                }
                Proj::Half { at, left } if in_field => {
                    let at = cx.code(at);
                    let range = if *left { quote!(..#at) } else { quote!(#at..) };
                    quote!((*#rt::At(&mut #base).ad_part(#range)))
                }
                _ => cx.project(base, proj, Half::Reverse, true),
            };
            shadow.whole = false;
            shadow.view = matches!(proj, Proj::View(it) if !it.reference);
        }
        shadow
    }

    /// A plain cotangent that is about to be touched in part must exist as a whole.
    pub(super) fn exists(&mut self, root: VarId) -> TokenStream {
        if self.cx.facts.var(root).cotangent == Cotangent::Direct && self.set.insert(root) {
            let d = names::cotangent(self.cx.ident(root));
            let zero = self.cx.zero(root);
            return quote!(let mut #d = #zero;);
        }
        TokenStream::new()
    }

    /// The destination of a contribution to an operand. `busy`: roots that the same rule already writes.
    pub(super) fn dest(
        &mut self,
        operand: &Operand,
        busy: &mut Vec<VarId>,
        waiting: &Ident,
    ) -> (TokenStream, Dest) {
        let rt = self.cx.rt.clone();
        let skip = Dest {
            marker: quote!(#rt::Skip),
            out: quote!(_),
            after: TokenStream::new(),
        };
        if !self.cx.active(operand) {
            return (TokenStream::new(), skip);
        }
        let Some(place) = operand.place().cloned() else {
            return (TokenStream::new(), skip);
        };
        let root = self.cx.root(&place);
        if busy.contains(&root) {
            let (before, put) = self.contribute_to(&place, quote!(#waiting));
            let after = quote!(#before #put);
            return (
                TokenStream::new(),
                Dest {
                    marker: quote!(#rt::Fresh),
                    out: quote!(#waiting),
                    after,
                },
            );
        }
        busy.push(root);
        let shadow = self.shadow(&place);
        if shadow.view {
            // A rule does not know how to accumulate into a part of a matrix.
            let (before, put) = self.contribute_to(&place, quote!(#waiting));
            let dest = Dest {
                marker: quote!(#rt::Fresh),
                out: quote!(#waiting),
                after: quote!(#before #put),
            };
            return (TokenStream::new(), dest);
        }
        let put = |marker: TokenStream| Dest {
            marker,
            out: quote!(_),
            after: TokenStream::new(),
        };
        let (d, tokens) = (names::cotangent(self.cx.ident(shadow.root)), &shadow.tokens);
        if let Some(name) = &shadow.parameter {
            let inner = names::shadow();
            let marker = if shadow.whole {
                quote!(#rt::Maybe(#name))
            } else {
                quote!(#name.map(|#inner| #rt::At(&mut #tokens).ad_acc()))
            };
            return (TokenStream::new(), put(marker));
        }
        if !shadow.whole {
            let before = self.exists(shadow.root);
            return (before, put(quote!(#rt::At(&mut #tokens).ad_acc())));
        }
        if self.cx.facts.var(shadow.root).cotangent == Cotangent::Slot {
            let marker = if self.cx.is_scalar(shadow.root) {
                quote!(#rt::Acc(&mut #d))
            } else {
                quote!(#rt::Lazy(&mut #d))
            };
            return (TokenStream::new(), put(marker));
        }
        if self.set.insert(shadow.root) {
            let dest = Dest {
                marker: quote!(#rt::Fresh),
                out: quote!(mut #d),
                after: TokenStream::new(),
            };
            return (TokenStream::new(), dest);
        }
        (
            TokenStream::new(),
            put(quote!(#rt::Acc(#rt::Place::ad_place(&mut #d)))),
        )
    }

    /// Adds a value that is at hand to the shadow of an operand.
    pub(super) fn contribute(&mut self, operand: &Operand, value: TokenStream) -> TokenStream {
        if !self.cx.active(operand) {
            return TokenStream::new();
        }
        let Some(place) = operand.place().cloned() else {
            return TokenStream::new();
        };
        let (before, put) = self.contribute_to(&place, value);
        quote!(#before #put)
    }

    pub(super) fn contribute_to(
        &mut self,
        place: &Place,
        value: TokenStream,
    ) -> (TokenStream, TokenStream) {
        let rt = self.cx.rt.clone();
        let empty = place.proj.is_empty() && self.empty.contains(&place.root);
        let shadow = self.shadow(place);
        let tokens = &shadow.tokens;
        let into_part = if shadow.view {
            quote!(#tokens.ad_add_to_view(&#value);)
        } else if place_fact(self.cx.func, place) == Fact::Scalar && !shadow.whole {
            quote!(#tokens += #value;)
        } else {
            quote!(#rt::give(#value, #rt::At(&mut #tokens).ad_acc());)
        };
        if let Some(name) = &shadow.parameter {
            let inner = names::shadow();
            let into = if shadow.whole {
                quote!(#rt::give(#value, #rt::Acc(&mut *#inner));)
            } else {
                into_part
            };
            let put = quote!(if let ::core::option::Option::Some(#inner) = #name { #into });
            return (TokenStream::new(), put);
        }
        if !shadow.whole {
            return (self.exists(shadow.root), into_part);
        }
        let d = names::cotangent(self.cx.ident(shadow.root));
        let scalar = self.cx.is_scalar(shadow.root);
        let put = if self.cx.facts.var(shadow.root).cotangent == Cotangent::Slot {
            if scalar && empty {
                quote!(#d = #value;)
            } else if scalar {
                quote!(#d += #value;)
            } else {
                quote!(#rt::give(#value, #rt::Lazy(&mut #d));)
            }
        } else if self.set.insert(shadow.root) {
            quote!(let mut #d = #value;)
        } else if scalar {
            quote!(#d += #value;)
        } else {
            into_part
        };
        (TokenStream::new(), put)
    }

    /// Adds a scalar expression to the shadow of an operand.
    pub(super) fn contribute_scalar(
        &mut self,
        operand: &Operand,
        value: TokenStream,
    ) -> TokenStream {
        if !self.cx.active(operand) {
            return TokenStream::new();
        }
        let Some(place) = operand.place().cloned() else {
            return TokenStream::new();
        };
        // It takes the value as it is.
        if place.proj.is_empty() && self.empty.contains(&place.root) {
            return self.contribute(operand, value);
        }
        let shadow = self.shadow(&place);
        if let Some(sum) = self.sum(&place, &shadow) {
            return quote!(#sum += #value;);
        }
        let tokens = &shadow.tokens;
        if let Some(name) = &shadow.parameter {
            let inner = names::shadow();
            return quote!(
                if let ::core::option::Option::Some(#inner) = #name {
                    #tokens += #value;
                }
            );
        }
        if shadow.whole {
            return self.contribute(operand, value);
        }
        let before = self.exists(shadow.root);
        quote!(#before #tokens += #value;)
    }

    /// The variable that sums what a loop contributes to an element that is the same in all its turns. Nobody reads the
    /// cotangent of a buffer before the loop is done, unless the loop writes the buffer.
    pub(super) fn sum(&mut self, place: &Place, shadow: &Shadow) -> Option<Ident> {
        let turns = self.turns.last_mut().filter(|_| !shadow.whole)?;
        let tokens = &shadow.tokens;
        let there = matches!(self.cx.func.var(shadow.root).kind, VarKind::Param { .. })
            || self.cx.facts.var(shadow.root).cotangent == Cotangent::Slot;
        if shadow.parameter.is_none() && (!there || turns.inside.contains(&shadow.root)) {
            return None;
        }
        let (_, way) = crate::ir::way(&self.cx.func.vars, place);
        let varies = |it: &VarId| turns.inside.contains(it);
        let varies = way.iter().any(|proj| match proj {
            Proj::Index(code) | Proj::Half { at: code, .. } => code.reads.iter().any(varies),
            Proj::Elem(var) => varies(var),
            Proj::View(_) => true,
            Proj::Field(_)
            | Proj::Part(_)
            | Proj::Deref
            | Proj::Payload
            | Proj::Variant { .. }
            | Proj::Accessor { .. }
            | Proj::Array(_) => false,
        });
        if varies {
            return None;
        }
        let inner = names::shadow();
        let put = |at: usize| {
            let sum = names::sum(turns.scope, at);
            let add = match &shadow.parameter {
                Some(name) => quote!(
                    if let ::core::option::Option::Some(#inner) = #name {
                        #tokens += #sum;
                    }
                ),
                None => quote!(#tokens += #sum;),
            };
            // Where no turn contributes there may be no such element.
            quote!(if #sum != 0.0 { #add })
        };
        let known = |at: &usize| turns.sums[*at].to_string() == put(*at).to_string();
        let at = (0..turns.sums.len()).find(known).unwrap_or_else(|| {
            let at = turns.sums.len();
            turns.sums.push(put(at));
            at
        });
        Some(names::sum(turns.scope, at))
    }

    pub(super) fn saved(&self, name: &Ident) -> TokenStream {
        if self.optional.contains(&name.to_string()) {
            let rt = &self.cx.rt;
            quote!(#rt::some(#name))
        } else {
            quote!(#name)
        }
    }

    /// Adds the cotangents of all elements to the shadow of a container.
    pub(super) fn contribute_all(&mut self, operand: &Operand, values: TokenStream) -> TokenStream {
        let Some(place) = operand.place().filter(|_| self.cx.active(operand)).cloned() else {
            return TokenStream::new();
        };
        let shadow = self.shadow(&place);
        if let Some(name) = &shadow.parameter {
            let (inner, tokens) = (names::shadow(), &shadow.tokens);
            return quote!(if let ::core::option::Option::Some(#inner) = #name {
                #tokens.ad_add_all(&#values);
            });
        }
        let before = self.exists(shadow.root);
        let tokens = self.whole_shadow(&place);
        quote!(#before #tokens.ad_add_all(&#values);)
    }

    /// The shadow of a place that a method is called on.
    pub(super) fn whole_shadow(&mut self, place: &Place) -> TokenStream {
        let rt = &self.cx.rt.clone();
        let shadow = self.shadow(place);
        let tokens = shadow.tokens;
        let slot = self.cx.facts.var(shadow.root).cotangent == Cotangent::Slot;
        if shadow.whole && slot && !self.cx.is_scalar(shadow.root) {
            let zero = self.cx.present_zero(shadow.root);
            return quote!((*#rt::Slot::or_zero(&mut #tokens, || #zero)));
        }
        tokens
    }
}

/// The place where the cotangent of a place is accumulated.
pub(super) struct Shadow {
    pub(super) root: VarId,
    /// The optional shadow of a parameter passed by `&`, which `tokens` reach through `names::shadow()`.
    pub(super) parameter: Option<TokenStream>,
    /// Is it the cotangent of the variable as a whole?
    pub(super) whole: bool,
    /// Is it a view of a matrix, which no rule can be given?
    pub(super) view: bool,
    pub(super) tokens: TokenStream,
}
