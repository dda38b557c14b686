//! Question: in which way does the body of a loop name a buffer?
//!
//! Answer: whether each turn has an element of its own, and whether only numbers of the buffer are named, one by one.

use std::collections::BTreeSet;

use super::needs::place_fact;
use crate::ir::{
    Block, BuildKind, Code, Fact, Func, Loop, LoopKind, Op, Operand, Place, Proj, Stmt, StmtKind,
    VarId, VarKind,
};

/// The buffers of which each turn of a loop writes and reads one element alone, that at the position of the loop.
pub(super) fn own_elements(func: &Func, it: &Loop) -> BTreeSet<VarId> {
    let mut positions: BTreeSet<VarId> = match &it.kind {
        LoopKind::Count { index, .. } => BTreeSet::from([*index]),
        LoopKind::Iter { vars, iter, .. } if matches!(iter.expr, syn::Expr::Range(_)) => {
            vars.iter().copied().collect()
        }
        LoopKind::Iter { .. } | LoopKind::While(_) | LoopKind::Forever => return BTreeSet::new(),
    };
    positions.retain(|it| !func.var(*it).mutable);
    let mentions = Mentions::of(func, it, positions);
    &mentions.own - &mentions.others
}

/// The buffers of which a loop names numbers alone, one by one, and which no function is given.
pub(crate) fn only_numbers(func: &Func, it: &Loop) -> BTreeSet<VarId> {
    let mentions = Mentions::of(func, it, BTreeSet::new());
    &mentions.numbers - &mentions.wholes
}

/// The variables that the body of a loop names, by the way that it does.
struct Mentions<'a> {
    func: &'a Func,
    /// The variables that hold the position of the loop.
    positions: BTreeSet<VarId>,
    /// By the element at the position of the loop.
    own: BTreeSet<VarId>,
    /// In any other way.
    others: BTreeSet<VarId>,
    /// By an element that is a number, as an operand or as what is assigned.
    numbers: BTreeSet<VarId>,
    /// In any other way that may touch their cotangent.
    wholes: BTreeSet<VarId>,
}

impl<'a> Mentions<'a> {
    fn of(func: &'a Func, it: &Loop, positions: BTreeSet<VarId>) -> Self {
        let mut mentions = Mentions {
            func,
            positions,
            own: BTreeSet::new(),
            others: BTreeSet::new(),
            numbers: BTreeSet::new(),
            wholes: BTreeSet::new(),
        };
        mentions.block(&it.body);
        mentions
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(result) = &block.result {
            self.operand(result);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { var, op, .. } => {
                self.op(op);
                if let Op::Code(code) = op
                    && self.is_position(code)
                    && !self.func.var(*var).mutable
                {
                    self.positions.insert(*var);
                }
            }
            StmtKind::Assign { place, op } => {
                self.op(op);
                self.place(place);
            }
            StmtKind::Update { place, value, .. } => {
                self.operand(value);
                self.place(place);
            }
            StmtKind::Alias { .. } | StmtKind::Declare { .. } => {}
            StmtKind::Bind { value, .. } | StmtKind::Try { value, .. } => {
                self.operand(value);
                self.whole(value);
            }
            StmtKind::If { cond, .. } => self.code(cond),
            StmtKind::Match {
                scrutinee, arms, ..
            } => {
                self.operand(scrutinee);
                self.whole(scrutinee);
                for guard in arms.iter().filter_map(|it| it.guard.as_ref()) {
                    self.code(guard);
                }
            }
            StmtKind::Views { init, vars, .. } => {
                self.code(init);
                let names = vars.iter().map(|it| Place::from(*it));
                self.wholes
                    .extend(names.map(|it| crate::ir::root(&self.func.vars, &it)));
            }
            StmtKind::Mutate(it) => {
                let root = crate::ir::root(&self.func.vars, &it.place);
                self.others.insert(root);
                self.wholes.insert(root);
                for arg in &it.args {
                    self.operand(arg);
                    self.whole(arg);
                }
            }
            StmtKind::Opaque { mutates, .. } => {
                self.others.extend(mutates);
                self.wholes.extend(mutates);
            }
            StmtKind::Loop(it) => match &it.kind {
                LoopKind::Iter { iter, .. } => self.code(iter),
                LoopKind::While(cond) => self.code(cond),
                LoopKind::Count { .. } | LoopKind::Forever => {}
            },
            StmtKind::Scope { .. } | StmtKind::Exit(_) => {}
        }
        if let Some(exit) = stmt.kind.exit()
            && let Some((_, value)) = &exit.value
        {
            self.operand(value);
        }
        for block in stmt.kind.blocks() {
            self.block(block);
        }
    }

    fn op(&mut self, op: &Op) {
        if let Op::Code(code) = op {
            self.code(code);
        }
        if let Op::Build(it) = op {
            match &it.kind {
                BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } => {
                    self.place(recv);
                    self.wholes.insert(crate::ir::root(&self.func.vars, recv));
                }
                BuildKind::FromFn { dims, .. } | BuildKind::FromIterator { dims, .. } => {
                    dims.iter().for_each(|it| self.code(it));
                }
                BuildKind::Collect { .. } => {}
            }
        }
        let numbers = matches!(
            op,
            Op::Use(_) | Op::Neg(_) | Op::Binary(..) | Op::Cast(..) | Op::Method { .. }
        );
        for operand in op.operands() {
            self.operand(operand);
            if !numbers {
                self.whole(operand);
            }
        }
    }

    /// What an operand names is not taken apart into numbers.
    fn whole(&mut self, operand: &Operand) {
        if let Some(place) = operand.place() {
            self.wholes.insert(crate::ir::root(&self.func.vars, place));
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => self.place(place),
            Operand::Code(code) => self.code(code),
            Operand::Lit(_) | Operand::Never | Operand::Unit => {}
        }
    }

    fn place(&mut self, place: &Place) {
        let (root, way) = crate::ir::way(&self.func.vars, place);
        let element = matches!(way.first(), Some(Proj::Elem(_) | Proj::Index(_)));
        let mut way = way.iter().filter(|it| !matches!(it, Proj::Deref));
        let own = match way.next() {
            Some(Proj::Elem(var)) => self.positions.contains(var),
            Some(Proj::Index(code)) => self.is_position(code),
            _ => false,
        };
        if own {
            self.own.insert(root);
        } else {
            self.others.insert(root);
        }
        if element && place_fact(self.func, place) == Fact::Scalar {
            self.numbers.insert(root);
        } else {
            self.wholes.insert(root);
        }
        for proj in way {
            match proj {
                Proj::Index(code) | Proj::Half { at: code, .. } => self.code(code),
                Proj::View(view) => view.args.iter().for_each(|it| self.code(it)),
                Proj::Field(_)
                | Proj::Part(_)
                | Proj::Deref
                | Proj::Elem(_)
                | Proj::Payload
                | Proj::Variant { .. }
                | Proj::Accessor { .. }
                | Proj::Array(_) => {}
            }
        }
    }

    fn code(&mut self, code: &Code) {
        for var in &code.reads {
            match &self.func.var(*var).kind {
                VarKind::Alias { place, .. } => self.place(&place.clone()),
                _ => {
                    self.others.insert(*var);
                }
            }
        }
    }

    fn is_position(&self, code: &Code) -> bool {
        variable(code).is_some_and(|it| self.positions.contains(&it))
    }
}

/// The variable that code is, if it is nothing but that.
pub(super) fn variable(code: &Code) -> Option<VarId> {
    match (&code.expr, &code.reads[..]) {
        (syn::Expr::Path(_), [var]) => Some(*var),
        _ => None,
    }
}
