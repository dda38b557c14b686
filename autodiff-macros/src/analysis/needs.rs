//! Question: which values do the reverse statements read?
//!
//! Answer: for each variable the set of statements whose pullback reads it, and the variables whose zero cotangent
//! must be made. An operation that is linear reads nothing; a product of scalars reads the factor of each active
//! operand; a method rule reads what the table of names says; a contribution to an element reads the index.

use std::collections::BTreeSet;

use syn::BinOp;

use super::{NeededBy, cotangent_root};
use crate::ir::{
    Block, BuildKind, By, Code, Fact, Func, LoopKind, Mutation, Op, Operand, Place, Proj, Stmt,
    StmtKind, VarId, VarKind,
};
use crate::names::{self, Keeps};

/// What a reverse statement looks at. An element that is written leaves the shape as it is. Statements look at the shape
/// or at the value; of a value, parts have been overwritten since where the plan of storage says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    Shape,
    /// All values but the element at the position of a loop.
    But(VarId),
    /// The elements from a bound on, which has this number.
    From(u32),
    Value,
}

pub(crate) struct Needs {
    /// By variable: who reads its value.
    pub(crate) values: Vec<BTreeSet<NeededBy>>,
    /// The same by statement, for the storage plan.
    pub(crate) reads: BTreeSet<(u32, VarId, Look)>,
    /// Values read as the statement leaves them: the result of an operation that is assigned.
    pub(crate) reads_after: BTreeSet<(u32, VarId, Look)>,
    pub(crate) zeros: BTreeSet<VarId>,
}

pub(crate) fn needs(
    func: &Func,
    useful: &[bool],
    cotangents: &[super::Cotangent],
    reshaped: &BTreeSet<VarId>,
) -> Needs {
    let mut walk = Walk {
        func,
        useful,
        reshaped,
        needs: Needs::none(func),
        at: 0,
    };
    for param in &func.params {
        if param.by == By::Value && useful[param.var.0 as usize] {
            walk.needs.zeros.insert(param.var);
        }
    }
    // An accumulator without contributions gives a zero.
    for (at, var) in func.vars.iter().enumerate() {
        if cotangents[at] == super::Cotangent::Slot && var.fact != Fact::Scalar {
            walk.needs
                .zeros
                .insert(VarId(u32::try_from(at).unwrap_or(u32::MAX)));
        }
    }
    walk.block(&func.body, Some(func.result));
    walk.needs
}

impl Needs {
    pub(crate) fn none(func: &Func) -> Self {
        Needs {
            values: vec![BTreeSet::new(); func.vars.len()],
            reads: BTreeSet::new(),
            reads_after: BTreeSet::new(),
            zeros: BTreeSet::new(),
        }
    }

    /// A value is read by the reverse of statement `at`.
    pub(crate) fn read(&mut self, var: VarId, at: u32) {
        self.values[var.0 as usize].insert(NeededBy(at));
        self.reads.insert((at, var, Look::Value));
    }

    /// The reverse of statement `at` makes a zero in the shape of the value.
    fn read_shape(&mut self, var: VarId, at: u32) {
        self.values[var.0 as usize].insert(NeededBy(at));
        self.reads.insert((at, var, Look::Shape));
    }

    /// The value that statement `at` leaves is read by its reverse.
    pub(super) fn read_after(&mut self, var: VarId, at: u32, look: Look) {
        self.values[var.0 as usize].insert(NeededBy(at));
        self.reads_after.insert((at, var, look));
    }

    /// The value of a place is read.
    pub(crate) fn read_place(&mut self, func: &Func, place: &Place, at: u32) {
        match &func.var(place.root).kind {
            VarKind::Alias { place: inner, .. } => self.read_place(func, inner, at),
            _ => self.read(place.root, at),
        }
        self.read_indices(place, at);
    }

