//! Which variables hold values of the user's own types, as far as the tokens tell: what such a value is updated by, its
//! own operator says, where that of a number or a matrix is linear.

use std::collections::HashSet;

use syn::{Expr, Path, Type};

use crate::ir::{
    Aggregate, Func, Loop, LoopKind, Op, Operand, Place, Proj, StmtKind, VarId, VarKind,
};
use crate::lower::{innermost_element, peel, unparen};
use crate::names;

/// Variables that hold a value of such a type, or a container of these.
pub(super) struct Own(HashSet<VarId>);

impl Own {
    pub(super) fn of(func: &Func) -> Self {
        let mut found = Own(HashSet::new());
        for param in &func.params {
            found.insert(param.var, is_own(&param.ty));
        }
        // Each variable is defined before it is used.
        func.body.walk(&mut |stmt| match &stmt.kind {
            StmtKind::Let { var, ty, op } => {
                let own = ty.as_ref().is_some_and(is_own) || found.is_made(func, op);
                found.insert(*var, own);
            }
            StmtKind::Declare { var, ty } => found.insert(*var, ty.as_ref().is_some_and(is_own)),
            StmtKind::Loop(Loop {
                kind: LoopKind::Iter { vars, iter, .. },
                ..
            }) => {
                let own = iter.reads.iter().any(|it| found.0.contains(it));
                for var in vars {
                    found.insert(*var, own);
                }
            }
            _ => {}
        });
        found
    }

    fn insert(&mut self, var: VarId, own: bool) {
        if own {
            self.0.insert(var);
        }
    }

    /// Is the operand a value of such a type?
    pub(super) fn has(&self, func: &Func, operand: &Operand) -> bool {
        operand.place().is_some_and(|it| self.has_place(func, it))
    }

    pub(super) fn has_place(&self, func: &Func, place: &Place) -> bool {
        let beside = |it: &Proj| matches!(it, Proj::Deref | Proj::Index(_) | Proj::Elem(_));
        let root = func.vars.get(place.root.0 as usize);
        let root = match root.map(|it| &it.kind) {
            Some(VarKind::Alias { place, .. }) => self.has_place(func, place),
            _ => self.0.contains(&place.root),
        };
        root && place.proj.iter().all(beside)
    }

    fn is_made(&self, func: &Func, op: &Op) -> bool {
        match op {
            Op::Use(operand) | Op::Neg(operand) => self.has(func, operand),
            Op::Binary(_, left, right) => self.has(func, left) || self.has(func, right),
            Op::Aggregate(Aggregate::Struct { path, .. } | Aggregate::TupleStruct(path), _) => {
                is_own_name(path, 0)
            }
            Op::Code(code) => match unparen(&code.expr) {
                Expr::Struct(it) => is_own_name(&it.path, 0),
                // `Mine::zero()`
                Expr::Call(it) => match unparen(&it.func) {
                    Expr::Path(it) => is_own_name(&it.path, 1),
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        }
    }
}

fn is_own(ty: &Type) -> bool {
    match innermost_element(peel(ty)) {
        Type::Path(it) => is_own_name(&it.path, 0),
        _ => false,
    }
}

/// Is the segment so many before the last one the name of a type of the user's own?
fn is_own_name(path: &Path, before: usize) -> bool {
    let segment = path.segments.iter().rev().nth(before);
    segment.is_some_and(|it| it.ident == "Self" || names::own_type(&it.ident.to_string()))
}
