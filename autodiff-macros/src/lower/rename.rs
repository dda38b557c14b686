//! Code in which the names of the user become the unique names of variables, local closures are written out, and what is
//! guessed to carry no derivative is claimed.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Member};

use super::call::builds;
use super::is_detach;
use super::{Lower, Name, TargetKind, unparen};
use crate::arguments::Arguments;
use crate::ir::VarId;
use crate::names;

pub(super) struct Rename<'a, 'b> {
    lower: &'a Lower<'b>,
    /// The names in scope.
    names: &'a HashMap<String, Name>,
    pub(super) reads: Vec<VarId>,
    /// How many closures were written out.
    written_out: u32,
    /// Is this inside of `detach(..)`?
    detached: bool,
    /// Names bound inside of the expression.
    bound: Vec<String>,
    /// Does a closure that is written out see one of them?
    pub(super) captured: bool,
}

impl<'a, 'b> Rename<'a, 'b> {
    pub(super) fn new(lower: &'a Lower<'b>) -> Self {
        Rename {
            lower,
            names: &lower.names,
            reads: Vec::new(),
            written_out: 0,
            detached: false,
            bound: Vec::new(),
            captured: false,
        }
    }
}

impl VisitMut for Rename<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        // A local closure has no variable in the generated code: where it is used as a value it is written out.
        if self.written_out < 64
            && let Expr::Path(path) = &*expr
            && let Some(Name::Closure(closure)) = path
                .path
                .get_ident()
                .and_then(|it| self.names.get(&it.to_string()))
        {
            let closure = closure.clone();
            let mut written = Expr::Closure(closure.expr.clone());
            let mut inner = Rename {
                lower: self.lower,
                names: &closure.names,
                reads: Vec::new(),
                written_out: self.written_out + 1,
                detached: self.detached,
                bound: Vec::new(),
                captured: false,
            };
            inner.visit_expr_mut(&mut written);
            self.captured |= inner.captured
                || inner.reads.iter().any(|it| {
                    let ident = self.lower.var(*it).ident.to_string();
                    self.bound.contains(&ident)
                });
            self.written_out = inner.written_out;
            self.reads.append(&mut inner.reads);
            *expr = syn::parse_quote!((#written));
            return;
        }
        // That a size or a predicate carries no derivative is a guess from its name: the type system checks it.
        let krate = &self.lower.options.krate;
        let claim = match &*expr {
            Expr::MethodCall(it) if !self.detached && self.lower.is_active(&it.receiver) => {
                self.lower.claim_of(it)
            }
            Expr::Call(it) if !self.detached && self.lower.calls_inert(it) => {
                Some(names::Claim::Result)
            }
            _ => None,
        };
        let reads =
            matches!(&*expr, Expr::MethodCall(it) if self.lower.claimed_to_read(it, self.names));
        // Inside of `detach` nothing is claimed: whatever is lost there is meant to be.
        let detaches = matches!(&*expr, Expr::Call(it) if is_detach(&it.func));
        let inside = self.detached || detaches;
        let outer = core::mem::replace(&mut self.detached, inside);
        visit_mut::visit_expr_mut(self, expr);
        self.detached = outer;
        // What a macro does with the loop around it is not seen, and would be done to the loop of the half: rustc refuses a
        // `break` without label inside of a block with one.
        if let Expr::Macro(it) = &*expr
            && self
                .lower
                .targets
                .iter()
                .any(|it| it.kind == TargetKind::Loop)
            && !builds(&it.mac)
            && !it
                .mac
                .path
                .segments
                .last()
                .is_some_and(|it| names::staying_macro(&it.ident.to_string()))
        {
            let label = syn::Lifetime::new("'__macro", proc_macro2::Span::mixed_site());
            *expr = syn::parse_quote!((#label: { #expr }));
        }
        if reads {
            let claimed = syn::parse_quote!(#krate::__private::reading(|| #expr));
            *expr = claimed;
        }
        match (claim, &mut *expr) {
            (Some(names::Claim::Result), expr) => {
                let claimed = syn::parse_quote!(#krate::__private::checked(#expr));
                *expr = claimed;
            }
            (Some(names::Claim::Receiver), Expr::MethodCall(it)) => {
                let recv = &it.receiver;
                it.receiver = syn::parse_quote!(#krate::__private::stepped(#recv));
            }
            _ => {}
        }
        // `detach` must be ours: the claim names the type that is imported with the function.
        if let Expr::Call(it) = &*expr
            && is_detach(&it.func)
            && let Expr::Path(path) = unparen(&it.func)
        {
            let mut ty = path.path.clone();
            if let Some(last) = ty.segments.last_mut() {
                last.arguments = syn::PathArguments::None;
            }
            let claimed = syn::parse_quote!(#krate::__private::detached::<#ty, _>(#expr));
            *expr = claimed;
        }
    }
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        if let Some(ident) = path.path.get_ident()
            && let Some(Name::Var(var)) = self.names.get(&ident.to_string())
        {
            self.reads.push(*var);
            let span = ident.span();
            let mut renamed = self.lower.var(*var).ident.clone();
            renamed.set_span(renamed.span().located_at(span));
            path.path = renamed.into();
        }
    }
    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        // A binding inside the expression that shadows a variable is renamed with it, and so are its uses.
        if let Some(Name::Var(var)) = self.names.get(&pat.ident.to_string()) {
            pat.ident = self.lower.var(*var).ident.clone();
        }
        self.bound.push(pat.ident.to_string());
        visit_mut::visit_pat_ident_mut(self, pat);
    }
    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        self.visit_expr_mut(&mut field.expr);
        if field.colon_token.is_none()
            && let (Member::Named(name), Expr::Path(path)) = (&field.member, &field.expr)
            && !path.path.is_ident(name)
        {
            field.colon_token = Some(syn::token::Colon::default());
        }
    }
    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        // A local closure is written out in the arguments as anywhere else.
        if self.names_closure(mac.tokens.clone()) {
            let mut arguments = Arguments::of(mac);
            if !arguments.unknown {
                for arg in arguments.exprs_mut() {
                    self.visit_expr_mut(arg);
                }
                mac.tokens = arguments.into_token_stream();
                return;
            }
        }
        mac.tokens = self
            .lower
            .renamed_tokens(mac.tokens.clone(), &mut self.reads);
    }
}

impl Rename<'_, '_> {
    /// Is there the name of a local closure among these tokens?
    fn names_closure(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(it) => {
                matches!(self.names.get(&it.to_string()), Some(Name::Closure(_)))
            }
            TokenTree::Group(group) => self.names_closure(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
}
