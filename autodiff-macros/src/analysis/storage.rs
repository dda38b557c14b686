//! Question: how is each needed value had in the reverse half, and why so?
//!
//! A value is *read again* where it stands (a by-reference parameter, the position of a loop), *evaluated again* at the
//! start of the reverse of its block if that is cheap and nothing that it reads was overwritten since, and *saved*
//! otherwise. Overwritten values are restored if some reverse statement before the overwrite reads the variable: the
//! forward data flow `to be restored` below (a set of variables read since their last overwrite, joined at branches,
//! closed over loops). A statement that only makes a zero looks at the shape of a value, which a write to an element
//! leaves as it is.
//!
//! Invariant for the reverse half: at the start of a reverse statement every variable that it reads holds the value
//! that it had after the statement.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens as _;

use super::mentions;
use super::needs::{Look, Needs, operand_fact, place_fact};
use super::{Home, Storage, StoredFor, declared, has_calls, lent, reshaped_by};
use crate::ir::{
    Block, By, Code, ExitKind, Fact, Func, Loop, LoopKind, Mutation, Op, Operand, Place, Proj,
    ScopeId, Stmt, StmtKind, Var, VarId, VarKind,
};
use crate::lower::unparen;
use crate::names;

/// Operations of scalars that are cheaper to repeat than to save and load.
const CHEAP_OPERATIONS: u32 = 6;

pub(super) struct Plan {
    pub(super) vars: Vec<(Storage, StoredFor)>,
    pub(super) restores: BTreeSet<u32>,
    pub(super) undone: BTreeSet<u32>,
    pub(super) logs: BTreeMap<u32, VarId>,
}

/// Can the loop end other than by its own count?
pub(crate) fn leaves_early(it: &Loop) -> bool {
    let mut early = matches!(it.kind, LoopKind::Forever);
    it.body.walk(&mut |stmt| {
        if let Some(exit) = stmt.kind.exit() {
            let own_continue =
                exit.kind == ExitKind::Continue && exit.leaves.last() == Some(&it.scope);
            early |= exit.leaves.contains(&it.scope) && !own_continue;
        }
    });
    early
}

pub(super) fn plan(func: &Func, homes: &[Home], needs: &mut Needs) -> Plan {
    let mut walk = Storages {
        func,
        homes,
        overwrites: BTreeMap::new(),
        ops: BTreeMap::new(),
        saved_positions: BTreeSet::new(),
        bound: BTreeSet::new(),
    };
    walk.gather(&func.body);
    let (vars, mut restores) = loop {
        let mut vars = vec![(Storage::Unneeded, StoredFor::Nobody); func.vars.len()];
        walk.settle(&mut vars, needs);
        walk.evaluated_numbers(&mut vars, needs);
        walk.settle(&mut vars, needs);
        let mut flow = Flow {
            func,
            reads: &needs.reads,
            reads_after: &needs.reads_after,
            restores: BTreeSet::new(),
            left: BTreeMap::new(),
            homes,
            bounds: Vec::new(),
            positions: BTreeMap::new(),
        };
        // The caller may read what it lent.
        let mut live = func
            .params
            .iter()
            .filter(|it| it.by == By::Mut)
            .map(|it| (it.var, Look::Value))
            .collect();
        flow.block(&func.body, &mut live);
        let restores = flow.restores;
        // What one variable of an exchange had is in the other then.
        let mut missing = Vec::new();
        func.body.walk(&mut |stmt| {
            if matches!(&stmt.kind, StmtKind::Mutate(it) if it.kind == Mutation::Exchange)
                && restores.contains(&stmt.id)
            {
                let roots = overwritten(&func.vars, &stmt.kind).into_iter();
                let unneeded = roots.filter(|it| vars[it.0 as usize].0 == Storage::Unneeded);
                missing.extend(unneeded.map(|it| (it, stmt.id)));
            }
        });
        if missing.is_empty() {
            break (vars, restores);
        }
        for (var, at) in missing {
            needs.read_after(var, at, Look::Value);
        }
    };
    let undone = steps(func).intersection(&restores).copied().collect();
    restores.retain(|it| !BTreeSet::contains(&undone, it));
    let mut logs = BTreeMap::new();
    logs_of(func, homes, needs, &restores, &func.body, &mut logs);
    Plan {
        vars,
        restores,
        undone,
        logs,
    }
}