    fn read_indices(&mut self, place: &Place, at: u32) {
        for proj in &place.proj {
            match proj {
                Proj::Index(code) | Proj::Half { at: code, .. } => self.read_code(code, at),
                Proj::Elem(var) => self.read(*var, at),
                Proj::View(view) => {
                    for code in &view.args {
                        self.read_code(code, at);
                    }
                }
                Proj::Field(_)
                | Proj::Part(_)
                | Proj::Deref
                | Proj::Payload
                | Proj::Variant { .. }
                | Proj::Accessor { .. }
                | Proj::Array(_) => {}
            }
        }
    }

    /// The way to a place is read, that of the names on it, too.
    fn read_way(&mut self, func: &Func, place: &Place, at: u32) {
        if let VarKind::Alias { place: inner, .. } = &func.var(place.root).kind {
            self.read_way(func, inner, at);
        }
        self.read_indices(place, at);
    }

    pub(crate) fn read_code(&mut self, code: &Code, at: u32) {
        for var in &code.reads {
            self.read(*var, at);
        }
    }

    pub(crate) fn read_operand(&mut self, func: &Func, operand: &Operand, at: u32) {
        match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => self.read_place(func, place, at),
            Operand::Code(code) => self.read_code(code, at),
            Operand::Lit(_) | Operand::Never | Operand::Unit => {}
        }
    }
}

/// Is an operation on these operands one on scalars, as far as the tokens tell?
pub(crate) fn scalar_operands(func: &Func, operands: &[&Operand]) -> bool {
    let facts: Vec<Fact> = operands.iter().map(|it| operand_fact(func, it)).collect();
    facts.contains(&Fact::Scalar)
        && operands.iter().zip(&facts).all(|(operand, fact)| {
            *fact == Fact::Scalar || matches!(operand, Operand::Lit(expr) if is_float(expr))
        })
}

fn is_float(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Lit(it) => matches!(it.lit, syn::Lit::Float(_)),
        syn::Expr::Unary(it) => is_float(&it.expr),
        syn::Expr::Paren(it) => is_float(&it.expr),
        syn::Expr::Group(it) => is_float(&it.expr),
        syn::Expr::Binary(it) => is_float(&it.left) && is_float(&it.right),
        _ => false,
    }
}

pub(crate) fn operand_fact(func: &Func, operand: &Operand) -> Fact {
    match operand {
        Operand::Place(place) | Operand::Ref { place, .. } => place_fact(func, place),
        Operand::Code(code) => crate::lower::code_fact(&code.expr, &|ident| {
            let read = code.reads.iter().find(|it| func.var(**it).ident == *ident);
            read.map_or(Fact::Unknown, |it| func.var(*it).fact)
        }),
        Operand::Lit(_) | Operand::Never | Operand::Unit => Fact::Unknown,
    }
}

pub(crate) fn place_fact(func: &Func, place: &Place) -> Fact {
    let var = func.var(place.root);
    let fact = match &var.kind {
        VarKind::Alias { place, .. } if var.fact == Fact::Unknown => place_fact(func, place),
        _ => var.fact,
    };
    place.proj.iter().fold(fact, projected_fact)
}

/// What is known of a part, from what is known of the whole.
pub(crate) fn projected_fact(fact: Fact, proj: &Proj) -> Fact {
    match (proj, fact) {
        (Proj::Deref, fact) => fact,
        (Proj::Index(code), fact @ (Fact::Scalars | Fact::Rows)) if is_range(&code.expr) => fact,
        (Proj::Index(_) | Proj::Elem(_), Fact::Scalars) => Fact::Scalar,
        (Proj::Index(_) | Proj::Elem(_), Fact::Rows) => Fact::Scalars,
        (Proj::Half { .. } | Proj::Array(_), fact @ (Fact::Scalars | Fact::Rows)) => fact,
        (Proj::View(_), Fact::Scalars) => Fact::Scalars,
        (Proj::Field(syn::Member::Unnamed(_)), Fact::Tuple) => Fact::Scalar,
        // The coordinates of a vector: what has numbers for elements has no other fields.
        (Proj::Field(syn::Member::Named(_)), Fact::Scalars) => Fact::Scalar,
        _ => Fact::Unknown,
    }
}

