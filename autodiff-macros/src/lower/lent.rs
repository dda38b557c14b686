//! Views that functions of the same unit hand out.
//!
//! `fn row(&self, i: usize) -> &[f64]` is written out where it is called, and the call is a name for the place at the end
//! of its body.

use std::rc::Rc;

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, ItemFn, Stmt, Token};

use super::code::may_mutate;
use super::locals::block_expr;
use super::mutate::changes_in_place;
use super::seq::{contains_return, contains_return_in};
use super::view::View;
use super::{Lower, Name, unparen};
use crate::ir::{Fact, Operand, Place, Proj, StmtKind, VarKind};
use crate::names;
use crate::unit::{Lender, gives_view};

/// A call of a function that hands out a view.
struct Lent<'e> {
    function: Rc<ItemFn>,
    /// The method's type, and whether it is only guessed to be that of the receiver.
    lender: Option<(Rc<Lender>, bool)>,
    receiver: Option<&'e Expr>,
    args: Punctuated<Expr, Token![,]>,
    span: Span,
}

/// The body of such a function: what it does first, and the view at its end.
struct Body {
    stmts: Vec<Stmt>,
    tail: Expr,
}

impl Lower<'_> {
    /// The view that a call of a function of the unit hands out.
    pub(super) fn lent(&mut self, expr: &Expr) -> Option<View> {
        let call = self.lent_call(expr)?;
        let recursive = self.unit.recursive(&call.function.sig.ident);
        let body = body(&call.function.block.stmts).filter(|_| !recursive);
        let Some(body) = body else {
            self.cx.error(
                call.span,
                "where the function that hands out this view returns from is not followed; let its body end with the view, \
                 or with an `if` or a `match` of views, without a loop that returns, and without a call of itself",
            );
            return Some(self.any_view());
        };
        if chooses(&body.tail) {
            self.cx.error(
                call.span,
                "which place this function hands out depends on a condition; name the view with `let` in a statement of \
                 its own",
            );
            return Some(self.any_view());
        }
        let first = self.vars.len();
        let outer = self.bind_call(&call)?;
        self.block_stmts(&body.stmts, false);
        let view = self.view_of(&body.tail);
        self.names = outer;
        view.map(|view| View {
            place: self.of_caller(view.place, first),
            ..view
        })
    }

    /// Does the call of a function of the unit hand out a view, and may it be written?
    pub(super) fn lends(&self, expr: &Expr) -> Option<bool> {
        let call = self.lent_call(expr)?;
        let syn::ReturnType::Type(_, ty) = &call.function.sig.output else {
            return None;
        };
        match &**ty {
            syn::Type::Reference(it) => Some(it.mutability.is_some()),
            _ => None,
        }
    }

    /// `let r = pick(&mut a, &mut b); rest`, where the body of `pick` ends with `if c { x } else { y }`: the rest goes into
    /// the branches.
    #[allow(
        clippy::option_option,
        reason = "whether it is such a call, and whether a value is wanted"
    )]
    pub(super) fn lent_by_choice(
        &mut self,
        local: &syn::Local,
        init: &Expr,
        rest: &[Stmt],
        wanted: bool,
    ) -> Option<Option<Operand>> {
        let call = self.lent_call(init)?;
        if self.unit.recursive(&call.function.sig.ident) {
            return None;
        }
        let body = body(&call.function.block.stmts)?;
        if !chooses(&body.tail) {
            return None;
        }
        let caller = self.names_before(local).clone();
        self.bind_call(&call)?;
        self.block_stmts(&body.stmts, false);
        let choice = super::locals::into_branches(&body.tail, local, rest)?;
        self.chosen.push(caller);
        let value = match &choice {
            Expr::If(it) => Some(self.if_expr(it, wanted)),
            other => self.control(other, wanted),
        };
        self.chosen.pop();
        Some(value)
    }

    /// `*pick(&mut a, &mut b) += x` ⇒ `{ let value = x; let view = pick(&mut a, &mut b); *view += value; }`, where a
    /// condition decides what is handed out.
    pub(super) fn on_chosen_place(&mut self, expr: &Expr) -> Option<Expr> {
        match expr {
            Expr::Assign(_) => {}
            Expr::Binary(it) if super::code::is_assignment(&it.op) => {}
            _ => return None,
        }
        let mut whole = expr.clone();
        let (left, right) = match &mut whole {
            Expr::Assign(it) => (&mut it.left, &mut it.right),
            Expr::Binary(it) => (&mut it.left, &mut it.right),
            _ => return None,
        };
        let at = base(left);
        let call = self.lent_call(at)?;
        if !body(&call.function.block.stmts).is_some_and(|it| chooses(&it.tail)) {
            return None;
        }
        let (view, value) = (self.namer.fresh("view"), self.namer.fresh("value"));
        let called = core::mem::replace(at, syn::parse_quote!(#view));
        let given = core::mem::replace(&mut **right, syn::parse_quote!(#value));
        Some(syn::parse_quote!({ let #value = #given; let #view = #called; #whole; }))
    }

    /// `f(if c { &x } else { &y })` ⇒ `let choice = if c { &x } else { &y }; f(choice)`, and the same for a call that hands out
    /// one of several places: the choice, and the expression with its name. Nothing that changes a variable is evaluated
    /// before the choice.
    pub(super) fn with_named_choice(&mut self, expr: &Expr) -> Option<(Stmt, Expr)> {
        let structure = matches!(
            unparen(expr),
            Expr::If(_)
                | Expr::Match(_)
                | Expr::Block(_)
                | Expr::ForLoop(_)
                | Expr::While(_)
                | Expr::Loop(_)
                | Expr::Closure(_)
                | Expr::Path(_)
                | Expr::Lit(_)
        );
        if structure {
            return None;
        }
        let mut find = FirstChoice {
            lower: self,
            found: None,
            changed: false,
        };
        let mut whole = expr.clone();
        find.walk(&mut whole);
        let choice = find.found?;
        let name = self.namer.fresh("choice");
        Named(&name).visit_expr_mut(&mut whole);
        Some((syn::parse_quote!(let #name = #choice;), whole))
    }

    /// Is this a view that a condition chooses, so that it needs a name?
    fn is_choice(&self, expr: &Expr) -> bool {
        self.chooses_view(expr)
            || self.lent_call(expr).is_some_and(|call| {
                body(&call.function.block.stmts).is_some_and(|it| chooses(&it.tail))
            })
    }

    fn lent_call<'e>(&self, expr: &'e Expr) -> Option<Lent<'e>> {
        match unparen(expr) {
            Expr::Call(it) => {
                let Expr::Path(path) = unparen(&it.func) else {
                    return None;
                };
                let segments = &path.path.segments;
                let last = &segments.last()?.ident;
                let (function, lender) = match segments.len() {
                    1 if self.names.contains_key(&last.to_string()) => return None,
                    1 => (self.unit.inlined(last)?, None),
                    2 => {
                        let owner = segments[0].ident.to_string();
                        let owner = match self.unit.this() {
                            Some(this) if owner == "Self" => this,
                            _ => &owner,
                        };
                        let lender = self.unit.lender(Some(owner), &last.to_string())?;
                        (lender.function.clone(), Some((lender, false)))
                    }
                    _ => return None,
                };
                gives_view(&function).then(|| Lent {
                    function,
                    lender,
                    receiver: None,
                    args: it.args.clone(),
                    span: it.func.span(),
                })
            }
            Expr::MethodCall(it) => {
                let name = it.method.to_string();
                if self.is_this(&it.receiver)
                    && let Some(function) = self.unit.inlined_method(&it.method)
                {
                    return gives_view(&function).then(|| Lent {
                        function,
                        lender: None,
                        receiver: Some(&it.receiver),
                        args: it.args.clone(),
                        span: it.method.span(),
                    });
                }
                let of = self.type_name(&it.receiver);
                // A method of nalgebra or of the standard library may have the same name.
                let common = of.is_none() && is_common(&name, it.args.len());
                let lender = (!common).then(|| self.unit.lender(of, &name))??;
                Some(Lent {
                    function: lender.function.clone(),
                    lender: Some((lender, of.is_none())),
                    receiver: Some(&it.receiver),
                    args: it.args.clone(),
                    span: it.method.span(),
                })
            }
            // `impl Index for Params`
            Expr::Index(it) => {
                let name = if self.writing { "index_mut" } else { "index" };
                let lender = self.unit.lender(Some(self.type_name(&it.expr)?), name)?;
                Some(Lent {
                    function: lender.function.clone(),
                    lender: Some((lender, false)),
                    receiver: Some(&it.expr),
                    args: core::iter::once((*it.index).clone()).collect(),
                    span: it.index.span(),
                })
            }
            _ => None,
        }
    }

    fn bind_call(&mut self, call: &Lent<'_>) -> Option<std::collections::HashMap<String, Name>> {
        let outer = self.bind_arguments(&call.function, call.receiver, &call.args, call.span)?;
        if let Some((lender, guessed)) = &call.lender
            && let Some(Name::Var(this)) = self.names.get("self")
        {
            let this = *this;
            self.own_types.insert(this, lender.of.clone());
            if *guessed {
                let (ty, place) = (&lender.ty, Place::from(this));
                let place = self.plain_place(&self.referent(place));
                let tokens = quote::quote!(let _: &#ty = &#place;);
                let mutates = Vec::new();
                self.emit(call.span, StmtKind::Opaque { tokens, mutates });
            }
        }
        Some(outer)
    }

    /// A view in the place of one that was refused.
    fn any_view(&mut self) -> View {
        let var = self.temp("refused", false, Fact::Unknown);
        self.vars[var.0 as usize].mutable = true;
        View {
            place: var.into(),
            depth: 1,
            writes: true,
        }
    }

    /// The view at the end of a body.
    fn view_of(&mut self, tail: &Expr) -> Option<View> {
        if let Expr::Reference(it) = unparen(tail)
            && it.mutability.is_none()
            && let Some(place) = self.place(&it.expr)
        {
            return Some(View {
                place,
                depth: 1,
                writes: false,
            });
        }
        if let Some(view) = self.view(tail) {
            return Some(view);
        }
        let (place, writes) = match self.operand(tail) {
            Operand::Ref { place, mutable } => (place, mutable),
            Operand::Place(place) => (self.referent(place), false),
            other => match self.settle(other, tail.span()) {
                Operand::Place(place) => (self.referent(place), false),
                _ => return None,
            },
        };
        Some(View {
            place,
            depth: 1,
            writes,
        })
    }

    /// A place of the caller, by way of no name of the function that was written out.
    fn of_caller(&mut self, place: Place, first: usize) -> Place {
        let mut place = self.frozen(place, Span::call_site());
        while place.root.0 as usize >= first
            && let VarKind::Alias {
                place: named,
                depth: 1,
                ..
            } = &self.var(place.root).kind
        {
            let mut whole = named.clone();
            let way = usize::from(matches!(place.proj.first(), Some(Proj::Deref)));
            whole.proj.extend(place.proj.drain(way..));
            place = whole;
        }
        place
    }
}

/// The first argument of a call that is a choice of views, in the order of evaluation.
struct FirstChoice<'a, 'b> {
    lower: &'a Lower<'b>,
    /// Its place is left empty.
    found: Option<Expr>,
    /// May a variable be changed before?
    changed: bool,
}

impl FirstChoice<'_, '_> {
    fn walk(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(it) => self.walk(&mut it.expr),
            Expr::Group(it) => self.walk(&mut it.expr),
            Expr::Unary(it) => self.argument(&mut it.expr),
            Expr::Reference(it) => self.walk(&mut it.expr),
            Expr::Field(it) => self.argument(&mut it.base),
            Expr::Cast(it) => self.walk(&mut it.expr),
            Expr::Assign(it) => self.walk(&mut it.right),
            Expr::Binary(it) if super::code::is_assignment(&it.op) => self.walk(&mut it.right),
            // What is on the right of these may not be evaluated.
            Expr::Binary(it) if matches!(it.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.walk(&mut it.left);
            }
            Expr::Binary(it) => {
                self.walk(&mut it.left);
                self.after(&it.left);
                self.walk(&mut it.right);
            }
            Expr::Index(it) => {
                self.argument(&mut it.expr);
                self.walk(&mut it.index);
            }
            Expr::Call(it) => it.args.iter_mut().for_each(|it| self.argument(it)),
            Expr::MethodCall(it) => {
                self.argument(&mut it.receiver);
                it.args.iter_mut().for_each(|it| self.argument(it));
            }
            Expr::Tuple(it) => it.elems.iter_mut().for_each(|it| {
                self.walk(it);
                self.after(it);
            }),
            _ => {}
        }
    }

    fn argument(&mut self, expr: &mut Expr) {
        if self.found.is_none() && !self.changed && self.lower.is_choice(expr) {
            let empty = Expr::Verbatim(proc_macro2::TokenStream::new());
            self.found = Some(core::mem::replace(expr, empty));
            return;
        }
        self.walk(expr);
        self.after(expr);
    }

    fn after(&mut self, expr: &Expr) {
        self.changed |= may_mutate(expr) || self.lower.needs_structure(expr);
    }
}

/// The name in the place that was left empty.
struct Named<'a>(&'a proc_macro2::Ident);

impl VisitMut for Named<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if matches!(expr, Expr::Verbatim(it) if it.is_empty()) {
            let name = self.0;
            *expr = syn::parse_quote!(#name);
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

/// The statements of a body, with each `return` at the end of a branch in the place of the branch's value.
fn body(stmts: &[Stmt]) -> Option<Body> {
    for (at, stmt) in stmts.iter().enumerate() {
        if let Stmt::Expr(Expr::If(it), _) = stmt
            && it.else_branch.is_none()
            && contains_return_in(&it.then_branch)
        {
            let then = in_braces(body(&it.then_branch.stmts)?);
            let rest = in_braces(body(&stmts[at + 1..])?);
            let cond = &it.cond;
            return Some(Body {
                stmts: without_returns(&stmts[..at])?,
                tail: syn::parse_quote!(if #cond #then else #rest),
            });
        }
    }
    let (last, before) = stmts.split_last()?;
    let Stmt::Expr(last, _) = last else {
        return None;
    };
    Some(Body {
        stmts: without_returns(before)?,
        tail: value(last)?,
    })
}

fn without_returns(stmts: &[Stmt]) -> Option<Vec<Stmt>> {
    let stmts = stmts.to_vec();
    let block = syn::Block {
        brace_token: syn::token::Brace::default(),
        stmts,
    };
    (!contains_return_in(&block)).then_some(block.stmts)
}

fn value(expr: &Expr) -> Option<Expr> {
    Some(match expr {
        Expr::Return(it) => value(it.expr.as_deref()?)?,
        Expr::Paren(it) => value(&it.expr)?,
        Expr::Group(it) => value(&it.expr)?,
        Expr::Block(it) if it.label.is_none() => Expr::Block(in_braces(body(&it.block.stmts)?)),
        Expr::If(it) => {
            let mut it = it.clone();
            it.then_branch = in_braces(body(&it.then_branch.stmts)?).block;
            let (_, otherwise) = it.else_branch.as_mut()?;
            **otherwise = value(otherwise)?;
            Expr::If(it)
        }
        Expr::Match(it) => {
            let mut it = it.clone();
            for arm in &mut it.arms {
                *arm.body = value(&arm.body)?;
            }
            Expr::Match(it)
        }
        Expr::Macro(_) => expr.clone(),
        other if contains_return(other) => return None,
        other => other.clone(),
    })
}

fn in_braces(body: Body) -> syn::ExprBlock {
    let mut stmts = body.stmts;
    stmts.push(Stmt::Expr(body.tail, None));
    block_expr(syn::Block {
        brace_token: syn::token::Brace::default(),
        stmts,
    })
}

/// Is there a method of this name in the standard library or in nalgebra that means something here?
fn is_common(name: &str, args: usize) -> bool {
    let stem = name.trim_end_matches("_mut");
    names::method(name).is_some()
        || names::method(stem).is_some()
        || names::inactive_method(name, args)
        || changes_in_place(name, args)
        || matches!(
            stem,
            "get"
                | "iter"
                | "as_slice"
                | "as_ref"
                | "chunks"
                | "chunks_exact"
                | "windows"
                | "deref"
        )
        || ["first", "last", "split_", "view", "fixed_"]
            .iter()
            .any(|it| stem.starts_with(it))
}

/// What a place is a part of.
fn base(place: &mut Expr) -> &mut Expr {
    match place {
        Expr::Paren(it) => base(&mut it.expr),
        Expr::Group(it) => base(&mut it.expr),
        Expr::Unary(it) => base(&mut it.expr),
        Expr::Index(it) => base(&mut it.expr),
        Expr::Field(it) => base(&mut it.base),
        other => other,
    }
}

/// Does a condition decide which view it is?
fn chooses(tail: &Expr) -> bool {
    match unparen(tail) {
        Expr::If(_) | Expr::Match(_) => true,
        Expr::Block(it) => {
            matches!(it.block.stmts.last(), Some(Stmt::Expr(tail, None)) if chooses(tail))
        }
        _ => false,
    }
}
