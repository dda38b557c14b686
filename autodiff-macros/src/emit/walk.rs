//! Innermost loops that walk through a range of positions, and the elements of buffers that they come by.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, RangeLimits};

use super::value::{Cx, Half};
use crate::analysis::{leaves_early, overwritten, range_of};
use crate::ir::{Block, Code, Loop, LoopKind, Op, Operand, Place, Proj, Stmt, StmtKind, VarId};
use crate::lower::{mentions, unparen};

/// How a loop walks.
pub(super) struct Walk<'a> {
    pub(super) position: VarId,
    bounds: Bounds<'a>,
    /// From the end to the start?
    pub(super) backwards: bool,
    /// The variables that are not the same in all turns.
    inside: BTreeSet<VarId>,
    /// Integers that each turn steps by one, and the statement that does.
    pub(super) steps: BTreeMap<VarId, u32>,
}

enum Bounds<'a> {
    /// From zero to a number that has been counted.
    Count(VarId),
    Range {
        start: &'a Expr,
        end: &'a Expr,
        code: &'a Code,
    },
}

impl<'a> Walk<'a> {
    /// `inside`: the variables that are not the same in all turns.
    pub(super) fn of(cx: &Cx<'_>, it: &'a Loop, inside: &BTreeSet<VarId>) -> Option<Self> {
        let mut simple = !leaves_early(it);
        it.body.walk(&mut |stmt| {
            simple &= !matches!(stmt.kind, StmtKind::Loop(_))
                && !stmt
                    .kind
                    .exit()
                    .is_some_and(|exit| exit.leaves.contains(&it.scope));
        });
        if !simple {
            return None;
        }
        let (position, bounds, backwards) = match &it.kind {
            LoopKind::Count { index, count } => (*index, Bounds::Count(*count), false),
            LoopKind::Iter {
                vars,
                iter,
                reversible: true,
                ..
            } => {
                let [position] = vars[..] else { return None };
                let (range, adaptors) = range_of(&iter.expr)?;
                if adaptors.iter().any(|it| *it != "rev") {
                    return None;
                }
                let backwards = adaptors.len() % 2 == 1;
                let (Some(start), Some(end), RangeLimits::HalfOpen(_)) =
                    (&range.start, &range.end, &range.limits)
                else {
                    return None;
                };
                // The compiler unrolls such a loop.
                if matches!((&**start, &**end), (Expr::Lit(_), Expr::Lit(_))) {
                    return None;
                }
                let code = iter;
                (position, Bounds::Range { start, end, code }, backwards)
            }
            LoopKind::Iter { .. } | LoopKind::While(_) | LoopKind::Forever => return None,
        };
        if cx.func.var(position).mutable {
            return None;
        }
        let mut walk = Walk {
            position,
            bounds,
            backwards,
            inside: inside.clone(),
            steps: BTreeMap::new(),
        };
        if !backwards {
            walk.find_steps(cx, &it.body);
        }
        Some(walk)
    }

    fn find_steps(&mut self, cx: &Cx<'_>, body: &Block) {
        for stmt in &body.stmts {
            if let StmtKind::Update {
                op: syn::BinOp::AddAssign(_),
                place,
                value: Operand::Lit(value) | Operand::Code(Code { expr: value, .. }),
            } = &stmt.kind
                && cx.facts.undone.contains(&stmt.id)
                && value.to_token_stream().to_string() == "1"
            {
                self.steps.insert(place.root, stmt.id);
            }
        }
        let mut written: BTreeMap<VarId, usize> = BTreeMap::new();
        body.walk(&mut |stmt| {
            for var in overwritten(&cx.func.vars, &stmt.kind) {
                *written.entry(var).or_default() += 1;
            }
        });
        self.steps.retain(|var, _| written.get(var) == Some(&1));
    }

    /// The least position and the one behind the greatest.
    pub(super) fn bounds(&self, cx: &Cx<'_>, half: Half) -> (TokenStream, TokenStream) {
        match &self.bounds {
            Bounds::Count(count) => {
                let count = match half {
                    Half::Forward => cx.ident(*count).to_token_stream(),
                    Half::Reverse => cx.value(*count),
                };
                (quote!(0), count)
            }
            Bounds::Range { start, end, code } => {
                let bound = |expr: &Expr| match half {
                    Half::Forward => expr.to_token_stream(),
                    Half::Reverse => cx.code(&Code {
                        expr: expr.clone(),
                        ..(*code).clone()
                    }),
                };
                (bound(start), bound(end))
            }
        }
    }