/// The statements that step an integer, `at += 1`: the opposite step undoes them, without rounding.
fn steps(func: &Func) -> BTreeSet<u32> {
    let mut integers: BTreeSet<VarId> = BTreeSet::new();
    let mut steps = BTreeSet::new();
    func.body.walk(&mut |stmt| match &stmt.kind {
        StmtKind::Let {
            var,
            op: Op::Code(code),
            ..
        } => {
            let copied = matches!(code.expr, syn::Expr::Path(_))
                && !code.reads.is_empty()
                && code.reads.iter().all(|it| integers.contains(it));
            if copied || is_integer(&code.expr) {
                integers.insert(*var);
            }
        }
        StmtKind::Loop(it) => match &it.kind {
            LoopKind::Count { index, .. } => {
                integers.insert(*index);
            }
            LoopKind::Iter { vars, iter, .. } if matches!(iter.expr, syn::Expr::Range(_)) => {
                integers.extend(vars);
            }
            LoopKind::Iter { .. } | LoopKind::While(_) | LoopKind::Forever => {}
        },
        StmtKind::Update {
            op: syn::BinOp::AddAssign(_) | syn::BinOp::SubAssign(_),
            place,
            value: Operand::Lit(value) | Operand::Code(Code { expr: value, .. }),
        } if place.proj.is_empty() && integers.contains(&place.root) && is_integer(value) => {
            steps.insert(stmt.id);
        }
        _ => {}
    });
    steps
}

/// Is this an integer as it is written?
fn is_integer(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(it), .. }) if !it.suffix().starts_with('f'))
}

/// The outermost loops without calls, and what they log.
fn logs_of(
    func: &Func,
    homes: &[Home],
    needs: &Needs,
    restores: &BTreeSet<u32>,
    block: &Block,
    logs: &mut BTreeMap<u32, VarId>,
) {
    for stmt in &block.stmts {
        if let StmtKind::Loop(it) = &stmt.kind
            && !has_calls(&it.body)
        {
            let mut writes = Writes {
                func,
                needs,
                restores,
                elements: BTreeMap::new(),
                others: BTreeSet::new(),
                read: BTreeSet::new(),
                last: stmt.id,
            };
            writes.block(&it.body, false);
            for (buffer, (repeated, stmts)) in writes.elements {
                let home = homes[buffer.0 as usize].from;
                let inside = home > stmt.id && home <= writes.last;
                let apart = !writes.others.contains(&buffer) && !writes.read.contains(&buffer);
                if repeated && apart && !inside {
                    logs.extend(stmts.iter().map(|it| (*it, buffer)));
                }
            }
            continue;
        }
        // A container that is made without calls has the lanes of the loops inside of it.
        let made = matches!(
            &stmt.kind,
            StmtKind::Let { op: Op::Build(it), .. } | StmtKind::Assign { op: Op::Build(it), .. }
                if !has_calls(&it.body)
        );
        if !made {
            for inner in stmt.kind.blocks() {
                logs_of(func, homes, needs, restores, inner, logs);
            }
        }
    }
}

/// What a loop does with buffers.
struct Writes<'a> {
    func: &'a Func,
    needs: &'a Needs,
    restores: &'a BTreeSet<u32>,
    /// By buffer: the statements that write an element that must be restored; does one of them stand in a loop inside,
    /// so that it may write an element many times?
    elements: BTreeMap<VarId, (bool, Vec<u32>)>,
    /// Buffers that are written in other ways.
    others: BTreeSet<VarId>,
    /// Buffers that reverse statements read.
    read: BTreeSet<VarId>,
    /// The number of the last statement.
    last: u32,
}

impl Writes<'_> {
    fn block(&mut self, block: &Block, inner: bool) {
        for stmt in &block.stmts {
            self.last = self.last.max(stmt.id);
            let looks =
                looks(&self.needs.reads, stmt.id).chain(looks(&self.needs.reads_after, stmt.id));
            self.read
                .extend(looks.filter(|it| it.1 == Look::Value).map(|it| it.0));
            self.write(stmt, inner);
            let turns = !matches!(
                stmt.kind,
                StmtKind::If { .. } | StmtKind::Match { .. } | StmtKind::Scope { .. }
            );
            for block in stmt.kind.blocks() {
                self.block(block, inner || turns);
            }
        }
    }

    fn write(&mut self, stmt: &Stmt, inner: bool) {
        let element = match &stmt.kind {
            StmtKind::Assign {
                op: Op::SumStep(_), ..
            } => None,
            StmtKind::Assign { place, .. } | StmtKind::Update { place, .. } => Some(place),
            _ => None,
        };
        // What is written through a name for a part borrows the buffer.
        if let Some(place) = element {
            let root = place.root;
            let var = self.func.var(root);
            let owned = !var.borrows || matches!(var.kind, VarKind::Param { by: By::Mut });
            if matches!(var.fact, Fact::Scalars | Fact::Rows)
                && place_fact(self.func, place) == Fact::Scalar
                && owned
                && !place.proj.is_empty()
            {
                if self.restores.contains(&stmt.id) {
                    let found = self.elements.entry(root).or_default();
                    found.0 |= inner;
                    found.1.push(stmt.id);
                }
                return;
            }
        }
        self.others.extend(overwritten(&self.func.vars, &stmt.kind));
    }
}

