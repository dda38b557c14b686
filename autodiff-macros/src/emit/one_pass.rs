//! A function whose turns are run back as they come.
//!
//! Where the turns of a loop have nothing to do with each other but for sums, and what follows the sums is linear, the
//! cotangents of the sums are there before the loop. Then each turn is run back right after it was run, and the loop
//! saves nothing for longer than a turn.
//!
//! ```text
//! fn __fwd2_in_one_pass(a: &A, c: C, marks, tape, seed: Gradient<O>, d_a: Option<&mut Shadow<A>>) -> (O, (Option<Gradient<C>>,))
//!
//!     what stands before the loop; what stands behind it and needs no sum
//!     the reverse of what stands behind the loop
//!     for .. { turn; reverse of the turn }
//!     what needs the sums
//!     the reverse of what stands before the loop
//! ```

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{BinOp, ItemFn};

use super::forward::{Forward, OnePass};
use super::halves;
use super::reverse::Reverse;
use super::value::{Cx, Half};
use crate::analysis::needs::operand_fact;
use crate::analysis::{Facts, leaves_early, lent, made_anew, overwritten};
use crate::ir::{By, Fact, Func, Loop, LoopKind, Op, Operand, Place, Stmt, StmtKind, VarId};
use crate::options::Options;

/// The function, and what the caller must look at first.
pub(super) struct InOnePass {
    pub(super) item: TokenStream,
    pub(super) name: Ident,
    /// Buffers of the caller that each turn makes anew: the cotangents of what the function leaves there must be zero.
    pub(super) scratch: BTreeSet<VarId>,
}

/// The function in one pass, if one of its loops is such a one.
pub(super) fn in_one_pass(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    facts: &Facts,
) -> Option<InOnePass> {
    let plain = func.level == 0
        && options.pullback.is_none()
        && !options.checkpoint
        && !options.recursive
        && !func.self_recursive
        && super::api::returns_scalar(function)
        && func.var(func.result).fact == Fact::Scalar
        && !facts.exits.contains_key(&func.scope);
    if !plain {
        return None;
    }
    let cx = Cx::new(options, func, facts);
    // The longest of its loops.
    let mut loops: Vec<(usize, &Loop)> = (func.body.stmts.iter().enumerate())
        .filter_map(|(at, stmt)| match &stmt.kind {
            StmtKind::Loop(it) => Some((at, it)),
            _ => None,
        })
        .collect();
    loops.sort_by_key(|(_, it)| {
        let mut count = 0_usize;
        it.body.walk(&mut |_| count += 1);
        core::cmp::Reverse(count)
    });
    (loops.into_iter())
        .filter_map(|(at, it)| Some((at, it, shared(&cx, it)?)))
        .find_map(|(at, it, shared)| emitted(&cx, options, function, at, it, shared))
}

/// What the turns of a loop share.
struct Shared {
    sums: BTreeSet<VarId>,
    buffers: BTreeSet<VarId>,
}

/// What the turns of a loop share, if they share nothing but sums and buffers that each of them makes anew.
fn shared(cx: &Cx<'_>, it: &Loop) -> Option<Shared> {
    let func = cx.func;
    let counted = matches!(it.kind, LoopKind::Count { .. } | LoopKind::Iter { .. });
    if !counted
        || it.result.is_some()
        || leaves_early(it)
        || cx.ranges.contains_key(&it.scope)
        || cx.turns_of_group(it, Half::Reverse).is_some()
    {
        return None;
    }
    let first = it.body.stmts.first()?.id;
    let turns: &[VarId] = match &it.kind {
        LoopKind::Iter { vars, .. } => vars,
        _ => &[],
    };
    let outside = |var: &VarId| cx.facts.var(*var).home.from < first && !turns.contains(var);
    let mut sums: BTreeSet<VarId> = BTreeSet::new();
    let mut buffers: BTreeSet<VarId> = BTreeSet::new();
    it.body.walk(&mut |stmt| {
        if let Some(sum) = summed(cx, stmt).filter(|it| outside(it)) {
            sums.insert(sum);
        } else {
            let written = overwritten(&func.vars, &stmt.kind);
            let written = written.into_iter().chain(lent(&func.vars, &stmt.kind));
            buffers.extend(written.filter(|it| outside(it)));
        }
    });
    let needed = |it: &VarId| !cx.facts.var(*it).needed.is_empty();
    let apart = !sums.is_empty()
        && sums.is_disjoint(&buffers)
        && !sums.iter().any(needed)
        && buffers.iter().all(|it| !cx.is_scalar(*it))
        && (buffers.is_empty() || made_anew(func, it, &buffers, &outside))
        // The caller's shadow of one is asked whether it is zero.
        && (buffers.iter()).all(|it| cx.by(*it) != Some(By::Mut) || func.var(*it).fact == Fact::Scalars);
    apart.then_some(Shared { sums, buffers })
}

