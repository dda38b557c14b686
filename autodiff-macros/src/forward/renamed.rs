//! Code in which variables become their twins.

use proc_macro2::Ident;
use syn::Expr;
use syn::visit_mut::{self, VisitMut};

use super::Forward;
use crate::arguments::visit_arguments_mut;
use crate::ir::{Code, VarId};

/// The length of a variable is that of its twin, which is not borrowed where a pattern has taken the variable apart.
pub(super) struct LengthOfTwin<'a, 'b> {
    pub(super) forward: &'a Forward<'b>,
}

impl VisitMut for LengthOfTwin<'_, '_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        if call.method == "len" {
            let forward = self.forward;
            Rename { forward }.visit_expr_mut(&mut call.receiver);
        } else {
            visit_mut::visit_expr_method_call_mut(self, call);
        }
    }
    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        let counts = matches!(&*call.func, Expr::Path(it)
            if it.path.segments.last().is_some_and(|it| it.ident == "ad_count"));
        if counts {
            let forward = self.forward;
            for arg in &mut call.args {
                Rename { forward }.visit_expr_mut(arg);
            }
        } else {
            visit_mut::visit_expr_call_mut(self, call);
        }
    }
    visit_arguments_mut!();
}

/// Variables become their twins, as far as these are variables.
pub(super) struct Rename<'a, 'b> {
    pub(super) forward: &'a Forward<'b>,
}

impl Rename<'_, '_> {
    pub(super) fn rename(&self, ident: &mut Ident) {
        let of = self.forward.func;
        let found = of.vars.iter().position(|it| it.ident == *ident);
        let named = found
            .filter(|at| u32::try_from(*at).is_ok_and(|at| !self.forward.is_walked(VarId(at))));
        if let Some(twin) = named.and_then(|at| self.forward.twins[at]) {
            *ident = self.forward.ident(twin).clone();
        }
    }
}

impl VisitMut for Rename<'_, '_> {
    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        self.rename(&mut pat.ident);
    }
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        if let Some(segment) = path.path.segments.first_mut()
            && path.path.leading_colon.is_none()
        {
            self.rename(&mut segment.ident);
        }
    }
    visit_arguments_mut!();
}

impl Forward<'_> {
    pub(super) fn renamed(&self, code: &Code) -> Code {
        let mut code = code.clone();
        Rename { forward: self }.visit_expr_mut(&mut code.expr);
        code.reads = code
            .reads
            .iter()
            .map(|it| self.twin_of(*it).unwrap_or(*it))
            .collect();
        code
    }
}
