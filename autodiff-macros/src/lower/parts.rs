//! Iterators that hand out the items of one sequence after those of another: `chain`, `flatten`, `flat_map`.
//!
//! There is no position of an item in all of them, so that each sequence becomes a loop of its own, and what is done with
//! an item is written out for each. What needs a position or a count is refused.

use std::rc::Rc;

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Stmt};

use super::seq::{Func, Item, Seq, function};
use super::{Lower, Name, TargetKind, unparen};
use crate::arguments::visit_arguments_mut;
use crate::ir::{Block, Operand};

/// What an iterator hands out.
#[derive(Clone)]
pub(super) enum Items {
    Of(Seq),
    /// `a.chain(b)`
    After(Box<Items>, Box<Items>),
    /// `a.flatten()`, `a.flat_map(f)`: the items of each item, and what is done with them.
    Within {
        outer: Box<Items>,
        inner: Option<Func>,
        adaptors: Vec<Adaptor>,
    },
}

/// What is done with an item, wherever it comes from.
#[derive(Clone)]
pub(super) enum Adaptor {
    Copied,
    Map(Func),
    Filter(Func),
    FilterMap(Func),
}

impl Items {
    fn adapted(self, adaptor: &Adaptor) -> Items {
        match self {
            Items::Of(seq) => Items::Of(adaptor.of(seq)),
            Items::After(first, second) => Items::After(
                Box::new(first.adapted(adaptor)),
                Box::new(second.adapted(adaptor)),
            ),
            Items::Within {
                outer,
                inner,
                mut adaptors,
            } => {
                adaptors.push(adaptor.clone());
                Items::Within {
                    outer,
                    inner,
                    adaptors,
                }
            }
        }
    }
}

impl Adaptor {
    fn of(&self, seq: Seq) -> Seq {
        let seq = Box::new(seq);
        match self {
            Adaptor::Copied => Seq::Copied(seq),
            Adaptor::Map(f) => Seq::Map(seq, f.clone()),
            Adaptor::Filter(f) => Seq::Filter(seq, f.clone()),
            Adaptor::FilterMap(f) => Seq::FilterMap(seq, f.clone()),
        }
    }
}

