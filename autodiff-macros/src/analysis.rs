//! What the reverse sweep needs to know about a function, computed once and immutable afterwards.
//!
//! - *useful* ([`useful`]): which active variables reach the result; the others have no cotangent;
//! - *needs* ([`needs`]): which values the reverse statements read, and why;
//! - *storage* ([`storage`]): for each needed value, whether it is read again where it stands, evaluated again or
//!   saved, and which overwritten values must be restored.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{
    Block, Call, Exit, Func, Mutation, Op, Operand, Place, ScopeId, Stmt, StmtKind, Var, VarId,
    VarKind,
};

mod anew;
pub(crate) mod mentions;
pub(crate) mod needs;
mod ranges;
mod storage;
mod useful;

pub(crate) use anew::made_anew;
pub(crate) use storage::{leaves_early, overwritten, range_of};

/// How the cotangent of a variable is held in the reverse half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cotangent {
    /// It has none.
    None,
    /// A plain variable, defined by its first contribution.
    Direct,
    /// An accumulator, declared before the contributions.
    Slot,
    /// The shadow of a parameter passed by `&`.
    Shadow,
    /// The shadow of a parameter passed by `&mut`: it brings the cotangent of what the function leaves in the argument
    /// and takes away that of what it found there.
    InOut,
}

/// Why a value is needed in the reverse half: the statement whose pullback reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NeededBy(pub(crate) u32);

/// Why a variable is useful: what of it reaches the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UsefulFor {
    /// It is the value of the function.
    Value,
    /// It is lent by the caller, who reads what is left there.
    Caller,
    /// It is an operand of this statement, whose result is useful.
    Statement(u32),
}

/// Why a needed value is had in the way it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoredFor {
    /// Nobody reads it.
    Nobody,
    /// It stands where it stood.
    Standing,
    /// It is cheap to have again from what stands.
    Cheap,
    /// It is a parameter by value, which the caller gave away.
    Given,
    /// It is assigned.
    Assigned,
    /// It is taken out of something by a pattern.
    Bound,
    /// Its operation is dear, or reads what is gone.
    Dear,
    /// The loop may be left early: its position is not known from its end.
    LeftEarly,
}

/// How a needed value is had in the reverse half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// It is not needed.
    Unneeded,
    /// It is there again: a by-reference parameter, the position of a loop.
    ReadAgain,
    /// Its operation is evaluated again at the start of the reverse of its block.
    EvaluateAgain,
    /// It is saved, certain to be defined when its frame ends.
    Save,
    /// So it is if it is no number, which the types tell; a number is evaluated again at the start of the reverse of its
    /// block.
    SaveOrEvaluate,
    /// It is saved in an `Option`: an exit or a branch may leave it undefined.
    SaveIfDefined,
}

/// Facts about one variable.
#[derive(Clone, Debug)]
pub(crate) struct VarFacts {
    pub(crate) useful: Option<UsefulFor>,
    pub(crate) cotangent: Cotangent,
    pub(crate) needed: BTreeSet<NeededBy>,
    pub(crate) storage: Storage,
    /// Why it is had so: for dumps and goldens.
    #[cfg_attr(not(test), allow(dead_code, reason = "read by the goldens"))]
    pub(crate) stored_for: StoredFor,
    /// The zero of its cotangent must be made in the reverse half.
    pub(crate) zero: bool,
    pub(crate) home: Home,
}

/// Where a variable is declared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home {
    /// The function body or the loop body that is left when its value is saved.
    pub(crate) frame: ScopeId,
    /// Is it defined whenever the frame ends?
    pub(crate) definite: bool,
    /// The number of the declaring statement, and of the last statement of the block.
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// May an exit have left before?
    pub(crate) after_exit: bool,
}

pub(crate) struct Facts {
    pub(crate) vars: Vec<VarFacts>,
    /// Assignments whose overwritten value must be saved and restored, but for those of `undone`.
    pub(crate) restores: BTreeSet<u32>,
    /// Those that need no saved value: a literal is added to an integer or subtracted from it.
    pub(crate) undone: BTreeSet<u32>,
    /// Those among them that write an element of a buffer that no reverse statement of its loop reads, with the buffer:
    /// the elements are logged until there are as many as the buffer has.
    pub(crate) logs: BTreeMap<u32, VarId>,
    /// Assignments among them whose elements may be put back behind the reverse of their loop.
    pub(crate) apart: BTreeSet<u32>,
    /// Exits that leave a scope, in source order.
    pub(crate) exits: BTreeMap<ScopeId, Vec<u32>>,
    /// Variables whose value may get another shape.
    pub(crate) reshaped: BTreeSet<VarId>,
}

