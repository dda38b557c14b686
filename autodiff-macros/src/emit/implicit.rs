//! `root` and `argmin`: what the function defines implicitly, as functions with a derivative of their own.
//!
//! ```text
//! impl foo {
//!     fn __at_root(x: &X, p: P) -> (O, DMatrix<f64>)                       residuals, and their Jacobian by the unknown
//!     fn __pull_root(x0: &X, p: P, value: &Option<X>, seed: &Option<X>) -> (X, Gradient<P>)
//!     fn root(x0: &X, p: P) -> Option<X>
//!     fn root_vjp(x0: &X, p: P) -> (Option<X>, impl Fn(Option<X>) -> Gradient<P>)
//!     fn __fwd2_root(x0: &X, p: P, marks, tape) -> (Option<X>, residual)
//!     fn __along_root(x0: &X, p: P, dot_x0: &X, dot_p: P) -> (Option<X>, Option<X>)      with the option `forward`
//!     fn root_jvp(x0: &X, p: P, dot_x0: &X, dot_p: P) -> (Option<X>, Option<X>)
//! }
//! ```
//!
//! `__pull_root` is a pullback as users write them, so that `root` has halves and a `vjp` as any function with the option
//! `pullback` has.

mod tangent;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericParam, ItemFn, parse_quote};

use super::halves::{bounds, fresh_lifetimes, output};
use super::ours;
use super::sweep::{Argument, Sweep, sweep};
use super::tangent::{explicit, link};
use crate::ir::{By, Func, Param};
use crate::options::Options;

/// Where the function is zero.
pub(super) fn root(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    span: Span,
) -> Vec<TokenStream> {
    Defined::new(options, function, func, Kind::Root, span, func).items()
}

/// Where the function, of which this is the tangent program, is least.
pub(super) fn argmin(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
    span: Span,
) -> Vec<TokenStream> {
    Defined::new(options, function, func, Kind::Argmin, span, program).items()
}

#[derive(Clone, Copy)]
enum Kind {
    Root,
    Argmin,
}

struct Defined<'a> {
    options: &'a Options,
    function: &'a ItemFn,
    func: &'a Func,
    rt: TokenStream,
    /// The parameter that is solved for.
    unknown: usize,
    kind: Kind,
    /// The option that asks for it.
    span: Span,
    /// What is swept: the function for a root, its tangent program for a minimum.
    program: &'a Func,
}

/// The arguments of a function at `x`, and the names of what they come from.
struct Given<'a> {
    arguments: Vec<TokenStream>,
    idents: &'a [Ident],
    x: &'a TokenStream,
}

