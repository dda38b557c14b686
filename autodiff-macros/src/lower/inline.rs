//! Functions of the same unit that are written out where they are called.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, FnArg, ItemFn, Pat, Token};

use super::call::Lowered;
use super::seq::{Item, contains_return_in, function};
use super::{Lower, Name, TargetKind, types, unparen};
use crate::ir::{By, Fact, Op, Operand, StmtKind, VarId, VarKind};
use crate::unit::takes_functions;

/// Functions written out within each other.
const DEPTH: usize = 24;

/// Bodies written out in one function.
const LIMIT: usize = 512;

impl Lower<'_> {
    /// A function to be written out, unless there are too many already and it can be called, or what it takes without
    /// derivative may have one.
    pub(super) fn within_limit<'e>(
        &self,
        function: Option<Rc<ItemFn>>,
        args: impl IntoIterator<Item = &'e Expr>,
    ) -> Option<Rc<ItemFn>> {
        let function = function.filter(|it| self.inlined < LIMIT || takes_functions(it))?;
        let typed = function.sig.inputs.iter().filter_map(|it| match it {
            FnArg::Typed(it) => Some(it),
            FnArg::Receiver(_) => None,
        });
        let mut marked = typed
            .zip(args)
            .filter(|(param, _)| super::has_no_diff(&param.attrs));
        let taken = marked.all(|(_, arg)| !self.is_active(arg));
        taken.then_some(function)
    }

    /// A call with the body of the function in its place: its parameters are bound as a closure's are, and it sees no
    /// name of the caller.
    pub(super) fn write_out(
        &mut self,
        function: &ItemFn,
        receiver: Option<&Expr>,
        args: &Punctuated<Expr, Token![,]>,
        span: Span,
    ) -> Lowered {
        let Some(outer) = self.bind_arguments(function, receiver, args, span) else {
            return Self::refused();
        };
        let wanted = !matches!(function.sig.output, syn::ReturnType::Default);
        let body = &function.block;
        let operand = if contains_return_in(body) {
            let label = self.namer.fresh(&function.sig.ident.to_string());
            self.scope_block(None, label, TargetKind::Closure, wanted, span, |this| {
                this.block_value(body, wanted)
            })
        } else {
            let block = self.block_value(body, wanted);
            self.stmts.extend(block.stmts);
            block.result.unwrap_or(Operand::Unit)
        };
        // A result that is a name for something of the body is held.
        let operand = match operand {
            Operand::Place(place) if self.var(place.root).mutable => {
                self.settle(Operand::Place(place), span)
            }
            other => other,
        };
        self.names = outer;
        let operand = self.of_written_type(operand, &function.sig.output, span);
        self.used(operand)
    }

    /// The result of a function that returns a number: its type may be all that fixes that of a sum.
    fn of_written_type(
        &mut self,
        operand: Operand,
        output: &syn::ReturnType,
        span: Span,
    ) -> Operand {
        let ty = match output {
            syn::ReturnType::Type(_, ty) if self.fact_of(ty) == Fact::Scalar => (**ty).clone(),
            _ => return operand,
        };
        let Operand::Place(place) = operand else {
            return operand;
        };
        if self.place_fact(&place) != Fact::Unknown {
            return Operand::Place(place);
        }
        let var = self.temp("result", self.var(place.root).active, Fact::Scalar);
        let op = Op::Use(Operand::Place(place));
        let ty = Some(ty);
        self.emit(span, StmtKind::Let { var, ty, op });
        Operand::from(var)
    }

    /// Binds the parameters of a function that is written out, and hands out the names of the caller.
    pub(super) fn bind_arguments(
        &mut self,
        function: &ItemFn,
        receiver: Option<&Expr>,
        args: &Punctuated<Expr, Token![,]>,
        span: Span,
    ) -> Option<HashMap<String, Name>> {
        let inputs = &function.sig.inputs;
        let exprs: Vec<&Expr> = receiver.into_iter().chain(args).collect();
        self.inlined += 1;
        if inputs.len() != exprs.len() || self.targets.len() > DEPTH || self.inlined > LIMIT {
            self.cx.error(
                span,
                "this call cannot be written out: it does not fit the function, or functions that take functions call \
                 each other too deeply",
            );
            return None;
        }
        // All arguments are evaluated before the body sees any of them.
        let mut bound = Vec::new();
        for (arg, expr) in inputs.iter().zip(exprs) {
            bound.push(match arg {
                FnArg::Receiver(it) => {
                    let by = types::by(&types::receiver(it));
                    let operand = self.operand(expr);
                    // A method looks through references for its receiver.
                    let operand = match operand {
                        Operand::Place(place) => Operand::Place(self.referent(place)),
                        other => other,
                    };
                    Bound::Item(self.argument(by, Fact::Unknown, operand, expr))
                }
                FnArg::Typed(it) if matches!(&*it.ty, syn::Type::ImplTrait(_)) => {
                    self.function_argument(&it.ty, expr)
                }
                FnArg::Typed(it) => {
                    let operand = self.operand(expr);
                    match self.named_again(it, &operand) {
                        Some(var) => Bound::Same(var),
                        None => {
                            let fact = self.fact_of(types::peel(&it.ty));
                            Bound::Item(self.argument(types::by(&it.ty), fact, operand, expr))
                        }
                    }
                }
            });
        }
        let outer = core::mem::take(&mut self.names);
        let this = self.namer.fresh("this");
        for (arg, bound) in inputs.iter().zip(bound) {
            let pat: Pat = match arg {
                FnArg::Receiver(it) => {
                    let (mutability, ident) = (it.mutability, this.clone());
                    Pat::Ident(syn::PatIdent {
                        attrs: Vec::new(),
                        by_ref: None,
                        mutability,
                        ident,
                        subpat: None,
                    })
                }
                FnArg::Typed(it) if types::by(&it.ty) == By::Value => Pat::Type(it.clone()),
                FnArg::Typed(it) => (*it.pat).clone(),
            };
            match bound {
                Bound::Item(item) => self.bind_item(&pat, item),
                Bound::Same(var) => self.name_again(&pat, var),
                Bound::Function(closure) => {
                    let pat = match &pat {
                        Pat::Type(it) => &*it.pat,
                        pat => pat,
                    };
                    if let Pat::Ident(it) = pat {
                        self.names
                            .insert(it.ident.to_string(), Name::Closure(closure));
                    }
                }
            }
        }
        if let Some(this) = self.names.remove(&this.to_string()) {
            self.names.insert("self".to_owned(), this);
        }
        Some(outer)
    }

    /// The variable that is handed to a parameter, if both hold one number and neither is ever assigned: the parameter is
    /// a second name of it then, and what is known of the variable, such as that it bounds a loop, is known of both.
    fn named_again(&self, param: &syn::PatType, operand: &Operand) -> Option<VarId> {
        let Pat::Ident(name) = &*param.pat else {
            return None;
        };
        let ty = self.unit.behind(&param.ty);
        if name.mutability.is_some()
            || name.by_ref.is_some()
            || name.subpat.is_some()
            || types::by(ty) != By::Value
            || !(types::is_scalar(ty) || types::is_inactive(ty))
        {
            return None;
        }
        let root = match operand {
            Operand::Place(place) if place.proj.is_empty() => place.root,
            Operand::Code(code) => match (&code.expr, &code.reads[..]) {
                (Expr::Path(_), [var]) => *var,
                _ => return None,
            },
            _ => return None,
        };
        let var = self.var(root);
        let kept = matches!(
            var.kind,
            VarKind::Param { by: By::Value } | VarKind::Local | VarKind::Index
        );
        (kept && !var.mutable && !var.borrows && !var.reference && !var.boxed).then_some(root)
    }

    /// Puts a variable in scope under the name of a parameter, whose type may be all that fixes its own.
    fn name_again(&mut self, pat: &Pat, var: VarId) {
        let Pat::Type(param) = pat else { return };
        let Pat::Ident(name) = &*param.pat else {
            return;
        };
        let fact = self.fact_of(&param.ty);
        if self.var(var).fact == Fact::Unknown {
            self.vars[var.0 as usize].fact = fact;
        }
        let (ty, ident) = (&param.ty, &self.var(var).ident);
        let tokens = quote::quote!(let _: #ty = #ident;);
        let mutates = Vec::new();
        self.emit(pat.span(), StmtKind::Opaque { tokens, mutates });
        self.names.insert(name.ident.to_string(), Name::Var(var));
    }

    /// An argument, evaluated before the body. `fact`: what the type of the parameter tells.
    fn argument(&mut self, by: By, fact: Fact, operand: Operand, expr: &Expr) -> Item {
        if by == By::Value {
            return Item::Value(match operand {
                Operand::Place(place) if place.may_be_written(&self.vars) => {
                    self.settle(Operand::Place(place), expr.span())
                }
                Operand::Code(_) => self.settle(operand, expr.span()),
                other => other,
            });
        }
        let writes = by == By::Mut;
        let place = match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => {
                let place = self.referent(place);
                self.frozen(place, expr.span())
            }
            Operand::Code(code) => {
                let reference = matches!(unparen(&code.expr), Expr::Reference(_));
                let named = self.name(Op::Code(code), false, fact, reference, "c", expr.span());
                match named {
                    Operand::Place(place) => self.referent(place),
                    _ => unreachable!("a name is a place"),
                }
            }
            other => return Item::Value(other),
        };
        Item::Element {
            place,
            depth: 1,
            writes,
        }
    }

    /// A closure, or the name of a function: `f` ⇒ `|a, b| f(a, b)`, as many as its type says.
    fn function_argument(&mut self, ty: &syn::Type, expr: &Expr) -> Bound {
        let expr = match unparen(expr) {
            Expr::Reference(it) => &it.expr,
            other => other,
        };
        if let Some(closure) = self.local_closure(expr) {
            return Bound::Function(closure);
        }
        let closure = match function(expr) {
            super::seq::Func::Closure(closure) => closure,
            super::seq::Func::Path(path) => {
                let names: Vec<syn::Ident> = (0..arity(ty))
                    .map(|_| self.namer.fresh("argument"))
                    .collect();
                syn::parse_quote!(|#(#names),*| #path(#(#names),*))
            }
        };
        let closure = super::Closure::new(closure, self.names.clone());
        Bound::Function(Rc::new(closure))
    }
}

enum Bound {
    Item(Item),
    /// A variable of the caller, under another name.
    Same(VarId),
    Function(Rc<super::Closure>),
}

/// The number of arguments in `impl Fn(A, B) -> C`.
fn arity(ty: &syn::Type) -> usize {
    let syn::Type::ImplTrait(it) = ty else {
        return 0;
    };
    it.bounds
        .iter()
        .find_map(|bound| match bound {
            syn::TypeParamBound::Trait(it) => match &it.path.segments.last()?.arguments {
                syn::PathArguments::Parenthesized(it) => Some(it.inputs.len()),
                _ => None,
            },
            _ => None,
        })
        .unwrap_or(0)
}
