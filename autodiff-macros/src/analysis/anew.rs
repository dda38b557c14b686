//! Question: which buffers does each turn of a loop make anew?
//!
//! Answer: those of which a turn reads no element before it has written all elements that the loop ever writes: it fills
//! the buffer, assigns it as a whole, or goes through its positions from zero to a bound and assigns each; and no other
//! write goes beyond that bound.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Expr, RangeLimits};

use super::mentions::variable;
use super::{lent, overwritten, range_of};
use crate::ir::{
    Aggregate, Block, Code, Func, Loop, LoopKind, Mutation, Op, Operand, Place, Proj, Stmt,
    StmtKind, VarId, VarKind,
};
use crate::lower::unparen;

/// Is each of these buffers, which are declared outside of the loop, made anew by each turn? `outside`: is a variable
/// declared there?
pub(crate) fn made_anew(
    func: &Func,
    it: &Loop,
    buffers: &BTreeSet<VarId>,
    outside: &dyn Fn(&VarId) -> bool,
) -> bool {
    let (mut written, mut lets) = (BTreeSet::new(), BTreeMap::new());
    it.body.walk(&mut |stmt| {
        if let StmtKind::Let {
            var,
            op: Op::Code(code),
            ..
        } = &stmt.kind
            && !func.var(*var).mutable
        {
            lets.insert(*var, code);
        }
        written.extend(overwritten(&func.vars, &stmt.kind));
        written.extend(lent(&func.vars, &stmt.kind));
    });
    let mut turn = Turn {
        func,
        buffers,
        outside,
        written,
        lets,
        positions: BTreeMap::new(),
        own: BTreeSet::new(),
        bounds: BTreeMap::new(),
        writes: BTreeMap::new(),
        known: true,
    };
    turn.block(&it.body, &mut BTreeSet::new(), None);
    let anew = |buffer: &VarId| {
        let made: Vec<&Bound> = turn.bounds.get(buffer).into_iter().flatten().collect();
        let [made] = made[..] else { return false };
        let mut writes = turn.writes.get(buffer).into_iter().flatten();
        *made == Bound::All || writes.all(|it| it.as_ref() == Some(made))
    };
    turn.known && buffers.iter().all(anew)
}

/// How far the positions of a loop go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    /// Through all of the buffer.
    All,
    /// To what is written here, which has one value in all turns.
    To(String),
}

/// One turn of the loop.
struct Turn<'a> {
    func: &'a Func,
    buffers: &'a BTreeSet<VarId>,
    outside: &'a dyn Fn(&VarId) -> bool,
    /// What the loop writes.
    written: BTreeSet<VarId>,
    /// What the loop defines by code.
    lets: BTreeMap<VarId, &'a Code>,
    /// The positions of the loops around, and the ends of their ranges.
    positions: BTreeMap<VarId, Option<Expr>>,
    /// The elements that the present turns of the loops around have written.
    own: BTreeSet<(VarId, VarId)>,
    /// By buffer: how far it is made.
    bounds: BTreeMap<VarId, BTreeSet<Bound>>,
    /// By buffer: how far elements are written, where that is known.
    writes: BTreeMap<VarId, BTreeSet<Option<Bound>>>,
    /// Has everything been understood?
    known: bool,
}