/// The number that a statement adds to.
fn summed(cx: &Cx<'_>, stmt: &Stmt) -> Option<VarId> {
    let (StmtKind::Update {
        op: BinOp::AddAssign(_) | BinOp::SubAssign(_),
        place,
        ..
    }
    | StmtKind::Assign {
        place,
        op: Op::SumStep(_),
    }) = &stmt.kind
    else {
        return None;
    };
    let sum = cx.is_whole(place) && cx.is_scalar(place.root) && !cx.restores(stmt.id);
    sum.then_some(place.root)
}

fn is_number(cx: &Cx<'_>, operand: &Operand) -> bool {
    match operand {
        Operand::Lit(_) => true,
        other => operand_fact(cx.func, other) == Fact::Scalar,
    }
}

fn emitted(
    cx: &Cx<'_>,
    options: &Options,
    function: &ItemFn,
    at: usize,
    it: &Loop,
    shared: Shared,
) -> Option<InOnePass> {
    let func = cx.func;
    let mut forward = Forward::new(cx);
    let OnePass { head, stmts, turn } = forward.in_one_pass(at)?;
    let around = |body: &TokenStream| forward.around(it, body);
    // Each sum is named where it is added to, and nowhere else in the loop.
    let mut named = Named::default();
    named.tokens(&around(&turn.tokens));
    let mut adds: BTreeMap<VarId, usize> = BTreeMap::new();
    it.body.walk(&mut |stmt| {
        if let Some(sum) = summed(cx, stmt) {
            // What is saved of an addition whose operand is of an unknown type names the sum once more, and `sum` does.
            let twice = match &stmt.kind {
                StmtKind::Update { value, .. } => {
                    cx.active(value) && cx.useful(sum) && !is_number(cx, value)
                }
                _ => true,
            };
            *adds.entry(sum).or_default() += 1 + usize::from(twice);
        }
    });
    let alone = |sum: &VarId| named.times(cx.ident(*sum)) == adds[sum];
    if !shared.sums.iter().all(alone) {
        return None;
    }
    let behind = Behind::of(cx, at, &stmts, &shared, &named)?;

    let mut reverse = Reverse::new(cx, &forward);
    let [back, turns, back_before] = reverse.in_one_pass(at, &turn.tokens, around);
    let (take, give) = (&turn.take, &turn.give);
    let before = &stmts[..at];
    let between = (stmts.iter().enumerate().skip(at + 1))
        .filter(|(at, _)| !behind.updates.contains(at))
        .map(|(_, tokens)| tokens);
    let after = behind.linear.iter();
    let after = after.map(|at| linear(cx, &forward, &func.body.stmts[*at]));
    let value = cx.ident(func.result);
    let result = match &func.body.result {
        Some(result) => forward.operand(result, true),
        None => return None,
    };
    let frame = halves::Frame::of(cx);
    let (get, returned, unused_zeros) = (&frame.get, &frame.returned, &frame.unused_zeros);
    let body = quote!(
        #unused_zeros
        #head
        #get
        #(#before)*
        #(#between)*
        #back
        #take
        #turns
        #give
        #(#after)*
        let #value = #result;
        #back_before
        (#value, (#returned))
    );
    let name = format_ident!(
        "{}_in_one_pass",
        halves::own_forward_name(options, function, func)
    );
    let item = halves::in_one_pass(cx, options, function, &name, &body)?;
    let caller = |it: &VarId| cx.by(*it) == Some(By::Mut);
    Some(InOnePass {
        item,
        name,
        scratch: shared.buffers.into_iter().filter(caller).collect(),
    })
}

/// What stands behind the loop and needs its sums.
struct Behind {
    /// All of it, by position.
    linear: BTreeSet<usize>,
    /// That which changes a variable: it waits for the sums. A definition is had twice, since the reverse may need the
    /// type of its value.
    updates: BTreeSet<usize>,
}

impl Behind {
    /// `named`: what the loop names.
    fn of(
        cx: &Cx<'_>,
        at: usize,
        stmts: &[TokenStream],
        shared: &Shared,
        named: &Named,
    ) -> Option<Behind> {
        let func = cx.func;
        let mut found = Behind {
            linear: BTreeSet::new(),
            updates: BTreeSet::new(),
        };
        let mut late: BTreeSet<VarId> = &shared.sums | &shared.buffers;
        let names_of = |roots: &BTreeSet<VarId>| -> BTreeSet<String> {
            let vars = (0..).map(VarId).take(func.vars.len());
            let names =
                vars.filter(|it| roots.contains(&crate::ir::root(&func.vars, &(*it).into())));
            names.map(|it| func.var(it).ident.to_string()).collect()
        };
        // What the turns may change without a derivative, such as a cell: what reads it stays behind them.
        let mut told = Named::default();
        for block in func.body.stmts[at].kind.blocks() {
            block.walk(&mut |stmt| {
                if let (true, StmtKind::Opaque { tokens, .. }) = (speaks(stmt), &stmt.kind) {
                    told.tokens(tokens);
                }
            });
        }
        // What is moved before the loop, and what is changed there.
        let (mut moved, mut changed) = (BTreeSet::new(), BTreeSet::new());
        let mut operands = Named::default();
        for (position, stmt) in func.body.stmts.iter().enumerate().skip(at + 1) {
            let mut here = Named::default();
            here.tokens(&stmts[position]);
            if here.0.keys().any(|it| told.0.contains_key(it)) {
                return None;
            }
            if names_of(&late).iter().any(|it| here.0.contains_key(it)) {
                let (var, waits) = is_linear(cx, stmt, &late)?;
                late.insert(var);
                found.linear.insert(position);
                if waits {
                    found.updates.insert(position);
                }
                operands.tokens(&stmts[position]);
                continue;
            }
            // What is printed or asserted stays where it stands.
            let mut silent = !speaks(stmt);
            for block in stmt.kind.blocks() {
                block.walk(&mut |it| silent &= !speaks(it));
            }
            if !silent {
                return None;
            }
            moved.extend(moved_by(cx, stmt, &stmts[position]));
            let mut inner = |stmt: &Stmt| {
                changed.extend(overwritten(&func.vars, &stmt.kind));
                changed.extend(lent(&func.vars, &stmt.kind));
            };
            inner(stmt);
            for block in stmt.kind.blocks() {
                block.walk(&mut |stmt| inner(stmt));
            }
        }
        let used = |names: &BTreeSet<String>| {
            (names.iter()).any(|it| named.0.contains_key(it) || operands.0.contains_key(it))
        };
        let needed = |it: &VarId| !cx.facts.var(*it).needed.is_empty();
        let mut numbers = late.difference(&shared.buffers);
        // Any other variable has been put back to what it was behind the loop when the value is read.
        let result = func.body.result.as_ref().and_then(Operand::place);
        let is_late = |it: &Place| cx.is_whole(it) && numbers.clone().any(|var| *var == it.root);
        let apart = !used(&moved)
            && !used(&names_of(&changed))
            && result.is_some_and(is_late)
            && !numbers.any(needed);
        apart.then_some(found)
    }
}

/// May a statement print, or end the function? `let _: T = x;` only says a type.
fn speaks(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Opaque { tokens, .. } => {
            let mut tokens = tokens.clone().into_iter().map(|it| it.to_string());
            tokens.next().as_deref() != Some("let") || tokens.next().as_deref() != Some("_")
        }
        _ => false,
    }
}