/// Is an index one that gives a slice?
pub(crate) fn is_range(index: &syn::Expr) -> bool {
    match index {
        syn::Expr::Range(_) => true,
        syn::Expr::Paren(it) => is_range(&it.expr),
        syn::Expr::Group(it) => is_range(&it.expr),
        _ => false,
    }
}

/// What a method keeps. The exponential of a scalar can do with its result.
pub(crate) fn keeps(func: &Func, recv: &Operand, name: &str) -> Keeps {
    if name == "exp" && operand_fact(func, recv) == Fact::Scalar {
        return Keeps::Output;
    }
    names::method(name).map_or(Keeps::All, |it| it.keeps)
}

/// Is this argument handed to the callee by reference?
pub(crate) fn by_reference(func: &Func, operand: &Operand) -> bool {
    match operand {
        Operand::Ref { .. } => true,
        Operand::Place(place) if place.proj.is_empty() => match &func.var(place.root).kind {
            VarKind::Param { by, .. } => *by != By::Value,
            VarKind::Alias { depth, .. } => *depth > 0,
            VarKind::Local => func.var(place.root).reference,
            VarKind::Index | VarKind::Counter => false,
        },
        Operand::Place(_) | Operand::Lit(_) | Operand::Code(_) | Operand::Never | Operand::Unit => {
            false
        }
    }
}

struct Walk<'a> {
    func: &'a Func,
    useful: &'a [bool],
    reshaped: &'a BTreeSet<VarId>,
    needs: Needs,
    at: u32,
}

