//! Stretches of buffers. Where each turn of an innermost loop has the next element of a buffer, the reverse of the loop
//! takes the stretch that its turns walk through out of the buffer before the first of them; then no turn checks a bound.
//! The stretch is there, since the forward half has gone through it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, RangeLimits};

use super::names;
use super::value::Cx;
use crate::analysis::mentions::only_numbers;
use crate::analysis::needs::place_fact;
use crate::analysis::{Cotangent, Storage, leaves_early, overwritten};
use crate::ir::{
    Block, By, Code, Fact, Loop, LoopKind, Op, Operand, Place, Proj, Stmt, StmtKind, VarId, VarKind,
};
use crate::lower::{mentions, unparen};

/// What the turns of a loop walk through.
pub(super) struct Cuts {
    scope: crate::ir::ScopeId,
    position: VarId,
    start: TokenStream,
    end: TokenStream,
    /// Does the forward half walk from the end to the start?
    backwards: bool,
    found: BTreeMap<(VarId, String), Cut>,
}

/// The elements of one buffer at one index.
struct Cut {
    index: Index,
    /// The number in the name.
    number: usize,
    /// May values be read from it, and are they?
    value: Option<bool>,
    /// May its cotangents be added to it, and are they?
    shadow: Option<bool>,
}

#[derive(Clone)]
enum Index {
    /// The position of the loop itself.
    Position,
    /// An expression that grows by one with this variable, the position or what each turn steps.
    Code(Code, VarId),
}

/// How a cut is added to.
pub(super) enum Into {
    /// An `Option` of the stretch.
    Parameter(Ident),
    /// The stretch.
    There(Ident),
}

impl Cuts {
    /// `inside`: the variables that are not the same in all turns.
    pub(super) fn of(cx: &Cx<'_>, it: &Loop, inside: &BTreeSet<VarId>) -> Option<Self> {
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
        let (position, start, end, backwards) = match &it.kind {
            LoopKind::Count { index, count } => (*index, quote!(0), cx.value(*count), false),
            LoopKind::Iter {
                vars,
                iter,
                reversible: true,
                ..
            } => {
                let [position] = vars[..] else { return None };
                let (mut range, mut backwards) = (unparen(&iter.expr), false);
                while let Expr::MethodCall(call) = range {
                    if call.method != "rev" {
                        return None;
                    }
                    backwards = !backwards;
                    range = unparen(&call.receiver);
                }
                let Expr::Range(range) = range else {
                    return None;
                };
                let (Some(start), Some(end), RangeLimits::HalfOpen(_)) =
                    (&range.start, &range.end, &range.limits)
                else {
                    return None;
                };
                // The compiler unrolls such a loop.
                if matches!((&**start, &**end), (Expr::Lit(_), Expr::Lit(_))) {
                    return None;
                }
                let bound = |expr: &Expr| {
                    cx.code(&Code {
                        expr: expr.clone(),
                        ..iter.clone()
                    })
                };
                (position, bound(start), bound(end), backwards)
            }
            LoopKind::Iter { .. } | LoopKind::While(_) | LoopKind::Forever => return None,
        };
        if cx.func.var(position).mutable {
            return None;
        }
        let mut find = Find {
            cx,
            position,
            inside,
            numbers: only_numbers(cx.func, it),
            steps: BTreeMap::new(),
            indices: BTreeMap::new(),
            cuts: BTreeMap::new(),
            behind: BTreeSet::new(),
            restored: BTreeSet::new(),
        };
        if !backwards {
            find.steps(&it.body);
        }
        find.block(&it.body, true);
        let found = find.finish(it);
        (!found.is_empty()).then_some(Cuts {
            scope: it.scope,
            position,
            start,
            end,
            backwards,
            found,
        })
    }

    fn cut(&mut self, place: &Place) -> Option<(&mut Cut, Ident)> {
        let proj = single(place)?;
        let cut = self.found.get_mut(&(place.root, key(proj)?))?;
        let name = names::cut(self.scope, cut.number);
        Some((cut, name))
    }

