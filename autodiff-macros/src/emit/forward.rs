//! The forward half: the user's function in A-normal form, with saves.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::BinOp;

use super::value::{Cx, Half};
use super::{Lanes, names};
use crate::analysis::needs::{by_reference, place_fact, scalar_operands};
use crate::analysis::{Cotangent, Storage};
use crate::ir::{
    Aggregate, Block, Build, BuildKind, By, Call, Callee, Exit, ExitKind, Fact, Func, Loop,
    LoopKind, Mutate, Mutation, Op, Operand, Place, Proj, ScopeId, Stmt, StmtKind, VarId, VarKind,
};
use crate::names as table;

/// What is known of an item that a frame saves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It may turn out to be nothing, once its type is known.
    Light,
    /// It is a number, a counter or a mark, or an `Option` of one.
    Words,
    Data,
}

/// What the frame of a loop saves, in order.
#[derive(Default)]
pub(super) struct Record {
    items: Vec<(Ident, Kind)>,
}

impl Record {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items of the record that lies in a lane, as an expression or a pattern. One without data is a nest of pairs.
    pub(super) fn lane(&self, of: impl Fn(&Ident) -> TokenStream) -> Option<TokenStream> {
        if self.has_data() {
            return Some(self.tuple(of));
        }
        self.nest(Kind::Light, of)
    }

    /// The items that lie on the stack of words.
    pub(super) fn words(&self, of: impl Fn(&Ident) -> TokenStream) -> Option<TokenStream> {
        if self.has_data() {
            return None;
        }
        self.nest(Kind::Words, of)
    }