impl Walk<'_> {
    /// Does the operand get a contribution?
    fn active(&self, operand: &Operand) -> bool {
        operand
            .place()
            .is_some_and(|it| self.useful[cotangent_root(self.func, it).0 as usize])
    }

    fn value(&mut self, operand: &Operand) {
        self.needs.read_operand(self.func, operand, self.at);
    }

    /// An operand gets a contribution: the way to its shadow is read.
    fn shadow(&mut self, operand: &Operand) {
        if self.active(operand)
            && let Some(place) = operand.place().cloned()
        {
            self.shadow_place(&place);
        }
    }

    fn shadow_place(&mut self, place: &Place) {
        self.shadow_within(place, !place.proj.is_empty());
    }

    /// `part`: does the contribution go to a part of the root?
    fn shadow_within(&mut self, place: &Place, part: bool) {
        self.needs.read_indices(place, self.at);
        let root = self.func.var(place.root);
        match &root.kind {
            VarKind::Alias { place: inner, .. } => {
                let part = part || !inner.proj.is_empty();
                self.shadow_within(&inner.clone(), part);
            }
            // The shadow of a parameter passed by reference is there; others are made when an element is touched.
            VarKind::Param { by, .. } if *by != By::Value => {}
            _ if root.fact == Fact::Scalar => {}
            _ => {
                self.zero(place.root);
                // The shape of a variable that may be assigned a new one is that of its present value.
                if part && root.mutable && self.reshaped.contains(&place.root) {
                    self.needs.read_shape(place.root, self.at);
                }
            }
        }
    }

    fn zero(&mut self, var: VarId) {
        if self.func.var(var).fact != Fact::Scalar {
            self.needs.zeros.insert(var);
        }
    }

    fn block(&mut self, block: &Block, into: Option<VarId>) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let (Some(into), Some(result)) = (into, &block.result)
            && self.useful[into.0 as usize]
        {
            self.at = block.stmts.last().map_or(self.at, |it| it.id);
            self.shadow(result);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        self.at = stmt.id;
        match &stmt.kind {
            StmtKind::Let { var, op, .. } => self.op(*var, op),
            StmtKind::Assign { place, op } => {
                self.written(place);
                let root = cotangent_root(self.func, place);
                self.op(root, op);
                // A shadow that is not there yet is made in the shape of what the statement left.
                let whole = place.proj.is_empty() && place.root == root;
                if !whole
                    && self.useful[root.0 as usize]
                    && self.reshaped.contains(&root)
                    && place_fact(self.func, place) != Fact::Scalar
                {
                    self.needs.read_after(root, self.at, Look::Shape);
                }
            }
            StmtKind::Mutate(it) => {
                self.written(&it.place);
                for arg in &it.args {
                    match arg {
                        Operand::Code(code) => self.needs.read_code(code, self.at),
                        Operand::Place(place) | Operand::Ref { place, .. }
                            if it.kind == Mutation::Exchange =>
                        {
                            self.written(&place.clone());
                        }
                        other
                            if it.kind == Mutation::Fill
                                || (it.kind == Mutation::Push
                                    && operand_fact(self.func, other) != Fact::Scalar) =>
                        {
                            // The shape of its cotangent, where there is none.
                            self.value(other);
                            self.shadow(other);
                        }
                        other if self.useful[cotangent_root(self.func, &it.place).0 as usize] => {
                            self.shadow(other);
                        }
                        _ => {}
                    }
                }
                if let Some(result) = it.result {
                    self.zero(result);
                }
                // A shadow that is not there yet is made in the shape of what the method left.
                let root = cotangent_root(self.func, &it.place);
                let makes = !matches!(it.kind, Mutation::Push | Mutation::Exchange);
                if makes
                    && self.useful[root.0 as usize]
                    && self.reshaped.contains(&root)
                    && self.func.var(root).fact != Fact::Scalar
                {
                    self.needs.read_after(root, self.at, Look::Shape);
                }
            }
            StmtKind::Update { op, place, value } => {
                self.written(place);
                let root = cotangent_root(self.func, place);
                if !self.useful[root.0 as usize] {
                    return;
                }
                let target = Operand::Place(place.clone());
                match op {
                    BinOp::AddAssign(_) | BinOp::SubAssign(_) => {}
                    _ => self.product(op, &target, value),
                }
                self.shadow(value);
                self.shadow(&target);
            }
            StmtKind::Bind {
                value, bindings, ..
            } => {
                if bindings
                    .iter()
                    .any(|it| it.source.is_some() && self.useful[it.var.0 as usize])
                {
                    self.shadow_source(value);
                }
                for binding in bindings {
                    if let Some(source) = &binding.source
                        && self.useful[binding.var.0 as usize]
                    {
                        self.needs.read_indices(source, self.at);
                    }
                }
            }
            StmtKind::Match {
                scrutinee,
                arms,
                taken,
                result,
            } => {
                self.needs.read(*taken, self.at);
                for arm in arms {
                    self.at = stmt.id;
                    if arm
                        .bindings
                        .iter()
                        .any(|it| it.source.is_some() && self.useful[it.var.0 as usize])
                    {
                        self.shadow_source(scrutinee);
                    }
                    self.block(&arm.body, *result);
                }
            }
            StmtKind::If {
                then,
                otherwise,
                taken,
                result,
                ..
            } => {
                self.needs.read(*taken, self.at);
                self.block(then, *result);
                self.block(otherwise, *result);
            }
            StmtKind::Try { var, value, .. } => {
                if self.useful[var.0 as usize] {
                    self.shadow_source(value);
                }
            }
            StmtKind::Loop(it) => {
                let breaks = super::storage::leaves_early(it);
                match &it.kind {
                    LoopKind::Count { count, .. } if !breaks => self.needs.read(*count, self.at),
                    LoopKind::Iter {
                        iter,
                        reversible: true,
                        ..
                    } if !breaks => self.needs.read_code(iter, self.at),
                    LoopKind::Count { .. }
                    | LoopKind::Iter { .. }
                    | LoopKind::While(_)
                    | LoopKind::Forever => {
                        if let Some(trips) = it.trips {
                            self.needs.read(trips, self.at);
                        }
                    }
                }
                self.block(&it.body, None);
            }
            StmtKind::Scope { body, result, .. } => self.block(body, *result),
            StmtKind::Exit(exit) => {
                if let Some((var, value)) = &exit.value
                    && self.useful[var.0 as usize]
                {
                    self.shadow(value);
                }
            }
            StmtKind::Declare { .. }
            | StmtKind::Alias { .. }
            | StmtKind::Views { .. }
            | StmtKind::Opaque { .. } => {}
        }
    }

    /// A place is written: the way to it is read when it is restored, and its shadow is cleared.
    fn written(&mut self, place: &Place) {
        self.needs.read_way(self.func, place, self.at);
        let whole = place.proj.is_empty()
            && !matches!(self.func.var(place.root).kind, VarKind::Alias { .. });
        if !whole {
            self.shadow(&Operand::Place(place.clone()));
        }
    }

    /// A value that a pattern takes apart: its parts get the contributions.
    fn shadow_source(&mut self, value: &Operand) {
        self.shadow(value);
        if let Some(place) = value.place()
            && self.active(value)
        {
            let root = cotangent_root(self.func, place);
            if !matches!(self.func.var(root).kind, VarKind::Param { by, .. } if by != By::Value) {
                self.zero(root);
                if self.func.var(root).mutable && self.reshaped.contains(&root) {
                    self.needs.read_shape(root, self.at);
                }
            }
        }
    }

    fn product(&mut self, op: &BinOp, left: &Operand, right: &Operand) {
        let (to_left, to_right) = (self.active(left), self.active(right));
        if !to_left && !to_right {
            return;
        }
        let scalar = scalar_operands(self.func, &[left, right]);
        let multiplies = matches!(op, BinOp::Mul(_) | BinOp::MulAssign(_));
        let divides = matches!(op, BinOp::Div(_) | BinOp::DivAssign(_));
        if !scalar || to_right || !(multiplies || divides) {
            self.value(left);
        }
        if !scalar || to_left || !multiplies {
            self.value(right);
        }
    }

    fn op(&mut self, result: VarId, op: &Op) {
        if let Op::Build(it) = op {
            let useful = self.useful[result.0 as usize];
            // Also a container that nobody needs leaves the records of its elements on the tape.
            self.needs.read(it.count, self.at);
            if useful {
                self.zero(result);
                if let BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } = &it.kind {
                    self.shadow(&Operand::Place(recv.clone()));
                }
                for operand in op.operands() {
                    self.shadow(operand);
                }
            }
            let at = self.at;
            self.block(&it.body, None);
            self.at = at;
            if useful && let Some(value) = &it.body.result {
                self.shadow(&value.clone());
            }
            return;
        }
        if !self.useful[result.0 as usize] {
            return;
        }
        for operand in op.operands() {
            self.shadow(operand);
        }
        match op {
            Op::Use(_)
            | Op::Code(_)
            | Op::Neg(_)
            | Op::Cast(..)
            | Op::Aggregate(..)
            | Op::SumStep(_)
            | Op::SumStart => {}
            Op::Binary(op, left, right) => {
                if !matches!(op, BinOp::Add(_) | BinOp::Sub(_)) {
                    self.product(op, left, right);
                }
            }
            Op::Method {
                recv, name, args, ..
            } => {
                let keeps = keeps(self.func, recv, &name.to_string());
                if keeps != Keeps::Output {
                    self.value(recv);
                    for arg in args {
                        self.value(arg);
                    }
                }
                if keeps != Keeps::Input {
                    self.needs.read_after(result, self.at, Look::Value);
                }
            }
            Op::Construct { args, .. } | Op::Foreign { args, .. } => {
                self.needs.read_after(result, self.at, Look::Value);
                for arg in args {
                    self.value(arg);
                }
            }
            Op::Call(call) => {
                self.zero(result);
                for (at, arg) in call.args.iter().enumerate() {
                    if let Some(place) = arg.place()
                        && call.lends(&self.func.vars, at)
                    {
                        // The callee finds what it left and restores what it found.
                        self.needs.read_way(self.func, place, self.at);
                        let root = cotangent_root(self.func, place);
                        self.needs.read_after(root, self.at, Look::Value);
                    } else if call.hands(at, |it| by_reference(self.func, it)) {
                        self.value(arg);
                    }
                }
            }
            Op::Build(_) => {}
        }
    }
}
