//! Which twins can be moved.

use std::collections::HashSet;

use super::index;
use crate::ir::{Block, BuildKind, Func, Op, Operand, Proj, StmtKind, Var, VarId, VarKind};

/// Variables that are used once, as a whole, in the loop that they are defined in.
pub(super) fn movable(func: &Func) -> HashSet<VarId> {
    #[derive(Default)]
    pub(super) struct Uses {
        /// By variable: how often, the innermost loop of the use, that of the definition.
        found: std::collections::HashMap<VarId, (usize, u32)>,
        defined: std::collections::HashMap<VarId, u32>,
    }
    impl Uses {
        fn used(&mut self, vars: &[Var], operand: &Operand, turn: u32) {
            if let Some(place) = operand.place() {
                let root = crate::ir::root(vars, place);
                let whole = matches!(operand, Operand::Place(_))
                    && place.proj.is_empty()
                    && place.root == root;
                let entry = self.found.entry(root).or_insert((0, turn));
                entry.0 += if whole { 1 } else { 2 };
                entry.1 = turn;
            }
        }
        fn block(&mut self, vars: &[Var], block: &Block, turn: u32) {
            for stmt in &block.stmts {
                let mut inner = turn;
                match &stmt.kind {
                    StmtKind::Let { var, op, .. } => {
                        self.defined.insert(*var, turn);
                        for it in op.operands() {
                            self.used(vars, it, turn);
                        }
                        if let Op::Build(build) = op {
                            inner = stmt.id + 1;
                            if let BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } =
                                &build.kind
                            {
                                let part = Operand::Place(recv.clone().then(Proj::Deref));
                                self.used(vars, &part, turn);
                            }
                        }
                    }
                    StmtKind::Declare { var, .. } => {
                        self.defined.insert(*var, turn);
                    }
                    StmtKind::Alias { var } => {
                        if let VarKind::Alias { place, .. } = &vars[index(*var)].kind {
                            let part = Operand::Place(place.clone().then(Proj::Deref));
                            self.used(vars, &part, turn);
                        }
                    }
                    StmtKind::Bind {
                        bindings, value, ..
                    } => {
                        for it in bindings {
                            self.defined.insert(it.var, turn);
                        }
                        if let Some(place) = value.place() {
                            let part = Operand::Place(place.clone().then(Proj::Deref));
                            self.used(vars, &part, turn);
                        }
                    }
                    StmtKind::Assign { place, op } => {
                        self.used(vars, &Operand::Place(place.clone().then(Proj::Deref)), turn);
                        for it in op.operands() {
                            self.used(vars, it, turn);
                        }
                    }
                    StmtKind::Update { place, value, .. } => {
                        self.used(vars, &Operand::Place(place.clone().then(Proj::Deref)), turn);
                        self.used(vars, value, turn);
                    }
                    StmtKind::Mutate(it) => {
                        let part = Operand::Place(it.place.clone().then(Proj::Deref));
                        self.used(vars, &part, turn);
                        for arg in &it.args {
                            self.used(vars, arg, turn);
                        }
                    }
                    StmtKind::Loop(_) => inner = stmt.id + 1,
                    StmtKind::Match {
                        scrutinee, arms, ..
                    } => {
                        if let Some(place) = scrutinee.place() {
                            let part = Operand::Place(place.clone().then(Proj::Deref));
                            self.used(vars, &part, turn);
                        }
                        for it in arms.iter().flat_map(|it| &it.bindings) {
                            self.defined.insert(it.var, turn);
                        }
                    }
                    StmtKind::Try { var, value, .. } => {
                        self.defined.insert(*var, turn);
                        self.used(vars, value, turn);
                    }
                    StmtKind::Exit(exit) => {
                        if let Some((_, value)) = &exit.value {
                            self.used(vars, value, turn);
                        }
                    }
                    StmtKind::If { .. }
                    | StmtKind::Scope { .. }
                    | StmtKind::Views { .. }
                    | StmtKind::Opaque { .. } => {}
                }
                for block in stmt.kind.blocks() {
                    self.block(vars, block, inner);
                }
            }
            if let Some(result) = &block.result {
                self.used(vars, result, turn);
            }
        }
    }
    let mut uses = Uses::default();
    uses.block(&func.vars, &func.body, 0);
    (uses.found.into_iter())
        .filter(|(var, (count, turn))| {
            *count == 1 && uses.defined.get(var).copied().unwrap_or(0) == *turn
        })
        .map(|it| it.0)
        .collect()
}