struct Storages<'a> {
    func: &'a Func,
    homes: &'a [Home],
    /// By root: the statements that overwrite it.
    overwrites: BTreeMap<VarId, Vec<u32>>,
    ops: BTreeMap<VarId, &'a Op>,
    /// Positions of loops that are left early: the iterator cannot be walked backwards from its end.
    saved_positions: BTreeSet<VarId>,
    /// Variables bound by patterns.
    bound: BTreeSet<VarId>,
}

impl<'a> Storages<'a> {
    fn gather(&mut self, block: &'a Block) {
        block.walk(&mut |stmt| {
            let lent = lent(&self.func.vars, &stmt.kind);
            for root in overwritten(&self.func.vars, &stmt.kind)
                .into_iter()
                .chain(lent)
            {
                self.overwrites.entry(root).or_default().push(stmt.id);
            }
            match &stmt.kind {
                StmtKind::Let { var, op, .. } => {
                    self.ops.insert(*var, op);
                }
                StmtKind::Loop(it) => {
                    if let LoopKind::Iter { vars, .. } = &it.kind
                        && leaves_early(it)
                    {
                        self.saved_positions.extend(vars.iter().copied());
                    }
                }
                StmtKind::Bind { bindings, .. } => {
                    self.bound.extend(bindings.iter().map(|it| it.var));
                }
                StmtKind::Match { arms, .. } => {
                    self.bound.extend(
                        arms.iter()
                            .flat_map(|it| it.bindings.iter().map(|it| it.var)),
                    );
                }
                _ => {}
            }
        });
    }

    /// Gives every needed value a storage. Evaluating a value again reads others, so the plan grows until all have one.
    fn settle(&self, vars: &mut [(Storage, StoredFor)], needs: &mut Needs) {
        let mut grows = true;
        while grows {
            grows = false;
            // What a value is made of was declared before it: from last to first, one pass finds nearly all.
            for at in (0..vars.len()).rev() {
                if vars[at].0 == Storage::Unneeded && !needs.values[at].is_empty() {
                    grows = true;
                    let var = VarId(u32::try_from(at).unwrap_or(u32::MAX));
                    vars[at] = self.storage(var);
                    self.read_for(var, vars[at].0, needs);
                }
            }
        }
    }

    /// What is read where a value is had.
    fn read_for(&self, var: VarId, storage: Storage, needs: &mut Needs) {
        let at = self.homes[var.0 as usize].from;
        if storage == Storage::EvaluateAgain {
            match self.ops.get(&var) {
                Some(Op::Code(code)) => needs.read_code(code, at),
                Some(op) => {
                    for operand in op.operands() {
                        needs.read_operand(self.func, operand, at);
                    }
                }
                None => {}
            }
        }
        if let VarKind::Alias { place, .. } = &self.func.var(var).kind {
            needs.read_place(self.func, place, at);
        }
    }

    fn storage(&self, var: VarId) -> (Storage, StoredFor) {
        let home = self.homes[var.0 as usize];
        let save = if home.definite {
            Storage::Save
        } else {
            Storage::SaveIfDefined
        };
        let info = self.func.var(var);
        match &info.kind {
            VarKind::Param { by } if *by != By::Value => (Storage::ReadAgain, StoredFor::Standing),
            VarKind::Param { .. } => (Storage::Save, StoredFor::Given),
            VarKind::Index if self.saved_positions.contains(&var) => (save, StoredFor::LeftEarly),
            VarKind::Index | VarKind::Counter | VarKind::Alias { .. } => {
                (Storage::ReadAgain, StoredFor::Standing)
            }
            VarKind::Local if self.again(var) => (Storage::EvaluateAgain, StoredFor::Cheap),
            // What borrows is copied where it is made, before what it borrows from may be written.
            VarKind::Local if info.borrows && !info.mutable && !self.overwrites.is_empty() => {
                (Storage::SaveIfDefined, StoredFor::Dear)
            }
            VarKind::Local if info.mutable => (save, StoredFor::Assigned),
            VarKind::Local if self.bound.contains(&var) => (save, StoredFor::Bound),
            VarKind::Local => (save, StoredFor::Dear),
        }
    }

