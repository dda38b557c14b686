//! Several directions in one sweep, IR to IR: a tangent program in which each tangent is there once for each lane, while
//! the values are computed once.
//!
//! A variable has lanes if a tangent flows into it. A statement that defines or writes such a variable is repeated for
//! each lane, with the variables of that lane; all others stay as they are. So do the variables of the function itself:
//! where one is taken from a pair of value and tangent, as a called tangent program returns it, it is taken from the
//! first lane.

pub(crate) mod wide;

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::Pat;
use syn::visit_mut::VisitMut;

use self::wide::{Wide, operands, written};
use crate::arguments::visit_arguments_mut;
use crate::ir::{
    Aggregate, Block, Code, Fact, Func, Mutate, Op, Operand, Param, Place, Proj, Stmt, StmtKind,
    Var, VarId, VarKind,
};

/// The program with so many lanes: its parameters are those of the function and then, for each lane, the tangents; its
/// value is the pair of the value and an array of tangents. `primal` is how many of its variables are of the function.
/// A program that does in place what must be done once has none.
pub(crate) fn lanes(program: &Func, primal: usize, width: usize) -> Option<Func> {
    let mut transform = Lanes {
        program,
        width,
        wide: Wide::new(program, primal),
        vars: program.vars.clone(),
        of: HashMap::new(),
    };
    if !transform.applies() {
        return None;
    }
    transform.wide.find(true);
    transform.declare();
    let (values, tangents) = program.params.split_at(program.params.len() / 2);
    let mut params = values.to_vec();
    for lane in 0..width {
        params.extend(tangents.iter().map(|it| Param {
            var: transform.var(it.var, lane),
            ..it.clone()
        }));
    }
    let mut body = transform.block(&program.body)?;
    body.number(&mut 0, &mut 0);
    Some(Func {
        params,
        body,
        vars: transform.vars,
        ..program.clone()
    })
}

struct Lanes<'a> {
    program: &'a Func,
    width: usize,
    wide: Wide<'a>,
    /// The variables of the program, then those of the lanes but the first.
    vars: Vec<Var>,
    /// The variable of a lane.
    of: HashMap<(VarId, usize), VarId>,
}

