//! `root` and `argmin`: what the function defines implicitly, as functions with derivatives of their own.
//!
//! ```text
//! impl foo {
//!     fn __at_root(x: &X, p: P) -> DMatrix<f64>                             the Jacobian by the unknown
//!     fn root(x0: &X, p: P) -> Option<X>
//!     fn __solved_root(x0: &X, p: P) -> Option<(X, Factor)>                 with the factors of the Jacobian there
//!     fn root_vjp(x0: &X, p: P) -> (Option<X>, impl Fn(Option<X>) -> Gradient<P>)
//!     fn root_jvp(x0: &X, p: P, dot_p: P) -> (Option<X>, Option<X>)         with the option `forward`
//! }
//! ```
//!
//! Their halves and tangent programs, at any level, are those of a program that goes through the usual stages:
//!
//! ```text
//! fn __root(x0: &X, p: P) -> Option<X> {
//!     let (x, factor) = detach(__solved_root(x0, p))?;
//!     let residuals = foo(&x, p);
//!     let x = newton(&x, &residuals, &factor);
//!     solution(&x)
//! }
//! ```
//!
//! `newton` is a step of Newton's method at the solution, which does not move it: its value is `x`, and its tangent
//! `ẋ - J⁻¹ ṙ`. With the Jacobian of the solution each step makes the derivatives of one order more exact, so the program has
//! as many as it is differentiated times. The residuals of a minimum are the slope of the cost, with halves and tangent
//! programs as `foo::grad` has them (`emit/derived.rs`).

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{FnArg, GenericParam, ItemFn, parse_quote};

use super::halves::{bare, bounds, called, fresh_lifetimes};
use super::sweep::{Argument, Sweep, sweep};
use super::tangent::{explicit, link};
use super::{ours, protocol};
use crate::diag::Ctxt;
use crate::ir::{By, Func, Param};
use crate::options::Options;
use crate::unit::Unit;

/// Where the function is zero.
pub(super) fn root(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    span: Span,
) -> Vec<TokenStream> {
    Defined::new(options, function, func, Kind::Root, span).items()
}

/// Where the function is least. `program` is its tangent program of the highest level.
pub(super) fn argmin(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
    span: Span,
) -> Vec<TokenStream> {
    let defined = Defined::new(options, function, func, Kind::Argmin, span);
    let by_unknown = Options {
        wrt: Some(vec![defined.ident(defined.unknown()).clone()]),
        ..options.clone()
    };
    let slope = defined.hidden("__slope");
    let mut items = super::derived::slope(&by_unknown, function, func, program, &slope);
    items.extend(defined.items());
    items
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
    /// The position of the parameter that is solved for.
    at: usize,
    kind: Kind,
    /// The option that asks for it.
    span: Span,
}