    /// May the value be evaluated again at the start of the reverse of its block?
    fn again(&self, var: VarId) -> bool {
        let home = self.homes[var.0 as usize];
        if self.func.var(var).mutable || home.after_exit || self.bound.contains(&var) {
            return false;
        }
        let Some(op) = self.ops.get(&var) else {
            return false;
        };
        match op {
            Op::Code(code) => self.code_stands(code, home),
            Op::Use(Operand::Ref { place, .. }) => self.place_stands(place, home),
            Op::Use(Operand::Place(place)) => {
                let reference = self.func.var(var).borrows;
                (reference
                    || operand_fact(self.func, &Operand::Place(place.clone())) == Fact::Scalar)
                    && self.place_stands(place, home)
            }
            Op::Method {
                recv, name, args, ..
            } => {
                names::method(&name.to_string()).is_some_and(|it| it.view)
                    && core::iter::once(recv)
                        .chain(args)
                        .all(|it| self.operand_stands(it, home))
            }
            // A number and its tangent as one, or taken apart again.
            Op::Foreign { path, args, .. } if moves_numbers(path) => {
                home.frame != self.func.scope
                    && args
                        .iter()
                        .all(|it| self.is_number_or_lifted(it) && self.operand_stands(it, home))
            }
            Op::Neg(_) | Op::Binary(..) | Op::Cast(..) => {
                home.frame != self.func.scope
                    && self.func.var(var).fact == Fact::Scalar
                    && self.cost(var).is_some_and(|it| it <= CHEAP_OPERATIONS)
                    && op.operands().iter().all(|it| self.operand_stands(it, home))
            }
            _ => false,
        }
    }

    fn is_number_or_lifted(&self, operand: &Operand) -> bool {
        let lifted = operand.place().is_some_and(|place| {
            place.proj.is_empty()
                && match self.ops.get(&place.root) {
                    Some(Op::Foreign { path, args, .. }) => {
                        moves_numbers(path)
                            && args
                                .iter()
                                .all(|it| operand_fact(self.func, it) == Fact::Scalar)
                    }
                    Some(Op::Method { recv, .. }) => self.is_number_or_lifted(recv),
                    _ => false,
                }
        });
        lifted || operand_fact(self.func, operand) == Fact::Scalar
    }

    /// Where a value that is saved in a loop would be evaluated again if the tokens told that it is a number, the types
    /// may tell. Nothing else is saved for that: what it is made from is there in the reverse half anyway.
    fn evaluated_numbers(&self, vars: &mut [(Storage, StoredFor)], needs: &mut Needs) {
        // A variable that is read for its value is restored where it is overwritten.
        let restored: BTreeSet<VarId> = needs
            .reads
            .iter()
            .filter(|it| it.2 == Look::Value)
            .map(|it| it.1)
            .collect();
        for at in 0..vars.len() {
            let var = VarId(u32::try_from(at).unwrap_or(u32::MAX));
            let info = self.func.var(var);
            let home = self.homes[at];
            let candidate = vars[at].0 == Storage::Save
                && matches!(info.kind, VarKind::Local)
                && info.fact == Fact::Unknown
                && !info.borrows
                && home.frame != self.func.scope
                && !home.after_exit
                && self.cost(var).is_some_and(|it| it <= CHEAP_OPERATIONS);
            let mut leaves = Vec::new();
            if candidate && self.is_made_of(var, home, vars, &restored, &mut leaves) {
                vars[at] = (Storage::SaveOrEvaluate, StoredFor::Cheap);
                for leaf in leaves {
                    needs.read_operand(self.func, leaf, home.from);
                }
            }
        }
    }

    /// Collects what a variable is made of, by operators alone. Is all of it there in the reverse half of `home`?
    fn is_made_of(
        &self,
        var: VarId,
        home: Home,
        vars: &[(Storage, StoredFor)],
        restored: &BTreeSet<VarId>,
        leaves: &mut Vec<&'a Operand>,
    ) -> bool {
        let info = self.func.var(var);
        let op = match self.ops.get(&var) {
            Some(op @ (Op::Neg(_) | Op::Binary(..) | Op::Cast(..))) => *op,
            _ => return false,
        };
        !info.mutable
            && !info.lifted
            && op.operands().into_iter().all(|operand| {
                let unkept = operand.place().filter(|place| {
                    place.proj.is_empty()
                        && matches!(operand, Operand::Place(_))
                        && matches!(self.func.var(place.root).kind, VarKind::Local)
                        && vars[place.root.0 as usize].0 == Storage::Unneeded
                });
                if let Some(place) = unkept {
                    // What it reads must have stood since then; another turn may have had other values.
                    let made = self.homes[place.root.0 as usize];
                    let since = Home {
                        from: home.from.min(made.from),
                        ..home
                    };
                    return made.frame == home.frame
                        && self.is_made_of(place.root, since, vars, restored, leaves);
                }
                leaves.push(operand);
                self.operand_stands(operand, home) && self.is_there(operand, vars, restored)
            })
    }