/// The variable that a statement makes of sums, if it is linear in them and its reverse needs no value; does it change the
/// variable?
fn is_linear(cx: &Cx<'_>, stmt: &Stmt, late: &BTreeSet<VarId>) -> Option<(VarId, bool)> {
    let is_variable = |place: &Place| place.proj.is_empty() && cx.is_whole(place);
    let simple = |operand: &Operand| match operand {
        Operand::Place(place) => {
            is_variable(place)
                && (!late.contains(&place.root)
                    || cx.is_scalar(place.root)
                    || !cx.func.var(place.root).borrows)
        }
        Operand::Lit(_) => true,
        Operand::Code(code) => matches!(code.expr, syn::Expr::Path(_)),
        Operand::Ref { .. } | Operand::Never | Operand::Unit => false,
    };
    match &stmt.kind {
        StmtKind::Let { var, op, .. } => {
            let linear = match op {
                Op::Use(it) | Op::Neg(it) => simple(it),
                Op::Binary(BinOp::Add(_) | BinOp::Sub(_), a, b) => simple(a) && simple(b),
                Op::Binary(BinOp::Mul(_) | BinOp::Div(_), a, b) => {
                    simple(a) && simple(b) && is_number(cx, a) && is_number(cx, b)
                }
                _ => false,
            };
            (linear && !cx.func.var(*var).borrows).then_some((*var, false))
        }
        StmtKind::Update { place, value, op } => {
            let linear = matches!(
                op,
                BinOp::AddAssign(_)
                    | BinOp::SubAssign(_)
                    | BinOp::MulAssign(_)
                    | BinOp::DivAssign(_)
            ) && is_variable(place)
                && cx.is_scalar(place.root)
                && is_number(cx, value)
                && simple(value)
                && !cx.restores(stmt.id);
            linear.then_some((place.root, true))
        }
        _ => None,
    }
}