impl Facts {
    pub(crate) fn var(&self, id: VarId) -> &VarFacts {
        &self.vars[id.0 as usize]
    }
}

pub(crate) fn analyse(func: &Func) -> Facts {
    let homes = homes(func);
    let reasons = useful::useful(func);
    let useful: Vec<bool> = reasons.iter().map(Option::is_some).collect();
    let cotangents = cotangents(func, &useful);
    let reshaped = reshaped(func);
    let mut needs = needs::needs(func, &useful, &cotangents, &reshaped);
    let storage = storage::plan(func, &homes, &mut needs);
    let vars = func
        .vars
        .iter()
        .enumerate()
        .map(|(at, _)| VarFacts {
            useful: reasons[at],
            cotangent: cotangents[at],
            needed: needs.values[at].clone(),
            storage: storage.vars[at].0,
            stored_for: storage.vars[at].1,
            zero: needs
                .zeros
                .contains(&VarId(u32::try_from(at).unwrap_or(u32::MAX))),
            home: homes[at],
        })
        .collect();
    Facts {
        vars,
        apart: ranges::apart(func, &needs, &storage.restores, &storage.logs),
        restores: storage.restores,
        undone: storage.undone,
        logs: storage.logs,
        exits: exits(func),
        reshaped,
    }
}

/// The facts about a program that only runs forward: nothing is needed later.
pub(crate) fn forward_only(func: &Func) -> Facts {
    let vars = homes(func)
        .into_iter()
        .map(|home| VarFacts {
            useful: None,
            cotangent: Cotangent::None,
            needed: BTreeSet::new(),
            storage: Storage::Unneeded,
            stored_for: StoredFor::Nobody,
            zero: false,
            home,
        })
        .collect();
    Facts {
        vars,
        restores: BTreeSet::new(),
        apart: BTreeSet::new(),
        undone: BTreeSet::new(),
        logs: BTreeMap::new(),
        exits: BTreeMap::new(),
        reshaped: BTreeSet::new(),
    }
}

/// The variable that holds the cotangent of a place: the root behind all names for places.
pub(crate) fn cotangent_root(func: &Func, place: &Place) -> VarId {
    crate::ir::root(&func.vars, place)
}

/// Does a statement inside call a function, which may save on the tape?
pub(crate) fn has_calls(body: &Block) -> bool {
    let mut calls = false;
    body.walk(&mut |stmt| calls |= called(&stmt.kind).is_some());
    calls
}

/// The call that a statement makes, if any.
pub(crate) fn called(kind: &StmtKind) -> Option<&Call> {
    match kind {
        StmtKind::Let {
            op: Op::Call(call), ..
        }
        | StmtKind::Assign {
            op: Op::Call(call), ..
        } => Some(call),
        _ => None,
    }
}

/// The variables that a statement lends to the function that it calls, which may write them and restores them.
pub(crate) fn lent(vars: &[Var], kind: &StmtKind) -> Vec<VarId> {
    let Some(call) = called(kind) else {
        return Vec::new();
    };
    (0..call.args.len())
        .filter(|at| call.lends(vars, *at))
        .filter_map(|at| call.args[at].place())
        .map(|place| crate::ir::root(vars, place))
        .collect()
}

/// Is this an entry of a matrix, which is a number?
fn is_entry(place: &Place) -> bool {
    matches!(place.proj.last(), Some(crate::ir::Proj::Index(code)) if matches!(code.expr, syn::Expr::Tuple(_)))
}

/// Variables whose value may get another shape after they are declared: what makes the zero of such a cotangent is the
/// present value.
fn reshaped(func: &Func) -> BTreeSet<VarId> {
    let mut found = BTreeSet::new();
    func.body
        .walk(&mut |stmt| found.extend(reshaped_by(func, &stmt.kind)));
    found
}

/// The variables whose value may get another shape by a statement.
fn reshaped_by(func: &Func, kind: &StmtKind) -> Vec<VarId> {
    let mut found = lent(&func.vars, kind);
    match kind {
        StmtKind::Assign { place, .. }
            if needs::place_fact(func, place) != crate::ir::Fact::Scalar && !is_entry(place) =>
        {
            found.push(cotangent_root(func, place));
        }
        StmtKind::Mutate(it) => match it.kind {
            Mutation::Permute(_) | Mutation::Fill | Mutation::Copy | Mutation::Sort => {}
            Mutation::Push | Mutation::Pop | Mutation::Truncate => {
                found.push(cotangent_root(func, &it.place));
            }
            Mutation::Exchange => {
                found.push(cotangent_root(func, &it.place));
                found.extend(
                    it.args
                        .iter()
                        .filter_map(Operand::place)
                        .map(|it| cotangent_root(func, it)),
                );
            }
        },
        StmtKind::Opaque { mutates, .. } => found.extend(mutates),
        _ => {}
    }
    found
}

