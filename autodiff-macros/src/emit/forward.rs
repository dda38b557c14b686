//! The forward half: the user's function in A-normal form, with saves.

mod loops;
mod operations;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::BinOp;

use super::ranges::buffer;
use super::value::{Cx, Half};
use super::{Lanes, names, typed};
use crate::analysis::needs::{by_reference, scalar_operands};
use crate::analysis::{Cotangent, Storage};
use crate::ir::{
    Block, BuildKind, By, Call, Exit, ExitKind, Func, Mutate, Mutation, Op, Operand, Place, Proj,
    ScopeId, Stmt, StmtKind, VarId, VarKind,
};
use crate::names as table;
pub(super) use loops::Turn;
pub(super) use record::Record;
use record::{Flush, Frame, Kind, Region};

/// The statements of a function for one pass.
pub(super) struct OnePass {
    pub(super) head: TokenStream,
    /// Those of the body; that of the loop is empty.
    pub(super) stmts: Vec<TokenStream>,
    pub(super) turn: Turn,
}

pub(super) struct Forward<'a> {
    pub(super) cx: &'a Cx<'a>,
    frames: Vec<Frame>,
    /// One list per open block.
    flushes: Vec<Vec<Flush>>,
    /// By scope: how many blocks were open when its body was opened.
    opened: BTreeMap<ScopeId, usize>,
    /// Scopes that an exit met so far leaves.
    left: BTreeSet<ScopeId>,
    /// Is the present block the outermost of its frame?
    root: bool,
    /// The present region.
    region: Option<Region>,
    /// The present inner loop, if its writes are logged as a group.
    group: Option<ScopeId>,
    /// By the outermost loop of a region: the lanes that it takes.
    pub(super) regions: BTreeMap<ScopeId, Lanes>,
    /// Loops of few turns, whose records are an array.
    pub(super) few: BTreeSet<ScopeId>,
    /// The records of the loops.
    pub(super) records: BTreeMap<ScopeId, Record>,
    /// What follows an assignment of a variable that was declared without value.
    deferred: BTreeMap<VarId, TokenStream>,
    /// Assignments that save the shape of what they leave.
    pub(super) zeros_after: BTreeSet<(u32, VarId)>,
    /// Saved values of our own that may be undefined.
    pub(super) optional: BTreeSet<String>,
    /// Declarations of the whole function: records and accumulator types.
    pub(super) types: TokenStream,
}

impl<'a> Forward<'a> {
    pub(super) fn new(cx: &'a Cx<'a>) -> Self {
        Forward {
            cx,
            frames: Vec::new(),
            flushes: Vec::new(),
            opened: BTreeMap::new(),
            left: BTreeSet::new(),
            root: true,
            region: None,
            group: None,
            regions: BTreeMap::new(),
            few: BTreeSet::new(),
            records: BTreeMap::new(),
            deferred: BTreeMap::new(),
            optional: BTreeSet::new(),
            zeros_after: BTreeSet::new(),
            types: TokenStream::new(),
        }
    }

