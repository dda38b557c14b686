//! The tangents of roots and minima, and the second derivative of a root.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::super::halves::{bounds, fresh_lifetimes};
use super::super::ours;
use super::super::sweep::{Sweep, by_reference};
use super::super::tangent::explicit;
use super::{Defined, Given, Kind};
use crate::ir::{By, Param};

impl Defined<'_> {
    /// The arguments of the function at a solution, of what is handed by reference.
    fn owned_arguments(&self, values: &[Ident], x: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        (self.func.params.iter().zip(values).enumerate())
            .map(|(at, (it, ident))| match (at == self.unknown, it.by) {
                (true, By::Value) => quote!(::core::clone::Clone::clone(#x)),
                (true, _) => quote!(#x),
                (false, By::Value) => quote!(#rt::keep(#ident)),
                (false, _) => quote!(#ident),
            })
            .collect()
    }

    /// What the tangent program is handed for a tangent: none for the unknown, since the solution does not depend on where
    /// the search begins.
    fn dot(&self, dots: &[Ident], at: usize) -> TokenStream {
        let (rt, ident, it) = (&self.rt, &dots[at], &self.func.params[at]);
        match it.by {
            _ if at == self.unknown || !it.active => quote!(::core::option::Option::None),
            By::Value => quote!(::core::option::Option::Some(#rt::keep(#ident))),
            _ => quote!(::core::option::Option::Some(#ident)),
        }
    }

    /// The types of a solution and of its tangent.
    fn solved(&self) -> [TokenStream; 2] {
        let rt = &self.rt;
        let peeled = fresh_lifetimes(crate::lower::peel(&self.func.params[self.unknown].ty));
        [quote!(#rt::Owned<#peeled>), quote!(#rt::Gradient<#peeled>)]
            .map(|it| quote!(::core::option::Option<#it>))
    }

    /// The solution and its tangent: one system with the Jacobian or the Hessian.
    pub(super) fn along(&self) -> TokenStream {
        let rt = &self.rt;
        let (along, name, at) = (self.hidden("__along"), self.name(), self.hidden("__at"));
        let (params, values, dots) = by_reference(rt, self.func);
        let (declared, explicit) = (self.declared(), explicit(self.function));
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let [x, value, moved, matrix] = ["__x", "__value", "__moved", "__matrix"].map(ours);
        let start = &values[self.unknown];
        let start = if self.func.params[self.unknown].by == By::Value {
            quote!(&#rt::keep(#start))
        } else {
            quote!(#start)
        };
        let copies = self.owned_arguments(&values, &start);
        let x = quote!(#x);
        let arguments = self.owned_arguments(&values, &x);
        let direction = match self.kind {
            Kind::Root => {
                let member =
                    (self.options.is_member(self.function)).then_some(&self.function.sig.ident);
                let run = super::super::protocol::run(0, values.len(), member, Span::call_site());
                let dots = (0..values.len()).map(|at| self.dot(&dots, at));
                quote!(
                    let (_, #matrix) = Self::#at #explicit (#(#arguments),*);
                    let (_, #moved) = Self::#run #explicit (#(#arguments,)* #(#dots),*);
                    #rt::root_direction(#matrix, &#moved, &#rt::zero_like(#x))
                )
            }
            Kind::Argmin => {
                let given = Given {
                    arguments: arguments.clone(),
                    idents: &values,
                    x: &x,
                };
                let Sweep {
                    forward,
                    zeros,
                    again,
                    shadows,
                    returned,
                    wanted,
                } = self.swept(given, &|at| self.dot(&dots, at), |at, _| at == self.unknown);
                quote!(
                    let (_, _, #matrix) = Self::#at #explicit (#(#arguments),*);
                    let mut tape = #rt::Reel::new();
                    let (value, back) = #forward;
                    let seed = (#rt::zero_like(&value.0), #rt::seed_of(&value.0));
                    #zeros
                    let (#returned) = back(&mut tape, #again seed, #shadows);
                    let #moved = #(#wanted)*;
                    #rt::argmin_direction(#matrix, &#moved)
                )
            }
        };
        let [solution, tangent] = self.solved();
        quote!(
            #[doc(hidden)]
            fn #along<#(#declared),*>(#(#params),*) -> (#solution, #tangent) #where_clause {
                let #value = Self::#name #explicit (#(#copies),*);
                let #moved = ::core::option::Option::map(::core::option::Option::as_ref(&#value), |#x| { #direction });
                (#value, #moved)
            }
        )
    }

    /// The pullback of a root and its tangent, which are a root of the tangent program: two systems with the Jacobian, and two
    /// pulls of the tangent program. With `J` for the Jacobian, `f'` for the tangent of the residuals along both tangents, and
    /// `x̄`, `ẋ̄` for the cotangents: `Jᵀ μ = -ẋ̄`, `Jᵀ λ = -(x̄ + (∂f'/∂x)ᵀ μ)`; then `λ` and `μ` are the cotangents of `f`
    /// and `f'`.
    pub(super) fn back(&self) -> TokenStream {
        let rt = &self.rt;
        let (back, at) = (self.hidden("__back"), self.hidden("__at"));
        let (params, values, dots) = by_reference(rt, self.func);
        let (declared, explicit) = (self.declared(), explicit(self.function));
        let where_clause = bounds(rt, self.options, self.function, self.func);
        let x = quote!(x);
        let arguments = self.owned_arguments(&values, &x);
        let count = values.len();
        let given = Given {
            arguments: arguments.clone(),
            idents: &values,
            x: &x,
        };
        let moved = quote!(moved);
        let moved = self.toward(&moved);
        let dot = |at: usize| {
            if at == self.unknown {
                moved(at)
            } else {
                self.dot(&dots, at)
            }
        };
        let on = |at: usize, _: &Param| {
            at == self.unknown || at % count != self.unknown && self.func.params[at % count].active
        };
        let Sweep {
            forward,
            zeros,
            again,
            shadows,
            returned,
            wanted,
        } = self.swept(given, &dot, on);
        // In the order of the parameters, those of the values before those of the tangents.
        let wanted_at: Vec<usize> = (0..2 * count)
            .filter(|at| on(*at, &self.func.params[at % count]))
            .collect();
        let cotangent = |at: usize| (wanted_at.iter().position(|it| *it == at)).map(|k| &wanted[k]);
        let zero = |at: usize| {
            let ident = &values[at % count];
            quote!(#rt::zero_like(#ident))
        };
        let (mut types, mut nothing, mut pulled) = (Vec::new(), Vec::new(), Vec::new());
        for at in 0..2 * count {
            let it = &self.func.params[at % count];
            if !it.active {
                if at < count {
                    types.push(quote!(()));
                    nothing.push(quote!(()));
                    pulled.push(quote!(()));
                }
                continue;
            }
            types.push(super::super::api::gradient_type(
                &self.options.krate,
                &it.ty,
            ));
            nothing.push(zero(at));
            pulled.push(match cotangent(at) {
                Some(it) if at % count != self.unknown => it.clone(),
                _ => zero(at),
            });
        }
        let of_unknown = cotangent(self.unknown).cloned().unwrap_or_default();
        let [solution, tangent] = self.solved();
        quote!(
            #[doc(hidden)]
            fn #back<#(#declared),*>(
                #(#params,)*
                solution: &(#solution, #tangent),
                seed: &(#tangent, #tangent),
            ) -> (#(#types),*) #where_clause {
                let (::core::option::Option::Some(x), ::core::option::Option::Some(moved)) = (&solution.0, &solution.1) else {
                    return (#(#nothing),*);
                };
                let given = |it: &#tangent| ::core::option::Option::unwrap_or_else(::core::clone::Clone::clone(it), || #rt::zero_like(x));
                let (residuals, jacobian) = Self::#at #explicit (#(#arguments),*);
                let mu = #rt::root_cotangent(&residuals, &jacobian, &given(&seed.1));
                let mut tape = #rt::Reel::new();
                let (value, back) = #forward;
                let of_x = {
                    let mut tape = ::core::clone::Clone::clone(&*tape);
                    let back = ::core::clone::Clone::clone(&back);
                    let seed = (#rt::zero_like(&value.0), ::core::clone::Clone::clone(&mu));
                    #zeros
                    let (#returned) = back(&mut tape, #again seed, #shadows);
                    #of_unknown
                };
                let mut sum = given(&seed.0);
                #rt::give(of_x, #rt::Acc(#rt::Place::ad_place(&mut sum)));
                let lambda = #rt::root_cotangent(&residuals, &jacobian, &sum);
                #zeros
                let (#returned) = back(&mut tape, #again (lambda, mu), #shadows);
                (#(#pulled),*)
            }
        )
    }
}