    /// Is all that an operand reads there in the reverse half, without saving or restoring anything for it?
    fn is_there(
        &self,
        operand: &Operand,
        vars: &[(Storage, StoredFor)],
        restored: &BTreeSet<VarId>,
    ) -> bool {
        let mut read = Needs::none(self.func);
        read.read_operand(self.func, operand, 0);
        read.reads.iter().all(|(_, var, _)| {
            let info = self.func.var(*var);
            let storage = vars[var.0 as usize].0;
            let by_reference = matches!(info.kind, VarKind::Param { by } if by != By::Value);
            let saved = matches!(storage, Storage::Save | Storage::SaveIfDefined);
            let stays = !self.overwrites.contains_key(var) || restored.contains(var);
            let itself = !(info.borrows && saved);
            stays && itself && (by_reference || storage != Storage::Unneeded)
        })
    }

    /// The number of operations that it takes to have a scalar again; `None` if it must not be repeated.
    fn cost(&self, var: VarId) -> Option<u32> {
        let Some(op) = self.ops.get(&var) else {
            return Some(0);
        };
        if self.func.var(var).mutable {
            return Some(0);
        }
        match op {
            Op::Use(_) | Op::Code(_) => Some(0),
            Op::Neg(_)
            | Op::Cast(..)
            | Op::Binary(syn::BinOp::Add(_) | syn::BinOp::Sub(_) | syn::BinOp::Mul(_), ..) => {
                let mut sum = 1;
                for operand in op.operands() {
                    if let Operand::Place(place) = operand
                        && place.proj.is_empty()
                    {
                        sum += self.cost(place.root).unwrap_or(0);
                    }
                }
                Some(sum)
            }
            Op::Binary(..) => None,
            // Dear operations are saved; reading what is saved costs nothing.
            _ => Some(0),
        }
    }

    fn operand_stands(&self, operand: &Operand, home: Home) -> bool {
        match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => self.place_stands(place, home),
            Operand::Code(code) => self.code_stands(code, home),
            Operand::Lit(_) => true,
            Operand::Never | Operand::Unit => false,
        }
    }

    fn place_stands(&self, place: &Place, home: Home) -> bool {
        self.stands(place.root, home)
            && place.proj.iter().all(|proj| match proj {
                Proj::Index(code) | Proj::Half { at: code, .. } => self.code_stands(code, home),
                Proj::Elem(var) => self.stands(*var, home),
                Proj::View(view) => view.args.iter().all(|it| self.code_stands(it, home)),
                Proj::Field(_)
                | Proj::Part(_)
                | Proj::Deref
                | Proj::Payload
                | Proj::Variant { .. }
                | Proj::Accessor { .. }
                | Proj::Array(_) => true,
            })
    }

    fn code_stands(&self, code: &Code, home: Home) -> bool {
        code.again && code.reads.iter().all(|it| self.stands(*it, home))
    }

    /// Does the variable hold the same value from its use to the end of the block, and is it still there?
    fn stands(&self, var: VarId, home: Home) -> bool {
        if let VarKind::Alias { place, .. } = &self.func.var(var).kind {
            return self.place_stands(place, home);
        }
        let overwritten = self
            .overwrites
            .get(&var)
            .is_some_and(|ids| ids.iter().any(|id| *id > home.from && *id <= home.to));
        !overwritten
    }
}

/// The variables whose value a statement overwrites.
pub(crate) fn overwritten(vars: &[Var], kind: &StmtKind) -> Vec<VarId> {
    match kind {
        StmtKind::Assign { place, .. } | StmtKind::Update { place, .. } => {
            vec![crate::ir::root(vars, place)]
        }
        StmtKind::Mutate(it) => {
            let other = match it.kind {
                Mutation::Exchange => it.args.first().and_then(Operand::place),
                _ => None,
            };
            core::iter::once(&it.place)
                .chain(other)
                .map(|it| crate::ir::root(vars, it))
                .collect()
        }
        StmtKind::Opaque { mutates, .. } => mutates.clone(),
        _ => Vec::new(),
    }
}

