//! Loops: ranges, sequences, and their bounds.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Expr, Pat};

use super::expr::mentions;
use super::{Lower, Name, Target, TargetKind, unparen};
use crate::ir::{Block, Code, Fact, Loop, LoopKind, Operand, StmtKind, Var, VarId, VarKind};

impl Lower<'_> {
    pub(super) fn turns(
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

    pub(super) fn for_loop(&mut self, it: &syn::ExprForLoop) {
        let span = it.for_token.span;
        self.binds(&it.expr);
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
    pub(super) fn bounded(&mut self, range: &Code, written: &[VarId], span: Span) -> Code {
        let mut expr = range.expr.clone();
        self.name_bounds(&mut expr, written, span);
        Code {
            again: true,
            ..self.code_from_lowered(expr)
        }
    }

    pub(super) fn name_bounds(&mut self, range: &mut Expr, written: &[VarId], span: Span) {
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

    pub(super) fn name_bound(&mut self, bound: &mut Expr, written: &[VarId], span: Span) {
        let code = self.code_from_lowered(bound.clone());
        let again = super::code::evaluates_again(bound, &mut 0);
        if !again || code.reads.iter().any(|it| written.contains(it)) {
            *bound = self.named(code, "bound", span).expr;
        }
    }

    /// What is known of `xs` in `for x in xs`, `&xs` and `xs.iter()`.
    pub(super) fn iterated_fact(&self, iterator: &Expr) -> Fact {
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
    pub(super) fn referenced_items(&mut self, pat: &Pat, iterator: &Expr) {
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

    pub(super) fn gives_references(&self, iterator: &Expr) -> bool {
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
pub(super) fn independent<'a>(
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
