//! Operands: the twin of a place, a copy of it, or a zero of its shape.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Expr, parse_quote};

use super::{Forward, index, is_empty_variant};
use crate::ir::project::project;
use crate::ir::{Aggregate, Code, Fact, Op, Operand, Place, Proj, VarId, VarKind};
use crate::lower::is_float_literal;

impl Forward<'_> {
    /// Value and tangent, where the function hands out the value.
    pub(super) fn paired(&mut self, value: &Operand) -> Operand {
        if matches!(value, Operand::Never) {
            return Operand::Never;
        }
        let span = self.func.name.span();
        let value = self.named(value, span);
        let tangent = self.owned_tangent(&value, span);
        Operand::from(self.pair(value, tangent, span))
    }

    /// An expression without derivative under a name, so that it is evaluated once although it is used twice.
    pub(super) fn named(&mut self, operand: &Operand, span: Span) -> Operand {
        let code = match operand {
            Operand::Code(code) => code,
            Operand::Lit(expr) if is_float_literal(expr) => &Self::code(expr.clone()),
            _ => return operand.clone(),
        };
        let reference = self.is_reference(operand);
        let fact = crate::analysis::needs::operand_fact(self.func, operand);
        let var = self.name("plain", Op::Code(code.clone()), false, fact, span);
        self.vars[index(var)].reference = reference;
        self.vars[index(var)].borrows = reference;
        Operand::from(var)
    }

    /// The statement with names for the expressions that must not be evaluated twice.
    pub(super) fn evaluated_once(&mut self, op: &Op, span: Span) -> Op {
        let mut op = op.clone();
        // The tangent program of a callee has each argument once.
        if matches!(op, Op::Call(_)) || !self.any_active(&op) {
            return op;
        }
        // A number among the parts of a tuple has a zero of its own type beside it.
        let part = matches!(op, Op::Aggregate(Aggregate::Tuple, _));
        for operand in op.operands_mut() {
            let named = match operand {
                Operand::Code(code) => part || !code.again,
                Operand::Lit(expr) => part && is_float_literal(expr),
                _ => false,
            };
            if named {
                *operand = self.named(operand, span);
            }
        }
        // A name for a part that may be written is used no longer where another operand reads the whole.
        let roots: Vec<Option<(VarId, VarId)>> = op
            .operands()
            .iter()
            .map(|it| {
                it.place()
                    .filter(|it| index(it.root) < self.func.vars.len())
                    .map(|it| (it.root, self.walked(it).0))
            })
            .collect();
        for (at, operand) in op.operands_mut().into_iter().enumerate() {
            let Some((name, root)) = roots[at] else {
                continue;
            };
            let writes = matches!(
                self.vars[index(name)].kind,
                VarKind::Alias { writes: true, .. }
            );
            let others = roots.iter().flatten();
            if writes && others.clone().any(|it| it.1 == root && it.0 != name) {
                *operand = self.read_before(operand, span);
            }
        }
        op
    }

    /// An operand, read into a variable of its own.
    pub(super) fn read_before(&mut self, operand: &Operand, span: Span) -> Operand {
        if !matches!(operand, Operand::Place(_)) {
            return operand.clone();
        }
        let fact = crate::analysis::needs::operand_fact(self.func, operand);
        let dot = Op::Use(self.owned_tangent(operand, span));
        let dot = self.name("dot_read", dot, true, fact, span);
        let var = self.name("read", Op::Use(operand.clone()), true, fact, span);
        self.twins.resize(self.vars.len(), None);
        self.twins[index(var)] = Some(dot);
        Operand::from(var)
    }

    /// The tangent of an operand, to be kept.
    pub(super) fn owned_tangent(&mut self, operand: &Operand, span: Span) -> Operand {
        let tangent = self.tangent_operand(operand, span);
        let (Operand::Place(of), Operand::Place(place)) = (operand, &tangent) else {
            return tangent;
        };
        let info = &self.vars[index(of.root)];
        let whole = of.proj.is_empty();
        let borrows = (self.twin_of(of.root)).is_some_and(|it| self.vars[index(it)].borrows);
        if self.is_number(operand)
            || whole && (self.movable.contains(&of.root) || info.reference || borrows)
        {
            return tangent;
        }
        let copy = self.copied_part(of, place.clone());
        Operand::from(self.name("copy", copy, true, info.fact, span))
    }

    /// A copy of the tangent of what is at a place; of a part without derivative, a zero.
    pub(super) fn copied_part(&self, of: &Place, twin: Place) -> Op {
        if !self.is_part(of) {
            return self.copied(twin);
        }
        self.part_tangent(of.clone(), twin)
    }

    /// The tangent of a value that was in a field, in the shape of the value.
    pub(super) fn part_tangent(&self, value: Place, twin: Place) -> Op {
        let args = vec![self.referred(value), self.referred(twin)];
        self.runtime("part_tangent", None, args)
    }

    /// Does a place lie in a field, which may have no derivative?
    pub(super) fn is_part(&self, place: &Place) -> bool {
        let way = if self.is_walked(place.root) {
            self.walked(place).1
        } else {
            place.proj.clone()
        };
        way.iter().any(Proj::is_field)
    }

    /// The tangent of an operand: its twin, or a zero of its shape.
    pub(super) fn tangent_operand(&mut self, operand: &Operand, span: Span) -> Operand {
        match operand {
            Operand::Place(place) => match self.twin(place) {
                Some(twin) if self.is_reference(operand) && self.is_walked(place.root) => {
                    Operand::Ref {
                        place: twin,
                        mutable: false,
                    }
                }
                Some(twin) => Operand::Place(twin),
                None => self.zero_operand(operand, span),
            },
            Operand::Ref { place, mutable } => match self.twin(place) {
                Some(place) => Operand::Ref {
                    place,
                    mutable: *mutable,
                },
                None => self.zero_operand(operand, span),
            },
            Operand::Lit(expr) if is_float_literal(expr) => Operand::Lit(parse_quote!(0.0)),
            Operand::Lit(_) | Operand::Code(_) => self.zero_operand(operand, span),
            Operand::Unit => Operand::Unit,
            Operand::Never => Operand::Never,
        }
    }

    pub(super) fn zero_operand(&mut self, operand: &Operand, span: Span) -> Operand {
        if self.is_number(operand) {
            return Operand::Lit(parse_quote!(0.0));
        }
        let empty = match operand {
            Operand::Lit(expr) | Operand::Code(Code { expr, .. }) => is_empty_variant(expr),
            Operand::Place(place) => self.empty.contains(&place.root),
            _ => false,
        };
        if empty {
            return Operand::Code(Self::code(parse_quote!(::core::option::Option::None)));
        }
        self.zero_of_its_type(operand, span)
    }

    /// The zero of the shape of an operand, whose type is known with that of the operand.
    pub(super) fn zero_of_its_type(&mut self, operand: &Operand, span: Span) -> Operand {
        let rt = &self.rt;
        let value = self.operand_tokens(operand);
        let mut zero = Self::code(parse_quote!(#rt::zero_like(&#value)));
        zero.reads = reads(operand);
        Operand::from(self.name("zero", Op::Code(zero), true, Fact::Unknown, span))
    }

    /// The zero tangent of a variable that has its value.
    pub(super) fn zero_like(&mut self, var: VarId) -> Op {
        if self.vars[index(var)].fact == Fact::Scalar {
            return Op::Use(Operand::Lit(parse_quote!(0.0)));
        }
        let (rt, ident) = (&self.rt, self.ident(var));
        let mut zero = Self::code(parse_quote!(#rt::zero_like(&#ident)));
        zero.reads = vec![var];
        Op::Code(zero)
    }

    pub(super) fn code(expr: Expr) -> Code {
        Code {
            expr,
            reads: Vec::new(),
            again: false,
        }
    }

    /// What a function of the runtime makes; its pullback stands beside it.
    pub(super) fn runtime(
        &self,
        name: &str,
        generics: Option<TokenStream>,
        args: Vec<Operand>,
    ) -> Op {
        let rt = &self.rt;
        let pullback = format_ident!("{name}_pullback");
        let name = Ident::new(name, Span::call_site());
        Op::Foreign {
            path: parse_quote!(#rt::#name #generics),
            rule: parse_quote!(#rt::#pullback),
            args,
        }
    }

    pub(super) fn operand_tokens(&self, operand: &Operand) -> TokenStream {
        match operand {
            Operand::Place(place) => self.tokens(place, false),
            Operand::Ref { place, .. } => {
                let place = self.tokens(place, false);
                quote!((&#place))
            }
            Operand::Lit(expr) | Operand::Code(Code { expr, .. }) => quote!((#expr)),
            Operand::Never | Operand::Unit => quote!(()),
        }
    }

    pub(super) fn tokens(&self, place: &Place, writes: bool) -> TokenStream {
        let root = self.ident(place.root).to_token_stream();
        let code = |code: &Code| code.expr.to_token_stream();
        let position = |var: VarId| self.ident(var).to_token_stream();
        place.proj.iter().fold(root, |base, proj| {
            project(&self.rt, &base, proj, writes, &code, &position)
        })
    }

    /// The type of the tangent of a value of a type that is its own tangent.
    pub(super) fn own_tangent(&self, ty: Option<&syn::Type>) -> Option<syn::Type> {
        fn own(ty: &syn::Type, numbers: &[Ident]) -> bool {
            match ty {
                // A part that is a reference may have a tangent that is none.
                syn::Type::Tuple(it) => (it.elems.iter())
                    .all(|it| !matches!(it, syn::Type::Reference(_)) && own(it, numbers)),
                _ => {
                    crate::lower::fact(ty) != Fact::Unknown
                        || matches!(ty, syn::Type::Path(it)
                            if it.path.get_ident().is_some_and(|it| numbers.contains(it)))
                }
            }
        }
        ty.filter(|it| own(it, &self.numbers)).cloned()
    }
}

pub(super) fn reads(operand: &Operand) -> Vec<VarId> {
    match operand {
        Operand::Place(place) | Operand::Ref { place, .. } => vec![place.root],
        Operand::Code(code) => code.reads.clone(),
        Operand::Lit(_) | Operand::Never | Operand::Unit => Vec::new(),
    }
}