fn exits(func: &Func) -> BTreeMap<ScopeId, Vec<u32>> {
    let mut exits: BTreeMap<ScopeId, Vec<u32>> = BTreeMap::new();
    func.body.walk(&mut |stmt| {
        if let Some(exit) = stmt.kind.exit() {
            for scope in &exit.leaves {
                exits.entry(*scope).or_default().push(exit.id);
            }
        }
    });
    exits
}

/// Variables declared by a statement itself.
pub(crate) fn declared(kind: &StmtKind) -> Vec<VarId> {
    match kind {
        StmtKind::Let { var, .. }
        | StmtKind::Declare { var, .. }
        | StmtKind::Alias { var }
        | StmtKind::Try { var, .. } => vec![*var],
        StmtKind::Bind { bindings, .. } => bindings.iter().map(|it| it.var).collect(),
        StmtKind::Views { vars, .. } => vars.clone(),
        StmtKind::Mutate(it) => it.result.iter().copied().collect(),
        StmtKind::If { result, taken, .. } | StmtKind::Match { result, taken, .. } => {
            result.iter().copied().chain([*taken]).collect()
        }
        StmtKind::Loop(it) => it.result.iter().copied().chain(it.trips).collect(),
        StmtKind::Scope { result, .. } => result.iter().copied().collect(),
        StmtKind::Assign { .. }
        | StmtKind::Update { .. }
        | StmtKind::Opaque { .. }
        | StmtKind::Exit(_) => Vec::new(),
    }
}

fn homes(func: &Func) -> Vec<Home> {
    let unset = Home {
        frame: func.scope,
        definite: true,
        from: 0,
        to: u32::MAX,
        after_exit: false,
    };
    let mut walk = Homes {
        found: vec![unset; func.vars.len()],
        left: BTreeSet::new(),
        scopes: vec![func.scope],
    };
    walk.block(&func.body, func.scope, true, &[]);
    walk.found
}

struct Homes {
    found: Vec<Home>,
    /// Scopes that some exit met so far leaves.
    left: BTreeSet<ScopeId>,
    /// The scopes around, outermost first.
    scopes: Vec<ScopeId>,
}

impl Homes {
    /// `root`: is this the outermost block of the frame? `owned`: variables declared at its head.
    fn block(&mut self, block: &Block, frame: ScopeId, root: bool, owned: &[VarId]) {
        let first = block.stmts.first().map_or(0, |it| it.id);
        let mut last = first;
        block.walk(&mut |stmt| last = last.max(stmt.id));
        let home = |definite, from, after_exit| Home {
            frame,
            definite,
            from,
            to: last,
            after_exit,
        };
        for var in owned {
            self.found[var.0 as usize] = home(root, first, false);
        }
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Loop(it) => {
                    let owned = match &it.kind {
                        crate::ir::LoopKind::Count { index, .. } => vec![*index],
                        crate::ir::LoopKind::Iter { vars, .. } => vars.clone(),
                        crate::ir::LoopKind::While(_) | crate::ir::LoopKind::Forever => Vec::new(),
                    };
                    self.scopes.push(it.scope);
                    self.block(&it.body, it.scope, true, &owned);
                    self.scopes.pop();
                }
                StmtKind::Scope { scope, body, .. } => {
                    self.scopes.push(*scope);
                    self.block(body, frame, false, &[]);
                    self.scopes.pop();
                }
                StmtKind::Match { arms, .. } => {
                    for arm in arms {
                        let owned: Vec<VarId> = arm.bindings.iter().map(|it| it.var).collect();
                        self.block(&arm.body, frame, false, &owned);
                    }
                }
                StmtKind::Let {
                    op: Op::Build(it), ..
                }
                | StmtKind::Assign {
                    op: Op::Build(it), ..
                } => {
                    let mut owned = it.params.clone();
                    owned.push(it.index);
                    self.scopes.push(it.scope);
                    self.block(&it.body, it.scope, true, &owned);
                    self.scopes.pop();
                }
                other => {
                    for inner in other.blocks() {
                        self.block(inner, frame, false, &[]);
                    }
                }
            }
            if let Some(exit) = stmt.kind.exit() {
                self.left.extend(exit.leaves.iter().copied());
            }
            // What a statement declares is defined after everything inside of it, exits included.
            let definite = root && !self.left.contains(&frame);
            let inside = self.scopes.iter().position(|it| *it == frame).unwrap_or(0);
            let after_exit = self.scopes[inside..]
                .iter()
                .any(|it| self.left.contains(it));
            // A variable declared without value is defined where it is assigned, which may not happen.
            let defined = definite && !matches!(stmt.kind, StmtKind::Declare { .. });
            let counted = match &stmt.kind {
                StmtKind::Let {
                    op: Op::Build(it), ..
                }
                | StmtKind::Assign {
                    op: Op::Build(it), ..
                } if matches!(it.kind, crate::ir::BuildKind::FromFn { .. }) => Some(it.count),
                _ => None,
            };
            for var in declared(&stmt.kind).into_iter().chain(counted) {
                self.found[var.0 as usize] = home(defined, stmt.id, after_exit);
            }
        }
    }
}

