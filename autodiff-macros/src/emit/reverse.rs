//! The reverse half: for each statement of the forward half, from last to first, its pullback.
//!
//! Invariants. At the start of a reverse statement every variable that it reads holds the value that it had after the
//! statement; at its end, overwritten variables hold the value from before. A statement runs if the exit recorded for
//! its scope comes after it. A cotangent is accumulated only by the functions `contribute*` here.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::BinOp;
use syn::spanned::Spanned;

use super::cuts::{Cuts, Into};
use super::forward::{Forward, Record};
use super::value::{Cx, Half};
use super::{Lanes, halves, names, ours};
use crate::analysis::needs::{by_reference, keeps, operand_fact, place_fact, scalar_operands};
use crate::analysis::{Cotangent, Storage};
use crate::ir::{
    Aggregate, Arm, Block, Build, BuildKind, By, Call, Exit, Fact, Loop, LoopKind, Mutate,
    Mutation, Op, Operand, Place, Proj, ScopeId, Stmt, StmtKind, VarId, VarKind,
};
use crate::names::Keeps;

pub(super) struct Reverse<'a> {
    cx: &'a Cx<'a>,
    records: &'a BTreeMap<ScopeId, Record>,
    few: &'a BTreeSet<ScopeId>,
    regions: &'a BTreeMap<ScopeId, Lanes>,
    optional: &'a BTreeSet<String>,
    zeros_after: &'a BTreeSet<(u32, VarId)>,
    /// By variable: the operation that defines it.
    ops: BTreeMap<VarId, &'a Op>,
    /// Plain cotangents that have been defined.
    set: BTreeSet<VarId>,
    /// The present inner loop, if its writes are logged as a group.
    group: Option<ScopeId>,
    /// Accumulators that a loop around has made sure of.
    held_open: BTreeSet<VarId>,
    /// The loops around.
    turns: Vec<Turns>,
    /// Exits of the scopes around that come after the present statement, by scope.
    scopes: Vec<ScopeId>,
}

/// A loop that is being reversed. What its turns contribute to one element of a parameter is summed in a variable:
/// adding to memory in each turn would wait for the sum of the turn before.
struct Turns {
    scope: ScopeId,
    /// Variables that are not the same in all turns.
    inside: BTreeSet<VarId>,
    /// The elements, each as the branch that adds the sum to it.
    sums: Vec<TokenStream>,
}

/// Where a contribution goes: the marker for a rule, and statements that follow the rule.
struct Dest {
    marker: TokenStream,
    /// The pattern that takes what the marker hands back.
    out: TokenStream,
    after: TokenStream,
}

impl<'a> Reverse<'a> {
    pub(super) fn new(cx: &'a Cx<'a>, forward: &'a Forward<'_>) -> Self {
        let mut ops = BTreeMap::new();
        cx.func.body.walk(&mut |stmt| {
            if let StmtKind::Let { var, op, .. } = &stmt.kind {
                ops.insert(*var, op);
            }
        });
        Reverse {
            cx,
            ops,
            records: &forward.records,
            few: &forward.few,
            regions: &forward.regions,
            optional: &forward.optional,
            zeros_after: &forward.zeros_after,
            set: BTreeSet::new(),
            group: None,
            held_open: BTreeSet::new(),
            turns: Vec::new(),
            scopes: Vec::new(),
        }
    }