    /// All items.
    pub(super) fn tuple(&self, of: impl Fn(&Ident) -> TokenStream) -> TokenStream {
        let items = self.items.iter().map(|it| of(&it.0));
        quote!((#(#items,)*))
    }

    fn has_data(&self) -> bool {
        self.items.iter().any(|it| it.1 == Kind::Data)
    }

    fn nest(&self, kind: Kind, of: impl Fn(&Ident) -> TokenStream) -> Option<TokenStream> {
        let items: Vec<&Ident> = (self.items.iter())
            .filter(|it| it.1 == kind)
            .map(|it| &it.0)
            .collect();
        let nest = |rest, it: &&Ident| {
            let it = of(it);
            quote!((#it, #rest))
        };
        (!items.is_empty()).then(|| items.iter().rev().fold(quote!(()), nest))
    }
}

#[derive(Default)]
struct Frame {
    scope: Option<ScopeId>,
    record: Record,
    /// Declarations at the start of the frame.
    hoisted: TokenStream,
}

/// A loop without calls that stands in no other: it takes the lanes of its records out of the tape, and those of the
/// loops inside of it, because nobody else saves anything while it runs.
struct Region {
    scope: ScopeId,
    lanes: Lanes,
}

/// A value that is stored when its block ends or an exit leaves it.
struct Flush {
    /// After the result of the block is made, by move.
    after: TokenStream,
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

    fn frame(&mut self) -> &mut Frame {
        self.frames
            .last_mut()
            .unwrap_or_else(|| unreachable!("statements are emitted inside a frame"))
    }

    fn frame_scope(&self) -> ScopeId {
        self.frames
            .last()
            .and_then(|it| it.scope)
            .unwrap_or(self.cx.func.scope)
    }

    /// Is what is defined here defined whenever the frame ends?
    fn definite(&self) -> bool {
        self.root && !self.left.contains(&self.frame_scope())
    }

    /// An item of the record.
    fn keep(&mut self, name: Ident, kind: Kind) {
        self.frame().record.items.push((name, kind));
    }

    /// Saves a value of our own under a name.
    fn save(&mut self, name: &Ident, value: TokenStream, kind: Kind) -> TokenStream {
        if self.definite() {
            self.keep(name.clone(), kind);
            return quote!(let #name = #value;);
        }
        let kind = match kind {
            Kind::Light => Kind::Data,
            other => other,
        };
        self.keep_optional(name.clone(), kind);
        self.optional.insert(name.to_string());
        quote!(#name = ::core::option::Option::Some(#value);)
    }

    /// An item of the record that may not be there, declared at the start of the frame.
    fn keep_optional(&mut self, name: Ident, kind: Kind) {
        self.hoist(&name, quote!(::core::option::Option::None), kind);
    }

    /// An item with a default, declared at the start of the frame.
    fn hoist(&mut self, name: &Ident, init: TokenStream, kind: Kind) {
        self.keep(name.clone(), kind);
        self.frame().hoisted.extend(quote!(let mut #name = #init;));
    }

    /// What a saved variable is.
    fn kind(&self, var: VarId) -> Kind {
        if self.cx.is_scalar(var) && !self.cx.func.var(var).borrows {
            Kind::Words
        } else {
            Kind::Data
        }
    }

    /// What the old value of a place is.
    fn kind_of_place(&self, place: &Place) -> Kind {
        if place_fact(self.func(), place) == Fact::Scalar {
            Kind::Words
        } else {
            Kind::Data
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
        if cx.has_slot(var) {
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
                    | Some(Proj::Field(_) | Proj::Payload | Proj::Accessor(_) | Proj::Deref) => {
                        self.stays(place.root)
                    }
                    Some(Proj::Elem(_)) => true,
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

    /// An operand as a rule sees it: literals stay open to inference.
    fn peeled(&self, operand: &Operand) -> TokenStream {
        let rt = &self.cx.rt;
        match operand {
            Operand::Lit(expr) => quote!(&#rt::Lit(#expr)),
            other => {
                let tokens = self.operand(other, false);
                quote!(&#tokens)
            }
        }
    }

    // === operations ===

    /// The tokens before an operation, and the operation.
    fn op(&mut self, stmt: &Stmt, result: VarId, op: &Op) -> (TokenStream, TokenStream) {
        let rt = self.cx.rt.clone();
        let useful = self.cx.useful(result);
        let span = stmt.span;
        let mut before = TokenStream::new();
        let tokens = match op {
            Op::Use(operand) => self.operand(operand, true),
            Op::Code(code) => {
                let expr = &code.expr;
                quote!(#expr)
            }
            Op::Neg(operand) => {
                if useful && self.cx.active(operand) && !scalar_operands(self.func(), &[operand]) {
                    let peeled = self.peeled(operand);
                    let pull = super::located(quote!(#rt::neg(#rt::peel(#peeled))), span);
                    before = self.save(&names::pull(stmt.id), pull, Kind::Light);
                }
                let operand = self.operand(operand, true);
                quote!(-#operand)
            }
            Op::Binary(op, left, right) => {
                let linear = matches!(op, BinOp::Add(_) | BinOp::Sub(_));
                let wanted = self.cx.active(left) || self.cx.active(right);
                if useful && wanted && linear && !scalar_operands(self.func(), &[left, right]) {
                    let f = if matches!(op, BinOp::Add(_)) {
                        format_ident!("add")
                    } else {
                        format_ident!("sub")
                    };
                    let (a, b) = (self.peeled(left), self.peeled(right));
                    let span = op_span(op);
                    let pull = super::located(quote!(#rt::#f(#rt::pair(#a, #b))), span);
                    before = self.save(&names::pull(stmt.id), pull, Kind::Light);
                }
                if let (BinOp::Mul(_), Some(a), Some(b)) = (op, left.place(), right.place())
                    && self.func().var(a.root).lifted
                    && self.func().var(b.root).lifted
                {
                    let (a, b) = (self.place(a, false), self.place(b, false));
                    let times = super::located(quote!(#rt::times), op_span(op));
                    quote!(#times(&#a, &#b))
                } else {
                    let (left, right) = (self.operand(left, true), self.operand(right, true));
                    quote!(#left #op #right)
                }
            }
            Op::Cast(operand, ty) => {
                let tokens = self.operand(operand, true);
                quote!(#tokens as #ty)
            }
            Op::Method {
                recv,
                name,
                turbofish,
                args,
            } => {
                let consumes = table::method(&name.to_string()).is_none_or(|it| it.consumes);
                let recv = match recv {
                    Operand::Lit(expr) => quote!((#expr)),
                    other => self.operand(other, consumes),
                };
                let args = args.iter().map(|it| self.operand(it, true));
                quote!(#recv.#name #turbofish (#(#args),*))
            }
            Op::Construct { path, args, .. } | Op::Foreign { path, args, .. } => {
                let args = args.iter().map(|it| self.operand(it, true));
                quote!(#path(#(#args),*))
            }
            Op::Call(call) => return self.call(stmt, useful, call),
            Op::Aggregate(kind, items) => {
                if let Aggregate::Stack(_, columns) = kind
                    && useful
                {
                    // Where each block stands; a literal is a block of zeros.
                    let shapes: Vec<TokenStream> = items
                        .iter()
                        .map(|it| match it {
                            Operand::Lit(_) => quote!(::core::option::Option::None),
                            _ => {
                                let item = self.operand(it, false);
                                quote!(::core::option::Option::Some((#item).shape()))
                            }
                        })
                        .collect();
                    let zeros = items.iter().map(|it| {
                        if self.cx.active(it) {
                            let item = self.operand(it, false);
                            quote!(#rt::zero_of(&#item))
                        } else {
                            quote!(())
                        }
                    });
                    let blocks = quote!((#rt::blocks(&[#(#shapes),*], #columns), (#(#zeros,)*)));
                    before = self.save(&names::pull(stmt.id), blocks, Kind::Data);
                }
                self.aggregate(kind, items)
            }
            Op::SumStep(_) => unreachable!("a step of a sum is an assignment"),
            Op::SumStart => quote!(#rt::empty_sum()),
            Op::Build(build) => return (TokenStream::new(), self.build(build)),
        };
        (before, tokens)
    }

    fn aggregate(&self, kind: &Aggregate, operands: &[Operand]) -> TokenStream {
        let items: Vec<TokenStream> = operands.iter().map(|it| self.operand(it, true)).collect();
        match kind {
            Aggregate::Tuple => quote!((#(#items,)*)),
            Aggregate::Array => quote!([#(#items),*]),
            Aggregate::Repeat(len) => {
                let len = &len.expr;
                quote!([#(#items)*; #len])
            }
            Aggregate::RepeatMacro(path, len) => {
                let len = &len.expr;
                quote!(#path![#(#items)*; #len])
            }
            Aggregate::Payload(path)
            | Aggregate::New(path)
            | Aggregate::Boxed(path)
            | Aggregate::MatrixNew(path, _)
            | Aggregate::TupleStruct(path) => {
                quote!(#path(#(#items),*))
            }
            Aggregate::Struct {
                path,
                members,
                base,
                ..
            } => {
                let given = members
                    .iter()
                    .zip(&items)
                    .map(|(member, item)| quote!(#member: #item));
                let rest = items.last().filter(|_| *base).map(|it| quote!(..#it));
                quote!(#path { #(#given,)* #rest })
            }
            Aggregate::Macro(path) => quote!(#path![#(#items),*]),
            Aggregate::MatrixMacro(path, columns) | Aggregate::Stack(path, columns) => {
                let rows = items.chunks((*columns).max(1)).map(|row| quote!(#(#row),*));
                quote!(#path![#(#rows);*])
            }
        }
    }

    /// A call whose result is useful runs the forward half of the callee and saves its residual.
    fn call(&mut self, stmt: &Stmt, useful: bool, call: &Call) -> (TokenStream, TokenStream) {
        let rt = self.cx.rt.clone();
        if let Some(primal) = call.primal() {
            return self.tangent_call(stmt, useful, call, &primal);
        }
        // A call that may write what it is lent is undone in any case.
        let useful = useful || (0..call.args.len()).any(|at| call.lends(&self.func().vars, at));
        let values: Vec<TokenStream> = call
            .args
            .iter()
            .enumerate()
            .map(|(at, it)| self.argument(call, at, it))
            .collect();
        let plain = match &call.callee {
            Callee::Function(path) | Callee::Associated(path) => quote!(#path(#(#values),*)),
            Callee::Tangent(_) => unreachable!("the call of a tangent program is written above"),
            Callee::Method(name, turbofish) => {
                let (recv, args) = (&values[0], &values[1..]);
                if useful {
                    // It stands in an arm that is never taken, where the receiver must not be moved.
                    quote!(#rt::like(&#recv).#name #turbofish (#(#args),*))
                } else {
                    quote!(#recv.#name #turbofish (#(#args),*))
                }
            }
        };
        let marks = call.args.iter().enumerate().map(|(at, it)| {
            if self.cx.varies(it) && call.lends(&self.func().vars, at) {
                quote!(#rt::Lent)
            } else if self.cx.varies(it) {
                quote!(#rt::On)
            } else {
                quote!(#rt::Off)
            }
        });
        let marks = quote!((#(#marks,)*));
        let forward =
            super::halves::callee(self.cx, call, stmt.span, marks, &values, call.args.len());
        if !useful {
            // The result is not needed, but what the callee does with an active value besides must be nothing: a
            // function with a derivative is one whose only effect is its value.
            let active = call.args.iter().any(|it| self.cx.varies(it));
            let checked = quote!(match () { _ if false => #rt::value_of(#forward), _ => #plain });
            return (TokenStream::new(), if active { checked } else { plain });
        }
        let back = names::back(stmt.id);
        let value = super::ours("__called");
        let residual = super::ours("__residual");
        let save = self.save(&back, quote!(#residual), Kind::Data);
        let before = quote!(
            let (#value, #residual) = match () { _ if false => (#plain, #rt::never()), _ => #forward };
            #save
        );
        (before, quote!(#value))
    }

    /// An argument as it is passed. A receiver is borrowed by the method that it is given to.
    fn argument(&self, call: &Call, at: usize, operand: &Operand) -> TokenStream {
        let receiver = call.is_method() && at == 0;
        match operand {
            // The way to a receiver that may be written.
            Operand::Place(place) if receiver => {
                let lent = call.lends(&self.func().vars, 0);
                let tokens = self.place(place, lent);
                let info = self.func().var(place.root);
                // The method is looked for on the value, not on the reference.
                if place.proj.is_empty()
                    && info.writes_through()
                    && !matches!(info.kind, VarKind::Alias { depth: 0, .. })
                {
                    quote!((*#tokens))
                } else {
                    tokens
                }
            }
            _ => self.operand(operand, !receiver),
        }
    }

    /// The call of the tangent program of a callee. Where nothing varies, it only runs.
    fn tangent_call(
        &mut self,
        stmt: &Stmt,
        useful: bool,
        call: &Call,
        primal: &Call,
    ) -> (TokenStream, TokenStream) {
        let rt = self.cx.rt.clone();
        let count = primal.args.len();
        let dots = &call.args[count..];
        let mut values: Vec<TokenStream> = (primal.args.iter().enumerate())
            .map(|(at, it)| self.argument(primal, at, it))
            .collect();
        let vars = &self.func().vars;
        let lent: Vec<usize> = (0..count).filter(|at| primal.lends(vars, *at)).collect();
        let is_lent = |at: usize| lent.contains(&(at % count));
        let by_reference_at = |at: usize| handed_by_reference(self.func(), primal, at % count);
        let apart = super::lend::tangents(self.cx, stmt, dots, is_lent, by_reference_at);
        let (mut runs, mut varies) = (vec![quote!(#rt::Off); count], TokenStream::new());
        let mut earlier = TokenStream::new();
        for (at, dot) in dots.iter().enumerate() {
            let lends = is_lent(at);
            let given = !matches!(dot, Operand::Never);
            if given {
                runs[at % count] = if lends {
                    quote!(#rt::Lent)
                } else {
                    quote!(#rt::On)
                };
            }
            let place = |writes| {
                if let Some(part) = apart.shadows.get(&at) {
                    return quote!(#part);
                }
                let Some(place) = dot.place() else {
                    return TokenStream::new();
                };
                let tokens = self.place(place, writes);
                let var = self.func().var(place.root);
                let named = matches!(dot, Operand::Place(_)) && place.proj.is_empty();
                let reference = var.writes_through() || by_reference(self.func(), dot);
                if named && reference {
                    quote!((*#tokens))
                } else {
                    tokens
                }
            };
            values.push(if !given {
                quote!(::core::option::Option::None)
            } else if lends {
                let place = place(true);
                quote!(#rt::Lend::ad_lend(&mut #place))
            } else if handed_by_reference(self.func(), primal, at % count) {
                let place = place(false);
                quote!(::core::option::Option::Some(#rt::hand(&#place)))
            } else {
                let value = self.operand(dot, true);
                let behind = dot.place().is_some_and(|it| !it.proj.is_empty());
                if behind && !lent.is_empty() {
                    // Its index may ask a variable that is lent to the call.
                    let early = super::ours(&format!("__dot_{}_{at}", stmt.id));
                    earlier.extend(quote!(let #early = #value;));
                    quote!(::core::option::Option::Some(#early))
                } else {
                    quote!(::core::option::Option::Some(#value))
                }
            });
        }
        for (at, arg) in call.args.iter().enumerate() {
            varies.extend(if !self.cx.varies(arg) {
                quote!(#rt::Off,)
            } else if is_lent(at) {
                quote!(#rt::Lent,)
            } else {
                quote!(#rt::On,)
            });
        }
        let (before, after) = (apart.before, apart.after);
        let before = quote!(#earlier #before);
        let plain = super::tangent::call(&call.callee, &runs, &values);
        let put_back = |run: TokenStream| {
            if after.is_empty() {
                return run;
            }
            let pair = super::ours("__pair");
            quote!({ let #pair = #run; #after #pair })
        };
        let active = call.args.iter().any(|it| self.cx.varies(it));
        if !active || (!useful && lent.is_empty()) {
            return (before, put_back(plain));
        }
        let marks = quote!((#varies));
        let count = call.args.len();
        let forward = super::halves::callee(self.cx, call, stmt.span, marks, &values, count);
        let back = names::back(stmt.id);
        let (value, residual) = (super::ours("__called"), super::ours("__residual"));
        let save = self.save(&back, quote!(#residual), Kind::Data);
        let run =
            put_back(quote!(match () { _ if false => (#plain, #rt::never()), _ => #forward }));
        (
            quote!(#before let (#value, #residual) = #run; #save),
            quote!(#value),
        )
    }

    /// A container made element by element.
    fn build(&mut self, build: &Build) -> TokenStream {
        let rt = self.cx.rt.clone();
        let opens = self.open_region(build.scope, &build.body);
        let frame = Frame {
            scope: Some(build.scope),
            ..Frame::default()
        };
        self.frames.push(frame);
        let mut head = TokenStream::new();
        for param in &build.params {
            head.extend(self.after_definition(*param));
        }
        let mut body = build.body.clone();
        let result = body.result.take();
        let outer = core::mem::replace(&mut self.root, true);
        self.opened.insert(build.scope, self.flushes.len());
        self.flushes.push(Vec::new());
        let mut stmts = head;
        for stmt in &body.stmts {
            stmts.extend(self.stmt(stmt));
        }
        let after = self.flush_list();
        self.root = outer;
        let push = self.finish_frame(build.scope, None);
        let value = match &result {
            Some(result) => self.operand(result, true),
            None => quote!(()),
        };
        let (hoisted, push) = push;
        let out = super::ours("__element");
        let inner = quote!(#hoisted #stmts let #out = #value; #after #push #out);
        let inner = fill(inner, &names::push(build.scope), &push);
        let params: Vec<&Ident> = build.params.iter().map(|it| self.cx.ident(*it)).collect();
        let container = match &build.kind {
            BuildKind::Map { recv } => {
                let stays = recv.proj.is_empty() && self.stays(recv.root);
                let recv = self.operand(&Operand::Place(recv.clone()), false);
                // An `Option` is consumed, a matrix is read.
                let recv = if stays {
                    quote!(#rt::Mapped::ad_mapped(&#recv))
                } else {
                    recv
                };
                quote!(#recv.map(|#(#params),*| { #inner }))
            }
            BuildKind::ZipMap { recv, other } => {
                let recv = self.operand(&Operand::Place(recv.clone()), false);
                let other = self.operand(other, true);
                quote!(#recv.zip_map(#other, |#(#params),*| { #inner }))
            }
            BuildKind::FromFn { path, dims } => {
                let dims = dims.iter().map(|it| &it.expr);
                quote!(#path(#(#dims,)* |#(#params),*| { #inner }))
            }
            BuildKind::FromIterator { path, dims } => {
                let (index, count) = (self.cx.ident(build.index), self.cx.ident(build.count));
                let dims = dims.iter().map(|it| &it.expr);
                quote!(#path(#(#dims,)* ::core::iter::Iterator::map(0..#count, |#index| { #inner })))
            }
            BuildKind::Collect { turbofish } => {
                let index = self.cx.ident(build.index);
                let count = self.cx.ident(build.count);
                let _ = rt;
                quote!(::core::iter::Iterator::collect #turbofish (::core::iter::Iterator::map(0..#count, |#index| { #inner })))
            }
        };
        if !opens {
            return container;
        }
        let (take, give) = self.close_region();
        if take.is_empty() {
            return container;
        }
        let built = super::ours("__built");
        quote!({ #take let #built = #container; #give #built })
    }

    /// Begins a region, if a loop is the outermost one without calls.
    fn open_region(&mut self, scope: ScopeId, body: &Block) -> bool {
        let opens = self.region.is_none() && !crate::analysis::has_calls(body);
        if opens {
            let lanes = Lanes::default();
            self.region = Some(Region { scope, lanes });
        }
        opens
    }

    /// Ends a region: how its lanes are taken before the loop and given back after it.
    fn close_region(&mut self) -> (TokenStream, TokenStream) {
        let Some(Region { scope, lanes }) = self.region.take() else {
            return (TokenStream::new(), TokenStream::new());
        };
        let around = lanes.around();
        self.regions.insert(scope, lanes);
        around
    }

    /// Declares the counters of the buffers whose elements a region logs.
    fn open_logs(&mut self, it: &Loop) -> TokenStream {
        let rt = self.cx.rt.clone();
        let mut buffers = BTreeSet::new();
        it.body
            .walk(&mut |stmt| buffers.extend(self.cx.facts.logs.get(&stmt.id)));
        let mut reset = TokenStream::new();
        for buffer in buffers {
            let log = names::log(it.scope, self.cx.ident(buffer));
            let empty = quote!(<#rt::Log as ::core::default::Default>::default());
            self.hoist(&log, empty.clone(), Kind::Data);
            reset.extend(quote!(#log = #empty;));
            if let Some(region) = &mut self.region {
                region.lanes.words = true;
            }
        }
        reset
    }

    /// Saves the element that a statement overwrites, if its buffer is logged.
    fn log(&self, stmt: &Stmt, target: &TokenStream) -> Option<TokenStream> {
        let buffer = *self.cx.facts.logs.get(&stmt.id)?;
        let region = self.region.as_ref()?;
        let ident = self.cx.ident(buffer);
        let (rt, words, log) = (&self.cx.rt, names::words(), names::log(region.scope, ident));
        let saves = match self.group {
            Some(scope) => names::logs(scope, ident).to_token_stream(),
            None => {
                let buffer = self.cx.whole(buffer, Half::Forward);
                quote!(#log.begin(&mut #words, &#buffer, 1))
            }
        };
        Some(quote!(
            if #saves {
                #rt::Words::save(::core::clone::Clone::clone(&#target), &mut #words);
            }
        ))
    }

    /// What is asked before an inner loop about the buffers that it logs.
    fn begin_group(&self, it: &Loop, turns: &TokenStream) -> TokenStream {
        let Some(region) = &self.region else {
            return TokenStream::new();
        };
        let words = names::words();
        let begin = self.cx.logged(it).into_iter().map(|(buffer, writes)| {
            let ident = self.cx.ident(buffer);
            let (log, logs) = (
                names::log(region.scope, ident),
                names::logs(it.scope, ident),
            );
            let buffer = self.cx.whole(buffer, Half::Forward);
            let writes = quote!(::core::primitive::usize::saturating_mul(#writes, #turns));
            quote!(let #logs = #log.begin(&mut #words, &#buffer, #writes);)
        });
        quote!(#(#begin)*)
    }

    /// The declarations and the push of a frame that is complete. `few`: the number of turns of the loop, if it is small
    /// and known.
    fn finish_frame(&mut self, scope: ScopeId, few: Option<usize>) -> (TokenStream, TokenStream) {
        let frame = self.frames.pop().unwrap_or_default();
        let record = &frame.record;
        let light = record.items.iter().all(|it| it.1 == Kind::Light);
        let push = match few {
            Some(few) if !light => self.push_of_few(scope, record, few),
            _ => self.push_on_tape(scope, record),
        };
        self.records.insert(scope, frame.record);
        (frame.hoisted, push)
    }

    fn push_of_few(&mut self, scope: ScopeId, record: &Record, few: usize) -> TokenStream {
        let values = record.tuple(|it| self.record_value(it));
        let [records, at] = names::turns(scope);
        self.keep(records.clone(), Kind::Data);
        self.frame().hoisted.extend(quote!(
            let mut #records: [_; #few] = ::core::array::from_fn(|_| ::core::option::Option::None);
        ));
        self.few.insert(scope);
        quote!(
            #records[#at] = ::core::option::Option::Some(#values);
            #at += 1;
        )
    }

    fn push_on_tape(&mut self, scope: ScopeId, record: &Record) -> TokenStream {
        let rt = self.cx.rt.clone();
        let mut push = TokenStream::new();
        if let Some(values) = record.lane(|it| self.record_value(it)) {
            let (name, lane, tape) = (names::record(scope), names::lane(scope), names::tape());
            let open = if record.has_data() {
                quote!(record)
            } else {
                quote!(light_record)
            };
            let mut number = 0;
            if let Some(region) = &mut self.region {
                number = region.lanes.records.len();
                push.extend(quote!(#lane.push(#values);));
                region.lanes.records.push((lane, name.clone()));
            } else {
                push.extend(quote!(#tape.push(#name, #values);));
            }
            self.types.extend(quote!(let #name = #rt::#open(#number);));
        }
        if let Some(values) = record.words(|it| self.record_value(it)) {
            let name = names::words_of(scope);
            self.types.extend(quote!(let #name = #rt::word_record();));
            let words = names::stack_of_words(self.region.is_some());
            if let Some(region) = &mut self.region {
                region.lanes.words = true;
            }
            push.extend(quote!(#name.save(#words, #values);));
        }
        push
    }

    /// A saved variable that borrows is stored as an owned copy.
    fn record_value(&self, item: &Ident) -> TokenStream {
        let rt = &self.cx.rt;
        if self.cx.is_held_ident(item) {
            return quote!((&#rt::Holder(&#item)).ad_hold());
        }
        if self.is_evaluated(item) {
            let value = super::ours("__value");
            quote!({
                let #value = #item;
                (&#rt::Holder(&#value)).ad_way().ad_keep(#value)
            })
        } else if self.borrows(item) {
            quote!(#rt::keep(&#item))
        } else {
            quote!(#item)
        }
    }

    /// Is this a variable that is evaluated again if it is a number?
    fn is_evaluated(&self, item: &Ident) -> bool {
        self.cx
            .named(item)
            .is_some_and(|it| self.cx.facts.var(it).storage == Storage::SaveOrEvaluate)
    }

    fn borrows(&self, item: &Ident) -> bool {
        self.cx.named(item).is_some_and(|it| {
            let info = self.cx.func.var(it);
            info.borrows && info.active
        })
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
                let ty = ty.as_ref().map(|it| quote!(: #it));
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
                } else if self.cx.facts.restores.contains(&stmt.id) {
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
                if self.cx.facts.restores.contains(&stmt.id) {
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
        if cx.has_slot(var) {
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
        let restored = self.cx.facts.restores.contains(&stmt.id);
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
        if self.cx.facts.restores.contains(&stmt.id) {
            let old = quote!(::core::clone::Clone::clone(&#target));
            before.extend(self.save(&names::old(stmt.id), old, self.kind_of_place(place)));
        }
        quote!(#before #tokens; #after)
    }

    /// A method that changes its receiver, and what undoing it takes.
    fn mutate(&mut self, stmt: &Stmt, it: &Mutate) -> TokenStream {
        let rt = self.cx.rt.clone();
        let restored = self.cx.facts.restores.contains(&stmt.id);
        let useful = self.cx.useful(self.cx.root(&it.place));
        let target = self.place(&it.place, true);
        let name = &it.name;
        let args: Vec<TokenStream> = it.args.iter().map(|it| self.operand(it, true)).collect();
        let old = names::old(stmt.id);
        match it.kind {
            Mutation::Permute(_) => quote!(#target.#name(#(#args),*);),
            Mutation::Fill | Mutation::Copy => {
                let save = if restored {
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
                let save = self.save(&old, quote!(#rt::cut(&mut #target, #bound)), Kind::Data);
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

    fn loop_(&mut self, it: &Loop) -> TokenStream {
        let opens = self.open_region(it.scope, &it.body);
        let logs = if opens {
            self.open_logs(it)
        } else {
            TokenStream::new()
        };
        let trips = it
            .trips
            .filter(|trips| !self.cx.facts.var(*trips).needed.is_empty());
        let mut reset = TokenStream::new();
        let mut count = TokenStream::new();
        if let Some(trips) = trips {
            let trips = self.cx.ident(trips).clone();
            self.hoist(&trips, quote!(0_usize), Kind::Words);
            reset = quote!(#trips = 0;);
            count = quote!(#trips += 1;);
        }
        self.frames.push(Frame {
            scope: Some(it.scope),
            ..Frame::default()
        });
        let exits = self.cx.facts.exits.contains_key(&it.scope);
        if exits {
            self.hoist(
                &names::exit(it.scope),
                quote!(::core::primitive::u32::MAX),
                Kind::Words,
            );
        }
        let mut group = TokenStream::new();
        if let Some(turns) = self.cx.turns_of_group(it, Half::Forward) {
            group = self.begin_group(it, &turns);
            self.group = Some(it.scope);
        }
        let outer = core::mem::replace(&mut self.root, true);
        self.opened.insert(it.scope, self.flushes.len());
        self.flushes.push(Vec::new());
        let mut stmts = TokenStream::new();
        if let LoopKind::Iter { vars, .. } = &it.kind {
            for var in vars {
                stmts.extend(self.after_definition(*var));
            }
        }
        for stmt in &it.body.stmts {
            stmts.extend(self.stmt(stmt));
        }
        let after = self.flush_list();
        self.root = outer;
        self.group = None;
        let (hoisted, push) = self.finish_frame(it.scope, Cx::few_turns(it));
        let body = quote!(#count #hoisted #stmts #after #push);
        let body = fill(body, &names::push(it.scope), &push);
        let label = lifetime(&it.label);
        let tokens = match &it.kind {
            LoopKind::Count { index, count } => {
                let (index, count) = (self.cx.ident(*index), self.cx.ident(*count));
                quote!(#label: for #index in 0..#count { #body })
            }
            LoopKind::Iter { pat, iter, .. } => {
                let expr = &iter.expr;
                // What is read again later is not consumed.
                let stays = matches!(expr, syn::Expr::Path(_))
                    && iter.reads.first().is_some_and(|it| self.stays(*it));
                let iter = if stays {
                    quote!(::core::clone::Clone::clone(&#expr))
                } else {
                    quote!(#expr)
                };
                quote!(#label: for #pat in #iter { #body })
            }
            LoopKind::While(cond) => {
                let cond = &cond.expr;
                quote!(#label: while #cond { #body })
            }
            LoopKind::Forever => quote!(#label: loop { #body }),
        };
        let (tokens, take, give) = if opens {
            let (take, give) = self.close_region();
            let tokens = fill(tokens, &names::give(it.scope), &give);
            (tokens, take, give)
        } else {
            (tokens, TokenStream::new(), TokenStream::new())
        };
        let statement = self.with_result(tokens, it.result);
        if self.few.contains(&it.scope) {
            let [_, at] = names::turns(it.scope);
            reset.extend(quote!(let mut #at = 0_usize;));
        }
        quote!(#reset #logs #take #group #statement #give)
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

/// Puts the push of a record where `marker!();` stands.
fn fill(tokens: TokenStream, marker: &Ident, push: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut iter = tokens.into_iter().peekable();
    while let Some(token) = iter.next() {
        match token {
            TokenTree::Ident(ident) if ident == *marker => {
                // `!` `()` `;`
                for _ in 0..3 {
                    iter.next();
                }
                out.extend(push.clone());
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), fill(group.stream(), marker, push));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

fn op_span(op: &BinOp) -> proc_macro2::Span {
    syn::spanned::Spanned::span(op)
}

/// How an argument is handed to a callee.
pub(super) fn handed_by_reference(func: &Func, call: &Call, at: usize) -> bool {
    call.hands(at, |it| by_reference(func, it))
}
