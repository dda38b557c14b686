//! `repeat`: the function applied many times, with a derivative that makes states again instead of keeping them.
//!
//! ```text
//! impl foo {
//!     fn __pull_repeat(x: &X, p: P, steps: usize, keep: usize, value: &X, seed: &Gradient<X>) -> (Gradient<X>, Gradient<P>)
//!     fn repeat(x: &X, p: P, steps: usize, keep: usize) -> X
//!     fn repeat_vjp(x: &X, p: P, steps: usize, keep: usize) -> (X, impl Fn(Gradient<X>) -> (Gradient<X>, Gradient<P>))
//!     fn __fwd4_repeat(x: &X, p: P, steps: usize, keep: usize, marks, tape) -> (X, residual)
//! }
//! ```
//!
//! As for what is defined implicitly, the pullback is one as users write them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, ItemFn, parse_quote};

use super::halves::{bounds, fresh_lifetimes, output};
use super::sweep::{Argument, Sweep, by_reference, sweep};
use super::tangent::{explicit, link};
use super::{ours, protocol};
use crate::ir::{By, Fact, Func, Param, Var, VarId, VarKind};
use crate::options::Options;

/// What is said behind the parameters of the function.
const COUNTS: [&str; 2] = ["steps", "keep"];

/// The function that repeats another one, and its derivatives.
pub(super) fn repeat(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    span: Span,
) -> Vec<TokenStream> {
    let krate = &options.krate;
    let repeated = Repeated {
        options,
        function,
        func,
        rt: quote!(#krate::__private),
        state: usize::from(function.sig.receiver().is_some()),
        span,
    };
    repeated.items()
}

struct Repeated<'a> {
    options: &'a Options,
    function: &'a ItemFn,
    func: &'a Func,
    rt: TokenStream,
    /// The parameter that the value takes the place of.
    state: usize,
    /// The option that asks for it.
    span: Span,
}

