//! The verifier: what every stage may rely on.
//!
//! - every variable is declared once, before its first use, and used only where it is in scope;
//! - identifiers are unique within the function;
//! - the root of a place is a variable of the table, and the position of an element is one too;
//! - exits are numbered in source order, leave the innermost scopes first and name a scope that is open;
//! - a loop over positions counts an index variable up to a declared count.
//!
//! Violations are bugs of the compiler, not of the user; all of them are returned.

use std::collections::BTreeSet;

use super::{
    Block, BuildKind, Code, Exit, Func, LoopKind, Op, Operand, Place, Proj, ScopeId, Stmt,
    StmtKind, VarId, VarKind,
};

/// All violations, empty for a well-formed function.
pub(crate) fn verify(func: &Func) -> Vec<String> {
    let mut verifier = Verifier {
        func,
        declared: BTreeSet::new(),
        live: BTreeSet::new(),
        scopes: vec![func.scope],
        next: 0,
        found: Vec::new(),
    };
    let mut names = BTreeSet::new();
    for var in &func.vars {
        if !names.insert(var.ident.to_string()) {
            verifier
                .found
                .push(format!("two variables are called `{}`", var.ident));
        }
    }
    verifier.declare(func.result);
    for param in &func.params {
        verifier.declare(param.var);
    }
    verifier.block(&func.body);
    verifier.found
}

struct Verifier<'a> {
    func: &'a Func,
    declared: BTreeSet<VarId>,
    live: BTreeSet<VarId>,
    scopes: Vec<ScopeId>,
    next: u32,
    found: Vec<String>,
}