    /// May a variable have another value in the next turn?
    pub(super) fn changes(&self, var: VarId) -> bool {
        var == self.position || self.inside.contains(&var) || self.steps.contains_key(&var)
    }

    /// The element that a place is in all turns, if that is known: `stmt` names it.
    pub(super) fn index(&self, cx: &Cx<'_>, element: &Element<'_>, stmt: u32) -> Option<Index> {
        let mut moved = element.parts.iter().flat_map(|it| &it.reads);
        if moved.any(|it| self.changes(*it)) {
            return None;
        }
        match element.index {
            Proj::Elem(var) if *var == self.position => Some(Index::Position),
            Proj::Elem(var) if !self.changes(*var) => Some(Index::Same),
            Proj::Index(code) => {
                let mut walking = code.reads.iter().filter(|it| self.changes(**it));
                match (walking.next(), walking.next()) {
                    (None, _) => Some(Index::Same),
                    (Some(var), None) => {
                        let step = self.steps.get(var).is_some_and(|step| stmt < *step);
                        ((*var == self.position || step) && grows(&code.expr, cx.ident(*var)))
                            .then(|| Index::Code(code.clone(), *var))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Walk<'_> {
    /// May the turns be reversed in any order? They may where none has anything to do with another: what the loop writes
    /// is an element of its own in each turn, or a sum that nothing else in the loop reads, and nothing is put back.
    pub(super) fn any_order(&self, cx: &Cx<'_>, it: &Loop) -> bool {
        let mut names = Names {
            walk: self,
            cx,
            first: it.body.stmts.first().map_or(u32::MAX, |it| it.id),
            known: true,
            keys: BTreeMap::new(),
            read: BTreeSet::new(),
            added: BTreeSet::new(),
            written: BTreeSet::new(),
        };
        names.block(&it.body);
        let own = |root: &VarId| names.keys.get(root).is_some_and(|it| it.len() == 1);
        let sum = |root: &VarId| !names.read.contains(root) && !names.written.contains(root);
        names.known
            && names.written.iter().all(own)
            && names.added.iter().all(|it| own(it) || sum(it))
    }
}

/// How the body of a loop names what is declared outside of it.
struct Names<'a> {
    walk: &'a Walk<'a>,
    cx: &'a Cx<'a>,
    /// The first statement of the body.
    first: u32,
    /// Are all statements of kinds that are looked at here?
    known: bool,
    /// By variable: all ways in which it is named; those that are no element of each turn's own are told apart.
    keys: BTreeMap<VarId, BTreeSet<String>>,
    /// Variables that are operands.
    read: BTreeSet<VarId>,
    /// Variables that are added to.
    added: BTreeSet<VarId>,
    /// Variables that are written in another way.
    written: BTreeSet<VarId>,
}

impl Names<'_> {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        if let Some(result) = &block.result {
            self.operand(result, u32::MAX);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let (cx, id) = (self.cx, stmt.id);
        self.known &= !cx.restores(id) && !cx.facts.logs.contains_key(&id);
        match &stmt.kind {
            StmtKind::Let { op, .. } => self.op(op, id),
            StmtKind::Assign { place, op } => {
                self.op(op, id);
                self.target(place, id, matches!(op, Op::SumStep(_)));
            }
            StmtKind::Update { op, place, value } => {
                if cx.facts.undone.contains(&id) {
                    self.known &= self.walk.steps.get(&place.root) == Some(&id);
                    return;
                }
                self.operand(value, id);
                let adds = matches!(op, syn::BinOp::AddAssign(_) | syn::BinOp::SubAssign(_));
                self.target(place, id, adds);
            }
            StmtKind::If { .. } | StmtKind::Match { .. } => {
                // What a pattern binds is read where it stands.
                if let StmtKind::Match { arms, .. } = &stmt.kind {
                    let bindings = arms.iter().flat_map(|it| &it.bindings);
                    for source in bindings.filter_map(|it| it.source.as_ref()) {
                        let root = self.name(source, id);
                        self.read.insert(root);
                    }
                }
                for block in stmt.kind.blocks() {
                    self.block(block);
                }
            }
            StmtKind::Alias { .. } | StmtKind::Declare { .. } => {}
            StmtKind::Opaque { mutates, .. } => self.known &= mutates.is_empty(),
            _ => self.known = false,
        }
    }

    fn op(&mut self, op: &Op, stmt: u32) {
        self.known &= !matches!(op, Op::Call(_) | Op::Build(_));
        for operand in op.operands() {
            self.operand(operand, stmt);
        }
    }

    fn operand(&mut self, operand: &Operand, stmt: u32) {
        if let Some(place) = operand.place() {
            let root = self.name(place, stmt);
            self.read.insert(root);
        }
    }

    fn target(&mut self, place: &Place, stmt: u32, adds: bool) {
        let root = self.name(place, stmt);
        if self.cx.facts.var(root).home.from >= self.first {
            return;
        }
        if adds {
            self.added.insert(root);
        } else {
            self.written.insert(root);
        }
    }

    fn name(&mut self, place: &Place, stmt: u32) -> VarId {
        let (root, way) = crate::ir::way(&self.cx.func.vars, place);
        let keys = self.keys.entry(root).or_default();
        let element = Element::at(&way);
        let index = element
            .as_ref()
            .and_then(|it| self.walk.index(self.cx, it, stmt));
        match (element, index) {
            (Some(element), Some(Index::Position | Index::Code(..))) => {
                keys.insert(element.key());
            }
            // Not one element, so that it counts as two names.
            _ => keys.extend(["one".to_owned(), "another".to_owned()]),
        }
        root
    }
}

/// Which element each turn has.
pub(super) enum Index {
    /// That at the position of the loop.
    Position,
    /// An expression that grows by one with this variable, the position or what each turn steps.
    Code(Code, VarId),
    /// The same in all turns.
    Same,
}

/// The way from a buffer to one of its elements: parts that begin somewhere in the one before, and an index.
pub(super) struct Element<'a> {
    parts: Vec<&'a Code>,
    pub(super) index: &'a Proj,
}

impl<'a> Element<'a> {
    pub(super) fn at(way: &'a [Proj]) -> Option<Self> {
        let mut way = way.iter().filter(|it| !matches!(it, Proj::Deref));
        let index = way.next_back()?;
        let one = match index {
            Proj::Elem(_) => true,
            Proj::Index(code) => !matches!(unparen(&code.expr), Expr::Range(_)),
            _ => false,
        };
        let parts: Option<Vec<&Code>> = way
            .map(|it| match it {
                Proj::Index(code) if matches!(unparen(&code.expr), Expr::Range(_)) => Some(code),
                _ => None,
            })
            .collect();
        parts.filter(|_| one).map(|parts| Element { parts, index })
    }

