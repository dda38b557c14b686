//! The reverse half: for each statement of the forward half, from last to first, its pullback.
//!
//! Invariants. At the start of a reverse statement every variable that it reads holds the value that it had after the
//! statement; at its end, overwritten variables hold the value from before. A statement runs if the exit recorded for
//! its scope comes after it. A cotangent is accumulated only by the functions `contribute*` (`reverse/cotangents.rs`).

mod calls;
mod cotangents;
mod loops;
mod operations;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::BinOp;

use super::forward::{Forward, Record};
use super::reverse::loops::Turns;
use super::value::Cx;
use super::{Lanes, names, ours};
use crate::analysis::needs::place_fact;
use crate::analysis::{Cotangent, Storage};
use crate::ir::{
    Arm, Block, By, Exit, Fact, Op, Operand, Place, Proj, ScopeId, Stmt, StmtKind, VarId,
};

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
    /// Accumulators of numbers that are zero where the present statement stands: what comes first need not be added to zero,
    /// which is an operation that no compiler may leave out.
    empty: BTreeSet<VarId>,
    /// The present inner loop, if its writes are logged as a group.
    group: Option<ScopeId>,
    /// Accumulators that a loop around has made sure of.
    held_open: BTreeSet<VarId>,
    /// The loops around.
    turns: Vec<Turns>,
    /// Exits of the scopes around that come after the present statement, by scope.
    scopes: Vec<ScopeId>,
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
            empty: BTreeSet::new(),
            group: None,
            held_open: BTreeSet::new(),
            turns: Vec::new(),
            scopes: Vec::new(),
        }
    }

    pub(super) fn function(&mut self) -> TokenStream {
        let func = self.cx.func;
        self.scopes.push(func.scope);
        let head = self.accumulators();
        let body = self.block(&func.body, Some(func.result), &[]);
        self.scopes.pop();
        quote!(#head #body)
    }

    /// The accumulators of the parameters, and that of the value.
    fn accumulators(&mut self) -> TokenStream {
        let func = self.cx.func;
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
        head
    }

    /// The reverse of a function without exits: what stands behind the statement `at`, which is a loop, the loop itself,
    /// of which each turn is run right before its reverse, and what stands before it.
    pub(super) fn in_one_pass(
        &mut self,
        at: usize,
        turn: &TokenStream,
        around: impl FnOnce(&TokenStream) -> TokenStream,
    ) -> [TokenStream; 3] {
        let func = self.cx.func;
        let StmtKind::Loop(it) = &func.body.stmts[at].kind else {
            unreachable!("the statement is a loop");
        };
        self.scopes.push(func.scope);
        let mut behind = self.accumulators();
        behind.extend(self.block_head(&func.body, &[]));
        if let Some(result) = &func.body.result {
            let last = func.body.stmts.last().map_or(0, |it| it.id);
            behind.extend(self.result(func.result, result, last));
        }
        for stmt in func.body.stmts[at + 1..].iter().rev() {
            behind.extend(self.stmt(stmt));
        }
        let turns = self.loop_in_one_pass(it, turn, around);
        let mut before = TokenStream::new();
        for stmt in func.body.stmts[..at].iter().rev() {
            before.extend(self.stmt(stmt));
        }
        self.scopes.pop();
        [behind, turns, before]
    }

    // === accumulators ===

    // === saved values of our own ===

    // === blocks ===

    /// The reverse of a block: `into` takes its result.
    fn block(&mut self, block: &Block, into: Option<VarId>, owned: &[VarId]) -> TokenStream {
        let head = self.block_head(block, owned);
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
            // What stands behind an exit may not run.
            if position != guard {
                self.empty.clear();
            }
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
        self.empty.clear();
        quote!(#head #tokens)
    }

    /// What stands at the start of the reverse of a block: values evaluated again, in source order, and accumulators.
    fn block_head(&mut self, block: &Block, owned: &[VarId]) -> TokenStream {
        let mut head = TokenStream::new();
        let declared: Vec<VarId> = block
            .stmts
            .iter()
            .flat_map(|it| crate::analysis::declared(&it.kind))
            .collect();
        for stmt in &block.stmts {
            if let StmtKind::Let { var, op, .. } = &stmt.kind
                && !self.cx.facts.var(*var).needed.is_empty()
            {
                head.extend(self.again(*var, op));
            }
        }
        self.empty.clear();
        for var in owned.iter().chain(&declared) {
            if self.cx.facts.var(*var).cotangent == Cotangent::Slot {
                head.extend(self.declare_slot(*var));
                self.empty.insert(*var);
            }
        }
        head
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
            Op::Foreign { path, args, .. } => {
                let args = args.iter().map(operand);
                quote!(#path(#(#args),*))
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
                if !self.cx.restores(stmt.id) {
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

    fn assign(&mut self, stmt: &Stmt, place: &Place, op: &Op) -> TokenStream {
        let root = self.cx.root(place);
        let restored = self.cx.restores(stmt.id);
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
        } else if self.cx.restores(stmt.id) {
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