impl<'a> Defined<'a> {
    fn new(
        options: &'a Options,
        function: &'a ItemFn,
        func: &'a Func,
        kind: Kind,
        span: Span,
    ) -> Self {
        let krate = &options.krate;
        Defined {
            options,
            function,
            func,
            rt: quote!(#krate::__private),
            at: usize::from(function.sig.receiver().is_some()),
            kind,
            span,
        }
    }

    // === names ===

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

    fn unknown(&self) -> &Param {
        &self.func.params[self.at]
    }

    fn ident(&self, param: &Param) -> &Ident {
        &self.func.var(param.var).ident
    }

    fn idents(&self) -> Vec<Ident> {
        (self.func.params.iter())
            .map(|it| self.ident(it).clone())
            .collect()
    }

    /// The names of the parameters of hidden functions, which no name of the user meets.
    fn hidden_idents(&self) -> Vec<Ident> {
        let name = |(at, ident): (usize, Ident)| {
            if ident == "self" {
                ident
            } else {
                ours(&format!("argument_{at}"))
            }
        };
        self.idents().into_iter().enumerate().map(name).collect()
    }

    /// The type of the unknown, owned.
    fn solution(&self) -> TokenStream {
        let rt = &self.rt;
        let peeled = fresh_lifetimes(crate::lower::peel(&self.unknown().ty));
        quote!(#rt::Owned<#peeled>)
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
        let at = |(at, (it, ident)): (usize, (&Param, &Ident))| match (at == self.at, it.by) {
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

    /// The unknown as it is handed in, as a reference.
    fn start(&self, ident: &Ident) -> TokenStream {
        if self.unknown().by == By::Value {
            quote!(&#ident)
        } else {
            quote!(#ident)
        }
    }

    // === what is generated ===

    fn items(&self) -> Vec<TokenStream> {
        let solution = self.solution();
        // The function that the user calls, which stands beside the derivatives of the function that defines it.
        let mut solver = self.function.clone();
        solver.attrs.clear();
        solver.sig.ident = self.name();
        solver.sig.output = parse_quote!(-> ::core::option::Option<#solution>);
        let others: Vec<Ident> = (self.func.params.iter().enumerate())
            .filter(|(at, it)| it.active && *at != self.at)
            .map(|(_, it)| self.ident(it).clone())
            .collect();
        let rt = &self.rt;
        let options = Options {
            wrt: Some(others.clone()),
            rules: vec![
                (
                    parse_quote!(#rt::newton),
                    parse_quote!(#rt::newton_pullback),
                ),
                (
                    parse_quote!(#rt::solution),
                    parse_quote!(#rt::solution_pullback),
                ),
            ],
            // A derivative of a minimum is made of those of the cost of one order more.
            order: match self.kind {
                Kind::Root => self.options.order,
                Kind::Argmin => self.options.order - 1,
            },
            ..self.options.beside()
        };
        let program = |level: u32, order: u32| self.program(&options, &solver, level, order);
        let mut items = vec![self.at(), self.solver(), self.solved()];
        items.extend(super::tangent::beside(&options, &solver, &program));
        if !others.is_empty()
            && let Some(program) = program(0, 1)
        {
            let [_, _, vjp, _] = super::api::public(&options, &solver, &program, None);
            items.push(vjp);
        }
        items
    }

    /// The tangent program of this level, which has derivatives up to this order.
    fn program(&self, options: &Options, solver: &ItemFn, level: u32, order: u32) -> Option<Func> {
        let (rt, krate) = (&self.rt, &self.options.krate);
        let mut source = solver.clone();
        source.sig.ident = self.hidden("_");
        let idents = self.idents();
        for (arg, ident) in source.sig.inputs.iter_mut().zip(&idents) {
            if let FnArg::Typed(it) = arg {
                *it.pat = parse_quote!(#ident);
            }
        }
        let primal = &self.function.sig.ident;
        let free = |stem: &str| {
            let mut name = Ident::new(stem, Span::mixed_site());
            while idents.contains(&name) || name == *primal {
                name = format_ident!("{}_", name);
            }
            name
        };
        let [x, factor, residuals] = ["x", "factor", "residuals"].map(free);
        let explicit = explicit(self.function);
        let slope = self.hidden("__slope");
        let residual = match self.kind {
            Kind::Root if self.options.is_member(self.function) => quote!(Self::#primal),
            Kind::Root => quote!(#primal),
            Kind::Argmin => quote!(Self::#slope),
        };
        let solved = self.hidden("__solved");
        let copied = |(at, it): (usize, &Param)| {
            let ident = if at == self.at { &x } else { &idents[at] };
            match (at == self.at, it.by) {
                (_, By::Value) => quote!(#ident.to_owned()),
                (true, _) => quote!(&#ident),
                (false, _) => quote!(#ident),
            }
        };
        let given = self.func.params.iter().enumerate().map(copied);
        let step = quote!(
            let #residuals = #residual #explicit (#(#given),*);
            let #x = #rt::newton(&#x.to_owned(), &#residuals, &#factor.to_owned());
        );
        let others = options.wrt.as_ref().is_some_and(|it| !it.is_empty());
        let steps = (0..order).filter(|_| others).map(|_| &step);
        let arguments = self.arguments(&idents, &self.start(&idents[self.at]));
        let trait_of = self.options.member.as_ref().and_then(|it| it.of.as_ref());
        let imported = trait_of.map(bare).into_iter();
        source.block = parse_quote!({
            #(use #imported as _;)*
            let (#x, #factor) = #krate::detach(Self::#solved #explicit (#(#arguments),*))?;
            #(#steps)*
            #rt::solution(&#x)
        });
        let mut cx = Ctxt::new();
        let lowered = crate::lower::lower(&mut cx, options, &Unit::default(), &source);
        drop(cx.finish());
        let program = Func {
            // Its namespace is that of the function.
            name: self.func.name.clone(),
            ..lowered?
        };
        (0..level).try_fold(program, |program, _| {
            crate::forward::forward(rt, options, &source, &program).ok()
        })
    }

    /// The derivative at a point by which a step is found: the Jacobian, or gradient and Hessian.
    fn at(&self) -> TokenStream {
        let (rt, krate) = (&self.rt, &self.options.krate);
        let at = self.hidden("__at");
        let idents = self.hidden_idents();
        let (params, declared) = (self.params(&idents), self.declared());
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let matrix = quote!(#krate::nalgebra::DMatrix<::core::primitive::f64>);
        let x = self.start(&idents[self.at]);
        let arguments = self.arguments(&idents, &x);
        match self.kind {
            Kind::Root => {
                let arguments: Vec<Argument> = (self.func.params.iter().zip(arguments).enumerate())
                    .map(|(at, (it, passed))| Argument {
                        by: it.by,
                        on: at == self.at,
                        passed,
                        zero: quote!(#rt::zero_like(#x)),
                    })
                    .collect();
                let Sweep {
                    forward,
                    zeros,
                    again,
                    shadows,
                    returned,
                    wanted,
                } = sweep(self.options, self.function, self.func, &arguments);
                quote!(
                    #[doc(hidden)]
                    fn #at<#(#declared),*>(#(#params),*) -> #matrix #where_clause {
                        let mut tape = <#rt::Tape as ::core::default::Default>::default();
                        let (value, back) = #forward;
                        #rt::jacobian(&value, |seed| {
                            let mut tape = ::core::clone::Clone::clone(&tape);
                            let back = ::core::clone::Clone::clone(&back);
                            #zeros
                            let (#returned) = back(&mut tape, #again seed, #shadows);
                            #(#wanted)*
                        })
                    }
                )
            }
            Kind::Argmin => {
                let (slope, explicit) = (self.hidden("__slope"), explicit(self.function));
                let count = self.func.params.len();
                let run = protocol::run(0, count, Some(&slope), Span::call_site());
                let tangents = (self.func.params.iter().enumerate()).map(|(at, it)| {
                    match (at == self.at, it.by) {
                        (true, By::Value) => quote!(::core::option::Option::Some(direction)),
                        (true, _) => quote!(::core::option::Option::Some(#rt::hand(&direction))),
                        (false, _) => quote!(::core::option::Option::None),
                    }
                });
                let peeled = fresh_lifetimes(crate::lower::peel(&self.unknown().ty));
                quote!(
                    #[doc(hidden)]
                    fn #at<#(#declared),*>(#(#params),*) -> (#rt::Gradient<#peeled>, #matrix) #where_clause {
                        #rt::grad_and_hessian(&#rt::zero_like(#x), |direction| {
                            Self::#run #explicit (#(#arguments,)* #(#tangents),*)
                        })
                    }
                )
            }
        }
    }

    fn solver(&self) -> TokenStream {
        let (rt, function) = (&self.rt, self.function);
        let (name, at) = (self.name(), self.hidden("__at"));
        let idents = self.idents();
        let (params, declared) = (self.params(&idents), self.declared());
        let (start, solution) = (&idents[self.at], self.solution());
        let where_clause = bounds(rt, self.options, function, self.func);
        let (vis, explicit, primal) = (
            &function.vis,
            explicit(function),
            called(self.options, function),
        );
        let x = ours("__x");
        let arguments = self.arguments(&idents, &quote!(#x));
        let link = link(self.options, function);
        let (by, doc) = match self.kind {
            Kind::Root => (
                quote!(#rt::root),
                format!(
                    "Where {link} is zero, by Newton's method from the first argument; `None` if no root is found. See \
                     `differentiate::implicit` for the method and for the derivative.\n\n# Panics\n\nIf there are not as \
                     many residuals as unknowns."
                ),
            ),
            Kind::Argmin => (
                quote!(#rt::argmin),
                format!(
                    "Where {link} is least, by Newton's method from the first argument; `None` if no minimum is found. See \
                     `differentiate::implicit` for the method and for the derivative."
                ),
            ),
        };
        // An error about the types of the function points at the option.
        let found = super::located(
            quote!(
                #by(
                    &#rt::keep(&#start),
                    |#x| #primal #explicit (#(#arguments),*),
                    |#x| Self::#at #explicit (#(#arguments),*),
                )
            ),
            self.span,
        );
        quote!(
            #[doc = #doc]
            #vis fn #name<#(#declared),*>(#(#params),*) -> ::core::option::Option<#solution> #where_clause {
                #found
            }
        )
    }

    /// The solution, and the factors by which its derivatives are found.
    fn solved(&self) -> TokenStream {
        let rt = &self.rt;
        let (solved, name, at) = (self.hidden("__solved"), self.name(), self.hidden("__at"));
        let idents = self.hidden_idents();
        let (params, declared) = (self.params(&idents), self.declared());
        let (solution, explicit) = (self.solution(), explicit(self.function));
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let given = self.arguments(&idents, &self.start(&idents[self.at]));
        let there = self.arguments(&idents, &quote!(&x));
        let take = match self.kind {
            Kind::Root => None,
            Kind::Argmin => Some(quote!(.1)),
        };
        quote!(
            #[doc(hidden)]
            fn #solved<#(#declared),*>(#(#params),*) -> ::core::option::Option<(#solution, #rt::Factor)> #where_clause {
                let x = Self::#name #explicit (#(#given),*)?;
                let matrix = Self::#at #explicit (#(#there),*) #take;
                ::core::option::Option::Some((x, #rt::Factor::new(matrix)))
            }
        )
    }
}
