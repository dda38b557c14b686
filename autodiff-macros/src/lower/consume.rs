//! What ends a chain of adaptors: sums, folds, choices, containers.

use proc_macro2::Span;
use syn::Expr;

use super::parts::Items;
use super::seq::{Func, Item, Seq, function};
use super::{Lower, TargetKind};
use crate::ir::{Block, Build, BuildKind, Code, Fact, Op, Operand, StmtKind, VarId};

impl Lower<'_> {
    /// `iter().sum()`, `.product()`, `.fold(..)`, `.collect()`, `.for_each(..)`, `.max/min by fold`.
    pub(super) fn consume(&mut self, it: &syn::ExprMethodCall) -> Option<Operand> {
        // The type that is written is that of the whole, not of what a turn makes.
        let hint = self.hint.take();
        let whole = turbofish_type(it).or_else(|| hint.clone());
        if it.method == "collect" {
            self.hint = whole.as_ref().and_then(super::types::element);
        }
        let consumed = self.consume_into(it, whole);
        self.hint = hint;
        consumed
    }

    fn consume_into(&mut self, it: &syn::ExprMethodCall, ty: Option<syn::Type>) -> Option<Operand> {
        let span = it.method.span();
        let args: Vec<&Expr> = it.args.iter().collect();
        match (it.method.to_string().as_str(), args.as_slice()) {
            ("sum", []) => {
                let items = self.items(&it.receiver)?;
                let fact = ty.as_ref().map_or(Fact::Unknown, super::types::fact);
                let acc = self.accumulator("total", fact);
                self.emit(
                    span,
                    StmtKind::Let {
                        var: acc,
                        ty,
                        op: Op::SumStart,
                    },
                );
                self.each(None, items, span, &mut |this, item| {
                    let term = this.item_operand(item, span);
                    this.emit(
                        span,
                        StmtKind::Assign {
                            place: acc.into(),
                            op: Op::SumStep(term),
                        },
                    );
                });
                Some(acc.into())
            }
            ("product", []) => {
                let items = self.items(&it.receiver)?;
                let fact = ty.as_ref().map_or(Fact::Unknown, super::types::fact);
                let acc = self.accumulator("total", fact);
                // Without a type it is a number, whose type is inferred.
                let one = if fact == Fact::Scalar || ty.is_none() {
                    Op::Use(Operand::Lit(syn::parse_quote!(1.0)))
                } else {
                    self.cx.error(
                        span,
                        "the type of this product is not known; write `.product::<f64>()`",
                    );
                    return None;
                };
                self.emit(
                    span,
                    StmtKind::Let {
                        var: acc,
                        ty,
                        op: one,
                    },
                );
                self.each(None, items, span, &mut |this, item| {
                    let term = this.item_operand(item, span);
                    let op = syn::BinOp::Mul(syn::token::Star(span));
                    this.emit(
                        span,
                        StmtKind::Assign {
                            place: acc.into(),
                            op: Op::Binary(op, Operand::from(acc), term),
                        },
                    );
                });
                Some(acc.into())
            }
            ("fold", [init, f]) => {
                let items = if Self::is_iterator(&it.receiver) {
                    self.items(&it.receiver)?
                } else {
                    // `matrix.fold(init, |acc, item| ..)`: items by value
                    let place = self.element_place(&it.receiver)?;
                    Items::Of(Seq::Elements {
                        place,
                        reference: false,
                        writes: false,
                    })
                };
                let (op, _, fact, ..) = self.op(init);
                let acc = self.accumulator("folded", fact);
                let f = function(f);
                // The literal of `fold(0.0, f64::max)` is of the type that the function belongs to.
                let ty = match &f {
                    Func::Path(path) => number_of(path),
                    Func::Closure(_) => None,
                };
                self.emit(span, StmtKind::Let { var: acc, ty, op });
                self.each(None, items, span, &mut |this, item| {
                    let next = this.apply(&f, vec![Item::Value(Operand::from(acc)), item], span);
                    let op = match next {
                        Operand::Code(code) => Op::Code(code),
                        other => Op::Use(other),
                    };
                    this.emit(
                        span,
                        StmtKind::Assign {
                            place: acc.into(),
                            op,
                        },
                    );
                });
                Some(acc.into())
            }
            ("for_each", [f]) => {
                let items = self.items(&it.receiver)?;
                let f = function(f);
                self.each(None, items, span, &mut |this, item| {
                    this.apply(&f, vec![item], span);
                });
                Some(Operand::Unit)
            }
            ("collect", []) => {
                let items = self.items(&it.receiver)?;
                let turbofish = it.turbofish.clone();
                let seq = match items {
                    Items::Of(seq) if !seq.filtered() => seq,
                    items => return self.collect_filtered(items, ty, span),
                };
                let count = self.sequence_count(&seq, span);
                let fact = ty.as_ref().map_or(Fact::Unknown, super::types::fact);
                Some(self.build(
                    BuildKind::Collect { turbofish },
                    count,
                    fact,
                    span,
                    |this, index| {
                        let item = this.sequence_item(seq, index, span);
                        (Vec::new(), this.item_operand(item, span))
                    },
                ))
            }
            _ => {
                self.cx.error(
                    span,
                    format!("`.{}()` of an iterator over active values is not supported here; write a `for` loop", it.method),
                );
                None
            }
        }
    }

    /// Items of which it is not known how many there are, are collected by pushing.
    pub(super) fn collect_filtered(
        &mut self,
        items: Items,
        ty: Option<syn::Type>,
        span: Span,
    ) -> Option<Operand> {
        let vec = |ty: &syn::Type| matches!(ty, syn::Type::Path(path) if path.path.segments.last().is_some_and(|it| it.ident == "Vec"));
        if !ty.as_ref().is_none_or(vec) {
            self.cx.error(
                span,
                "an iterator over active values that is filtered or made of several is collected into a `Vec` only; collect, and make the \
                 value of that",
            );
            return None;
        }
        let fact = ty.as_ref().map_or(Fact::Unknown, super::types::fact);
        let list = self.accumulator("list", fact);
        let empty = super::view::fixed(syn::parse_quote!(::std::vec::Vec::new()));
        self.emit(
            span,
            StmtKind::Let {
                var: list,
                ty,
                op: Op::Code(empty),
            },
        );
        self.each(None, items, span, &mut |this, item| {
            let item = this.item_operand(item, span);
            let name = proc_macro2::Ident::new("push", span);
            let push = crate::ir::Mutation::Push;
            this.mutate_with(push, list.into(), name, vec![item], span);
        });
        Some(list.into())
    }

    /// `.reduce(..)` and the like of an iterator that may be empty, as an option.
    pub(super) fn chosen_option(
        &mut self,
        it: &syn::ExprMethodCall,
    ) -> Option<(Op, bool, Fact, bool, &'static str)> {
        let name = it.method.to_string();
        let chosen = matches!(name.as_str(), "max_by" | "min_by" | "reduce") && it.args.len() == 1;
        let items = &it.receiver;
        // How many there are is found out by an evaluation of its own.
        let twice = self.is_active(items) && self.mutated(items).is_empty();
        // Unwrapped, it may turn out not to be followed.
        let again = self.choice.as_ref() == Some(it);
        if !chosen || !twice || again || !Self::is_iterator(items) || writes(items) {
            return None;
        }
        if !gives_values(items) {
            self.cx.error(
                it.method.span(),
                format!("`.{name}()` of references, where there may be none, is not followed; write `.copied()` or `.cloned()` before it"),
            );
        }
        let outer = self.choice.replace(it.clone());
        let lowered = self.op(&syn::parse_quote!(
            if ::core::iter::Iterator::count(#items) == 0 {
                ::core::option::Option::None
            } else {
                ::core::option::Option::Some(#it.unwrap())
            }
        ));
        self.choice = outer;
        Some(lowered)
    }

    /// `.max_by(..).unwrap()`, `.min_by(..).unwrap()`, `.reduce(..).unwrap()`, `.last().unwrap()`, `.nth(n).unwrap()`: one
    /// item of a sequence, or what all of them are reduced to.
    pub(super) fn chosen_item(&mut self, it: &syn::ExprMethodCall) -> Option<Operand> {
        let span = it.method.span();
        let args: Vec<&Expr> = it.args.iter().collect();
        let name = it.method.to_string();
        let known = matches!(
            (name.as_str(), args.len()),
            ("max_by" | "min_by" | "reduce" | "nth" | "find", 1) | ("last", 0)
        );
        let active = self.is_active(&it.receiver) || args.iter().any(|it| self.is_active(it));
        if !known || !Self::is_iterator(&it.receiver) || !active {
            return None;
        }
        let seq = self.sequence(&it.receiver)?;
        if seq.filtered() {
            self.cx.error(
                span,
                format!("`.{name}()` of a filtered iterator is not supported; collect it first"),
            );
            return Some(Operand::Never);
        }
        let krate = self.options.krate.clone();
        let count = self.sequence_count(&seq, span);
        let n = self.var(count).ident.clone();
        let first = match (name.as_str(), args.as_slice()) {
            ("nth", [at]) => {
                let at = self.named_code(at).expr;
                syn::parse_quote!(#krate::__private::present(#at, #n))
            }
            ("find", [f]) => {
                let mutates = !self.mutated(f).is_empty();
                if mutates {
                    self.cx.error(
                        span,
                        "the predicate changes a variable, which could take an active value; write a `for` loop",
                    );
                }
                let found = &it.receiver;
                let found = self.code(&syn::parse_quote!(#krate::__private::found(#found, #f)));
                found.expr
            }
            ("last", _) => syn::parse_quote!(
                #krate::__private::present(::core::primitive::usize::wrapping_sub(#n, 1), #n)
            ),
            _ => syn::parse_quote!(#krate::__private::present(0, #n)),
        };
        let mut code = self.code_from_lowered(first);
        code.again = false;
        let start = self.named(code, "at", span);
        let start_var = start.reads[0];
        let [f] = args.as_slice() else {
            let item = self.sequence_item(seq, start_var, span);
            return Some(self.item_operand(item, span));
        };
        if matches!(name.as_str(), "nth" | "find") {
            let item = self.sequence_item(seq, start_var, span);
            return Some(self.item_operand(item, span));
        }
        let f = function(f);
        if name == "reduce" {
            let item = self.sequence_item(seq.clone(), start_var, span);
            let init = self.item_operand(item, span);
            let acc = self.accumulator("reduced", self.operand_fact(&init));
            let op = match init {
                Operand::Code(code) => Op::Code(code),
                other => Op::Use(other),
            };
            self.emit(
                span,
                StmtKind::Let {
                    var: acc,
                    ty: None,
                    op,
                },
            );
            let rest = Seq::Skip(Box::new(seq), super::view::fixed(syn::parse_quote!(1)));
            self.sequence_loop(None, rest, span, |this, item| {
                let next = this.apply(&f, vec![Item::Value(Operand::from(acc)), item], span);
                let op = match next {
                    Operand::Code(code) => Op::Code(code),
                    other => Op::Use(other),
                };
                this.emit(
                    span,
                    StmtKind::Assign {
                        place: acc.into(),
                        op,
                    },
                );
            });
            return Some(acc.into());
        }
        // The position of the extreme item: of several, `max_by` takes the last and `min_by` the first.
        let best = self.temp("best", false, Fact::Unknown);
        self.vars[best.0 as usize].mutable = true;
        self.emit(
            span,
            StmtKind::Let {
                var: best,
                ty: None,
                op: Op::Code(start),
            },
        );
        let every = seq.clone();
        let positions = Seq::Range {
            range: syn::parse_quote!((1..#n)),
        };
        self.sequence_loop(None, positions, span, |this, position| {
            let position = this.item_operand(position, span);
            let Operand::Place(position) = this.settle(position, span) else {
                return;
            };
            let left = this.sequence_item(every.clone(), best, span);
            let right = this.sequence_item(every, position.root, span);
            let items = vec![Item::Ref(Box::new(left)), Item::Ref(Box::new(right))];
            let order = this.apply(&f, items, span);
            let order = this.plain(order);
            let wanted: Expr = if name == "max_by" {
                syn::parse_quote!(#order != ::core::cmp::Ordering::Greater)
            } else {
                syn::parse_quote!(#order == ::core::cmp::Ordering::Greater)
            };
            let at = this.var(position.root).ident.clone();
            let current = this.var(best).ident.clone();
            let chosen =
                this.code_from_lowered(syn::parse_quote!(if #wanted { #at } else { #current }));
            this.emit(
                span,
                StmtKind::Assign {
                    place: best.into(),
                    op: Op::Code(chosen),
                },
            );
        });
        let at = self.code_of(best);
        let at = Code { again: false, ..at };
        let at = self.named(at, "at", span);
        let item = self.sequence_item(seq, at.reads[0], span);
        Some(self.item_operand(item, span))
    }

    /// The accumulator of a consumer. It is assumed active: what it sums up is.
    pub(super) fn accumulator(&mut self, stem: &str, fact: Fact) -> VarId {
        let var = self.temp(stem, true, fact);
        self.vars[var.0 as usize].mutable = true;
        var
    }

    pub(super) fn item_operand(&mut self, item: Item, span: Span) -> Operand {
        match item {
            Item::Element {
                place, depth: 0, ..
            } => Operand::Place(place),
            Item::Element { place, writes, .. } => Operand::Ref {
                place,
                mutable: writes,
            },
            Item::Value(operand) => operand,
            Item::Ref(item) => self.item_operand(*item, span),
            Item::Tuple(items) => {
                let items: Vec<_> = items
                    .into_iter()
                    .map(|it| self.item_operand(it, span))
                    .collect();
                let active = items.iter().any(|it| self.operand_active(it));
                let borrows = items.iter().any(|it| self.borrowed(it));
                self.name(
                    Op::Aggregate(crate::ir::Aggregate::Tuple, items),
                    active,
                    Fact::Unknown,
                    borrows,
                    "pair",
                    span,
                )
            }
        }
    }

    /// A container made by a loop, one element per iteration.
    pub(super) fn build(
        &mut self,
        kind: BuildKind,
        count: VarId,
        written: Fact,
        span: Span,
        body: impl FnOnce(&mut Self, VarId) -> (Vec<VarId>, Operand),
    ) -> Operand {
        let index = self.index_var();
        let scope = self.scope();
        let label = self.namer.fresh("element");
        let result = self.temp("element", true, Fact::Unknown);
        self.targets.push(super::Target {
            scope,
            user: None,
            label,
            kind: TargetKind::Closure,
            result: Some(result),
        });
        let (stmts, (params, value)) = self.scoped(|this| this.collect(|this| body(this, index)));
        self.targets.pop();
        // A container of scalars is one whose elements are.
        let element = self.operand_fact(&value);
        let fact = if element == Fact::Scalar && written != Fact::Unknown {
            written
        } else {
            super::types::held(element)
        };
        let body = Block {
            id: 0,
            stmts,
            result: Some(value),
        };
        let build = Build {
            kind,
            index,
            count,
            params,
            scope,
            body,
        };
        self.name(Op::Build(Box::new(build)), true, fact, false, "built", span)
    }
}

fn turbofish_type(it: &syn::ExprMethodCall) -> Option<syn::Type> {
    match it.turbofish.as_ref()?.args.first()? {
        syn::GenericArgument::Type(syn::Type::Infer(_)) => None,
        syn::GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    }
}

/// Are the items of a chain places to be written?
fn writes(chain: &Expr) -> bool {
    match crate::lower::unparen(chain) {
        Expr::MethodCall(it) => it.method == "iter_mut" || writes(&it.receiver),
        _ => false,
    }
}

/// Are the items of a chain made by a closure, or copied?
fn gives_values(chain: &Expr) -> bool {
    match crate::lower::unparen(chain) {
        Expr::MethodCall(it) => match it.method.to_string().as_str() {
            "map" | "copied" | "cloned" => true,
            "rev" | "skip" | "take" | "step_by" | "filter" | "inspect" => {
                gives_values(&it.receiver)
            }
            _ => false,
        },
        _ => false,
    }
}

/// `f64` of `f64::max`.
fn number_of(path: &Expr) -> Option<syn::Type> {
    let Expr::Path(path) = path else { return None };
    let mut segments = path.path.segments.iter();
    let (Some(owner), Some(_), None) = (segments.next(), segments.next(), segments.next()) else {
        return None;
    };
    let ty = syn::parse_quote!(#owner);
    crate::lower::is_scalar(&ty).then_some(ty)
}