impl Repeated<'_> {
    fn name(&self) -> Ident {
        if self.options.is_member(self.function) {
            let member = &self.function.sig.ident;
            format_ident!("{}_repeat", member, span = Span::call_site())
        } else {
            Ident::new("repeat", Span::call_site())
        }
    }

    fn pull_name(&self) -> Ident {
        format_ident!("__pull_{}", self.name(), span = Span::call_site())
    }

    /// The names of the parameters, and those of the two counts, which no name of the user meets.
    fn idents(&self) -> (Vec<Ident>, [Ident; 2]) {
        let idents = (self.func.params.iter())
            .map(|it| self.func.var(it.var).ident.clone())
            .collect::<Vec<_>>();
        let counts = COUNTS.map(|name| {
            let mut free = Ident::new(name, Span::mixed_site());
            while idents.contains(&free) {
                free = format_ident!("{}_", free);
            }
            free
        });
        (idents, counts)
    }

    fn items(&self) -> Vec<TokenStream> {
        let (idents, counts) = self.idents();
        let mut function = self.function.clone();
        function.attrs.clear();
        function.sig.ident = self.name();
        let owned = self.owned();
        function.sig.output = parse_quote!(-> #owned);
        let mut func = self.func.clone();
        func.body.stmts.clear();
        for count in &counts {
            function
                .sig
                .inputs
                .push(parse_quote!(#count: ::core::primitive::usize));
            func.params.push(Param {
                var: VarId(u32::try_from(func.vars.len()).unwrap_or(u32::MAX)),
                ty: parse_quote!(::core::primitive::usize),
                by: By::Value,
                active: false,
                no_diff: false,
                numeric: false,
                tangent_of: None,
            });
            func.vars.push(Var {
                ident: count.clone(),
                kind: VarKind::Param { by: By::Value },
                mutable: false,
                active: false,
                fact: Fact::Unknown,
                borrows: false,
                reference: false,
                boxed: false,
                lifted: false,
            });
        }
        let pull = self.pull_name();
        let [along, back] = self.along_names();
        let explicit = explicit(self.function);
        let order = self.options.order.min(2);
        let along = (self.options.forward).then(|| {
            [
                parse_quote!(Self::#along #explicit),
                parse_quote!(Self::#back #explicit),
            ]
        });
        let options = (self.options).beside(parse_quote!(Self::#pull), along, order);
        let mut items = vec![self.repeated(&idents, &counts), self.pull(&idents, &counts)];
        let facts = crate::analysis::analyse(&func);
        items.extend(super::halves::halves(&options, &function, &func, &facts));
        let [_, _, vjp, adjoint] = super::api::public(&options, &function, &func, None);
        items.extend([vjp, adjoint]);
        if self.options.forward
            && let Ok(tangent) = super::tangent::by_hand(&options, &function, &func)
        {
            items.push(self.along(&func));
            if order >= 2
                && let Ok(program) =
                    crate::forward::forward(&self.rt, self.options, self.function, self.func)
            {
                items.push(self.back(&func, &program));
            }
            items.extend(tangent.hidden);
            items.extend(tangent.shown);
        }
        items
    }

    fn along_names(&self) -> [Ident; 2] {
        let name = self.name();
        ["__along", "__back"].map(|it| format_ident!("{}_{}", it, name, span = Span::call_site()))
    }

    /// The arguments of the function, or those of its tangent program, at a pair of a state and its tangent.
    fn at_pair(
        &self,
        values: &[Ident],
        dots: &[Ident],
        pair: [&Ident; 2],
    ) -> [Vec<TokenStream>; 2] {
        let rt = &self.rt;
        let [state, dot_state] = pair;
        let params = || self.func.params.iter().enumerate();
        let arguments = params().map(|(at, it)| match (at == self.state, it.by == By::Value) {
            (true, true) => quote!(::core::clone::Clone::clone(#state)),
            (true, false) => quote!(#state),
            (false, true) => {
                let value = &values[at];
                quote!(#rt::keep(#value))
            }
            (false, false) => values[at].to_token_stream(),
        });
        let tangents = params().map(|(at, it)| {
            let dot = &dots[at];
            match (at == self.state, it.by == By::Value) {
                _ if !it.active => quote!(::core::option::Option::None),
                (true, true) => {
                    quote!(::core::option::Option::Some(::core::clone::Clone::clone(#dot_state)))
                }
                (true, false) => quote!(::core::option::Option::Some(#rt::hand(#dot_state))),
                (false, true) => quote!(::core::option::Option::Some(#rt::keep(#dot))),
                (false, false) => quote!(::core::option::Option::Some(#dot)),
            }
        });
        [arguments.collect(), tangents.collect()]
    }

    /// The first pair of a state and its tangent, and a step from one pair to the next.
    fn moved(&self, values: &[Ident], dots: &[Ident]) -> [TokenStream; 2] {
        let rt = &self.rt;
        let member = (self.options.is_member(self.function)).then_some(&self.function.sig.ident);
        let run = protocol::run(0, self.func.params.len(), member, Span::call_site());
        let (explicit, out, owned) = (
            explicit(self.function),
            fresh_lifetimes(&output(self.function)),
            self.owned(),
        );
        let (state, dot) = (ours("state"), ours("dot"));
        let [arguments, tangents] = self.at_pair(values, dots, [&state, &dot]);
        let (start, dot_start) = (&values[self.state], &dots[self.state]);
        [
            quote!((#rt::keep(#start), #rt::keep(#dot_start))),
            quote!(|(#state, #dot)| {
                let (value, moved) = Self::#run #explicit (#(#arguments,)* #(#tangents),*);
                (<#out as #rt::Next<#owned>>::ad_state(value), moved)
            }),
        ]
    }

    /// The last state and its tangent.
    fn along(&self, func: &Func) -> TokenStream {
        let rt = &self.rt;
        let [along, _] = self.along_names();
        let (params, values, dots) = by_reference(rt, func);
        let (declared, owned) = (self.declared(), self.owned());
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let steps = &values[self.func.params.len()];
        let [first, step] = self.moved(&values, &dots);
        quote!(
            #[doc(hidden)]
            fn #along<#(#declared),*>(#(#params),*) -> (#owned, #rt::Gradient<#owned>) #where_clause {
                #rt::iterated(*#steps, #first, #step)
            }
        )
    }

    /// The pullback of a state and its tangent, which are what the tangent program repeated gives.
    fn back(&self, func: &Func, program: &Func) -> TokenStream {
        let rt = &self.rt;
        let [_, back] = self.along_names();
        let (params, values, dots) = by_reference(rt, func);
        let (declared, owned) = (self.declared(), self.owned());
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let (out, count) = (
            fresh_lifetimes(&output(self.function)),
            self.func.params.len(),
        );
        let [first, step] = self.moved(&values, &dots);
        let (state, dot) = (ours("state"), ours("dot"));
        let [arguments, tangents] = self.at_pair(&values, &dots, [&state, &dot]);
        let passed = arguments.into_iter().chain(tangents);
        let zero = |at: usize| {
            if at % count == self.state {
                quote!(#rt::zero_like(#state))
            } else {
                let value = &values[at % count];
                quote!(#rt::zero_like(#value))
            }
        };
        let both = || self.func.params.iter().chain(&self.func.params).enumerate();
        let arguments: Vec<Argument> = (both().zip(passed))
            .map(|((at, it), passed)| Argument {
                by: it.by,
                on: it.active,
                passed,
                zero: zero(at),
            })
            .collect();
        let Sweep {
            forward,
            again,
            shadows,
            returned,
            ..
        } = sweep(self.options, self.function, program, &arguments);
        // What is accumulated over all steps is declared before them.
        let (mut before, mut zeros, mut added) =
            (TokenStream::new(), TokenStream::new(), TokenStream::new());
        let (mut types, mut cotangents, mut of_states) = (Vec::new(), Vec::new(), Vec::new());
        for (at, it) in both() {
            if at == count {
                // Of the two counts.
                types.extend([quote!(()), quote!(())]);
                cotangents.extend([quote!(()), quote!(())]);
            }
            if !it.active {
                if at < count {
                    types.push(quote!(()));
                    cotangents.push(quote!(()));
                }
                continue;
            }
            let (d, sum, zero) = (
                ours(&format!("d_{at}")),
                ours(&format!("sum_{at}")),
                zero(at),
            );
            types.push(super::api::gradient_type(&self.options.krate, &it.ty));
            match (at % count == self.state, it.by) {
                (true, By::Value) => of_states.push(quote!(#rt::some(#d))),
                (true, _) => {
                    zeros.extend(quote!(let mut #d = #zero;));
                    of_states.push(quote!(#d));
                }
                (false, By::Value) => {
                    before.extend(quote!(let mut #sum = #zero;));
                    added.extend(
                        quote!(#rt::give(#rt::some(#d), #rt::Acc(#rt::Place::ad_place(&mut #sum)));),
                    );
                }
                (false, _) => before.extend(quote!(let mut #d = #zero;)),
            }
            cotangents.push(match (at % count == self.state, at < count, it.by) {
                (true, true, _) => quote!(of_state),
                (true, false, _) => quote!(of_dot),
                (false, _, By::Value) => quote!(#sum),
                (false, ..) => quote!(#d),
            });
        }
        let [steps, keep] = [0, 1].map(|at| &values[count + at]);
        quote!(
            #[doc(hidden)]
            fn #back<#(#declared),*>(
                #(#params,)*
                _: &(#owned, #rt::Gradient<#owned>),
                seed: &(#rt::Gradient<#owned>, #rt::Gradient<#owned>),
            ) -> (#(#types),*) #where_clause {
                #before
                let (of_state, of_dot) = #rt::iterated_pullback(
                    *#steps,
                    *#keep,
                    #first,
                    #step,
                    ::core::clone::Clone::clone(seed),
                    |(#state, #dot), (of_value, of_moved)| {
                        let mut tape = #rt::Reel::new();
                        let (_, back) = #forward;
                        #zeros
                        let seed = (<#out as #rt::Next<#owned>>::ad_cotangent(of_value), of_moved);
                        let (#returned) = back(&mut tape, #again seed, #shadows);
                        #added
                        (#(#of_states),*)
                    },
                );
                (#(#cotangents),*)
            }
        )
    }

    /// The type of a state that is kept.
    fn owned(&self) -> TokenStream {
        let rt = &self.rt;
        let peeled = fresh_lifetimes(crate::lower::peel(&self.func.params[self.state].ty));
        quote!(#rt::Owned<#peeled>)
    }

    fn declared(&self) -> Vec<&GenericParam> {
        self.function.sig.generics.params.iter().collect()
    }

    fn params(&self, idents: &[Ident], counts: &[Ident]) -> TokenStream {
        let params = self.func.params.iter().zip(idents).map(|(it, ident)| {
            let ty = &it.ty;
            quote!(#ident: #ty)
        });
        quote!(#(#params,)* #(#counts: ::core::primitive::usize),*)
    }

    /// The arguments of the function at a state.
    fn arguments(&self, idents: &[Ident], state: &Ident) -> Vec<TokenStream> {
        (self.func.params.iter().zip(idents).enumerate())
            .map(
                |(at, (it, ident))| match (at == self.state, it.by == By::Value) {
                    (true, true) => quote!(::core::clone::Clone::clone(#state)),
                    (true, false) => quote!(#state),
                    (false, true) => quote!(::core::clone::Clone::clone(&#ident)),
                    (false, false) => quote!(#ident),
                },
            )
            .collect()
    }

    /// A step, as a function of the state.
    fn step(&self, idents: &[Ident]) -> TokenStream {
        let (primal, explicit) = (&self.function.sig.ident, explicit(self.function));
        let owner = match self.options.member.as_ref().and_then(|it| it.of.as_ref()) {
            Some(of) => Some(quote!(<Self as #of>::)),
            None => (self.options.is_member(self.function)).then(|| quote!(Self::)),
        };
        let state = ours("state");
        let arguments = self.arguments(idents, &state);
        let (rt, out, owned) = (&self.rt, output(self.function), self.owned());
        let out = fresh_lifetimes(&out);
        quote!(|#state| <#out as #rt::Next<#owned>>::ad_state(#owner #primal #explicit (#(#arguments),*)))
    }

    fn repeated(&self, idents: &[Ident], counts: &[Ident; 2]) -> TokenStream {
        let (rt, name, owned) = (&self.rt, self.name(), self.owned());
        let (params, declared) = (self.params(idents, counts), self.declared());
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let (vis, link) = (&self.function.vis, link(self.options, self.function));
        let doc = format!(
            "{link} applied `steps` times, each time to the value of the time before. The reverse sweep holds `keep` states \
             at a time, and makes the others again. See `differentiate::repeat` for what that costs."
        );
        let (start, steps, step) = (&idents[self.state], &counts[0], self.step(idents));
        // An error about the types of the function points at the option.
        let value = super::located(
            quote!(#rt::iterated(#steps, #rt::keep(&#start), #step)),
            self.span,
        );
        quote!(
            #[doc = #doc]
            #vis fn #name<#(#declared),*>(#params) -> #owned #where_clause {
                #value
            }
        )
    }

    fn pull(&self, idents: &[Ident], counts: &[Ident; 2]) -> TokenStream {
        let rt = &self.rt;
        let (pull, out, owned) = (self.pull_name(), output(self.function), self.owned());
        let (params, declared, explicit) = (
            self.params(idents, counts),
            self.declared(),
            explicit(self.function),
        );
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let adjoint = if self.options.is_member(self.function) {
            format_ident!("{}_adjoint", self.function.sig.ident)
        } else {
            format_ident!("adjoint")
        };
        let (state, seed, cotangent) = (ours("state"), ours("seed"), ours("cotangent"));
        let d = |at: usize| ours(&format!("d_{at}"));
        let active: Vec<usize> = (0..self.func.params.len())
            .filter(|at| self.func.params[*at].active)
            .collect();
        let types = (active.iter())
            .map(|at| super::api::gradient_type(&self.options.krate, &self.func.params[*at].ty));
        let others = active.iter().filter(|at| **at != self.state);
        let zeros = others.map(|at| {
            let (d, ident) = (d(*at), &idents[*at]);
            quote!(let mut #d = #rt::zero_like(&#ident);)
        });
        let shadows = active.iter().map(|at| {
            let d = d(*at);
            quote!(#rt::Place::ad_place(&mut #d))
        });
        let gradients = active.iter().map(|at| d(*at).clone());
        let (arguments, step) = (self.arguments(idents, &state), self.step(idents));
        let ([steps, keep], start, first) = (counts, &idents[self.state], d(self.state));
        // Errors about the types of the function point at the option, so that they are one.
        let first_cotangent = super::located(
            quote!(#rt::iterated_pullback(
                #steps,
                #keep,
                #rt::keep(&#start),
                #step,
                ::core::clone::Clone::clone(#seed),
                |#state, #cotangent| {
                    let mut #first = #rt::zero_like(#state);
                    let #cotangent = <#out as #rt::Next<#owned>>::ad_cotangent(#cotangent);
                    Self::#adjoint #explicit (#(#arguments,)* #cotangent, #(#shadows),*);
                    #first
                },
            )),
            self.span,
        );
        quote!(
            #[doc(hidden)]
            fn #pull<#(#declared),*>(#params, _: &#owned, #seed: &#rt::Gradient<#owned>) -> (#(#types),*) #where_clause {
                #(#zeros)*
                let #first = #first_cotangent;
                (#(#gradients),*)
            }
        )
    }
}