/// Visits every contribution to a place in the reverse half, with the number of the statement and of its block.
pub(crate) fn contributions(func: &Func, useful: &[bool], f: &mut impl FnMut(VarId, u32, Segment)) {
    let mut walk = Contributions {
        func,
        useful,
        left: BTreeMap::new(),
    };
    walk.block(&func.body, &mut vec![func.scope], f);
}

/// A stretch of a block that runs under one guard: the block, and how many exits of its scope come before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) block: u32,
    pub(crate) exits: u32,
}

struct Contributions<'a> {
    func: &'a Func,
    useful: &'a [bool],
    left: BTreeMap<ScopeId, u32>,
}

impl Contributions<'_> {
    fn touch(
        &self,
        operand: &Operand,
        id: u32,
        segment: Segment,
        f: &mut impl FnMut(VarId, u32, Segment),
    ) {
        if let Some(place) = operand.place() {
            let root = cotangent_root(self.func, place);
            if self.useful[root.0 as usize] {
                f(root, id, segment);
            }
        }
    }

    fn segment(&self, block: u32, scopes: &[ScopeId]) -> Segment {
        let exits = scopes
            .last()
            .and_then(|it| self.left.get(it))
            .copied()
            .unwrap_or(0);
        Segment { block, exits }
    }

    fn block(
        &mut self,
        block: &Block,
        scopes: &mut Vec<ScopeId>,
        f: &mut impl FnMut(VarId, u32, Segment),
    ) {
        let number = block.id;
        for stmt in &block.stmts {
            self.stmt(stmt, number, scopes, f);
        }
        if let Some(result) = &block.result {
            let last = block.stmts.last().map_or(0, |it| it.id);
            let segment = self.segment(number, scopes);
            self.touch(result, last, segment, f);
        }
    }

    fn stmt(
        &mut self,
        stmt: &Stmt,
        number: u32,
        scopes: &mut Vec<ScopeId>,
        f: &mut impl FnMut(VarId, u32, Segment),
    ) {
        let segment = self.segment(number, scopes);
        match &stmt.kind {
            StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => {
                for operand in op.operands() {
                    self.touch(operand, stmt.id, segment, f);
                }
                if let Op::Build(it) = op {
                    if let crate::ir::BuildKind::Map { recv }
                    | crate::ir::BuildKind::ZipMap { recv, .. } = &it.kind
                    {
                        self.touch(&Operand::Place(recv.clone()), stmt.id, segment, f);
                    }
                    scopes.push(it.scope);
                    self.block(&it.body, scopes, f);
                    scopes.pop();
                }
            }
            StmtKind::Update { value, .. } | StmtKind::Bind { value, .. } => {
                self.touch(value, stmt.id, segment, f);
            }
            StmtKind::Match {
                scrutinee, arms, ..
            } => {
                // Bindings contribute inside their arm.
                for arm in arms {
                    let inner = arm.body.id;
                    if arm.bindings.iter().any(|it| it.source.is_some()) {
                        self.touch(
                            scrutinee,
                            stmt.id,
                            Segment {
                                block: inner,
                                exits: 0,
                            },
                            f,
                        );
                    }
                    self.block(&arm.body, scopes, f);
                }
            }
            StmtKind::If {
                then, otherwise, ..
            } => {
                self.block(then, scopes, f);
                self.block(otherwise, scopes, f);
            }
            StmtKind::Loop(it) => {
                scopes.push(it.scope);
                self.block(&it.body, scopes, f);
                scopes.pop();
            }
            StmtKind::Scope { scope, body, .. } => {
                scopes.push(*scope);
                self.block(body, scopes, f);
                scopes.pop();
            }
            StmtKind::Mutate(it) => {
                for operand in &it.args {
                    self.touch(operand, stmt.id, segment, f);
                }
            }
            StmtKind::Declare { .. }
            | StmtKind::Alias { .. }
            | StmtKind::Views { .. }
            | StmtKind::Opaque { .. }
            | StmtKind::Try { .. }
            | StmtKind::Exit(_) => {}
        }
        if let Some(Exit { value, leaves, .. }) = stmt.kind.exit() {
            if let Some((_, operand)) = value {
                self.touch(
                    operand,
                    stmt.id,
                    Segment {
                        block: number,
                        exits: u32::MAX,
                    },
                    f,
                );
            }
            for scope in leaves {
                *self.left.entry(*scope).or_default() += 1;
            }
        }
        // `v?` hands its cotangent on where it did not return.
        if let StmtKind::Try { value, .. } = &stmt.kind {
            self.touch(value, stmt.id, self.segment(number, scopes), f);
        }
    }
}

