//! `repeat`: the function applied many times, with a derivative that makes states again instead of keeping them.
//!
//! ```text
//! impl foo {
//!     fn repeat(x: &X, p: P, steps: usize, keep: usize) -> X
//!     fn __pull0_repeat(x: &X, p: P, steps: usize, keep: usize, value: &X, seed: &Gradient<X>) -> (Gradient<X>, Gradient<P>)
//!     fn __fwd4_repeat(x: &X, p: P, steps: usize, keep: usize, marks, tape) -> (X, residual)
//!     fn repeat_vjp(x: &X, p: P, steps: usize, keep: usize) -> (X, impl Fn(Gradient<X>) -> (Gradient<X>, Gradient<P>))
//!     fn __jvp4_repeat(x, p, steps, keep, dot_x, dot_p, (), ()) -> (X, Gradient<X>)       with the option `forward`
//!     fn __pull1_repeat(..) fn __second8_repeat(..)                                      with `order = 2`
//! }
//! ```
//!
//! The tangent program of the repetition is the repetition of the tangent program, whose states are pairs of a state and its
//! tangent. So it is at each level, where the states are pairs of pairs, and the same schedule chooses which are kept. As
//! in `emit/derived.rs`, a parameter of a tangent program belongs to a subset of its directions.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericParam, ItemFn, parse_quote};

use super::derived::{component, nested};
use super::halves::{bounds, called, fresh_lifetimes, given, output, passed_type};
use super::sweep::{Argument, Sweep, sweep};
use super::tangent::{explicit, link};
use super::value::Cx;
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

/// The repetition, or a tangent program of it.
struct Program {
    /// Its parameters, and no body.
    func: Func,
    /// The same of the function that is repeated, which has no counts.
    step: Func,
    /// The type of a state.
    state: TokenStream,
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