    fn func(&self) -> &'a Func {
        self.cx.func
    }

    /// The body of the function: statements up to the first one that may return stand outside of the labelled block,
    /// so that the residual captures what they declare.
    pub(super) fn function(&mut self) -> TokenStream {
        let func = self.func();
        let rt = &self.cx.rt;
        self.frames.push(Frame {
            scope: Some(func.scope),
            ..Frame::default()
        });
        self.flushes.push(Vec::new());
        let mut params = TokenStream::new();
        for param in &func.params {
            params.extend(self.after_definition(param.var));
        }
        let split = func
            .body
            .stmts
            .iter()
            .position(|stmt| leaves(stmt, func.scope))
            .unwrap_or(func.body.stmts.len());
        let mut outside = TokenStream::new();
        for stmt in &func.body.stmts[..split] {
            outside.extend(self.stmt(stmt));
        }
        let value = self.cx.ident(func.result);
        let mut bind_result = TokenStream::new();
        if self.cx.has_slot(func.result) {
            let ty = names::ty(value);
            self.types.extend(quote!(let #ty = #rt::Ty::open();));
            bind_result = quote!(#rt::bind(#ty, &#value););
        }
        let zero_result = if self.cx.needs_zero(func.result) {
            let zero = names::zero(value);
            quote!(let #zero = #rt::some(::core::option::Option::Some(::core::option::Option::Some(#rt::zero_of(&#value))));)
        } else {
            TokenStream::new()
        };
        let exits = split < func.body.stmts.len();
        let body = if exits {
            self.opened.insert(func.scope, self.flushes.len());
            self.flushes.push(Vec::new());
            let mut inside = TokenStream::new();
            for stmt in &func.body.stmts[split..] {
                inside.extend(self.stmt(stmt));
            }
            let inside = self.close(inside, func.body.result.as_ref());
            // What was declared outside is stored after the block: its values are captured.
            let after = self.flush_list();
            let label = lifetime(&func.label);
            let exit = names::exit(func.scope);
            quote!(
                let mut #exit = ::core::primitive::u32::MAX;
                let #value = #label: { #inside };
                #after
            )
        } else {
            let after = self.flush_list();
            let result = match &func.body.result {
                Some(result) => self.operand(result, true),
                None => quote!(()),
            };
            let ty = TokenStream::new();
            quote!(let #value #ty = #result; #after)
        };
        let frame = self.frames.pop().unwrap_or_default();
        let (hoisted, types) = (&frame.hoisted, &self.types);
        // The residual must not borrow: values that do are replaced by owned copies.
        let owned = frame
            .record
            .items
            .iter()
            .map(|it| &it.0)
            .filter(|it| self.borrows(it) || self.cx.is_held_ident(it))
            .map(|it| {
                let value = self.record_value(it);
                quote!(let #it = #value;)
            });
        let owned_params = func
            .params
            .iter()
            .filter(|it| it.by == By::Value)
            .filter_map(|it| {
                let borrows = self.cx.func.var(it.var).borrows
                    && self.cx.facts.var(it.var).storage == Storage::Save;
                let ident = self.cx.ident(it.var);
                borrows.then(|| quote!(let #ident = #rt::keep(&#ident);))
            });
        let owned = quote!(#(#owned)* #(#owned_params)*);
        quote!(#types #params #hoisted #outside #body #bind_result #zero_result #owned)
    }

    /// The function for a pass in which the turns of one loop of its body are run back as they come; `None` if it does not
    /// come apart into statements.
    pub(super) fn in_one_pass(&mut self, at: usize) -> Option<OnePass> {
        let func = self.func();
        self.frames.push(Frame {
            scope: Some(func.scope),
            ..Frame::default()
        });
        self.flushes.push(Vec::new());
        let mut params = TokenStream::new();
        for param in &func.params {
            params.extend(self.after_definition(param.var));
        }
        let mut turn = None;
        let mut stmts = Vec::new();
        for (position, stmt) in func.body.stmts.iter().enumerate() {
            match &stmt.kind {
                StmtKind::Loop(it) if position == at => {
                    turn = Some(self.turn(it));
                    stmts.push(TokenStream::new());
                }
                _ => stmts.push(self.stmt(stmt)),
            }
        }
        let frame = self.frames.pop().unwrap_or_default();
        let stored = !self.flush_list().is_empty();
        // The reverse half reads owned copies of what borrows, under the same names.
        let copied = |it: &Ident| self.borrows(it) || self.cx.is_held_ident(it);
        let borrows = |param: VarId| self.cx.func.var(param).borrows;
        let apart = !stored
            && !frame.record.items.iter().any(|it| copied(&it.0))
            && !(func.params.iter()).any(|it| it.by == By::Value && borrows(it.var))
            && !self.cx.needs_zero(func.result);
        let (types, hoisted) = (&self.types, &frame.hoisted);
        Some(OnePass {
            head: quote!(#types #params #hoisted),
            stmts,
            turn: turn.filter(|_| apart)?,
        })
    }

    fn flush_list(&mut self) -> TokenStream {
        let list = self.flushes.pop().unwrap_or_default();
        let after = list.iter().map(|it| &it.after);
        quote!(#(#after)*)
    }

    /// Ends a block: the result, then the values that are stored by move.
    fn close(&mut self, stmts: TokenStream, result: Option<&Operand>) -> TokenStream {
        let list = self.flushes.pop().unwrap_or_default();
        let after: Vec<_> = list.iter().map(|it| &it.after).collect();
        let stores = after.iter().any(|it| !it.is_empty());
        match result {
            Some(Operand::Never) => quote!(#stmts),
            None | Some(Operand::Unit) => quote!(#stmts #(#after)*),
            Some(result) => {
                let result = self.operand(result, true);
                if stores {
                    let out = super::ours("__result");
                    quote!(#stmts let #out = #result; #(#after)* #out)
                } else {
                    quote!(#stmts #result)
                }
            }
        }
    }

    /// What follows the definition of a variable: its accumulator type, its zero, and how its value is stored.
    fn after_definition(&mut self, var: VarId) -> TokenStream {
        let cx = self.cx;
        let rt = &cx.rt;
        let facts = cx.facts.var(var);
        let info = cx.func.var(var);
        let ident = cx.ident(var);
        let mut tokens = TokenStream::new();
        let param = matches!(info.kind, VarKind::Param { .. });
        if cx.has_type(var) {
            let ty = names::ty(ident);
            self.types.extend(quote!(let #ty = #rt::Ty::open();));
            tokens.extend(quote!(#rt::bind(#ty, &#ident);));
        }
        let mut after = TokenStream::new();
        if cx.needs_zero(var) && facts.cotangent != Cotangent::Shadow {
            let zero = names::zero(ident);
            if cx.zero_is_optional(var) {
                self.keep_optional(zero.clone(), Kind::Data);
                let make = quote!(#zero = ::core::option::Option::Some(#rt::zero_of(&#ident)););
                tokens.extend(make);
            } else {
                self.keep(zero.clone(), Kind::Light);
                tokens.extend(quote!(let #zero = #rt::zero_of(&#ident);));
            }
        }
        match facts.storage {
            Storage::Save if !param => self.keep(cx.ident(var).clone(), self.kind(var)),
            Storage::SaveOrEvaluate => self.keep(cx.ident(var).clone(), Kind::Light),
            Storage::SaveIfDefined => {
                let kept = names::kept(ident);
                self.keep_optional(kept.clone(), self.kind(var));
                if cx.is_scalar(var) && !info.mutable && !info.borrows {
                    tokens.extend(quote!(#kept = ::core::option::Option::Some(#ident);));
                } else if cx.is_held(var) {
                    tokens.extend(quote!(#kept = ::core::option::Option::Some((&#rt::Holder(&#ident)).ad_hold());));
                } else if info.borrows && info.active {
                    let keep = quote!(#kept = ::core::option::Option::Some(#rt::keep(&#ident)););
                    // What is kept is what the variable has at last.
                    if info.mutable {
                        after.extend(keep);
                    } else {
                        tokens.extend(keep);
                    }
                } else {
                    after.extend(quote!(#kept = ::core::option::Option::Some(#ident);));
                }
            }
            _ => {}
        }
        if !after.is_empty()
            && let Some(list) = self.flushes.last_mut()
        {
            list.push(Flush { after });
        }
        tokens
    }

    /// A borrowing value that is saved is replaced by its owned copy when the frame ends.
    fn block(&mut self, block: &Block, root: bool, head: TokenStream) -> TokenStream {
        let outer = core::mem::replace(&mut self.root, root);
        self.flushes.push(Vec::new());
        let mut stmts = head;
        for stmt in &block.stmts {
            stmts.extend(self.stmt(stmt));
        }
        let tokens = self.close(stmts, block.result.as_ref());
        self.root = outer;
        tokens
    }

    // === operands ===

    /// Must a by-value use leave the variable in place for the reverse half?
    fn stays(&self, var: VarId) -> bool {
        let info = self.cx.func.var(var);
        if (info.borrows && !info.mutable)
            || self.cx.is_scalar(var)
            || matches!(info.kind, VarKind::Alias { .. } | VarKind::Index)
        {
            return self.cx.is_held(var);
        }
        let facts = self.cx.facts.var(var);
        matches!(
            facts.storage,
            Storage::Save | Storage::SaveOrEvaluate | Storage::SaveIfDefined
        )
    }

    fn place(&self, place: &Place, writes: bool) -> TokenStream {
        let root = self.cx.ident(place.root).to_token_stream();
        place.proj.iter().fold(root, |base, proj| {
            self.cx.project(&base, proj, Half::Forward, writes)
        })
    }

    pub(super) fn operand(&self, operand: &Operand, by_value: bool) -> TokenStream {
        match operand {
            Operand::Place(place) => {
                let tokens = self.place(place, false);
                // An element handed out by value stays in its container, too.
                let stays = match place.proj.last() {
                    None
                    | Some(
                        Proj::Field(_)
                        | Proj::Payload
                        | Proj::Variant { .. }
                        | Proj::Accessor { .. }
                        | Proj::Deref,
                    ) => self.stays(place.root),
                    Some(Proj::Elem(_) | Proj::Part(_)) => true,
                    Some(Proj::Index(_) | Proj::View(_) | Proj::Half { .. } | Proj::Array(_)) => {
                        false
                    }
                };
                if by_value && stays && self.cx.is_held(place.root) {
                    // It may be a reference that is coerced where it is used, so the type of the copy is its own.
                    let copy = super::ours("__copy");
                    quote!({ let #copy = ::core::clone::Clone::clone(&#tokens); #copy })
                } else if by_value && stays {
                    quote!(::core::clone::Clone::clone(&#tokens))
                } else {
                    tokens
                }
            }
            Operand::Ref { place, mutable } => {
                let place = self.place(place, *mutable);
                if *mutable {
                    quote!((&mut #place))
                } else {
                    quote!((&#place))
                }
            }
            Operand::Lit(expr) => quote!(#expr),
            Operand::Code(code) => {
                let expr = &code.expr;
                quote!(#expr)
            }
            Operand::Never | Operand::Unit => quote!(()),
        }
    }

    // === statements ===

    fn stmt(&mut self, stmt: &Stmt) -> TokenStream {
        let comment = self.cx.comment(stmt.span, "forward");
        let tokens = self.stmt_tokens(stmt);
        quote!(#comment #tokens)
    }

    fn stmt_tokens(&mut self, stmt: &Stmt) -> TokenStream {
        let rt = self.cx.rt.clone();
        match &stmt.kind {
            StmtKind::Let { var, ty, op } => {
                let (before, tokens) = self.op(stmt, *var, op);
                let ident = self.cx.ident(*var);
                let mutability = self.cx.func.var(*var).mutable.then(|| quote!(mut));
                let ty = match op {
                    Op::Use(Operand::Lit(_)) | Op::Code(_) => typed::variable(self.cx, ty.as_ref()),
                    _ => ty.as_ref().map(|it| quote!(: #it)),
                };
                let cast = self.cast_pull(stmt, *var, op);
                let after = self.after_definition(*var);
                let count = match op {
                    Op::Build(it) if matches!(it.kind, BuildKind::FromFn { .. }) => {
                        let count = self.cx.ident(it.count).clone();
                        let after = self.after_definition(it.count);
                        quote!(let #count = #rt::Elements::ad_count(&#ident); #after)
                    }
                    _ => TokenStream::new(),
                };
                quote!(#before let #mutability #ident #ty = #tokens; #cast #after #count)
            }
            StmtKind::Declare { var, ty } => {
                let ident = self.cx.ident(*var);
                let mutability = self.cx.func.var(*var).mutable.then(|| quote!(mut));
                let ty = ty.as_ref().map(|it| quote!(: #it));
                self.declare_deferred(*var);
                quote!(let #mutability #ident #ty;)
            }
            StmtKind::Alias { var } => {
                let info = self.func().var(*var);
                let VarKind::Alias {
                    place,
                    depth,
                    writes,
                } = &info.kind
                else {
                    return TokenStream::new();
                };
                let ident = self.cx.ident(*var);
                let place_tokens = self.place(place, *writes);
                match depth {
                    0 if matches!(place.proj.last(), Some(Proj::View(_))) => {
                        let mutability = info.mutable.then(|| quote!(mut));
                        quote!(let #mutability #ident = #place_tokens;)
                    }
                    _ if *writes => quote!(let #ident = &mut #place_tokens;),
                    0 => quote!(let #ident = ::core::clone::Clone::clone(&#place_tokens);),
                    1 => quote!(let #ident = &#place_tokens;),
                    _ => quote!(let #ident = &&#place_tokens;),
                }
            }
            StmtKind::Bind {
                pat,
                ty,
                value,
                bindings,
            } => {
                let tokens = self.operand(value, true);
                let ty = ty.as_ref().map(|it| quote!(: #it));
                let mut after = TokenStream::new();
                for binding in bindings {
                    after.extend(self.after_definition(binding.var));
                }
                quote!(let #pat #ty = #tokens; #after)
            }
            StmtKind::Assign { place, op } => self.assign(stmt, place, op),
            StmtKind::Update { op, place, value } => {
                let root = self.cx.root(place);
                let mut before = TokenStream::new();
                let wanted = self.cx.useful(root) && self.cx.active(value);
                let linear = matches!(op, BinOp::AddAssign(_) | BinOp::SubAssign(_));
                let target = Operand::Place(place.clone());
                if wanted && linear && !scalar_operands(self.func(), &[&target, value]) {
                    let f = if matches!(op, BinOp::AddAssign(_)) {
                        format_ident!("add")
                    } else {
                        format_ident!("sub")
                    };
                    let (a, b) = (self.peeled(&target), self.peeled(value));
                    let span = op_span(op);
                    let pull = super::located(quote!(#rt::#f(#rt::pair(#a, #b))), span);
                    before.extend(self.save(&names::pull(stmt.id), pull, Kind::Light));
                }
                let target = self.place(place, true);
                if let Some(log) = self.log(stmt, &target) {
                    before.extend(log);
                } else if self.cx.restores(stmt.id) {
                    let old = if self.cx.is_view(place) {
                        quote!(#rt::keep(&#target))
                    } else {
                        quote!(::core::clone::Clone::clone(&#target))
                    };
                    before.extend(self.save(&names::old(stmt.id), old, self.kind_of_place(place)));
                }
                let value = self.operand(value, true);
                let zero = if self.cx.useful(root) && self.cx.is_whole(place) {
                    self.zero_after(stmt, root, &target)
                } else {
                    TokenStream::new()
                };
                if self.cx.is_view(place) && !place.proj.is_empty() {
                    let view = super::ours("__view");
                    return quote!(#before { let mut #view = #target; #view #op #value; } #zero);
                }
                quote!(#before #target #op #value; #zero)
            }
            StmtKind::Views { pat, ty, init, .. } => {
                let ty = ty.as_ref().map(|it| quote!(: #it));
                let init = &init.expr;
                quote!(let #pat #ty = #init;)
            }
            StmtKind::Mutate(it) => self.mutate(stmt, it),
            StmtKind::Opaque {
                tokens, mutates, ..
            } => {
                let mut before = TokenStream::new();
                if self.cx.restores(stmt.id) {
                    let olds = mutates.iter().map(|it| {
                        let ident = self.cx.ident(*it);
                        if self.cx.by(*it) == Some(By::Mut) {
                            quote!(::std::borrow::ToOwned::to_owned(&*#ident))
                        } else {
                            quote!(::core::clone::Clone::clone(&#ident))
                        }
                    });
                    let olds = quote!((#(#olds,)*));
                    before = self.save(&names::old(stmt.id), olds, Kind::Data);
                }
                quote!(#before #tokens)
            }
            StmtKind::If {
                cond,
                taken,
                then,
                otherwise,
                result,
            } => {
                let needed = !self.cx.facts.var(*taken).needed.is_empty();
                let flag = self.cx.ident(*taken).clone();
                let head = if needed {
                    self.hoist(&flag, quote!(false), Kind::Words);
                    quote!(#flag = true;)
                } else {
                    TokenStream::new()
                };
                let cond = &cond.expr;
                let reset = if needed {
                    quote!(#flag = false;)
                } else {
                    TokenStream::new()
                };
                let then = self.block(then, false, head);
                let otherwise = self.block(otherwise, false, TokenStream::new());
                let branch = quote!(if #cond { #then } else { #otherwise });
                let statement = self.with_result(branch, *result);
                quote!(#reset #statement)
            }
            StmtKind::Match {
                scrutinee,
                taken,
                arms,
                result,
            } => {
                let needed = !self.cx.facts.var(*taken).needed.is_empty();
                let flag = self.cx.ident(*taken).clone();
                if needed {
                    self.hoist(&flag, quote!(0_u16), Kind::Words);
                }
                let scrutinee = self.operand(scrutinee, true);
                let mut tokens = TokenStream::new();
                for (at, arm) in arms.iter().enumerate() {
                    let at = u16::try_from(at).unwrap_or(u16::MAX);
                    let outer = core::mem::replace(&mut self.root, false);
                    self.flushes.push(Vec::new());
                    let mut head = if needed {
                        quote!(#flag = #at;)
                    } else {
                        TokenStream::new()
                    };
                    for binding in &arm.bindings {
                        head.extend(self.after_definition(binding.var));
                    }
                    let inner = arm.body.clone();
                    let mut stmts = head;
                    for stmt in &inner.stmts {
                        stmts.extend(self.stmt(stmt));
                    }
                    let body = self.close(stmts, inner.result.as_ref());
                    self.root = outer;
                    let pat = &arm.pat;
                    let guard = arm.guard.as_ref().map(|it| {
                        let guard = &it.expr;
                        quote!(if #guard)
                    });
                    tokens.extend(quote!(#pat #guard => { #body }));
                }
                self.with_result(quote!(match #scrutinee { #tokens }), *result)
            }
            StmtKind::Try { var, value, exit } => {
                let value = self.operand(value, true);
                let (early, value_in) = (super::ours("__early"), super::ours("__value"));
                let leave = self.leave(exit, Some(quote!(#rt::early(#early))));
                let ident = self.cx.ident(*var);
                let after = self.after_definition(*var);
                quote!(
                    let #ident = match #rt::branch(#value) {
                        ::core::result::Result::Ok(#value_in) => #value_in,
                        ::core::result::Result::Err(#early) => { #leave }
                    };
                    #after
                )
            }
            StmtKind::Loop(it) => self.loop_(it),
            StmtKind::Scope {
                label,
                scope,
                body,
                result,
            } => {
                let exits = self.cx.facts.exits.contains_key(scope);
                let exit = names::exit(*scope);
                let mut reset = TokenStream::new();
                if exits {
                    self.hoist(&exit, quote!(::core::primitive::u32::MAX), Kind::Words);
                    reset = quote!(#exit = ::core::primitive::u32::MAX;);
                }
                self.opened.insert(*scope, self.flushes.len());
                let body = self.block(body, false, TokenStream::new());
                let label = lifetime(label);
                let statement = self.with_result(quote!(#label: { #body }), *result);
                quote!(#reset #statement)
            }
            StmtKind::Exit(exit) => {
                let value = exit
                    .value
                    .as_ref()
                    .map(|(_, value)| self.operand(value, true));
                self.leave(exit, value)
            }
        }
    }

    /// What is stored of a variable declared without value; it is stored where the variable is assigned.
    fn declare_deferred(&mut self, var: VarId) {
        let (cx, rt) = (self.cx, self.cx.rt.clone());
        let ident = cx.ident(var);
        let mut tokens = TokenStream::new();
        if cx.has_type(var) {
            let ty = names::ty(ident);
            self.types.extend(quote!(let #ty = #rt::Ty::open();));
            tokens.extend(quote!(#rt::bind(#ty, &#ident);));
        }
        let mut store = |this: &mut Self, name: Ident, value: TokenStream| {
            this.keep_optional(name.clone(), Kind::Data);
            tokens.extend(quote!(#name = ::core::option::Option::Some(#value);));
        };
        if cx.needs_zero(var) {
            store(self, names::zero(ident), quote!(#rt::zero_of(&#ident)));
        }
        if cx.facts.var(var).storage == Storage::SaveIfDefined {
            store(
                self,
                names::kept(ident),
                quote!(::core::clone::Clone::clone(&#ident)),
            );
        }
        self.deferred.insert(var, tokens);
    }

    /// The pull of a cast knows both types, so it is taken when the result is there.
    fn cast_pull(&mut self, stmt: &Stmt, var: VarId, op: &Op) -> TokenStream {
        let Op::Cast(operand, _) = op else {
            return TokenStream::new();
        };
        if !self.cx.useful(var) || !self.cx.active(operand) {
            return TokenStream::new();
        }
        let rt = self.cx.rt.clone();
        let (operand, ident) = (self.peeled(operand), self.cx.ident(var));
        let pull = quote!(#rt::cast(#rt::pair(#operand, &#ident)));
        self.save(&names::pull(stmt.id), pull, Kind::Light)
    }

    fn assign(&mut self, stmt: &Stmt, place: &Place, op: &Op) -> TokenStream {
        let rt = self.cx.rt.clone();
        let root = self.cx.root(place);
        let restored = self.cx.restores(stmt.id);
        let target = self.place(place, true);
        if let Op::SumStep(term) = op {
            let term_tokens = self.operand(term, true);
            let old = if restored {
                self.save(
                    &names::old(stmt.id),
                    quote!(::core::clone::Clone::clone(&#target)),
                    self.kind_of_place(place),
                )
            } else {
                TokenStream::new()
            };
            if !self.cx.useful(root) || !self.cx.active(term) {
                return quote!(#old #target = #rt::sum(#target, #term_tokens).0;);
            }
            let pull = names::pull(stmt.id);
            let (summed, pulled) = (super::ours("__summed"), super::ours("__pulled"));
            let save = self.save(&pull, quote!(#pulled), Kind::Light);
            let zero = self.zero_after(stmt, root, &target);
            return quote!(#old let (#summed, #pulled) = #rt::sum(#target, #term_tokens); #target = #summed; #save #zero);
        }
        if let Op::Method { name, .. } = op
            && table::updates(&name.to_string())
        {
            return self.update_in_place(stmt, place, op);
        }
        let (before, tokens) = self.op(stmt, root, op);
        let mut stored = TokenStream::new();
        let mut before = before;
        if self.cx.is_whole(place) {
            stored.extend(self.deferred.get(&root).cloned());
            stored.extend(self.zero_after(stmt, root, &target));
        } else if self.cx.takes_zero_before(stmt.id, place) {
            // The shape of what is overwritten, for the cotangent that it leaves.
            let zero = quote!(#rt::zero_of(&#target));
            before.extend(self.save(&names::zero_before(stmt.id), zero, Kind::Light));
        }
        if let Some(log) = self.log(stmt, &target) {
            let next = super::ours("__next");
            return quote!(#before let #next = #tokens; #log #target = #next; #stored);
        }
        if restored {
            let next = super::ours("__next");
            let old = quote!(::core::mem::replace(&mut #target, #next));
            let info = self.func().var(root);
            // A reference that is bound anew is saved as a copy of what it referred to.
            let old = if info.borrows && info.active && self.cx.is_whole(place) {
                quote!(#rt::keep(&#old))
            } else {
                old
            };
            let save = self.save(&names::old(stmt.id), old, self.kind_of_place(place));
            quote!(#before let #next = #tokens; #save #stored)
        } else {
            quote!(#before #target = #tokens; #stored)
        }
    }

    /// A method that updates its receiver, in the place of an assignment.
    fn update_in_place(&mut self, stmt: &Stmt, place: &Place, op: &Op) -> TokenStream {
        let rt = self.cx.rt.clone();
        let root = self.cx.root(place);
        let target = self.place(place, true);
        let (mut before, tokens) = self.op(stmt, root, op);
        let mut after = TokenStream::new();
        if self.cx.is_whole(place) {
            after.extend(self.zero_after(stmt, root, &target));
        } else if self.cx.takes_zero_before(stmt.id, place) {
            let zero = quote!(#rt::zero_of(&#target));
            before.extend(self.save(&names::zero_before(stmt.id), zero, Kind::Light));
        }
        if self.cx.restores(stmt.id) {
            let old = quote!(::core::clone::Clone::clone(&#target));
            before.extend(self.save(&names::old(stmt.id), old, self.kind_of_place(place)));
        }
        quote!(#before #tokens; #after)
    }

    /// A method that changes its receiver, and what undoing it takes.
    fn mutate(&mut self, stmt: &Stmt, it: &Mutate) -> TokenStream {
        let rt = self.cx.rt.clone();
        let restored = self.cx.restores(stmt.id);
        let useful = self.cx.useful(self.cx.root(&it.place));
        let target = self.place(&it.place, true);
        let name = &it.name;
        let args: Vec<TokenStream> = it.args.iter().map(|it| self.operand(it, true)).collect();
        let old = names::old(stmt.id);
        match it.kind {
            Mutation::Permute(_) => quote!(#target.#name(#(#args),*);),
            Mutation::Fill | Mutation::Copy => {
                let save = if restored && self.cx.is_buffer(&it.place) {
                    if let Some(region) = &mut self.region {
                        region.lanes.words = true;
                    }
                    let words = names::stack_of_words(self.region.is_some());
                    let buffer = buffer(self.cx, &it.place, target.clone());
                    quote!(#rt::Numbers::ad_save(&#buffer, #words);)
                } else if restored {
                    self.save(&old, quote!(#target.ad_contents()), Kind::Data)
                } else {
                    TokenStream::new()
                };
                quote!(#save #target.#name(#(#args),*);)
            }
            Mutation::Push => quote!(#target.#name(#(#args),*);),
            Mutation::Pop => {
                let Some(result) = it.result else {
                    return TokenStream::new();
                };
                let ident = self.cx.ident(result);
                let after = self.after_definition(result);
                let save = if restored || useful {
                    self.save(
                        &old,
                        quote!(::core::clone::Clone::clone(&#ident)),
                        Kind::Data,
                    )
                } else {
                    TokenStream::new()
                };
                quote!(let #ident = #target.pop(); #save #after)
            }
            Mutation::Truncate => {
                if !restored && !useful {
                    return quote!(#target.#name(#(#args),*););
                }
                let len = args.first().cloned().unwrap_or_else(|| quote!(0));
                let bound = super::ours("__len");
                let save = self.save(&old, quote!(#target.ad_cut(#bound)), Kind::Data);
                quote!(let #bound = #len; #save)
            }
            Mutation::Sort if !restored && !useful => quote!(#target.#name(#(#args),*);),
            Mutation::Sort => {
                let sort = format_ident!("ad_{}", name);
                let save = self.save(&old, quote!(#target.#sort(#(#args),*)), Kind::Data);
                quote!(#save)
            }
            Mutation::Exchange => {
                let Some(Operand::Place(other)) = it.args.first() else {
                    return TokenStream::new();
                };
                let other = self.place(other, true);
                quote!(::core::mem::swap(&mut #target, &mut #other);)
            }
        }
    }

    /// The shape of what a statement assigns to a variable, for a cotangent that turns out to be zero.
    fn zero_after(&mut self, stmt: &Stmt, root: VarId, target: &TokenStream) -> TokenStream {
        if !self.cx.has_slot(root) {
            return TokenStream::new();
        }
        let rt = self.cx.rt.clone();
        self.zeros_after.insert((stmt.id, root));
        self.save(
            &names::zero_after(stmt.id),
            quote!(#rt::zero_of(&#target)),
            Kind::Light,
        )
    }

    fn with_result(&mut self, tokens: TokenStream, result: Option<VarId>) -> TokenStream {
        match result {
            Some(result) => {
                let ident = self.cx.ident(result);
                let after = self.after_definition(result);
                quote!(let #ident = #tokens; #after)
            }
            None => quote!(#tokens),
        }
    }

    /// Leaves scopes: each records the exit, stores what its frame saves and pushes its record.
    fn leave(&mut self, exit: &Exit, value: Option<TokenStream>) -> TokenStream {
        let id = exit.id;
        let mut tokens = TokenStream::new();
        let out = super::ours("__out");
        let label = lifetime(&exit.label);
        if let Some(value) = &value {
            tokens.extend(quote!(let #out = #value;));
        }
        for scope in &exit.leaves {
            if self.cx.facts.exits.contains_key(scope) {
                let name = names::exit(*scope);
                tokens.extend(quote!(#name = #id;));
            }
        }
        // Whatever the blocks inside of the target have defined is stored, then the frames that end push their records.
        let inside = exit
            .leaves
            .last()
            .and_then(|it| self.opened.get(it))
            .copied()
            .unwrap_or(0);
        for list in self.flushes.get(inside..).unwrap_or_default().iter().rev() {
            for flush in list {
                tokens.extend(flush.after.clone());
            }
        }
        for scope in &exit.leaves {
            let ends = self.frames.iter().any(|it| it.scope == Some(*scope));
            if ends && *scope != self.func().scope {
                let push = names::push(*scope);
                tokens.extend(quote!(#push!();));
            }
            // Behind the loop that is the target of an exit its lanes are given back in any case.
            let past = exit.leaves.last() != Some(scope);
            if past && self.region.as_ref().is_some_and(|it| it.scope == *scope) {
                let give = names::give(*scope);
                tokens.extend(quote!(#give!();));
            }
        }
        self.left.extend(exit.leaves.iter().copied());
        match (exit.kind, value) {
            (ExitKind::Continue, _) => tokens.extend(quote!(continue #label;)),
            (ExitKind::Break, Some(_)) => tokens.extend(quote!(break #label #out;)),
            (ExitKind::Break, None) => tokens.extend(quote!(break #label;)),
        }
        tokens
    }
}

/// Does the statement leave the scope, at any depth?
fn leaves(stmt: &Stmt, scope: ScopeId) -> bool {
    let mut found = stmt
        .kind
        .exit()
        .is_some_and(|it| it.leaves.contains(&scope));
    for block in stmt.kind.blocks() {
        block.walk(&mut |it| found |= it.kind.exit().is_some_and(|it| it.leaves.contains(&scope)));
    }
    found
}

pub(super) fn lifetime(label: &Ident) -> syn::Lifetime {
    syn::Lifetime {
        apostrophe: label.span(),
        ident: label.clone(),
    }
}

fn op_span(op: &BinOp) -> proc_macro2::Span {
    syn::spanned::Spanned::span(op)
}

/// How an argument is handed to a callee.
pub(super) fn handed_by_reference(func: &Func, call: &Call, at: usize) -> bool {
    call.hands(at, |it| by_reference(func, it))
}