/// A cotangent is a plain variable if all contributions come from the block and the guarded stretch that declare the
/// variable, so that the first one met by the reverse sweep defines it.
fn cotangents(func: &Func, useful: &[bool]) -> Vec<Cotangent> {
    let mut declared_in: Vec<Option<Segment>> = vec![None; func.vars.len()];
    declaration_segments(func, &mut declared_in);
    let mut direct = vec![true; func.vars.len()];
    contributions(func, useful, &mut |var, _, segment| {
        if declared_in[var.0 as usize] != Some(segment) {
            direct[var.0 as usize] = false;
        }
    });
    func.vars
        .iter()
        .enumerate()
        .map(|(at, var)| match &var.kind {
            _ if !useful[at] => Cotangent::None,
            VarKind::Alias { .. } | VarKind::Index | VarKind::Counter => Cotangent::None,
            VarKind::Param { by } => match by {
                crate::ir::By::Value => Cotangent::Slot,
                crate::ir::By::Ref => Cotangent::Shadow,
                crate::ir::By::Mut => Cotangent::InOut,
            },
            VarKind::Local if var.mutable || !direct[at] => Cotangent::Slot,
            VarKind::Local => Cotangent::Direct,
        })
        .collect()
}

fn declaration_segments(func: &Func, out: &mut [Option<Segment>]) {
    struct Walk<'a> {
        out: &'a mut [Option<Segment>],
        left: BTreeMap<ScopeId, u32>,
    }
    impl Walk<'_> {
        fn block(&mut self, block: &Block, scopes: &mut Vec<ScopeId>, owned: &[VarId]) {
            let number = block.id;
            for var in owned {
                self.out[var.0 as usize] = Some(Segment {
                    block: number,
                    exits: 0,
                });
            }
            for stmt in &block.stmts {
                let scope = scopes.last().copied();
                let segment = |this: &Self| Segment {
                    block: number,
                    exits: scope
                        .and_then(|it| this.left.get(&it))
                        .copied()
                        .unwrap_or(0),
                };
                let before = segment(self);
                match &stmt.kind {
                    StmtKind::Loop(it) => {
                        scopes.push(it.scope);
                        self.block(&it.body, scopes, &[]);
                        scopes.pop();
                    }
                    StmtKind::Scope { scope, body, .. } => {
                        scopes.push(*scope);
                        self.block(body, scopes, &[]);
                        scopes.pop();
                    }
                    StmtKind::Let {
                        op: Op::Build(it), ..
                    }
                    | StmtKind::Assign {
                        op: Op::Build(it), ..
                    } => {
                        scopes.push(it.scope);
                        self.block(&it.body, scopes, &[]);
                        scopes.pop();
                    }
                    StmtKind::Match { arms, .. } => {
                        for arm in arms {
                            let owned: Vec<VarId> = arm.bindings.iter().map(|it| it.var).collect();
                            self.block(&arm.body, scopes, &owned);
                        }
                    }
                    other => {
                        for inner in other.blocks() {
                            self.block(inner, scopes, &[]);
                        }
                    }
                }
                if let Some(exit) = stmt.kind.exit() {
                    for scope in &exit.leaves {
                        *self.left.entry(*scope).or_default() += 1;
                    }
                }
                // `v?` defines its value after its own exit. The result of a statement with exits inside belongs to the
                // stretch before them, where the statement itself is reversed.
                let home = if matches!(stmt.kind, StmtKind::Try { .. }) {
                    segment(self)
                } else {
                    before
                };
                for var in declared(&stmt.kind) {
                    self.out[var.0 as usize] = Some(home);
                }
            }
        }
    }
    let mut walk = Walk {
        out,
        left: BTreeMap::new(),
    };
    walk.block(&func.body, &mut vec![func.scope], &[]);
}