    pub(super) fn function(&mut self) -> TokenStream {
        let func = self.cx.func;
        self.scopes.push(func.scope);
        let value = func.result;
        let d_value = names::cotangent(self.cx.ident(value));
        let seed = names::seed_of_value();
        let mut head = TokenStream::new();
        for param in &func.params {
            if self.cx.facts.var(param.var).cotangent == Cotangent::Slot {
                head.extend(self.declare_slot(param.var));
            }
        }
        if self.cx.is_scalar(value) {
            head.extend(quote!(let mut #d_value = #seed;));
        } else {
            let ty = names::ty(self.cx.ident(value));
            head.extend(quote!(let mut #d_value = #ty.filled(#seed);));
        }
        let body = self.block(&func.body, Some(value), &[]);
        self.scopes.pop();
        quote!(#head #body)
    }

    // === accumulators ===

    fn declare_slot(&self, var: VarId) -> TokenStream {
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
    fn take(&self, var: VarId, stmt: u32) -> Option<(TokenStream, TokenStream)> {
        self.take_or(var, stmt, || self.zero_left(var, stmt))
    }

    /// The same, with the zero of a cotangent to which nothing has been added.
    fn take_or(
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
    fn take_place(
        &mut self,
        place: &Place,
        stmt: u32,
        restored: bool,
    ) -> Option<(TokenStream, TokenStream)> {
        let cx = self.cx;
        let root = cx.root(place);
        if cx.is_whole(place) {
            return self.take(root, stmt);
        }
        if !cx.useful(root) {
            return None;
        }
        let rt = &cx.rt;
        if cx.is_view(place) {
            let (shadow, g) = (self.shadow(place).tokens, names::seed(stmt));
            return Some((quote!(let #g = #rt::take_view(&mut #shadow);), quote!(#g)));
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
        } else if behind_field(cx.func, place) {
            quote!(let #g = #rt::At(&mut #shadow).ad_exchange(#zero);)
        } else {
            quote!(let #g = ::core::mem::replace(&mut #shadow, #zero);)
        };
        Some((take, quote!(#g)))
    }

    /// The zero of the cotangent of what a statement leaves in a variable.
    fn zero_left(&self, var: VarId, stmt: u32) -> TokenStream {
        if self.zeros_after.contains(&(stmt, var)) {
            let zero = self.saved(&names::zero_after(stmt));
            return quote!(#zero.make());
        }
        self.cx.zero(var)
    }

    /// The place of the shadow of a place: an expression of a type that can be borrowed mutably.
    fn shadow(&mut self, place: &Place) -> Shadow {
        let cx = self.cx;
        let rt = &cx.rt;
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
        for (at, proj) in place.proj.iter().enumerate() {
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
            let in_field = place.proj[..at].iter().any(is_field);
            shadow.tokens = match proj {
                Proj::Deref => quote!((*#rt::Place::ad_place(&mut #base))),
                // A field may have no derivative, and then its elements have none.
                Proj::Index(index) if in_field => {
                    let index = cx.code(index);
                    quote!((*#rt::At(&mut #base).ad_part(#index)))
                }
                _ => cx.project(base, proj, Half::Reverse, true),
            };
            shadow.whole = false;
            shadow.view = matches!(proj, Proj::View(it) if !it.reference);
        }
        shadow
    }

    /// A plain cotangent that is about to be touched in part must exist as a whole.
    fn exists(&mut self, root: VarId) -> TokenStream {
        if self.cx.facts.var(root).cotangent == Cotangent::Direct && self.set.insert(root) {
            let d = names::cotangent(self.cx.ident(root));
            let zero = self.cx.zero(root);
            return quote!(let mut #d = #zero;);
        }
        TokenStream::new()
    }

    /// The destination of a contribution to an operand. `busy`: roots that the same rule already writes.
    fn dest(
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
    fn contribute(&mut self, operand: &Operand, value: TokenStream) -> TokenStream {
        if !self.cx.active(operand) {
            return TokenStream::new();
        }
        let Some(place) = operand.place().cloned() else {
            return TokenStream::new();
        };
        let (before, put) = self.contribute_to(&place, value);
        quote!(#before #put)
    }

    fn contribute_to(&mut self, place: &Place, value: TokenStream) -> (TokenStream, TokenStream) {
        let rt = self.cx.rt.clone();
        let shadow = self.shadow(place);
        let tokens = &shadow.tokens;
        let into_part = if shadow.view {
            quote!(#rt::add_to_view(&mut #tokens, &#value);)
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
            if scalar {
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
    fn contribute_scalar(&mut self, operand: &Operand, value: TokenStream) -> TokenStream {
        if !self.cx.active(operand) {
            return TokenStream::new();
        }
        let Some(place) = operand.place().cloned() else {
            return TokenStream::new();
        };
        let shadow = self.shadow(&place);
        let tokens = &shadow.tokens;
        if let Some(name) = &shadow.parameter {
            let inner = names::shadow();
            if let Some(sum) = self.sum(&place, &shadow) {
                return quote!(#sum += #value;);
            }
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

    /// The variable that sums what a loop contributes to an element that is the same in all its turns.
    fn sum(&mut self, place: &Place, shadow: &Shadow) -> Option<Ident> {
        let (name, tokens) = (shadow.parameter.as_ref()?, &shadow.tokens);
        let turns = self.turns.last_mut().filter(|_| !shadow.whole)?;
        let (_, way) = crate::ir::way(&self.cx.func.vars, place);
        let varies = |it: &VarId| turns.inside.contains(it);
        let varies = way.iter().any(|proj| match proj {
            Proj::Index(code) | Proj::Half { at: code, .. } => code.reads.iter().any(varies),
            Proj::Elem(var) => varies(var),
            Proj::View(_) => true,
            Proj::Field(_) | Proj::Deref | Proj::Payload | Proj::Accessor(_) | Proj::Array(_) => {
                false
            }
        });
        if varies {
            return None;
        }
        let inner = names::shadow();
        let put = |at: usize| {
            let sum = names::sum(turns.scope, at);
            // Where no turn contributes there may be no such element.
            quote!(if #sum != 0.0 {
                if let ::core::option::Option::Some(#inner) = #name {
                    #tokens += #sum;
                }
            })
        };
        let known = |at: &usize| turns.sums[*at].to_string() == put(*at).to_string();
        let at = (0..turns.sums.len()).find(known).unwrap_or_else(|| {
            let at = turns.sums.len();
            turns.sums.push(put(at));
            at
        });
        Some(names::sum(turns.scope, at))
    }

    /// The variables that are not the same in all turns of a loop.
    fn inside(&self, it: &Loop) -> BTreeSet<VarId> {
        let func = self.cx.func;
        let mut inside = BTreeSet::new();
        let (mut first, mut last) = (u32::MAX, 0);
        it.body.walk(&mut |stmt| {
            (first, last) = (first.min(stmt.id), last.max(stmt.id));
            inside.extend(crate::analysis::overwritten(&func.vars, &stmt.kind));
            inside.extend(crate::analysis::lent(&func.vars, &stmt.kind));
        });
        inside.extend((0..).map(VarId).take(func.vars.len()).filter(|it| {
            let from = self.cx.facts.var(*it).home.from;
            first <= from && from <= last
        }));
        inside
    }

    // === saved values of our own ===

    fn saved(&self, name: &Ident) -> TokenStream {
        if self.optional.contains(&name.to_string()) {
            let rt = &self.cx.rt;
            quote!(#rt::some(#name))
        } else {
            quote!(#name)
        }
    }

    // === blocks ===

    /// The reverse of a block: `into` takes its result.
    fn block(&mut self, block: &Block, into: Option<VarId>, owned: &[VarId]) -> TokenStream {
        let mut head = TokenStream::new();
        let declared: Vec<VarId> = block
            .stmts
            .iter()
            .flat_map(|it| crate::analysis::declared(&it.kind))
            .collect();
        // Values evaluated again, in source order.
        for stmt in &block.stmts {
            if let StmtKind::Let { var, op, .. } = &stmt.kind
                && !self.cx.facts.var(*var).needed.is_empty()
            {
                head.extend(self.again(*var, op));
            }
        }
        for var in owned.iter().chain(&declared) {
            if self.cx.facts.var(*var).cotangent == Cotangent::Slot {
                head.extend(self.declare_slot(*var));
            }
        }
        let exits = self
            .scopes
            .last()
            .and_then(|it| self.cx.facts.exits.get(it))
            .cloned()
            .unwrap_or_default();
        // The position of a statement among the exits of its scope: the last exit before it.
        let mut positions = Vec::new();
        let mut last: Option<u32> = None;
        for stmt in &block.stmts {
            positions.push(last);
            stmt_exits(stmt, &mut |id| {
                if exits.contains(&id) {
                    last = Some(last.map_or(id, |it| it.max(id)));
                }
            });
        }
        let mut tokens = TokenStream::new();
        let mut pending = TokenStream::new();
        let mut guard = last;
        if let (Some(into), Some(result)) = (into, &block.result) {
            pending.extend(self.result(into, result, block.stmts.last().map_or(0, |it| it.id)));
        }
        for (stmt, position) in block.stmts.iter().zip(positions).rev() {
            let own = self.stmt(stmt);
            // `v?` defines its value after its own exit; any other statement runs before the exits that it contains.
            let after = matches!(stmt.kind, StmtKind::Try { .. });
            if after {
                pending.extend(own.clone());
            }
            if position != guard {
                tokens.extend(self.guarded(guard, core::mem::take(&mut pending)));
                guard = position;
            }
            if !after {
                pending.extend(own);
            }
        }
        tokens.extend(self.guarded(guard, pending));
        quote!(#head #tokens)
    }

    fn guarded(&self, position: Option<u32>, tokens: TokenStream) -> TokenStream {
        match (position, self.scopes.last()) {
            (Some(id), Some(scope)) if !tokens.is_empty() => {
                let exit = names::exit(*scope);
                quote!(if #exit > #id { #tokens })
            }
            _ => tokens,
        }
    }

    fn again(&self, var: VarId, op: &Op) -> TokenStream {
        let ident = self.cx.ident(var);
        match self.cx.facts.var(var).storage {
            Storage::EvaluateAgain => {
                let value = self.evaluated(op, &|it| self.cx.operand(it));
                quote!(let #ident = #value;)
            }
            Storage::SaveOrEvaluate => {
                let value = self.evaluated(op, &|it| self.evaluated_operand(it));
                quote!(let #ident = #ident.ad_or_again(|| #value);)
            }
            Storage::Unneeded | Storage::ReadAgain | Storage::Save | Storage::SaveIfDefined => {
                TokenStream::new()
            }
        }
    }

    /// An operation, evaluated again.
    fn evaluated(&self, op: &Op, operand: &dyn Fn(&Operand) -> TokenStream) -> TokenStream {
        match op {
            Op::Code(code) => self.cx.code(code),
            Op::Use(it) => operand(it),
            Op::Neg(it) => {
                let it = operand(it);
                quote!(-#it)
            }
            Op::Binary(op, left, right) => {
                let (left, right) = (operand(left), operand(right));
                quote!(#left #op #right)
            }
            Op::Cast(it, ty) => {
                let it = operand(it);
                quote!(#it as #ty)
            }
            Op::Method {
                recv,
                name,
                turbofish,
                args,
            } => {
                let recv = operand(recv);
                let args = args.iter().map(operand);
                quote!(#recv.#name #turbofish (#(#args),*))
            }
            _ => unreachable!("only operations of scalars are evaluated again"),
        }
    }

    /// An operand of a value that is evaluated again if it is a number: its type is not known, so it is left where it is.
    /// A variable that nobody keeps is evaluated in turn.
    fn evaluated_operand(&self, operand: &Operand) -> TokenStream {
        let Operand::Place(place) = operand else {
            return self.cx.operand(operand);
        };
        if let Some(op) = self.unkept(place) {
            let value = self.evaluated(op, &|it| self.evaluated_operand(it));
            return quote!((#value));
        }
        let value = self.cx.place_value(place);
        quote!(::core::clone::Clone::clone(&#value))
    }

    /// The operation of a variable that nobody keeps.
    fn unkept(&self, place: &Place) -> Option<&'a Op> {
        let facts = self.cx.facts.var(place.root);
        self.ops
            .get(&place.root)
            .copied()
            .filter(|_| place.proj.is_empty() && facts.storage == Storage::Unneeded)
    }

    /// The cotangent of a branching expression flows to the value of the branch taken.
    fn result(&mut self, into: VarId, result: &Operand, stmt: u32) -> TokenStream {
        if !self.cx.active(result) {
            return TokenStream::new();
        }
        let Some((before, g)) = self.take(into, stmt) else {
            return TokenStream::new();
        };
        let put = self.contribute(result, g);
        quote!(#before #put)
    }

    // === statements ===

    fn stmt(&mut self, stmt: &Stmt) -> TokenStream {
        let tokens = self.stmt_tokens(stmt);
        if tokens.is_empty() {
            return tokens;
        }
        let comment = self.cx.comment(stmt.span, "reverse");
        quote!(#comment #tokens)
    }

    fn stmt_tokens(&mut self, stmt: &Stmt) -> TokenStream {
        match &stmt.kind {
            StmtKind::Let { var, op, .. } => self.op_with(stmt, &Place::from(*var), op, None),
            StmtKind::Assign { place, op } => self.assign(stmt, place, op),
            StmtKind::Update { op, place, value } => self.update(stmt, op, place, value),
            StmtKind::Bind { bindings, .. } => {
                let mut tokens = TokenStream::new();
                for binding in bindings.iter().rev() {
                    tokens.extend(self.binding(binding.var, binding.source.as_ref(), stmt.id));
                }
                tokens
            }
            StmtKind::Opaque { mutates, .. } => {
                if !self.cx.facts.restores.contains(&stmt.id) {
                    return TokenStream::new();
                }
                let rt = &self.cx.rt;
                let old = self.saved(&names::old(stmt.id));
                let names: Vec<Ident> = (0..mutates.len())
                    .map(|it| ours(&format!("__old_{it}")))
                    .collect();
                let restored = mutates.iter().zip(&names).map(|(var, old)| {
                    let value = self.cx.value_mut(*var);
                    if self.cx.by(*var) == Some(By::Mut) {
                        quote!(#rt::Restore::ad_restore(&mut *#value, #old);)
                    } else {
                        quote!(#value = #old;)
                    }
                });
                quote!({ let (#(#names,)*) = #old; #(#restored)* })
            }
            StmtKind::If {
                then,
                otherwise,
                taken,
                result,
                ..
            } => {
                let flag = self.cx.value(*taken);
                let before = self.set.clone();
                let then = self.block(then, *result, &[]);
                self.set.clone_from(&before);
                let otherwise = self.block(otherwise, *result, &[]);
                self.set = before;
                match (then.is_empty(), otherwise.is_empty()) {
                    (true, true) => TokenStream::new(),
                    (false, true) => quote!(if #flag { #then }),
                    (true, false) => quote!(if !#flag { #otherwise }),
                    (false, false) => quote!(if #flag { #then } else { #otherwise }),
                }
            }
            StmtKind::Match {
                taken,
                arms,
                result,
                ..
            } => self.match_(*taken, arms, *result),
            StmtKind::Try { var, value, .. } => {
                let Some((before, g)) = self.take(*var, stmt.id) else {
                    return TokenStream::new();
                };
                let mut place = match value.place() {
                    Some(place) => place.clone(),
                    None => return TokenStream::new(),
                };
                place.proj.push(Proj::Payload);
                let put = self.contribute(&Operand::Place(place), g);
                quote!(#before #put)
            }
            StmtKind::Loop(it) => self.loop_(it),
            StmtKind::Scope {
                scope,
                body,
                result,
                ..
            } => {
                let before = self.set.clone();
                self.scopes.push(*scope);
                let tokens = self.block(body, *result, &[]);
                self.scopes.pop();
                self.set = before;
                if tokens.is_empty() {
                    tokens
                } else {
                    quote!({ #tokens })
                }
            }
            StmtKind::Exit(exit) => self.exit(stmt, exit),
            StmtKind::Mutate(it) => self.mutate(stmt, it),
            StmtKind::Declare { .. } | StmtKind::Alias { .. } | StmtKind::Views { .. } => {
                TokenStream::new()
            }
        }
    }

    fn exit(&mut self, stmt: &Stmt, exit: &Exit) -> TokenStream {
        let Some((var, value)) = &exit.value else {
            return TokenStream::new();
        };
        if !self.cx.active(value) {
            return TokenStream::new();
        }
        let before_set = self.set.clone();
        let Some((before, g)) = self.take(*var, stmt.id) else {
            return TokenStream::new();
        };
        let put = self.contribute(value, g);
        self.set = before_set;
        let Some(scope) = self.scopes.last() else {
            return TokenStream::new();
        };
        let (name, id) = (names::exit(*scope), exit.id);
        quote!(if #name == #id { #before #put })
    }

    fn binding(&mut self, var: VarId, source: Option<&Place>, stmt: u32) -> TokenStream {
        let Some(source) = source else {
            return TokenStream::new();
        };
        // What the pattern binds, whatever the statement leaves in it.
        let Some((before, g)) = self.take_or(var, stmt, || self.cx.zero(var)) else {
            return TokenStream::new();
        };
        let put = self.contribute(&Operand::Place(source.clone()), g);
        quote!(#before #put)
    }

    fn match_(&mut self, taken: VarId, arms: &[Arm], result: Option<VarId>) -> TokenStream {
        let flag = self.cx.value(taken);
        let mut tokens = TokenStream::new();
        let mut any = false;
        let before = self.set.clone();
        for (at, arm) in arms.iter().enumerate() {
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            let owned: Vec<VarId> = arm.bindings.iter().map(|it| it.var).collect();
            let mut body = self.block(&arm.body, result, &owned);
            for binding in arm.bindings.iter().rev() {
                let position = arm.body.stmts.first().map_or(u32::MAX, |it| it.id);
                body.extend(self.binding(binding.var, binding.source.as_ref(), position));
            }
            self.set.clone_from(&before);
            any |= !body.is_empty();
            if !body.is_empty() {
                tokens.extend(quote!(#at => { #body }));
            }
        }
        if any {
            quote!(match #flag { #tokens _ => {} })
        } else {
            TokenStream::new()
        }
    }

    fn loop_(&mut self, it: &Loop) -> TokenStream {
        let before = self.set.clone();
        self.scopes.push(it.scope);
        self.turns.push(Turns {
            scope: it.scope,
            inside: self.inside(it),
            sums: Vec::new(),
        });
        let owned = match &it.kind {
            LoopKind::Iter { vars, .. } => vars.clone(),
            LoopKind::Count { .. } | LoopKind::While(_) | LoopKind::Forever => Vec::new(),
        };
        let (mut before_group, mut after_group) = (TokenStream::new(), TokenStream::new());
        if self.cx.turns_of_group(it, Half::Reverse).is_some() {
            (before_group, after_group) = self.undo_group(it);
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
        let open: TokenStream = opened.into_values().collect();
        self.group = None;
        self.scopes.pop();
        let sums = self.turns.pop().map(|it| it.sums).unwrap_or_default();
        let zeros = (0..sums.len()).map(|at| names::sum(it.scope, at));
        let zeros = quote!(#(let mut #zeros = 0.0;)*);
        self.set = before;
        let pop = self.pop(it.scope);
        if body.is_empty() && pop.is_empty() {
            return TokenStream::new();
        }
        let early = leaves_early(it);
        let trips = it.trips.map(|it| self.cx.value(it));
        let cut = cuts.and_then(|it| it.around(self.cx, &held_open, &quote!(#pop #body)));
        let turns = match &it.kind {
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
            quote!({ #open #turns })
        };
        quote!(#zeros #take #before_group #turns #after_group #give #(#sums)*)
    }

    /// The accumulators of which a loop touches numbers alone: they are there before it, not looked for in each turn.
    fn hold_open(&self, it: &Loop, owned: &[VarId]) -> BTreeMap<VarId, TokenStream> {
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
    fn lanes(&self, scope: ScopeId) -> (TokenStream, TokenStream) {
        self.regions
            .get(&scope)
            .map(Lanes::around)
            .unwrap_or_default()
    }

    /// Takes the record of an iteration.
    fn pop(&self, scope: ScopeId) -> TokenStream {
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
    fn region(&self) -> Option<ScopeId> {
        let mut around = self.scopes.iter().copied();
        around.find(|it| self.regions.contains_key(it))
    }

    /// Puts back what a statement overwrote in a buffer that is logged.
    fn unlog(&self, stmt: &Stmt, place: &Place) -> Option<TokenStream> {
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
    fn undo_group(&self, it: &Loop) -> (TokenStream, TokenStream) {
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        let Some(region) = self.region() else {
            return (before, after);
        };
        for buffer in self.cx.logged(it).into_keys() {
            let ident = self.cx.ident(buffer);
            let (log, logs) = (names::log(region, ident), names::logs(it.scope, ident));
            let words = names::words();
            let buffer = self.cx.whole(buffer, Half::Reverse);
            before.extend(quote!(let #logs = #log.undo();));
            after.extend(quote!(#log.undone(&mut #words, &mut #buffer);));
        }
        (before, after)
    }

    fn assign(&mut self, stmt: &Stmt, place: &Place, op: &Op) -> TokenStream {
        let root = self.cx.root(place);
        let restored = self.cx.facts.restores.contains(&stmt.id);
        let mut tokens = TokenStream::new();
        let result_name = ours("__assigned");
        if self.makes_shape(place) {
            // Before the part has the shape again that it had.
            let (d, zero) = (
                names::cotangent(self.cx.ident(root)),
                self.cx.present_zero(root),
            );
            let rt = &self.cx.rt;
            tokens.extend(quote!(#rt::Slot::or_zero(&mut #d, || #zero);));
        }
        let unlog = self.unlog(stmt, place);
        let restored = restored && unlog.is_none();
        tokens.extend(unlog);
        if restored {
            let old = self.saved(&names::old(stmt.id));
            let target = self.cx.place_mut(place);
            tokens.extend(quote!(let #result_name = ::core::mem::replace(&mut #target, #old);));
        }
        let value = restored.then(|| quote!(#result_name));
        match op {
            Op::SumStep(term) => {
                if self.cx.useful(root) && self.cx.active(term) {
                    tokens.extend(self.accumulated(stmt, place, term, true));
                }
            }
            op => tokens.extend(self.op_with(stmt, place, op, value)),
        }
        tokens
    }

    /// May the part that is assigned have got another shape, in a variable whose cotangent may not be there yet?
    fn makes_shape(&self, place: &Place) -> bool {
        let (cx, root) = (self.cx, self.cx.root(place));
        cx.useful(root)
            && cx.facts.reshaped.contains(&root)
            && cx.has_slot(root)
            && !cx.is_whole(place)
            && place_fact(cx.func, place) != Fact::Scalar
            && !self.held_open.contains(&root)
    }

    /// `s += term`: the cotangent of `s` stays, that of the term grows.
    fn accumulated(
        &mut self,
        stmt: &Stmt,
        place: &Place,
        term: &Operand,
        add: bool,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let root = self.cx.root(place);
        let target = Operand::Place(place.clone());
        let scalar = place_fact(self.cx.func, place) == Fact::Scalar
            && (scalar_operands(self.cx.func, &[&target, term])
                || operand_fact(self.cx.func, term) == Fact::Scalar);
        let shadow = self.shadow(place);
        let d = &shadow.tokens;
        if scalar {
            return self.contribute_scalar(term, if add { quote!(#d) } else { quote!(-#d) });
        }
        let pull = self.saved(&names::pull(stmt.id));
        let waiting = names::waiting(stmt.id, 0);
        let (before, dest) = self.dest(term, &mut vec![root], &waiting);
        let (marker, out, after) = (&dest.marker, &dest.out, &dest.after);
        let g = names::seed(stmt.id);
        let read = if shadow.view {
            quote!(let #g = #rt::keep(&#d);)
        } else if !shadow.whole {
            quote!(let #g = #rt::shadow_copy(&#d);)
        } else if self.cx.is_scalar(root) {
            quote!(let #g = #d;)
        } else {
            let zero = self.zero_left(root, stmt.id);
            quote!(let #g = ::core::clone::Clone::clone(#rt::Slot::or_zero(&mut #d, || #zero));)
        };
        let is_sum = matches!(&stmt.kind, StmtKind::Assign { .. });
        if is_sum {
            quote!(#read #before let #out = #rt::pull1(#pull, #g, #marker); #after)
        } else {
            quote!(#read #before let (_, #out) = #rt::pull2(#pull, #g, #rt::Skip, #marker); #after)
        }
    }

    fn update(&mut self, stmt: &Stmt, op: &BinOp, place: &Place, value: &Operand) -> TokenStream {
        let root = self.cx.root(place);
        let mut tokens = TokenStream::new();
        if self.cx.facts.undone.contains(&stmt.id) {
            let (target, step) = (self.cx.place_mut(place), self.cx.operand(value));
            tokens.extend(if matches!(op, BinOp::AddAssign(_)) {
                quote!(#target -= #step;)
            } else {
                quote!(#target += #step;)
            });
        } else if let Some(unlog) = self.unlog(stmt, place) {
            tokens.extend(unlog);
        } else if self.cx.facts.restores.contains(&stmt.id) {
            let old = self.saved(&names::old(stmt.id));
            let target = self.cx.place_mut(place);
            tokens.extend(if self.cx.is_view(place) {
                quote!(#target.copy_from(&#old);)
            } else {
                quote!(#target = #old;)
            });
        }
        if !self.cx.useful(root) {
            return tokens;
        }
        let plain = match op {
            BinOp::AddAssign(_) | BinOp::SubAssign(_) => {
                if self.cx.active(value) {
                    tokens.extend(self.accumulated(
                        stmt,
                        place,
                        value,
                        matches!(op, BinOp::AddAssign(_)),
                    ));
                }
                return tokens;
            }
            BinOp::MulAssign(it) => BinOp::Mul(syn::token::Star(it.spans[0])),
            BinOp::DivAssign(it) => BinOp::Div(syn::token::Slash(it.spans[0])),
            BinOp::RemAssign(it) => BinOp::Rem(syn::token::Percent(it.spans[0])),
            _ => return tokens,
        };
        // `s *= e` ⇒ `s = s * e`
        let op = Op::Binary(plain, Operand::Place(place.clone()), value.clone());
        tokens.extend(self.op_with(stmt, place, &op, None));
        tokens
    }

    // === operations ===

    /// The pullback of `target = op`. `value`: the result, where the target no longer holds it but what it held before.
    fn op_with(
        &mut self,
        stmt: &Stmt,
        target: &Place,
        op: &Op,
        value: Option<TokenStream>,
    ) -> TokenStream {
        if let Op::Build(build) = op {
            return self.build(stmt, target, build);
        }
        let restored = value.is_some() || matches!(stmt.kind, StmtKind::Update { .. });
        if let Op::Call(call) = op {
            return self.call(stmt, target, call, restored);
        }
        let Some((take, g)) = self.take_place(target, stmt.id, restored) else {
            return TokenStream::new();
        };
        let rt = self.cx.rt.clone();
        let pullback = match op {
            Op::Use(operand) => self.contribute(operand, g),
            Op::Code(_) | Op::SumStart => TokenStream::new(),
            Op::Neg(operand) => {
                if scalar_operands(self.cx.func, &[operand]) {
                    self.contribute_scalar(operand, quote!(-#g))
                } else {
                    self.linear(stmt, operand, &g)
                }
            }
            Op::Cast(operand, _) => self.linear(stmt, operand, &g),
            Op::Binary(op, left, right) => self.binary(stmt, op, left, right, &g),
            Op::Method {
                recv, name, args, ..
            } => self.method(stmt, target, recv, name, args, &g, value),
            Op::Construct { name, args, .. } => {
                let value = value.unwrap_or_else(|| self.cx.place_value(target));
                let method = rule_method(name);
                let span = name.span();
                let (before, markers, outs, after) = self.dests(stmt, args.iter(), &mut Vec::new());
                let operands = args.iter().map(|it| self.rule_operand(it));
                let call = quote!(#rt::peel(&#value).#method((#(#operands,)*), (), &#g, #rt::Skip, (#(#markers,)*)));
                let call = super::located(call, span);
                quote!(#before let (_, (#(#outs,)*)) = #call; #after)
            }
            Op::Foreign { rule, args, .. } => {
                let value = value.unwrap_or_else(|| self.cx.place_value(target));
                self.foreign(stmt, rule, args, &g, &value)
            }
            Op::Aggregate(kind, items) => self.aggregate(stmt.id, kind, items, &g),
            Op::SumStep(_) | Op::Build(_) | Op::Call(_) => TokenStream::new(),
        };
        // An assignment ends the life of the value before, also where the new one carries no derivative: its cotangent
        // is taken away.
        let overwrites = matches!(stmt.kind, StmtKind::Assign { .. } | StmtKind::Update { .. });
        if pullback.is_empty() && !overwrites {
            pullback
        } else {
            quote!(#take #pullback)
        }
    }

    fn linear(&mut self, stmt: &Stmt, operand: &Operand, g: &TokenStream) -> TokenStream {
        if !self.cx.active(operand) {
            return TokenStream::new();
        }
        let rt = self.cx.rt.clone();
        let pull = self.saved(&names::pull(stmt.id));
        let (before, dest) = self.dest(operand, &mut Vec::new(), &names::waiting(stmt.id, 0));
        let (marker, out, after) = (dest.marker, dest.out, dest.after);
        quote!(#before let #out = #rt::pull1(#pull, #g, #marker); #after)
    }

    #[allow(
        clippy::type_complexity,
        reason = "before, markers, patterns, after: the four parts of a rule call"
    )]
    fn dests<'o>(
        &mut self,
        stmt: &Stmt,
        operands: impl Iterator<Item = &'o Operand>,
        busy: &mut Vec<VarId>,
    ) -> (TokenStream, Vec<TokenStream>, Vec<TokenStream>, TokenStream) {
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        let (mut markers, mut outs) = (Vec::new(), Vec::new());
        for (at, operand) in operands.enumerate() {
            let (first, dest) = self.dest(operand, busy, &names::waiting(stmt.id, at + 1));
            before.extend(first);
            markers.push(dest.marker);
            outs.push(dest.out);
            after.extend(dest.after);
        }
        (before, markers, outs, after)
    }

    fn binary(
        &mut self,
        stmt: &Stmt,
        op: &BinOp,
        left: &Operand,
        right: &Operand,
        g: &TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        if !self.cx.active(left) && !self.cx.active(right) {
            return TokenStream::new();
        }
        let scalar = scalar_operands(self.cx.func, &[left, right]);
        let span = op.span();
        let (a, b) = (self.cx.operand(left), self.cx.operand(right));
        if scalar {
            let both = match op {
                BinOp::Add(_) => Some((quote!(#g), quote!(#g))),
                BinOp::Sub(_) => Some((quote!(#g), quote!(-#g))),
                BinOp::Mul(_) => Some((quote!(#g * #b), quote!(#g * #a))),
                BinOp::Div(_) if !self.cx.active(right) => {
                    Some((quote!(#rt::guarded(#g, #g / #b)), TokenStream::new()))
                }
                _ => None,
            };
            if let Some((to_left, to_right)) = both {
                let first = self.contribute_scalar(left, to_left);
                let second = self.contribute_scalar(right, to_right);
                return quote!(#first #second);
            }
        }
        let mut busy = Vec::new();
        let (before_a, da) = self.dest(left, &mut busy, &names::waiting(stmt.id, 1));
        let (before_b, db) = self.dest(right, &mut busy, &names::waiting(stmt.id, 2));
        let (ma, oa, fa) = (da.marker, da.out, da.after);
        let (mb, ob, fb) = (db.marker, db.out, db.after);
        let call = match op {
            BinOp::Add(_) | BinOp::Sub(_) => {
                let pull = self.saved(&names::pull(stmt.id));
                quote!(#rt::pull2(#pull, #g, #ma, #mb))
            }
            _ => {
                let f = match op {
                    BinOp::Mul(_) => Ident::new("mul", span),
                    BinOp::Div(_) => Ident::new("div", span),
                    _ => Ident::new("rem", span),
                };
                let (a, b) = (self.peeled(left), self.peeled(right));
                quote!(#rt::#f(#rt::pair(#a, #b), &#g, #ma, #mb))
            }
        };
        let call = super::located(call, span);
        quote!(#before_a #before_b let (#oa, #ob) = #call; #fa #fb)
    }

    /// An operand as an operator rule sees it: literals stay open to inference.
    fn peeled(&self, operand: &Operand) -> TokenStream {
        let rt = &self.cx.rt;
        match operand {
            Operand::Lit(expr) => quote!(&#rt::Lit(#expr)),
            other => {
                let tokens = self.cx.operand(other);
                quote!(&#tokens)
            }
        }
    }

    /// An operand as a method rule sees it.
    fn rule_operand(&self, operand: &Operand) -> TokenStream {
        let rt = &self.cx.rt;
        match operand {
            Operand::Lit(expr) => quote!(#rt::Lit(#expr)),
            other => {
                let tokens = self.cx.operand(other);
                quote!(#rt::Val(&#tokens))
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of a method call")]
    fn method(
        &mut self,
        stmt: &Stmt,
        target: &Place,
        recv: &Operand,
        name: &Ident,
        args: &[Operand],
        g: &TokenStream,
        value: Option<TokenStream>,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        if !self.cx.active(recv) && !args.iter().any(|it| self.cx.active(it)) {
            return TokenStream::new();
        }
        let text = name.to_string();
        if matches!(text.as_str(), "max" | "min")
            && matches!(recv, Operand::Lit(_))
            && let [other] = args
        {
            // `0.0.max(x)`: a literal is a bound on whichever side it stands.
            return self.method(
                stmt,
                target,
                other,
                name,
                core::slice::from_ref(recv),
                g,
                value,
            );
        }
        let keeps = keeps(self.cx.func, recv, &text);
        let result = value.unwrap_or_else(|| self.cx.place_value(target));
        if text == "exp" && keeps == Keeps::Output {
            return self.contribute_scalar(recv, quote!(#g * #result));
        }
        let mut busy = Vec::new();
        let (before, dest) = self.dest(recv, &mut busy, &names::waiting(stmt.id, 0));
        let (before_args, markers, outs, after_args) = self.dests(stmt, args.iter(), &mut busy);
        let receiver = match (keeps, recv) {
            (Keeps::Output, _) => quote!(&#result),
            (_, Operand::Lit(expr)) => quote!(&(#expr)),
            (_, other) => {
                let tokens = self.cx.operand(other);
                quote!(&#tokens)
            }
        };
        let y = if keeps == Keeps::All {
            quote!(&#result)
        } else {
            quote!(())
        };
        let operands = args.iter().map(|it| self.rule_operand(it));
        let method = rule_method(name);
        let span = name.span();
        let (marker, out, after) = (dest.marker, dest.out, dest.after);
        let call = quote!(#rt::peel(#receiver).#method((#(#operands,)*), #y, &#g, #marker, (#(#markers,)*)));
        let call = super::located(call, span);
        quote!(#before #before_args let (#out, (#(#outs,)*)) = #call; #after #after_args)
    }

    /// A pullback written by hand for somebody else's function: a gradient for each argument.
    fn foreign(
        &mut self,
        stmt: &Stmt,
        rule: &syn::Path,
        args: &[Operand],
        g: &TokenStream,
        value: &TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let operands: Vec<TokenStream> = args.iter().map(|it| self.peeled(it)).collect();
        let names: Vec<Ident> = (0..args.len())
            .map(|at| names::waiting(stmt.id, at))
            .collect();
        let pattern = match names.as_slice() {
            [one] => quote!(#one),
            many => quote!((#(#many),*)),
        };
        let mut puts = TokenStream::new();
        for (arg, name) in args.iter().zip(&names) {
            puts.extend(self.contribute(arg, quote!(#name)));
        }
        if puts.is_empty() {
            return puts;
        }
        quote!(
            let #pattern = #rule(#(#rt::peel(#operands),)* #rt::peel(&#value), &#g);
            #puts
        )
    }

    fn aggregate(
        &mut self,
        stmt: u32,
        kind: &Aggregate,
        items: &[Operand],
        g: &TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let mut tokens = TokenStream::new();
        let blocks = ours("__blocks");
        if matches!(kind, Aggregate::Stack(..)) {
            let saved = self.saved(&names::pull(stmt));
            tokens.extend(quote!(let #blocks = #saved;));
        }
        for (at, item) in items.iter().enumerate() {
            if !self.cx.active(item) {
                continue;
            }
            if let Aggregate::Struct { members, .. } = kind
                && at == members.len()
            {
                // `..base` gives what is not listed.
                let rest = ours("__rest");
                let clears = members
                    .iter()
                    .map(|it| quote!(#rt::clear(#rt::Place::ad_place(&mut #rest.#it), &#g.#it);));
                let put = self.contribute(item, quote!(#rest));
                tokens.extend(quote!(
                    let mut #rest = ::core::clone::Clone::clone(&#g);
                    #(#clears)*
                    #put
                ));
                continue;
            }
            let place = match kind {
                Aggregate::Tuple => {
                    let at = syn::Index::from(at);
                    quote!(#g.#at)
                }
                Aggregate::Array | Aggregate::Macro(_) | Aggregate::New(_) => quote!(#g[#at]),
                Aggregate::MatrixMacro(_, columns) | Aggregate::MatrixNew(_, columns) => {
                    let (row, column) = (at / (*columns).max(1), at % (*columns).max(1));
                    quote!(#g[(#row, #column)])
                }
                Aggregate::Stack(..) => {
                    let index = syn::Index::from(at);
                    let block = quote!(#rt::block(&#g, #blocks.0[#at], #blocks.1.#index.make()));
                    let put = self.contribute(item, block);
                    tokens.extend(put);
                    continue;
                }
                Aggregate::Payload(_) => quote!((*#rt::payload(&#g))),
                Aggregate::Boxed(_) => quote!((*#g)),
                Aggregate::Struct {
                    path,
                    members,
                    variant,
                    ..
                } => {
                    let member = &members[at];
                    if *variant {
                        let accessor = crate::lower::accessor(path, member);
                        quote!((*#g.#accessor()))
                    } else {
                        quote!(#g.#member)
                    }
                }
                Aggregate::TupleStruct(path) => {
                    let accessor = crate::lower::accessor(path, &syn::Member::Unnamed(at.into()));
                    quote!((*#g.#accessor()))
                }
                Aggregate::Repeat(_) | Aggregate::RepeatMacro(..) => {
                    let put = self.contribute(item, quote!(#rt::total(&#g)));
                    tokens.extend(put);
                    continue;
                }
            };
            // An `Err` or `None` on the way out leaves no payload.
            let put = self.contribute(item, quote!(::core::clone::Clone::clone(&#place)));
            tokens.extend(put);
        }
        tokens
    }

    fn call(&mut self, stmt: &Stmt, target: &Place, call: &Call, restored: bool) -> TokenStream {
        let rt = self.cx.rt.clone();
        let root = self.cx.root(target);
        let vars = &self.cx.func.vars;
        if !self.cx.useful(root) && (0..call.args.len()).all(|at| !call.lends(vars, at)) {
            return TokenStream::new();
        }
        // The residual runs even for a zero cotangent: it takes its records from the tape.
        let (take, g) = match self.take_place(target, stmt.id, restored) {
            Some(it) => it,
            None => {
                let zero = self.zero_left(root, stmt.id);
                (TokenStream::new(), zero)
            }
        };
        let back = self.saved(&names::back(stmt.id));
        let handed = halves::handed(self.cx, call);
        let tape = names::tape();
        let disjoint = super::lend::Lent::new(self.cx, stmt, call, &handed);
        let (mut before, mut after) = (disjoint.before.clone(), disjoint.after.clone());
        // Accumulators of our own are made before anything is borrowed.
        let mut own_accumulators = TokenStream::new();
        let mut primals = TokenStream::new();
        let mut shadows = TokenStream::new();
        let mut outs = TokenStream::new();
        let mut busy: Vec<VarId> = disjoint.busy.clone();
        let mut returned: Vec<(&Operand, TokenStream)> = Vec::new();
        for (at, (arg, handed)) in call.args.iter().zip(&handed).enumerate() {
            let active = self.cx.active(arg);
            if !*handed {
                let out = names::waiting(stmt.id, at);
                if active {
                    outs.extend(quote!(#out,));
                    returned.push((arg, quote!(#rt::some(#out))));
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
                        quote!(::core::option::Option::Some(#rt::hand(&#place)))
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
                let tokens = &shadow.tokens;
                if lent {
                    before.extend(quote!(let mut #own = #rt::take_view(&mut #tokens);));
                    shadows.extend(quote!(#rt::Lend::ad_lend(&mut #own),));
                } else {
                    own_accumulators.extend(quote!(let mut #own = #rt::zero_like(&#value);));
                    shadows.extend(quote!(#rt::Lend::ad_lend(&mut #own),));
                }
                after.extend(self.contribute(&Operand::Place(place), quote!(#own)));
                continue;
            }
            busy.push(root);
            let explicit = matches!(arg, Operand::Ref { .. });
            let tokens = self.lent_shadow(&shadow, lent, explicit, &mut before);
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
        for (arg, value) in returned {
            after.extend(self.contribute(arg, value));
        }
        let run = quote!(#back(&mut *#tape, #primals #g, #shadows));
        quote!(#take #own_accumulators #before let (#outs) = #run; #after)
    }

    /// The shadow of a place, lent to a callee.
    fn lent_shadow(
        &mut self,
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
                quote!(#name.map(|#inner| #rt::Place::ad_place(&mut #tokens)))
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
            (false, _) => {
                quote!(::core::option::Option::Some(#rt::Place::ad_place(&mut #place)))
            }
            (true, true) => quote!(&mut #place),
            // The function may take the value by either reference.
            (true, false) => quote!(#rt::Lend::ad_lend(&mut #place)),
        }
    }

    /// What a method did to its receiver is undone, on the value and on the cotangent.
    fn mutate(&mut self, stmt: &Stmt, it: &Mutate) -> TokenStream {
        let cx = self.cx;
        let rt = cx.rt.clone();
        let restored = cx.facts.restores.contains(&stmt.id);
        let useful = cx.useful(cx.root(&it.place));
        let target = cx.place_mut(&it.place);
        let old = names::old(stmt.id);
        let saves = match it.kind {
            Mutation::Pop | Mutation::Truncate | Mutation::Sort => useful || restored,
            Mutation::Fill | Mutation::Copy => restored,
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
                if let Some(arg) = it.args.first() {
                    let value = self.peeled(arg);
                    let put = self.contribute(arg, quote!(#g));
                    tokens.extend(quote!(
                        let #g = #shadow.ad_take_sum(#rt::zero_like(#value));
                        #put
                    ));
                }
            }
            (Mutation::Copy, Some(shadow)) => {
                if let Some(arg) = it.args.first() {
                    let put = self.contribute_all(arg, quote!(#g));
                    tokens.extend(quote!(let #g = #shadow.ad_take(); #put));
                }
            }
            (Mutation::Push, Some(_)) => {
                let place = self.shadow(&it.place);
                let tokens_of = &place.tokens;
                let slot = place.whole && cx.facts.var(place.root).cotangent == Cotangent::Slot;
                let popped = if slot {
                    quote!(#rt::pop_slot(&mut #tokens_of))
                } else {
                    quote!(#tokens_of.pop())
                };
                if let Some(arg) = it.args.first() {
                    let zero = if operand_fact(cx.func, arg) == Fact::Scalar {
                        quote!(0.0)
                    } else {
                        let value = self.peeled(arg);
                        quote!(#rt::zero_like(#value))
                    };
                    let put = self.contribute(arg, quote!(#g));
                    // The argument was evaluated before the list had one more.
                    let undone = restored.then(|| quote!(#target.pop();));
                    tokens.extend(quote!(
                        let #g = #popped;
                        #undone
                        let #g = #g.unwrap_or_else(|| #zero);
                        #put
                    ));
                }
            }
            (Mutation::Pop, shadow) => {
                let taken = it.result.and_then(|it| self.take(it, stmt.id));
                if let Some(shadow) = shadow {
                    let (take, g) = taken.unwrap_or_else(|| {
                        (TokenStream::new(), quote!(::core::option::Option::None))
                    });
                    tokens.extend(quote!(#take #shadow.ad_unpop(&#old, #g);));
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
            Mutation::Fill | Mutation::Copy => quote!(#target.ad_put_back(#old);),
            Mutation::Push if useful => TokenStream::new(),
            Mutation::Push => quote!(#target.pop();),
            Mutation::Pop | Mutation::Truncate => quote!(#target.extend(#old);),
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

    /// Adds the cotangents of all elements to the shadow of a container.
    fn contribute_all(&mut self, operand: &Operand, values: TokenStream) -> TokenStream {
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
    fn whole_shadow(&mut self, place: &Place) -> TokenStream {
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

    /// The reverse of a container made element by element: one turn per element, from last to first.
    fn build(&mut self, stmt: &Stmt, target: &Place, build: &Build) -> TokenStream {
        let rt = self.cx.rt.clone();
        let pop = self.pop(build.scope);
        let restored = self.cx.facts.restores.contains(&stmt.id);
        let (take, g) = match self.take_place(target, stmt.id, restored) {
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
        let before = self.set.clone();
        self.scopes.push(build.scope);
        let mut seeded = build.body.clone();
        let result = seeded.result.take();
        let at = self.cx.ident(build.index);
        let element = names::seed(stmt.id);
        let element = Ident::new(&format!("{element}_k"), Span::mixed_site());
        let mut seed = TokenStream::new();
        // The body is reversed first so that it is known which plain cotangents the seed defines.
        if let (Some(result), Some(g)) = (&result, &g) {
            let put = self.contribute(result, quote!(#element));
            if !put.is_empty() {
                seed = quote!(
                    let #element = ::core::clone::Clone::clone(#rt::Elements::ad_at(&#g, #at));
                    #put
                );
            }
        }
        let around = core::mem::take(&mut self.turns);
        let body = self.block_after(&seeded, seed);
        self.turns = around;
        self.scopes.pop();
        self.set = before;
        let count = self.cx.value(build.count);
        if body.is_empty() && pop.is_empty() {
            return if matches!(stmt.kind, StmtKind::Assign { .. }) {
                take
            } else {
                TokenStream::new()
            };
        }
        let (lanes, give) = self.lanes(build.scope);
        quote!(#take #whole #lanes for #at in ::core::iter::Iterator::rev(0..#count) { #pop #body } #give)
    }

    /// The reverse of a block whose result has been seeded by `seed`.
    fn block_after(&mut self, block: &Block, seed: TokenStream) -> TokenStream {
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
        quote!(#head #seed #tokens)
    }
}

/// The place where the cotangent of a place is accumulated.
struct Shadow {
    root: VarId,
    /// The optional shadow of a parameter passed by `&`, which `tokens` reach through `names::shadow()`.
    parameter: Option<TokenStream>,
    /// Is it the cotangent of the variable as a whole?
    whole: bool,
    /// Is it a view of a matrix, which no rule can be given?
    view: bool,
    tokens: TokenStream,
}

/// The exits inside a statement.
fn stmt_exits(stmt: &Stmt, f: &mut impl FnMut(u32)) {
    if let Some(exit) = stmt.kind.exit() {
        f(exit.id);
    }
    for block in stmt.kind.blocks() {
        block.walk(&mut |it| {
            if let Some(exit) = it.kind.exit() {
                f(exit.id);
            }
        });
    }
}

fn leaves_early(it: &Loop) -> bool {
    crate::analysis::leaves_early(it)
}

/// The method of the rule of a name.
fn rule_method(name: &Ident) -> Ident {
    Ident::new(&crate::names::rule(&name.to_string()), name.span())
}

fn is_field(proj: &Proj) -> bool {
    matches!(proj, Proj::Field(_) | Proj::Accessor(_))
}

/// Does a field stand on the way to a place? It may have no derivative.
fn behind_field(func: &crate::ir::Func, place: &Place) -> bool {
    crate::ir::way(&func.vars, place).1.iter().any(is_field)
}
