//! The operations of the forward half: as the user wrote them, or with a residual.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::BinOp;

use super::super::names;
use super::super::tangent::given_tangent;
use super::super::value::Half;
use super::loops::fill;
use super::record::{Frame, Kind};
use super::{Forward, handed_by_reference, op_span};
use crate::analysis::needs::{by_reference, scalar_operands};
use crate::ir::{Aggregate, Build, BuildKind, Call, Callee, Op, Operand, Stmt, VarId, VarKind};
use crate::names as table;

impl Forward<'_> {
    /// An operand as a rule sees it: literals stay open to inference.
    pub(super) fn peeled(&self, operand: &Operand) -> TokenStream {
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
    pub(super) fn op(&mut self, stmt: &Stmt, result: VarId, op: &Op) -> (TokenStream, TokenStream) {
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
                    let pull = super::super::located(quote!(#rt::neg(#rt::peel(#peeled))), span);
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
                    let pull = super::super::located(quote!(#rt::#f(#rt::pair(#a, #b))), span);
                    before = self.save(&names::pull(stmt.id), pull, Kind::Light);
                }
                if let (BinOp::Mul(_), Some(a), Some(b)) = (op, left.place(), right.place())
                    && self.func().var(a.root).lifted
                    && self.func().var(b.root).lifted
                {
                    let (a, b) = (self.place(a, false), self.place(b, false));
                    super::super::located(quote!(#rt::times(&#a, &#b)), op_span(op))
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
                let resized = self.cx.resized(kind, items);
                if useful && let (Some(base), false) = (items.last(), resized.is_empty()) {
                    let base = self.operand(base, false);
                    let shapes = quote!((#(#rt::Part(&#base.#resized).ad_zero_of(),)*));
                    before = self.save(&names::pull(stmt.id), shapes, Kind::Data);
                }
                self.aggregate(kind, items)
            }
            Op::SumStep(_) => unreachable!("a step of a sum is an assignment"),
            Op::SumStart => quote!(#rt::empty_sum()),
            Op::Build(build) => return (TokenStream::new(), self.build(build)),
        };
        (before, tokens)
    }

    pub(super) fn aggregate(&self, kind: &Aggregate, operands: &[Operand]) -> TokenStream {
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
    pub(super) fn call(
        &mut self,
        stmt: &Stmt,
        useful: bool,
        call: &Call,
    ) -> (TokenStream, TokenStream) {
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
                self.mark(it)
            } else {
                quote!(#rt::Off)
            }
        });
        let marks = quote!((#(#marks,)*));
        let (given, marks) = self.marks(stmt, call, marks);
        let forward =
            super::super::halves::callee(self.cx, call, stmt.span, marks, &values, call.args.len());
        if !useful {
            // The result is not needed, but what the callee does with an active value besides must be nothing: a
            // function with a derivative is one whose only effect is its value.
            let active = call.args.iter().any(|it| self.cx.varies(it));
            let checked =
                quote!(match () { _ if false => { #given #rt::value_of(#forward) } _ => #plain });
            return (TokenStream::new(), if active { checked } else { plain });
        }
        let back = names::back(stmt.id);
        let value = super::super::ours("__called");
        let residual = super::super::ours("__residual");
        let save = self.save(&back, quote!(#residual), Kind::Data);
        let before = quote!(
            #given
            let (#value, #residual) = match () { _ if false => (#plain, #rt::never()), _ => #forward };
            #save
        );
        (before, quote!(#value))
    }

    /// An argument as it is passed. A receiver is borrowed by the method that it is given to.
    pub(super) fn argument(&self, call: &Call, at: usize, operand: &Operand) -> TokenStream {
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

    /// Is it in a field, which may have no derivative?
    fn in_field(&self, operand: &Operand) -> bool {
        operand
            .place()
            .is_some_and(|it| crate::ir::behind_field(&self.func().vars, it))
    }

    /// The way to a part may ask variables for positions, so marks are named before any variable is lent.
    fn marks(&self, stmt: &Stmt, call: &Call, marks: TokenStream) -> (TokenStream, TokenStream) {
        if !call.args.iter().any(|it| self.in_field(it)) {
            return (TokenStream::new(), marks);
        }
        let name = super::super::ours(&format!("__marks_{}", stmt.id));
        (quote!(let #name = #marks;), name.to_token_stream())
    }

    /// Does an argument that varies carry a derivative? Of what is in a field the types tell.
    fn mark(&self, operand: &Operand) -> TokenStream {
        let rt = &self.cx.rt;
        let part = operand
            .place()
            .and_then(|it| self.cx.tangent_part(it, Half::Forward));
        match part {
            Some((ty, part)) => quote!(#rt::mark_of(|| {
                let __zero = #ty.any();
                #rt::Within(&#part).ad_mark()
            })),
            None => quote!(#rt::On),
        }
    }

    /// The call of the tangent program of a callee. Where nothing varies, it only runs.
    pub(super) fn tangent_call(
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
        let apart = super::super::lend::tangents(self.cx, stmt, dots, is_lent, by_reference_at);
        let (mut runs, mut varies) = (vec![quote!(#rt::Off); count], TokenStream::new());
        let mut earlier = TokenStream::new();
        for (at, dot) in dots.iter().enumerate() {
            let lends = is_lent(at);
            let given = !matches!(dot, Operand::Never);
            if given {
                runs[at % count] = if lends {
                    quote!(#rt::Lent)
                } else {
                    self.mark(&primal.args[at % count])
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
                given_tangent(self.cx, dot, &place)
            } else {
                let part = self.in_field(dot);
                let value = self.operand(dot, !part);
                let value = if part {
                    quote!(#rt::Within(&#value).ad_give())
                } else {
                    quote!(::core::option::Option::Some(#value))
                };
                let behind = dot.place().is_some_and(|it| !it.proj.is_empty());
                if behind && !lent.is_empty() {
                    // Its index may ask a variable that is lent to the call.
                    let early = super::super::ours(&format!("__dot_{}_{at}", stmt.id));
                    earlier.extend(quote!(let #early = #value;));
                    quote!(#early)
                } else {
                    value
                }
            });
        }
        for (at, arg) in call.args.iter().enumerate() {
            varies.extend(if !self.cx.varies(arg) {
                quote!(#rt::Off,)
            } else if is_lent(at) {
                quote!(#rt::Lent,)
            } else {
                let mark = self.mark(arg);
                quote!(#mark,)
            });
        }
        let (before, after) = (apart.before, apart.after);
        let before = quote!(#earlier #before);
        let plain = super::super::tangent::call(&call.callee, &runs, &values);
        let put_back = |run: TokenStream| {
            if after.is_empty() {
                return run;
            }
            let pair = super::super::ours("__pair");
            quote!({ let #pair = #run; #after #pair })
        };
        let active = call.args.iter().any(|it| self.cx.varies(it));
        if !active || (!useful && lent.is_empty()) {
            return (before, put_back(plain));
        }
        let (given, marks) = self.marks(stmt, call, quote!((#varies)));
        let before = quote!(#given #before);
        let count = call.args.len();
        let forward = super::super::halves::callee(self.cx, call, stmt.span, marks, &values, count);
        let back = names::back(stmt.id);
        let (value, residual) = (
            super::super::ours("__called"),
            super::super::ours("__residual"),
        );
        let save = self.save(&back, quote!(#residual), Kind::Data);
        let run =
            put_back(quote!(match () { _ if false => (#plain, #rt::never()), _ => #forward }));
        (
            quote!(#before let (#value, #residual) = #run; #save),
            quote!(#value),
        )
    }

    /// A container made element by element.
    pub(super) fn build(&mut self, build: &Build) -> TokenStream {
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
        let out = super::super::ours("__element");
        let inner = quote!(#hoisted #stmts let #out = #value; #after #push #out);
        let inner = fill(inner, &names::push(build.scope), &push);
        let params: Vec<&Ident> = build.params.iter().map(|it| self.cx.ident(*it)).collect();
        // The position of an element, where the body asks for it.
        let (index, next) = (self.cx.ident(build.index), super::super::ours("__next"));
        let (start, step) = if mentions(inner.clone(), index) {
            (
                quote!(let mut #next = 0_usize;),
                quote!(let #index = #next; #next += 1;),
            )
        } else {
            (TokenStream::new(), TokenStream::new())
        };
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
                counted(&start, &quote!(#recv.map(|#(#params),*| { #step #inner })))
            }
            BuildKind::ZipMap { recv, other } => {
                let recv = self.operand(&Operand::Place(recv.clone()), false);
                let other = self.operand(other, true);
                counted(
                    &start,
                    &quote!(#recv.zip_map(#other, |#(#params),*| { #step #inner })),
                )
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
        let built = super::super::ours("__built");
        quote!({ #take let #built = #container; #give #built })
    }
}

/// Is a variable named in code?
fn mentions(tokens: TokenStream, ident: &Ident) -> bool {
    tokens.into_iter().any(|it| match it {
        TokenTree::Ident(it) => it == *ident,
        TokenTree::Group(it) => mentions(it.stream(), ident),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// A container behind the start of the count of its elements.
fn counted(start: &TokenStream, container: &TokenStream) -> TokenStream {
    if start.is_empty() {
        container.clone()
    } else {
        quote!({ #start #container })
    }
}
