//! Values and places of the reverse half.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Member};

use super::cuts::Cuts;
use super::ranges::{Range, is_plain};
use super::{names, ours};
use crate::analysis::needs::{operand_fact, place_fact};
use crate::analysis::{Cotangent, Facts, Storage};
use crate::arguments::visit_arguments_mut;
use crate::ir::project::project;
use crate::ir::{
    Aggregate, By, Code, Fact, Func, Loop, LoopKind, Op, Operand, Place, Proj, ScopeId, StmtKind,
    VarId, VarKind,
};
use crate::options::Options;

/// So many records of a loop are kept in an array, on the stack; loops in loops multiply them.
const FEW_TURNS: usize = 4;

/// Which half of the pair tokens are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Forward,
    Reverse,
}

/// Which derivatives a function has, and those that it calls must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    First,
    Forward,
    Order(u32),
}

impl Due {
    pub(super) fn of(options: &Options) -> Due {
        match (options.order, options.forward) {
            (2.., _) => Due::Order(options.order),
            (_, true) => Due::Forward,
            _ => Due::First,
        }
    }

    /// The claim that a function has them.
    pub(super) fn claim(self, rt: &TokenStream, of: &Ident) -> TokenStream {
        match self {
            Due::First => quote!(let _ = #rt::derived::<#of>;),
            Due::Forward => quote!(let _ = #rt::derived_forward::<#of>;),
            Due::Order(2) => quote!(let _ = #rt::derived_twice::<#of>;),
            Due::Order(order) => quote!(let _ = #rt::derived_often::<#of, #order>;),
        }
    }

    /// What says so of a namespace.
    pub(super) fn said(self, rt: &TokenStream, of: &Ident) -> TokenStream {
        let has = match self {
            Due::First => quote!(#rt::Backward),
            Due::Forward => quote!(#rt::Forward),
            Due::Order(order) => quote!(#rt::Order<#order>),
        };
        quote!(
            #[doc(hidden)]
            impl #rt::Namespace for #of {
                type Has = #has;
            }
        )
    }
}

/// What every part of the emitter reads.
pub(super) struct Cx<'a> {
    pub(super) func: &'a Func,
    pub(super) facts: &'a Facts,
    /// The path of the runtime that generated code names.
    pub(super) rt: TokenStream,
    /// What a function that is called must have.
    pub(super) due: Due,
    /// What says whether the function itself has an error of types.
    pub(super) typed: Option<TokenStream>,
    /// The namespace of the function, if that is not called as the function is.
    pub(super) namespace: Option<Ident>,
    /// Are source lines wanted as comments?
    dump: bool,
    /// The variables by name.
    vars: BTreeMap<String, VarId>,
    /// The stretches of the innermost loop that is being reversed.
    pub(super) cuts: RefCell<Option<Cuts>>,
    /// By innermost loop: the ranges that are saved before it.
    pub(super) ranges: BTreeMap<ScopeId, Vec<Range>>,
    /// The statements that overwrite them.
    in_range: BTreeSet<u32>,
    /// Variables that hold what was computed, not what was somewhere before.
    computed: BTreeSet<VarId>,
    /// Variables of which a call is given a part in a field: the type of their tangent tells whether that has one.
    asked: BTreeSet<VarId>,
}

impl<'a> Cx<'a> {
    pub(super) fn new(options: &Options, func: &'a Func, facts: &'a Facts) -> Self {
        let krate = &options.krate;
        let mut cx = Cx {
            func,
            facts,
            rt: quote!(#krate::__private),
            due: Due::of(options),
            typed: super::typed::answer(options),
            namespace: options.name.clone(),
            dump: super::dump::wanted(options),
            vars: (0..)
                .map(VarId)
                .zip(&func.vars)
                .map(|(at, var)| (var.ident.to_string(), at))
                .collect(),
            cuts: RefCell::new(None),
            ranges: BTreeMap::new(),
            in_range: BTreeSet::new(),
            computed: BTreeSet::new(),
            asked: BTreeSet::new(),
        };
        let (mut ranges, mut computed) = (BTreeMap::new(), BTreeSet::new());
        func.body.walk(&mut |stmt| match &stmt.kind {
            StmtKind::Loop(it) => {
                ranges.insert(it.scope, Range::of(&cx, it));
            }
            StmtKind::Let { var, op, .. } if computes(op) => {
                computed.insert(*var);
            }
            _ => {}
        });
        cx.computed = computed;
        cx.asked = cx.asked();
        ranges.retain(|_, it| !it.is_empty());
        cx.in_range = ranges.values().flatten().map(|it| it.stmt).collect();
        cx.ranges = ranges;
        cx
    }

    fn asked(&self) -> BTreeSet<VarId> {
        let mut asked = BTreeSet::new();
        self.func.body.walk(&mut |stmt| {
            let Some(call) = crate::analysis::called(&stmt.kind) else {
                return;
            };
            let count = call.primal().map(|it| it.args.len());
            for (at, arg) in call.args.iter().enumerate() {
                // A tangent program is told of the tangents that it is given.
                let dot = count.and_then(|it| call.args.get(at + it));
                let given = self.varies(arg) || dot.is_some_and(|it| !matches!(it, Operand::Never));
                let place = arg.place().filter(|_| given);
                if let Some(place) = place.filter(|it| crate::ir::behind_field(&self.func.vars, it))
                {
                    asked.insert(crate::ir::way(&self.func.vars, place).0);
                }
            }
        });
        asked
    }

    /// Was the value made by an operation or is it of a type that tokens show, so that it is not what was in a part of
    /// another value?
    pub(super) fn is_computed(&self, value: &Operand) -> bool {
        let computed = |it: &Place| it.proj.is_empty() && self.computed.contains(&it.root);
        operand_fact(self.func, value) != Fact::Unknown || value.place().is_some_and(computed)
    }

    /// The members of a literal with `..base` that may be lists of other lengths than `base` has there.
    pub(super) fn resized<'k>(&self, kind: &'k Aggregate, items: &[Operand]) -> Vec<&'k Member> {
        match (kind, items.last()) {
            (Aggregate::Struct { members, .. }, Some(base))
                if items.len() > members.len() && self.active(base) =>
            {
                let scalar = |it| operand_fact(self.func, it) == Fact::Scalar;
                let given = members.iter().zip(items);
                given
                    .filter(|(_, item)| !scalar(item))
                    .map(|(member, _)| member)
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Does a statement save and restore what it overwrites?
    pub(super) fn restores(&self, stmt: u32) -> bool {
        self.facts.restores.contains(&stmt) && !self.in_range.contains(&stmt)
    }

    /// The variables that are not the same in all turns of a loop.
    pub(super) fn inside(&self, it: &Loop) -> BTreeSet<VarId> {
        let func = self.func;
        let mut inside = BTreeSet::new();
        let (mut first, mut last) = (u32::MAX, 0);
        it.body.walk(&mut |stmt| {
            (first, last) = (first.min(stmt.id), last.max(stmt.id));
            inside.extend(crate::analysis::overwritten(&func.vars, &stmt.kind));
            inside.extend(crate::analysis::lent(&func.vars, &stmt.kind));
        });
        inside.extend((0..).map(VarId).take(func.vars.len()).filter(|it| {
            let from = self.facts.var(*it).home.from;
            first <= from && from <= last
        }));
        inside
    }

    /// The source line of a statement, for a dump.
    pub(super) fn comment(&self, span: proc_macro2::Span, half: &str) -> TokenStream {
        if self.dump {
            super::dump::comment(span, half)
        } else {
            TokenStream::new()
        }
    }

    pub(super) fn ident(&self, var: VarId) -> &Ident {
        &self.func.var(var).ident
    }

    pub(super) fn is_scalar(&self, var: VarId) -> bool {
        self.func.var(var).fact == Fact::Scalar
    }

    pub(super) fn useful(&self, var: VarId) -> bool {
        self.facts.var(var).useful.is_some()
    }

    pub(super) fn root(&self, place: &Place) -> VarId {
        crate::analysis::cotangent_root(self.func, place)
    }

    /// Is the place a variable as a whole?
    pub(super) fn is_whole(&self, place: &Place) -> bool {
        place.proj.is_empty()
            && match &self.func.var(place.root).kind {
                VarKind::Alias { .. } => false,
                VarKind::Param { by } => *by == By::Value,
                VarKind::Local | VarKind::Index | VarKind::Counter => true,
            }
    }

    /// Is the place a buffer of numbers that can be saved on the stack of words?
    pub(super) fn is_buffer(&self, place: &Place) -> bool {
        place_fact(self.func, place) == Fact::Scalars
            && !self.is_view(place)
            && is_plain(self, place.root)
    }

    /// Is the place a view of a matrix?
    pub(super) fn is_view(&self, place: &Place) -> bool {
        crate::ir::is_view(&self.func.vars, place)
    }

    /// Must an assignment to a part save the shape of what it overwrites? Not for a number, nor where the old value is
    /// restored before its shape is wanted.
    pub(super) fn takes_zero_before(&self, stmt: u32, place: &Place) -> bool {
        self.useful(self.root(place))
            && !self.restores(stmt)
            && place_fact(self.func, place) != Fact::Scalar
    }

    /// Does the operand get a contribution?
    pub(super) fn active(&self, operand: &Operand) -> bool {
        operand.place().is_some_and(|it| self.useful(self.root(it)))
    }

    /// May the operand depend on an active parameter?
    pub(super) fn varies(&self, operand: &Operand) -> bool {
        operand
            .place()
            .is_some_and(|it| self.func.var(self.root(it)).active)
    }

    /// Is this a saved value without derivative that may be a reference?
    pub(super) fn is_held(&self, var: VarId) -> bool {
        let info = self.func.var(var);
        info.borrows
            && !info.active
            && !info.mutable
            && matches!(info.kind, VarKind::Local)
            && matches!(
                self.facts.var(var).storage,
                Storage::Save | Storage::SaveIfDefined
            )
            && !self.facts.var(var).needed.is_empty()
    }

    /// Is this a reference of which an owned copy is kept?
    fn is_kept_reference(&self, var: VarId) -> bool {
        let info = self.func.var(var);
        info.reference && info.borrows && info.active && matches!(info.kind, VarKind::Local)
    }

    /// The variable of this name, if it is one of the function's.
    pub(super) fn named(&self, ident: &Ident) -> Option<VarId> {
        self.vars.get(&ident.to_string()).copied()
    }

    /// The variable of this name is held.
    pub(super) fn is_held_ident(&self, ident: &Ident) -> bool {
        self.named(ident).is_some_and(|it| self.is_held(it))
    }

    /// The name of a variable in the reverse half, where `self` is an ordinary parameter.
    pub(super) fn reverse_ident(&self, var: VarId) -> Ident {
        let ident = self.ident(var);
        if ident == "self" {
            ours("__this")
        } else {
            ident.clone()
        }
    }

    /// The value of a variable in the reverse half.
    pub(super) fn value(&self, var: VarId) -> TokenStream {
        match &self.func.var(var).kind {
            VarKind::Alias { place, depth, .. } => {
                let place = self.place_value(place);
                match depth {
                    0 => place,
                    1 => quote!((&#place)),
                    _ => quote!((&&#place)),
                }
            }
            _ => match self.facts.var(var).storage {
                Storage::SaveIfDefined => {
                    let (rt, kept) = (&self.rt, names::kept(self.ident(var)));
                    if self.is_held(var) {
                        quote!(#rt::some_ref(&#kept).ad_get())
                    } else if self.is_kept_reference(var) {
                        quote!(#rt::some_ref(&#kept))
                    } else {
                        quote!((*#rt::some_ref(&#kept)))
                    }
                }
                Storage::Save if self.is_held(var) => {
                    let ident = self.ident(var);
                    quote!(#ident.ad_get())
                }
                Storage::Save if self.is_kept_reference(var) => {
                    let ident = self.ident(var);
                    quote!((&#ident))
                }
                _ => self.reverse_ident(var).into_token_stream(),
            },
        }
    }

    /// The variable, to be written, in the reverse half.
    pub(super) fn value_mut(&self, var: VarId) -> TokenStream {
        if let VarKind::Alias { place, depth, .. } = &self.func.var(var).kind {
            let place = self.place_mut(place);
            return if *depth == 0 {
                place
            } else {
                quote!((&mut #place))
            };
        }
        match self.facts.var(var).storage {
            Storage::SaveIfDefined => {
                let (rt, kept) = (&self.rt, names::kept(self.ident(var)));
                quote!((*#rt::some_mut(&mut #kept)))
            }
            _ => self.reverse_ident(var).into_token_stream(),
        }
    }

    /// A buffer whose elements are logged.
    pub(super) fn whole(&self, buffer: VarId, half: Half) -> TokenStream {
        let value = match half {
            Half::Forward => self.ident(buffer).to_token_stream(),
            Half::Reverse => self.value_mut(buffer),
        };
        match self.by(buffer) {
            Some(By::Mut) => quote!((*#value)),
            _ => value,
        }
    }

    /// How many turns a loop makes, if that is a small number that is written down: its records are an array then.
    pub(super) fn few_turns(it: &Loop) -> Option<usize> {
        let LoopKind::Iter {
            iter,
            reversible: true,
            ..
        } = &it.kind
        else {
            return None;
        };
        let Expr::Range(syn::ExprRange {
            start: Some(start),
            end: Some(end),
            limits: syn::RangeLimits::HalfOpen(_),
            ..
        }) = &iter.expr
        else {
            return None;
        };
        let number = |expr: &Expr| match expr {
            Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Int(it),
                ..
            }) => it.base10_parse::<usize>().ok(),
            _ => None,
        };
        let turns = number(end)?.checked_sub(number(start)?)?;
        (turns <= FEW_TURNS && !crate::analysis::leaves_early(it)).then_some(turns)
    }

    /// How many turns a loop makes at most, if it has no other inside and its writes to a buffer are logged as a group.
    pub(super) fn turns_of_group(&self, it: &Loop, half: Half) -> Option<TokenStream> {
        let mut inner = false;
        it.body.walk(&mut |stmt| {
            inner |= matches!(stmt.kind, StmtKind::Loop(_))
                || matches!(
                    stmt.kind,
                    StmtKind::Let {
                        op: Op::Build(_),
                        ..
                    } | StmtKind::Assign {
                        op: Op::Build(_),
                        ..
                    }
                );
        });
        if inner || self.logged(it).is_empty() {
            return None;
        }
        match &it.kind {
            LoopKind::Count { count, .. } => Some(match half {
                Half::Forward => self.ident(*count).to_token_stream(),
                Half::Reverse => self.value(*count),
            }),
            LoopKind::Iter {
                iter,
                reversible: true,
                ..
            } if matches!(iter.expr, Expr::Range(_)) => {
                let rt = &self.rt;
                let range = match half {
                    Half::Forward => iter.expr.to_token_stream(),
                    Half::Reverse => self.code(iter),
                };
                Some(quote!(#rt::turns(&(#range))))
            }
            LoopKind::Iter { .. } | LoopKind::While(_) | LoopKind::Forever => None,
        }
    }

    /// The buffers that a loop logs, each with the number of statements that write it.
    pub(super) fn logged(&self, it: &Loop) -> BTreeMap<VarId, usize> {
        let mut found = BTreeMap::new();
        it.body.walk(&mut |stmt| {
            if let Some(buffer) = self.facts.logs.get(&stmt.id) {
                *found.entry(*buffer).or_default() += 1;
            }
        });
        found
    }

    /// A place in the reverse half, to be read.
    pub(super) fn place_value(&self, place: &Place) -> TokenStream {
        let cut = self
            .cuts
            .borrow_mut()
            .as_mut()
            .and_then(|it| it.value(self, place));
        if let Some(element) = cut {
            return element;
        }
        place
            .proj
            .iter()
            .fold(self.value(place.root), |base, proj| {
                self.project(&base, proj, Half::Reverse, false)
            })
    }

    /// A place in the reverse half, to be written.
    pub(super) fn place_mut(&self, place: &Place) -> TokenStream {
        place
            .proj
            .iter()
            .fold(self.value_mut(place.root), |base, proj| {
                self.project(&base, proj, Half::Reverse, true)
            })
    }

    /// Of a place in a field, which may have no derivative: the type of the tangent of its root, and the place of its
    /// tangent in one of the type, which is called `__zero`. The root itself may be lent.
    pub(super) fn tangent_part(&self, place: &Place, half: Half) -> Option<(Ident, TokenStream)> {
        if !crate::ir::behind_field(&self.func.vars, place) {
            return None;
        }
        let (root, way) = crate::ir::way(&self.func.vars, place);
        let part = crate::ir::in_tangent(way)
            .iter()
            .fold(quote!(__zero), |base, proj| {
                self.project(&base, proj, half, false)
            });
        Some((names::ty(self.ident(root)), part))
    }

    /// One step on the way to a place. `writes`: is the place to be written?
    pub(super) fn project(
        &self,
        base: &TokenStream,
        proj: &Proj,
        half: Half,
        writes: bool,
    ) -> TokenStream {
        let code = |code: &Code| match half {
            Half::Forward => code.expr.to_token_stream(),
            Half::Reverse => self.code(code),
        };
        let position = |var: VarId| match half {
            Half::Forward => self.ident(var).to_token_stream(),
            Half::Reverse => self.value(var),
        };
        project(&self.rt, base, proj, writes, &code, &position)
    }

    /// An operand in the reverse half, as an expression that is only borrowed.
    pub(super) fn operand(&self, operand: &Operand) -> TokenStream {
        match operand {
            Operand::Place(place) => self.place_value(place),
            Operand::Ref { place, mutable } => {
                if *mutable {
                    let place = self.place_mut(place);
                    return quote!((&mut #place));
                }
                let place = self.place_value(place);
                quote!((&#place))
            }
            Operand::Lit(expr) => expr.to_token_stream(),
            Operand::Code(code) => self.code(code),
            Operand::Never | Operand::Unit => quote!(()),
        }
    }

    /// Code evaluated again in the reverse half.
    pub(super) fn code(&self, code: &Code) -> TokenStream {
        let mut expr = code.expr.clone();
        Substitute {
            cx: self,
            reads: &code.reads,
        }
        .visit_expr_mut(&mut expr);
        expr.to_token_stream()
    }

    /// Does the forward half name the type of the tangent of a variable?
    pub(super) fn has_type(&self, var: VarId) -> bool {
        self.has_slot(var) || self.asked.contains(&var)
    }

    /// The type of the accumulator of a variable is fixed by the forward half.
    pub(super) fn has_slot(&self, var: VarId) -> bool {
        self.facts.var(var).cotangent == Cotangent::Slot && !self.is_scalar(var)
    }

    /// The zero of the cotangent of a place's root, in the reverse half. The shape of a variable that may change it is
    /// that of its present value.
    pub(super) fn present_zero(&self, var: VarId) -> TokenStream {
        if self.facts.reshaped.contains(&var) && !self.is_scalar(var) {
            let (rt, value) = (&self.rt, self.value(var));
            return quote!(#rt::zero_like(&#value));
        }
        self.zero(var)
    }

    /// The zero of a cotangent, in the reverse half.
    pub(super) fn zero(&self, var: VarId) -> TokenStream {
        let zero = names::zero(self.ident(var));
        if self.is_scalar(var) {
            return quote!(0.0);
        }
        if self.zero_is_optional(var) {
            let rt = &self.rt;
            quote!(#rt::some_ref(&#zero).make())
        } else {
            quote!(#zero.make())
        }
    }

    /// Zeros of variables that an exit or a branch may leave undefined.
    pub(super) fn zero_is_optional(&self, var: VarId) -> bool {
        let info = self.func.var(var);
        !matches!(info.kind, VarKind::Param { .. })
            && (var == self.func.result || !self.facts.var(var).home.definite)
    }

    pub(super) fn needs_zero(&self, var: VarId) -> bool {
        let facts = self.facts.var(var);
        facts.zero && facts.useful.is_some() && !self.is_scalar(var)
    }

    pub(super) fn by(&self, var: VarId) -> Option<By> {
        match &self.func.var(var).kind {
            VarKind::Param { by, .. } => Some(*by),
            _ => None,
        }
    }
}

/// Does an operation make something new?
fn computes(op: &Op) -> bool {
    match op {
        Op::Binary(..) | Op::Neg(_) => true,
        Op::Method { name, .. } => {
            let name = name.to_string();
            !crate::names::structural(&name)
                && crate::names::method(&name).is_some_and(|it| !it.view)
        }
        _ => false,
    }
}

struct Substitute<'a, 'b> {
    cx: &'a Cx<'b>,
    reads: &'a [VarId],
}

impl VisitMut for Substitute<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Path(path) = expr
            && let Some(ident) = path.path.get_ident()
            && let Some(var) = self.reads.iter().find(|it| self.cx.ident(**it) == ident)
        {
            let value = self.cx.value(*var);
            *expr = Expr::Verbatim(value);
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
    visit_arguments_mut!();
}