    /// The element of a stretch that a place is.
    pub(super) fn value(&mut self, place: &Place) -> Option<TokenStream> {
        let at = names::cut_at(self.scope);
        let (cut, name) = self.cut(place)?;
        cut.value.as_mut().map(|used| {
            *used = true;
            quote!(#name[#at])
        })
    }

    /// The stretch of cotangents in which that of a place lies, and the position there.
    pub(super) fn shadow(&mut self, cx: &Cx<'_>, place: &Place) -> Option<(Into, Ident)> {
        let at = names::cut_at(self.scope);
        let parameter = matches!(cx.func.var(place.root).kind, VarKind::Param { by: By::Ref });
        let (cut, name) = self.cut(place)?;
        let name = names::cotangent(&name);
        cut.shadow.as_mut().map(|used| {
            *used = true;
            let into = if parameter {
                Into::Parameter(name)
            } else {
                Into::There(name)
            };
            (into, at)
        })
    }

    /// The loop over the stretches that are used, if any is. `held_open`: the accumulators that are there.
    pub(super) fn around(
        &self,
        cx: &Cx<'_>,
        held_open: &BTreeSet<VarId>,
        body: &TokenStream,
    ) -> Option<TokenStream> {
        let rt = &cx.rt;
        let [turns, from] = names::cut_turns(self.scope);
        let mut cuts = TokenStream::new();
        for ((root, _), cut) in &self.found {
            let name = names::cut(self.scope, cut.number);
            let start = match &cut.index {
                Index::Position => from.to_token_stream(),
                Index::Code(code, var) => {
                    let (ident, index) = (cx.value(*var), cx.code(code));
                    let first = if *var == self.position {
                        from.to_token_stream()
                    } else {
                        quote!(#ident - #turns)
                    };
                    if matches!(code.expr, Expr::Path(_)) {
                        first
                    } else {
                        quote!({ let #ident = #first; #index })
                    }
                }
            };
            if cut.value == Some(true) {
                let buffer = buffer(cx, *root);
                cuts.extend(quote!(let #name = #rt::Buffer(&#buffer).ad_stretch(#start, #turns);));
            }
            if cut.shadow == Some(true) {
                let d = names::cotangent(&cx.reverse_ident(*root));
                let name = names::cotangent(&name);
                let stretch = |buffer| quote!(#rt::BufferMut(#buffer).ad_stretch(#start, #turns));
                let stretch = match cx.func.var(*root).kind {
                    VarKind::Param { by: By::Ref } => stretch(quote!(#d.as_deref_mut())),
                    VarKind::Param { by: By::Mut } => {
                        let stretch = stretch(quote!(::core::option::Option::Some(&mut *#d)));
                        quote!(#rt::some(#stretch))
                    }
                    _ => {
                        let there = if held_open.contains(root) {
                            let open = names::open(&d);
                            quote!(&mut *#open)
                        } else {
                            let zero = cx.present_zero(*root);
                            quote!(#rt::Slot::or_zero(&mut #d, || #zero))
                        };
                        let stretch = stretch(quote!(::core::option::Option::Some(#there)));
                        quote!(#rt::some(#stretch))
                    }
                };
                cuts.extend(quote!(let mut #name = #stretch;));
            }
        }
        if cuts.is_empty() {
            return None;
        }
        let (start, end) = (&self.start, &self.end);
        let (at, position) = (names::cut_at(self.scope), cx.ident(self.position));
        let order = if self.backwards {
            quote!(0..#turns)
        } else {
            quote!(::core::iter::Iterator::rev(0..#turns))
        };
        Some(quote!({
            let #from = #start;
            let #turns = #rt::turns(&(#from..#end));
            if #turns > 0 {
                #cuts
                for #at in #order {
                    let #position = #from + #at;
                    #body
                }
            }
        }))
    }
}

/// A buffer itself, in the reverse half.
fn buffer(cx: &Cx<'_>, root: VarId) -> TokenStream {
    let value = cx.value(root);
    match cx.func.var(root).kind {
        VarKind::Param { by } if by != By::Value => quote!((*#value)),
        _ => value,
    }
}

/// The one step of a place to an element of its root.
fn single(place: &Place) -> Option<&Proj> {
    let mut way = place.proj.iter().filter(|it| !matches!(it, Proj::Deref));
    match (way.next(), way.next()) {
        (Some(proj), None) => Some(proj),
        _ => None,
    }
}

/// What tells one index from another.
fn key(proj: &Proj) -> Option<String> {
    match proj {
        Proj::Elem(var) => Some(format!("element {}", var.0)),
        Proj::Index(code) => Some(code.expr.to_token_stream().to_string()),
        _ => None,
    }
}

/// What is found in the body of a loop.
struct Find<'a> {
    cx: &'a Cx<'a>,
    position: VarId,
    inside: &'a BTreeSet<VarId>,
    /// The buffers of which the loop names numbers alone.
    numbers: BTreeSet<VarId>,
    /// Integers that each turn steps by one, and the statement that does.
    steps: BTreeMap<VarId, u32>,
    /// By buffer: all indices by which it is named.
    indices: BTreeMap<VarId, BTreeSet<String>>,
    /// What each turn names.
    cuts: BTreeMap<(VarId, String), Index>,
    /// What is named behind a step of its index, where the same index is another element.
    behind: BTreeSet<(VarId, String)>,
    /// The buffers of which values are put back.
    restored: BTreeSet<VarId>,
}

impl Find<'_> {
    fn steps(&mut self, body: &Block) {
        for stmt in &body.stmts {
            if let StmtKind::Update {
                op: syn::BinOp::AddAssign(_),
                place,
                value: Operand::Lit(value) | Operand::Code(Code { expr: value, .. }),
            } = &stmt.kind
                && self.cx.facts.undone.contains(&stmt.id)
                && value.to_token_stream().to_string() == "1"
            {
                self.steps.insert(place.root, stmt.id);
            }
        }
        let mut written: BTreeMap<VarId, usize> = BTreeMap::new();
        body.walk(&mut |stmt| {
            for var in overwritten(&self.cx.func.vars, &stmt.kind) {
                *written.entry(var).or_default() += 1;
            }
        });
        self.steps.retain(|var, _| written.get(var) == Some(&1));
    }

    fn block(&mut self, block: &Block, always: bool) {
        for stmt in &block.stmts {
            self.stmt(stmt, always);
            for inner in stmt.kind.blocks() {
                self.block(inner, false);
            }
        }
        if let Some(result) = &block.result {
            self.operand(result, u32::MAX, false);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, always: bool) {
        if self.cx.facts.restores.contains(&stmt.id) {
            self.restored
                .extend(overwritten(&self.cx.func.vars, &stmt.kind));
        }
        match &stmt.kind {
            StmtKind::Let { op, .. } => self.op(op, stmt.id, always),
            StmtKind::Assign { place, op } => {
                self.op(op, stmt.id, always);
                self.place(place, stmt.id, always);
            }
            StmtKind::Update { place, value, .. } => {
                self.operand(value, stmt.id, always);
                self.place(place, stmt.id, always);
            }
            _ => {}
        }
    }

    fn op(&mut self, op: &Op, stmt: u32, always: bool) {
        for operand in op.operands() {
            self.operand(operand, stmt, always);
        }
    }

    fn operand(&mut self, operand: &Operand, stmt: u32, always: bool) {
        if let Some(place) = operand.place() {
            self.place(place, stmt, always);
        }
    }

    fn place(&mut self, place: &Place, stmt: u32, always: bool) {
        let (root, way) = crate::ir::way(&self.cx.func.vars, place);
        let whole = Place { root, proj: way };
        let Some(found) = single(&whole).and_then(|it| Some((it, key(it)?))) else {
            self.numbers.remove(&root);
            return;
        };
        let (proj, key) = found;
        self.indices.entry(root).or_default().insert(key.clone());
        if let Proj::Index(code) = proj
            && code
                .reads
                .iter()
                .any(|it| self.steps.get(it).is_some_and(|step| stmt > *step))
        {
            self.behind.insert((root, key.clone()));
        }
        if !always || place_fact(self.cx.func, place) != Fact::Scalar {
            return;
        }
        let index = match proj {
            Proj::Elem(var) if *var == self.position => Index::Position,
            Proj::Index(code) => match self.walks(code, stmt) {
                Some(var) => Index::Code(code.clone(), var),
                None => return,
            },
            _ => return,
        };
        self.cuts.insert((root, key), index);
    }

    /// The variable with which an index grows by one from turn to turn.
    fn walks(&self, code: &Code, stmt: u32) -> Option<VarId> {
        let mut walking = code.reads.iter().filter(|it| {
            **it == self.position || self.inside.contains(it) || self.steps.contains_key(it)
        });
        let (Some(var), None) = (walking.next(), walking.next()) else {
            return None;
        };
        let known = *var == self.position || self.steps.get(var).is_some_and(|step| stmt < *step);
        (known && grows(&code.expr, self.cx.ident(*var))).then_some(*var)
    }

    fn finish(self, it: &Loop) -> BTreeMap<(VarId, String), Cut> {
        let cx = self.cx;
        let first = it.body.stmts.first().map_or(u32::MAX, |it| it.id);
        let mut found = BTreeMap::new();
        for (number, ((root, key), index)) in self.cuts.into_iter().enumerate() {
            let (info, facts) = (cx.func.var(root), cx.facts.var(root));
            let parameter = matches!(info.kind, VarKind::Param { by } if by != By::Value);
            let local = !parameter
                && matches!(info.kind, VarKind::Local | VarKind::Param { .. })
                && !info.borrows
                && facts.home.from < first;
            let behind = self.behind.contains(&(root, key.clone()));
            if !(parameter || local && info.fact == Fact::Scalars) || info.boxed || behind {
                continue;
            }
            let there = !matches!(facts.storage, Storage::Unneeded | Storage::SaveIfDefined);
            let value = there && !self.restored.contains(&root);
            let alone = self.numbers.contains(&root) && self.indices[&root].len() == 1;
            let shadow = alone
                && facts.useful.is_some()
                && (parameter || facts.cotangent == Cotangent::Slot && !cx.is_scalar(root));
            found.insert(
                (root, key),
                Cut {
                    index,
                    number,
                    value: value.then_some(false),
                    shadow: shadow.then_some(false),
                },
            );
        }
        found
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
