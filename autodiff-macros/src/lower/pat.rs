//! Patterns: which variables they bind, and from where.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Member, Pat, Type};

use super::Lower;
use super::seq::Item;
use crate::ir::{Binding, Fact, Op, Operand, Place, Proj, StmtKind, VarKind};

impl Lower<'_> {
    /// Declares the variables of a pattern and returns it with the variables renamed apart. `from` is the place that
    /// the pattern takes apart, or `None` if the value carries no derivative.
    pub(super) fn pattern(
        &mut self,
        pat: &Pat,
        from: Option<Place>,
        borrowed: bool,
        suspicious: bool,
        bindings: &mut Vec<Binding>,
    ) -> Pat {
        self.borrowed_scrutinee = borrowed;
        // What is bound of a reference are names for parts of its place.
        let owned = |it: &Place| {
            let var = self.var(it.root);
            var.mutable || !(matches!(var.kind, VarKind::Local) && var.borrows)
        };
        self.named_scrutinee = self.referenced_scrutinee && from.as_ref().is_some_and(owned);
        self.suspicious = suspicious;
        let from = from.filter(|it| self.named_scrutinee || self.var(it.root).active);
        let mut pat_out = pat.clone();
        self.walk_pattern(pat, &mut pat_out, from, bindings);
        pat_out
    }

    /// A pattern over an optional view: `Some(first)`, `Some((first, rest))`.
    pub(super) fn optional_pattern(
        &mut self,
        pat: &Pat,
        parts: &[Place],
        bindings: &mut Vec<Binding>,
    ) -> Pat {
        let mut out = pat.clone();
        self.named_scrutinee = true;
        self.referenced_scrutinee = true;
        self.borrowed_scrutinee = true;
        self.suspicious = false;
        match (pat, &mut out) {
            (Pat::TupleStruct(it), Pat::TupleStruct(out))
                if it.elems.len() == 1
                    && it.path.segments.last().is_some_and(|it| it.ident == "Some") =>
            {
                match (&it.elems[0], &mut out.elems[0], parts) {
                    (Pat::Tuple(it), Pat::Tuple(out), [left, right]) if it.elems.len() == 2 => {
                        let (first, second) = (left.clone(), right.clone());
                        self.walk_pattern(&it.elems[0], &mut out.elems[0], Some(first), bindings);
                        self.walk_pattern(&it.elems[1], &mut out.elems[1], Some(second), bindings);
                    }
                    (sub, sub_out, [part]) => {
                        self.walk_pattern(sub, sub_out, Some(part.clone()), bindings);
                    }
                    (Pat::Wild(_), _, _) => {}
                    (sub, _, _) => self
                        .cx
                        .error(sub.span(), "name both parts here: `Some((first, rest))`"),
                }
            }
            (Pat::Paren(it), _) => return self.optional_pattern(&it.pat, parts, bindings),
            _ => {
                if super::locals::bound(pat).iter().any(|it| it != "None") {
                    self.cx.error(
                        pat.span(),
                        "a name for all of this option is not followed; take it apart with `Some(..)`, or bind the option \
                         with `let` first",
                    );
                }
                self.walk_pattern(pat, &mut out, None, bindings);
            }
        }
        out
    }

    fn walk_pattern(
        &mut self,
        pat: &Pat,
        out: &mut Pat,
        from: Option<Place>,
        bindings: &mut Vec<Binding>,
    ) {
        let child = |from: &Option<Place>, proj: Proj| {
            from.clone().map(|mut place| {
                place.proj.push(proj);
                place
            })
        };
        match (pat, out) {
            (Pat::Ident(it), Pat::Ident(out)) => {
                if self.refutable
                    && is_constant(&it.ident)
                    && it.subpat.is_none()
                    && it.by_ref.is_none()
                    && it.mutability.is_none()
                {
                    if from.is_some() && it.ident != "None" {
                        self.cx.error(
                            it.ident.span(),
                            "a name in capitals may be a constant or a new variable here; write the variable in lower \
                             case, or compare with the constant in a guard",
                        );
                    }
                    return;
                }
                let fact = from
                    .as_ref()
                    .map_or(Fact::Unknown, |it| self.place_fact(it));
                if self.named_scrutinee
                    && it.mutability.is_none()
                    && let Some(place) = &from
                {
                    let writes = self.var(place.root).may_be_written();
                    let kind = VarKind::Alias {
                        place: place.clone(),
                        depth: 1,
                        writes,
                    };
                    let active = self.var(place.root).active;
                    let var = self.user_var(it, kind, active, fact, true);
                    out.ident = self.var(var).ident.clone();
                    bindings.push(Binding { var, source: None });
                    return;
                }
                let active = from.is_some();
                let suspect = self.suspicious;
                // What a pattern binds of a value without derivative may be a reference: only its type knows.
                let borrows = !active || self.borrowed_scrutinee;
                let var = self.user_var(it, VarKind::Local, active, fact, borrows);
                self.vars[var.0 as usize].reference = active && self.referenced_scrutinee;
                if suspect {
                    self.suspects.insert(var);
                }
                out.ident = self.var(var).ident.clone();
                if let (Some((_, sub)), Some((_, sub_out))) = (&it.subpat, &mut out.subpat) {
                    self.walk_pattern(sub, sub_out, from.clone(), bindings);
                }
                bindings.push(Binding { var, source: from });
            }
            (Pat::Paren(it), Pat::Paren(out)) => {
                self.walk_pattern(&it.pat, &mut out.pat, from, bindings);
            }
            // What stands behind `&` in a pattern is a copy.
            (Pat::Reference(it), Pat::Reference(out)) => {
                let named = core::mem::take(&mut self.named_scrutinee);
                let referenced = core::mem::take(&mut self.referenced_scrutinee);
                self.walk_pattern(&it.pat, &mut out.pat, from, bindings);
                (self.named_scrutinee, self.referenced_scrutinee) = (named, referenced);
            }
            (Pat::Type(it), Pat::Type(out)) => {
                self.walk_pattern(&it.pat, &mut out.pat, from, bindings);
            }
            (Pat::Tuple(it), Pat::Tuple(out)) => {
                let rest = it.elems.iter().position(|it| matches!(it, Pat::Rest(_)));
                for (at, (sub, sub_out)) in it.elems.iter().zip(&mut out.elems).enumerate() {
                    if rest.is_some_and(|rest| at > rest) && from.is_some() {
                        self.cx.error(sub.span(), "a tuple pattern on an active value with `..` before this is not supported; write `_` for each field");
                    }
                    self.walk_pattern(
                        sub,
                        sub_out,
                        child(&from, Proj::Field(Member::Unnamed(at.into()))),
                        bindings,
                    );
                }
            }
            (Pat::TupleStruct(it), Pat::TupleStruct(out)) => {
                let name = it
                    .path
                    .segments
                    .last()
                    .map(|it| it.ident.to_string())
                    .unwrap_or_default();
                let payload = matches!(name.as_str(), "Some" | "Ok");
                for (at, (sub, sub_out)) in it.elems.iter().zip(&mut out.elems).enumerate() {
                    let inner = match name.as_str() {
                        _ if payload => child(&from, Proj::Payload),
                        "Err" => None,
                        _ => {
                            let member = Member::Unnamed(at.into());
                            child(&from, self.variant(from.as_ref(), &it.path, &member))
                        }
                    };
                    self.walk_pattern(sub, sub_out, inner, bindings);
                }
            }
            (Pat::Slice(it), Pat::Slice(out)) => {
                let count = it.elems.len();
                let rest = it.elems.iter().position(is_rest);
                for (at, (sub, sub_out)) in it.elems.iter().zip(&mut out.elems).enumerate() {
                    // Only elements that bind something need their position.
                    if from.is_none() || matches!(sub, Pat::Rest(_) | Pat::Wild(_)) {
                        self.walk_pattern(sub, sub_out, None, bindings);
                        continue;
                    }
                    let whole = from.clone().map(|it| self.referent(it));
                    let back = count - at;
                    let code = match (rest, &whole) {
                        (Some(rest), Some(whole)) if at == rest => {
                            let from = syn::Index::from(at);
                            if back == 1 {
                                super::view::fixed(syn::parse_quote!(#from..))
                            } else {
                                let to = self.back(whole, back - 1);
                                let bound = &to.expr;
                                crate::ir::Code {
                                    expr: syn::parse_quote!(#from..#bound),
                                    ..to
                                }
                            }
                        }
                        (Some(rest), Some(whole)) if at > rest => self.back(whole, back),
                        _ => {
                            let at = syn::Index::from(at);
                            super::view::fixed(syn::parse_quote!(#at))
                        }
                    };
                    let inner = whole.map(|it| it.then(Proj::Index(code)));
                    match (sub, sub_out) {
                        // `rest @ ..`
                        (Pat::Ident(sub), Pat::Ident(sub_out)) if sub.subpat.is_some() => {
                            let mut plain = sub.clone();
                            plain.subpat = None;
                            let mut out = Pat::Ident(plain.clone());
                            self.walk_pattern(&Pat::Ident(plain), &mut out, inner, bindings);
                            if let Pat::Ident(out) = out {
                                sub_out.ident = out.ident;
                            }
                        }
                        (sub, sub_out) => self.walk_pattern(sub, sub_out, inner, bindings),
                    }
                }
            }
            (Pat::Struct(it), Pat::Struct(out)) => {
                let variant = super::data::is_variant(&it.path);
                for (field, field_out) in it.fields.iter().zip(&mut out.fields) {
                    let proj = if variant {
                        self.variant(from.as_ref(), &it.path, &field.member)
                    } else {
                        self.field(&field.member)
                    };
                    self.walk_pattern(&field.pat, &mut field_out.pat, child(&from, proj), bindings);
                    field_out.colon_token = Some(syn::token::Colon::default());
                }
            }
            (Pat::Or(it), Pat::Or(out)) => {
                // Alternatives bind the same names: the first declares them, the others are renamed alike.
                let before = bindings.len();
                for (at, (sub, sub_out)) in it.cases.iter().zip(&mut out.cases).enumerate() {
                    if at == 0 {
                        self.walk_pattern(sub, sub_out, from.clone(), bindings);
                    } else if bindings.len() > before {
                        if from.is_some() {
                            self.cx.error(sub.span(), "alternatives that bind variables of an active value are not supported; write two arms");
                        }
                        rename_alike(self, sub_out);
                    }
                }
            }
            _ => {}
        }
    }

    /// The step to a field behind a pattern, whose accessor is noted.
    fn variant(&mut self, from: Option<&Place>, path: &syn::Path, member: &Member) -> Proj {
        self.members.accessors.insert(super::accessor(path, member));
        let in_field = |it: &Place| crate::ir::behind_field(&self.vars, it);
        Proj::Variant {
            path: path.clone(),
            member: member.clone(),
            apart: from.is_some_and(in_field),
        }
    }

    /// A position counted from the end of what is taken apart, evaluated where it is read.
    fn back(&self, whole: &Place, back: usize) -> crate::ir::Code {
        let krate = &self.options.krate;
        let place = self.plain_place(whole);
        let back = syn::Index::from(back);
        let mut code = self.code_from_lowered(syn::parse_quote!(
            #krate::__private::Elements::ad_count(&#place) - #back
        ));
        code.again = true;
        code
    }

    /// The place that a pattern takes apart; behind a reference its indices stay what they are.
    pub(super) fn taken_apart(&mut self, value: &Operand, span: Span) -> Option<Place> {
        let mut place = value.place().cloned()?;
        if self.referenced_scrutinee {
            place = self.frozen(place, span);
        }
        Some(self.referent(place))
    }

    /// Is what a pattern takes apart a reference, or may it hold one, so that its variables may be references too?
    pub(super) fn borrowed(&mut self, value: &Operand) -> bool {
        self.referenced_scrutinee = match value {
            Operand::Ref { .. } => true,
            Operand::Place(place) => place.proj.is_empty() && self.is_reference(place.root),
            Operand::Lit(_) | Operand::Code(_) | Operand::Never | Operand::Unit => false,
        };
        match value {
            Operand::Ref { .. } => true,
            Operand::Place(place) => self.var(place.root).borrows,
            Operand::Lit(_) | Operand::Code(_) | Operand::Never | Operand::Unit => false,
        }
    }

    /// May a value without derivative hold a mutable view?
    pub(super) fn suspicious_value(&self, value: &Operand) -> bool {
        match value {
            Operand::Code(code) => self.reads_view(code),
            Operand::Place(place) => self.suspects.contains(&place.root),
            _ => false,
        }
    }

    /// `let pat = value;`
    pub(super) fn bind_pattern_statement(
        &mut self,
        pat: &Pat,
        ty: Option<Type>,
        value: Operand,
        span: Span,
    ) {
        let mut bindings = Vec::new();
        let borrowed = self.borrowed(&value);
        let from = self.taken_apart(&value, span);
        let suspicious = self.suspicious_value(&value);
        let pat = match self.pattern(pat, from, borrowed, suspicious, &mut bindings) {
            // A part of a tuple that stands alone now, where Rust wants alternatives in parentheses.
            pat @ Pat::Or(_) => syn::parse_quote!((#pat)),
            pat => pat,
        };
        self.emit(
            span,
            StmtKind::Bind {
                pat,
                ty,
                value,
                bindings,
            },
        );
    }

    /// Binds the item of a sequence to a pattern, as a `for` loop or a closure parameter does.
    pub(super) fn bind_item(&mut self, pat: &Pat, item: Item) {
        match (pat, item) {
            (Pat::Paren(it), item) => self.bind_item(&it.pat, item),
            // `| x`
            (Pat::Or(it), item) if it.cases.len() == 1 => self.bind_item(&it.cases[0], item),
            (Pat::Type(it), Item::Value(operand)) if matches!(&*it.pat, Pat::Ident(_)) => {
                // The written type may be all that fixes that of a literal.
                let before = self.stmts.len();
                self.bind_item(&it.pat, Item::Value(operand));
                if let Some(crate::ir::Stmt { kind: StmtKind::Let { var, ty, .. }, .. }) =
                    self.stmts.get_mut(before..).and_then(|it| it.last_mut())
                {
                    *ty = Some((*it.ty).clone());
                    let var = *var;
                    let fact = self.fact_of(&it.ty);
                    if fact != Fact::Unknown {
                        self.vars[var.0 as usize].fact = fact;
                    }
                }
            }
            (Pat::Type(it), item) => self.bind_item(&it.pat, item),
            (Pat::Wild(_), _) => {}
            (Pat::Tuple(it), Item::Tuple(items)) if it.elems.len() == items.len() => {
                for (sub, item) in it.elems.iter().zip(items) {
                    self.bind_item(sub, item);
                }
            }
            (Pat::Tuple(_), Item::Ref(item)) if matches!(*item, Item::Tuple(_)) => {
                // A tuple pattern looks through a reference and binds references to the parts.
                let Item::Tuple(items) = *item else { return };
                let parts = items.into_iter().map(|it| Item::Ref(Box::new(it))).collect();
                self.bind_item(pat, Item::Tuple(parts));
            }
            (Pat::Reference(it), Item::Ref(item)) => self.bind_item(&it.pat, *item),
            (Pat::Reference(it), Item::Element { place, depth, .. }) if depth > 0 => {
                self.bind_item(&it.pat, Item::Element { place, depth: depth - 1, writes: false });
            }
            (pat, Item::Ref(item)) => match *item {
                Item::Element { place, depth, .. } => {
                    self.bind_item(pat, Item::Element { place, depth: depth + 1, writes: false });
                }
                Item::Ref(item) => self.bind_item(pat, Item::Ref(item)),
                other => {
                    // A reference to a value: the value is held in a variable, and the name stands for its place.
                    let operand = self.item_operand(other, pat.span());
                    let Operand::Place(place) = self.settle(operand, pat.span()) else { return };
                    self.bind_item(pat, Item::Element { place, depth: 1, writes: false });
                }
            },
            (pat @ Pat::Ident(_), item @ Item::Tuple(_)) => {
                let operand = self.item_operand(item, pat.span());
                self.bind_item(pat, Item::Value(operand));
            }
            (Pat::Ident(it), Item::Element { place, depth, writes }) if it.subpat.is_none() => {
                let fact = self.place_fact(&place);
                let active = self.var(place.root).active;
                let view = matches!(place.proj.last(), Some(Proj::View(_)));
                if it.mutability.is_some() && !view {
                    let var = self.user_var(it, VarKind::Local, active, fact, depth > 0);
                    let operand =
                        if depth > 0 { Operand::Ref { place, mutable: false } } else { Operand::Place(place) };
                    self.emit(it.span(), StmtKind::Let { var, ty: None, op: Op::Use(operand) });
                } else {
                    let place = self.frozen(place, it.span());
                    let kind = VarKind::Alias { place, depth, writes };
                    let var = self.user_var(it, kind, active, fact, depth > 0);
                    self.emit(it.span(), StmtKind::Alias { var });
                }
            }
            (Pat::Ident(it), Item::Value(operand)) if it.subpat.is_none() => {
                let (active, fact) = (self.operand_active(&operand), self.operand_fact(&operand));
                let borrows = matches!(&operand, Operand::Ref { .. })
                    || matches!(&operand, Operand::Place(place) if place.proj.is_empty() && self.var(place.root).borrows);
                let op = match operand {
                    Operand::Code(code) => Op::Code(code),
                    other => Op::Use(other),
                };
                let reference = self.gives_reference(&op);
                let var = self.user_var(it, VarKind::Local, active, fact, borrows);
                self.vars[var.0 as usize].reference = reference;
                self.emit(it.span(), StmtKind::Let { var, ty: None, op });
            }
            (pat, Item::Value(operand)) => self.bind_pattern_statement(pat, None, operand, pat.span()),
            (pat, Item::Element { place, depth, writes }) => {
                let operand = if depth > 0 { Operand::Ref { place, mutable: writes } } else { Operand::Place(place) };
                self.bind_pattern_statement(pat, None, operand, pat.span());
            }
            (pat, _) => self.cx.error(
                pat.span(),
                "this pattern does not take the item apart; write a pattern with one name for each part, such as `(i, x)`",
            ),
        }
    }
}

/// `..` and `rest @ ..` in a slice pattern.
fn is_rest(pat: &Pat) -> bool {
    match pat {
        Pat::Rest(_) => true,
        Pat::Ident(it) => matches!(&it.subpat, Some((_, sub)) if matches!(**sub, Pat::Rest(_))),
        _ => false,
    }
}

/// Names in capitals are constants, and `None` is a variant: they bind nothing.
fn is_constant(ident: &proc_macro2::Ident) -> bool {
    let text = ident.to_string();
    text.starts_with(char::is_uppercase)
}

fn rename_alike(lower: &Lower<'_>, pat: &mut Pat) {
    struct Alike<'a, 'b>(&'a Lower<'b>);
    impl syn::visit_mut::VisitMut for Alike<'_, '_> {
        fn visit_pat_ident_mut(&mut self, it: &mut syn::PatIdent) {
            if let Some(super::Name::Var(var)) = self.0.names.get(&it.ident.to_string()) {
                it.ident = self.0.var(*var).ident.clone();
            }
        }
    }
    syn::visit_mut::VisitMut::visit_pat_mut(&mut Alike(lower), pat);
}
