//! `let`: variables, names for places, and views that a condition chooses.

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Expr, Pat};

use super::control::ArmBody;
use super::expr::{diverges, is_place};
use super::loops::independent;
use super::{Lower, Name, types, unparen};
use crate::arguments::visit_arguments;
use crate::ir::{Aggregate, Fact, Op, Operand, StmtKind, VarId, VarKind};

/// Is this a variable, or a field of a field of one?
pub(super) fn fields_alone(expr: &Expr) -> bool {
    match unparen(expr) {
        Expr::Path(_) => true,
        Expr::Field(it) => fields_alone(&it.base),
        _ => false,
    }
}

/// The variables that a pattern of structs and tuples binds by value, and the field that each of them is.
fn field_by_field<'a>(pat: &'a Pat, of: &Expr) -> Option<Vec<(&'a syn::PatIdent, Expr)>> {
    let mut found = Vec::new();
    match pat {
        Pat::Ident(it) if it.by_ref.is_none() && it.subpat.is_none() => {
            found.push((it, of.clone()));
        }
        Pat::Wild(_) => {}
        Pat::Paren(it) => return field_by_field(&it.pat, of),
        Pat::Struct(it) if !super::data::is_variant(&it.path) => {
            for field in &it.fields {
                let member = &field.member;
                found.extend(field_by_field(&field.pat, &syn::parse_quote!(#of.#member))?);
            }
        }
        Pat::Tuple(it) => {
            for (at, part) in it.elems.iter().enumerate() {
                let member = syn::Index::from(at);
                found.extend(field_by_field(part, &syn::parse_quote!(#of.#member))?);
            }
        }
        _ => return None,
    }
    Some(found)
}

/// Choices of shared views that follow each other.
const CHOICES: usize = 4;

impl Lower<'_> {
    /// A `let` statement. A `let .. else` takes the rest of the block into the arm that matches; then its value is
    /// returned.
    #[allow(
        clippy::option_option,
        reason = "outer: is the rest of the block consumed; inner: does it have a value"
    )]
    pub(super) fn local(
        &mut self,
        local: &syn::Local,
        rest: &[syn::Stmt],
        wanted: bool,
    ) -> Option<Option<Operand>> {
        let (pat, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some((*typed.ty).clone())),
            pat => (pat, None),
        };
        let ty = ty.map(without_lifetimes);
        if let Some(init) = &local.init {
            self.binds(&init.expr);
        }
        let Some(init) = &local.init else {
            self.declaration(pat, ty.as_ref(), local.span());
            return None;
        };
        if let Some((choice, named)) = self.with_named_choice(&init.expr) {
            let hands_out = self.lends(&init.expr).is_some();
            let mut local = local.clone();
            let Some(init) = &mut local.init else {
                return None;
            };
            if hands_out {
                *init.expr = named;
                let mut stmts = vec![choice, syn::Stmt::Local(local)];
                stmts.extend(rest.iter().cloned());
                return Some(self.block_stmts(&stmts, wanted));
            }
            *init.expr = syn::parse_quote!({ #choice (#named) });
            return self.local(&local, rest, wanted);
        }
        if let Some((_, otherwise)) = &init.diverge {
            let arms = vec![
                (pat.clone(), None, ArmBody::Rest(rest)),
                (syn::parse_quote!(_), None, ArmBody::Expr(otherwise)),
            ];
            let value = self.match_expr(&init.expr, arms, wanted, local.span());
            return Some(wanted.then_some(value));
        }
        // Every local closure is inlined: without active captures it may still be called with an active argument.
        if let (Pat::Ident(pat), Expr::Closure(closure)) = (pat, unparen(&init.expr)) {
            if closure.capture.is_some() && self.captures_mutable(closure) {
                self.cx.error(
                    closure.span(),
                    "a `move` closure over a mutable variable is not supported; copy the variable to one without `mut` first",
                );
            }
            let closure = super::Closure::new(closure.clone(), self.names.clone());
            self.names.insert(
                pat.ident.to_string(),
                Name::Closure(std::rc::Rc::new(closure)),
            );
            return None;
        }
        if let Some(value) = self.lent_by_choice(local, &init.expr, rest, wanted) {
            return Some(value);
        }
        if let Some(chosen) = self.chosen_view(&init.expr, local, rest) {
            let names = self.names_before(local).clone();
            self.chosen.push(names);
            let value = self.value(&chosen, wanted);
            self.chosen.pop();
            return Some(value);
        }
        if self.let_views(pat, &init.expr, local.span()) {
            return None;
        }
        match pat {
            Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
                self.let_variable(pat, ty, &init.expr, local.span());
            }
            Pat::Wild(_) => self.statement(&init.expr),
            Pat::Tuple(parts)
                if matches!(unparen(&init.expr), Expr::Tuple(it) if it.elems.len() == parts.elems.len())
                    && ty.is_none()
                    && self.is_active(&init.expr)
                    && !parts.elems.iter().any(|it| matches!(it, Pat::Rest(_))) =>
            {
                // `let (a, b) = (e, f);` binds part by part, all values first.
                let Expr::Tuple(values) = unparen(&init.expr) else {
                    return None;
                };
                let operands = self.operands(&values.elems);
                for (part, operand) in parts.elems.iter().zip(operands) {
                    let item = match operand {
                        Operand::Ref { place, mutable } => super::seq::Item::Element {
                            place: self.frozen(place, part.span()),
                            depth: 1,
                            writes: mutable,
                        },
                        // A mutable reference under another name.
                        Operand::Place(place)
                            if place.proj.is_empty()
                                && self.var(place.root).writes_through()
                                && self.is_reference(place.root) =>
                        {
                            let place = self.referent(place);
                            super::seq::Item::Element {
                                place: self.frozen(place, part.span()),
                                depth: 1,
                                writes: true,
                            }
                        }
                        other => super::seq::Item::Value(other),
                    };
                    self.bind_item(part, item);
                }
            }
            Pat::Tuple(parts)
                if ty.is_none()
                    && let Some(lets) = independent(parts, &init.expr) =>
            {
                // What carries no derivative is had again part by part, too.
                for (part, value) in lets {
                    self.let_variable(part, None, value, local.span());
                }
            }
            // A field may be of a type without derivative, of which nothing can be held as a whole.
            pat if ty.is_none()
                && matches!(unparen(&init.expr), Expr::Field(it) if fields_alone(&it.base))
                && self.is_active(&init.expr)
                && let Some(mut lets) = field_by_field(pat, &init.expr) =>
            {
                // A part of the same name hides the others, so it comes last.
                lets.sort_by_key(|(part, _)| super::mentions(&init.expr, &part.ident));
                for (part, value) in lets {
                    self.let_variable(part, None, &value, local.span());
                }
            }
            pat => {
                let outer = core::mem::replace(&mut self.hint, ty.clone());
                let before = self.stmts.len();
                let value = match self.view(&init.expr) {
                    Some(view) => view.operand(),
                    None => self.operand(&init.expr),
                };
                self.hint = outer;
                self.typed_as_written(before, &value, ty.as_ref());
                let value = match value {
                    Operand::Place(place)
                        if !place.proj.is_empty() || self.var(place.root).mutable =>
                    {
                        // A copy, so that later writes to the place do not reach what the pattern bound.
                        let operand = Operand::Place(place);
                        if self.operand_active(&operand) {
                            self.settle(operand, local.span())
                        } else {
                            operand
                        }
                    }
                    other => other,
                };
                self.bind_pattern_statement(pat, ty, value, local.span());
            }
        }
        None
    }

    /// A tuple that a pattern takes apart, made by the last statement since `before`, has the type that is written behind
    /// the pattern: it may be all that fixes that of a literal.
    fn typed_as_written(&mut self, before: usize, value: &Operand, written: Option<&syn::Type>) {
        let (Operand::Place(place), Some(written)) = (value, written) else {
            return;
        };
        if let Some(crate::ir::Stmt {
            kind:
                StmtKind::Let {
                    var,
                    ty,
                    op: Op::Aggregate(Aggregate::Tuple, _),
                },
            ..
        }) = self.stmts.get_mut(before..).and_then(|it| it.last_mut())
            && *var == place.root
            && place.proj.is_empty()
        {
            *ty = Some(written.clone());
            self.vars[place.root.0 as usize].fact = self.fact_of(written);
        }
    }

    /// `let v;`, `let (a, b);`
    pub(super) fn declaration(&mut self, pat: &Pat, ty: Option<&syn::Type>, span: Span) {
        match (pat, ty) {
            (Pat::Ident(pat), ty) => {
                let fact = ty.map_or(Fact::Unknown, |it| self.fact_of(it));
                let site = super::site(&pat.ident.to_string(), pat.ident.span());
                let active = self.active.contains(&site);
                let var = self.user_var(pat, VarKind::Local, active, fact, false);
                self.sites.insert(var, site);
                self.emit(
                    span,
                    StmtKind::Declare {
                        var,
                        ty: ty.cloned(),
                    },
                );
            }
            (Pat::Tuple(it), Some(syn::Type::Tuple(ty))) if it.elems.len() == ty.elems.len() => {
                for (pat, ty) in it.elems.iter().zip(&ty.elems) {
                    self.declaration(pat, Some(ty), span);
                }
            }
            (Pat::Tuple(it), None) => {
                for pat in &it.elems {
                    self.declaration(pat, None, span);
                }
            }
            (Pat::Wild(_), _) => {}
            (pat, _) => self.cx.error(
                pat.span(),
                "a declaration without value must name variables; declare them one by one",
            ),
        }
    }

    pub(super) fn let_variable(
        &mut self,
        pat: &syn::PatIdent,
        ty: Option<syn::Type>,
        init: &Expr,
        span: Span,
    ) {
        let written = ty.as_ref().map_or(Fact::Unknown, |it| self.fact_of(it));
        // `let r = &place` is another name for the place: Rust keeps the place as it is while `r` lives.
        if let Expr::Reference(reference) = unparen(init)
            && reference.mutability.is_none()
            && pat.mutability.is_none()
            && self.is_active(init)
            && let Some(place) = self.place(&reference.expr)
        {
            let place = self.frozen(place, span);
            let fact = self.place_fact(&place);
            let active = self.var(place.root).active;
            let kind = VarKind::Alias {
                place,
                depth: 1,
                writes: false,
            };
            let var = self.user_var(pat, kind, active, fact, true);
            self.emit(span, StmtKind::Alias { var });
            return;
        }
        let outer = core::mem::replace(&mut self.hint, ty.clone());
        let view = self.view(init);
        self.hint = outer;
        let copied = match view {
            Some(view) if view.is_array() && !self.stays(&view, pat) => {
                Some(Operand::Place(view.referent()))
            }
            Some(view) => return self.let_view(pat, view, span),
            None => None,
        };
        if let Expr::Reference(reference) = unparen(init)
            && reference.mutability.is_some()
        {
            // `let x = &mut [0.0; 3];`
            if let Operand::Ref { place, .. } = self.lent_operand(reference) {
                let kind = VarKind::Alias {
                    place,
                    depth: 1,
                    writes: true,
                };
                let var = self.user_var(pat, kind, self.is_active(init), Fact::Unknown, true);
                self.emit(span, StmtKind::Alias { var });
            }
            return;
        }
        let view = self.is_mutable_view(init);
        let errors = self.cx.count();
        let hint = core::mem::replace(&mut self.hint, ty.clone());
        let (op, active, fact, borrows, _) = match copied {
            Some(array) => self.used(array),
            None => self.op(init),
        };
        self.hint = hint;
        if view && self.cx.count() == errors {
            self.cx.error(
                init.span(),
                "what is written through this view would not be seen; borrow with `&mut`, `split_at_mut`, `column_mut` \
                 and the like, or iterate with `iter_mut` where it is used",
            );
        }
        let fact = if written == Fact::Unknown {
            fact
        } else {
            written
        };
        let reference = self.gives_reference(&op);
        let var = self.user_var(pat, VarKind::Local, active, fact, borrows);
        self.vars[var.0 as usize].reference = reference;
        if let Op::Aggregate(_, items) = &op {
            for item in items {
                self.keeps_no_view(item, init.span());
            }
        }
        let suspect = matches!(op, Op::Code(_))
            && self.may_keep_view(init)
            && !types::is_integer(init)
            && ty.as_ref().is_none_or(types::may_be_active);
        // `Params { .. }`, `Params(..)`
        let made = match &op {
            Op::Aggregate(Aggregate::Struct { path, .. } | Aggregate::TupleStruct(path), _) => {
                path.segments.last().map(|it| it.ident.to_string())
            }
            _ => self.made_type(init),
        };
        let boxed = matches!(&op, Op::Aggregate(Aggregate::Boxed(_), _));
        self.vars[var.0 as usize].boxed =
            boxed || types::is_boxed(init) || ty.as_ref().is_some_and(types::is_box);
        let written = ty.as_ref().and_then(|it| self.own_type(it));
        if let Some(name) = written.or(made) {
            self.own_types.insert(var, name);
        }
        if active {
            self.mark_active(var);
        } else if ty.as_ref().is_some_and(|it| !types::may_be_active(it)) || types::is_integer(init)
        {
            self.inert.insert(var);
        }
        // `let q = { r };` is a name for what `r` names.
        if let Op::Use(Operand::Ref {
            place,
            mutable: true,
        }) = &op
        {
            let place = place.clone();
            return self.rename_view(var, place, span);
        }
        if let Op::Use(Operand::Place(place)) = &op
            && place.proj.is_empty()
            && self.var(place.root).writes_through()
            && self.is_reference(place.root)
        {
            let place = self.referent(place.clone());
            return self.rename_view(var, place, span);
        }
        let (op, ty) = if pat.mutability.is_none() {
            self.made_last(op, ty)
        } else {
            (op, ty)
        };
        self.emit(span, StmtKind::Let { var, ty, op });
        if suspect {
            self.owns(var, span);
        }
    }

    /// What a loop has just made under a name of its own gets that of the variable.
    fn made_last(&mut self, op: Op, ty: Option<syn::Type>) -> (Op, Option<syn::Type>) {
        if let Op::Use(Operand::Place(place)) = &op
            && place.proj.is_empty()
            && let Some(last) = self.stmts.last()
            && let StmtKind::Let {
                var,
                ty: known,
                op: made @ Op::Build(_),
            } = &last.kind
            && *var == place.root
        {
            let (made, known) = (made.clone(), known.clone());
            self.stmts.pop();
            return (made, ty.or(known));
        }
        (op, ty)
    }

    /// The name of a type of the user's own that an expression makes: `Params::new(..)`, `params.clone()`.
    pub(super) fn made_type(&self, init: &Expr) -> Option<String> {
        match unparen(init) {
            Expr::Struct(it) => {
                let path = &it.path;
                self.own_type(&syn::parse_quote!(#path))
            }
            Expr::Call(it) => {
                let Expr::Path(path) = unparen(&it.func) else {
                    return None;
                };
                let mut names = path.path.segments.iter().rev();
                let (function, owner) = (names.next()?, names.next()?);
                let owner = self.own_type(&syn::parse_quote!(#owner))?;
                let made = self.unit.makes(&owner, &function.ident.to_string());
                made.then_some(owner)
            }
            Expr::MethodCall(it) if it.method == "clone" => {
                self.type_name(&it.receiver).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// A variable turns out to be a name for a place.
    pub(super) fn rename_view(&mut self, var: VarId, place: crate::ir::Place, span: Span) {
        let place = self.frozen(place, span);
        self.vars[var.0 as usize].active = self.var(place.root).active;
        self.vars[var.0 as usize].kind = VarKind::Alias {
            place,
            depth: 1,
            writes: true,
        };
        self.emit(span, StmtKind::Alias { var });
    }

    /// `let v = if c { &mut a } else { &mut b }; rest` ⇒ `if c { let v = &mut a; rest } else { let v = &mut b; rest }`: a
    /// name stands for one place. The rest sees no name of the branch: see `seen_outside`.
    pub(super) fn chosen_view(
        &self,
        init: &Expr,
        local: &syn::Local,
        rest: &[syn::Stmt],
    ) -> Option<Expr> {
        self.chooses_view(init)
            .then(|| into_branches(init, local, rest))?
    }

    /// Does a branch hand out a view: one of its own, or a part of what is matched?
    pub(super) fn chooses_view(&self, expr: &Expr) -> bool {
        let hands_out = |scrutinee: Option<&Expr>, pat: Option<&Pat>, branch: &Expr| {
            let tail = tail(branch);
            let part = || {
                scrutinee.is_some_and(|it| self.is_mutable_view(it))
                    && matches!((tail, pat), (Expr::Path(it), Some(pat))
                        if it.path.get_ident().is_some_and(|it| bound(pat).contains(&it.to_string())))
            };
            let own = || match tail {
                Expr::Tuple(it) => it.elems.iter().any(|it| self.is_mutable_view(it)),
                other => self.is_mutable_view(other) || self.is_shared_view(other),
            };
            part() || own() || self.chooses_view(tail)
        };
        match unparen(expr) {
            Expr::If(it) => {
                let (scrutinee, pat) = match &*it.cond {
                    Expr::Let(it) => (Some(&*it.expr), Some(&*it.pat)),
                    _ => (None, None),
                };
                let then = Expr::Block(block_expr(it.then_branch.clone()));
                it.else_branch.as_ref().is_some_and(|(_, otherwise)| {
                    hands_out(scrutinee, pat, &then) || hands_out(None, None, otherwise)
                })
            }
            Expr::Match(it) => it
                .arms
                .iter()
                .any(|arm| hands_out(Some(&it.expr), Some(&arm.pat), &arm.body)),
            _ => false,
        }
    }

    /// The names that the statements before a `let` left; those of the branches that it was moved into are not among
    /// them.
    pub(super) fn names_before(&self, local: &syn::Local) -> &HashMap<String, Name> {
        match self.chosen.last() {
            Some(names) if is_chosen(local) => names,
            _ => &self.names,
        }
    }

    /// What follows a `let` that was moved into a branch sees the names outside of the branch, and what the `let` binds.
    pub(super) fn seen_outside(&mut self, local: &syn::Local) {
        if !is_chosen(local) {
            return;
        }
        let before = self.names_before(local).clone();
        let inside = core::mem::replace(&mut self.names, before);
        for name in bound(&local.pat) {
            if let Some(var) = inside.get(&name) {
                self.names.insert(name, var.clone());
            }
        }
    }

    pub(super) fn is_mutable_view(&self, expr: &Expr) -> bool {
        match unparen(expr) {
            Expr::Reference(it) => it.mutability.is_some(),
            Expr::MethodCall(it) if it.method.to_string().ends_with("_mut") => true,
            Expr::MethodCall(_) | Expr::Call(_) => self.lends(expr) == Some(true),
            Expr::Block(it) => match it.block.stmts.last() {
                Some(syn::Stmt::Expr(tail, None)) => self.is_mutable_view(tail),
                _ => false,
            },
            // A mutable reference under another name.
            Expr::Path(it) => match it
                .path
                .get_ident()
                .and_then(|it| self.names.get(&it.to_string()))
            {
                Some(Name::Var(var)) => self.is_reference(*var) && self.var(*var).writes_through(),
                _ => false,
            },
            _ => false,
        }
    }

    /// A shared view of an active place. Each choice doubles what follows it, so those that follow many are held instead.
    pub(super) fn is_shared_view(&self, expr: &Expr) -> bool {
        self.chosen.len() < CHOICES
            && match unparen(expr) {
                Expr::Reference(it) => is_place(&it.expr) && self.is_active(expr),
                Expr::Path(it) => match it
                    .path
                    .get_ident()
                    .and_then(|it| self.names.get(&it.to_string()))
                {
                    Some(Name::Var(var)) => {
                        let info = self.var(*var);
                        self.is_reference(*var) && info.active && !info.mutable
                    }
                    _ => false,
                },
                Expr::MethodCall(_) | Expr::Call(_) => {
                    self.lends(expr) == Some(false) && self.is_active(expr)
                }
                _ => false,
            }
    }

    pub(super) fn captures_mutable(&self, closure: &syn::ExprClosure) -> bool {
        let mut probe = Captures {
            lower: self,
            found: false,
        };
        syn::visit::Visit::visit_expr(&mut probe, &closure.body);
        probe.found
    }
}

/// A `let` and what follows it, in each branch of what decides its value.
pub(super) fn into_branches(init: &Expr, local: &syn::Local, rest: &[syn::Stmt]) -> Option<Expr> {
    let with = |branch: &Expr| -> Option<syn::Block> {
        let mut block = match unparen(branch) {
            Expr::Block(it) if it.label.is_none() => it.block.clone(),
            other => syn::parse_quote!({ #other }),
        };
        let Some(syn::Stmt::Expr(tail, end)) = block.stmts.pop() else {
            return None;
        };
        if diverges(&tail) {
            block.stmts.push(syn::Stmt::Expr(tail, end));
            return Some(block);
        }
        let mut local = local.clone();
        local.attrs = vec![syn::parse_quote!(#[chosen])];
        *local.init.as_mut()?.expr = end.is_none().then_some(tail)?;
        block.stmts.push(syn::Stmt::Local(local));
        block.stmts.extend(rest.iter().cloned());
        Some(block)
    };
    match unparen(init) {
        Expr::If(it) => {
            let mut whole = it.clone();
            whole.then_branch = with(&Expr::Block(block_expr(it.then_branch.clone())))?;
            let (_, otherwise) = whole.else_branch.as_mut()?;
            **otherwise = Expr::Block(block_expr(with(otherwise)?));
            Some(Expr::If(whole))
        }
        Expr::Match(it) => {
            let mut whole = it.clone();
            for arm in &mut whole.arms {
                *arm.body = Expr::Block(block_expr(with(&arm.body)?));
            }
            Some(Expr::Match(whole))
        }
        _ => None,
    }
}

pub(super) fn block_expr(block: syn::Block) -> syn::ExprBlock {
    syn::ExprBlock {
        attrs: Vec::new(),
        label: None,
        block,
    }
}

/// A type as it is written at a `let`, where every lifetime can be found: the tangent of the value has another.
pub(super) fn without_lifetimes(mut ty: syn::Type) -> syn::Type {
    struct Elide;
    impl syn::visit_mut::VisitMut for Elide {
        fn visit_lifetime_mut(&mut self, it: &mut syn::Lifetime) {
            if it.ident != "static" {
                it.ident = Ident::new("_", it.ident.span());
            }
        }
    }
    syn::visit_mut::VisitMut::visit_type_mut(&mut Elide, &mut ty);
    ty
}

/// Was this `let` moved into the branches that choose its value?
pub(super) fn is_chosen(local: &syn::Local) -> bool {
    local.attrs.iter().any(|it| it.path().is_ident("chosen"))
}

/// The expression at the end of a block.
pub(super) fn tail(expr: &Expr) -> &Expr {
    match unparen(expr) {
        Expr::Block(it) => match it.block.stmts.last() {
            Some(syn::Stmt::Expr(last, None)) => tail(last),
            _ => expr,
        },
        other => other,
    }
}

/// The names that a pattern binds, and perhaps those of constants.
pub(super) fn bound(pat: &Pat) -> Vec<String> {
    struct Bound(Vec<String>);
    impl<'ast> syn::visit::Visit<'ast> for Bound {
        fn visit_pat_ident(&mut self, it: &'ast syn::PatIdent) {
            self.0.push(it.ident.to_string());
            syn::visit::visit_pat_ident(self, it);
        }
    }
    let mut names = Bound(Vec::new());
    syn::visit::Visit::visit_pat(&mut names, pat);
    names.0
}

struct Captures<'a, 'b> {
    lower: &'a Lower<'b>,
    found: bool,
}

impl<'ast> syn::visit::Visit<'ast> for Captures<'_, '_> {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(ident) = path.path.get_ident()
            && let Some(Name::Var(var)) = self.lower.names.get(&ident.to_string())
        {
            self.found |= self.lower.var(*var).mutable;
        }
    }
    visit_arguments!();
}
