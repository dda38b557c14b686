//! Structs and enums: literals, and the accessors by which their parts are reached behind patterns.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::{Expr, Member, Path};

use super::Lower;
use super::call::Lowered;
use crate::ir::{Aggregate, Fact, Op};

/// The accessor that `#[derive(Differentiable)]` makes for a part of a struct or of a variant.
pub(crate) fn accessor(path: &Path, member: &Member) -> Ident {
    let name = path
        .segments
        .last()
        .map(|it| it.ident.to_string())
        .unwrap_or_default();
    let name = name.trim_start_matches("r#");
    match member {
        Member::Named(field) => {
            let field = field.to_string();
            let field = field.trim_start_matches("r#");
            format_ident!("__ad_{}_{}", name, field, span = Span::call_site())
        }
        Member::Unnamed(at) => {
            format_ident!("__ad_{}_{}", name, at.index, span = Span::call_site())
        }
    }
}

/// Is this the path of a variant, as far as the tokens tell: `Shape::Circle`, `Self::Circle`?
pub(super) fn is_variant(path: &Path) -> bool {
    path.segments
        .iter()
        .rev()
        .nth(1)
        .is_some_and(|it| it.ident.to_string().starts_with(char::is_uppercase))
}

impl Lower<'_> {
    /// `Type { field: value, ..base }`
    pub(super) fn struct_literal(&mut self, it: &syn::ExprStruct) -> Lowered {
        let mut exprs: Vec<&Expr> = it.fields.iter().map(|it| &it.expr).collect();
        exprs.extend(it.rest.as_deref());
        let items = self.operands(exprs);
        let active = items.iter().any(|it| self.operand_active(it));
        let kind = Aggregate::Struct {
            path: it.path.clone(),
            members: it.fields.iter().map(|it| it.member.clone()).collect(),
            base: it.rest.is_some(),
            variant: is_variant(&it.path),
        };
        (
            Op::Aggregate(kind, items),
            active,
            Fact::Unknown,
            false,
            "made",
        )
    }

    /// `Type(value, ..)`
    pub(super) fn tuple_struct(&mut self, it: &syn::ExprCall, path: &Path) -> Lowered {
        let items = self.operands(&it.args);
        let active = items.iter().any(|it| self.operand_active(it));
        let kind = Aggregate::TupleStruct(path.clone());
        (
            Op::Aggregate(kind, items),
            active,
            Fact::Unknown,
            false,
            "made",
        )
    }
}
