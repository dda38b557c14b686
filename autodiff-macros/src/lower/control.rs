//! Control flow: it stays structured, and every exit names the scopes that it leaves.

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, Pat};

use super::expr::{diverges, empty, is_place, mentions};
use super::{Lower, Name, Target, TargetKind, types, unparen};
use crate::ir::{
    Aggregate, Arm, Block, Code, Exit, ExitKind, Fact, Loop, LoopKind, Op, Operand, StmtKind, Var,
    VarId, VarKind,
};

/// Choices of shared views that follow each other.
const CHOICES: usize = 4;

impl Lower<'_> {
    /// Lowers control flow; `None` if the expression is none.
    pub(super) fn control(&mut self, expr: &Expr, wanted: bool) -> Option<Operand> {
        Some(match expr {
            Expr::If(it) => {
                if wanted && !self.is_active(expr) && !self.needs_structure(expr) {
                    return None;
                }
                self.if_expr(it, wanted)
            }
            Expr::Match(it) => {
                let arms = it.arms.iter().map(|arm| match &arm.pat {
                    Pat::Guard(guarded) => (
                        (*guarded.pat).clone(),
                        Some((*guarded.guard).clone()),
                        ArmBody::Expr(&arm.body),
                    ),
                    pat => (pat.clone(), None, ArmBody::Expr(&arm.body)),
                });
                self.match_expr(&it.expr, arms.collect(), wanted, it.span())
            }
            Expr::Block(it) => match &it.label {
                None => {
                    let block = self.block_value(&it.block, wanted);
                    self.stmts.extend(block.stmts);
                    block.result.unwrap_or(Operand::Unit)
                }
                Some(label) => self.labelled_block(&label.name.ident, &it.block, wanted, it.span()),
            },
            Expr::ForLoop(it) => {
                self.for_loop(it);
                Operand::Unit
            }
            Expr::While(it)
                if !self.needs_structure(&it.cond)
                    && !conjuncts(&it.cond)
                        .iter()
                        .any(|it| matches!(it, Expr::Let(_))) =>
            {
                let label = it.label.as_ref().map(|it| it.name.ident.clone());
                let kind = LoopKind::While(self.code(&it.cond));
                self.turns(kind, label, it.span(), false, |this| {
                    this.scoped(|this| this.block_stmts(&it.body.stmts, false));
                })
            }
            Expr::While(it) => {
                // `while c { body }` ⇒ `loop { if c { body } else { break } }`
                let (cond, body, span) = (&it.cond, &it.body, it.span());
                let sugar: Expr = syn::parse_quote!(if #cond #body else { break });
                self.turns(
                    LoopKind::Forever,
                    it.label.as_ref().map(|it| it.name.ident.clone()),
                    span,
                    false,
                    |this| {
                        this.statement(&sugar);
                    },
                )
            }
            Expr::Loop(it) => {
                let label = it.label.as_ref().map(|it| it.name.ident.clone());
                self.turns(LoopKind::Forever, label, it.span(), wanted, |this| {
                    this.scoped(|this| this.block_stmts(&it.body.stmts, false));
                })
            }
            Expr::Return(it) => {
                let value = it.expr.as_deref().map(|it| self.operand(it));
                let inner = self
                    .targets
                    .iter()
                    .rposition(|it| it.kind == TargetKind::Closure)
                    .unwrap_or(0);
                self.exit(inner, ExitKind::Break, value, it.span());
                Operand::Never
            }
            Expr::Break(it) => {
                let value = it.expr.as_deref().map(|it| self.operand(it));
                if let Some(at) = self.target(it.label.as_ref().map(|it| &it.ident), it.span()) {
                    self.exit(at, ExitKind::Break, value, it.span());
                }
                Operand::Never
            }
            Expr::Continue(it) => {
                if let Some(at) = self.target(it.label.as_ref().map(|it| &it.ident), it.span()) {
                    self.exit(at, ExitKind::Continue, None, it.span());
                }
                Operand::Never
            }
            Expr::Try(it) => self.try_expr(it),
            Expr::Assign(_) => {
                self.statement(expr);
                Operand::Unit
            }
            Expr::Binary(it) if super::code::is_assignment(&it.op) => {
                self.statement(expr);
                Operand::Unit
            }
            Expr::Let(_) => {
                // A `let` in a condition is met in `if_expr`; elsewhere it is part of a chain with `||`, which Rust
                // does not accept.
                return None;
            }
            _ => return None,
        })
    }

    fn target(&mut self, label: Option<&Ident>, span: Span) -> Option<usize> {
        let found = self.targets.iter().rposition(|it| match label {
            Some(label) => it.user.as_ref() == Some(label),
            None => it.kind == TargetKind::Loop,
        });
        if found.is_none() {
            self.cx
                .error(span, "there is no loop or block to leave here");
        }
        found
    }

    fn exit(&mut self, target: usize, kind: ExitKind, value: Option<Operand>, span: Span) {
        let leaves: Vec<_> = self.targets[target..]
            .iter()
            .rev()
            .map(|it| it.scope)
            .collect();
        let label = self.targets[target].label.clone();
        if let Some(value) = &value {
            self.keeps_no_view(value, span);
        }
        let value = match (self.targets[target].result, value) {
            (Some(result), Some(value)) if !matches!(value, Operand::Never) => {
                if self.operand_active(&value) {
                    self.mark_active(result);
                }
                Some((result, value))
            }
            _ => None,
        };
        let id = self.exits;
        self.exits += 1;
        self.emit(
            span,
            StmtKind::Exit(Exit {
                id,
                kind,
                label,
                leaves,
                value,
            }),
        );
    }

    /// A variable that takes the value of a branching expression. Its activity is known when its sources are.
    fn result_var(&mut self, wanted: bool, stem: &str) -> Option<VarId> {
        wanted.then(|| {
            let ident = self.namer.fresh(stem);
            let fact = Fact::Unknown;
            self.declare(Var {
                ident,
                kind: VarKind::Local,
                mutable: false,
                active: false,
                fact,
                borrows: false,
                reference: false,
                boxed: false,
                lifted: false,
            })
        })
    }

    /// The result of a branch flows into the variable of the whole expression.
    fn flow(&mut self, result: Option<VarId>, block: &Block, facts: &mut Vec<Fact>) {
        let (Some(result), Some(value)) = (result, &block.result) else {
            return;
        };
        if matches!(value, Operand::Never | Operand::Unit) {
            return;
        }
        let span = self.var(result).ident.span();
        let span = block.stmts.last().map_or(span, |it| it.span);
        self.keeps_no_view(value, span);
        if self.operand_active(value) {
            self.vars[result.0 as usize].active = true;
        }
        let (borrows, reference) = (self.may_borrow(value), self.refers(value));
        let var = &mut self.vars[result.0 as usize];
        var.borrows |= borrows;
        var.reference |= reference;
        if !matches!(value, Operand::Lit(_)) {
            facts.push(self.operand_fact(value));
        }
    }

    fn settle_fact(&mut self, result: Option<VarId>, facts: &[Fact]) {
        if let Some(result) = result
            && let Some(first) = facts.first()
            && facts.iter().all(|it| it == first)
        {
            self.vars[result.0 as usize].fact = *first;
        }
    }

    fn result_operand(result: Option<VarId>, blocks: &[&Block]) -> Operand {
        if !blocks.is_empty()
            && blocks
                .iter()
                .all(|it| matches!(it.result, Some(Operand::Never)))
        {
            return Operand::Never;
        }
        result.map_or(Operand::Unit, Operand::from)
    }

    pub(super) fn if_expr(&mut self, it: &syn::ExprIf, wanted: bool) -> Operand {
        let span = it.if_token.span;
        let chain = conjuncts(&it.cond);
        if chain.iter().any(|it| matches!(it, Expr::Let(_))) {
            return self.if_let(&chain, it, wanted);
        }
        let cond = self.condition(&it.cond);
        let result = self.result_var(wanted, "chosen");
        let then = self.scoped(|this| this.block_value(&it.then_branch, wanted));
        let then = Self::mark_never(then, || {
            diverges(&Expr::Block(syn::ExprBlock {
                attrs: Vec::new(),
                label: None,
                block: it.then_branch.clone(),
            }))
        });
        let otherwise = match &it.else_branch {
            Some((_, expr)) => {
                let block = self.expr_block(expr, wanted);
                Self::mark_never(block, || diverges(expr))
            }
            None => empty(),
        };
        self.finish_if(cond, then, otherwise, result, span)
    }

    fn mark_never(mut block: Block, diverges: impl FnOnce() -> bool) -> Block {
        if block.result.is_none() && diverges() {
            block.result = Some(Operand::Never);
        }
        block
    }

    fn finish_if(
        &mut self,
        cond: Code,
        then: Block,
        otherwise: Block,
        result: Option<VarId>,
        span: Span,
    ) -> Operand {
        let taken = self.counter("taken");
        let mut facts = Vec::new();
        self.flow(result, &then, &mut facts);
        self.flow(result, &otherwise, &mut facts);
        self.settle_fact(result, &facts);
        let operand = Self::result_operand(result, &[&then, &otherwise]);
        self.emit(
            span,
            StmtKind::If {
                cond,
                taken,
                then,
                otherwise,
                result,
            },
        );
        operand
    }

    /// A variable of the reverse sweep's own: which branch, how many turns.
    pub(super) fn counter(&mut self, stem: &str) -> VarId {
        let var = self.temp(stem, false, Fact::Unknown);
        self.vars[var.0 as usize].kind = VarKind::Counter;
        var
    }

    fn condition(&mut self, cond: &Expr) -> Code {
        if self.needs_structure(cond) {
            let operand = self.operand(cond);
            let expr = self.plain(operand);
            return self.code_from_lowered(expr);
        }
        self.code(cond)
    }

    /// `if let P = e && c { A } else { B }`: nested matches whose other arms all run the same `else`.
    fn if_let(&mut self, chain: &[&Expr], it: &syn::ExprIf, wanted: bool) -> Operand {
        let span = it.if_token.span;
        if let [Expr::Let(only)] = chain {
            let mut arms = vec![((*only.pat).clone(), None, ArmBody::Block(&it.then_branch))];
            arms.push((
                syn::parse_quote!(_),
                None,
                match &it.else_branch {
                    Some((_, expr)) => ArmBody::Expr(expr),
                    None => ArmBody::Empty,
                },
            ));
            return self.match_expr(&only.expr, arms, wanted, span);
        }
        // A chain leaves a labelled block when all of it holds, and falls through to the `else` otherwise:
        // `'l: { if let P = e { if c { break 'l { A } } } B }`
        let label = self.namer.fresh("chain");
        let lifetime = syn::Lifetime::new(&format!("'{label}"), Span::mixed_site());
        let then = &it.then_branch;
        let mut nested: Expr = syn::parse_quote!({ break #lifetime #then });
        for part in chain.iter().rev() {
            nested = syn::parse_quote!({ if #part #nested });
        }
        let otherwise = match &it.else_branch {
            Some((_, expr)) => quote!(#expr),
            None => quote!({}),
        };
        let sugar: Expr = syn::parse_quote!(#lifetime: { #nested #otherwise });
        self.control(&sugar, wanted).unwrap_or(Operand::Unit)
    }

    pub(super) fn match_expr(
        &mut self,
        scrutinee: &Expr,
        arms: Vec<(Pat, Option<Expr>, ArmBody<'_>)>,
        wanted: bool,
        span: Span,
    ) -> Operand {
        let optional = self.optional_view(scrutinee);
        let (operand, parts) = match optional {
            Some((init, parts)) => (Operand::Code(init), Some(parts)),
            None => (self.scrutinee(scrutinee), None),
        };
        self.borrowed(&operand);
        let from = self.taken_apart(&operand, span);
        let result = self.result_var(wanted, "chosen");
        let mut lowered = Vec::new();
        let mut facts = Vec::new();
        for (pat, guard, body) in arms {
            let arm = self.scoped(|this| {
                let mut bindings = Vec::new();
                this.refutable = true;
                let borrowed = this.borrowed(&operand);
                let suspicious = this.suspicious_value(&operand);
                let renamed = match &parts {
                    Some(parts) => this.optional_pattern(&pat, parts, &mut bindings),
                    None => this.pattern(&pat, from.clone(), borrowed, suspicious, &mut bindings),
                };
                this.refutable = false;
                let guard = guard.map(|guard| {
                    if this.needs_structure(&guard) {
                        this.cx.error(guard.span(), "a match guard that assigns or leaves is not supported; test it in the arm");
                    }
                    this.code(&guard)
                });
                let (stmts, value) = this.collect(|this| match body {
                    ArmBody::Expr(expr) => {
                        let value = this.value(expr, wanted);
                        if value.is_none() && diverges(expr) { Some(Operand::Never) } else { value }
                    }
                    ArmBody::Block(block) => {
                        let inner = this.block_value(block, wanted);
                        this.stmts.extend(inner.stmts);
                        inner.result
                    }
                    ArmBody::Rest(stmts) => this.block_stmts(stmts, wanted),
                    ArmBody::Empty => None,
                });
                Arm { pat: renamed, guard, bindings, body: Block { id: 0, stmts, result: value } }
            });
            self.flow(result, &arm.body, &mut facts);
            lowered.push(arm);
        }
        self.settle_fact(result, &facts);
        let taken = self.counter("taken");
        let bodies: Vec<&Block> = lowered.iter().map(|it| &it.body).collect();
        let value = Self::result_operand(result, &bodies);
        self.emit(
            span,
            StmtKind::Match {
                scrutinee: operand,
                taken,
                arms: lowered,
                result,
            },
        );
        value
    }

    /// What a `match` looks at. A mutable view of an `Option` is looked at through its place.
    fn scrutinee(&mut self, expr: &Expr) -> Operand {
        if let Expr::MethodCall(it) = unparen(expr)
            && it.args.is_empty()
            && matches!(it.method.to_string().as_str(), "as_mut" | "as_ref")
            && let Some(place) = self.viewed(&it.receiver)
        {
            return Operand::Ref {
                place,
                mutable: it.method == "as_mut",
            };
        }
        match self.view(expr) {
            Some(view) => view.operand(),
            None => self.operand(expr),
        }
    }

    fn labelled_block(
        &mut self,
        user: &Ident,
        block: &syn::Block,
        wanted: bool,
        span: Span,
    ) -> Operand {
        let label = self.namer.fresh(&user.to_string());
        self.scope_block(
            Some(user.clone()),
            label,
            TargetKind::Block,
            wanted,
            span,
            |this| this.block_value(block, wanted),
        )
    }

    /// A block that exits can leave with a value.
    pub(super) fn scope_block(
        &mut self,
        user: Option<Ident>,
        label: Ident,
        kind: TargetKind,
        wanted: bool,
        span: Span,
        body: impl FnOnce(&mut Self) -> Block,
    ) -> Operand {
        let result = self.result_var(wanted, "left");
        let scope = self.scope();
        self.targets.push(Target {
            scope,
            user,
            label: label.clone(),
            kind,
            result,
        });
        let body = body(self);
        self.targets.pop();
        let mut facts = Vec::new();
        self.flow(result, &body, &mut facts);
        self.emit(
            span,
            StmtKind::Scope {
                label,
                scope,
                body,
                result,
            },
        );
        result.map_or(Operand::Unit, Operand::from)
    }

    fn turns(
        &mut self,
        kind: LoopKind,
        user: Option<Ident>,
        span: Span,
        wanted: bool,
        body: impl FnOnce(&mut Self),
    ) -> Operand {
        let label = self
            .namer
            .fresh(&user.as_ref().map_or("turn".to_owned(), ToString::to_string));
        let result = self.result_var(wanted, "found");
        let scope = self.scope();
        let trips = Some(self.counter("turns"));
        self.targets.push(Target {
            scope,
            user,
            label: label.clone(),
            kind: TargetKind::Loop,
            result,
        });
        let (stmts, ()) = self.collect(body);
        self.targets.pop();
        let body = Block {
            id: 0,
            stmts,
            result: None,
        };
        self.emit(
            span,
            StmtKind::Loop(Loop {
                kind,
                label,
                scope,
                trips,
                body,
                result,
            }),
        );
        result.map_or(Operand::Unit, Operand::from)
    }

    fn for_loop(&mut self, it: &syn::ExprForLoop) {
        let span = it.for_token.span;
        let user = it.label.as_ref().map(|it| it.name.ident.clone());
        let followed = self.is_active(&it.expr) || super::code::makes_mutable_view(&it.expr);
        if followed && super::parts::in_parts(&it.expr) {
            return self.for_each_part(it);
        }
        if followed {
            let Some(seq) = self.sequence(&it.expr) else {
                if self.cx.is_clean() {
                    self.cx.error(
                        it.expr.span(),
                        "this loop is not followed; loop over positions",
                    );
                }
                return;
            };
            self.sequence_loop(user, seq, span, |this, item| {
                this.bind_item(&it.pat, item);
                this.block_stmts(&it.body.stmts, false);
            });
            return;
        }
        let operand =
            if self.needs_structure(&it.expr) && matches!(unparen(&it.expr), Expr::Range(_)) {
                self.index(&it.expr)
            } else if self.needs_structure(&it.expr) {
                let operand = self.operand(&it.expr);
                let expr = self.plain(operand);
                self.code_from_lowered(expr)
            } else {
                self.code(&it.expr)
            };
        let label = self
            .namer
            .fresh(&user.as_ref().map_or("turn".to_owned(), ToString::to_string));
        let scope = self.scope();
        self.targets.push(Target {
            scope,
            user,
            label: label.clone(),
            kind: TargetKind::Loop,
            result: None,
        });
        let (pat, vars, stmts) = self.scoped(|this| {
            let mut bindings = Vec::new();
            let suspicious = this.may_keep_view(&it.expr);
            let pat = this.pattern(&it.pat, None, false, suspicious, &mut bindings);
            this.referenced_items(&it.pat, &it.expr);
            if let [binding] = &bindings[..]
                && matches!(pat, Pat::Ident(_))
                && this.iterated_fact(&it.expr) == Fact::Rows
            {
                this.vars[binding.var.0 as usize].fact = Fact::Scalars;
            }
            let vars: Vec<VarId> = bindings.iter().map(|it| it.var).collect();
            let (stmts, _) = this.collect(|this| this.block_stmts(&it.body.stmts, false));
            (pat, vars, stmts)
        });
        self.targets.pop();
        let single = matches!(pat, Pat::Ident(_) | Pat::Wild(_));
        // The bounds are read again where the loop has ended, so that its body must not have written them.
        let body = Block {
            id: 0,
            stmts,
            result: None,
        };
        let mut written = Vec::new();
        body.walk(&mut |stmt| {
            written.extend(crate::analysis::overwritten(&self.vars, &stmt.kind));
            written.extend(crate::analysis::lent(&self.vars, &stmt.kind));
        });
        let range = single && range_chain(&it.expr);
        let stands = operand.again && !operand.reads.iter().any(|it| written.contains(it));
        let operand = if range && !stands {
            self.bounded(&operand, &written, span)
        } else {
            operand
        };
        let reversible = range;
        if reversible {
            for var in &vars {
                self.vars[var.0 as usize].kind = VarKind::Index;
            }
        }
        let trips = Some(self.counter("turns"));
        let kind = LoopKind::Iter {
            pat,
            vars,
            iter: operand,
            reversible,
        };
        self.emit(
            span,
            StmtKind::Loop(Loop {
                kind,
                label,
                scope,
                trips,
                body,
                result: None,
            }),
        );
    }

    /// A range of which each bound that cannot be read again behind the loop has a name.
    fn bounded(&mut self, range: &Code, written: &[VarId], span: Span) -> Code {
        let mut expr = range.expr.clone();
        self.name_bounds(&mut expr, written, span);
        Code {
            again: true,
            ..self.code_from_lowered(expr)
        }
    }

    fn name_bounds(&mut self, range: &mut Expr, written: &[VarId], span: Span) {
        match range {
            Expr::Paren(it) => self.name_bounds(&mut it.expr, written, span),
            Expr::Group(it) => self.name_bounds(&mut it.expr, written, span),
            Expr::MethodCall(it) => {
                self.name_bounds(&mut it.receiver, written, span);
                for arg in &mut it.args {
                    self.name_bound(arg, written, span);
                }
            }
            Expr::Range(it) => {
                for bound in [&mut it.start, &mut it.end].into_iter().flatten() {
                    self.name_bound(bound, written, span);
                }
            }
            _ => {}
        }
    }

    fn name_bound(&mut self, bound: &mut Expr, written: &[VarId], span: Span) {
        let code = self.code_from_lowered(bound.clone());
        let again = super::code::evaluates_again(bound, &mut 0);
        if !again || code.reads.iter().any(|it| written.contains(it)) {
            *bound = self.named(code, "bound", span).expr;
        }
    }

    /// What is known of `xs` in `for x in xs`, `&xs` and `xs.iter()`.
    fn iterated_fact(&self, iterator: &Expr) -> Fact {
        match unparen(iterator) {
            Expr::Reference(it) => self.iterated_fact(&it.expr),
            Expr::MethodCall(it) if it.method == "iter" => self.iterated_fact(&it.receiver),
            Expr::Path(path) => match path
                .path
                .get_ident()
                .and_then(|it| self.names.get(&it.to_string()))
            {
                Some(Name::Var(var)) => self.var(*var).fact,
                _ => Fact::Unknown,
            },
            _ => Fact::Unknown,
        }
    }

    /// Which of the variables of a loop without derivative are references, as the tokens of its iterator show.
    fn referenced_items(&mut self, pat: &Pat, iterator: &Expr) {
        let iterator = unparen(iterator);
        match (pat, iterator) {
            (Pat::Tuple(it), Expr::MethodCall(call)) if it.elems.len() == 2 => {
                match (call.method.to_string().as_str(), call.args.first()) {
                    ("enumerate", _) => self.referenced_items(&it.elems[1], &call.receiver),
                    ("zip", Some(other)) => {
                        self.referenced_items(&it.elems[0], &call.receiver);
                        self.referenced_items(&it.elems[1], other);
                    }
                    _ => {}
                }
            }
            (Pat::Ident(it), _) if self.gives_references(iterator) => {
                if let Some(Name::Var(var)) = self.names.get(&it.ident.to_string()) {
                    let var = *var;
                    self.vars[var.0 as usize].reference = true;
                }
            }
            (Pat::Ident(it), Expr::Range(_)) => {
                if let Some(Name::Var(var)) = self.names.get(&it.ident.to_string()) {
                    let var = *var;
                    self.vars[var.0 as usize].borrows = false;
                }
            }
            _ => {}
        }
    }

    fn gives_references(&self, iterator: &Expr) -> bool {
        match iterator {
            Expr::Reference(_) => true,
            Expr::MethodCall(it) => match it.method.to_string().as_str() {
                "iter" | "chunks" | "chunks_exact" | "windows" => true,
                "rev" | "skip" | "take" | "step_by" | "filter" => {
                    self.gives_references(unparen(&it.receiver))
                }
                _ => false,
            },
            Expr::Path(path) => match path
                .path
                .get_ident()
                .and_then(|it| self.names.get(&it.to_string()))
            {
                Some(Name::Var(var)) => self.is_reference(*var),
                _ => false,
            },
            _ => false,
        }
    }

    /// A loop over positions `0..count` whose body starts with the item at the position.
    pub(super) fn sequence_loop(
        &mut self,
        user: Option<Ident>,
        seq: super::seq::Seq,
        span: Span,
        body: impl FnOnce(&mut Self, super::seq::Item),
    ) {
        let count = self.sequence_count(&seq, span);
        let label = self
            .namer
            .fresh(&user.as_ref().map_or("turn".to_owned(), ToString::to_string));
        let index = self.index_var();
        let scope = self.scope();
        self.targets.push(Target {
            scope,
            user,
            label: label.clone(),
            kind: TargetKind::Loop,
            result: None,
        });
        let (stmts, ()) = self.scoped(|this| {
            this.collect(|this| {
                let item = this.sequence_item(seq, index, span);
                body(this, item);
            })
        });
        self.targets.pop();
        let trips = Some(self.counter("turns"));
        let body = Block {
            id: 0,
            stmts,
            result: None,
        };
        let kind = LoopKind::Count { index, count };
        self.emit(
            span,
            StmtKind::Loop(Loop {
                kind,
                label,
                scope,
                trips,
                body,
                result: None,
            }),
        );
    }

    pub(super) fn index_var(&mut self) -> VarId {
        let ident = self.namer.fresh("k");
        self.declare(Var {
            ident,
            kind: VarKind::Index,
            mutable: false,
            active: false,
            fact: Fact::Unknown,
            borrows: false,
            reference: false,
            boxed: false,
            lifted: false,
        })
    }

    fn try_expr(&mut self, it: &syn::ExprTry) -> Operand {
        let value = self.operand(&it.expr);
        let span = it.question_token.span();
        let active = self.operand_active(&value);
        let var = self.temp("unwrapped", active, Fact::Unknown);
        self.vars[var.0 as usize].borrows = matches!(value, Operand::Ref { .. });
        let inner = self
            .targets
            .iter()
            .rposition(|it| it.kind == TargetKind::Closure)
            .unwrap_or(0);
        let leaves: Vec<_> = self.targets[inner..]
            .iter()
            .rev()
            .map(|it| it.scope)
            .collect();
        let label = self.targets[inner].label.clone();
        let id = self.exits;
        self.exits += 1;
        let exit = Exit {
            id,
            kind: ExitKind::Break,
            label,
            leaves,
            value: None,
        };
        self.emit(span, StmtKind::Try { var, value, exit });
        Operand::from(var)
    }

    /// A `let` statement. A `let .. else` takes the rest of the block into the arm that matches; then its value is
    /// returned.
    #[allow(
        clippy::option_option,
        reason = "outer: is the rest of the block consumed; inner: does it have a value"
    )]
    pub(super) fn local(
        &mut self,
        local: &syn::Local,
        rest: &[syn::Stmt],
        wanted: bool,
    ) -> Option<Option<Operand>> {
        let (pat, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some((*typed.ty).clone())),
            pat => (pat, None),
        };
        let ty = ty.map(without_lifetimes);
        let Some(init) = &local.init else {
            self.declaration(pat, ty.as_ref(), local.span());
            return None;
        };
        if let Some((choice, named)) = self.with_named_choice(&init.expr) {
            let hands_out = self.lends(&init.expr).is_some();
            let mut local = local.clone();
            let Some(init) = &mut local.init else {
                return None;
            };
            if hands_out {
                *init.expr = named;
                let mut stmts = vec![choice, syn::Stmt::Local(local)];
                stmts.extend(rest.iter().cloned());
                return Some(self.block_stmts(&stmts, wanted));
            }
            *init.expr = syn::parse_quote!({ #choice (#named) });
            return self.local(&local, rest, wanted);
        }
        if let Some((_, otherwise)) = &init.diverge {
            let arms = vec![
                (pat.clone(), None, ArmBody::Rest(rest)),
                (syn::parse_quote!(_), None, ArmBody::Expr(otherwise)),
            ];
            let value = self.match_expr(&init.expr, arms, wanted, local.span());
            return Some(wanted.then_some(value));
        }
        // Every local closure is inlined: without active captures it may still be called with an active argument.
        if let (Pat::Ident(pat), Expr::Closure(closure)) = (pat, unparen(&init.expr)) {
            if closure.capture.is_some() && self.captures_mutable(closure) {
                self.cx.error(
                    closure.span(),
                    "a `move` closure over a mutable variable is not supported; copy the variable to one without `mut` first",
                );
            }
            let closure = super::Closure::new(closure.clone(), self.names.clone());
            self.names.insert(
                pat.ident.to_string(),
                Name::Closure(std::rc::Rc::new(closure)),
            );
            return None;
        }
        if let Some(value) = self.lent_by_choice(local, &init.expr, rest, wanted) {
            return Some(value);
        }
        if let Some(chosen) = self.chosen_view(&init.expr, local, rest) {
            let names = self.names_before(local).clone();
            self.chosen.push(names);
            let value = self.value(&chosen, wanted);
            self.chosen.pop();
            return Some(value);
        }
        if self.let_views(pat, &init.expr, local.span()) {
            return None;
        }
        match pat {
            Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
                self.let_variable(pat, ty, &init.expr, local.span());
            }
            Pat::Wild(_) => self.statement(&init.expr),
            Pat::Tuple(parts)
                if matches!(unparen(&init.expr), Expr::Tuple(it) if it.elems.len() == parts.elems.len())
                    && ty.is_none()
                    && self.is_active(&init.expr)
                    && !parts.elems.iter().any(|it| matches!(it, Pat::Rest(_))) =>
            {
                // `let (a, b) = (e, f);` binds part by part, all values first.
                let Expr::Tuple(values) = unparen(&init.expr) else {
                    return None;
                };
                let operands = self.operands(&values.elems);
                for (part, operand) in parts.elems.iter().zip(operands) {
                    let item = match operand {
                        Operand::Ref { place, mutable } => super::seq::Item::Element {
                            place: self.frozen(place, part.span()),
                            depth: 1,
                            writes: mutable,
                        },
                        // A mutable reference under another name.
                        Operand::Place(place)
                            if place.proj.is_empty()
                                && self.var(place.root).writes_through()
                                && self.is_reference(place.root) =>
                        {
                            let place = self.referent(place);
                            super::seq::Item::Element {
                                place: self.frozen(place, part.span()),
                                depth: 1,
                                writes: true,
                            }
                        }
                        other => super::seq::Item::Value(other),
                    };
                    self.bind_item(part, item);
                }
            }
            Pat::Tuple(parts)
                if ty.is_none()
                    && let Some(lets) = independent(parts, &init.expr) =>
            {
                // What carries no derivative is had again part by part, too.
                for (part, value) in lets {
                    self.let_variable(part, None, value, local.span());
                }
            }
            pat => {
                let outer = core::mem::replace(&mut self.hint, ty.clone());
                let value = match self.view(&init.expr) {
                    Some(view) => view.operand(),
                    None => self.operand(&init.expr),
                };
                self.hint = outer;
                let value = match value {
                    Operand::Place(place)
                        if !place.proj.is_empty() || self.var(place.root).mutable =>
                    {
                        // A copy, so that later writes to the place do not reach what the pattern bound.
                        let operand = Operand::Place(place);
                        if self.operand_active(&operand) {
                            self.settle(operand, local.span())
                        } else {
                            operand
                        }
                    }
                    other => other,
                };
                self.bind_pattern_statement(pat, ty, value, local.span());
            }
        }
        None
    }

    /// `let v;`, `let (a, b);`
    fn declaration(&mut self, pat: &Pat, ty: Option<&syn::Type>, span: Span) {
        match (pat, ty) {
            (Pat::Ident(pat), ty) => {
                let fact = ty.map_or(Fact::Unknown, |it| self.fact_of(it));
                let site = super::site(&pat.ident.to_string(), pat.ident.span());
                let active = self.active.contains(&site);
                let var = self.user_var(pat, VarKind::Local, active, fact, false);
                self.sites.insert(var, site);
                self.emit(
                    span,
                    StmtKind::Declare {
                        var,
                        ty: ty.cloned(),
                    },
                );
            }
            (Pat::Tuple(it), Some(syn::Type::Tuple(ty))) if it.elems.len() == ty.elems.len() => {
                for (pat, ty) in it.elems.iter().zip(&ty.elems) {
                    self.declaration(pat, Some(ty), span);
                }
            }
            (Pat::Tuple(it), None) => {
                for pat in &it.elems {
                    self.declaration(pat, None, span);
                }
            }
            (Pat::Wild(_), _) => {}
            (pat, _) => self.cx.error(
                pat.span(),
                "a declaration without value must name variables; declare them one by one",
            ),
        }
    }

    pub(super) fn let_variable(
        &mut self,
        pat: &syn::PatIdent,
        ty: Option<syn::Type>,
        init: &Expr,
        span: Span,
    ) {
        let written = ty.as_ref().map_or(Fact::Unknown, |it| self.fact_of(it));
        // `let r = &place` is another name for the place: Rust keeps the place as it is while `r` lives.
        if let Expr::Reference(reference) = unparen(init)
            && reference.mutability.is_none()
            && pat.mutability.is_none()
            && self.is_active(init)
            && let Some(place) = self.place(&reference.expr)
        {
            let place = self.frozen(place, span);
            let fact = self.place_fact(&place);
            let active = self.var(place.root).active;
            let kind = VarKind::Alias {
                place,
                depth: 1,
                writes: false,
            };
            let var = self.user_var(pat, kind, active, fact, true);
            self.emit(span, StmtKind::Alias { var });
            return;
        }
        let outer = core::mem::replace(&mut self.hint, ty.clone());
        let view = self.view(init);
        self.hint = outer;
        let copied = match view {
            Some(view) if view.is_array() && !self.stays(&view, pat) => {
                Some(Operand::Place(view.referent()))
            }
            Some(view) => return self.let_view(pat, view, span),
            None => None,
        };
        if let Expr::Reference(reference) = unparen(init)
            && reference.mutability.is_some()
        {
            // `let x = &mut [0.0; 3];`
            if let Operand::Ref { place, .. } = self.lent_operand(reference) {
                let kind = VarKind::Alias {
                    place,
                    depth: 1,
                    writes: true,
                };
                let var = self.user_var(pat, kind, self.is_active(init), Fact::Unknown, true);
                self.emit(span, StmtKind::Alias { var });
            }
            return;
        }
        if self.is_mutable_view(init) {
            self.cx.error(
                init.span(),
                "what is written through this view would not be seen; borrow with `&mut`, `split_at_mut`, `column_mut` \
                 and the like, or iterate with `iter_mut` where it is used",
            );
        }
        let hint = core::mem::replace(&mut self.hint, ty.clone());
        let (op, active, fact, borrows, _) = match copied {
            Some(array) => self.used(array),
            None => self.op(init),
        };
        self.hint = hint;
        let fact = if written == Fact::Unknown {
            fact
        } else {
            written
        };
        let reference = self.gives_reference(&op);
        let var = self.user_var(pat, VarKind::Local, active, fact, borrows);
        self.vars[var.0 as usize].reference = reference;
        if let Op::Aggregate(_, items) = &op {
            for item in items {
                self.keeps_no_view(item, init.span());
            }
        }
        let suspect = matches!(op, Op::Code(_))
            && self.may_keep_view(init)
            && !types::is_integer(init)
            && ty.as_ref().is_none_or(types::may_be_active);
        // `Params { .. }`, `Params(..)`
        let made = match &op {
            Op::Aggregate(Aggregate::Struct { path, .. } | Aggregate::TupleStruct(path), _) => {
                path.segments.last().map(|it| it.ident.to_string())
            }
            _ => self.made_type(init),
        };
        let boxed = matches!(&op, Op::Aggregate(Aggregate::Boxed(_), _));
        self.vars[var.0 as usize].boxed =
            boxed || types::is_boxed(init) || ty.as_ref().is_some_and(types::is_box);
        let written = ty.as_ref().and_then(|it| self.own_type(it));
        if let Some(name) = written.or(made) {
            self.own_types.insert(var, name);
        }
        if active {
            self.mark_active(var);
        } else if ty.as_ref().is_some_and(|it| !types::may_be_active(it)) || types::is_integer(init)
        {
            self.inert.insert(var);
        }
        // `let q = { r };` is a name for what `r` names.
        if let Op::Use(Operand::Ref {
            place,
            mutable: true,
        }) = &op
        {
            let place = place.clone();
            return self.rename_view(var, place, span);
        }
        if let Op::Use(Operand::Place(place)) = &op
            && place.proj.is_empty()
            && self.var(place.root).writes_through()
            && self.is_reference(place.root)
        {
            let place = self.referent(place.clone());
            return self.rename_view(var, place, span);
        }
        self.emit(span, StmtKind::Let { var, ty, op });
        if suspect {
            self.owns(var, span);
        }
    }

    /// The name of a type of the user's own that an expression makes: `Params::new(..)`, `params.clone()`.
    fn made_type(&self, init: &Expr) -> Option<String> {
        match unparen(init) {
            Expr::Struct(it) => {
                let path = &it.path;
                self.own_type(&syn::parse_quote!(#path))
            }
            Expr::Call(it) => {
                let Expr::Path(path) = unparen(&it.func) else {
                    return None;
                };
                let mut names = path.path.segments.iter().rev();
                let (function, owner) = (names.next()?, names.next()?);
                let owner = self.own_type(&syn::parse_quote!(#owner))?;
                let made = self.unit.makes(&owner, &function.ident.to_string());
                made.then_some(owner)
            }
            Expr::MethodCall(it) if it.method == "clone" => {
                self.type_name(&it.receiver).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// A variable turns out to be a name for a place.
    fn rename_view(&mut self, var: VarId, place: crate::ir::Place, span: Span) {
        let place = self.frozen(place, span);
        self.vars[var.0 as usize].active = self.var(place.root).active;
        self.vars[var.0 as usize].kind = VarKind::Alias {
            place,
            depth: 1,
            writes: true,
        };
        self.emit(span, StmtKind::Alias { var });
    }

    /// `let v = if c { &mut a } else { &mut b }; rest` ⇒ `if c { let v = &mut a; rest } else { let v = &mut b; rest }`: a
    /// name stands for one place. The rest sees no name of the branch: see `seen_outside`.
    fn chosen_view(&self, init: &Expr, local: &syn::Local, rest: &[syn::Stmt]) -> Option<Expr> {
        self.chooses_view(init)
            .then(|| into_branches(init, local, rest))?
    }

    /// Does a branch hand out a view: one of its own, or a part of what is matched?
    pub(super) fn chooses_view(&self, expr: &Expr) -> bool {
        let hands_out = |scrutinee: Option<&Expr>, pat: Option<&Pat>, branch: &Expr| {
            let tail = tail(branch);
            let part = || {
                scrutinee.is_some_and(|it| self.is_mutable_view(it))
                    && matches!((tail, pat), (Expr::Path(it), Some(pat))
                        if it.path.get_ident().is_some_and(|it| bound(pat).contains(&it.to_string())))
            };
            let own = || match tail {
                Expr::Tuple(it) => it.elems.iter().any(|it| self.is_mutable_view(it)),
                other => self.is_mutable_view(other) || self.is_shared_view(other),
            };
            part() || own() || self.chooses_view(tail)
        };
        match unparen(expr) {
            Expr::If(it) => {
                let (scrutinee, pat) = match &*it.cond {
                    Expr::Let(it) => (Some(&*it.expr), Some(&*it.pat)),
                    _ => (None, None),
                };
                let then = Expr::Block(block_expr(it.then_branch.clone()));
                it.else_branch.as_ref().is_some_and(|(_, otherwise)| {
                    hands_out(scrutinee, pat, &then) || hands_out(None, None, otherwise)
                })
            }
            Expr::Match(it) => it
                .arms
                .iter()
                .any(|arm| hands_out(Some(&it.expr), Some(&arm.pat), &arm.body)),
            _ => false,
        }
    }

    /// The names that the statements before a `let` left; those of the branches that it was moved into are not among
    /// them.
    pub(super) fn names_before(&self, local: &syn::Local) -> &HashMap<String, Name> {
        match self.chosen.last() {
            Some(names) if is_chosen(local) => names,
            _ => &self.names,
        }
    }

    /// What follows a `let` that was moved into a branch sees the names outside of the branch, and what the `let` binds.
    pub(super) fn seen_outside(&mut self, local: &syn::Local) {
        if !is_chosen(local) {
            return;
        }
        let before = self.names_before(local).clone();
        let inside = core::mem::replace(&mut self.names, before);
        for name in bound(&local.pat) {
            if let Some(var) = inside.get(&name) {
                self.names.insert(name, var.clone());
            }
        }
    }

    fn is_mutable_view(&self, expr: &Expr) -> bool {
        match unparen(expr) {
            Expr::Reference(it) => it.mutability.is_some(),
            Expr::MethodCall(it) if it.method.to_string().ends_with("_mut") => true,
            Expr::MethodCall(_) | Expr::Call(_) => self.lends(expr) == Some(true),
            Expr::Block(it) => match it.block.stmts.last() {
                Some(syn::Stmt::Expr(tail, None)) => self.is_mutable_view(tail),
                _ => false,
            },
            // A mutable reference under another name.
            Expr::Path(it) => match it
                .path
                .get_ident()
                .and_then(|it| self.names.get(&it.to_string()))
            {
                Some(Name::Var(var)) => self.is_reference(*var) && self.var(*var).writes_through(),
                _ => false,
            },
            _ => false,
        }
    }

    /// A shared view of an active place. Each choice doubles what follows it, so those that follow many are held instead.
    fn is_shared_view(&self, expr: &Expr) -> bool {
        self.chosen.len() < CHOICES
            && match unparen(expr) {
                Expr::Reference(it) => is_place(&it.expr) && self.is_active(expr),
                Expr::Path(it) => match it
                    .path
                    .get_ident()
                    .and_then(|it| self.names.get(&it.to_string()))
                {
                    Some(Name::Var(var)) => {
                        let info = self.var(*var);
                        self.is_reference(*var) && info.active && !info.mutable
                    }
                    _ => false,
                },
                Expr::MethodCall(_) | Expr::Call(_) => {
                    self.lends(expr) == Some(false) && self.is_active(expr)
                }
                _ => false,
            }
    }

    fn captures_mutable(&self, closure: &syn::ExprClosure) -> bool {
        let mut probe = Captures {
            lower: self,
            found: false,
        };
        syn::visit::Visit::visit_expr(&mut probe, &closure.body);
        probe.found
    }
}

/// A `let` and what follows it, in each branch of what decides its value.
pub(super) fn into_branches(init: &Expr, local: &syn::Local, rest: &[syn::Stmt]) -> Option<Expr> {
    let with = |branch: &Expr| -> Option<syn::Block> {
        let mut block = match unparen(branch) {
            Expr::Block(it) if it.label.is_none() => it.block.clone(),
            other => syn::parse_quote!({ #other }),
        };
        let Some(syn::Stmt::Expr(tail, end)) = block.stmts.pop() else {
            return None;
        };
        if diverges(&tail) {
            block.stmts.push(syn::Stmt::Expr(tail, end));
            return Some(block);
        }
        let mut local = local.clone();
        local.attrs = vec![syn::parse_quote!(#[chosen])];
        *local.init.as_mut()?.expr = end.is_none().then_some(tail)?;
        block.stmts.push(syn::Stmt::Local(local));
        block.stmts.extend(rest.iter().cloned());
        Some(block)
    };
    match unparen(init) {
        Expr::If(it) => {
            let mut whole = it.clone();
            whole.then_branch = with(&Expr::Block(block_expr(it.then_branch.clone())))?;
            let (_, otherwise) = whole.else_branch.as_mut()?;
            **otherwise = Expr::Block(block_expr(with(otherwise)?));
            Some(Expr::If(whole))
        }
        Expr::Match(it) => {
            let mut whole = it.clone();
            for arm in &mut whole.arms {
                *arm.body = Expr::Block(block_expr(with(&arm.body)?));
            }
            Some(Expr::Match(whole))
        }
        _ => None,
    }
}

pub(super) fn block_expr(block: syn::Block) -> syn::ExprBlock {
    syn::ExprBlock {
        attrs: Vec::new(),
        label: None,
        block,
    }
}

/// A type as it is written at a `let`, where every lifetime can be found: the tangent of the value has another.
fn without_lifetimes(mut ty: syn::Type) -> syn::Type {
    struct Elide;
    impl syn::visit_mut::VisitMut for Elide {
        fn visit_lifetime_mut(&mut self, it: &mut syn::Lifetime) {
            if it.ident != "static" {
                it.ident = Ident::new("_", it.ident.span());
            }
        }
    }
    syn::visit_mut::VisitMut::visit_type_mut(&mut Elide, &mut ty);
    ty
}

/// Was this `let` moved into the branches that choose its value?
fn is_chosen(local: &syn::Local) -> bool {
    local.attrs.iter().any(|it| it.path().is_ident("chosen"))
}

/// The expression at the end of a block.
fn tail(expr: &Expr) -> &Expr {
    match unparen(expr) {
        Expr::Block(it) => match it.block.stmts.last() {
            Some(syn::Stmt::Expr(last, None)) => tail(last),
            _ => expr,
        },
        other => other,
    }
}

/// The names that a pattern binds, and perhaps those of constants.
pub(super) fn bound(pat: &Pat) -> Vec<String> {
    struct Bound(Vec<String>);
    impl<'ast> syn::visit::Visit<'ast> for Bound {
        fn visit_pat_ident(&mut self, it: &'ast syn::PatIdent) {
            self.0.push(it.ident.to_string());
            syn::visit::visit_pat_ident(self, it);
        }
    }
    let mut names = Bound(Vec::new());
    syn::visit::Visit::visit_pat(&mut names, pat);
    names.0
}

struct Captures<'a, 'b> {
    lower: &'a Lower<'b>,
    found: bool,
}

impl<'ast> syn::visit::Visit<'ast> for Captures<'_, '_> {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(ident) = path.path.get_ident()
            && let Some(Name::Var(var)) = self.lower.names.get(&ident.to_string())
        {
            self.found |= self.lower.var(*var).mutable;
        }
    }
}

/// The body of a match arm.
pub(super) enum ArmBody<'e> {
    Expr(&'e Expr),
    Block(&'e syn::Block),
    /// The statements after a `let .. else`.
    Rest(&'e [syn::Stmt]),
    Empty,
}

/// The parts of `a && b && c`.
fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Binary(it) if matches!(it.op, syn::BinOp::And(_)) => {
            let mut parts = conjuncts(&it.left);
            parts.extend(conjuncts(&it.right));
            parts
        }
        _ => vec![expr],
    }
}

/// `a..b`, `a..=b`, and those reversed or stepped: iterators that can be walked backwards.
pub(super) fn range_chain(expr: &Expr) -> bool {
    match unparen(expr) {
        Expr::Range(it) => it.start.is_some() && it.end.is_some(),
        Expr::MethodCall(it) => {
            matches!(it.method.to_string().as_str(), "rev" | "step_by") && range_chain(&it.receiver)
        }
        _ => false,
    }
}

/// The parts of `let (a, b) = (e, f);`, where no value mentions a name that is bound: then it is `let a = e; let b = f;`.
fn independent<'a>(
    parts: &'a syn::PatTuple,
    values: &'a Expr,
) -> Option<Vec<(&'a syn::PatIdent, &'a Expr)>> {
    let Expr::Tuple(values) = unparen(values) else {
        return None;
    };
    if values.elems.len() != parts.elems.len() {
        return None;
    }
    let lets: Vec<_> = parts
        .elems
        .iter()
        .zip(&values.elems)
        .map(|(part, value)| match part {
            Pat::Ident(it) if it.by_ref.is_none() && it.subpat.is_none() => Some((it, value)),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let mentioned = |name: &Ident| values.elems.iter().any(|it| mentions(it, name));
    lets.iter()
        .all(|(name, _)| !mentioned(&name.ident))
        .then_some(lets)
}
