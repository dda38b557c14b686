//! Control flow: it stays structured, and every exit names the scopes that it leaves.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, Pat};

use super::expr::{diverges, empty};
use super::{Lower, Target, TargetKind, unparen};
use crate::ir::{
    Arm, Block, Code, Exit, ExitKind, Fact, LoopKind, Operand, StmtKind, Var, VarId, VarKind,
};

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
    pub(super) fn result_var(&mut self, wanted: bool, stem: &str) -> Option<VarId> {
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
        self.binds(scrutinee);
        let errors_before = self.errors_before;
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
                this.errors_before = errors_before;
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

    fn try_expr(&mut self, it: &syn::ExprTry) -> Operand {
        let value = self.operand(&it.expr);
        let span = it.question_token.span();
        let active = self.operand_active(&value);
        let var = self.temp("unwrapped", active, Fact::Unknown);
        self.vars[var.0 as usize].borrows = self.may_borrow(&value);
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