    /// What tells one element from another.
    pub(super) fn key(&self) -> String {
        let parts = self
            .parts
            .iter()
            .map(|it| it.expr.to_token_stream().to_string());
        let index = match self.index {
            Proj::Elem(var) => format!("element {}", var.0),
            Proj::Index(code) => code.expr.to_token_stream().to_string(),
            _ => unreachable!("an element has an index"),
        };
        parts.chain([index]).collect::<Vec<_>>().join(", ")
    }

    /// Where the parts begin.
    pub(super) fn starts(&self) -> Vec<Code> {
        let starts = self
            .parts
            .iter()
            .filter_map(|code| match unparen(&code.expr) {
                Expr::Range(range) => range.start.as_ref().map(|start| Code {
                    expr: (**start).clone(),
                    ..(*code).clone()
                }),
                _ => None,
            });
        starts.collect()
    }

    /// May the place be found again?
    pub(super) fn is_found_again(&self) -> bool {
        let index = match self.index {
            Proj::Index(code) => code.again,
            _ => true,
        };
        index && self.parts.iter().all(|it| it.again)
    }

    /// The variables that it is found by.
    pub(super) fn reads(&self) -> impl Iterator<Item = VarId> {
        let index = match self.index {
            Proj::Index(code) => code.reads.clone(),
            Proj::Elem(var) => vec![*var],
            _ => Vec::new(),
        };
        let parts = self.parts.iter().flat_map(|it| it.reads.iter().copied());
        parts.chain(index)
    }
}

/// Does an index grow by one with this variable?
fn grows(expr: &Expr, ident: &Ident) -> bool {
    match unparen(expr) {
        Expr::Path(it) => it.path.is_ident(ident),
        Expr::Binary(it) => {
            let (left, right) = (mentions(&it.left, ident), mentions(&it.right, ident));
            match it.op {
                syn::BinOp::Add(_) if left != right => {
                    grows(if left { &it.left } else { &it.right }, ident)
                }
                syn::BinOp::Sub(_) if left && !right => grows(&it.left, ident),
                _ => false,
            }
        }
        _ => false,
    }
}
