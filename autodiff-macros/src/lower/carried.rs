//! Numbers that a loop carries from turn to turn. What a turn finds in such a variable gets a name of its own, which is never
//! assigned, so that cheap operations on it can be evaluated again: one number is saved in each turn, not all of them.

use std::collections::BTreeSet;

use syn::BinOp;

use super::Lower;
use crate::analysis::{declared, lent, overwritten};
use crate::ir::{Block, By, Fact, Op, Operand, Stmt, StmtKind, Var, VarId, VarKind};

impl Lower<'_> {
    pub(super) fn name_carried(&mut self, block: &mut Block) {
        for stmt in &mut block.stmts {
            for inner in stmt.kind.blocks_mut() {
                self.name_carried(inner);
            }
            if let StmtKind::Loop(it) = &mut stmt.kind {
                self.name_found(&mut it.body);
            }
        }
    }

    /// Names what each turn finds in the variables that the body assigns once.
    fn name_found(&mut self, body: &mut Block) {
        let (mut written, mut twice, mut own) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        body.walk(&mut |stmt| {
            own.extend(declared(&stmt.kind));
            for var in overwritten(&self.vars, &stmt.kind) {
                if !written.insert(var) {
                    twice.insert(var);
                }
            }
            twice.extend(lent(&self.vars, &stmt.kind));
        });
        let carried = body.stmts.iter().enumerate().filter_map(|(at, stmt)| {
            let place = match &stmt.kind {
                StmtKind::Assign { place, op } if !matches!(op, Op::SumStep(_)) => place,
                StmtKind::Update {
                    op: BinOp::AddAssign(_) | BinOp::SubAssign(_),
                    place,
                    ..
                } => place,
                _ => return None,
            };
            let var = place.root;
            let number = place.proj.is_empty() && self.is_carried_number(var);
            (number && !twice.contains(&var) && !own.contains(&var)).then_some((at, var))
        });
        let carried: Vec<(usize, VarId)> = carried.collect();
        let mut names = Vec::new();
        for (at, var) in carried {
            let before = &body.stmts[..=at];
            if !before.iter().any(|it| multiplies(it, var))
                || before.iter().any(|it| reads(it, var))
            {
                continue;
            }
            let span = body.stmts[at].span;
            let ident = self.namer.fresh(&self.var(var).ident.to_string());
            let found = self.declare(Var {
                ident,
                kind: VarKind::Local,
                mutable: false,
                ..self.var(var).clone()
            });
            for stmt in &mut body.stmts[..=at] {
                rename(stmt, var, found);
            }
            let op = Op::Use(Operand::from(var));
            let kind = StmtKind::Let {
                var: found,
                ty: None,
                op,
            };
            names.push(Stmt { id: 0, kind, span });
        }
        body.stmts.splice(0..0, names);
    }

    fn is_carried_number(&self, var: VarId) -> bool {
        let var = self.var(var);
        let owned = matches!(var.kind, VarKind::Local | VarKind::Param { by: By::Value });
        owned && var.mutable && var.active && var.fact == Fact::Scalar && !var.borrows && !var.boxed
    }
}

/// Is a variable an operand of a product, so that its value is needed?
fn multiplies(stmt: &Stmt, var: VarId) -> bool {
    let own = matches!(
        &stmt.kind,
        StmtKind::Let {
            op: Op::Binary(BinOp::Mul(_) | BinOp::Div(_), ..),
            ..
        }
    ) && operands(&stmt.kind).any(|it| is(it, var));
    own || stmt
        .kind
        .blocks()
        .into_iter()
        .any(|block| block.stmts.iter().any(|it| multiplies(it, var)))
}

/// Is a variable read by code, which stays as it is?
fn reads(stmt: &Stmt, var: VarId) -> bool {
    let code = operands(&stmt.kind)
        .any(|it| matches!(it, Operand::Code(code) if code.reads.contains(&var)));
    let conditions = match &stmt.kind {
        StmtKind::If { cond, .. } => cond.reads.contains(&var),
        _ => false,
    };
    code || conditions
        || stmt
            .kind
            .blocks()
            .into_iter()
            .any(|block| block.stmts.iter().any(|it| reads(it, var)))
}

fn operands(kind: &StmtKind) -> impl Iterator<Item = &Operand> {
    let found = match kind {
        StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => op.operands(),
        StmtKind::Update { value, .. } => vec![value],
        _ => Vec::new(),
    };
    found.into_iter()
}

fn is(operand: &Operand, var: VarId) -> bool {
    matches!(operand, Operand::Place(place) if place.root == var && place.proj.is_empty())
}

fn rename(stmt: &mut Stmt, from: VarId, to: VarId) {
    let operands = match &mut stmt.kind {
        StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => op.operands_mut(),
        StmtKind::Update { value, .. } => vec![value],
        _ => Vec::new(),
    };
    for operand in operands {
        if is(operand, from) {
            *operand = Operand::from(to);
        }
    }
    for block in stmt.kind.blocks_mut() {
        for stmt in &mut block.stmts {
            rename(stmt, from, to);
        }
        if let Some(result) = block.result.as_mut().filter(|it| is(it, from)) {
            *result = Operand::from(to);
        }
    }
}