impl Lower<'_> {
    /// What an expression iterates over.
    pub(super) fn items(&mut self, expr: &Expr) -> Option<Items> {
        let Expr::MethodCall(it) = unparen(expr) else {
            return self.sequence(expr).map(Items::Of);
        };
        if !in_parts(expr) {
            return self.sequence(expr).map(Items::Of);
        }
        let receiver = &it.receiver;
        let args: Vec<&Expr> = it.args.iter().collect();
        let within = |outer, inner| Items::Within {
            outer: Box::new(outer),
            inner,
            adaptors: Vec::new(),
        };
        Some(match (it.method.to_string().as_str(), args.as_slice()) {
            ("chain", [second]) => {
                let first = self.items(receiver)?;
                Items::After(Box::new(first), Box::new(self.items(second)?))
            }
            ("flatten", []) => within(self.items(receiver)?, None),
            ("flat_map", [f]) => within(self.items(receiver)?, Some(function(f))),
            ("into_iter", []) => self.items(receiver)?,
            ("copied" | "cloned", []) => self.items(receiver)?.adapted(&Adaptor::Copied),
            (name @ ("map" | "filter" | "filter_map"), [f]) => {
                let items = self.items(receiver)?;
                let f = self.closed(f);
                items.adapted(&match name {
                    "map" => Adaptor::Map(f),
                    "filter" => Adaptor::Filter(f),
                    _ => Adaptor::FilterMap(f),
                })
            }
            // What needs a position is refused there.
            _ => Items::Of(self.sequence(expr)?),
        })
    }

    /// A function that sees the names of this place wherever it is applied.
    fn closed(&mut self, f: &Expr) -> Func {
        let Func::Closure(closure) = function(f) else {
            return function(f);
        };
        let name = self.namer.fresh("adaptor");
        let closure = super::Closure::new(closure, self.names.clone());
        self.names
            .insert(name.to_string(), Name::Closure(Rc::new(closure)));
        Func::Path(syn::parse_quote!(#name))
    }

    /// Does something with each item.
    pub(super) fn each(
        &mut self,
        user: Option<Ident>,
        items: Items,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Item),
    ) {
        match items {
            Items::Of(seq) => self.sequence_loop(user, seq, span, body),
            Items::After(first, second) => {
                self.each(user.clone(), *first, span, body);
                self.each(user, *second, span, body);
            }
            Items::Within {
                outer,
                inner,
                adaptors,
            } => {
                let names = self.names.clone();
                self.each(None, *outer, span, &mut |this, item| {
                    let Some(items) = this.items_of(item, inner.as_ref(), span) else {
                        return;
                    };
                    let items = adaptors.iter().fold(items, Items::adapted);
                    this.each(user.clone(), items, span, &mut |this, item| {
                        // What is done with the item sees no name of the closure that handed out the items.
                        let inside = core::mem::replace(&mut this.names, names.clone());
                        body(this, item);
                        this.names = inside;
                    });
                });
            }
        }
    }

    /// The items of an item.
    fn items_of(&mut self, item: Item, f: Option<&Func>, span: Span) -> Option<Items> {
        let (pat, body): (syn::Pat, Expr) = match f {
            Some(Func::Closure(closure)) => {
                let pat = closure.inputs.first()?.clone();
                (pat, (*closure.body).clone())
            }
            Some(Func::Path(path)) => {
                let ident = self.namer.fresh("item");
                (syn::parse_quote!(#ident), syn::parse_quote!(#path(#ident)))
            }
            None => {
                let ident = self.namer.fresh("item");
                (syn::parse_quote!(#ident), syn::parse_quote!(#ident))
            }
        };
        if super::seq::contains_return(&body) {
            self.cx.error(
                span,
                "a closure that hands out items and leaves early is not supported here; write a `for` loop",
            );
            return None;
        }
        self.bind_item(&pat, item);
        let tail = match unparen(&body) {
            Expr::Block(it) => {
                let (last, before) = it.block.stmts.split_last()?;
                self.block_stmts(before, false);
                match last {
                    Stmt::Expr(tail, None) => tail.clone(),
                    _ => return None,
                }
            }
            tail => tail.clone(),
        };
        self.items(&tail)
    }

    /// `for x in a.chain(b) { .. }`: a `break` leaves all of the loops.
    pub(super) fn for_each_part(&mut self, it: &syn::ExprForLoop) {
        let span = it.for_token.span;
        let user = it.label.as_ref().map(|it| it.name.ident.clone());
        let Some(items) = self.items(&it.expr) else {
            return;
        };
        let label = self.namer.fresh("all");
        let mut body = it.body.clone();
        Breaks {
            loops: 0,
            user: user.as_ref(),
            all: &label,
        }
        .visit_block_mut(&mut body);
        self.scope_block(
            Some(label.clone()),
            label,
            TargetKind::Block,
            false,
            span,
            |this| {
                let (stmts, ()) = this.collect(|this| {
                    this.each(user, items, span, &mut |this, item| {
                        this.bind_item(&it.pat, item);
                        this.block_stmts(&body.stmts, false);
                    });
                });
                Block {
                    id: 0,
                    stmts,
                    result: None::<Operand>,
                }
            },
        );
    }
}

/// Does an iterator hand out the items of one sequence after those of another?
pub(super) fn in_parts(expr: &Expr) -> bool {
    match unparen(expr) {
        Expr::MethodCall(it) => match (it.method.to_string().as_str(), it.args.len()) {
            ("chain" | "flat_map", 1) | ("flatten", 0) => Lower::is_iterator(&it.receiver),
            ("copied" | "cloned" | "into_iter", 0) | ("map" | "filter" | "filter_map", 1) => {
                in_parts(&it.receiver)
            }
            _ => false,
        },
        _ => false,
    }
}

/// Every `break` of a loop leaves a block around all of its parts.
struct Breaks<'a> {
    loops: usize,
    user: Option<&'a Ident>,
    all: &'a Ident,
}

impl VisitMut for Breaks<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let inside = matches!(expr, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_));
        self.loops += usize::from(inside);
        if let Expr::Break(it) = expr {
            let ours = match &it.label {
                Some(label) => Some(&label.ident) == self.user,
                None => self.loops == 0,
            };
            if ours {
                let name = format!("'{}", self.all);
                it.label = Some(syn::Lifetime::new(&name, it.span()));
            }
        }
        if !matches!(expr, Expr::Closure(_)) {
            visit_mut::visit_expr_mut(self, expr);
        }
        self.loops -= usize::from(inside);
    }
    visit_arguments_mut!();
}
