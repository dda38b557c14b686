//! The pullbacks of operations.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::BinOp;
use syn::spanned::Spanned;

use super::super::{names, ours};
use super::Reverse;
use crate::analysis::needs::{keeps, operand_fact, place_fact, scalar_operands};
use crate::ir::{Aggregate, Fact, Op, Operand, Place, Stmt, StmtKind, VarId};
use crate::names::Keeps;

impl Reverse<'_> {
    /// `s += term`: the cotangent of `s` stays, that of the term grows.
    pub(super) fn accumulated(
        &mut self,
        stmt: &Stmt,
        place: &Place,
        term: &Operand,
        add: bool,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let root = self.cx.root(place);
        let target = Operand::Place(place.clone());
        let scalar = place_fact(self.cx.func, place) == Fact::Scalar
            && (scalar_operands(self.cx.func, &[&target, term])
                || operand_fact(self.cx.func, term) == Fact::Scalar);
        let shadow = self.shadow(place);
        let d = &shadow.tokens;
        if scalar {
            return self.contribute_scalar(term, if add { quote!(#d) } else { quote!(-#d) });
        }
        let pull = self.saved(&names::pull(stmt.id));
        let waiting = names::waiting(stmt.id, 0);
        let (before, dest) = self.dest(term, &mut vec![root], &waiting);
        let (marker, out, after) = (&dest.marker, &dest.out, &dest.after);
        let g = names::seed(stmt.id);
        let read = if shadow.view {
            quote!(let #g = #rt::keep(&#d);)
        } else if !shadow.whole {
            let read = self.cotangent_of_written(quote!(#d), term);
            super::super::located(quote!(let #g = #read;), stmt.span)
        } else if self.cx.is_scalar(root) {
            quote!(let #g = #d;)
        } else {
            let zero = self.zero_left(root, stmt.id);
            quote!(let #g = ::core::clone::Clone::clone(#rt::Slot::or_zero(&mut #d, || #zero));)
        };
        let is_sum = matches!(&stmt.kind, StmtKind::Assign { .. });
        if is_sum {
            quote!(#read #before let #out = #rt::pull1(#pull, #g, #marker); #after)
        } else {
            quote!(#read #before let (_, #out) = #rt::pull2(#pull, #g, #rt::Skip, #marker); #after)
        }
    }

    /// The pullback of `target = op`. `value`: the result, where the target no longer holds it but what it held before.
    pub(super) fn op_with(
        &mut self,
        stmt: &Stmt,
        target: &Place,
        op: &Op,
        value: Option<TokenStream>,
    ) -> TokenStream {
        if let Op::Build(build) = op {
            return self.build(stmt, target, build);
        }
        let restored = value.is_some() || matches!(stmt.kind, StmtKind::Update { .. });
        if let Op::Call(call) = op {
            return self.call(stmt, target, call, restored);
        }
        let rt = self.cx.rt.clone();
        let written = match op {
            Op::Use(operand) => self.written(operand),
            op => {
                let harmless = |it: &&Operand| {
                    let shared = it.place().is_some_and(|it| self.shares_field(it, target));
                    shared || !self.cx.active(it)
                };
                if op.operands().iter().all(harmless) {
                    quote!(#rt::Harmless)
                } else {
                    self.made(true)
                }
            }
        };
        let Some((take, g)) = self.take_place(target, stmt, restored, written) else {
            return TokenStream::new();
        };
        let pullback = match op {
            Op::Use(operand) => self.contribute(operand, g),
            Op::Code(_) | Op::SumStart => TokenStream::new(),
            Op::Neg(operand) => {
                if scalar_operands(self.cx.func, &[operand]) {
                    self.contribute_scalar(operand, quote!(-#g))
                } else {
                    self.linear(stmt, operand, &g)
                }
            }
            Op::Cast(operand, _) => self.linear(stmt, operand, &g),
            Op::Binary(op, left, right) => self.binary(stmt, op, left, right, &g),
            Op::Method {
                recv, name, args, ..
            } => self.method(stmt, target, recv, name, args, &g, value),
            Op::Construct { name, args, .. } => {
                let value = value.unwrap_or_else(|| self.cx.place_value(target));
                let method = rule_method(name);
                let span = name.span();
                let (before, markers, outs, after) = self.dests(stmt, args.iter(), &mut Vec::new());
                let operands = args.iter().map(|it| self.rule_operand(it));
                let call = quote!(#rt::peel(&#value).#method((#(#operands,)*), (), &#g, #rt::Skip, (#(#markers,)*)));
                let call = super::super::located(call, span);
                quote!(#before let (_, (#(#outs,)*)) = #call; #after)
            }
            Op::Foreign { rule, args, .. } => {
                let value = value.unwrap_or_else(|| self.cx.place_value(target));
                self.foreign(stmt, rule, args, &g, &value)
            }
            Op::Aggregate(kind, items) => self.aggregate(stmt.id, kind, items, &g),
            Op::SumStep(_) | Op::Build(_) | Op::Call(_) => TokenStream::new(),
        };
        // An assignment ends the life of the value before, also where the new one carries no derivative: its cotangent
        // is taken away.
        let overwrites = matches!(stmt.kind, StmtKind::Assign { .. } | StmtKind::Update { .. });
        if pullback.is_empty() && !overwrites {
            pullback
        } else {
            quote!(#take #pullback)
        }
    }

    pub(super) fn linear(
        &mut self,
        stmt: &Stmt,
        operand: &Operand,
        g: &TokenStream,
    ) -> TokenStream {
        if !self.cx.active(operand) {
            return TokenStream::new();
        }
        let rt = self.cx.rt.clone();
        let pull = self.saved(&names::pull(stmt.id));
        let (before, dest) = self.dest(operand, &mut Vec::new(), &names::waiting(stmt.id, 0));
        let (marker, out, after) = (dest.marker, dest.out, dest.after);
        quote!(#before let #out = #rt::pull1(#pull, #g, #marker); #after)
    }

    #[allow(
        clippy::type_complexity,
        reason = "before, markers, patterns, after: the four parts of a rule call"
    )]
    pub(super) fn dests<'o>(
        &mut self,
        stmt: &Stmt,
        operands: impl Iterator<Item = &'o Operand>,
        busy: &mut Vec<VarId>,
    ) -> (TokenStream, Vec<TokenStream>, Vec<TokenStream>, TokenStream) {
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        let (mut markers, mut outs) = (Vec::new(), Vec::new());
        for (at, operand) in operands.enumerate() {
            let (first, dest) = self.dest(operand, busy, &names::waiting(stmt.id, at + 1));
            before.extend(first);
            markers.push(dest.marker);
            outs.push(dest.out);
            after.extend(dest.after);
        }
        (before, markers, outs, after)
    }

    pub(super) fn binary(
        &mut self,
        stmt: &Stmt,
        op: &BinOp,
        left: &Operand,
        right: &Operand,
        g: &TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        if !self.cx.active(left) && !self.cx.active(right) {
            return TokenStream::new();
        }
        let scalar = scalar_operands(self.cx.func, &[left, right]);
        let span = op.span();
        let (a, b) = (self.cx.operand(left), self.cx.operand(right));
        if scalar {
            let both = match op {
                BinOp::Add(_) => Some((quote!(#g), quote!(#g))),
                BinOp::Sub(_) => Some((quote!(#g), quote!(-#g))),
                BinOp::Mul(_) => Some((quote!(#g * #b), quote!(#g * #a))),
                BinOp::Div(_) if !self.cx.active(right) => {
                    Some((quote!(#rt::guarded(#g, #g / #b)), TokenStream::new()))
                }
                _ => None,
            };
            if let Some((to_left, to_right)) = both {
                let first = self.contribute_scalar(left, to_left);
                let second = self.contribute_scalar(right, to_right);
                return quote!(#first #second);
            }
        }
        let mut busy = Vec::new();
        let (before_a, da) = self.dest(left, &mut busy, &names::waiting(stmt.id, 1));
        let (before_b, db) = self.dest(right, &mut busy, &names::waiting(stmt.id, 2));
        let (ma, oa, fa) = (da.marker, da.out, da.after);
        let (mb, ob, fb) = (db.marker, db.out, db.after);
        let call = match op {
            BinOp::Add(_) | BinOp::Sub(_) => {
                let pull = self.saved(&names::pull(stmt.id));
                quote!(#rt::pull2(#pull, #g, #ma, #mb))
            }
            _ => {
                let f = match op {
                    BinOp::Mul(_) => Ident::new("mul", span),
                    BinOp::Div(_) => Ident::new("div", span),
                    _ => Ident::new("rem", span),
                };
                let (a, b) = (self.peeled(left), self.peeled(right));
                quote!(#rt::#f(#rt::pair(#a, #b), &#g, #ma, #mb))
            }
        };
        let call = super::super::located(call, span);
        quote!(#before_a #before_b let (#oa, #ob) = #call; #fa #fb)
    }

    /// An operand as an operator rule sees it: literals stay open to inference.
    pub(super) fn peeled(&self, operand: &Operand) -> TokenStream {
        let rt = &self.cx.rt;
        match operand {
            Operand::Lit(expr) => quote!(&#rt::Lit(#expr)),
            other => {
                let tokens = self.cx.operand(other);
                quote!(&#tokens)
            }
        }
    }

    /// An operand as a method rule sees it.
    pub(super) fn rule_operand(&self, operand: &Operand) -> TokenStream {
        let rt = &self.cx.rt;
        match operand {
            Operand::Lit(expr) => quote!(#rt::Lit(#expr)),
            other => {
                let tokens = self.cx.operand(other);
                quote!(#rt::Val(&#tokens))
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of a method call")]
    pub(super) fn method(
        &mut self,
        stmt: &Stmt,
        target: &Place,
        recv: &Operand,
        name: &Ident,
        args: &[Operand],
        g: &TokenStream,
        value: Option<TokenStream>,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        if !self.cx.active(recv) && !args.iter().any(|it| self.cx.active(it)) {
            return TokenStream::new();
        }
        let text = name.to_string();
        if matches!(text.as_str(), "max" | "min")
            && matches!(recv, Operand::Lit(_))
            && let [other] = args
        {
            // `0.0.max(x)`: a literal is a bound on whichever side it stands.
            return self.method(
                stmt,
                target,
                other,
                name,
                core::slice::from_ref(recv),
                g,
                value,
            );
        }
        let keeps = keeps(self.cx.func, recv, &text);
        let result = value.unwrap_or_else(|| self.cx.place_value(target));
        if text == "exp" && keeps == Keeps::Output {
            return self.contribute_scalar(recv, quote!(#g * #result));
        }
        let mut busy = Vec::new();
        let (before, dest) = self.dest(recv, &mut busy, &names::waiting(stmt.id, 0));
        let (before_args, markers, outs, after_args) = self.dests(stmt, args.iter(), &mut busy);
        let receiver = match (keeps, recv) {
            (Keeps::Output, _) => quote!(&#result),
            (_, Operand::Lit(expr)) => quote!(&(#expr)),
            (_, other) => {
                let tokens = self.cx.operand(other);
                quote!(&#tokens)
            }
        };
        let y = if keeps == Keeps::All {
            quote!(&#result)
        } else {
            quote!(())
        };
        let operands = args.iter().map(|it| self.rule_operand(it));
        let method = rule_method(name);
        let span = name.span();
        let (marker, out, after) = (dest.marker, dest.out, dest.after);
        let call = quote!(#rt::peel(#receiver).#method((#(#operands,)*), #y, &#g, #marker, (#(#markers,)*)));
        let call = super::super::located(call, span);
        quote!(#before #before_args let (#out, (#(#outs,)*)) = #call; #after #after_args)
    }

    /// A pullback written by hand for somebody else's function: a gradient for each argument.
    pub(super) fn foreign(
        &mut self,
        stmt: &Stmt,
        rule: &syn::Path,
        args: &[Operand],
        g: &TokenStream,
        value: &TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let operands: Vec<TokenStream> = args.iter().map(|it| self.peeled(it)).collect();
        let names: Vec<Ident> = (0..args.len())
            .map(|at| names::waiting(stmt.id, at))
            .collect();
        let pattern = match names.as_slice() {
            [one] => quote!(#one),
            many => quote!((#(#many),*)),
        };
        let mut puts = TokenStream::new();
        for (arg, name) in args.iter().zip(&names) {
            puts.extend(self.contribute(arg, quote!(#name)));
        }
        if puts.is_empty() {
            return puts;
        }
        quote!(
            let #pattern = #rule(#(#rt::peel(#operands),)* #rt::peel(&#value), &#g);
            #puts
        )
    }

    pub(super) fn aggregate(
        &mut self,
        stmt: u32,
        kind: &Aggregate,
        items: &[Operand],
        g: &TokenStream,
    ) -> TokenStream {
        let rt = self.cx.rt.clone();
        let mut tokens = TokenStream::new();
        let blocks = ours("__blocks");
        if matches!(kind, Aggregate::Stack(..)) {
            let saved = self.saved(&names::pull(stmt));
            tokens.extend(quote!(let #blocks = #saved;));
        }
        for (at, item) in items.iter().enumerate() {
            if !self.cx.active(item) {
                continue;
            }
            if let Aggregate::Struct { members, .. } = kind
                && at == members.len()
            {
                // `..base` gives what is not listed.
                let rest = ours("__rest");
                let shapes = ours("__shapes");
                let resized = self.cx.resized(kind, items);
                if !resized.is_empty() {
                    let saved = self.saved(&names::pull(stmt));
                    tokens.extend(quote!(let #shapes = #saved;));
                }
                let clears = members.iter().map(|member| {
                    if let Some(at) = resized.iter().position(|it| *it == member) {
                        let at = syn::Index::from(at);
                        quote!(#rest.#member = #rt::for_part(&#shapes.#at.make());)
                    } else {
                        quote!(
                            #rt::clear(#rt::Place::ad_place(&mut #rest.#member), &#g.#member);
                        )
                    }
                });
                let put = self.contribute(item, quote!(#rest));
                tokens.extend(quote!(
                    let mut #rest = ::core::clone::Clone::clone(&#g);
                    #(#clears)*
                    #put
                ));
                continue;
            }
            let place = match kind {
                Aggregate::Tuple => {
                    let at = syn::Index::from(at);
                    quote!(#g.#at)
                }
                Aggregate::Array | Aggregate::Macro(_) | Aggregate::New(_) => quote!(#g[#at]),
                Aggregate::MatrixMacro(_, columns) | Aggregate::MatrixNew(_, columns) => {
                    let (row, column) = (at / (*columns).max(1), at % (*columns).max(1));
                    quote!(#g[(#row, #column)])
                }
                Aggregate::Stack(..) => {
                    let index = syn::Index::from(at);
                    let block = quote!(#rt::block(&#g, #blocks.0[#at], #blocks.1.#index.make()));
                    let put = self.contribute(item, block);
                    tokens.extend(put);
                    continue;
                }
                Aggregate::Payload(_) => quote!((*#rt::payload(&#g))),
                Aggregate::Boxed(_) => quote!((*#g)),
                Aggregate::Struct {
                    path,
                    members,
                    variant,
                    ..
                } => {
                    let member = &members[at];
                    if *variant {
                        let accessor = crate::lower::accessor(path, member);
                        quote!((*#g.#accessor()))
                    } else {
                        quote!(#g.#member)
                    }
                }
                Aggregate::TupleStruct(path) => {
                    let accessor = crate::lower::accessor(path, &syn::Member::Unnamed(at.into()));
                    quote!((*#g.#accessor()))
                }
                Aggregate::Repeat(_) | Aggregate::RepeatMacro(..) => {
                    let put = self.contribute(item, quote!(#rt::total(&#g)));
                    tokens.extend(put);
                    continue;
                }
            };
            // An `Err` or `None` on the way out leaves no payload.
            let part = match kind {
                Aggregate::Struct { members, .. } if self.is_computed(item) => {
                    let read = self.cotangent_of_written(place, item);
                    super::super::located(read, members[at].span())
                }
                _ => quote!(::core::clone::Clone::clone(&#place)),
            };
            tokens.extend(self.contribute(item, part));
        }
        tokens
    }
}

/// The method of the rule of a name.
pub(super) fn rule_method(name: &Ident) -> Ident {
    Ident::new(&crate::names::rule(&name.to_string()), name.span())
}
