//! Methods and functions that change what they are given in place.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Expr};

use super::seq::{Item, Seq, function};
use super::{Lower, unparen};
use crate::ir::{self, Fact, Mutate, Mutation, Op, Operand, Place, Proj, StmtKind};

impl Lower<'_> {
    /// A method that changes its receiver, lowered; `None` if it is none. `wanted`: is its result used?
    pub(super) fn mutation(&mut self, it: &syn::ExprMethodCall, wanted: bool) -> Option<Operand> {
        let name = it.method.to_string();
        let span = it.method.span();
        let args: Vec<&Expr> = it.args.iter().collect();
        if !changes_in_place(&name, args.len()) {
            return None;
        }
        let place = self.place_to_write(&it.receiver)?;
        let place = self.referent(place);
        if !place.may_be_written(&self.vars) {
            return None;
        }
        if super::code::steers(&name) && !self.var(self.root(&place)).active {
            // A list without derivative, ordered by active values.
            let code = self.code(&Expr::MethodCall(it.clone()));
            let expr = &code.expr;
            let tokens = quote::quote!(#expr;);
            let mutates = Vec::new();
            self.emit(span, StmtKind::Opaque { tokens, mutates });
            return Some(Operand::Unit);
        }
        let kind = match (name.as_str(), args.as_slice()) {
            ("swap" | "swap_rows" | "swap_columns", [_, _]) => {
                Mutation::Permute(match name.as_str() {
                    "swap" => "swap",
                    "swap_rows" => "swap_rows",
                    _ => "swap_columns",
                })
            }
            ("reverse", []) => Mutation::Permute("reverse"),
            ("rotate_left", [_]) => Mutation::Permute("rotate_right"),
            ("rotate_right", [_]) => Mutation::Permute("rotate_left"),
            ("take", []) => return Some(self.taken(place, span)),
            ("replace", [value]) => {
                let item = self.operand(value);
                let active = self.operand_active(&item);
                let held = self.copied(&place, span);
                let some = ir::Aggregate::Payload(syn::parse_quote!(::core::option::Option::Some));
                self.assign_place(place, Op::Aggregate(some, vec![item]), active, span);
                return Some(held);
            }
            ("fill", [_]) => Mutation::Fill,
            ("copy_from" | "copy_from_slice" | "clone_from_slice", [_]) => Mutation::Copy,
            ("push", [_]) => Mutation::Push,
            ("pop", []) => Mutation::Pop,
            ("truncate", [_]) | ("clear", []) => Mutation::Truncate,
            ("sort_by" | "sort_unstable_by", [_]) => Mutation::Sort,
            ("clone_from", [source]) => {
                let source: Expr = syn::parse_quote!((#source).clone());
                let (op, active, ..) = self.op(&source);
                self.assign_place(place, op, active, span);
                return Some(Operand::Unit);
            }
            ("set_column" | "set_row", [at, source]) => {
                let at = self.index(at);
                let reads = if name == "set_column" {
                    "column"
                } else {
                    "row"
                };
                let part = place.then(Proj::View(ir::View {
                    name: proc_macro2::Ident::new(reads, span),
                    turbofish: None,
                    args: vec![at],
                    reference: false,
                }));
                let name = proc_macro2::Ident::new("copy_from", span);
                self.mutate(Mutation::Copy, part, name, &[source], span);
                return Some(Operand::Unit);
            }
            ("neg_mut", []) => {
                let active = self.var(self.root(&place)).active;
                let negative = Op::Neg(Operand::Place(place.clone()));
                self.assign_place(place, negative, active, span);
                return Some(Operand::Unit);
            }
            ("axpy", [_, _, _]) | ("ger" | "gemm" | "gemv", [_, _, _, _]) => {
                if self.is_view(&place) {
                    self.cx.error(
                        span,
                        format!(
                            "`.{name}()` on a view of a matrix is not supported; update a copy and write it back, as \
                             `let mut c = m.column(j).clone_owned(); .. m.set_column(j, &c);`"
                        ),
                    );
                    return Some(Operand::Never);
                }
                let args = self.kept_operands(args.iter().copied());
                let active = self.var(self.root(&place)).active
                    || args.iter().any(|it| self.operand_active(it));
                let update = Op::Method {
                    recv: Operand::Place(place.clone()),
                    name: it.method.clone(),
                    turbofish: None,
                    args,
                };
                self.assign_place(place, update, active, span);
                return Some(Operand::Unit);
            }
            ("scale_mut", [factor]) => {
                let op = BinOp::MulAssign(syn::token::StarEq([span; 2]));
                return Some(self.updated(place, op, factor, span));
            }
            ("add_assign", [value]) => {
                let op = BinOp::AddAssign(syn::token::PlusEq([span; 2]));
                return Some(self.updated(place, op, value, span));
            }
            ("sub_assign", [value]) => {
                let op = BinOp::SubAssign(syn::token::MinusEq([span; 2]));
                return Some(self.updated(place, op, value, span));
            }
            ("mul_assign", [value]) => {
                let op = BinOp::MulAssign(syn::token::StarEq([span; 2]));
                return Some(self.updated(place, op, value, span));
            }
            ("apply", [f]) => {
                let seq = Seq::Elements {
                    place,
                    reference: true,
                    writes: true,
                };
                let f = function(f);
                self.sequence_loop(None, seq, span, |this, item| {
                    this.apply(&f, vec![item], span);
                });
                return Some(Operand::Unit);
            }
            ("extend" | "extend_from_slice", [items]) => {
                let seq = match unparen(items) {
                    _ if name == "extend" => self.sequence(items)?,
                    Expr::Reference(it) => self.shared_elements(&it.expr)?,
                    other => self.shared_elements(other)?,
                };
                self.sequence_loop(None, seq, span, |this, item| {
                    let item = match item {
                        Item::Element { place, .. } => Operand::Place(place),
                        other => this.item_operand(other, span),
                    };
                    let name = proc_macro2::Ident::new("push", span);
                    this.mutate_with(Mutation::Push, place, name, vec![item], span);
                });
                return Some(Operand::Unit);
            }
            _ => {
                let instead = match name.as_str() {
                    "normalize_mut" => "write `x = x.normalize()`",
                    "gemv_tr" | "gemm_tr" => "write `y += m.tr_mul(&x)`",
                    "sort"
                    | "sort_unstable"
                    | "sort_by_key"
                    | "sort_unstable_by_key"
                    | "sort_by_cached_key" => {
                        "write `sort_by(|a, b| a.total_cmp(b))` or another comparison"
                    }
                    _ => {
                        "write it with `push`, `pop`, `truncate`, `swap` and assignments to elements, or build a new \
                         value and bind it"
                    }
                };
                self.cx.error(
                    span,
                    format!("`.{name}()` in place on an active value is not supported; {instead}"),
                );
                return Some(Operand::Never);
            }
        };
        let _ = wanted;
        Some(self.mutate(kind, place, it.method.clone(), &args, span))
    }

    /// Is the place a view of a matrix?
    fn is_view(&self, place: &Place) -> bool {
        ir::is_view(&self.vars, place)
    }

    fn updated(&mut self, place: Place, op: BinOp, value: &Expr, span: Span) -> Operand {
        let operand = self.operand(value);
        let value = self.kept(operand, value.span());
        if self.operand_active(&value) {
            self.mark_active(place.root);
        }
        self.emit(span, StmtKind::Update { op, place, value });
        Operand::Unit
    }

    fn mutate(
        &mut self,
        kind: Mutation,
        place: Place,
        name: proc_macro2::Ident,
        args: &[&Expr],
        span: Span,
    ) -> Operand {
        let operands = args
            .iter()
            .map(|arg| match kind {
                // Positions are read again when the method is undone.
                Mutation::Permute(_) | Mutation::Truncate => Operand::Code(self.index(arg)),
                Mutation::Sort => {
                    let code = self.code(arg);
                    if !self.mutated(arg).is_empty() {
                        self.cx.error(
                            span,
                            "the comparison changes a variable, which could take an active value; compare only",
                        );
                    }
                    Operand::Code(code)
                }
                _ => {
                    let operand = self.operand(arg);
                    self.kept(operand, arg.span())
                }
            })
            .collect();
        self.mutate_with(kind, place, name, operands, span)
    }

    pub(super) fn mutate_with(
        &mut self,
        kind: Mutation,
        place: Place,
        name: proc_macro2::Ident,
        args: Vec<Operand>,
        span: Span,
    ) -> Operand {
        if args.iter().any(|it| self.operand_active(it)) {
            self.mark_active(place.root);
        }
        let active = self.var(self.root(&place)).active;
        let result = (kind == Mutation::Pop).then(|| self.temp("popped", active, Fact::Unknown));
        self.emit(
            span,
            StmtKind::Mutate(Mutate {
                kind,
                place,
                name,
                args,
                result,
            }),
        );
        result.map_or(Operand::Unit, Operand::from)
    }

    /// `mem::swap`, `mem::replace`, `mem::take`.
    /// `mem` may be a module of the user's: generated code proves that the function is the one of `core`.
    pub(super) fn proves_memory(&mut self, path: &syn::Path) {
        let root = path.segments.first().map(|it| it.ident.to_string());
        let (Some(last), false) = (
            path.segments.last(),
            matches!(root.as_deref(), Some("std" | "core")),
        ) else {
            return;
        };
        let mut plain = path.clone();
        if let Some(last) = plain.segments.last_mut() {
            last.arguments = syn::PathArguments::None;
        }
        let (krate, name) = (&self.options.krate, &last.ident);
        let tokens = quote::quote!(
            #krate::__private::same(#plain::<()>, ::core::mem::#name::<()>);
        );
        let mutates = Vec::new();
        self.emit(Spanned::span(path), StmtKind::Opaque { tokens, mutates });
    }

    pub(super) fn memory(&mut self, it: &syn::ExprCall, name: &str) -> Option<Operand> {
        let span = it.func.span();
        let args: Vec<&Expr> = it.args.iter().collect();
        match (name, args.as_slice()) {
            ("swap", [left, right]) => {
                let (left, right) = (self.lent_place(left)?, self.lent_place(right)?);
                let active =
                    self.var(self.root(&left)).active || self.var(self.root(&right)).active;
                if active {
                    self.mark_active(left.root);
                    self.mark_active(right.root);
                }
                let whole = |this: &Self, place: &Place| {
                    place.proj.is_empty() && matches!(this.var(place.root).kind, ir::VarKind::Local)
                };
                // Cotangents are exchanged if they are held in the same way.
                let alike = (self.var(left.root).fact == Fact::Scalar)
                    == (self.var(right.root).fact == Fact::Scalar);
                if alike && whole(self, &left) && whole(self, &right) && left.root != right.root {
                    let name = proc_macro2::Ident::new("swap", span);
                    let args = vec![Operand::Place(right)];
                    self.mutate_with(Mutation::Exchange, left, name, args, span);
                    return Some(Operand::Unit);
                }
                let held = self.copied(&left, span);
                let other = Self::clone_of(right.clone());
                self.assign_place(left, other, active, span);
                self.assign_place(right, Op::Use(held), active, span);
                Some(Operand::Unit)
            }
            ("replace", [place, value]) => {
                let place = self.lent_place(place)?;
                let (op, active, ..) = self.op(value);
                let held = self.copied(&place, span);
                self.assign_place(place, op, active, span);
                Some(held)
            }
            ("take", [place]) => {
                let place = self.lent_place(place)?;
                Some(self.taken(place, span))
            }
            _ => None,
        }
    }

    /// What a place holds, and the default in its place.
    fn taken(&mut self, place: Place, span: Span) -> Operand {
        let held = self.copied(&place, span);
        let code = super::view::fixed(syn::parse_quote!(::core::default::Default::default()));
        self.assign_place(place, Op::Code(code), false, span);
        held
    }

    fn clone_of(place: Place) -> Op {
        Op::Method {
            recv: Operand::Place(place),
            name: proc_macro2::Ident::new("clone", Span::call_site()),
            turbofish: None,
            args: Vec::new(),
        }
    }

    /// A copy of what a place holds, which may not be moved out of it.
    pub(super) fn copied(&mut self, place: &Place, span: Span) -> Operand {
        let (active, fact) = (self.var(self.root(place)).active, self.place_fact(place));
        self.name(
            Self::clone_of(place.clone()),
            active,
            fact,
            false,
            "held",
            span,
        )
    }

    /// The place behind `&mut place` or behind a name that is a mutable reference.
    fn lent_place(&mut self, expr: &Expr) -> Option<Place> {
        match unparen(expr) {
            Expr::Reference(it) if it.mutability.is_some() => self.place_to_write(&it.expr),
            other => self.viewed(other),
        }
    }
}

/// Methods of slices, vectors and matrices that change their receiver.
#[allow(
    clippy::unnested_or_patterns,
    reason = "one line for each number of arguments"
)]
pub(super) fn changes_in_place(name: &str, arguments: usize) -> bool {
    matches!(
        (name, arguments),
        (
            "swap" | "swap_rows" | "swap_columns" | "set_column" | "set_row" | "insert" | "resize",
            2
        ) | (
            "reverse"
                | "take"
                | "pop"
                | "clear"
                | "sort"
                | "sort_unstable"
                | "dedup"
                | "normalize_mut"
                | "neg_mut",
            0
        ) | (
            "rotate_left"
                | "rotate_right"
                | "replace"
                | "fill"
                | "copy_from"
                | "copy_from_slice"
                | "clone_from_slice"
                | "clone_from"
                | "push"
                | "truncate"
                | "sort_by"
                | "sort_unstable_by"
                | "sort_by_key"
                | "scale_mut"
                | "add_assign"
                | "sub_assign"
                | "mul_assign"
                | "apply"
                | "extend"
                | "extend_from_slice"
                | "remove"
                | "swap_remove"
                | "append"
                | "drain"
                | "retain"
                | "split_off"
                | "fill_diagonal"
                | "set_diagonal",
            1
        ) | ("axpy", 3)
            | ("ger" | "gemm" | "gemv" | "gemm_tr" | "gemv_tr", 4)
    )
}
