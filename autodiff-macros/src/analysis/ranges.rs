//! Question: which elements that a loop overwrites need not be put back turn by turn?
//!
//! Answer: those of a buffer of numbers that an innermost loop writes in one statement alone and that no reverse statement
//! of the loop reads, but for the element that the statement itself has left. They may be put back behind the reverse of
//! the loop, so that they can be saved before it, all at once.

use std::collections::{BTreeMap, BTreeSet};

use super::lent;
use super::needs::{Look, Needs, place_fact};
use super::storage::{looks, overwritten};
use crate::ir::{Fact, Func, Loop, Op, StmtKind, VarId};
use crate::names;

/// The statements that write such elements, of those whose overwritten value is restored.
pub(super) fn apart(
    func: &Func,
    needs: &Needs,
    restored: &BTreeSet<u32>,
    logs: &BTreeMap<u32, VarId>,
) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    func.body.walk(&mut |stmt| {
        if let StmtKind::Loop(it) = &stmt.kind {
            of_loop(func, it, needs, restored, &mut found);
        }
    });
    found.retain(|it| !logs.contains_key(it));
    found
}

fn of_loop(
    func: &Func,
    it: &Loop,
    needs: &Needs,
    restored: &BTreeSet<u32>,
    found: &mut BTreeSet<u32>,
) {
    let candidates = it.body.stmts.iter().filter_map(|stmt| {
        let place = match &stmt.kind {
            StmtKind::Assign { place, op } if is_plain(op) => place,
            StmtKind::Update { place, .. } => place,
            _ => return None,
        };
        (restored.contains(&stmt.id) && place_fact(func, place) == Fact::Scalar)
            .then(|| (stmt.id, crate::ir::root(&func.vars, place)))
    });
    let candidates: Vec<_> = candidates.collect();
    if candidates.is_empty() {
        return;
    }
    let mut innermost = true;
    let mut writes = BTreeMap::new();
    let mut read = BTreeSet::new();
    it.body.walk(&mut |stmt| {
        innermost &= !matches!(stmt.kind, StmtKind::Loop(_));
        for root in overwritten(&func.vars, &stmt.kind) {
            *writes.entry(root).or_insert(0) += 1;
        }
        // What is lent may be written any number of times.
        for root in lent(&func.vars, &stmt.kind) {
            *writes.entry(root).or_insert(0) += 2;
        }
        read.extend(
            looks(&needs.reads, stmt.id)
                .filter(|it| it.1 == Look::Value)
                .map(|it| it.0),
        );
        let left = looks(&needs.reads_after, stmt.id).filter(|it| it.1 == Look::Value);
        read.extend(
            left.map(|it| it.0)
                .filter(|root| !candidates.contains(&(stmt.id, *root))),
        );
    });
    if innermost {
        let alone = candidates
            .iter()
            .filter(|(_, root)| writes.get(root) == Some(&1) && !read.contains(root));
        found.extend(alone.map(|it| it.0));
    }
}

/// Is this an operation on numbers, whose reverse takes its result from where the statement has left it?
fn is_plain(op: &Op) -> bool {
    match op {
        Op::Use(_) | Op::Code(_) | Op::Neg(_) | Op::Binary(..) | Op::Cast(..) => true,
        Op::Method { name, .. } => !names::updates(&name.to_string()),
        _ => false,
    }
}