impl Lanes<'_> {
    /// Does nothing stand in the program that must happen once although it writes both a value and a tangent?
    fn applies(&self) -> bool {
        let mut applies = true;
        let vars = &self.program.vars;
        self.program.body.walk(&mut |stmt| match &stmt.kind {
            StmtKind::Let {
                op: Op::Call(call), ..
            }
            | StmtKind::Assign {
                op: Op::Call(call), ..
            } => {
                applies &= !(0..call.args.len()).any(|at| call.lends(vars, at));
            }
            StmtKind::Opaque { tokens, .. } => applies &= !tokens.to_string().contains("ad_sorted"),
            StmtKind::Let {
                var,
                op: Op::Aggregate(Aggregate::Tuple, items),
                ..
            } if self.wide.results.contains(var) => applies &= items.len() == 2,
            // A pair that is made in another way cannot be taken apart here.
            StmtKind::Let { var, .. } => applies &= !self.wide.results.contains(var),
            _ => {}
        });
        applies
    }

    // === variables ===

    fn declare(&mut self) {
        let wide: Vec<VarId> = (0..self.program.vars.len())
            .map(|at| VarId(u32::try_from(at).unwrap_or(u32::MAX)))
            .filter(|it| self.wide.has(*it))
            .collect();
        let mut taken: HashSet<String> =
            (self.vars.iter()).map(|it| it.ident.to_string()).collect();
        // A parameter without derivative is passed for each lane, too.
        let unused = (self.program.params.iter())
            .filter(|it| it.tangent_of.is_some() && !self.wide.has(it.var))
            .map(|it| it.var);
        let all: Vec<VarId> = wide.iter().copied().chain(unused).collect();
        for lane in 1..self.width {
            for var in &all {
                let info = self.program.var(*var).clone();
                let stem = info.ident.to_string();
                let mut name = format!("{}_{lane}", stem.trim_start_matches("r#"));
                while !taken.insert(name.clone()) {
                    name.push('_');
                }
                self.vars.push(Var {
                    ident: Ident::new(&name, Span::mixed_site()),
                    ..info
                });
                let id = VarId(u32::try_from(self.vars.len() - 1).unwrap_or(u32::MAX));
                self.of.insert((*var, lane), id);
            }
        }
        for lane in 1..self.width {
            for var in &wide {
                if let VarKind::Alias {
                    place,
                    depth,
                    writes,
                } = &self.program.var(*var).kind
                {
                    let place = self.place(place, lane);
                    let (depth, writes) = (*depth, *writes);
                    let at = self.var(*var, lane).0 as usize;
                    self.vars[at].kind = VarKind::Alias {
                        place,
                        depth,
                        writes,
                    };
                }
            }
        }
    }

    fn var(&self, var: VarId, lane: usize) -> VarId {
        self.of.get(&(var, lane)).copied().unwrap_or(var)
    }

    fn place(&self, place: &Place, lane: usize) -> Place {
        Place {
            root: self.var(place.root, lane),
            proj: (place.proj.iter())
                .map(|it| match it {
                    Proj::Index(code) => Proj::Index(self.code(code, lane)),
                    Proj::Half { at, left } => Proj::Half {
                        at: self.code(at, lane),
                        left: *left,
                    },
                    Proj::Elem(var) => Proj::Elem(self.var(*var, lane)),
                    Proj::View(view) => {
                        let mut view = view.clone();
                        for arg in &mut view.args {
                            *arg = self.code(arg, lane);
                        }
                        Proj::View(view)
                    }
                    other => other.clone(),
                })
                .collect(),
        }
    }

    fn code(&self, code: &Code, lane: usize) -> Code {
        let mut code = code.clone();
        self.rename(lane).visit_expr_mut(&mut code.expr);
        code.reads = code.reads.iter().map(|it| self.var(*it, lane)).collect();
        code
    }

    fn rename(&self, lane: usize) -> Rename {
        let names = self.wide.vars().map(|it| {
            let to = self.var(*it, lane);
            let from = self.program.var(*it).ident.to_string();
            (from, self.vars[to.0 as usize].ident.clone())
        });
        Rename {
            names: names.collect(),
        }
    }

    fn operand(&self, operand: &Operand, lane: usize) -> Operand {
        match operand {
            Operand::Place(place) => Operand::Place(self.place(place, lane)),
            Operand::Ref { place, mutable } => Operand::Ref {
                place: self.place(place, lane),
                mutable: *mutable,
            },
            Operand::Code(code) => Operand::Code(self.code(code, lane)),
            Operand::Lit(_) | Operand::Never | Operand::Unit => operand.clone(),
        }
    }

    fn op(&self, op: &Op, lane: usize) -> Op {
        if let Op::Code(code) = op {
            return Op::Code(self.code(code, lane));
        }
        let mut op = op.clone();
        for operand in op.operands_mut() {
            *operand = self.operand(operand, lane);
        }
        op
    }

    // === statements ===

    fn block(&mut self, block: &Block) -> Option<Block> {
        let mut stmts = Vec::new();
        for stmt in &block.stmts {
            self.stmt(stmt, &mut stmts)?;
        }
        Some(Block {
            id: 0,
            stmts,
            result: block.result.clone(),
        })
    }

    fn stmt(&mut self, stmt: &Stmt, out: &mut Vec<Stmt>) -> Option<()> {
        let mut emit = |kind| {
            out.push(Stmt {
                id: 0,
                kind,
                span: stmt.span,
            });
        };
        if let StmtKind::Let {
            var,
            ty,
            op: Op::Aggregate(Aggregate::Tuple, items),
        } = &stmt.kind
            && self.wide.results.contains(var)
        {
            let (array, kind) = self.paired(&items[0], &items[1], *var)?;
            emit(array);
            emit(StmtKind::Let {
                var: *var,
                ty: ty.clone(),
                op: kind,
            });
            return Some(());
        }
        let wide = written(&stmt.kind).iter().any(|it| self.wide.has(*it));
        if wide && stmt.kind.blocks().is_empty() {
            if operands(&stmt.kind).into_iter().any(|it| self.is_taken(it)) {
                return None;
            }
            for lane in 0..self.width {
                emit(self.in_lane(&stmt.kind, lane)?);
            }
            return Some(());
        }
        emit(stmt.kind.with_blocks(&mut |it, _| self.block(it))?);
        Some(())
    }

    /// Is an operand that has no lanes one that a statement can take only once: moved, or an expression with effects?
    fn is_taken(&self, operand: &Operand) -> bool {
        let place = match operand {
            Operand::Place(place) => place,
            // What may have an effect is evaluated once.
            Operand::Code(code) => return !code.again,
            _ => return false,
        };
        let info = self.program.var(place.root);
        let copied = info.reference
            || info.borrows
            || matches!(info.kind, VarKind::Index | VarKind::Counter)
            || crate::analysis::needs::operand_fact(self.program, operand) == Fact::Scalar;
        !copied && !self.wide.is_wide(operand)
    }

    /// The pair that the program returns: the value, and the tangents of the lanes.
    fn paired(
        &mut self,
        value: &Operand,
        tangent: &Operand,
        pair: VarId,
    ) -> Option<(StmtKind, Op)> {
        let number = crate::analysis::needs::operand_fact(self.program, tangent) == Fact::Scalar;
        if !self.wide.is_wide(tangent) && !number {
            return None;
        }
        let items = (0..self.width).map(|lane| self.operand(tangent, lane));
        let array = Op::Aggregate(Aggregate::Array, items.collect());
        let info = Var {
            ident: format_ident!(
                "{}_lanes",
                self.program.var(pair).ident,
                span = Span::mixed_site()
            ),
            ..self.program.var(pair).clone()
        };
        self.vars.push(info);
        let var = VarId(u32::try_from(self.vars.len() - 1).unwrap_or(u32::MAX));
        let op = Op::Aggregate(Aggregate::Tuple, vec![value.clone(), Operand::from(var)]);
        Some((
            StmtKind::Let {
                var,
                ty: None,
                op: array,
            },
            op,
        ))
    }

    /// A statement without blocks that writes what has lanes.
    fn in_lane(&self, kind: &StmtKind, lane: usize) -> Option<StmtKind> {
        Some(match kind {
            StmtKind::Let { var, ty, op } => StmtKind::Let {
                var: self.var(*var, lane),
                ty: ty.clone(),
                op: self.op(op, lane),
            },
            StmtKind::Declare { var, ty } => StmtKind::Declare {
                var: self.var(*var, lane),
                ty: ty.clone(),
            },
            StmtKind::Alias { var } => StmtKind::Alias {
                var: self.var(*var, lane),
            },
            StmtKind::Assign { place, op } => StmtKind::Assign {
                place: self.place(place, lane),
                op: self.op(op, lane),
            },
            StmtKind::Update { op, place, value } => StmtKind::Update {
                op: *op,
                place: self.place(place, lane),
                value: self.operand(value, lane),
            },
            StmtKind::Mutate(it) => StmtKind::Mutate(Mutate {
                place: self.place(&it.place, lane),
                args: it.args.iter().map(|it| self.operand(it, lane)).collect(),
                result: it.result.map(|it| self.var(it, lane)),
                ..it.clone()
            }),
            StmtKind::Views {
                pat,
                ty,
                init,
                vars,
            } => {
                let mut pat: Pat = pat.clone();
                self.rename(lane).visit_pat_mut(&mut pat);
                StmtKind::Views {
                    pat,
                    ty: ty.clone(),
                    init: self.code(init, lane),
                    vars: vars.iter().map(|it| self.var(*it, lane)).collect(),
                }
            }
            _ => return None,
        })
    }
}

/// Variables become those of a lane.
struct Rename {
    names: HashMap<String, Ident>,
}

impl Rename {
    fn rename(&self, ident: &mut Ident) {
        if let Some(to) = self.names.get(&ident.to_string()) {
            *ident = to.clone();
        }
    }
}

impl VisitMut for Rename {
    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        self.rename(&mut pat.ident);
    }
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        if let (Some(segment), None) = (path.path.segments.first_mut(), path.path.leading_colon) {
            self.rename(&mut segment.ident);
        }
    }
    visit_arguments_mut!();
}