/// A statement that is linear in the sums, without what it saves.
fn linear(cx: &Cx<'_>, forward: &Forward<'_>, stmt: &Stmt) -> TokenStream {
    let operand = |it: &Operand| {
        let tokens = forward.operand(it, false);
        if is_number(cx, it) {
            tokens
        } else {
            quote!(::core::clone::Clone::clone(&#tokens))
        }
    };
    match &stmt.kind {
        StmtKind::Let { var, op, .. } => {
            let ident = cx.ident(*var);
            let mutability = cx.func.var(*var).mutable.then(|| quote!(mut));
            let value = match op {
                Op::Use(it) => operand(it),
                Op::Neg(it) => {
                    let it = operand(it);
                    quote!(-#it)
                }
                Op::Binary(op, a, b) => {
                    let (a, b) = (operand(a), operand(b));
                    quote!(#a #op #b)
                }
                _ => unreachable!("the statement is linear"),
            };
            quote!(let #mutability #ident = #value;)
        }
        StmtKind::Update { op, place, value } => {
            let (target, value) = (cx.ident(place.root), operand(value));
            quote!(#target #op #value;)
        }
        _ => unreachable!("the statement is linear"),
    }
}

/// The names of variables that a statement may move out of.
fn moved_by(cx: &Cx<'_>, stmt: &Stmt, tokens: &TokenStream) -> BTreeSet<String> {
    let mut moved = BTreeSet::new();
    let mut by_value = |operand: &Operand| {
        if let Operand::Place(place) = operand
            && !cx.is_scalar(place.root)
        {
            moved.insert(cx.ident(place.root).to_string());
        }
    };
    let mut known = true;
    let mut look = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => {
            // The receiver of a method is passed as the method takes it.
            let skip = usize::from(
                matches!(op, Op::Method { name, .. } if !name.to_string().starts_with("into")),
            );
            op.operands().into_iter().skip(skip).for_each(&mut by_value);
        }
        StmtKind::Update { value, .. } => by_value(value),
        StmtKind::Mutate(it) => it.args.iter().for_each(&mut by_value),
        StmtKind::Alias { .. }
        | StmtKind::Declare { .. }
        | StmtKind::Loop(_)
        | StmtKind::If { .. } => {}
        // It stays where it is: what speaks is not here.
        StmtKind::Opaque { .. } => {}
        _ => known = false,
    };
    look(stmt);
    for block in stmt.kind.blocks() {
        block.walk(&mut look);
    }
    if !known {
        let mut all = Named::default();
        all.tokens(tokens);
        moved.extend(all.0.into_keys());
    }
    moved
}

/// Which names of variables may stand in tokens, and how often: not those of methods, fields and parts of paths.
#[derive(Default)]
struct Named(BTreeMap<String, usize>);

impl Named {
    fn tokens(&mut self, tokens: &TokenStream) {
        // What stands before: `a..b` has two dots, a path two colons.
        let (mut last, mut but_one) = (None, None);
        for token in tokens.clone() {
            let mut punct = None;
            match token {
                TokenTree::Ident(it) => {
                    let part = match last {
                        Some('.') => but_one != Some('.'),
                        Some(':') => but_one == Some(':'),
                        _ => false,
                    };
                    if !part {
                        *self.0.entry(it.to_string()).or_default() += 1;
                    }
                }
                TokenTree::Group(it) => self.tokens(&it.stream()),
                TokenTree::Punct(it) => punct = Some(it.as_char()),
                TokenTree::Literal(_) => {}
            }
            (but_one, last) = (last, punct);
        }
    }

    fn times(&self, name: &Ident) -> usize {
        self.0.get(&name.to_string()).copied().unwrap_or(0)
    }
}