impl Verifier<'_> {
    fn declare(&mut self, var: VarId) {
        if !self.declared.insert(var) {
            self.found
                .push(format!("`{}` is declared twice", self.func.var(var).ident));
        }
        self.live.insert(var);
    }

    fn used(&mut self, var: VarId) {
        if !self.live.contains(&var) {
            self.found.push(format!(
                "`{}` is used where it is not declared",
                self.func.var(var).ident
            ));
        }
    }

    fn code(&mut self, code: &Code) {
        for var in &code.reads {
            self.used(*var);
        }
    }

    fn place(&mut self, place: &Place) {
        self.used(place.root);
        for proj in &place.proj {
            match proj {
                Proj::Index(code) => self.code(code),
                Proj::Elem(var) => self.used(*var),
                Proj::View(view) => view.args.iter().for_each(|it| self.code(it)),
                Proj::Half { at, .. } => self.code(at),
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

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => self.place(place),
            Operand::Code(code) => self.code(code),
            Operand::Lit(_) | Operand::Never | Operand::Unit => {}
        }
    }

    fn op(&mut self, op: &Op) {
        for operand in op.operands() {
            self.operand(operand);
        }
        match op {
            Op::Code(code) => self.code(code),
            Op::Build(build) => {
                match &build.kind {
                    BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } => self.place(recv),
                    BuildKind::FromFn { dims, .. } | BuildKind::FromIterator { dims, .. } => {
                        dims.iter().for_each(|it| self.code(it));
                    }
                    BuildKind::Collect { .. } => {}
                }
                let live = self.live.clone();
                self.declare(build.index);
                build.params.iter().for_each(|it| self.declare(*it));
                self.scopes.push(build.scope);
                self.block(&build.body);
                self.scopes.pop();
                self.live = live;
                if matches!(build.kind, BuildKind::FromFn { .. }) {
                    self.declare(build.count);
                } else {
                    self.used(build.count);
                }
            }
            _ => {}
        }
    }

    fn exit(&mut self, exit: &Exit) {
        if exit.id < self.next {
            self.found
                .push(format!("exit #{} is out of order", exit.id));
        }
        self.next = exit.id + 1;
        let open: Vec<ScopeId> = self
            .scopes
            .iter()
            .rev()
            .copied()
            .take(exit.leaves.len())
            .collect();
        if open != exit.leaves {
            self.found.push(format!(
                "exit #{} does not leave the innermost scopes",
                exit.id
            ));
        }
        if let Some((_, value)) = &exit.value {
            self.operand(value);
        }
    }

    /// A block, whose variables end with it.
    fn block(&mut self, block: &Block) {
        let live = self.live.clone();
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(result) = &block.result {
            self.operand(result);
        }
        self.live = live;
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { var, op, .. } => {
                self.op(op);
                self.declare(*var);
            }
            StmtKind::Declare { var, .. } => self.declare(*var),
            StmtKind::Alias { var } => {
                if let VarKind::Alias { place, .. } = &self.func.var(*var).kind {
                    self.place(&place.clone());
                } else {
                    self.found.push(format!(
                        "`{}` is no name for a place",
                        self.func.var(*var).ident
                    ));
                }
                self.declare(*var);
            }
            StmtKind::Bind {
                value, bindings, ..
            } => {
                self.operand(value);
                bindings.iter().for_each(|it| self.declare(it.var));
            }
            StmtKind::Assign { place, op } => {
                self.op(op);
                self.place(place);
            }
            StmtKind::Update { place, value, .. } => {
                self.operand(value);
                self.place(place);
            }
            StmtKind::Views { init, vars, .. } => {
                self.code(init);
                for var in vars {
                    if let VarKind::Alias { place, .. } = &self.func.var(*var).kind {
                        self.place(&place.clone());
                    } else {
                        self.found.push(format!(
                            "`{}` is no name for a place",
                            self.func.var(*var).ident
                        ));
                    }
                    self.declare(*var);
                }
            }
            StmtKind::Mutate(it) => {
                self.place(&it.place);
                it.args.iter().for_each(|it| self.operand(it));
                it.result.iter().for_each(|it| self.declare(*it));
            }
            StmtKind::Opaque { mutates, .. } => mutates.iter().for_each(|it| self.used(*it)),
            StmtKind::If {
                cond,
                taken,
                then,
                otherwise,
                result,
            } => {
                self.code(cond);
                self.block(then);
                self.block(otherwise);
                self.declare(*taken);
                result.iter().for_each(|it| self.declare(*it));
            }
            StmtKind::Match {
                scrutinee,
                taken,
                arms,
                result,
            } => {
                self.operand(scrutinee);
                for arm in arms {
                    let live = self.live.clone();
                    arm.bindings.iter().for_each(|it| self.declare(it.var));
                    arm.guard.iter().for_each(|it| self.code(it));
                    self.block(&arm.body);
                    self.live = live;
                }
                self.declare(*taken);
                result.iter().for_each(|it| self.declare(*it));
            }
            StmtKind::Try { var, value, exit } => {
                self.operand(value);
                self.exit(exit);
                self.declare(*var);
            }
            StmtKind::Loop(it) => {
                let live = self.live.clone();
                match &it.kind {
                    LoopKind::Count { index, count } => {
                        self.used(*count);
                        if !matches!(self.func.var(*index).kind, VarKind::Index) {
                            self.found.push(format!(
                                "`{}` is no position of a loop",
                                self.func.var(*index).ident
                            ));
                        }
                        self.declare(*index);
                    }
                    LoopKind::Iter { vars, iter, .. } => {
                        self.code(iter);
                        vars.iter().for_each(|it| self.declare(*it));
                    }
                    LoopKind::While(cond) => self.code(cond),
                    LoopKind::Forever => {}
                }
                self.scopes.push(it.scope);
                self.block(&it.body);
                self.scopes.pop();
                self.live = live;
                it.trips
                    .iter()
                    .chain(&it.result)
                    .for_each(|it| self.declare(*it));
            }
            StmtKind::Scope {
                scope,
                body,
                result,
                ..
            } => {
                self.scopes.push(*scope);
                self.block(body);
                self.scopes.pop();
                result.iter().for_each(|it| self.declare(*it));
            }
            StmtKind::Exit(exit) => self.exit(exit),
        }
    }
}
