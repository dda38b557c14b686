//! The tangent of an operation.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{AngleBracketedGenericArguments, BinOp, Expr, Path, parse_quote};

use super::lifted::lifted_turn;
use super::{Forward, index, matrices};
use crate::ir::{Aggregate, Call, Callee, Code, Fact, Op, Operand, Place, Proj, View};
use crate::lower::is_float_literal;
use crate::names;

impl Forward<'_> {
    /// The tangent of an operation with an active operand.
    pub(super) fn tangent(&mut self, op: &Op, fact: Fact, span: Span) -> Op {
        match op {
            Op::Use(operand) => Op::Use(self.owned_tangent(operand, span)),
            Op::Neg(operand) if self.is_plain(operand) => {
                Op::Neg(self.owned_tangent(operand, span))
            }
            Op::Neg(operand) => {
                let lifted = Op::Neg(self.lifted(operand, span));
                let lifted = self.name("lifted", lifted, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            // What is cast may be an integer, whose tangent is `()`.
            Op::Cast(operand, ty) => {
                let generics = quote!(::<#ty, _>);
                let args = vec![self.tangent_operand(operand, span)];
                self.runtime("cast_tangent", Some(generics), args)
            }
            Op::SumStart => Op::SumStart,
            Op::Binary(op, left, right) => self.binary(op, left, right, span),
            Op::Method {
                recv,
                name,
                turbofish,
                args,
            } => {
                let text = name.to_string();
                // The tangent of a rotation has no matrix.
                let view = names::method(&text).is_some_and(|it| it.view)
                    && !matches!(text.as_str(), "matrix" | "quaternion");
                if let Some(part) = self.part_seen(recv, name, turbofish.as_ref(), args) {
                    return part;
                }
                // What is seen of a part has a tangent that is owned.
                if matches!(text.as_str(), "copied" | "cloned") && self.owns_tangent(recv) {
                    return Op::Use(self.owned_tangent(recv, span));
                }
                if self.is_active(recv) && (view || names::structural(&text)) {
                    // The tangent of a `Vec` that is lent is a slice, whose clone would be a reference.
                    let name = match text.as_str() {
                        "clone" => &Ident::new("to_owned", name.span()),
                        _ => name,
                    };
                    return Op::Method {
                        recv: if view || names::copies(&text) {
                            self.tangent_operand(recv, span)
                        } else {
                            self.owned_tangent(recv, span)
                        },
                        name: name.clone(),
                        turbofish: turbofish.clone(),
                        args: args.clone(),
                    };
                }
                if let Some(op) = self.of_matrix(recv, name, args, span) {
                    return op;
                }
                let recv = self.lifted(recv, span);
                // A literal bound is told from any other where the number is at the bound.
                let bound = self.order == 1 && matches!(text.as_str(), "max" | "min" | "clamp");
                let args = (args.iter())
                    .map(|it| match it {
                        Operand::Lit(_) if bound => it.clone(),
                        it => self.lifted(it, span),
                    })
                    .collect();
                let mut turbofish = turbofish.clone();
                if let Some(it) = &mut turbofish {
                    self.over_duals()
                        .visit_angle_bracketed_generic_arguments_mut(it);
                }
                let method = Op::Method {
                    recv,
                    name: Ident::new(&names::lifted(&text), name.span()),
                    turbofish,
                    args,
                };
                let lifted = self.name("lifted", method, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            Op::Construct { path, name, args } => {
                let args = args.iter().map(|it| self.lifted(it, span)).collect();
                let mut path = path.clone();
                self.over_duals().visit_path_mut(&mut path);
                lifted_turn(&mut path);
                let construct = Op::Construct {
                    path,
                    name: name.clone(),
                    args,
                };
                let lifted = self.name("lifted", construct, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            Op::Aggregate(kind @ Aggregate::Stack(..), items) => {
                let items = items.iter().map(|it| self.lifted(it, span)).collect();
                let stack = Op::Aggregate(kind.clone(), items);
                let lifted = self.name("lifted", stack, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            // The tangent of a point is no point.
            Op::Aggregate(Aggregate::New(path), items) if is_point(path) => {
                let items = items.iter().map(|it| self.lifted(it, span)).collect();
                let mut path = path.clone();
                self.over_duals().visit_path_mut(&mut path);
                let point = Op::Aggregate(Aggregate::New(path), items);
                let lifted = self.name("lifted", point, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            // Tangents need not be `Copy` where the values are.
            Op::Aggregate(Aggregate::Repeat(count), items) => {
                let count = &count.expr;
                // In parentheses: in braces alone, `if a { 1 } else { 2 } + 1` is two statements.
                let generics = quote!(::<_, { (#count) }>);
                let args = (items.iter())
                    .map(|it| self.owned_tangent(it, span))
                    .collect();
                self.runtime("repeated", Some(generics), args)
            }
            Op::Aggregate(kind, items) => {
                // What is bound to a part later does not tell its type.
                let typed = matches!(kind, Aggregate::Tuple);
                let items = items.iter().map(|it| {
                    let number = self.is_number(it) || matches!(it, Operand::Place(_));
                    if typed && number && !self.is_active(it) {
                        self.zero_of_its_type(it, span)
                    } else {
                        self.owned_tangent(it, span)
                    }
                });
                let items = items.collect();
                let kind = match kind {
                    // The tangent of a `Result` is an `Option`.
                    Aggregate::Payload(_) => {
                        Aggregate::Payload(parse_quote!(::core::option::Option::Some))
                    }
                    other => other.clone(),
                };
                Op::Aggregate(kind, items)
            }
            Op::Foreign { path, args, .. } if self.is_runtime(path) => {
                self.tangent_of_runtime(path, args, fact == Fact::Scalar, span)
            }
            Op::Foreign { path, .. } => {
                let path = path.to_token_stream().to_string().replace(' ', "");
                self.refuse(
                    span,
                    format!("`{path}` has a pullback, but no tangent is known of it"),
                );
                Op::Use(Operand::Never)
            }
            Op::Code(_) | Op::Call(_) | Op::Build(_) | Op::SumStep(_) => {
                let _ = fact;
                unreachable!("these have a tangent of their own")
            }
        }
    }

    /// Does a variable borrow, and its twin does not?
    fn owns_tangent(&self, operand: &Operand) -> bool {
        let whole = operand.place().filter(|it| it.proj.is_empty());
        whole.is_some_and(|it| {
            self.vars[index(it.root)].borrows
                && (self.twin_of(it.root)).is_some_and(|it| !self.vars[index(it)].borrows)
        })
    }

    /// The tangent of a copy or a view of what is in a field, which may have no derivative.
    fn part_seen(
        &self,
        recv: &Operand,
        name: &Ident,
        turbofish: Option<&AngleBracketedGenericArguments>,
        args: &[Operand],
    ) -> Option<Op> {
        let of = recv.place().filter(|it| self.is_part(it))?;
        let twin = self.twin(of)?;
        let text = name.to_string();
        if (names::copies(&text) || text == "as_slice") && args.is_empty() {
            return Some(self.part_tangent(of.clone(), twin));
        }
        if !names::is_view_to_write(&text) {
            return None;
        }
        let code = |it: &Operand| match it {
            Operand::Code(code) => Some(code.clone()),
            Operand::Lit(expr) => Some(Self::code(expr.clone())),
            Operand::Place(place) if place.proj.is_empty() => {
                let ident = self.ident(place.root);
                Some(Code {
                    expr: parse_quote!(#ident),
                    reads: vec![place.root],
                    again: true,
                })
            }
            _ => None,
        };
        let view = Proj::View(View {
            name: name.clone(),
            turbofish: turbofish.cloned(),
            args: args.iter().map(code).collect::<Option<_>>()?,
            reference: false,
        });
        Some(self.part_tangent(of.clone().then(view.clone()), twin.then(view)))
    }

    /// Is this a function that a tangent program calls?
    pub(super) fn is_runtime(&self, path: &Path) -> bool {
        let text = |tokens: TokenStream| tokens.to_string();
        let mut owner = path.clone();
        let last = owner.segments.pop().is_some();
        owner.segments.pop_punct();
        last && text(owner.to_token_stream()) == text(self.rt.clone())
    }

    /// What a tangent program calls of the runtime is linear in the tangents, but for the frames of curved space, which
    /// move. The value in the first place of [`lift`](self) and [`gathered`](self) stands for its shape.
    pub(super) fn tangent_of_runtime(
        &mut self,
        path: &Path,
        args: &[Operand],
        number: bool,
        span: Span,
    ) -> Op {
        let last = path.segments.last().map(|it| it.ident.to_string());
        match (last.as_deref(), args) {
            (Some("lift"), [value, tangent]) if !number && !self.is_number(value) => {
                let of_value = self.tangent_operand(value, span);
                let along = self.tangent_operand(tangent, span);
                let args = [value.clone(), along, of_value.clone(), tangent.clone()];
                let moved = self.with_frame(args, span);
                return self.runtime("lift", None, vec![of_value, moved.borrowed()]);
            }
            (Some("tangent" | "split"), [lifted]) if !number => {
                let dot = self.tangent_operand(lifted, span);
                let [value, tangent] = self.parts(lifted.clone(), span);
                let [of_value, along] = self.parts(dot, span);
                let args = [&value, &along, &tangent, &of_value].map(Place::borrowed);
                let moved = Operand::Place(self.with_frame(args, span));
                return match last.as_deref() {
                    Some("split") => {
                        Op::Aggregate(Aggregate::Tuple, vec![Operand::Place(of_value), moved])
                    }
                    _ => Op::Use(moved),
                };
            }
            (Some("with_frame"), [value, along, of_value, tangent]) => {
                let [dot_along, dot_of_value, dot_tangent] =
                    [along, of_value, tangent].map(|it| self.tangent_operand(it, span));
                let args = [value.clone(), dot_along, dot_of_value, tangent.clone()];
                let inner = self.with_frame(args, span).borrowed();
                let args = vec![value.clone(), inner, of_value.clone(), dot_tangent];
                return self.runtime("with_frame", None, args);
            }
            // The factors are those of the solution.
            (Some("newton" | "newton_tangent"), [x, residuals, factor]) => {
                let [x, residuals] = [x, residuals].map(|it| self.lent_tangent(it, span));
                let args = vec![x, residuals, factor.clone()];
                return self.runtime("newton_tangent", None, args);
            }
            _ => {}
        }
        // The value of a part tells the type and the shape of a zero, which its own tangent may not.
        let told = usize::from(last.as_deref() == Some("part_tangent"));
        let (told, rest) = args.split_at(told.min(args.len()));
        let twins = rest.iter().map(|it| self.tangent_operand(it, span));
        let args = told.iter().cloned().chain(twins).collect();
        let rule = match path.segments.last() {
            Some(last) => format_ident!("{}_pullback", last.ident),
            None => return Op::Use(Operand::Never),
        };
        let rt = &self.rt;
        Op::Foreign {
            path: path.clone(),
            rule: parse_quote!(#rt::#rule),
            args,
        }
    }

    /// The variable of what a tangent moves by when its value does.
    fn with_frame(&mut self, args: [Operand; 4], span: Span) -> Place {
        let op = self.runtime("with_frame", None, args.to_vec());
        self.name("with_frame", op, true, Fact::Unknown, span)
            .into()
    }

    /// Value and tangent of what is over dual numbers.
    fn parts(&mut self, lifted: Operand, span: Span) -> [Place; 2] {
        let op = self.runtime("split", None, vec![lifted]);
        let parts = self.name("parts", op, true, Fact::Unknown, span);
        [0, 1].map(|at: usize| Place::from(parts).then(Proj::Field(at.into())))
    }

    pub(super) fn binary(&mut self, op: &BinOp, left: &Operand, right: &Operand, span: Span) -> Op {
        let numbers = [left, right].iter().all(|it| self.is_number(it));
        if let Some(tangent) = self.of_matrices(op, left, right, span) {
            return tangent;
        }
        let (a, b) = (self.is_active(left), self.is_active(right));
        let mul = BinOp::Mul(parse_quote!(*));
        match op {
            BinOp::Add(_) | BinOp::Sub(_) if numbers => match (a, b) {
                (true, true) => {
                    let (a, b) = (
                        self.tangent_operand(left, span),
                        self.tangent_operand(right, span),
                    );
                    Op::Binary(*op, a, b)
                }
                (true, false) => {
                    let a = self.tangent_operand(left, span);
                    self.number_of(a)
                }
                (false, _) => {
                    let b = self.tangent_operand(right, span);
                    if matches!(op, BinOp::Sub(_)) {
                        Op::Neg(b)
                    } else {
                        self.number_of(b)
                    }
                }
            },
            BinOp::Mul(_) if numbers => {
                let mut terms = Vec::new();
                if a {
                    let dot = self.tangent_operand(left, span);
                    terms.push(Op::Binary(mul, dot, right.clone()));
                }
                if b {
                    let dot = self.tangent_operand(right, span);
                    terms.push(Op::Binary(mul, left.clone(), dot));
                }
                self.sum(terms, span)
            }
            // (ȧ - (a / b) ḃ) / b
            BinOp::Div(_) if numbers => {
                let dot = a.then(|| self.tangent_operand(left, span));
                let numerator = if b {
                    let quotient = Op::Binary(*op, left.clone(), right.clone());
                    let quotient = self.name("quotient", quotient, true, Fact::Scalar, span);
                    let dot_b = self.tangent_operand(right, span);
                    let part = Op::Binary(mul, Operand::from(quotient), dot_b);
                    let part = self.name("part", part, true, Fact::Scalar, span);
                    match dot {
                        Some(dot) => {
                            let minus = BinOp::Sub(parse_quote!(-));
                            Op::Binary(minus, dot, Operand::from(part))
                        }
                        None => Op::Neg(Operand::from(part)),
                    }
                } else {
                    Op::Use(dot.unwrap_or(Operand::Never))
                };
                let numerator = self.name("numerator", numerator, true, Fact::Scalar, span);
                Op::Binary(*op, Operand::from(numerator), right.clone())
            }
            _ => {
                let (left, right) = (self.lifted(left, span), self.lifted(right, span));
                for operand in [&left, &right] {
                    if let Some(place) = operand.place() {
                        self.vars[index(place.root)].lifted = true;
                    }
                }
                let lifted = Op::Binary(*op, left, right);
                let lifted = self.name("lifted", lifted, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
        }
    }

    /// A number that may be behind a reference: the sum of `&a` and a constant is none.
    pub(super) fn number_of(&mut self, tangent: Operand) -> Op {
        let reference = self.is_reference(&tangent);
        match tangent {
            Operand::Ref { place, .. } => self.copied(place),
            Operand::Place(place) if reference => self.copied(place),
            other => Op::Use(other),
        }
    }

    /// The tangent of an operation on matrices of numbers: sums, and products, which are linear in each factor.
    pub(super) fn of_matrices(
        &mut self,
        op: &BinOp,
        left: &Operand,
        right: &Operand,
        span: Span,
    ) -> Option<Op> {
        let matrix = |it: &Operand| self.matrices.is_matrix(self.func, it);
        let (both, one) = (matrix(left) && matrix(right), matrix(left) || matrix(right));
        let scaled = one && (self.is_number(left) || self.is_number(right));
        let divided = matrix(left) && self.is_number(right);
        let (a, b) = (self.is_active(left), self.is_active(right));
        match op {
            BinOp::Add(_) | BinOp::Sub(_) if both => Some(match (a, b) {
                (true, true) => {
                    let a = self.lent_tangent(left, span);
                    Op::Binary(*op, a, self.lent_tangent(right, span))
                }
                (true, false) => self.alone(left, span),
                (false, _) if matches!(op, BinOp::Sub(_)) => {
                    Op::Neg(self.owned_tangent(right, span))
                }
                (false, _) => self.alone(right, span),
            }),
            BinOp::Mul(_) if both || scaled => {
                let mut terms = Vec::new();
                if a {
                    let dot = self.lent_tangent(left, span);
                    terms.push(Op::Binary(*op, dot, self.lent(right)));
                }
                if b {
                    let dot = self.lent_tangent(right, span);
                    terms.push(Op::Binary(*op, self.lent(left), dot));
                }
                Some(self.sum_of(terms, Fact::Scalars, span))
            }
            BinOp::Div(_) if divided && !b => {
                let dot = self.lent_tangent(left, span);
                Some(Op::Binary(*op, dot, right.clone()))
            }
            _ => None,
        }
    }

    /// The tangent of an operand that the operation does not change. Of a reference it is a copy.
    fn alone(&mut self, operand: &Operand, span: Span) -> Op {
        if self.is_reference(operand)
            && let Some(twin) = self.tangent_operand(operand, span).place()
        {
            return self.copied(twin.clone());
        }
        Op::Use(self.owned_tangent(operand, span))
    }

    /// The tangent of a method of a matrix of numbers that is linear in it, or in it and its argument.
    pub(super) fn of_matrix(
        &mut self,
        recv: &Operand,
        name: &Ident,
        args: &[Operand],
        span: Span,
    ) -> Option<Op> {
        let matrix = |it: &Operand| self.matrices.is_matrix(self.func, it);
        if !matrix(recv) || !args.iter().all(matrix) {
            return None;
        }
        let method = |recv: Operand, name: &Ident, args: Vec<Operand>| Op::Method {
            recv,
            name: name.clone(),
            turbofish: None,
            args,
        };
        let text = name.to_string();
        match args {
            [] if matrices::linear(&text) => {
                let dot = self.tangent_operand(recv, span);
                Some(method(dot, name, Vec::new()))
            }
            [] if text == "norm_squared" => {
                let dot = self.lent_tangent(recv, span);
                let name = Ident::new("dot", name.span());
                let product = method(recv.clone(), &name, vec![dot]);
                let product = self.name("product", product, true, Fact::Scalar, span);
                let (mul, two) = (parse_quote!(*), Operand::Lit(parse_quote!(2.0)));
                Some(Op::Binary(BinOp::Mul(mul), two, Operand::from(product)))
            }
            [other] if matrices::bilinear(&text) => {
                let mut terms = Vec::new();
                if self.is_active(recv) {
                    let dot = self.tangent_operand(recv, span);
                    terms.push(method(dot, name, vec![self.lent(other)]));
                }
                if self.is_active(other) {
                    let dot = self.lent_tangent(other, span);
                    terms.push(method(recv.clone(), name, vec![dot]));
                }
                let fact = if text == "dot" {
                    Fact::Scalar
                } else {
                    Fact::Scalars
                };
                Some(self.sum_of(terms, fact, span))
            }
            _ => None,
        }
    }

    /// A matrix by reference, since it may be used again; a number as it is.
    pub(super) fn lent(&self, operand: &Operand) -> Operand {
        match operand {
            Operand::Place(place) if !self.is_number(operand) => self.referred(place.clone()),
            other => other.clone(),
        }
    }

    pub(super) fn lent_tangent(&mut self, operand: &Operand, span: Span) -> Operand {
        let number = self.is_number(operand);
        match self.tangent_operand(operand, span) {
            Operand::Place(place) if !number => self.referred(place),
            other => other,
        }
    }

    pub(super) fn sum(&mut self, terms: Vec<Op>, span: Span) -> Op {
        self.sum_of(terms, Fact::Scalar, span)
    }

    pub(super) fn sum_of(&mut self, terms: Vec<Op>, fact: Fact, span: Span) -> Op {
        let plus = BinOp::Add(parse_quote!(+));
        let mut terms = terms.into_iter();
        let Some(first) = terms.next() else {
            return Op::Use(Operand::Never);
        };
        terms.fold(first, |sum, term| {
            let sum = self.name("term", sum, true, fact, span);
            let term = self.name("term", term, true, fact, span);
            Op::Binary(plus, Operand::from(sum), Operand::from(term))
        })
    }

    /// Is this a number or a matrix of numbers, whose tangent has the operators of the value?
    fn is_plain(&self, operand: &Operand) -> bool {
        self.is_number(operand) || self.matrices.is_matrix(self.func, operand)
    }

    pub(super) fn is_number(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Lit(expr) => is_float_literal(expr),
            Operand::Place(place) if index(place.root) >= self.func.vars.len() => {
                self.vars[index(place.root)].fact == Fact::Scalar
            }
            other => crate::analysis::needs::operand_fact(self.func, other) == Fact::Scalar,
        }
    }

    /// A call of the tangent program of a callee: its value and its tangent, as parts of one pair.
    pub(super) fn called(&mut self, call: &Call, span: Span) -> (Op, Op) {
        let mut args = call.args.clone();
        for (at, arg) in call.args.iter().enumerate() {
            let dot = if self.is_active(arg) {
                let part = arg.place().is_some_and(|it| self.is_part(it));
                let receiver = matches!(call.callee, Callee::Method(..)) && at == 0;
                if part || self.is_reference(arg) || receiver {
                    self.tangent_operand(arg, span)
                } else {
                    self.owned_tangent(arg, span)
                }
            } else {
                Operand::Never
            };
            args.push(dot);
        }
        let tangent = Call {
            callee: Callee::Tangent(Box::new(call.callee.clone())),
            args,
        };
        let pair = self.name("pair", Op::Call(tangent), true, Fact::Unknown, span);
        let part = |at: u32| {
            let member = syn::Member::Unnamed(syn::Index {
                index: at,
                span: Span::call_site(),
            });
            Op::Use(Operand::Place(Place::from(pair).then(Proj::Field(member))))
        };
        (part(0), part(1))
    }
}

/// `Point3::new`
fn is_point(path: &Path) -> bool {
    let owner = path.segments.iter().rev().nth(1);
    owner.is_some_and(|it| it.ident.to_string().starts_with("Point"))
}

/// Is there a number with a fraction among the literals of an expression?
pub(super) fn has_float(expr: &Expr) -> bool {
    pub(super) fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|it| match it {
            TokenTree::Group(group) => any(group.stream()),
            TokenTree::Literal(literal) => {
                matches!(syn::Lit::new(literal), syn::Lit::Float(_))
            }
            // A constant may be a number.
            TokenTree::Ident(_) => true,
            TokenTree::Punct(_) => false,
        })
    }
    any(expr.to_token_stream())
}