/// The data flow: which variables have been read in the reverse half since they were last overwritten.
struct Flow<'a> {
    func: &'a Func,
    reads: &'a BTreeSet<(u32, VarId, Look)>,
    reads_after: &'a BTreeSet<(u32, VarId, Look)>,
    restores: BTreeSet<u32>,
    /// By scope: what has been read where an exit leaves it.
    left: BTreeMap<ScopeId, BTreeSet<(VarId, Look)>>,
    homes: &'a [Home],
    /// Bounds of loops, as they are written, that have one value in the whole function.
    bounds: Vec<String>,
    /// By position of a loop: the bound that it stays below, if it is such a one.
    positions: BTreeMap<VarId, Option<u32>>,
}

/// What is looked at in one statement.
pub(super) fn looks(
    reads: &BTreeSet<(u32, VarId, Look)>,
    stmt: u32,
) -> impl Iterator<Item = (VarId, Look)> {
    let all = (stmt, VarId(0), Look::Shape)..=(stmt, VarId(u32::MAX), Look::Value);
    reads.range(all).map(|(_, var, look)| (*var, *look))
}

/// The positions that a loop goes through.
struct Range {
    position: VarId,
    /// What they stay below, if that has one value in the whole function.
    bound: Option<u32>,
    /// Does it go through all of them from zero on?
    complete: bool,
}

/// All looks at a variable.
fn all_of(var: VarId) -> core::ops::RangeInclusive<(VarId, Look)> {
    (var, Look::Shape)..=(var, Look::Value)
}

/// Takes all looks at a variable away. Were there any?
fn forget(live: &mut BTreeSet<(VarId, Look)>, var: VarId) -> bool {
    let found: Vec<_> = live.range(all_of(var)).copied().collect();
    for look in &found {
        live.remove(look);
    }
    !found.is_empty()
}

/// Where a position may be another one, what has been read of all elements but that is taken for all.
fn forget_positions(live: &mut BTreeSet<(VarId, Look)>) {
    let all = live
        .iter()
        .filter(|it| matches!(it.1, Look::But(_)))
        .map(|it| (it.0, Look::Value))
        .collect::<Vec<_>>();
    live.retain(|it| !matches!(it.1, Look::But(_)));
    live.extend(all);
}