impl Turn<'_> {
    /// `made`: the buffers that have been made. `position`: that of the loop whose body this is.
    fn block(&mut self, block: &Block, made: &mut BTreeSet<VarId>, position: Option<VarId>) {
        for stmt in &block.stmts {
            self.stmt(stmt, made, position);
        }
        if let Some(result) = &block.result {
            self.operand(result, made);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, made: &mut BTreeSet<VarId>, position: Option<VarId>) {
        // What a function does with a buffer that it is lent is not known.
        for root in lent(&self.func.vars, &stmt.kind) {
            self.writes.entry(root).or_default().insert(None);
        }
        match &stmt.kind {
            StmtKind::Let { op, .. } => self.op(op, made),
            StmtKind::Declare { .. } => {}
            StmtKind::Alias { var } => {
                if let VarKind::Alias { place, .. } = &self.func.var(*var).kind {
                    self.indices(&place.clone(), made);
                }
            }
            StmtKind::Bind { value, .. } => self.operand(value, made),
            StmtKind::Assign { place, op } => {
                self.op(op, made);
                self.indices(place, made);
                self.assigned(place, made, position);
            }
            StmtKind::Update { place, value, .. } => {
                self.operand(value, made);
                self.place(place, made);
                self.changed(place);
            }
            StmtKind::Mutate(it) if it.kind == Mutation::Fill => {
                for arg in &it.args {
                    self.operand(arg, made);
                }
                self.indices(&it.place, made);
                let (root, way) = crate::ir::way(&self.func.vars, &it.place);
                if self.buffers.contains(&root) {
                    self.known &= is_whole(&way);
                    self.bounds.entry(root).or_default().insert(Bound::All);
                    made.insert(root);
                }
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
                ..
            } => {
                self.code(cond, made);
                self.choice([then, otherwise], made);
            }
            StmtKind::Match {
                scrutinee, arms, ..
            } => {
                self.operand(scrutinee, made);
                for guard in arms.iter().filter_map(|it| it.guard.as_ref()) {
                    self.code(guard, made);
                }
                self.choice(arms.iter().map(|it| &it.body), made);
            }
            StmtKind::Scope { body, .. } => self.block(body, made, None),
            StmtKind::Loop(it) => self.inner(it, made),
            // What only says a type.
            StmtKind::Opaque { tokens, mutates } => {
                let names = self.buffers.iter().flat_map(|it| self.all_names_of(*it));
                let text = tokens.to_string();
                let words = || text.split(|it: char| !it.is_alphanumeric() && it != '_');
                self.known &= mutates.is_empty()
                    && !names.into_iter().any(|it| words().any(|word| word == it));
            }
            StmtKind::Mutate(_)
            | StmtKind::Views { .. }
            | StmtKind::Try { .. }
            | StmtKind::Exit(_) => self.known = false,
        }
    }

    /// What all alternatives have made has been made.
    fn choice<'b>(
        &mut self,
        blocks: impl IntoIterator<Item = &'b Block>,
        made: &mut BTreeSet<VarId>,
    ) {
        let mut all: Option<BTreeSet<VarId>> = None;
        for block in blocks {
            let mut there = made.clone();
            let own = self.own.clone();
            self.block(block, &mut there, None);
            self.own = own;
            all = Some(match all {
                Some(all) => &all & &there,
                None => there,
            });
        }
        made.extend(all.unwrap_or_default());
    }

    /// A loop in the turn may make a buffer; what it makes inside of its turns is there inside of them.
    fn inner(&mut self, it: &Loop, made: &mut BTreeSet<VarId>) {
        let mut range = None;
        match &it.kind {
            LoopKind::Count { .. } => {}
            LoopKind::Iter { vars, iter, .. } => {
                if let [position] = vars[..]
                    && let Some((from_zero, end)) = self.range(iter)
                {
                    range = Some((position, from_zero, end));
                }
                self.code(iter, made);
            }
            LoopKind::While(cond) => self.code(cond, made),
            LoopKind::Forever => {}
        }
        let mut inside = made.clone();
        let Some((position, from_zero, end)) = range else {
            self.block(&it.body, &mut inside, None);
            return;
        };
        self.positions.insert(position, end.clone());
        self.block(&it.body, &mut inside, Some(position));
        self.positions.remove(&position);
        let (here, rest) =
            (core::mem::take(&mut self.own).into_iter()).partition(|(_, at)| *at == position);
        self.own = rest;
        let here: BTreeSet<(VarId, VarId)> = here;
        if let Some(end) = end.filter(|_| from_zero) {
            for (root, _) in here {
                let bound = self.bound(root, &end);
                self.bounds.entry(root).or_default().insert(bound);
                made.insert(root);
            }
        }
    }

    /// Does a range begin at zero, and where does it end, if that is the same in all turns?
    fn range(&self, iter: &Code) -> Option<(bool, Option<Expr>)> {
        let (range, adaptors) = range_of(&iter.expr)?;
        if adaptors.iter().any(|it| *it != "rev")
            || !matches!(range.limits, RangeLimits::HalfOpen(_))
        {
            return None;
        }
        let zero = matches!(range.start.as_deref(), Some(Expr::Lit(it))
            if matches!(&it.lit, syn::Lit::Int(it) if it.base10_digits() == "0"));
        let end = range.end.as_deref()?;
        // The end may have a name.
        let named = match unparen(end) {
            Expr::Path(path) => (iter.reads.iter())
                .find(|it| path.path.is_ident(&self.func.var(**it).ident))
                .and_then(|it| self.lets.get(it)),
            _ => None,
        };
        let (end, reads) = match named {
            Some(code) => (&code.expr, &code.reads),
            None => (end, &iter.reads),
        };
        let fixed = is_plain(end)
            && reads.iter().all(|it| {
                !crate::lower::mentions(end, &self.func.var(*it).ident) || self.is_fixed(*it, end)
            });
        Some((zero, fixed.then(|| end.clone())))
    }

    /// Is the variable the same in all turns, or a buffer that is asked for its length?
    fn is_fixed(&self, var: VarId, expr: &Expr) -> bool {
        let info = self.func.var(var);
        let (root, _) = crate::ir::way(&self.func.vars, &Place::from(var));
        let number = !info.mutable
            && !self.written.contains(&var)
            && (self.outside)(&var)
            && matches!(info.kind, VarKind::Param { .. } | VarKind::Local);
        number || (self.outside)(&root) && asks_len(expr, &info.ident.to_string())
    }

    fn assigned(&mut self, place: &Place, made: &mut BTreeSet<VarId>, position: Option<VarId>) {
        let (root, way) = crate::ir::way(&self.func.vars, place);
        if !self.buffers.contains(&root) {
            return;
        }
        if is_whole(&way) {
            self.bounds.entry(root).or_default().insert(Bound::All);
            made.insert(root);
            return;
        }
        self.changed(place);
        if let Some(at) = self.element(&way)
            && position == Some(at)
        {
            self.own.insert((root, at));
        } else {
            self.known &= made.contains(&root) || self.is_own(root, &way);
        }
    }

    /// An element of a buffer is written.
    fn changed(&mut self, place: &Place) {
        let (root, way) = crate::ir::way(&self.func.vars, place);
        if self.buffers.contains(&root) {
            let end = self
                .element(&way)
                .and_then(|at| self.positions.get(&at).cloned().flatten());
            let bound = end.map(|it| self.bound(root, &it));
            self.writes.entry(root).or_default().insert(bound);
        }
    }

    /// How far the end of a range is in a buffer.
    fn bound(&self, root: VarId, end: &Expr) -> Bound {
        if self.names_of(root).iter().any(|it| asks_len(end, it)) {
            Bound::All
        } else {
            Bound::To(end.to_token_stream().to_string())
        }
    }

    /// A variable and all names for it as a whole.
    fn names_of(&self, root: VarId) -> Vec<String> {
        self.names(root, true)
    }

    /// A variable and all names for it and for its parts.
    fn all_names_of(&self, root: VarId) -> Vec<String> {
        self.names(root, false)
    }

    fn names(&self, root: VarId, whole: bool) -> Vec<String> {
        let vars = (0..).map(VarId).take(self.func.vars.len());
        let same = vars.filter(|var| {
            let (of, way) = crate::ir::way(&self.func.vars, &Place::from(*var));
            of == root && (!whole || is_whole(&way))
        });
        same.map(|it| self.func.var(it).ident.to_string()).collect()
    }

    /// The position that a way leads to, if it leads to one element.
    fn element(&self, way: &[Proj]) -> Option<VarId> {
        let mut way = way.iter().filter(|it| !matches!(it, Proj::Deref));
        match (way.next(), way.next()) {
            (Some(Proj::Index(code)), None) => {
                variable(code).filter(|it| self.positions.contains_key(it))
            }
            _ => None,
        }
    }

    fn is_own(&self, root: VarId, way: &[Proj]) -> bool {
        self.element(way)
            .is_some_and(|at| self.own.contains(&(root, at)))
    }

    // === what is read ===

    fn op(&mut self, op: &Op, made: &BTreeSet<VarId>) {
        match op {
            Op::Code(code) => self.code(code, made),
            Op::Build(_) => self.known = false,
            Op::Aggregate(Aggregate::Repeat(code) | Aggregate::RepeatMacro(_, code), _) => {
                self.code(code, made);
            }
            _ => {}
        }
        for operand in op.operands() {
            self.operand(operand, made);
        }
    }

    fn operand(&mut self, operand: &Operand, made: &BTreeSet<VarId>) {
        match operand {
            Operand::Code(code) => self.code(code, made),
            Operand::Place(place) | Operand::Ref { place, .. } => self.place(place, made),
            Operand::Lit(_) | Operand::Never | Operand::Unit => {}
        }
    }

    fn place(&mut self, place: &Place, made: &BTreeSet<VarId>) {
        self.indices(place, made);
        let (root, way) = crate::ir::way(&self.func.vars, place);
        if self.buffers.contains(&root) {
            self.known &= made.contains(&root) || self.is_own(root, &way);
        }
    }

    fn indices(&mut self, place: &Place, made: &BTreeSet<VarId>) {
        for proj in &place.proj {
            match proj {
                Proj::Index(code) | Proj::Half { at: code, .. } => self.code(code, made),
                Proj::View(view) => {
                    for arg in &view.args {
                        self.code(arg, made);
                    }
                }
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

    fn code(&mut self, code: &Code, made: &BTreeSet<VarId>) {
        for var in &code.reads {
            let (root, _) = crate::ir::way(&self.func.vars, &Place::from(*var));
            if self.buffers.contains(&root)
                && !made.contains(&root)
                && !asks_len(&code.expr, &self.func.var(*var).ident.to_string())
            {
                self.known = false;
            }
        }
    }
}

/// Is the value that of the variables in the expression, and of nothing else, such as a cell or what a function counts?
fn is_plain(expr: &Expr) -> bool {
    match unparen(expr) {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Binary(it) => is_plain(&it.left) && is_plain(&it.right),
        Expr::Cast(it) => is_plain(&it.expr),
        // What a length is wrapped in is our own.
        Expr::Call(it) => {
            let len = |it: &Expr| matches!(it, Expr::MethodCall(it) if it.method == "len");
            it.args.len() == 1 && it.args.iter().all(len)
        }
        Expr::MethodCall(it) => it.method == "len" && is_plain(&it.receiver),
        _ => false,
    }
}

/// Does a way lead to all of a variable?
fn is_whole(way: &[Proj]) -> bool {
    way.iter().all(|it| matches!(it, Proj::Deref))
}

/// Is an expression the length of this variable, or a range to it?
fn asks_len(expr: &Expr, name: &str) -> bool {
    match unparen(expr) {
        Expr::MethodCall(it) => {
            it.method == "len"
                && matches!(unparen(&it.receiver), Expr::Path(it) if it.path.is_ident(name))
        }
        Expr::Call(it) => it.args.len() == 1 && it.args.iter().all(|it| asks_len(it, name)),
        Expr::Range(it) => it.end.as_deref().is_some_and(|it| asks_len(it, name)),
        _ => false,
    }
}
