//! Structs and enums: literals, and the accessors by which their parts are reached behind patterns.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Expr, Member, Path};

use super::call::Lowered;
use super::{Lower, unparen};
use crate::ir::{Aggregate, Fact, Op, Operand, Place, StmtKind, VarKind};

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
        let copied: Vec<Option<&Expr>> = exprs.iter().map(|it| self.field_copied(it)).collect();
        let sources = exprs.iter().zip(&copied);
        let items = self.operands(sources.map(|(it, source)| source.unwrap_or(it)));
        let items: Vec<Operand> = (items.into_iter().zip(copied))
            .map(|(item, source)| match (item, source) {
                (Operand::Place(place), Some(source)) if !place.proj.is_empty() => {
                    self.copy_of(place, source.span())
                }
                (item, _) => item,
            })
            .collect();
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

    /// What is copied out of a field may have no derivative, and is not held as a variable: a name for the field.
    pub(super) fn copied_field(&mut self, expr: &Expr) -> Option<Operand> {
        let source = self.field_copied(expr)?;
        let place = self.place(source)?;
        (!place.proj.is_empty()).then(|| self.copy_of(place, source.span()))
    }

    /// The field in `s.field.clone()`.
    fn field_copied<'e>(&self, expr: &'e Expr) -> Option<&'e Expr> {
        let Expr::MethodCall(it) = unparen(expr) else {
            return None;
        };
        let field = matches!(unparen(&it.receiver), Expr::Field(of) if super::locals::fields_alone(&of.base));
        (it.method == "clone" && it.args.is_empty() && field && self.is_active(&it.receiver))
            .then_some(&it.receiver)
    }

    /// A copy of what is at a place, whose cotangent is that of the place.
    fn copy_of(&mut self, place: Place, span: Span) -> Operand {
        let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
        let var = self.temp("copy", active, fact);
        self.vars[var.0 as usize].kind = VarKind::Alias {
            place,
            depth: 0,
            writes: false,
        };
        self.emit(span, StmtKind::Alias { var });
        Operand::from(var)
    }
}
