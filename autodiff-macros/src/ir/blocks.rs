//! A statement with other blocks in it.

use super::{Arm, Block, Build, Loop, Op, StmtKind, VarId};

impl StmtKind {
    /// The statement, each of its blocks replaced by what `block` makes of it; `block` is told the variable that the result
    /// of the block is assigned to.
    pub(crate) fn with_blocks(
        &self,
        block: &mut impl FnMut(&Block, Option<VarId>) -> Option<Block>,
    ) -> Option<StmtKind> {
        Some(match self {
            StmtKind::If {
                cond,
                taken,
                then,
                otherwise,
                result,
            } => StmtKind::If {
                cond: cond.clone(),
                taken: *taken,
                then: block(then, *result)?,
                otherwise: block(otherwise, *result)?,
                result: *result,
            },
            StmtKind::Match {
                scrutinee,
                taken,
                arms,
                result,
            } => StmtKind::Match {
                scrutinee: scrutinee.clone(),
                taken: *taken,
                arms: (arms.iter())
                    .map(|it| {
                        Some(Arm {
                            pat: it.pat.clone(),
                            guard: it.guard.clone(),
                            bindings: it.bindings.clone(),
                            body: block(&it.body, *result)?,
                        })
                    })
                    .collect::<Option<_>>()?,
                result: *result,
            },
            StmtKind::Loop(it) => StmtKind::Loop(Loop {
                body: block(&it.body, it.result)?,
                kind: it.kind.clone(),
                label: it.label.clone(),
                scope: it.scope,
                trips: it.trips,
                result: it.result,
            }),
            StmtKind::Scope {
                label,
                scope,
                body,
                result,
            } => StmtKind::Scope {
                label: label.clone(),
                scope: *scope,
                body: block(body, *result)?,
                result: *result,
            },
            StmtKind::Let {
                var,
                ty,
                op: Op::Build(build),
            } => StmtKind::Let {
                var: *var,
                ty: ty.clone(),
                op: build.with_block(block)?,
            },
            StmtKind::Assign {
                place,
                op: Op::Build(build),
            } => StmtKind::Assign {
                place: place.clone(),
                op: build.with_block(block)?,
            },
            StmtKind::Let { .. }
            | StmtKind::Assign { .. }
            | StmtKind::Declare { .. }
            | StmtKind::Alias { .. }
            | StmtKind::Bind { .. }
            | StmtKind::Update { .. }
            | StmtKind::Views { .. }
            | StmtKind::Mutate(_)
            | StmtKind::Opaque { .. }
            | StmtKind::Try { .. }
            | StmtKind::Exit(_) => self.clone(),
        })
    }
}

impl Build {
    fn with_block(
        &self,
        block: &mut impl FnMut(&Block, Option<VarId>) -> Option<Block>,
    ) -> Option<Op> {
        Some(Op::Build(Box::new(Build {
            body: block(&self.body, None)?,
            kind: self.kind.clone(),
            params: self.params.clone(),
            ..*self
        })))
    }
}
