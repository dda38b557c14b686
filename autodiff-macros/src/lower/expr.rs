//! Expressions: one operation at a time.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Member, UnOp};

use super::code::may_mutate;
use super::{Lower, Name, types, unparen};
use crate::ir::{Aggregate, Block, Code, Fact, Op, Operand, Place, Proj, StmtKind};
use crate::names;

impl Lower<'_> {
    /// An operand of an active operation: a place, a literal, code without derivative, or a new variable that holds
    /// the result of an operation.
    pub(super) fn operand(&mut self, expr: &Expr) -> Operand {
        if let Expr::Reference(it) = unparen(expr)
            && it.mutability.is_some()
        {
            return self.lent_operand(it);
        }
        if !self.is_active(expr) && !self.needs_structure(expr) {
            return self.inactive_operand(expr);
        }
        if let Some(lent) = self.lent(expr) {
            return lent.operand();
        }
        if let Some(place) = self.place(expr) {
            return Operand::Place(place);
        }
        if let Some(view) = self.view(expr) {
            return view.operand();
        }
        match expr {
            Expr::Paren(it) => return self.operand(&it.expr),
            Expr::Group(it) => return self.operand(&it.expr),
            Expr::Reference(it) => {
                let (Operand::Place(place) | Operand::Ref { place, .. }) = self.operand(&it.expr)
                else {
                    return Operand::Never;
                };
                return Operand::Ref {
                    place,
                    mutable: false,
                };
            }
            _ => {}
        }
        if let Some(operand) = self.control(expr, true) {
            return operand;
        }
        let (op, active, fact, borrows, stem) = self.op(expr);
        if let Op::Use(operand) = op {
            return operand;
        }
        self.name(op, active, fact, borrows, stem, expr.span())
    }

    /// An expression without derivative, as an operand.
    pub(super) fn inactive_operand(&mut self, expr: &Expr) -> Operand {
        if matches!(unparen(expr), Expr::Tuple(it) if it.elems.is_empty()) {
            return Operand::Unit;
        }
        if let Expr::Path(_) | Expr::Field(_) | Expr::Index(_) = unparen(expr)
            && let Some(place) = self.place(expr)
        {
            return Operand::Place(place);
        }
        if literals_only(expr) {
            return Operand::Lit(expr.clone());
        }
        let code = self.code(expr);
        Operand::Code(code)
    }

    /// Operands from left to right. If a later one has statements of its own that assign, an earlier place is found, and
    /// copied, first, as Rust does.
    pub(super) fn operands<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Vec<Operand> {
        let exprs: Vec<&Expr> = exprs.into_iter().collect();
        let mut operands = Vec::new();
        for (at, expr) in exprs.iter().enumerate() {
            let mut operand = self.operand(expr);
            let later_assigns = exprs[at + 1..]
                .iter()
                .any(|it| self.needs_structure(it) || may_mutate(it));
            // Where it is, is decided before.
            if later_assigns
                && let Operand::Place(place) | Operand::Ref { place, .. } = &mut operand
            {
                *place = self.frozen(place.clone(), expr.span());
            }
            // Only a variable that may be written must be copied.
            let may_change = match &operand {
                // While it is lent, no other operand can name it.
                Operand::Place(place)
                    if place.proj.is_empty() && self.var(place.root).writes_through() =>
                {
                    false
                }
                Operand::Place(place) => {
                    later_assigns
                        && (self.var(place.root).mutable || place.may_be_written(&self.vars))
                        && self.mention_root(&exprs[at + 1..], place)
                }
                Operand::Code(_) => true,
                _ => false,
            };
            operands.push(match operand {
                operand if !(later_assigns && may_change) => operand,
                // It is named later: a receiver, or of a type that is `Copy`.
                Operand::Place(place)
                    if place.proj.is_empty() && self.place_fact(&place) == Fact::Unknown =>
                {
                    self.copied(&place, expr.span())
                }
                operand => self.settle(operand, expr.span()),
            });
        }
        operands
    }

    /// Does one of these name the variable of a place, or a part of it? What they do not name they do not change.
    fn mention_root(&self, exprs: &[&Expr], place: &Place) -> bool {
        let root = self.root(place);
        self.names.iter().any(|(name, it)| match it {
            Name::Var(var) if self.root(&(*var).into()) == root => {
                let name = match name.strip_prefix("r#") {
                    Some(name) => Ident::new_raw(name, Span::call_site()),
                    None => Ident::new(name, Span::call_site()),
                };
                exprs.iter().any(|it| mentions(it, &name))
            }
            Name::Var(_) | Name::Closure(_) => false,
        })
    }

    /// A value that keeps a mutable view would be written through without being seen.
    pub(super) fn keeps_no_view(&mut self, operand: &Operand, span: Span) {
        let kept = match operand {
            Operand::Ref { mutable, .. } => *mutable,
            Operand::Place(place) => {
                place.proj.is_empty()
                    && matches!(
                        &self.var(place.root).kind,
                        crate::ir::VarKind::Alias { writes: true, .. }
                    )
            }
            _ => false,
        };
        if kept {
            self.cx.error(
                span,
                "a mutable view that is kept in a value is not followed; name the view with `let`, or write the place itself",
            );
        }
    }

    /// Operands whose values a rule may read in the reverse half: code that cannot be evaluated again gets a name.
    pub(super) fn kept_operands<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Vec<Operand> {
        let exprs: Vec<&Expr> = exprs.into_iter().collect();
        let operands = self.operands(exprs.iter().copied());
        operands
            .into_iter()
            .zip(exprs)
            .map(|(operand, expr)| self.kept(operand, expr.span()))
            .collect()
    }

    pub(super) fn kept(&mut self, operand: Operand, span: Span) -> Operand {
        match operand {
            Operand::Code(code) => {
                // What a reference to a temporary value refers to is kept, not the reference.
                if let Expr::Reference(it) = unparen(&code.expr)
                    && it.mutability.is_none()
                    && !is_place(&it.expr)
                {
                    let value = Code {
                        expr: (*it.expr).clone(),
                        ..code
                    };
                    return match self.kept(Operand::Code(value), span) {
                        Operand::Place(place) => Operand::Ref {
                            place,
                            mutable: false,
                        },
                        other => other,
                    };
                }
                let fact = self.code_fact(&code);
                self.name(Op::Code(code), false, fact, false, "c", span)
            }
            other => other,
        }
    }

    /// The place that an expression names, if its root is a variable of ours.
    pub(super) fn place(&mut self, expr: &Expr) -> Option<Place> {
        match expr {
            Expr::Paren(it) => self.place(&it.expr),
            Expr::Group(it) => self.place(&it.expr),
            Expr::Path(path) => match self.names.get(&path.path.get_ident()?.to_string())? {
                Name::Var(var) => Some((*var).into()),
                Name::Closure(_) => None,
            },
            Expr::Field(it) => self.project(&it.base, |this| this.field(&it.member)),
            Expr::Index(it) => {
                if let Some(lent) = self.lent(expr) {
                    return Some(lent.referent());
                }
                let place = self.place(&it.expr)?;
                let code = self.index(&it.index);
                Some(place.then(Proj::Index(code)))
            }
            Expr::Unary(it) if matches!(it.op, UnOp::Deref(_)) => {
                if let Some(view) = self.view(&it.expr) {
                    return Some(view.referent());
                }
                self.project(&it.expr, |_| Proj::Deref)
            }
            // A part of a view: `m.column_mut(j)[i]`.
            Expr::MethodCall(_) | Expr::Call(_) => self.view(expr).map(super::view::View::referent),
            _ => None,
        }
    }

    /// The place that an expression names where it is written.
    pub(super) fn place_to_write(&mut self, expr: &Expr) -> Option<Place> {
        let outer = core::mem::replace(&mut self.writing, true);
        let place = self.place(expr);
        self.writing = outer;
        place
    }

    /// The step to a field, whose name is noted.
    pub(super) fn field(&mut self, member: &Member) -> Proj {
        if let Member::Named(name) = member {
            self.members.fields.insert(name.clone());
        }
        Proj::Field(member.clone())
    }

    fn project(&mut self, base: &Expr, proj: impl FnOnce(&mut Self) -> Proj) -> Option<Place> {
        let mut place = self.place(base)?;
        let proj = proj(self);
        place.proj.push(proj);
        Some(place)
    }

    /// An index: evaluated again in the reverse half if that is cheap, otherwise named.
    pub(super) fn index(&mut self, expr: &Expr) -> Code {
        let outer = core::mem::replace(&mut self.writing, false);
        let code = self.index_code(expr);
        self.writing = outer;
        code
    }

    fn index_code(&mut self, expr: &Expr) -> Code {
        // The bounds of a range one by one: a range is not copied.
        if let Expr::Range(range) = unparen(expr) {
            let mut range = range.clone();
            let mut again = true;
            for bound in [&mut range.start, &mut range.end].into_iter().flatten() {
                let code = self.index(bound);
                again &= code.again;
                **bound = code.expr;
            }
            let code = self.code_from_lowered(Expr::Range(range));
            return Code { again, ..code };
        }
        if self.needs_structure(expr) {
            let operand = self.operand(expr);
            if let Operand::Place(place) = &operand
                && place.proj.is_empty()
            {
                return self.code_of(place.root);
            }
        }
        let code = self.code(expr);
        // A view cannot be asked for its length where it is written.
        let asks_view = !matches!(unparen(&code.expr), Expr::Path(_))
            && code.reads.iter().any(|it| self.var(*it).writes_through());
        if code.again && !asks_view {
            return code;
        }
        let span = expr.span();
        match self.name(Op::Code(code), false, Fact::Unknown, false, "at", span) {
            Operand::Place(place) => self.code_of(place.root),
            _ => unreachable!("a name is a place"),
        }
    }

    pub(super) fn code_of(&self, var: crate::ir::VarId) -> Code {
        let ident = &self.var(var).ident;
        Code {
            expr: syn::parse_quote!(#ident),
            reads: vec![var],
            again: true,
        }
    }

    /// The operation at the root of an expression, its operands lowered: the operation, whether its result is active,
    /// what is known of its type, whether it borrows, and a stem for a name.
    pub(super) fn op(&mut self, expr: &Expr) -> (Op, bool, Fact, bool, &'static str) {
        if self.hint.is_some() && has_parts_of_other_types(expr) {
            let hint = self.hint.take();
            self.hint = match expr {
                Expr::Array(_) | Expr::Repeat(_) | Expr::Macro(_) => {
                    hint.as_ref().and_then(types::element)
                }
                Expr::Call(it) if is_some(it) => hint.as_ref().and_then(types::element),
                _ => None,
            };
            let lowered = self.apart(expr);
            self.hint = hint;
            return lowered;
        }
        self.apart(expr)
    }

    /// The same, where the type that is written is that of a part.
    fn apart(&mut self, expr: &Expr) -> (Op, bool, Fact, bool, &'static str) {
        if !self.is_active(expr) && !self.needs_structure(expr) {
            let code = self.code(expr);
            let fact = self.code_fact(&code);
            let borrows = may_borrow(expr);
            return (Op::Code(code), false, fact, borrows, "c");
        }
        if let Some(place) = self.place(expr) {
            let fact = self.place_fact(&place);
            let active = self.var(place.root).active;
            let borrows = place.proj.is_empty() && self.var(place.root).borrows;
            return (Op::Use(Operand::Place(place)), active, fact, borrows, "t");
        }
        match expr {
            Expr::Reference(_) => {
                let operand = self.operand(expr);
                self.used(operand)
            }
            Expr::Paren(it) => self.op(&it.expr),
            Expr::Group(it) => self.op(&it.expr),
            Expr::Unary(it) => self.unary(it),
            Expr::Binary(it) => self.binary(it),
            Expr::Cast(it) => self.cast(it),
            Expr::Field(it) => {
                let operand = self.operand(&it.base);
                let field = self.field(&it.member);
                self.projected(operand, field, it.span())
            }
            Expr::Index(it) => {
                let operand = self.operand(&it.expr);
                let code = self.index(&it.index);
                self.projected(operand, Proj::Index(code), it.span())
            }
            Expr::Tuple(it) => self.tuple(it),
            Expr::Array(it) => self.array(it),
            Expr::Repeat(it) => self.repeat(it),
            Expr::Struct(it) => self.struct_literal(it),
            Expr::MethodCall(it) => self.method_call(it),
            Expr::Call(it) => self.call(it),
            Expr::Macro(it) => self.macro_call(it),
            other => match self.control(other, true) {
                Some(operand) => self.used(operand),
                None => {
                    self.unsupported(other);
                    (Op::Use(Operand::Never), false, Fact::Unknown, false, "t")
                }
            },
        }
    }

    fn unary(&mut self, it: &syn::ExprUnary) -> (Op, bool, Fact, bool, &'static str) {
        if let Some(part) = self.part_or_nothing(it) {
            return self.op(&part);
        }
        let operand = self.operand(&it.expr);
        match it.op {
            UnOp::Neg(_) => {
                let (active, fact) = (self.operand_active(&operand), self.operand_fact(&operand));
                (Op::Neg(operand), active, fact, false, "neg")
            }
            UnOp::Deref(_) => match operand {
                // `*&place`
                Operand::Ref { place, .. } => {
                    let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
                    (Op::Use(Operand::Place(place)), active, fact, false, "t")
                }
                Operand::Place(mut place) => {
                    place.proj.push(Proj::Deref);
                    let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
                    (Op::Use(Operand::Place(place)), active, fact, false, "t")
                }
                other => (Op::Use(other), false, Fact::Unknown, false, "t"),
            },
            _ => {
                // Only what carries no derivative can be negated so: the type system checks it.
                let krate = self.options.krate.clone();
                let value = self.plain(operand);
                let code =
                    self.code_from_lowered(syn::parse_quote!(#krate::__private::checked(!#value)));
                (Op::Code(code), false, Fact::Unknown, false, "not")
            }
        }
    }

    fn cast(&mut self, it: &syn::ExprCast) -> (Op, bool, Fact, bool, &'static str) {
        let operand = self.operand(&it.expr);
        let active = self.operand_active(&operand) && !types::is_inactive(&it.ty);
        let fact = types::fact(&it.ty);
        (
            Op::Cast(operand, (*it.ty).clone()),
            active,
            fact,
            false,
            "cast",
        )
    }

    fn tuple(&mut self, it: &syn::ExprTuple) -> (Op, bool, Fact, bool, &'static str) {
        let items = self.operands(&it.elems);
        let active = items.iter().any(|it| self.operand_active(it));
        let borrows = items.iter().any(|it| match it {
            Operand::Ref { .. } => true,
            Operand::Place(place) => place.proj.is_empty() && self.var(place.root).borrows,
            _ => false,
        });
        let numbers = !borrows && items.iter().all(|it| self.scalar_operand(it));
        let fact = if numbers { Fact::Tuple } else { Fact::Unknown };
        (
            Op::Aggregate(Aggregate::Tuple, items),
            active,
            fact,
            borrows,
            "pair",
        )
    }

    fn array(&mut self, it: &syn::ExprArray) -> (Op, bool, Fact, bool, &'static str) {
        let items = self.operands(&it.elems);
        let active = items.iter().any(|it| self.operand_active(it));
        let fact = self.items_fact(&items);
        (
            Op::Aggregate(Aggregate::Array, items),
            active,
            fact,
            false,
            "array",
        )
    }

    fn repeat(&mut self, it: &syn::ExprRepeat) -> (Op, bool, Fact, bool, &'static str) {
        let item = self.operand(&it.expr);
        let active = self.operand_active(&item);
        let len = self.code(&it.len);
        let fact = self.items_fact(core::slice::from_ref(&item));
        (
            Op::Aggregate(Aggregate::Repeat(len), vec![item]),
            active,
            fact,
            false,
            "array",
        )
    }

    fn unsupported(&mut self, expr: &Expr) {
        let refused = matches!(
            expr,
            Expr::Unsafe(_)
                | Expr::Async(_)
                | Expr::Await(_)
                | Expr::Yield(_)
                | Expr::RawAddr(_)
                | Expr::TryBlock(_)
                | Expr::Verbatim(_)
        );
        if self.fenced && refused {
            return;
        }
        let (span, message) = match expr {
            Expr::Closure(it) => (
                it.inputs
                    .first()
                    .map_or_else(|| it.body.span(), Spanned::span),
                "a closure that captures active values can only be called here, or given to `map`, `zip_map`, `fold`, \
                 `from_fn` or an iterator; call it in this function",
            ),
            Expr::Path(it) if self.local_closure(expr).is_some() => (
                it.span(),
                "a closure that captures active values can only be called here, or given to `map`, `zip_map`, `fold`, \
                 `from_fn` or an iterator; call it in this function",
            ),
            Expr::Range(it) => (
                it.span(),
                "a range that keeps an active bound would lose its derivative; write two variables",
            ),
            other => (
                other.span(),
                "this expression is not supported on an active value; write it with operators, method calls and named \
                 functions, or `detach(..)` it if no derivative is wanted",
            ),
        };
        self.cx.error(span, message);
    }

    pub(super) fn items_fact(&self, items: &[Operand]) -> Fact {
        if !items.is_empty() && items.iter().all(|it| self.scalar_operand(it)) {
            Fact::Scalars
        } else if !items.is_empty()
            && items
                .iter()
                .all(|it| self.operand_fact(it) == Fact::Scalars)
        {
            Fact::Rows
        } else {
            Fact::Unknown
        }
    }

    fn projected(
        &mut self,
        operand: Operand,
        proj: Proj,
        span: Span,
    ) -> (Op, bool, Fact, bool, &'static str) {
        match operand {
            Operand::Place(mut place) | Operand::Ref { mut place, .. } => {
                place.proj.push(proj);
                let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
                (Op::Use(Operand::Place(place)), active, fact, false, "t")
            }
            _ => {
                self.cx.error(
                    span,
                    "this base is not a place; bind it to a variable first",
                );
                (Op::Use(Operand::Never), false, Fact::Unknown, false, "t")
            }
        }
    }

    fn binary(&mut self, it: &syn::ExprBinary) -> (Op, bool, Fact, bool, &'static str) {
        let stem = match it.op {
            BinOp::Add(_) => "sum",
            BinOp::Sub(_) => "diff",
            BinOp::Mul(_) => "prod",
            BinOp::Div(_) => "quot",
            BinOp::Rem(_) => "rest",
            _ => {
                // Comparisons and the like that must be taken apart because an operand assigns or leaves.
                return self.inactive_binary(it);
            }
        };
        let mut operands = self.kept_operands([&*it.left, &*it.right]);
        let (Some(right), Some(left)) = (operands.pop(), operands.pop()) else {
            unreachable!("two operands went in");
        };
        let active = self.operand_active(&left) || self.operand_active(&right);
        let number = (self.scalar_operand(&left), self.scalar_operand(&right));
        // Of the containers of numbers only matrices have operators.
        let matrix = |it: &Operand| self.operand_fact(it) == Fact::Scalars;
        let fact = match (it.op, (matrix(&left), matrix(&right)), number) {
            (_, _, (true, true)) => Fact::Scalar,
            (BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_), (true, true), _)
            | (BinOp::Mul(_) | BinOp::Div(_), (true, _), (_, true))
            | (BinOp::Mul(_), (_, true), (true, _)) => Fact::Scalars,
            _ => Fact::Unknown,
        };
        (Op::Binary(it.op, left, right), active, fact, false, stem)
    }

    fn scalar_operand(&self, operand: &Operand) -> bool {
        self.operand_fact(operand) == Fact::Scalar
            || matches!(operand, Operand::Lit(expr) if types::is_float_literal(expr))
    }

    fn inactive_binary(&mut self, it: &syn::ExprBinary) -> (Op, bool, Fact, bool, &'static str) {
        if self.is_active(&Expr::Binary(it.clone())) {
            self.cx.error(
                it.op.span(),
                "this operator has no derivative; write `detach(..)` around its operands if no derivative is wanted",
            );
        }
        let lazy = matches!(it.op, BinOp::And(_) | BinOp::Or(_));
        if lazy && self.needs_structure(&it.right) {
            // `a && b` ⇒ `if a { b } else { false }`, `a || b` ⇒ `if a { true } else { b }`
            let (left, right) = (&it.left, &it.right);
            let sugar: Expr = if matches!(it.op, BinOp::And(_)) {
                syn::parse_quote!(if #left { #right } else { false })
            } else {
                syn::parse_quote!(if #left { true } else { #right })
            };
            return self.op(&sugar);
        }
        let mut operands = self.operands([&*it.left, &*it.right]);
        let (Some(right), Some(left)) = (operands.pop(), operands.pop()) else {
            unreachable!("two operands went in");
        };
        let (left, right) = (self.plain(left), self.plain(right));
        let op = it.op;
        let expr: Expr = syn::parse_quote!(#left #op #right);
        let code = self.code_from_lowered(expr);
        (Op::Code(code), false, Fact::Unknown, false, "c")
    }

    /// Code over variables that are renamed already.
    pub(super) fn code_from_lowered(&self, expr: Expr) -> Code {
        let mut reads = Vec::new();
        for (at, var) in self.vars.iter().enumerate() {
            if mentions(&expr, &var.ident) {
                reads.push(crate::ir::VarId(u32::try_from(at).unwrap_or(u32::MAX)));
            }
        }
        Code {
            expr,
            reads,
            again: false,
        }
    }

    /// The expression of the forward half that reads an operand.
    pub(super) fn plain(&mut self, operand: Operand) -> Expr {
        match operand {
            Operand::Place(place) => self.plain_place(&place),
            Operand::Ref { place, mutable } => {
                let place = self.plain_place(&place);
                if mutable {
                    syn::parse_quote!(&mut #place)
                } else {
                    syn::parse_quote!(&#place)
                }
            }
            Operand::Lit(expr) => expr,
            Operand::Code(code) => code.expr,
            Operand::Never | Operand::Unit => syn::parse_quote!(()),
        }
    }

    pub(super) fn plain_place(&self, place: &Place) -> Expr {
        let ident = &self.var(place.root).ident;
        let mut expr: Expr = syn::parse_quote!(#ident);
        for proj in &place.proj {
            expr = match proj {
                Proj::Field(member) | Proj::Part(member) => syn::parse_quote!(#expr.#member),
                Proj::Index(code) => {
                    let index = &code.expr;
                    syn::parse_quote!(#expr[#index])
                }
                Proj::Deref => syn::parse_quote!((*#expr)),
                Proj::Elem(at) => {
                    let (krate, at) = (&self.options.krate, &self.var(*at).ident);
                    syn::parse_quote!((*#krate::__private::Elements::ad_at(&#expr, #at)))
                }
                Proj::Payload => {
                    let krate = &self.options.krate;
                    syn::parse_quote!((*#krate::__private::payload(&#expr)))
                }
                Proj::Variant {
                    path,
                    member,
                    apart: true,
                } => {
                    let krate = &self.options.krate;
                    let of = crate::ir::project::variant(
                        &quote::quote!(#krate::__private),
                        &quote::quote!(&#expr),
                        path,
                        member,
                    );
                    syn::parse_quote!(#of)
                }
                Proj::Variant { path, member, .. } => {
                    let name = super::accessor(path, member);
                    syn::parse_quote!((*#expr.#name()))
                }
                Proj::Accessor { name, .. } => syn::parse_quote!((*#expr.#name())),
                Proj::View(view) => {
                    let (name, turbofish) = (&view.name, &view.turbofish);
                    let args = view.args.iter().map(|it| &it.expr);
                    if view.reference {
                        syn::parse_quote!((*#expr.#name #turbofish (#(#args),*)))
                    } else {
                        syn::parse_quote!(#expr.#name #turbofish (#(#args),*))
                    }
                }
                Proj::Half { at, left } => {
                    let at = &at.expr;
                    if *left {
                        syn::parse_quote!(#expr[..#at])
                    } else {
                        syn::parse_quote!(#expr[#at..])
                    }
                }
                Proj::Array(_) => expr,
            };
        }
        expr
    }

    /// An expression in statement position.
    pub(super) fn statement(&mut self, expr: &Expr) {
        if let Some(named) = self.on_chosen_place(expr) {
            self.control(&named, false);
            return;
        }
        match expr {
            Expr::Paren(it) => return self.statement(&it.expr),
            Expr::Group(it) => return self.statement(&it.expr),
            Expr::Assign(it) => return self.assign(it),
            Expr::Binary(it) if super::code::is_assignment(&it.op) => return self.update(it),
            Expr::Macro(it) => {
                self.macro_statement(&it.mac);
                return;
            }
            _ => {}
        }
        if self.control(expr, false).is_some() {
            return;
        }
        if !self.is_active(expr) && !self.needs_structure(expr) {
            let code = self.code(expr);
            let expr = &code.expr;
            let tokens = quote::quote!(#expr;);
            let mutates = Vec::new();
            self.emit(expr.span(), StmtKind::Opaque { tokens, mutates });
            return;
        }
        if let Expr::MethodCall(it) = expr
            && !self.is_own(&it.receiver)
            && self.mutation(it, false).is_some()
        {
            return;
        }
        let (op, active, fact, borrows, stem) = self.op(expr);
        match op {
            Op::Use(_) => {}
            Op::Method { ref name, ref args, .. }
                if super::mutate::changes_in_place(&name.to_string(), args.len()) =>
            {
                self.cx.error(
                    name.span(),
                    format!(
                        "what `.{name}()` changes here is not a variable that is followed (a cell hides what is written \
                         to it); call it on a variable with `mut`, or on a view that is named with `let`"
                    ),
                );
            }
            Op::Method { ref name, .. } => self.cx.error(
                name.span(),
                format!(
                    "the result of `.{name}()` is not used: what it does with an active value would lose the \
                     derivative; bind the result, or write `detach(..)` around the argument"
                ),
            ),
            op => {
                self.name(op, active, fact, borrows, stem, expr.span());
            }
        }
    }

    fn assign(&mut self, it: &syn::ExprAssign) {
        if let Expr::Tuple(left) = unparen(&it.left) {
            // `(a, b) = e` ⇒ `let (t1, t2) = e; a = t1; b = t2;`
            let operand = self.operand(&it.right);
            let source = self.settle(operand, it.span());
            for (at, item) in left.elems.iter().enumerate() {
                if matches!(item, Expr::Infer(_)) {
                    continue;
                }
                let Some(place) = self.place(item) else {
                    self.not_a_place(item);
                    continue;
                };
                let Operand::Place(mut from) = source.clone() else {
                    continue;
                };
                from.proj.push(Proj::Field(Member::Unnamed(at.into())));
                let active = self.operand_active(&source);
                self.assign_place(place, Op::Use(Operand::Place(from)), active, it.span());
            }
            return;
        }
        if matches!(unparen(&it.left), Expr::Infer(_)) {
            return self.statement(&it.right);
        }
        let to_field = super::locals::fields_alone(&it.left) && matches!(&*it.left, Expr::Field(_));
        let copied = to_field.then(|| self.copied_field(&it.right)).flatten();
        let (op, active) = if let Some(copy) = copied {
            (Op::Use(copy), true)
        } else {
            let (op, active, fact, borrows, stem) = self.op(&it.right);
            // The pull of a cast knows both types, so its result has a name.
            let op = if active && matches!(op, Op::Cast(..)) {
                Op::Use(self.name(op, active, fact, borrows, stem, it.right.span()))
            } else {
                op
            };
            (op, active)
        };
        match self.place_to_write(&it.left) {
            Some(place) => self.assign_place(place, op, active, it.span()),
            None => self.not_a_place(&it.left),
        }
    }

    fn not_a_place(&mut self, left: &Expr) {
        self.binds(left);
        if self.binds_refused() {
            return;
        }
        let message = match unparen(left) {
            Expr::Unary(it) if matches!(it.op, UnOp::Deref(_)) => {
                "what is written through this reference is not known; find the position first, and write to the element"
            }
            _ => "this is not a variable of the function; assign to a local variable",
        };
        self.cx.error(left.span(), message);
    }

    pub(super) fn assign_place(&mut self, place: Place, op: Op, active: bool, span: Span) {
        if !self.writable(&place, span) {
            return;
        }
        if active {
            self.mark_active(place.root);
        }
        self.emit(span, StmtKind::Assign { place, op });
    }

    /// Is it known what is written when this place is?
    fn writable(&mut self, place: &Place, span: Span) -> bool {
        let root = self.root(place);
        if self.refused.contains(&root) || self.refused.contains(&place.root) {
            return false;
        }
        if !place.proj.is_empty() && self.suspects.contains(&root) && !self.var(root).mutable {
            self.cx.error(
                span,
                "this may hold a mutable view, and what is written through it would not be seen; name the view with \
                 `let`, or write the place itself",
            );
            return false;
        }
        if !place.proj.is_empty() && self.suspects.contains(&root) && !self.var(root).active {
            self.claim(root, "lasting", span);
        }
        let var = self.var(place.root);
        let root = self.var(self.root(place));
        let shared = matches!(
            &var.kind,
            crate::ir::VarKind::Alias {
                writes: false,
                depth: 1..,
                ..
            }
        ) || matches!(
            root.kind,
            crate::ir::VarKind::Param {
                by: crate::ir::By::Ref
            }
        );
        let fixed = matches!(root.kind, crate::ir::VarKind::Local)
            && !root.mutable
            && !place.proj.is_empty();
        if shared || fixed && !matches!(place.proj.first(), Some(Proj::Deref)) {
            self.cx.error(
                span,
                "this cannot be written here: declare the variable with `mut`, or take it by `&mut`",
            );
            return false;
        }
        let alias = matches!(var.kind, crate::ir::VarKind::Alias { .. });
        let local = matches!(var.kind, crate::ir::VarKind::Local) && !var.mutable;
        let message = if alias && place.proj.is_empty() {
            "a name for a place cannot be bound to another place; give the second one a name of its own"
        } else if local && matches!(place.proj.first(), Some(Proj::Deref)) {
            "what is written through this reference is not known; borrow with `&mut` where it is written, or return the \
             new value"
        } else {
            return true;
        };
        self.cx.error(span, message);
        false
    }

    fn update(&mut self, it: &syn::ExprBinary) {
        let operand = self.operand(&it.right);
        let value = self.kept(operand, it.right.span());
        let Some(place) = self.place_to_write(&it.left) else {
            return self.not_a_place(&it.left);
        };
        let view = matches!(
            &self.var(place.root).kind,
            crate::ir::VarKind::Alias { depth: 0, .. }
        );
        // A view is changed as a whole by an operator.
        let whole_view = view && place.proj.is_empty();
        if !whole_view && !self.writable(&place, it.left.span()) {
            return;
        }
        if self.operand_active(&value) {
            self.mark_active(place.root);
        }
        let known = matches!(
            it.op,
            BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::MulAssign(_)
                | BinOp::DivAssign(_)
                | BinOp::RemAssign(_)
        );
        if !known && self.var(self.root(&place)).active && self.operand_active(&value) {
            self.cx.error(
                it.op.span(),
                "this operator has no derivative; write `detach(..)` around its operands if no derivative is wanted",
            );
        }
        self.emit(
            it.span(),
            StmtKind::Update {
                op: it.op,
                place,
                value,
            },
        );
    }

    /// An expression in which a choice of views, if it is an argument, has a name.
    fn choice_named(&mut self, expr: &Expr) -> Option<Expr> {
        let (choice, named) = self.with_named_choice(expr)?;
        Some(syn::parse_quote!({ #choice (#named) }))
    }

    /// Statements of a block; the last expression is its value.
    pub(super) fn block_stmts(&mut self, stmts: &[syn::Stmt], wanted: bool) -> Option<Operand> {
        for (at, stmt) in stmts.iter().enumerate() {
            let last = at + 1 == stmts.len();
            match stmt {
                syn::Stmt::Local(local) => {
                    if let Some(rest) = self.local(local, &stmts[at + 1..], wanted) {
                        return rest;
                    }
                    self.seen_outside(local);
                }
                syn::Stmt::Item(item) => {
                    self.emit(
                        item.span(),
                        StmtKind::Opaque {
                            tokens: quote::quote!(#item),
                            mutates: Vec::new(),
                        },
                    );
                }
                syn::Stmt::Expr(expr, None) if last => {
                    return match self.choice_named(expr) {
                        Some(named) => self.value(&named, wanted),
                        None => self.value(expr, wanted),
                    };
                }
                syn::Stmt::Expr(expr, _) => {
                    match self.choice_named(expr) {
                        Some(named) => self.statement(&named),
                        None => self.statement(expr),
                    }
                    if last && diverges(expr) {
                        return Some(Operand::Never);
                    }
                }
                syn::Stmt::Macro(it) => {
                    self.macro_statement(&it.mac);
                    if last
                        && it
                            .mac
                            .path
                            .segments
                            .last()
                            .is_some_and(|it| names::diverging_macro(&it.ident.to_string()))
                    {
                        return Some(Operand::Never);
                    }
                }
            }
        }
        None
    }

    /// A macro in statement position: it looks at its arguments, or it diverges.
    fn macro_statement(&mut self, mac: &syn::Macro) {
        if self.leaves(mac) {
            return;
        }
        let path = &mac.path;
        let whole: Expr = Expr::Macro(syn::ExprMacro {
            attrs: Vec::new(),
            mac: mac.clone(),
        });
        // Assignments inside of the arguments are looked for, and refused, as in any code that stays as it is.
        let Code { expr, reads, .. } = self.code(&whole);
        let name = path
            .segments
            .last()
            .map(|it| it.ident.to_string())
            .unwrap_or_default();
        if !names::staying_macro(&name) && reads.iter().any(|it| self.var(*it).active) {
            self.unknown_macro(path);
            return;
        }
        let tokens = match unparen(&expr) {
            Expr::Block(it) => {
                let (label, stmts) = (&it.label, &it.block.stmts);
                quote::quote!(#label { #(#stmts)*; })
            }
            _ => quote::quote!(#expr;),
        };
        self.emit(
            path.span(),
            StmtKind::Opaque {
                tokens,
                mutates: Vec::new(),
            },
        );
    }

    pub(super) fn unknown_macro(&mut self, path: &syn::Path) {
        let name = path
            .segments
            .last()
            .map(|it| it.ident.to_string())
            .unwrap_or_default();
        self.cx.error(
            path.span(),
            format!(
                "the macro `{name}!` hides what it does with an active value; write its expansion, or \
                 `detach(..)` its arguments if no derivative is wanted"
            ),
        );
    }
}

/// May the value of an expression without derivative be a reference?
fn may_borrow(expr: &Expr) -> bool {
    match unparen(expr) {
        Expr::Reference(_)
        | Expr::Call(_)
        | Expr::If(_)
        | Expr::Match(_)
        | Expr::Block(_)
        | Expr::Field(_) => true,
        Expr::Index(it) => !matches!(unparen(&it.index), Expr::Lit(_)),
        // Sums are values of their own.
        Expr::MethodCall(it) if it.method == "sum" || it.method == "product" => false,
        Expr::MethodCall(it) => names::claim(&it.method.to_string(), it.args.len()).is_none(),
        _ => false,
    }
}

/// Does this expression name something that is stored somewhere?
pub(super) fn is_place(expr: &Expr) -> bool {
    match unparen(expr) {
        Expr::Path(_) => true,
        Expr::Field(it) => is_place(&it.base),
        Expr::Index(_) => true,
        Expr::Unary(it) => matches!(it.op, UnOp::Deref(_)),
        _ => false,
    }
}

/// Says the type of the whole nothing about that of the parts?
fn has_parts_of_other_types(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Array(_)
            | Expr::Binary(_)
            | Expr::Call(_)
            | Expr::Cast(_)
            | Expr::Closure(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::Macro(_)
            | Expr::Repeat(_)
            | Expr::Struct(_)
            | Expr::Tuple(_)
            | Expr::Unary(_)
    )
}

/// Does it make an `Option` of its argument?
fn is_some(it: &syn::ExprCall) -> bool {
    matches!(&*it.func, Expr::Path(path) if path.path.is_ident("Some"))
}

/// Is there a branch for all that no condition takes?
pub(super) fn has_else(it: &syn::ExprIf) -> bool {
    (it.else_branch.as_ref()).is_some_and(|(_, branch)| match &**branch {
        Expr::If(it) => has_else(it),
        _ => true,
    })
}

/// Does this expression never yield a value?
pub(super) fn diverges(expr: &Expr) -> bool {
    match expr {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Paren(it) => diverges(&it.expr),
        Expr::Group(it) => diverges(&it.expr),
        Expr::Macro(it) => it
            .mac
            .path
            .segments
            .last()
            .is_some_and(|it| names::diverging_macro(&it.ident.to_string())),
        Expr::Block(it) => it.block.stmts.last().is_some_and(|stmt| match stmt {
            syn::Stmt::Expr(expr, _) => diverges(expr),
            syn::Stmt::Macro(it) => it
                .mac
                .path
                .segments
                .last()
                .is_some_and(|it| names::diverging_macro(&it.ident.to_string())),
            _ => false,
        }),
        Expr::If(it) => it.else_branch.as_ref().is_some_and(|(_, otherwise)| {
            diverges(otherwise)
                && diverges(&Expr::Block(syn::ExprBlock {
                    attrs: Vec::new(),
                    label: None,
                    block: it.then_branch.clone(),
                }))
        }),
        Expr::Match(it) => !it.arms.is_empty() && it.arms.iter().all(|arm| diverges(&arm.body)),
        _ => false,
    }
}

/// Is the expression made of literals and operators only?
pub(super) fn literals_only(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(it) => matches!(it.lit, syn::Lit::Float(_) | syn::Lit::Int(_)),
        Expr::Paren(it) => literals_only(&it.expr),
        Expr::Group(it) => literals_only(&it.expr),
        Expr::Cast(it) => literals_only(&it.expr),
        Expr::Unary(it) => matches!(it.op, UnOp::Neg(_)) && literals_only(&it.expr),
        Expr::Binary(it) => {
            matches!(
                it.op,
                BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_)
            ) && literals_only(&it.left)
                && literals_only(&it.right)
        }
        _ => false,
    }
}

/// Is the expression a reference to an array of literals, such as `&[0.5, 2.0]`?
pub(super) fn lends_literals(expr: &Expr) -> bool {
    let Expr::Reference(it) = expr else {
        return false;
    };
    it.mutability.is_none()
        && matches!(&*it.expr, Expr::Array(it) if it.elems.iter().all(literals_only))
}

/// Does the expression mention this variable? A field of the same name is another thing, and so is a variable that the
/// expression itself binds, such as the parameter of a closure.
pub(crate) fn mentions(expr: &Expr, ident: &Ident) -> bool {
    /// Is a variable of this name bound by a pattern?
    struct Bound<'a>(&'a Ident, bool);
    impl<'ast> syn::visit::Visit<'ast> for Bound<'_> {
        fn visit_pat_ident(&mut self, it: &'ast syn::PatIdent) {
            self.1 |= it.ident == *self.0;
            syn::visit::visit_pat_ident(self, it);
        }
        // Patterns inside of what is matched, or of a block, have a scope of their own.
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_block(&mut self, _: &'ast syn::Block) {}
        fn visit_arm(&mut self, _: &'ast syn::Arm) {}
    }
    struct Find<'a>(&'a Ident, bool);
    impl Find<'_> {
        fn tokens(&mut self, tokens: TokenStream) {
            for token in tokens {
                match token {
                    TokenTree::Ident(it) => self.1 |= it == *self.0,
                    TokenTree::Group(it) => self.tokens(it.stream()),
                    _ => {}
                }
            }
        }
    }
    impl Find<'_> {
        fn binds(&self, visit: impl FnOnce(&mut Bound<'_>)) -> bool {
            let mut bound = Bound(self.0, false);
            visit(&mut bound);
            bound.1
        }
    }
    impl<'ast> syn::visit::Visit<'ast> for Find<'_> {
        fn visit_expr_path(&mut self, it: &'ast syn::ExprPath) {
            self.1 |= it.path.is_ident(self.0);
        }
        fn visit_expr_closure(&mut self, it: &'ast syn::ExprClosure) {
            if !self.binds(|bound| it.inputs.iter().for_each(|it| bound.visit_pat(it))) {
                syn::visit::visit_expr_closure(self, it);
            }
        }
        fn visit_arm(&mut self, it: &'ast syn::Arm) {
            if !self.binds(|bound| bound.visit_pat(&it.pat)) {
                syn::visit::visit_arm(self, it);
            }
        }
        fn visit_expr_for_loop(&mut self, it: &'ast syn::ExprForLoop) {
            self.visit_expr(&it.expr);
            if !self.binds(|bound| bound.visit_pat(&it.pat)) {
                self.visit_block(&it.body);
            }
        }
        fn visit_expr_if(&mut self, it: &'ast syn::ExprIf) {
            self.visit_expr(&it.cond);
            if !self.binds(|bound| bound.visit_expr(&it.cond)) {
                self.visit_block(&it.then_branch);
            }
            if let Some((_, otherwise)) = &it.else_branch {
                self.visit_expr(otherwise);
            }
        }
        fn visit_expr_while(&mut self, it: &'ast syn::ExprWhile) {
            self.visit_expr(&it.cond);
            if !self.binds(|bound| bound.visit_expr(&it.cond)) {
                self.visit_block(&it.body);
            }
        }
        fn visit_block(&mut self, it: &'ast syn::Block) {
            for stmt in &it.stmts {
                self.visit_stmt(stmt);
                if let syn::Stmt::Local(it) = stmt
                    && self.binds(|bound| bound.visit_pat(&it.pat))
                {
                    return;
                }
            }
        }
        fn visit_macro(&mut self, it: &'ast syn::Macro) {
            self.tokens(it.tokens.clone());
        }
        fn visit_expr(&mut self, it: &'ast Expr) {
            match it {
                Expr::Verbatim(tokens) => self.tokens(tokens.clone()),
                _ => syn::visit::visit_expr(self, it),
            }
        }
    }
    let mut find = Find(ident, false);
    syn::visit::Visit::visit_expr(&mut find, expr);
    find.1
}

/// An empty block.
pub(super) fn empty() -> Block {
    Block::default()
}
