//! Question: which active variables can reach the result of the function, and through which statement?
//!
//! Lattice: a set of variables, growing. Direction: backwards, but without order: a statement whose result is useful
//! makes its active operands useful, until nothing changes. It is therefore safe for variables that are overwritten
//! and for loops. Relies on `Var::active` (what varies) being complete; names for places stand for their roots.

use super::{UsefulFor, cotangent_root};
use crate::ir::{
    Block, BuildKind, Func, Mutation, Op, Operand, Place, Stmt, StmtKind, VarId, VarKind,
};

pub(super) fn useful(func: &Func) -> Vec<Option<UsefulFor>> {
    let mut useful = vec![None; func.vars.len()];
    useful[func.result.0 as usize] = Some(UsefulFor::Value);
    for param in &func.params {
        if param.by == crate::ir::By::Mut && func.var(param.var).active {
            useful[param.var.0 as usize] = Some(UsefulFor::Caller);
        }
    }
    let mut walk = Useful {
        func,
        found: useful,
        at: 0,
        changed: true,
    };
    while core::mem::take(&mut walk.changed) {
        walk.block(&func.body, Some(func.result));
    }
    // A variable that never varies has no cotangent, whatever it reaches.
    let mut useful = walk.found;
    for (at, var) in func.vars.iter().enumerate() {
        if !var.active || matches!(var.kind, VarKind::Alias { .. } | VarKind::Index) {
            useful[at] = None;
        }
    }
    useful
}

struct Useful<'a> {
    func: &'a Func,
    found: Vec<Option<UsefulFor>>,
    /// The present statement.
    at: u32,
    changed: bool,
}

impl Useful<'_> {
    fn is(&self, var: VarId) -> bool {
        self.found[var.0 as usize].is_some()
    }

    fn mark(&mut self, operand: &Operand) {
        if let Some(place) = operand.place() {
            self.mark_place(place);
        }
    }

    fn mark_place(&mut self, place: &Place) {
        let root = cotangent_root(self.func, place);
        if self.func.var(root).active && !self.is(root) {
            self.found[root.0 as usize] = Some(UsefulFor::Statement(self.at));
            self.changed = true;
        }
    }

    /// `into`: the variable that takes the result of the block.
    fn block(&mut self, block: &Block, into: Option<VarId>) {
        for stmt in block.stmts.iter().rev() {
            self.stmt(stmt);
        }
        if let (Some(into), Some(result)) = (into, &block.result)
            && self.is(into)
        {
            self.mark(result);
        }
    }

    /// A call that may write what it is lent runs its reverse in any case: all its operands are useful, and what takes its
    /// value has a cotangent, be it zero.
    fn call(&mut self, var: VarId, kind: &StmtKind, op: &Op) {
        if super::lent(&self.func.vars, kind).is_empty() {
            return;
        }
        self.mark_place(&var.into());
        self.op(op);
    }

    fn op(&mut self, op: &Op) {
        for operand in op.operands() {
            self.mark(operand);
        }
        if let Op::Build(it) = op {
            // The elements of the container are the result of the body.
            if let Some(result) = &it.body.result {
                self.mark(result);
            }
            if let BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } = &it.kind {
                self.mark_place(recv);
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.at = stmt.id;
        match &stmt.kind {
            StmtKind::Let { var, op, .. } => {
                self.call(*var, &stmt.kind, op);
                if self.is(*var) {
                    self.op(op);
                }
                if let Op::Build(it) = op {
                    self.block(&it.body, None);
                }
            }
            StmtKind::Assign { place, op } => {
                let root = cotangent_root(self.func, place);
                self.call(root, &stmt.kind, op);
                if self.is(root) {
                    self.op(op);
                }
                if let Op::Build(it) = op {
                    self.block(&it.body, None);
                }
            }
            StmtKind::Update { place, value, .. } => {
                if self.is(cotangent_root(self.func, place)) {
                    self.mark(value);
                }
            }
            StmtKind::Bind {
                value, bindings, ..
            } => {
                if bindings
                    .iter()
                    .any(|it| it.source.is_some() && self.is(it.var))
                {
                    self.mark(value);
                }
            }
            StmtKind::If {
                then,
                otherwise,
                result,
                ..
            } => {
                self.block(then, *result);
                self.block(otherwise, *result);
            }
            StmtKind::Match {
                scrutinee,
                arms,
                result,
                ..
            } => {
                for arm in arms {
                    self.block(&arm.body, *result);
                    if arm
                        .bindings
                        .iter()
                        .any(|it| it.source.is_some() && self.is(it.var))
                    {
                        self.mark(scrutinee);
                    }
                }
            }
            StmtKind::Try { var, value, .. } => {
                if self.is(*var) {
                    self.mark(value);
                }
            }
            StmtKind::Loop(it) => self.block(&it.body, None),
            StmtKind::Scope { body, result, .. } => self.block(body, *result),
            StmtKind::Exit(exit) => {
                if let Some((var, value)) = &exit.value
                    && self.is(*var)
                {
                    self.mark(value);
                }
            }
            StmtKind::Mutate(it) => {
                let root = cotangent_root(self.func, &it.place);
                let result = it.result.is_some_and(|it| self.is(it));
                let other = match it.kind {
                    Mutation::Exchange => it.args.first().and_then(Operand::place),
                    _ => None,
                };
                let other = other.is_some_and(|it| self.is(cotangent_root(self.func, it)));
                if self.is(root) || result || other {
                    self.mark_place(&it.place);
                    for operand in &it.args {
                        self.mark(operand);
                    }
                }
            }
            StmtKind::Declare { .. }
            | StmtKind::Alias { .. }
            | StmtKind::Views { .. }
            | StmtKind::Opaque { .. } => {}
        }
    }
}