impl Flow<'_> {
    fn block(&mut self, block: &Block, live: &mut BTreeSet<(VarId, Look)>) {
        for stmt in &block.stmts {
            self.stmt(stmt, live);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, live: &mut BTreeSet<(VarId, Look)>) {
        // What was read of the variable that the last turn declared here is another one.
        for var in declared(&stmt.kind) {
            forget(live, var);
        }
        live.extend(looks(self.reads, stmt.id));
        let reshaped = reshaped_by(self.func, &stmt.kind);
        let position = self.position_written(&stmt.kind);
        let within = self.position_of(&stmt.kind).map(|it| it.0);
        for root in overwritten(&self.func.vars, &stmt.kind) {
            let looked_at = live.range(all_of(root)).any(|(_, look)| match look {
                Look::Value => true,
                Look::Shape => reshaped.contains(&root),
                Look::But(at) => position != Some(*at),
                Look::From(bound) => within.is_none_or(|it| self.positions[&it] != Some(*bound)),
            });
            if looked_at && (self.func.var(root).mutable || self.is_shared_place(root)) {
                self.restores.insert(stmt.id);
            }
            // A change in place leaves the parts that it does not touch, which have been read.
            let itself = |place: &Place| {
                place.root == root && place.proj.iter().all(|it| matches!(it, Proj::Deref))
            };
            let assigned = matches!(&stmt.kind, StmtKind::Assign { place, .. } if itself(place));
            // All elements are overwritten, and put back into a buffer of the same shape.
            let refilled = matches!(&stmt.kind, StmtKind::Mutate(it)
                if matches!(it.kind, Mutation::Copy | Mutation::Fill) && itself(&it.place));
            if assigned {
                forget(live, root);
            }
            if refilled && forget(live, root) {
                live.insert((root, Look::Shape));
            }
            if let Some(at) = position
                && matches!(stmt.kind, StmtKind::Assign { .. })
                && live.remove(&(root, Look::Value))
            {
                live.insert((root, Look::But(at)));
            }
        }
        live.extend(looks(self.reads_after, stmt.id));
        if let Some(exit) = stmt.kind.exit()
            && let Some(target) = exit.leaves.last()
        {
            // Behind it, positions of loops may be others.
            let mut left = live.clone();
            forget_positions(&mut left);
            self.left.entry(*target).or_default().extend(left);
        }
        if let StmtKind::Mutate(it) = &stmt.kind
            && it.kind == Mutation::Exchange
        {
            // What has been read in one of them is in the other now.
            let roots = overwritten(&self.func.vars, &stmt.kind);
            let looks: BTreeSet<bool> = (roots.iter())
                .flat_map(|it| live.range(all_of(*it)))
                .map(|it| it.1 == Look::Shape)
                .collect();
            for shape in looks {
                let look = if shape { Look::Shape } else { Look::Value };
                live.extend(roots.iter().map(|it| (*it, look)));
            }
        }
        match &stmt.kind {
            StmtKind::If {
                then, otherwise, ..
            } => {
                let mut left = live.clone();
                self.block(then, &mut left);
                self.block(otherwise, live);
                live.extend(left);
            }
            StmtKind::Match { arms, .. } => {
                let before = live.clone();
                for arm in arms {
                    let mut inner = before.clone();
                    self.block(&arm.body, &mut inner);
                    live.extend(inner);
                }
            }
            StmtKind::Loop(it) => {
                let own = mentions::own_elements(self.func, it);
                let range = self.range(it);
                if let Some(range) = &range {
                    self.positions.insert(range.position, range.bound);
                }
                self.turns(&it.body, it.scope, &own, live);
                if let Some(range) = range.filter(|it| it.complete) {
                    for root in self.refilled(it, range.position) {
                        if self.counts(it, root) {
                            if forget(live, root) {
                                live.insert((root, Look::Shape));
                            }
                        } else if let Some(bound) = range.bound
                            && live.remove(&(root, Look::Value))
                        {
                            live.insert((root, Look::From(bound)));
                        }
                    }
                }
            }
            StmtKind::Scope { body, scope, .. } => {
                let before = live.clone();
                self.block(body, live);
                live.extend(before);
                live.extend(self.left.remove(scope).unwrap_or_default());
            }
            StmtKind::Let {
                op: Op::Build(it), ..
            }
            | StmtKind::Assign {
                op: Op::Build(it), ..
            } => {
                self.turns(&it.body, it.scope, &BTreeSet::new(), live);
            }
            _ => {}
        }
    }

    /// A body that runs any number of times: what is read in one turn is live in the next, but for buffers of which
    /// each turn has an element of its own. Two passes reach the fixed point, since the sets only grow by what one pass
    /// adds.
    fn turns(
        &mut self,
        body: &Block,
        scope: ScopeId,
        own: &BTreeSet<VarId>,
        live: &mut BTreeSet<(VarId, Look)>,
    ) {
        let entry = live.clone();
        loop {
            let before = live.clone();
            let mut inner = before.clone();
            inner.retain(|it| !own.contains(&it.0) || entry.contains(it));
            self.block(body, &mut inner);
            forget_positions(&mut inner);
            live.extend(inner);
            live.extend(self.left.remove(&scope).unwrap_or_default());
            if *live == before {
                break;
            }
        }
    }

    /// The position of a loop around, if the statement writes the element there, as a whole, and nothing else.
    fn position_written(&self, kind: &StmtKind) -> Option<VarId> {
        let (at, whole, fact) = self.position_of(kind)?;
        let assigns = matches!(kind, StmtKind::Assign { .. });
        (whole && (fact == Fact::Scalars || fact == Fact::Rows && assigns)).then_some(at)
    }

    /// The position of a loop around, if the statement writes into the element there and nothing else; whether it writes
    /// all of the element, and what the buffer is.
    fn position_of(&self, kind: &StmtKind) -> Option<(VarId, bool, Fact)> {
        let (StmtKind::Assign { place, .. } | StmtKind::Update { place, .. }) = kind else {
            return None;
        };
        let (root, way) = crate::ir::way(&self.func.vars, place);
        let mut way = way.iter().filter(|it| !matches!(it, Proj::Deref));
        let at = match way.next()? {
            Proj::Elem(var) => *var,
            Proj::Index(code) => mentions::variable(code)?,
            _ => return None,
        };
        let fact = self.func.var(root).fact;
        let known = matches!(fact, Fact::Scalars | Fact::Rows);
        (known && self.positions.contains_key(&at)).then_some((at, way.next().is_none(), fact))
    }

    /// The positions that a loop goes through, if they are a range.
    fn range(&mut self, it: &Loop) -> Option<Range> {
        let (position, end, from_zero) = match &it.kind {
            LoopKind::Count { index, count } => {
                let end = self.func.var(*count).ident.to_string();
                (*index, Some((end, vec![*count])), true)
            }
            LoopKind::Iter {
                vars,
                iter,
                reversible: true,
                ..
            } => {
                let [position] = vars[..] else { return None };
                let (range, adaptors) = range_of(&iter.expr)?;
                let every = adaptors.iter().all(|it| *it == "rev");
                let zero = matches!(range.start.as_deref(), Some(syn::Expr::Lit(it))
                    if matches!(&it.lit, syn::Lit::Int(it) if it.base10_digits() == "0"));
                let end = range
                    .end
                    .as_deref()
                    .filter(|_| matches!(range.limits, syn::RangeLimits::HalfOpen(_)))
                    .map(|end| {
                        let mentioned =
                            |it: &&VarId| crate::lower::mentions(end, &self.func.var(**it).ident);
                        let reads = iter.reads.iter().filter(mentioned).copied().collect();
                        (end.to_token_stream().to_string(), reads)
                    });
                (position, end, every && zero)
            }
            LoopKind::Iter { .. } | LoopKind::While(_) | LoopKind::Forever => return None,
        };
        if self.func.var(position).mutable {
            return None;
        }
        let mut skips = false;
        it.body.walk(&mut |stmt| {
            skips |= stmt
                .kind
                .exit()
                .is_some_and(|exit| exit.leaves.contains(&it.scope));
        });
        let fixed = end.filter(|(_, reads)| reads.iter().all(|it| self.is_fixed(*it)));
        let bound = fixed.map(|(end, _)| {
            let known = self.bounds.iter().position(|it| *it == end);
            let bound = known.unwrap_or_else(|| {
                self.bounds.push(end);
                self.bounds.len() - 1
            });
            u32::try_from(bound).unwrap_or(u32::MAX)
        });
        Some(Range {
            position,
            bound,
            complete: from_zero && !skips,
        })
    }

    /// Does a loop make as many turns as a buffer has elements?
    fn counts(&self, it: &Loop, buffer: VarId) -> bool {
        let LoopKind::Count { count, .. } = &it.kind else {
            return false;
        };
        let mut found = false;
        self.func.body.walk(&mut |stmt| {
            if let StmtKind::Let {
                var,
                op: Op::Code(code),
                ..
            } = &stmt.kind
                && var == count
                && code.reads == [buffer]
                && let syn::Expr::Call(call) = unparen(&code.expr)
                && let syn::Expr::Path(path) = &*call.func
                && path
                    .path
                    .segments
                    .last()
                    .is_some_and(|it| it.ident == "ad_count")
                && let [syn::Expr::Reference(argument)] = call.args.iter().collect::<Vec<_>>()[..]
            {
                let whole = match unparen(&argument.expr) {
                    syn::Expr::Unary(it) => unparen(&it.expr),
                    other => other,
                };
                found = matches!(whole, syn::Expr::Path(it) if it.path.get_ident().is_some());
            }
        });
        found && !self.func.var(*count).mutable
    }

    /// Has the variable one value in the whole function?
    fn is_fixed(&self, var: VarId) -> bool {
        let info = self.func.var(var);
        let through = matches!(
            info.kind,
            VarKind::Param { by: By::Mut } | VarKind::Alias { .. }
        );
        !info.mutable && !through && self.homes[var.0 as usize].frame == self.func.scope
    }

    /// The buffers of which each turn of a loop assigns the element at its position, and of which no turn reads any.
    fn refilled(&self, it: &Loop, position: VarId) -> BTreeSet<VarId> {
        let mut refilled: BTreeSet<VarId> = it
            .body
            .stmts
            .iter()
            .filter(|stmt| {
                matches!(stmt.kind, StmtKind::Assign { .. })
                    && self.position_written(&stmt.kind) == Some(position)
            })
            .flat_map(|stmt| overwritten(&self.func.vars, &stmt.kind))
            .collect();
        it.body.walk(&mut |stmt| {
            for (var, look) in looks(self.reads, stmt.id).chain(looks(self.reads_after, stmt.id)) {
                if look == Look::Value {
                    refilled.remove(&var);
                }
            }
        });
        refilled
    }

    fn is_shared_place(&self, root: VarId) -> bool {
        matches!(self.func.var(root).kind, VarKind::Param { by: By::Mut, .. })
    }
}

/// The range that a loop goes through, and the methods that are called on it.
pub(crate) fn range_of(expr: &syn::Expr) -> Option<(&syn::ExprRange, Vec<&syn::Ident>)> {
    let (mut range, mut adaptors) = (unparen(expr), Vec::new());
    while let syn::Expr::MethodCall(call) = range {
        adaptors.push(&call.method);
        range = unparen(&call.receiver);
    }
    match range {
        syn::Expr::Range(range) => Some((range, adaptors)),
        _ => None,
    }
}

/// Does a function of the runtime only put numbers together, or take them apart?
fn moves_numbers(path: &syn::Path) -> bool {
    path.segments.iter().any(|it| it.ident == "__private")
        && (path.segments.last()).is_some_and(|it| {
            matches!(it.ident.to_string().as_str(), "lift" | "tangent" | "copied")
        })
}
