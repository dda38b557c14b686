//! Containers and aggregates: the tangents of their elements are collected beside them.

use proc_macro2::{Ident, Span};
use syn::parse_quote;

use super::{Forward, index};
use crate::ir::{
    Aggregate, Block, Build, BuildKind, Code, Fact, Mutate, Mutation, Op, Operand, Place, Proj,
    Stmt, StmtKind, VarId, VarKind,
};

impl Forward<'_> {
    /// A container made element by element: the tangents of the elements are collected beside it.
    pub(super) fn built(&mut self, stmt: &Stmt, dot: VarId, build: &Build) {
        let span = stmt.span;
        let StmtKind::Let { var, ty, .. } = &stmt.kind else {
            return;
        };
        let list = match &build.kind {
            // Of others the number of elements is not known before the first.
            BuildKind::Map { .. } | BuildKind::ZipMap { .. } => {
                let count = self.ident(build.count);
                Code {
                    expr: parse_quote!(::std::vec::Vec::with_capacity(#count)),
                    reads: vec![build.count],
                    again: false,
                }
            }
            BuildKind::FromFn { .. }
            | BuildKind::Collect { .. }
            | BuildKind::FromIterator { .. } => Self::code(parse_quote!(::std::vec::Vec::new())),
        };
        let dots = self.name("dots", Op::Code(list), true, Fact::Unknown, span);
        self.vars[index(dots)].mutable = true;
        let outer = core::mem::take(&mut self.stmts);
        let (recv, other) = match &build.kind {
            BuildKind::Map { recv } => (Some(recv.clone()), None),
            BuildKind::ZipMap { recv, other } => (Some(recv.clone()), other.place().cloned()),
            BuildKind::FromFn { .. }
            | BuildKind::Collect { .. }
            | BuildKind::FromIterator { .. } => (None, None),
        };
        // The parameters of the closure are elements.
        for (param, place) in build.params.iter().zip([recv, other]) {
            let (Some(twin), Some(place)) = (self.twin_of(*param), place) else {
                continue;
            };
            // A variable of its own, which is a copy.
            self.vars[index(twin)].kind = VarKind::Local;
            let op = match self.twin(&place) {
                Some(twin) => {
                    let element = Proj::Elem(build.index);
                    self.copied_part(&place.then(element.clone()), twin.then(element))
                }
                None => self.zero_like(*param),
            };
            self.emit(
                span,
                StmtKind::Let {
                    var: twin,
                    ty: None,
                    op,
                },
            );
        }
        let mut body = core::mem::replace(&mut self.stmts, outer);
        let outer = core::mem::take(&mut self.stmts);
        for stmt in &build.body.stmts {
            self.stmt(stmt);
        }
        if let Some(result) = &build.body.result {
            let element = self.owned_tangent(result, span);
            self.emit(
                span,
                StmtKind::Mutate(Mutate {
                    kind: Mutation::Push,
                    place: dots.into(),
                    name: Ident::new("push", Span::call_site()),
                    args: vec![element],
                    result: None,
                }),
            );
        }
        body.append(&mut core::mem::replace(&mut self.stmts, outer));
        let build = Build {
            body: Block {
                id: 0,
                stmts: body,
                result: build.body.result.clone(),
            },
            ..build.clone()
        };
        self.emit(
            span,
            StmtKind::Let {
                var: *var,
                ty: ty.clone(),
                op: Op::Build(Box::new(build)),
            },
        );
        let args = vec![
            Operand::Ref {
                place: (*var).into(),
                mutable: false,
            },
            Operand::from(dots),
        ];
        let op = self.runtime("gathered", None, args);
        self.emit(
            span,
            StmtKind::Let {
                var: dot,
                ty: None,
                op,
            },
        );
    }

    /// Is the tangent of such a value made from its zero, part by part?
    pub(super) fn by_parts(kind: &Aggregate) -> bool {
        matches!(kind, Aggregate::Struct { .. } | Aggregate::TupleStruct(_))
    }

    pub(super) fn made_by_parts(
        &mut self,
        dot: VarId,
        var: VarId,
        kind: &Aggregate,
        items: &[Operand],
        span: Span,
    ) {
        let zero = self.zero_like(var);
        let mutable = self.vars[index(dot)].mutable;
        self.vars[index(dot)].mutable = true;
        let base = match kind {
            Aggregate::Struct { base: true, .. } => items.last(),
            _ => None,
        };
        let moving = base
            .filter(|it| self.is_active(it))
            .and_then(Operand::place);
        let start = match moving {
            Some(place) => self.copied(self.twin(place).unwrap_or_else(|| place.clone())),
            None => zero.clone(),
        };
        self.emit(
            span,
            StmtKind::Let {
                var: dot,
                ty: None,
                op: start,
            },
        );
        let parts: Vec<Proj> = match kind {
            Aggregate::Struct {
                path,
                members,
                variant: true,
                ..
            } => members
                .iter()
                .map(|it| Proj::Accessor {
                    name: crate::lower::accessor(path, it),
                    part: false,
                })
                .collect(),
            Aggregate::Struct { members, .. } => members.iter().cloned().map(Proj::Field).collect(),
            Aggregate::TupleStruct(path) => (0..items.len())
                .map(|at| {
                    let member = syn::Member::Unnamed(syn::Index::from(at));
                    Proj::Accessor {
                        name: crate::lower::accessor(path, &member),
                        part: false,
                    }
                })
                .collect(),
            _ => Vec::new(),
        };
        // What does not vary takes the place of what the other value has there: a zero of the field, which may have no
        // tangent.
        let still = items.iter().zip(&parts).any(|it| !self.is_active(it.0));
        let zero = (still && moving.is_some())
            .then(|| self.name("zero", zero, false, Fact::Unknown, span));
        for (item, part) in items.iter().zip(parts) {
            if let Some(zero) = zero.filter(|_| !self.is_active(item)) {
                let tangent = self.copied(Place::from(zero).then(part.clone()));
                self.assign(Place::from(dot).then(part), tangent, span);
            } else if self.is_active(item) {
                let tangent = self.tangent_operand(item, span);
                let tangent = match tangent {
                    // What the twin of a reference refers to is copied in.
                    Operand::Place(place) | Operand::Ref { place, .. } => self.copied(place),
                    other => Op::Use(other),
                };
                self.assign(Place::from(dot).then(part), tangent, span);
            }
        }
        let _ = mutable;
    }
}