    fn items(&self) -> Vec<TokenStream> {
        let mut function = self.function.clone();
        function.attrs.clear();
        function.sig.ident = self.name();
        let mut program = self.program(&mut function);
        let mut items = vec![self.repeated(&program)];
        for level in 0..=self.options.highest_level() {
            if level > 0 {
                let func = program.func.clone();
                program = self.above(&function, &program);
                items.push(self.run(&program));
                if level == 1 {
                    let options = self.options.beside();
                    items.push(super::tangent::jvp(
                        &options,
                        &function,
                        &func,
                        &program.func,
                    ));
                }
            }
            let state = &program.state;
            function.sig.output = parse_quote!(-> #state);
            if level < self.options.order {
                let pull = self.pull_name(level);
                let options = Options {
                    pullback: Some(parse_quote!(Self::#pull)),
                    ..self.options.beside()
                };
                let facts = crate::analysis::analyse(&program.func);
                items.push(self.pull(&program));
                items.extend(super::halves::halves(
                    &options,
                    &function,
                    &program.func,
                    &facts,
                ));
                if level == 0 {
                    let [_, _, vjp, adjoint] =
                        super::api::public(&options, &function, &program.func, None);
                    items.extend([vjp, adjoint]);
                }
            }
        }
        items
    }

    // === parameters ===

    /// The repetition itself: the parameters of the function, and the two counts, whose names no parameter has.
    fn program(&self, function: &mut ItemFn) -> Program {
        let mut func = Func {
            self_recursive: false,
            ..self.func.clone()
        };
        func.body.stmts.clear();
        for count in COUNTS {
            let mut ident = Ident::new(count, Span::mixed_site());
            while func.params.iter().any(|it| func.var(it.var).ident == ident) {
                ident = format_ident!("{}_", ident);
            }
            let by = By::Value;
            function
                .sig
                .inputs
                .push(parse_quote!(#ident: ::core::primitive::usize));
            func.params.push(Param {
                var: VarId(u32::try_from(func.vars.len()).unwrap_or(u32::MAX)),
                ty: parse_quote!(::core::primitive::usize),
                by,
                active: false,
                no_diff: false,
                numeric: false,
                tangent_of: None,
            });
            func.vars.push(Var {
                ident,
                kind: VarKind::Param { by },
                mutable: false,
                active: false,
                fact: Fact::Unknown,
                borrows: false,
                reference: false,
                boxed: false,
                lifted: false,
            });
        }
        Program {
            func,
            step: self.func.clone(),
            state: self.owned(),
        }
    }

    /// The tangent program of a repetition.
    fn above(&self, function: &ItemFn, program: &Program) -> Program {
        let Program { func, step, state } = program;
        let rt = &self.rt;
        Program {
            func: crate::forward::parameters(rt, self.options, function, func),
            step: crate::forward::parameters(rt, self.options, self.function, step),
            state: quote!((#state, #rt::Gradient<#state>)),
        }
    }

    /// The name of a parameter of the function, for a subset of the directions.
    fn ident<'p>(&self, program: &'p Program, subset: usize, of: usize) -> &'p Ident {
        let at = subset * (self.func.params.len() + COUNTS.len()) + of;
        &program.func.var(program.func.params[at].var).ident
    }

    fn count<'p>(&self, program: &'p Program, at: usize) -> &'p Ident {
        self.ident(program, 0, self.func.params.len() + at)
    }

    fn params(program: &Program) -> Vec<TokenStream> {
        let func = &program.func;
        (func.params.iter())
            .map(|it| {
                let (ident, ty) = (&func.var(it.var).ident, passed_type(it));
                quote!(#ident: #ty)
            })
            .collect()
    }

    /// A zero for each tangent that is not given.
    fn given(&self, program: &Program) -> TokenStream {
        let options = self.options.beside();
        let facts = crate::analysis::analyse(&program.func);
        given(
            &Cx::new(&options, &program.func, &facts),
            &program.func,
            false,
        )
    }

    fn declared(&self) -> Vec<&GenericParam> {
        self.function.sig.generics.params.iter().collect()
    }

    fn bounds(&self) -> TokenStream {
        bounds(&self.rt, self.options, self.function, self.func)
    }

    /// The type of a state that is kept.
    fn owned(&self) -> TokenStream {
        let rt = &self.rt;
        let peeled = fresh_lifetimes(crate::lower::peel(&self.func.params[self.state].ty));
        quote!(#rt::Owned<#peeled>)
    }

    // === steps ===

    /// The parts of a state, each behind a reference.
    fn parts(program: &Program) -> TokenStream {
        nested(program.step.level, &|subset| {
            let part = part(subset);
            quote!(#part)
        })
    }

    /// What the function, or its tangent program, is handed in a step, for a subset of its directions.
    fn passed(&self, program: &Program, subset: usize, of: usize) -> TokenStream {
        let (rt, it) = (&self.rt, &self.func.params[of]);
        if subset > 0 && !it.active {
            return quote!(::core::option::Option::None);
        }
        let (part, ident) = (part(subset), self.ident(program, subset, of));
        let passed = match (of == self.state, it.by) {
            (true, By::Value) => quote!(::core::clone::Clone::clone(#part)),
            (true, _) if subset == 0 => quote!(#part),
            (true, _) => quote!(#rt::hand(#part)),
            (false, By::Value) => quote!(::core::clone::Clone::clone(&#ident)),
            (false, _) => quote!(#ident),
        };
        if subset == 0 {
            passed
        } else {
            quote!(::core::option::Option::Some(#passed))
        }
    }

    /// All parameters of a step, in order, and the subsets that they belong to.
    fn slots(&self, program: &Program) -> impl Iterator<Item = (usize, usize)> {
        let count = self.func.params.len();
        (0..count << program.step.level).map(move |at| (at / count, at % count))
    }

    fn arguments(&self, program: &Program) -> Vec<TokenStream> {
        (self.slots(program))
            .map(|(subset, of)| self.passed(program, subset, of))
            .collect()
    }

    /// The last state. An error about the types of the function points at the option.
    fn last(&self, program: &Program) -> TokenStream {
        let (rt, steps) = (&self.rt, self.count(program, 0));
        let (first, step) = (self.first(program), self.step(program));
        super::located(quote!(#rt::iterated(#steps, #first, #step)), self.span)
    }

    fn first(&self, program: &Program) -> TokenStream {
        let rt = &self.rt;
        nested(program.step.level, &|subset| {
            let start = self.ident(program, subset, self.state);
            quote!(#rt::keep(&#start))
        })
    }

    /// A step, from a state to the next one.
    fn step(&self, program: &Program) -> TokenStream {
        let rt = &self.rt;
        let (level, explicit) = (program.step.level, explicit(self.function));
        let called = match level.checked_sub(1) {
            Some(level) => {
                let is_member = self.options.is_member(self.function);
                let member = is_member.then_some(&self.function.sig.ident);
                let count = self.func.params.len() << level;
                let run = protocol::run(level, count, member, Span::call_site());
                quote!(Self::#run)
            }
            None => called(self.options, self.function),
        };
        let (parts, arguments) = (Self::parts(program), self.arguments(program));
        let (out, owned) = (fresh_lifetimes(&output(self.function)), self.owned());
        let value = ours("__value");
        let next = nested(level, &|subset| {
            let part = component(quote!(#value), subset, level);
            if subset == 0 {
                quote!(<#out as #rt::Next<#owned>>::ad_state(#part))
            } else {
                part
            }
        });
        quote!(|#parts| {
            let #value = #called #explicit (#(#arguments),*);
            #next
        })
    }

    // === what is generated ===

    fn repeated(&self, program: &Program) -> TokenStream {
        let (name, state, value) = (self.name(), &program.state, self.last(program));
        let (params, declared) = (Self::params(program), self.declared());
        let where_clause = self.bounds();
        let (vis, link) = (&self.function.vis, link(self.options, self.function));
        let doc = format!(
            "{link} applied `steps` times, each time to the value of the time before. The reverse sweep holds `keep` states \
             at a time, and makes the others again. See `differentiate::repeat` for what that costs."
        );
        quote!(
            #[doc = #doc]
            #vis fn #name<#(#declared),*>(#(#params),*) -> #state #where_clause {
                #value
            }
        )
    }

    /// A tangent program: the last state with its tangents.
    fn run(&self, program: &Program) -> TokenStream {
        let func = &program.func;
        let count = func.params.len() / 2;
        let name = protocol::run(func.level - 1, count, Some(&self.name()), Span::call_site());
        let (state, value) = (&program.state, self.last(program));
        let (params, declared) = (Self::params(program), self.declared());
        let (vis, where_clause, given) = (&self.function.vis, self.bounds(), self.given(program));
        quote!(
            #[doc(hidden)]
            #vis fn #name<#(#declared),*>(#(#params),*) -> #state #where_clause {
                #given
                #value
            }
        )
    }

    fn pull_name(&self, level: u32) -> Ident {
        format_ident!("__pull{}_{}", level, self.name(), span = Span::call_site())
    }

    /// The pullback, as users write them.
    fn pull(&self, program: &Program) -> TokenStream {
        let (rt, level) = (&self.rt, program.step.level);
        let d = |subset: usize, of: usize| ours(&format!("__d{subset}_{of}"));
        let zero = |of: usize| {
            let ident = if of == self.state {
                part(0)
            } else {
                self.ident(program, 0, of).clone()
            };
            quote!(#rt::zero_like(&#ident))
        };
        // What is accumulated over all steps is declared before them.
        let (mut sums, mut types, mut gradients) = (TokenStream::new(), Vec::new(), Vec::new());
        for (subset, of) in self.slots(program) {
            let it = &self.func.params[of];
            if !it.active {
                continue;
            }
            let (d, zero) = (d(subset, of), zero(of));
            if of != self.state {
                sums.extend(quote!(let mut #d = #zero;));
            }
            types.push(super::api::gradient_type(&self.options.krate, &it.ty));
            gradients.push(d);
        }
        let of_states = nested(level, &|subset| {
            let d = d(subset, self.state);
            quote!(#d)
        });
        let (out, owned) = (fresh_lifetimes(&output(self.function)), self.owned());
        let (seed, cotangent) = (ours("__seed"), ours("__cotangent"));
        let seeds = nested(level, &|subset| {
            let part = component(quote!(#cotangent), subset, level);
            if subset == 0 {
                quote!(<#out as #rt::Next<#owned>>::ad_cotangent(#part))
            } else {
                part
            }
        });
        let pulled = if level == 0 {
            // It may run in one pass.
            let (name, explicit) = (&self.function.sig.ident, explicit(self.function));
            let adjoint = if self.options.is_member(self.function) {
                format_ident!("{}_adjoint", name, span = Span::call_site())
            } else {
                Ident::new("adjoint", Span::call_site())
            };
            let (zero, arguments) = (zero(self.state), self.arguments(program));
            quote!(
                let mut #of_states = #zero;
                Self::#adjoint #explicit (#(#arguments,)* #seeds, #(#rt::Place::ad_place(&mut #gradients)),*);
            )
        } else {
            self.swept(program, &d, &zero, &seeds)
        };
        let (parts, first, step) = (
            Self::parts(program),
            self.first(program),
            self.step(program),
        );
        let [steps, keep] = [0, 1].map(|at| self.count(program, at));
        // An error about the types of the function points at the option.
        let first_cotangent = super::located(
            quote!(#rt::iterated_pullback(
                #steps,
                #keep,
                #first,
                #step,
                ::core::clone::Clone::clone(#seed),
                |#parts, #cotangent| {
                    #pulled
                    #of_states
                },
            )),
            self.span,
        );
        let (pull, state) = (self.pull_name(level), &program.state);
        let (params, declared) = (Self::params(program), self.declared());
        let (where_clause, given) = (self.bounds(), self.given(program));
        quote!(
            #[doc(hidden)]
            fn #pull<#(#declared),*>(#(#params,)* _: &#state, #seed: &#rt::Gradient<#state>) -> (#(#types),*) #where_clause {
                #given
                #sums
                let #of_states = #first_cotangent;
                (#(#gradients),*)
            }
        )
    }

    /// The cotangents before a step, by a sweep of the tangent program.
    fn swept(
        &self,
        program: &Program,
        d: &dyn Fn(usize, usize) -> Ident,
        zero: &dyn Fn(usize) -> TokenStream,
        seeds: &TokenStream,
    ) -> TokenStream {
        let rt = &self.rt;
        let arguments: Vec<Argument> = (self.slots(program))
            .map(|(subset, of)| Argument {
                by: self.func.params[of].by,
                on: self.func.params[of].active,
                passed: self.passed(program, subset, of),
                zero: zero(of),
            })
            .collect();
        let Sweep {
            forward,
            zeros,
            again,
            shadows,
            returned,
            wanted,
        } = sweep(self.options, self.function, &program.step, &arguments);
        let active = self
            .slots(program)
            .filter(|(_, of)| self.func.params[*of].active);
        let put = active.zip(wanted).map(|((subset, of), found)| {
            let d = d(subset, of);
            if of == self.state {
                quote!(let #d = #found;)
            } else {
                quote!(#rt::give(#found, #rt::Acc(#rt::Place::ad_place(&mut #d)));)
            }
        });
        quote!(
            let mut tape = #rt::Reel::new();
            let (_, back) = #forward;
            #zeros
            let (#returned) = back(&mut tape, #again #seeds, #shadows);
            #(#put)*
        )
    }
}

/// The name of a part of a state.
fn part(subset: usize) -> Ident {
    ours(&format!("__state_{subset}"))
}
