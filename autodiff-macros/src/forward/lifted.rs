//! Operations with a rule run over dual numbers, on values lifted with their tangents.

use proc_macro2::{Ident, Span, TokenStream};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Path, parse_quote};

use super::operands::reads;
use super::operations::has_float;
use super::{Forward, index};
use crate::ir::{By, Fact, Op, Operand, Place, VarId, VarKind};
use crate::lower::is_float_literal;

impl Forward<'_> {
    /// A place and its tangent, over dual numbers.
    pub(super) fn lift(&mut self, place: &Place, span: Span) -> VarId {
        let twin = self.twin(place).unwrap_or_else(|| place.clone());
        let args = [place.clone(), twin]
            .map(|place| self.referred(place))
            .to_vec();
        let op = self.runtime("lift", None, args);
        self.name("lifted", op, true, Fact::Unknown, span)
    }

    /// An operand over dual numbers, by reference where it is one.
    pub(super) fn lifted(&mut self, operand: &Operand, span: Span) -> Operand {
        if let Some(place) = operand.place()
            && self.is_active(operand)
        {
            let lifted = self.lift(place, span);
            return self.given_as(operand, lifted);
        }
        match operand {
            Operand::Lit(expr) if is_float_literal(expr) => {
                let rt = &self.rt;
                let literal = Self::code(parse_quote!(#rt::literal(#expr)));
                let op = Op::Code(literal);
                Operand::from(self.name("literal", op, false, Fact::Unknown, span))
            }
            Operand::Lit(expr) if !has_float(expr) => operand.clone(),
            Operand::Never | Operand::Unit => operand.clone(),
            _ => {
                let (rt, value) = (&self.rt, self.operand_tokens(operand));
                let mut constant = Self::code(parse_quote!(#rt::constant(&#value)));
                constant.reads = reads(operand);
                let lifted = self.name("constant", Op::Code(constant), true, Fact::Unknown, span);
                self.given_as(operand, lifted)
            }
        }
    }

    pub(super) fn given_as(&self, operand: &Operand, lifted: VarId) -> Operand {
        if self.is_reference(operand) {
            Operand::Ref {
                place: lifted.into(),
                mutable: false,
            }
        } else {
            Operand::from(lifted)
        }
    }

    pub(super) fn is_reference(&self, operand: &Operand) -> bool {
        let of_var = |var: VarId| {
            let info = &self.vars[index(var)];
            match &info.kind {
                VarKind::Param { by } => *by != By::Value,
                VarKind::Alias { depth, .. } => *depth > 0,
                _ => info.reference || (info.borrows && info.active),
            }
        };
        match operand {
            Operand::Ref { .. } => true,
            Operand::Place(place) => place.proj.is_empty() && of_var(place.root),
            Operand::Code(code) => match &code.expr {
                Expr::Reference(_) => true,
                Expr::Path(path) => code
                    .reads
                    .first()
                    .is_some_and(|it| path.path.is_ident(self.ident(*it)) && of_var(*it)),
                _ => false,
            },
            Operand::Lit(expr) => matches!(expr, Expr::Reference(_)),
            Operand::Never | Operand::Unit => false,
        }
    }

    pub(super) fn tangent_of_lifted(&self, lifted: VarId) -> Op {
        let args = vec![Operand::Ref {
            place: lifted.into(),
            mutable: false,
        }];
        self.runtime("tangent", None, args)
    }

    pub(super) fn over_duals(&self) -> OverDuals {
        OverDuals {
            rt: self.rt.clone(),
        }
    }
}

/// A rotation by a vector, and a pose with one, is made by a function that has a derivative at the identity, where
/// nalgebra's branch.
pub(super) fn lifted_turn(path: &mut Path) {
    let count = path.segments.len();
    let Some(owner) = count
        .checked_sub(2)
        .map(|at| path.segments[at].ident.to_string())
    else {
        return;
    };
    let Some(last) = path.segments.last_mut() else {
        return;
    };
    let made = last.ident.to_string();
    let name = match (owner.as_str(), made.as_str()) {
        ("UnitQuaternion" | "Rotation3", "new" | "from_scaled_axis") => "ad_lifted_turn",
        ("Isometry3" | "IsometryMatrix3", "new") => "ad_lifted_pose",
        ("Similarity3" | "SimilarityMatrix3", "new") => "ad_lifted_scaled_pose",
        _ => return,
    };
    last.ident = Ident::new(name, last.ident.span());
}

/// Number types become those of dual numbers.
pub(super) struct OverDuals {
    rt: TokenStream,
}

impl VisitMut for OverDuals {
    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        if crate::lower::is_scalar(ty) {
            let (rt, inner) = (&self.rt, ty.clone());
            *ty = parse_quote!(#rt::Dual<#inner>);
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
