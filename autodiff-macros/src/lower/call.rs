//! Calls: methods with rules, constructors, other differentiated functions, local closures, macros that build values.

use proc_macro2::{Ident, Span};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Path, Token};

use super::seq::{Func, Item, Seq, contains_return, function};
use super::{Lower, unparen};
use crate::arguments::Arguments;
use crate::derived::{Derived, is_final, is_given};
use crate::ir::{Aggregate, BuildKind, Call, Callee, Fact, Op, Operand, Place, Proj, VarId};
use crate::names;

pub(super) type Lowered = (Op, bool, Fact, bool, &'static str);

impl Lower<'_> {
    pub(super) fn refused() -> Lowered {
        (Op::Use(Operand::Never), false, Fact::Unknown, false, "t")
    }

    pub(super) fn used(&self, operand: Operand) -> Lowered {
        let (active, fact) = (self.operand_active(&operand), self.operand_fact(&operand));
        let borrows = self.may_borrow(&operand);
        (Op::Use(operand), active, fact, borrows, "t")
    }

    pub(super) fn method_call(&mut self, it: &syn::ExprMethodCall) -> Lowered {
        let name = it.method.to_string();
        let span = it.method.span();
        let closures = it.args.iter().any(|arg| is_function(arg, self));
        match (name.as_str(), it.args.len()) {
            ("sum" | "product" | "collect", 0) if Self::is_iterator(&it.receiver) => {
                return self
                    .consume(it)
                    .map_or_else(Self::refused, |it| self.used(it));
            }
            ("fold" | "for_each", _) if closures => {
                return self
                    .consume(it)
                    .map_or_else(Self::refused, |it| self.used(it));
            }
            ("unwrap", 0) | ("expect", 1) => {
                if let Expr::MethodCall(inner) = unparen(&it.receiver)
                    && let Some(item) = self.chosen_item(inner)
                {
                    return self.used(item);
                }
            }
            ("max_by" | "min_by" | "reduce", 1) => {
                if let Some(lowered) = self.chosen_option(it) {
                    return lowered;
                }
            }
            ("map", 1) if closures && !Self::is_iterator(&it.receiver) => {
                return match self.mapped_part(it) {
                    Some(chosen) => self.op(&chosen),
                    None => self.map(it),
                };
            }
            ("zip_map", 2) if closures => return self.zip_map(it),
            _ => {}
        }
        if let Some(chosen) = self.optional(it) {
            let operand = self.operand(&chosen);
            return self.used(operand);
        }
        let claim = self.claim_of(it);
        if claim.is_some() && (!self.is_own(&it.receiver) || self.unit.inert_method(&it.method)) {
            // Taken apart because of what its operands do besides: it still carries no derivative.
            let mut exprs: Vec<&Expr> = vec![&it.receiver];
            exprs.extend(&it.args);
            let mut operands = self.kept_operands(exprs).into_iter();
            let receiver = operands.next().map(|it| self.plain(it));
            let args: Vec<Expr> = operands.map(|it| self.plain(it)).collect();
            let (krate, method) = (self.options.krate.clone(), &it.method);
            let claimed = match claim {
                Some(names::Claim::Receiver) => syn::parse_quote!(
                    #krate::__private::stepped(#receiver).#method(#(#args),*)
                ),
                _ => syn::parse_quote!(#krate::__private::checked(#receiver.#method(#(#args),*))),
            };
            let code = self.code_from_lowered(claimed);
            return (Op::Code(code), false, Fact::Unknown, false, "c");
        }
        if Self::is_iterator(&Expr::MethodCall(it.clone())) || Self::is_iterator(&it.receiver) {
            self.cx.error(
                span,
                format!("`.{name}()` of an iterator over active values is not supported here; write a `for` loop"),
            );
            return Self::refused();
        }
        if closures {
            self.cx.error(
                span,
                format!(
                    "`.{name}()` with a closure has no derivative rule; `map`, `zip_map` and `fold` do, or write a loop"
                ),
            );
            return Self::refused();
        }
        if !self.is_own(&it.receiver)
            && let Some(result) = self.mutation(it, true)
        {
            return self.used(result);
        }
        if let Some(view) = self.view(&Expr::MethodCall(it.clone())) {
            return self.used(view.operand());
        }
        // `self.scale(x)` is a method of the user's own type, whatever its name; `clone` has the rule of all types.
        let own_self = self.is_this(&it.receiver);
        let own = name != "clone" && (own_self || self.is_own(&it.receiver));
        let fact = names::method(&name).filter(|_| !own);
        let mut exprs: Vec<&Expr> = vec![&it.receiver];
        exprs.extend(&it.args);
        if own_self
            && let Some(function) =
                self.within_limit(self.unit.inlined_method(&it.method), &it.args)
            && function.sig.receiver().is_some()
        {
            return self.write_out(&function, Some(&it.receiver), &it.args, span);
        }
        if fact.is_none() {
            let mut args = self.call_args(exprs);
            // A receiver is borrowed by its method.
            if let Some(Operand::Code(_)) = args.first() {
                let first = args.remove(0);
                args.insert(0, self.kept(first, it.receiver.span()));
            }
            let callee = Callee::Method(it.method.clone(), it.turbofish.clone());
            return self.called(callee, args, Fact::Unknown);
        }
        self.writes_nothing(&exprs, span);
        let mut operands = self.kept_operands(exprs);
        let recv = operands.remove(0);
        let mut args = operands;
        if matches!(name.as_str(), "max" | "min" | "clamp") {
            // A constant bound is like a literal: at a tie it takes all of the derivative.
            for (arg, expr) in args.iter_mut().zip(&it.args) {
                if is_constant(expr) {
                    *arg = Operand::Lit(expr.clone());
                }
            }
        }
        let Some(fact) = fact else {
            return Self::refused();
        };
        self.rule_method(it, recv, args, fact)
    }

    /// Is this a variable of a type of the user's own, as far as the tokens tell?
    pub(super) fn is_own(&self, expr: &Expr) -> bool {
        self.type_name(expr).is_some() || matches!(unparen(expr), Expr::Struct(_))
    }

    /// The name of the type of a variable, if it is one of the user's own.
    pub(super) fn type_name(&self, expr: &Expr) -> Option<&str> {
        let Expr::Path(path) = unparen(expr) else {
            return None;
        };
        match self.names.get(&path.path.get_ident()?.to_string())? {
            super::Name::Var(var) => self.own_types.get(var).map(String::as_str),
            super::Name::Closure(_) => None,
        }
    }

    /// Is this `self`, of the type of the present `impl` block?
    pub(super) fn is_this(&self, expr: &Expr) -> bool {
        let other = || match (self.type_name(expr), self.unit.this()) {
            (Some(name), Some(this)) => name != this,
            _ => false,
        };
        matches!(unparen(expr), Expr::Path(path) if path.path.is_ident("self")) && !other()
    }

    /// A call of a function with a derivative of its own. What is lent to it may take an active value.
    fn called(&mut self, callee: Callee, args: Vec<Operand>, fact: Fact) -> Lowered {
        let call = Call { callee, args };
        let active = call.args.iter().any(|it| self.operand_active(it));
        for at in 0..call.args.len() {
            if active
                && call.lends(&self.vars, at)
                && let Some(place) = call.args[at].place()
            {
                self.mark_active(place.root);
            }
        }
        (Op::Call(call), active, fact, false, "called")
    }

    /// A method that has a rule only reads.
    fn writes_nothing(&mut self, exprs: &[&Expr], span: Span) {
        for expr in exprs {
            if matches!(unparen(expr), Expr::Reference(it) if it.mutability.is_some()) {
                self.cx.error(
                    span,
                    "what this method writes into a mutable reference is not known; take its value as a result",
                );
            }
        }
    }

    fn rule_method(
        &mut self,
        it: &syn::ExprMethodCall,
        recv: Operand,
        args: Vec<Operand>,
        fact: names::MethodFact,
    ) -> Lowered {
        let active = self.operand_active(&recv) || args.iter().any(|it| self.operand_active(it));
        let recv_fact = self.operand_fact(&recv);
        let result = match recv_fact {
            Fact::Scalar if fact.scalar => Fact::Scalar,
            Fact::Scalar if it.method == "sin_cos" => Fact::Tuple,
            Fact::Rows
                if matches!(
                    it.method.to_string().as_str(),
                    "clone" | "to_vec" | "to_owned"
                ) =>
            {
                Fact::Rows
            }
            Fact::Scalars
                if matches!(
                    it.method.to_string().as_str(),
                    "dot" | "norm" | "norm_squared" | "sum" | "mean" | "trace"
                ) =>
            {
                Fact::Scalar
            }
            Fact::Scalars
                if matches!(it.method.to_string().as_str(), "max" | "min")
                    && it.args.is_empty() =>
            {
                Fact::Scalar
            }
            Fact::Scalars
                if matches!(
                    it.method.to_string().as_str(),
                    "transpose"
                        | "component_mul"
                        | "component_div"
                        | "normalize"
                        | "row"
                        | "column"
                        | "rows"
                        | "columns"
                        | "clone"
                        | "clone_owned"
                        | "to_vec"
                        | "to_owned"
                        | "scale"
                        | "add_scalar"
                        | "row_sum"
                        | "column_sum"
                        | "diagonal"
                ) =>
            {
                Fact::Scalars
            }
            _ => Fact::Unknown,
        };
        // What hands out the payload hands out a reference, if that is one.
        let hands_out = matches!(
            it.method.to_string().as_str(),
            "unwrap" | "expect" | "unwrap_or" | "ok" | "ok_or"
        );
        let borrows = fact.view || hands_out && self.may_borrow(&recv);
        let op = Op::Method {
            recv,
            name: it.method.clone(),
            turbofish: it.turbofish.clone(),
            args,
        };
        (op, active, result, borrows, "t")
    }

    /// `x.get(i).map(|v| e)` ⇒ `match x.get(i) { Some(v) => Some(e), None => None }`: `v` is a name for the element.
    fn mapped_part(&self, it: &syn::ExprMethodCall) -> Option<Expr> {
        let (Expr::MethodCall(inner), Expr::Closure(closure)) =
            (unparen(&it.receiver), unparen(&it.args[0]))
        else {
            return None;
        };
        if !super::option::gives_part(inner)
            || self.is_own(&inner.receiver)
            || contains_return(&closure.body)
        {
            return None;
        }
        let pat = match closure.inputs.first()? {
            syn::Pat::Type(it) => &*it.pat,
            pat => pat,
        };
        let (some, none) = (
            quote::quote!(::core::option::Option::Some),
            quote::quote!(::core::option::Option::None),
        );
        let body = &closure.body;
        Some(syn::parse_quote!(
            match (#inner) { Some(#pat) => #some(#body), _ => #none }
        ))
    }

    /// `receiver.map(|x| ..)` on a matrix, an array or an `Option`.
    fn map(&mut self, it: &syn::ExprMethodCall) -> Lowered {
        let span = it.method.span();
        let Some(recv) = self.container(&it.receiver) else {
            return Self::refused();
        };
        let f = function(&it.args[0]);
        let fact = self.place_fact(&recv);
        let count = self.container_count(&recv, span);
        let built = self.build(
            BuildKind::Map { recv: recv.clone() },
            count,
            fact,
            span,
            |this, index| {
                let item = this.element_param(&recv, index);
                let value = this.apply(&f, vec![item.1], span);
                (vec![item.0], value)
            },
        );
        self.used(built)
    }

    /// `receiver.zip_map(&other, |x, y| ..)` on matrices.
    fn zip_map(&mut self, it: &syn::ExprMethodCall) -> Lowered {
        let span = it.method.span();
        let Some(recv) = self.container(&it.receiver) else {
            return Self::refused();
        };
        let other = self.operand(&it.args[0]);
        let other = self.kept(other, it.args[0].span());
        let Some(other_place) = other.place().cloned() else {
            return Self::refused();
        };
        let f = function(&it.args[1]);
        let fact = self.place_fact(&recv);
        let count = self.container_count(&recv, span);
        let kind = BuildKind::ZipMap {
            recv: recv.clone(),
            other,
        };
        let built = self.build(kind, count, fact, span, |this, index| {
            let (left, left_item) = this.element_param(&recv, index);
            let (right, right_item) = this.element_param(&other_place, index);
            let value = this.apply(&f, vec![left_item, right_item], span);
            (vec![left, right], value)
        });
        self.used(built)
    }

    /// A container that a map walks over: a place, so that its elements can be read again.
    fn container(&mut self, expr: &Expr) -> Option<Place> {
        let operand = self.operand(expr);
        let operand = self.kept(operand, expr.span());
        match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => Some(place),
            _ => None,
        }
    }

    fn container_count(&mut self, place: &Place, span: Span) -> VarId {
        let seq = Seq::Elements {
            place: place.clone(),
            reference: true,
            writes: false,
        };
        self.sequence_count(&seq, span)
    }

    /// The parameter that a map hands to its closure: a name for the element.
    fn element_param(&mut self, container: &Place, index: VarId) -> (VarId, Item) {
        let mut place = container.clone();
        place.proj.push(Proj::Elem(index));
        let ident = self.namer.fresh("x");
        let (active, fact) = (self.var(place.root).active, self.place_fact(&place));
        let kind = crate::ir::VarKind::Alias {
            place,
            depth: 0,
            writes: false,
        };
        let var = self.declare(crate::ir::Var {
            ident,
            kind,
            mutable: false,
            active,
            fact,
            borrows: false,
            reference: false,
            boxed: false,
            lifted: false,
        });
        (var, Item::Value(Operand::from(var)))
    }

    pub(super) fn call(&mut self, it: &syn::ExprCall) -> Lowered {
        let span = it.func.span();
        if let Expr::Closure(closure) = unparen(&it.func) {
            let items = self.arg_items(&it.args);
            let names = self.names.clone();
            let operand = self.inline(closure, items, span);
            self.names = names;
            return self.used(operand);
        }
        if let Some(closure) = self.local_closure(&it.func) {
            let items = self.arg_items(&it.args);
            let outer = core::mem::replace(&mut self.names, closure.names.clone());
            let operand = self.inline(&closure.expr, items, span);
            self.names = outer;
            return self.used(operand);
        }
        let Expr::Path(path) = unparen(&it.func) else {
            self.cx.error(
                span,
                "the function called here is a value; call a named function or a local closure",
            );
            return Self::refused();
        };
        let path = &path.path;
        let Some(last) = path.segments.last() else {
            return Self::refused();
        };
        let name = last.ident.to_string();
        if let Some(super::Name::Var(_)) = path
            .get_ident()
            .and_then(|it| self.names.get(&it.to_string()))
        {
            if !self.fenced {
                self.cx.error(
                    span,
                    "the derivative of a function that is a parameter is not known here; put this function, under \
                     `impl Fn`, and its callers into a module with `#[differentiate]`, or call a named function",
                );
            }
            return Self::refused();
        }
        match (name.as_str(), it.args.len()) {
            ("Some" | "Ok", 1) => {
                let item = self.operand(&it.args[0]);
                let active = self.operand_active(&item);
                return (
                    Op::Aggregate(Aggregate::Payload(path.clone()), vec![item]),
                    active,
                    Fact::Unknown,
                    false,
                    "some",
                );
            }
            ("Err", 1) => {
                self.cx.error(
                    it.args[0].span(),
                    "an active value in `Err` would lose its derivative; return it in `Ok`, or `detach(..)` it",
                );
                return Self::refused();
            }
            _ => {}
        }
        let owner = path
            .segments
            .iter()
            .rev()
            .nth(1)
            .map(|it| it.ident.to_string());
        let text = |path: &Path| quote::ToTokens::to_token_stream(path).to_string();
        let foreign = self
            .options
            .rules
            .iter()
            .find(|it| text(&it.0) == text(path));
        if let Some((_, rule)) = foreign {
            let rule = rule.clone();
            let args = self.kept_operands(&it.args);
            let active = args.iter().any(|it| self.operand_active(it));
            let op = Op::Foreign {
                path: path.clone(),
                rule,
                args,
            };
            return (op, active, Fact::Unknown, false, "foreign");
        }
        match owner.as_deref() {
            Some("mem") => {
                self.proves_memory(path);
                if let Some(result) = self.memory(it, &name) {
                    return self.used(result);
                }
            }
            Some("f64" | "f32") => return self.ufcs(it, &last.ident),
            Some(owner)
                if owner.starts_with(char::is_uppercase)
                    && !name.starts_with(char::is_uppercase) =>
            {
                return self.associated(it, path, owner, &last.ident);
            }
            Some("array") if name == "from_fn" => return self.lower_from_fn(it, path),
            _ => {}
        }
        if name.starts_with(char::is_uppercase) {
            return self.tuple_struct(it, path);
        }
        if path.is_ident(&self.function.sig.ident) {
            self.self_recursive = true;
        } else if let Some(lent) = self.lent(&Expr::Call(it.clone())) {
            return self.used(lent.operand());
        } else if let Some(function) = self.within_limit(
            path.get_ident().and_then(|it| self.unit.inlined(it)),
            &it.args,
        ) {
            return self.write_out(&function, None, &it.args, span);
        }
        if owner.is_some() && is_final(&last.ident) {
            self.cx.error(
                last.ident.span(),
                format!(
                    "`{name}` of a function has no derivative itself; call `grad`, `value_and_grad`, `jvp` or `hvp`, or \
                     write `detach(..)` around the call if no derivative is wanted; a function of yours of this name is \
                     called without a path"
                ),
            );
            return Self::refused();
        }
        let args = self.call_args(&it.args);
        // Of the namespace of `g`, as `g::grad`.
        let of_namespace = Derived::of_associated(&last.ident).is_some() || is_given(&last.ident);
        if owner.is_some() && of_namespace {
            return self.called(Callee::Associated(path.clone()), args, Fact::Unknown);
        }
        let fact = if path.is_ident(&self.function.sig.ident) {
            self.var(self.ret).fact
        } else {
            Fact::Unknown
        };
        self.called(Callee::Function(path.clone()), args, fact)
    }

    fn arg_items(&mut self, args: &Punctuated<Expr, Token![,]>) -> Vec<Item> {
        // Arguments are evaluated before the body runs, and a parameter is a variable of its own.
        self.operands(args)
            .into_iter()
            .map(|it| match it {
                Operand::Ref {
                    place,
                    mutable: true,
                } => Item::Element {
                    place: self.frozen(place, Span::call_site()),
                    depth: 1,
                    writes: true,
                },
                Operand::Place(place)
                    if place.proj.is_empty()
                        && self.var(place.root).writes_through()
                        && self.is_reference(place.root) =>
                {
                    Item::Element {
                        place: self.referent(place),
                        depth: 1,
                        writes: true,
                    }
                }
                Operand::Place(place) if self.var(place.root).mutable => {
                    let held = self.settle(Operand::Place(place), Span::call_site());
                    Item::Value(held)
                }
                other => Item::Value(other),
            })
            .collect()
    }

    /// Arguments of a call that has a derivative of its own: each is handed to the reverse half again, so code gets a
    /// name.
    fn call_args<'e>(&mut self, args: impl IntoIterator<Item = &'e Expr>) -> Vec<Operand> {
        let args: Vec<&Expr> = args.into_iter().collect();
        let operands = self.operands(args.iter().copied());
        operands
            .into_iter()
            .zip(args)
            .map(|(operand, expr)| match operand {
                Operand::Code(code) if !matches!(unparen(&code.expr), Expr::Closure(_)) => {
                    if super::code::makes_mutable_view(expr) {
                        let cell = matches!(unparen(expr), Expr::MethodCall(it) if it.method == "borrow_mut");
                        self.cx.error(
                            expr.span(),
                            if cell {
                                "a cell hides what is written to it; use a variable with `mut`"
                            } else {
                            "what the function called writes into this view would not be seen; name the view with `let` \
                             and pass the name"
                            },
                        );
                    }
                    let reference = match unparen(&code.expr) {
                        Expr::Reference(it) => it.mutability.is_none(),
                        _ => false,
                    };
                    self.name(
                        Op::Code(code),
                        false,
                        Fact::Unknown,
                        reference,
                        "c",
                        expr.span(),
                    )
                }
                other => other,
            })
            .collect()
    }

    /// `f64::sin(x)` ⇒ `x.sin()`
    fn ufcs(&mut self, it: &syn::ExprCall, name: &Ident) -> Lowered {
        let Some(recv) = it.args.first() else {
            return Self::refused();
        };
        let args: Vec<&Expr> = it.args.iter().skip(1).collect();
        let Expr::Path(path) = unparen(&it.func) else {
            return Self::refused();
        };
        let owner = path
            .path
            .segments
            .iter()
            .rev()
            .nth(1)
            .map(|it| it.ident.clone());
        if name == "from" {
            // `f64::from(x)` ⇒ `x as f64`, as far as the derivative goes
            let operand = self.operand(recv);
            let operand = self.kept(operand, recv.span());
            let active = self.operand_active(&operand);
            let ty: syn::Type = syn::parse_quote!(#owner);
            return (Op::Cast(operand, ty), active, Fact::Scalar, false, "cast");
        }
        if names::inactive_method(&name.to_string(), args.len()) {
            let code = self.code(&Expr::Call(it.clone()));
            return (Op::Code(code), false, Fact::Scalar, false, "c");
        }
        // A literal receiver takes the type that the path names.
        let recv: Expr = if super::expr::literals_only(recv) {
            syn::parse_quote!((#recv as #owner))
        } else {
            recv.clone()
        };
        match syn::parse2(quote::quote!((#recv).#name(#(#args),*))) {
            Ok(Expr::MethodCall(call)) => self.method_call(&call),
            _ => {
                let message =
                    format!("expected the name of a function, found the keyword `{name}`");
                self.cx.error(name.span(), message);
                Self::refused()
            }
        }
    }

    fn associated(
        &mut self,
        it: &syn::ExprCall,
        path: &Path,
        owner: &str,
        name: &Ident,
    ) -> Lowered {
        let text = name.to_string();
        let vector = ["Vector", "RowVector", "Point"]
            .iter()
            .any(|stem| owner.starts_with(stem))
            && owner.ends_with(|it: char| it.is_ascii_digit());
        if owner == "Box" && text == "new" && it.args.len() == 1 {
            let items = self.operands(&it.args);
            let active = items.iter().any(|it| self.operand_active(it));
            let op = Op::Aggregate(Aggregate::Boxed(path.clone()), items);
            return (op, active, Fact::Unknown, false, "boxed");
        }
        if text == "new" && vector {
            let items = self.operands(&it.args);
            let active = items.iter().any(|it| self.operand_active(it));
            let fact = self.items_fact(&items);
            return (
                Op::Aggregate(Aggregate::New(path.clone()), items),
                active,
                fact,
                false,
                "vector",
            );
        }
        if text == "new"
            && let Some(columns) = matrix_columns(owner)
        {
            let items = self.operands(&it.args);
            let active = items.iter().any(|it| self.operand_active(it));
            let fact = self.items_fact(&items);
            return (
                Op::Aggregate(Aggregate::MatrixNew(path.clone(), columns), items),
                active,
                fact,
                false,
                "matrix",
            );
        }
        if text == "from_fn" {
            return self.lower_from_fn(it, path);
        }
        if matches!(text.as_str(), "from_iterator" | "from_iter") {
            return self.collected_from(it, path);
        }
        if owner == "Self"
            && let Some(function) = self.within_limit(self.unit.inlined_method(name), &it.args)
            && function.sig.receiver().is_none()
        {
            return self.write_out(&function, None, &it.args, it.func.span());
        }
        let named = match text.as_str() {
            "from" => {
                owner == "Vec" || owner.starts_with("Point") || owner.starts_with("Translation")
            }
            "translation" | "rotation" => owner.starts_with("Isometry"),
            // A type of the user's own has functions of its own.
            _ => names::constructor(&text) && !names::own_type(owner),
        };
        if named {
            let args = self.kept_operands(&it.args);
            let active = args.iter().any(|it| self.operand_active(it));
            let fact = match args.last().map(|it| self.operand_fact(it)) {
                Some(Fact::Scalar | Fact::Scalars) => Fact::Scalars,
                _ => Fact::Unknown,
            };
            let op = Op::Construct {
                path: path.clone(),
                name: name.clone(),
                args,
            };
            return (op, active, fact, false, "made");
        }
        // A function of the same name behind a type may be this one.
        self.self_recursive |= *name == self.function.sig.ident;
        let args = self.call_args(&it.args);
        self.called(Callee::Associated(path.clone()), args, Fact::Unknown)
    }

    /// `DMatrix::from_fn(rows, columns, |i, j| ..)`, `Matrix3::from_fn(|i, j| ..)`, `array::from_fn(|i| ..)`
    fn lower_from_fn(&mut self, it: &syn::ExprCall, path: &Path) -> Lowered {
        let span = it.func.span();
        let mut args: Vec<&Expr> = it.args.iter().collect();
        let Some(Func::Closure(closure)) = args.pop().map(function) else {
            self.cx
                .error(span, "`from_fn` needs a closure literal here");
            return Self::refused();
        };
        let dims: Vec<_> = args
            .iter()
            .map(|dim| {
                let code = self.code(dim);
                let operand = self.name(
                    Op::Code(code),
                    false,
                    Fact::Unknown,
                    false,
                    "dim",
                    dim.span(),
                );
                match operand {
                    Operand::Place(place) => self.code_of(place.root),
                    _ => unreachable!("a name is a place"),
                }
            })
            .collect();
        // The number of elements is known once the container is there.
        let count = self.temp("count", false, Fact::Unknown);
        let arity = closure.inputs.len();
        let built = self.build(
            BuildKind::FromFn {
                path: path.clone(),
                dims,
            },
            count,
            Fact::Unknown,
            span,
            |this, _| {
                let params: Vec<VarId> = (0..arity)
                    .map(|_| this.temp("at", false, Fact::Unknown))
                    .collect();
                let items = params
                    .iter()
                    .map(|it| Item::Value(Operand::Code(this.code_of(*it))))
                    .collect();
                let value = this.apply(&Func::Closure(closure), items, span);
                (params, value)
            },
        );
        self.used(built)
    }

    /// `DVector::from_iterator(n, iterator)`, `Vector3::from_iterator(iterator)`, `Vec::from_iter(iterator)`
    fn collected_from(&mut self, it: &syn::ExprCall, path: &Path) -> Lowered {
        let span = it.func.span();
        let mut args: Vec<&Expr> = it.args.iter().collect();
        let Some(items) = args.pop() else {
            return Self::refused();
        };
        let dims = args
            .iter()
            .map(|dim| {
                let code = self.code(dim);
                self.named(code, "dim", dim.span())
            })
            .collect();
        let Some(seq) = self.sequence(items) else {
            return Self::refused();
        };
        if seq.filtered() {
            self.cx.error(
                items.span(),
                "a filtered iterator over active values is collected into a `Vec` only; collect, and make the value of that",
            );
            return Self::refused();
        }
        let count = self.sequence_count(&seq, span);
        let kind = BuildKind::FromIterator {
            path: path.clone(),
            dims,
        };
        let built = self.build(kind, count, Fact::Unknown, span, |this, index| {
            let item = this.sequence_item(seq, index, span);
            // What is collected is owned.
            let item = match item {
                Item::Element { place, .. } => Operand::Place(place),
                other => this.item_operand(other, span),
            };
            (Vec::new(), item)
        });
        self.used(built)
    }

    /// Macros that build a value from active parts.
    pub(super) fn macro_call(&mut self, it: &syn::ExprMacro) -> Lowered {
        let path = &it.mac.path;
        let name = path
            .segments
            .last()
            .map(|it| it.ident.to_string())
            .unwrap_or_default();
        let tokens = it.mac.tokens.clone();
        match name.as_str() {
            "vec" => {
                if let Ok(repeat) = syn::parse2::<Repeat>(tokens.clone()) {
                    let item = self.operand(&repeat.item);
                    let active = self.operand_active(&item);
                    let len = self.code(&repeat.len);
                    let items = vec![item];
                    let fact = self.items_fact(&items);
                    let op = Op::Aggregate(Aggregate::RepeatMacro(path.clone(), len), items);
                    return (op, active, fact, false, "list");
                }
                self.list_macro(path, tokens)
            }
            "vector" | "dvector" => self.list_macro(path, tokens),
            "matrix" | "dmatrix" | "stack" => {
                let rows = Punctuated::<Row, Token![;]>::parse_terminated.parse2(tokens);
                match rows {
                    Ok(rows) => {
                        let columns = rows.first().map_or(0, |it| it.0.len());
                        let exprs: Vec<&Expr> = rows.iter().flat_map(|it| it.0.iter()).collect();
                        let items = self.operands(exprs);
                        let active = items.iter().any(|it| self.operand_active(it));
                        let (kind, fact) = if name == "stack" {
                            (Aggregate::Stack(path.clone(), columns), Fact::Unknown)
                        } else {
                            let fact = self.items_fact(&items);
                            (Aggregate::MatrixMacro(path.clone(), columns), fact)
                        };
                        (Op::Aggregate(kind, items), active, fact, false, "matrix")
                    }
                    Err(error) => {
                        self.cx.push(error);
                        Self::refused()
                    }
                }
            }
            _ => {
                if !self.leaves(&it.mac) {
                    self.unknown_macro(path);
                }
                Self::refused()
            }
        }
    }

    /// An exit among the arguments of a macro that stays as it is would leave the half, not the function.
    pub(super) fn leaves(&mut self, mac: &syn::Macro) -> bool {
        let exit = Arguments::of(mac).exit();
        if let Some(span) = exit {
            self.cx.error(
                span,
                "an exit among the arguments of a macro is not followed; bind the value with `let` in a statement before it",
            );
        }
        exit.is_some()
    }

    fn list_macro(&mut self, path: &Path, tokens: proc_macro2::TokenStream) -> Lowered {
        match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens) {
            Ok(list) => {
                let items = self.operands(&list);
                let active = items.iter().any(|it| self.operand_active(it));
                let fact = self.items_fact(&items);
                (
                    Op::Aggregate(Aggregate::Macro(path.clone()), items),
                    active,
                    fact,
                    false,
                    "list",
                )
            }
            Err(error) => {
                self.cx.push(error);
                Self::refused()
            }
        }
    }
}

/// Is this a macro that builds a value from its arguments, and is lowered?
pub(super) fn builds(mac: &syn::Macro) -> bool {
    let name = mac.path.segments.last().map(|it| it.ident.to_string());
    matches!(
        name.as_deref(),
        Some("vec" | "vector" | "dvector" | "matrix" | "dmatrix" | "stack")
    )
}

/// `item; len`
struct Repeat {
    item: Expr,
    len: Expr,
}

impl syn::parse::Parse for Repeat {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let item = input.parse()?;
        input.parse::<Token![;]>()?;
        let len = input.parse()?;
        Ok(Repeat { item, len })
    }
}

/// One row of `matrix![..]`.
struct Row(Punctuated<Expr, Token![,]>);

impl syn::parse::Parse for Row {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        Punctuated::parse_separated_nonempty(input).map(Row)
    }
}

/// Is this argument a closure, or a path in a place where a function is expected?
fn is_function(expr: &Expr, lower: &Lower<'_>) -> bool {
    match unparen(expr) {
        Expr::Closure(_) => true,
        Expr::Path(path) => {
            lower.local_closure(expr).is_some()
                || path.path.segments.last().is_some_and(|it| {
                    let known = path
                        .path
                        .get_ident()
                        .is_some_and(|it| lower.names.contains_key(&it.to_string()));
                    !known
                        && it
                            .ident
                            .to_string()
                            .starts_with(|it: char| it.is_lowercase())
                })
        }
        _ => false,
    }
}

/// A path in capitals, with a sign or not.
fn is_constant(expr: &Expr) -> bool {
    match unparen(expr) {
        Expr::Unary(it) => is_constant(&it.expr),
        Expr::Path(path) => path.path.segments.last().is_some_and(|it| {
            let text = it.ident.to_string();
            text.len() > 1
                && text
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        }),
        _ => false,
    }
}

/// `Matrix2x3` has 3 columns, `Matrix4` has 4.
fn matrix_columns(owner: &str) -> Option<usize> {
    let digits = owner.strip_prefix("Matrix")?;
    match digits.split_once('x') {
        Some((_, columns)) => columns.parse().ok(),
        None => digits.parse().ok(),
    }
}