impl<'a> Defined<'a> {
    fn new(
        options: &'a Options,
        function: &'a ItemFn,
        func: &'a Func,
        kind: Kind,
        span: Span,
        program: &'a Func,
    ) -> Self {
        let krate = &options.krate;
        Defined {
            options,
            function,
            func,
            rt: quote!(#krate::__private),
            unknown: usize::from(function.sig.receiver().is_some()),
            kind,
            span,
            program,
        }
    }

    fn name(&self) -> Ident {
        let kind = match self.kind {
            Kind::Root => "root",
            Kind::Argmin => "argmin",
        };
        if self.options.is_member(self.function) {
            let member = &self.function.sig.ident;
            format_ident!("{}_{}", member, kind, span = Span::call_site())
        } else {
            Ident::new(kind, Span::call_site())
        }
    }

    fn hidden(&self, prefix: &str) -> Ident {
        format_ident!("{}_{}", prefix, self.name(), span = Span::call_site())
    }

    fn ident(&self, param: &Param) -> &Ident {
        &self.func.var(param.var).ident
    }

    /// The names of the parameters of hidden functions, which no name of the user meets.
    fn hidden_idents(&self) -> Vec<Ident> {
        let name = |(at, it)| {
            let ident = self.ident(it);
            if *ident == "self" {
                ident.clone()
            } else {
                ours(&format!("argument_{at}"))
            }
        };
        self.func.params.iter().enumerate().map(name).collect()
    }

    fn items(&self) -> Vec<TokenStream> {
        let rt = &self.rt;
        let unknown = &self.func.params[self.unknown];
        let solution = {
            let ty = fresh_lifetimes(crate::lower::peel(&unknown.ty));
            quote!(#rt::Owned<#ty>)
        };
        let name = self.name();
        // The function that the user calls, which stands beside the derivatives of the function that defines it.
        let mut solver = self.function.clone();
        solver.attrs.clear();
        solver.sig.ident = name;
        solver.sig.output = parse_quote!(-> ::core::option::Option<#solution>);
        let others: Vec<Ident> = (self.func.params.iter())
            .filter(|it| it.active && it.var != unknown.var)
            .map(|it| self.ident(it).clone())
            .collect();
        let pull = self.hidden("__pull");
        let explicit = explicit(self.function);
        let [along, back] = ["__along", "__back"].map(|it| self.hidden(it));
        // The second derivative of a minimum would be made of third derivatives of the cost.
        let order = match self.kind {
            Kind::Root => self.options.order.min(2),
            Kind::Argmin => 1,
        };
        let along = (self.options.forward).then(|| {
            [
                parse_quote!(Self::#along #explicit),
                parse_quote!(Self::#back #explicit),
            ]
        });
        let options = Options {
            wrt: Some(others.clone()),
            ..(self.options).beside(parse_quote!(Self::#pull), along, order)
        };
        // What the function does is no part of the solver.
        let mut signature = self.func.clone();
        signature.body.stmts.clear();
        let mut items = vec![self.at(), self.solver(), self.pull()];
        let facts = crate::analysis::analyse(&signature);
        items.extend(super::halves::halves(&options, &solver, &signature, &facts));
        if !others.is_empty() {
            let [_, _, vjp, _] = super::api::public(&options, &solver, &signature, None);
            items.push(vjp);
        }
        if self.options.forward
            && let Ok(tangent) = super::tangent::by_hand(&options, &solver, &signature)
        {
            items.push(self.along());
            if order >= 2
                && let Ok(program) =
                    crate::forward::forward(rt, self.options, self.function, self.func)
            {
                let of_program = Defined {
                    rt: rt.clone(),
                    program: &program,
                    ..*self
                };
                items.push(of_program.back());
            }
            items.extend(tangent.hidden);
            if !others.is_empty() {
                items.extend(tangent.shown);
            }
        }
        items
    }

    fn declared(&self) -> Vec<&GenericParam> {
        self.function.sig.generics.params.iter().collect()
    }

    fn params(&self, idents: &[Ident]) -> Vec<TokenStream> {
        (self.func.params.iter().zip(idents))
            .map(|(it, ident)| {
                let ty = &it.ty;
                quote!(#ident: #ty)
            })
            .collect()
    }

    /// The arguments of the function: a copy of what `x` refers to, and copies of the others.
    fn arguments(&self, idents: &[Ident], x: &TokenStream) -> Vec<TokenStream> {
        let at = |(at, (it, ident)): (usize, (&Param, &Ident))| match (at == self.unknown, it.by) {
            (true, By::Value) => quote!(::core::clone::Clone::clone(#x)),
            (true, _) => quote!(#x),
            (false, By::Value) => quote!(::core::clone::Clone::clone(&#ident)),
            (false, _) => quote!(#ident),
        };
        (self.func.params.iter().zip(idents))
            .enumerate()
            .map(at)
            .collect()
    }

    fn given<'g>(&self, idents: &'g [Ident], x: &'g TokenStream) -> Given<'g> {
        Given {
            arguments: self.arguments(idents, x),
            idents,
            x,
        }
    }

    /// The tangents of the arguments: `direction` for the unknown, none for the others.
    fn toward<'d>(&'d self, direction: &'d TokenStream) -> impl Fn(usize) -> TokenStream + 'd {
        let rt = &self.rt;
        move |at| match (at == self.unknown, self.func.params[at].by) {
            (true, By::Value) => {
                quote!(::core::option::Option::Some(::core::clone::Clone::clone(#direction)))
            }
            (true, _) => quote!(::core::option::Option::Some(#rt::hand(#direction))),
            (false, _) => quote!(::core::option::Option::None),
        }
    }

    /// The arguments of the function, then for a tangent program their tangents.
    fn swept(
        &self,
        given: Given<'_>,
        dot: &dyn Fn(usize) -> TokenStream,
        on: impl Fn(usize, &Param) -> bool,
    ) -> Sweep {
        let rt = &self.rt;
        let x = given.x;
        let mut arguments: Vec<Argument> = (self.func.params.iter().zip(given.idents).enumerate())
            .zip(given.arguments)
            .map(|((at, (it, ident)), passed)| Argument {
                by: it.by,
                on: on(at, it),
                passed,
                zero: if at == self.unknown {
                    quote!(#rt::zero_like(#x))
                } else {
                    quote!(#rt::zero_like(#ident))
                },
            })
            .collect();
        let count = arguments.len();
        for (at, it) in self.program.params[arguments.len()..].iter().enumerate() {
            let zero = arguments[at].zero.clone();
            arguments.push(Argument {
                by: it.by,
                on: on(count + at, it),
                passed: dot(at),
                zero,
            });
        }
        sweep(self.options, self.function, self.program, &arguments)
    }

    /// The model at a point by which a step is found: residuals and Jacobian, or cost, gradient and Hessian.
    fn at(&self) -> TokenStream {
        let (rt, krate) = (&self.rt, &self.options.krate);
        let at = self.hidden("__at");
        let idents = self.hidden_idents();
        let (params, declared) = (self.params(&idents), self.declared());
        let unknown = &self.func.params[self.unknown];
        let out = output(self.function);
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let matrix = quote!(#krate::nalgebra::DMatrix<::core::primitive::f64>);
        let start = &idents[self.unknown];
        let x = if unknown.by == By::Value {
            quote!(&#start)
        } else {
            quote!(#start)
        };
        let count = self.func.params.len();
        let Sweep {
            forward,
            zeros,
            again,
            shadows,
            returned,
            wanted,
        } = self.swept(
            self.given(&idents, &x),
            &self.toward(&quote!(&direction)),
            |at, _| at % count == self.unknown,
        );
        match self.kind {
            Kind::Root => quote!(
                #[doc(hidden)]
                fn #at<#(#declared),*>(#(#params),*) -> (#out, #matrix) #where_clause {
                    let mut tape = <#rt::Tape as ::core::default::Default>::default();
                    let (value, back) = #forward;
                    let jacobian = #rt::jacobian(&value, |seed| {
                        let mut tape = ::core::clone::Clone::clone(&tape);
                        let back = ::core::clone::Clone::clone(&back);
                        #zeros
                        let (#returned) = back(&mut tape, #again seed, #shadows);
                        #(#wanted)*
                    });
                    (value, jacobian)
                }
            ),
            Kind::Argmin => {
                let (product, gradient) = (&wanted[0], &wanted[1]);
                let peeled = fresh_lifetimes(crate::lower::peel(&unknown.ty));
                quote!(
                    #[doc(hidden)]
                    fn #at<#(#declared),*>(#(#params),*) -> (#out, #rt::Gradient<#peeled>, #matrix) #where_clause {
                        #rt::value_grad_hessian(&#rt::zero_like(#x), |direction| {
                            let mut tape = #rt::Reel::new();
                            let (value, back) = #forward;
                            let seed = (#rt::zero_like(&value.0), #rt::seed_of(&value.0));
                            #zeros
                            let (#returned) = back(&mut tape, #again seed, #shadows);
                            (value.0, #gradient, #product)
                        })
                    }
                )
            }
        }
    }

    fn solver(&self) -> TokenStream {
        let (rt, function) = (&self.rt, self.function);
        let (name, at) = (self.name(), self.hidden("__at"));
        let idents: Vec<Ident> = (self.func.params.iter())
            .map(|it| self.ident(it).clone())
            .collect();
        let (params, declared) = (self.params(&idents), self.declared());
        let unknown = &self.func.params[self.unknown];
        let (start, peeled) = (
            self.ident(unknown),
            fresh_lifetimes(crate::lower::peel(&unknown.ty)),
        );
        let where_clause = bounds(rt, self.options, function, self.func);
        let (vis, explicit, primal) = (&function.vis, explicit(function), &function.sig.ident);
        let owner = match self.options.member.as_ref().and_then(|it| it.of.as_ref()) {
            Some(of) => Some(quote!(<Self as #of>::)),
            None => (self.options.is_member(function)).then(|| quote!(Self::)),
        };
        let x = ours("__x");
        let arguments = self.arguments(&idents, &quote!(#x));
        let link = link(self.options, function);
        let (by, doc, take) = match self.kind {
            Kind::Root => (
                quote!(#rt::root),
                format!(
                    "Where {link} is zero, by Newton's method from the first argument; `None` if no root is found. See \
                     `differentiate::implicit` for the method and for the derivative.\n\n# Panics\n\nIf there are not as \
                     many residuals as unknowns."
                ),
                quote!(.1),
            ),
            Kind::Argmin => (
                quote!(#rt::argmin),
                format!(
                    "Where {link} is least, by Newton's method from the first argument; `None` if no minimum is found. See \
                     `differentiate::implicit` for the method and for the derivative."
                ),
                quote!(),
            ),
        };
        // An error about the types of the function points at the option.
        let found = super::located(
            quote!(
                #by(
                    &#rt::keep(&#start),
                    |#x| #owner #primal #explicit (#(#arguments),*),
                    |#x| Self::#at #explicit (#(#arguments),*) #take,
                )
            ),
            self.span,
        );
        quote!(
            #[doc = #doc]
            #vis fn #name<#(#declared),*>(#(#params),*) -> ::core::option::Option<#rt::Owned<#peeled>> #where_clause {
                #found
            }
        )
    }

    /// The pullback: `λ` from a system with the Jacobian or the Hessian, then one pull.
    fn pull(&self) -> TokenStream {
        let rt = &self.rt;
        let (pull, at) = (self.hidden("__pull"), self.hidden("__at"));
        let idents = self.hidden_idents();
        let (params, declared, explicit) = (
            self.params(&idents),
            self.declared(),
            explicit(self.function),
        );
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let unknown = &self.func.params[self.unknown];
        let peeled = fresh_lifetimes(crate::lower::peel(&unknown.ty));
        let active: Vec<(usize, &Param)> = (self.func.params.iter().enumerate())
            .filter(|(_, it)| it.active)
            .collect();
        let types: Vec<TokenStream> = (active.iter())
            .map(|(_, it)| super::api::gradient_type(&self.options.krate, &it.ty))
            .collect();
        let tuple = |items: &[TokenStream]| match items {
            [one] => quote!(#one),
            many => quote!((#(#many),*)),
        };
        let zeros: Vec<TokenStream> = (active.iter())
            .map(|(at, _)| {
                let ident = &idents[*at];
                quote!(#rt::zero_like(&#ident))
            })
            .collect();
        let (types, nothing) = (tuple(&types), tuple(&zeros));
        let arguments = self.arguments(&idents, &quote!(x));
        let on =
            |at: usize, it: &Param| at < self.func.params.len() && at != self.unknown && it.active;
        let Sweep {
            forward,
            zeros,
            again,
            shadows,
            returned,
            wanted,
        } = self.swept(
            self.given(&idents, &quote!(x)),
            &self.toward(&quote!(&lambda)),
            on,
        );
        let mut wanted = wanted.into_iter();
        let gradients: Vec<TokenStream> = (active.iter())
            .map(|(at, _)| {
                if *at == self.unknown {
                    quote!(#rt::zero_like(x))
                } else {
                    wanted.next().unwrap_or_default()
                }
            })
            .collect();
        let gradients = tuple(&gradients);
        let (lambda, seed) = match self.kind {
            Kind::Root => (
                quote!(
                    let (residuals, jacobian) = Self::#at #explicit (#(#arguments),*);
                    let lambda = #rt::root_cotangent(&residuals, &jacobian, cotangent);
                ),
                quote!(lambda),
            ),
            Kind::Argmin => (
                quote!(
                    let (_, _, hessian) = Self::#at #explicit (#(#arguments),*);
                    let lambda = #rt::argmin_direction(hessian, cotangent);
                ),
                quote!((#rt::zero_like(&value.0), #rt::seed_of(&value.0))),
            ),
        };
        quote!(
            #[doc(hidden)]
            fn #pull<#(#declared),*>(
                #(#params,)*
                solution: &::core::option::Option<#rt::Owned<#peeled>>,
                seed: &::core::option::Option<#rt::Gradient<#peeled>>,
            ) -> #types #where_clause {
                let (::core::option::Option::Some(x), ::core::option::Option::Some(cotangent)) = (solution, seed) else {
                    return #nothing;
                };
                #lambda
                let mut tape = #rt::Reel::new();
                let (value, back) = #forward;
                #zeros
                let (#returned) = back(&mut tape, #again #seed, #shadows);
                #gradients
            }
        )
    }
}
