//! Statements: a twin beside every active variable, and branches, loops and exits as they are.

use proc_macro2::{Ident, Span};
use syn::visit_mut::VisitMut;
use syn::{BinOp, parse_quote};

use super::operands::reads;
use super::renamed::Rename;
use super::{Forward, index, is_empty_variant};
use crate::ir::{
    Binding, Block, By, Exit, ExitKind, Fact, Loop, Mutate, Mutation, Op, Operand, Place, Proj,
    Stmt, StmtKind, Var, VarId, VarKind,
};
use crate::names;

impl Forward<'_> {
    /// A block; the tangent of its result is assigned to `dot`.
    pub(super) fn block(&mut self, block: &Block, dot: Option<VarId>) -> Block {
        let outer = core::mem::take(&mut self.stmts);
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        let mut handed = block.result.clone();
        if block.id == self.func.body.id && self.result.is_some() {
            let result = block.result.as_ref().unwrap_or(&Operand::Unit);
            handed = Some(self.paired(result));
        } else if let (Some(dot), Some(result)) = (dot, &block.result) {
            handed = Some(self.hand_out(dot, result, Span::call_site()));
        } else if let (Some(dot), None) = (dot, &block.result) {
            self.assign(dot, Op::Use(Operand::Unit), Span::call_site());
        }
        Block {
            id: 0,
            stmts: core::mem::replace(&mut self.stmts, outer),
            result: handed,
        }
    }

    /// The tangent of a value that leaves a block; returns the value. An expression without derivative gets a name, of
    /// which the zero is taken: its type may be told by another way to the end of the block.
    pub(super) fn hand_out(&mut self, dot: VarId, value: &Operand, span: Span) -> Operand {
        if matches!(value, Operand::Never) {
            return value.clone();
        }
        let value = self.named(value, span);
        let tangent = self.owned_tangent(&value, span);
        self.assign(dot, Op::Use(tangent), span);
        value
    }

    /// Declares the twin of a result before the statement that makes it.
    pub(super) fn declare_result(&mut self, result: Option<VarId>, span: Span) -> Option<VarId> {
        let dot = self.twin_of(result?)?;
        self.vars[index(dot)].mutable = false;
        self.emit(span, StmtKind::Declare { var: dot, ty: None });
        Some(dot)
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Let { var, ty, op } => self.define(stmt, *var, ty.as_ref(), op),
            StmtKind::Declare { var, ty } => {
                self.emit(span, stmt.kind.clone());
                if let Some(dot) = self.twin_of(*var) {
                    let ty = self.own_tangent(ty.as_ref());
                    self.emit(span, StmtKind::Declare { var: dot, ty });
                }
            }
            StmtKind::Alias { var } => {
                self.emit(span, stmt.kind.clone());
                if let Some(dot) = self.twin_of(*var)
                    && !self.is_walked(*var)
                {
                    self.emit(span, StmtKind::Alias { var: dot });
                }
            }
            StmtKind::Bind {
                bindings, value, ..
            } => {
                // What is moved out of the value is copied out of its twin.
                self.emit(span, stmt.kind.clone());
                let active = value.place().is_some_and(|it| self.twin(it).is_some());
                self.bindings(bindings, active, span);
            }
            StmtKind::Assign { place, op } => self.assigned(stmt, place, op),
            StmtKind::Update { op, place, value } => self.updated(stmt, *op, place, value),
            StmtKind::Views {
                pat, init, vars, ..
            } => {
                self.emit(span, stmt.kind.clone());
                if vars.iter().all(|it| self.is_walked(*it)) {
                    return;
                }
                let renamed = self.renamed(init);
                let mut pat = pat.clone();
                Rename { forward: self }.visit_pat_mut(&mut pat);
                let vars: Vec<VarId> = vars.iter().filter_map(|it| self.twin_of(*it)).collect();
                if !vars.is_empty() {
                    let init = renamed;
                    self.emit(
                        span,
                        StmtKind::Views {
                            pat,
                            ty: None,
                            init,
                            vars,
                        },
                    );
                }
            }
            StmtKind::Mutate(it) => self.mutate(stmt, it),
            StmtKind::Opaque { .. } => self.emit(span, stmt.kind.clone()),
            StmtKind::If {
                cond,
                taken,
                then,
                otherwise,
                result,
            } => {
                let dot = self.declare_result(*result, span);
                let then = self.block(then, dot);
                let otherwise = self.block(otherwise, dot);
                self.emit(
                    span,
                    StmtKind::If {
                        cond: cond.clone(),
                        taken: *taken,
                        then,
                        otherwise,
                        result: *result,
                    },
                );
            }
            StmtKind::Match {
                scrutinee,
                taken,
                arms,
                result,
            } => {
                let dot = self.declare_result(*result, span);
                let active = scrutinee.place().is_some_and(|it| self.twin(it).is_some());
                let arms = arms
                    .iter()
                    .map(|arm| {
                        let outer = core::mem::take(&mut self.stmts);
                        self.bindings(&arm.bindings, active, span);
                        let mut bound = core::mem::replace(&mut self.stmts, outer);
                        let mut arm = arm.clone();
                        arm.body = self.block(&arm.body, dot);
                        bound.append(&mut arm.body.stmts);
                        arm.body.stmts = bound;
                        arm
                    })
                    .collect();
                self.emit(
                    span,
                    StmtKind::Match {
                        scrutinee: scrutinee.clone(),
                        taken: *taken,
                        arms,
                        result: *result,
                    },
                );
            }
            StmtKind::Try { var, value, exit } => {
                // On the way out there is no payload, and so no tangent.
                if let Some(dot) = self.handed(exit).and_then(|it| self.twin_of(it)) {
                    // It is assigned anew where the function goes on.
                    self.vars[index(dot)].mutable = true;
                    let none = Self::code(parse_quote!(::core::option::Option::None));
                    self.assign(dot, Op::Code(none), span);
                }
                let twin = value.place().and_then(|it| self.twin(it));
                self.emit(span, stmt.kind.clone());
                if let (Some(dot), Some(place)) = (self.twin_of(*var), twin) {
                    let place = place.then(Proj::Payload);
                    let op = match value.place() {
                        Some(of) if self.is_part(of) => self.part_tangent((*var).into(), place),
                        _ => self.copied(place),
                    };
                    self.emit(
                        span,
                        StmtKind::Let {
                            var: dot,
                            ty: None,
                            op,
                        },
                    );
                }
            }
            StmtKind::Loop(it) => {
                let dot = self.declare_result(it.result, span);
                let _ = dot;
                let body = self.block(&it.body, None);
                self.emit(span, StmtKind::Loop(Loop { body, ..it.clone() }));
            }
            StmtKind::Scope {
                label,
                scope,
                body,
                result,
            } => {
                let dot = self.declare_result(*result, span);
                let body = self.block(body, dot);
                self.emit(
                    span,
                    StmtKind::Scope {
                        label: label.clone(),
                        scope: *scope,
                        body,
                        result: *result,
                    },
                );
            }
            StmtKind::Exit(exit) => {
                let exit = self.leave(exit, span);
                self.emit(span, StmtKind::Exit(exit));
            }
        }
    }

    /// The variable that takes the value of an exit.
    pub(super) fn handed(&self, exit: &Exit) -> Option<VarId> {
        if let Some((var, _)) = &exit.value {
            return Some(*var);
        }
        let target = exit.leaves.last()?;
        if *target == self.func.scope {
            return Some(self.func.result);
        }
        let mut found = None;
        self.func.body.walk(&mut |stmt| {
            if let StmtKind::Scope { scope, result, .. } = &stmt.kind
                && scope == target
            {
                found = *result;
            }
        });
        found
    }

    pub(super) fn leave(&mut self, exit: &Exit, span: Span) -> Exit {
        let mut exit = exit.clone();
        if let Some(result) = self.result
            && exit.leaves.last() == Some(&self.func.scope)
        {
            let value = exit.value.map_or(Operand::Unit, |it| it.1);
            exit.value = Some((result, self.paired(&value)));
            return exit;
        }
        match &mut exit.value {
            Some((var, value)) => {
                if let Some(dot) = self.twin_of(*var) {
                    *value = self.hand_out(dot, value, span);
                }
            }
            // `return;`
            None => {
                if exit.kind == ExitKind::Break
                    && exit.leaves.last() == Some(&self.func.scope)
                    && let Some(dot) = self.twin_of(self.func.result)
                {
                    self.assign(dot, Op::Use(Operand::Unit), span);
                }
            }
        }
        exit
    }

    /// The twins of what a pattern bound.
    pub(super) fn bindings(&mut self, bindings: &[Binding], active: bool, span: Span) {
        for binding in bindings {
            let Some(dot) = self.twin_of(binding.var) else {
                continue;
            };
            if matches!(self.vars[index(dot)].kind, VarKind::Alias { .. }) {
                if !self.is_walked(binding.var) {
                    self.emit(span, StmtKind::Alias { var: dot });
                }
                continue;
            }
            // A part that may be missing comes from a slice, not from what is matched.
            let part = binding.source.as_ref().and_then(|it| self.twin(it));
            if !active && part.is_none() {
                let op = self.zero_like(binding.var);
                self.emit(
                    span,
                    StmtKind::Let {
                        var: dot,
                        ty: None,
                        op,
                    },
                );
                continue;
            }
            let Some(place) = part else {
                self.refuse(
                    span,
                    "what this pattern takes apart has no tangent that is known",
                );
                continue;
            };
            let info = &self.func.vars[index(binding.var)];
            let number = binding.source.as_ref().is_some_and(|it| {
                matches!(it.proj.last(), Some(Proj::Index(_)))
                    && crate::analysis::needs::place_fact(self.func, it) == Fact::Scalar
            });
            let op = if (info.borrows && !number) || info.reference {
                Op::Use(Operand::Ref {
                    place,
                    mutable: false,
                })
            } else if binding.source.as_ref().is_some_and(|it| self.is_part(it)) {
                self.part_tangent(binding.var.into(), place)
            } else {
                self.copied(place)
            };
            self.emit(
                span,
                StmtKind::Let {
                    var: dot,
                    ty: None,
                    op,
                },
            );
        }
    }

    /// A reference to what is at a place, and not to a reference.
    pub(super) fn referred(&self, mut place: Place) -> Operand {
        if place.proj.is_empty() {
            let info = &self.vars[index(place.root)];
            let references = match &info.kind {
                VarKind::Param { by } => usize::from(*by != By::Value),
                VarKind::Alias { depth, .. } => usize::from(*depth),
                VarKind::Local | VarKind::Index | VarKind::Counter => usize::from(info.reference),
            };
            place.proj = vec![Proj::Deref; references];
        }
        Operand::Ref {
            place,
            mutable: false,
        }
    }

    /// A copy of what is at a place.
    pub(super) fn copied(&self, place: Place) -> Op {
        self.runtime("copied", None, vec![self.referred(place)])
    }

    pub(super) fn define(&mut self, stmt: &Stmt, var: VarId, ty: Option<&syn::Type>, op: &Op) {
        let span = stmt.span;
        let Some(dot) = self.twin_of(var) else {
            if matches!(op, Op::Code(code) if is_empty_variant(&code.expr)) {
                self.empty.insert(var);
            }
            self.emit(span, stmt.kind.clone());
            return;
        };
        let op = &self.evaluated_once(op, span);
        let stmt = &Stmt {
            kind: StmtKind::Let {
                var,
                ty: ty.cloned(),
                op: op.clone(),
            },
            ..stmt.clone()
        };
        match op {
            Op::Call(call) if call.args.iter().any(|it| self.is_active(it)) => {
                let (value, tangent) = self.called(call, span);
                for (var, op) in [(var, value), (dot, tangent)] {
                    self.emit(span, StmtKind::Let { var, ty: None, op });
                }
            }
            Op::Build(build) => self.built(stmt, dot, build),
            Op::Aggregate(kind, items) if Self::by_parts(kind) && self.any_active(op) => {
                self.emit(span, stmt.kind.clone());
                self.made_by_parts(dot, var, kind, items, span);
            }
            _ if self.any_active(op) || matches!(op, Op::SumStart) => {
                let fact = self.vars[index(var)].fact;
                let op = self.tangent(op, fact, span);
                let ty = self.own_tangent(ty);
                if matches!(&op, Op::Foreign { path, .. } if self.is_runtime(path)) {
                    self.vars[index(dot)].borrows = false;
                }
                self.emit(span, StmtKind::Let { var: dot, ty, op });
                self.emit(span, stmt.kind.clone());
            }
            _ => {
                self.emit(span, stmt.kind.clone());
                let op = self.zero_like(var);
                let ty = self.own_tangent(ty);
                self.emit(span, StmtKind::Let { var: dot, ty, op });
            }
        }
    }

    pub(super) fn any_active(&self, op: &Op) -> bool {
        op.operands().iter().any(|it| self.is_active(it))
    }

    pub(super) fn assigned(&mut self, stmt: &Stmt, place: &Place, op: &Op) {
        let span = stmt.span;
        let Some(dot) = self.twin(place) else {
            self.emit(span, stmt.kind.clone());
            return;
        };
        let op = &self.evaluated_once(op, span);
        let stmt = &Stmt {
            kind: StmtKind::Assign {
                place: place.clone(),
                op: op.clone(),
            },
            ..stmt.clone()
        };
        match op {
            Op::SumStep(term) => {
                if self.is_active(term) {
                    let term = match (term.place(), self.tangent_operand(term, span).place()) {
                        (Some(of), Some(twin)) if self.is_part(of) => {
                            let copy = self.copied_part(of, twin.clone());
                            Operand::from(self.name("copy", copy, true, Fact::Unknown, span))
                        }
                        _ => self.owned_tangent(term, span),
                    };
                    self.assign(dot, Op::SumStep(term), span);
                }
                self.emit(span, stmt.kind.clone());
            }
            Op::Method { name, args, .. } if names::updates(&name.to_string()) => {
                // The method runs on a lifted copy of the place.
                let lifted = self.lift(place, span);
                self.vars[index(lifted)].mutable = true;
                let args = args.iter().map(|it| self.lifted(it, span)).collect();
                let update = Op::Method {
                    recv: Operand::from(lifted),
                    name: name.clone(),
                    turbofish: None,
                    args,
                };
                self.assign(lifted, update, span);
                let tangent = self.tangent_of_lifted(lifted);
                let tangent = self.name("dot", tangent, true, Fact::Unknown, span);
                self.emit(span, stmt.kind.clone());
                let tangent = self.for_place(place, tangent);
                self.assign(dot, tangent, span);
            }
            // What a part takes of a tangent: its own tangent takes the same of the tangent of that.
            Op::Foreign { path, .. }
                if path
                    .segments
                    .last()
                    .is_some_and(|it| it.ident == "for_part") =>
            {
                let tangent = self.tangent(op, Fact::Unknown, span);
                self.emit(span, stmt.kind.clone());
                self.assign(dot, tangent, span);
            }
            Op::Call(call) if call.args.iter().any(|it| self.is_active(it)) => {
                let (value, tangent) = self.called(call, span);
                self.assign(place.clone(), value, span);
                self.assign(dot, tangent, span);
            }
            _ => {
                // The value and its tangent are made before either is assigned: an operand may be the place itself.
                let fact = crate::analysis::needs::place_fact(self.func, place);
                let ident = self.fresh("next");
                let next = Var {
                    ident,
                    kind: VarKind::Local,
                    mutable: false,
                    active: true,
                    fact,
                    borrows: false,
                    reference: false,
                    boxed: false,
                    lifted: false,
                };
                let (value, tangent) = (self.declare(next.clone()), self.fresh("dot_next"));
                let tangent = self.declare(Var {
                    ident: tangent,
                    ..next
                });
                self.twins.resize(self.vars.len(), None);
                self.twins[index(value)] = Some(tangent);
                let definition = Stmt {
                    id: 0,
                    span,
                    kind: StmtKind::Let {
                        var: value,
                        ty: None,
                        op: op.clone(),
                    },
                };
                self.define(&definition, value, None, op);
                self.assign(place.clone(), Op::Use(Operand::from(value)), span);
                let tangent = self.for_place(place, tangent);
                self.assign(dot, tangent, span);
            }
        }
    }

    pub(super) fn updated(&mut self, stmt: &Stmt, op: BinOp, place: &Place, value: &Operand) {
        let span = stmt.span;
        let Some(dot) = self.twin(place) else {
            self.emit(span, stmt.kind.clone());
            return;
        };
        let own = self.own.has_place(self.func, place) || self.own.has(self.func, value);
        let plain = match op {
            BinOp::AddAssign(_) if own => BinOp::Add(parse_quote!(+)),
            BinOp::SubAssign(_) if own => BinOp::Sub(parse_quote!(-)),
            BinOp::AddAssign(_) | BinOp::SubAssign(_) => {
                if self.is_active(value) {
                    let value = self.owned_tangent(value, span);
                    self.emit(
                        span,
                        StmtKind::Update {
                            op,
                            place: dot,
                            value,
                        },
                    );
                }
                self.emit(span, stmt.kind.clone());
                return;
            }
            BinOp::MulAssign(_) => BinOp::Mul(parse_quote!(*)),
            BinOp::DivAssign(_) => BinOp::Div(parse_quote!(/)),
            _ => BinOp::Rem(parse_quote!(%)),
        };
        let fact = crate::analysis::needs::place_fact(self.func, place);
        let operation = Op::Binary(plain, Operand::Place(place.clone()), value.clone());
        let tangent = self.tangent(&operation, fact, span);
        let tangent = self.name("dot", tangent, true, fact, span);
        self.emit(span, stmt.kind.clone());
        let tangent = self.for_place(place, tangent);
        self.assign(dot, tangent, span);
    }

    /// A tangent that is assigned to the tangent of a place, which has none if it lies in a field without derivative.
    fn for_place(&self, place: &Place, tangent: VarId) -> Op {
        if self.is_part(place) {
            self.runtime("for_part", None, vec![self.referred(tangent.into())])
        } else {
            Op::Use(Operand::from(tangent))
        }
    }

    pub(super) fn mutate(&mut self, stmt: &Stmt, it: &Mutate) {
        let span = stmt.span;
        let Some(place) = self.twin(&it.place) else {
            self.emit(span, stmt.kind.clone());
            return;
        };
        if it.kind == Mutation::Sort {
            self.sorted(it, place, span);
            return;
        }
        let args = it
            .args
            .iter()
            .map(|arg| match it.kind {
                Mutation::Permute(_) | Mutation::Truncate => arg.clone(),
                Mutation::Exchange => self.tangent_operand(arg, span),
                _ => self.owned_tangent(arg, span),
            })
            .collect();
        let result = it.result.and_then(|it| self.twin_of(it));
        let mut twin = Mutate {
            place,
            args,
            result,
            ..it.clone()
        };
        if let (Some(value), Some(dot)) = (it.result, result)
            && self.is_part(&it.place)
        {
            let popped = self.temp("dot_popped", true, Fact::Unknown);
            twin.result = Some(popped);
            self.emit(span, StmtKind::Mutate(twin));
            self.emit(span, stmt.kind.clone());
            let op = self.part_tangent(value.into(), popped.into());
            let kind = StmtKind::Let {
                var: dot,
                ty: None,
                op,
            };
            self.emit(span, kind);
            return;
        }
        self.emit(span, StmtKind::Mutate(twin));
        self.emit(span, stmt.kind.clone());
    }

    /// Values and tangents are brought into the order that the comparison gives.
    fn sorted(&mut self, it: &Mutate, dot: Place, span: Span) {
        let by_order = "in_order";
        let order = match it.args.first() {
            Some(order) if it.name == by_order => order.clone(),
            Some(compare) => {
                let place = self.tokens(&it.place, false);
                let tokens = self.operand_tokens(compare);
                let mut order = Self::code(parse_quote!(#place.ad_order_by(#tokens)));
                order.reads = reads(compare);
                order.reads.push(it.place.root);
                let order = self.name("order", Op::Code(order), false, Fact::Unknown, span);
                let ident = self.ident(order);
                let mut by = Self::code(parse_quote!(&#ident));
                by.reads = vec![order];
                Operand::Code(by)
            }
            None => return,
        };
        for place in [dot, it.place.clone()] {
            let sort = Mutate {
                kind: Mutation::Sort,
                place,
                name: Ident::new(by_order, it.name.span()),
                args: vec![order.clone()],
                result: None,
            };
            self.emit(span, StmtKind::Mutate(sort));
        }
    }
}
