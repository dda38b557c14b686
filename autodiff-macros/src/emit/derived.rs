//! The derivatives of `g::grad` and its like, and Taylor coefficients: what the tangent programs of `g` give.
//!
//! ```text
//! impl g {
//!     fn __fwd2_grad<M0, M1>(a, c, marks, tape) -> (gradient, impl FnOnce(tape, a, seed, shadow) -> (cotangent of c,))
//! }
//! ```
//!
//! For a cotangent `w` of the gradient, `<w, ∇g(x)>` is the tangent of `g` along `w`; so its derivative is the reverse
//! half of the tangent program, given `w` as the tangent. A tangent program of `g` at level `k` has the parameters of `g`
//! once for each subset of `k` directions: `k` bits, of which the first is that of the innermost tangent. Its value has
//! a component for each subset, too. The component of all directions is the sum over subsets `u` of what the gradient of
//! the rest of the program has for the directions not in `u`, times the last tangent in `u`: so a cotangent goes to
//! the complement of its component.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, ItemFn};

use super::directions::tuple;
use super::halves::{
    asked_params, bounds, marker, output, passed_type, returned_type, shadow_type,
};
use super::tangent::{Public, Tangent, link, public_name, public_params};
use super::{names, ours, protocol};
use crate::derived::Derived;
use crate::ir::{By, Func, Param};
use crate::options::Options;

/// A parameter of a derivative: one of a tangent program of the function, for this subset of its directions.
struct Slot {
    subset: usize,
    /// The position among the parameters of the function.
    of: usize,
}

struct Cx<'a> {
    rt: TokenStream,
    options: &'a Options,
    function: &'a ItemFn,
    func: &'a Func,
    /// The tangent program of the highest level, whose parameters begin with those of the others.
    program: &'a Func,
    /// Its parameters, their types asked for derivatives.
    asked: Vec<Param>,
    where_clause: TokenStream,
    /// What the derivative is called, if not by its own name.
    name: Option<&'a Ident>,
}

/// For each function of the namespace that can be differentiated again its halves and its tangent programs, and `taylor`.
pub(super) fn derived(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
) -> Tangent {
    let mut made = Tangent::default();
    if func.params.iter().any(|it| it.by == By::Mut) {
        return made;
    }
    let cx = Cx::new(options, function, func, program, None);
    let scalar = super::api::returns_scalar(function);
    if scalar {
        made.shown.push(cx.taylor());
    }
    for derived in Derived::ALL {
        if derived.is_gradient() && !scalar {
            if derived.order() <= options.order {
                made.hidden.push(cx.refused(derived));
            }
            continue;
        }
        for level in 0..=program.level {
            if derived.order() + level <= options.order {
                made.hidden.push(cx.accepts(derived, level));
                made.hidden.push(cx.half(derived, level));
            }
            if level > 0 && derived.level() + level <= program.level {
                made.hidden.push(cx.run(derived, level));
            }
        }
    }
    made
}

/// The gradient under another name, with its halves and its tangent programs.
pub(super) fn slope(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
    name: &Ident,
) -> Vec<TokenStream> {
    let cx = Cx::new(options, function, func, program, Some(name));
    let runs = (0..=program.level).map(|level| cx.run(Derived::Grad, level));
    let halves = (0..program.level).map(|level| cx.half(Derived::Grad, level));
    runs.chain(halves).collect()
}

impl<'a> Cx<'a> {
    fn new(
        options: &'a Options,
        function: &'a ItemFn,
        func: &'a Func,
        program: &'a Func,
        name: Option<&'a Ident>,
    ) -> Self {
        let krate = &options.krate;
        let rt = quote!(#krate::__private);
        Cx {
            where_clause: bounds(&rt, options, function, func),
            asked: asked_params(&rt, options, function, program),
            rt,
            options,
            function,
            func,
            program,
            name,
        }
    }

    // === names and types ===

    fn named(&self, derived: Derived) -> Ident {
        (self.name.cloned()).unwrap_or_else(|| derived.beside(self.member()))
    }

    fn param(&self, slot: &Slot) -> &Param {
        &self.asked[self.at(slot)]
    }

    /// Which parameter of the program it is.
    fn at(&self, slot: &Slot) -> usize {
        slot.subset * self.func.params.len() + slot.of
    }

    /// Does the user differentiate with respect to this parameter?
    fn wanted(&self, of: usize) -> bool {
        let param = &self.func.params[of];
        let names = self.options.wrt.as_ref();
        param.active && names.is_none_or(|it| it.contains(&self.func.var(param.var).ident))
    }

    fn all_wanted(&self) -> Vec<usize> {
        (0..self.func.params.len())
            .filter(|it| self.wanted(*it))
            .collect()
    }

    /// The parameters of a derivative at a level.
    fn slots(&self, derived: Derived, level: u32) -> Vec<Slot> {
        let mut slots = Vec::new();
        for above in 0..1 << level {
            let subset = above << derived.level();
            slots.extend((0..self.func.params.len()).map(|of| Slot { subset, of }));
            if derived.level() > 0 {
                slots.extend(self.all_wanted().into_iter().map(|of| Slot {
                    subset: subset | 1,
                    of,
                }));
            }
        }
        slots
    }

    /// Is it given in an `Option`? The tangents of the derivative itself are.
    fn optional(derived: Derived, slot: &Slot) -> bool {
        slot.subset >> derived.level() > 0
    }

    fn passed(&self, derived: Derived, slot: &Slot) -> TokenStream {
        let param = self.param(slot);
        if Self::optional(derived, slot) {
            passed_type(param)
        } else {
            let ty = &param.ty;
            quote!(#ty)
        }
    }

    fn member(&self) -> Option<&Ident> {
        (self.options.is_member(self.function)).then_some(&self.function.sig.ident)
    }

    fn receives(&self) -> bool {
        self.function.sig.receiver().is_some()
    }

    fn gradient(&self) -> TokenStream {
        let types: Vec<TokenStream> = (self.all_wanted().into_iter())
            .map(|it| super::api::gradient_type(&self.options.krate, &self.asked[it].ty))
            .collect();
        tuple(&types)
    }

    /// The type of the value of a derivative at a level.
    fn value(&self, derived: Derived, level: u32) -> TokenStream {
        let (rt, out, gradient) = (&self.rt, output(self.function), self.gradient());
        let mut ty = match derived {
            Derived::Grad | Derived::Hvp => gradient,
            Derived::ValueAndGrad => quote!((#out, #gradient)),
            Derived::Jvp => quote!((#out, #rt::Gradient<#out>)),
        };
        for _ in 0..level {
            ty = quote!((#ty, #rt::Gradient<#ty>));
        }
        ty
    }

    fn generics(&self) -> (Vec<&GenericParam>, Vec<&Ident>) {
        let params = &self.function.sig.generics.params;
        let named = params.iter().filter_map(|it| match it {
            GenericParam::Type(it) => Some(&it.ident),
            GenericParam::Const(it) => Some(&it.ident),
            GenericParam::Lifetime(_) => None,
        });
        (params.iter().collect(), named.collect())
    }

    /// Names of the parameters, of which the receiver is `self`, and their declarations.
    fn declared(&self, derived: Derived, slots: &[Slot]) -> (Vec<Ident>, Vec<TokenStream>) {
        let names: Vec<Ident> = (0..slots.len())
            .map(|at| {
                if at == 0 && self.receives() {
                    Ident::new("self", Span::call_site())
                } else {
                    ours(&format!("__p{at}"))
                }
            })
            .collect();
        let declared = names.iter().zip(slots).map(|(name, slot)| {
            let ty = self.passed(derived, slot);
            quote!(#name: #ty)
        });
        let declared = declared.collect();
        (names, declared)
    }

    fn accepts(&self, derived: Derived, level: u32) -> TokenStream {
        let (rt, vis) = (&self.rt, &self.function.vis);
        let slots = self.slots(derived, level);
        let member = self.named(derived);
        let name = protocol::accepts(slots.len(), Some(&member), Span::call_site());
        let markers: Vec<Ident> = (0..slots.len()).map(marker).collect();
        let bounds = slots.iter().map(|it| {
            if self.param(it).no_diff {
                quote!(#rt::NoDiff)
            } else {
                quote!(#rt::Mark)
            }
        });
        let this = self.receives().then(|| quote!(&self,));
        quote!(
            #[doc(hidden)]
            #[inline(always)]
            #vis fn #name<#(#markers: #bounds),*>(#this _: &(#(#markers,)*)) {}
        )
    }

    /// The function of the namespace is an error where it is called, because the value is no number; its derivative
    /// is none.
    fn refused(&self, derived: Derived) -> TokenStream {
        let (rt, vis) = (&self.rt, &self.function.vis);
        let count = self.slots(derived, 0).len();
        let member = self.named(derived);
        let name = protocol::forward(0, count, Some(&member), Span::call_site());
        let accepts = protocol::accepts(count, Some(&member), Span::call_site());
        let this = self.receives().then(|| quote!(&self,));
        let types = (usize::from(self.receives())..count).map(|it| format_ident!("__A{}", it));
        let types: Vec<Ident> = types.collect();
        quote!(
            #[doc(hidden)]
            #vis fn #accepts<__M>(#this _: &__M) {}
            #[doc(hidden)]
            #vis fn #name<__M, #(#types,)* __Y, __R>(#this #(_: #types,)* _: __M, _: &mut #rt::Tape) -> (__Y, __R) {
                ::core::unreachable!()
            }
        )
    }

    // === calls of the tangent programs ===

    /// The call of the forward half of the tangent program at a level.
    fn call(
        &self,
        level: u32,
        marks: &[TokenStream],
        tape: &Ident,
        args: &[TokenStream],
    ) -> TokenStream {
        let name = protocol::forward(level, args.len(), self.member(), Span::call_site());
        let (_, generics) = self.generics();
        let turbofish = (!generics.is_empty()).then(|| {
            let holes = args.iter().map(|_| quote!(_));
            quote!(::<#(#generics,)* #(#holes),*>)
        });
        quote!(Self::#name #turbofish (#(#args,)* (#(#marks,)*), &mut #tape))
    }

    /// What the tangent program at a level is given for each of its parameters: what is made of the slot of that
    /// subset, which is `None` where the tangent is zero.
    fn args(&self, level: u32, given: impl Fn(&Slot) -> Option<TokenStream>) -> Vec<TokenStream> {
        let mut args = Vec::new();
        for subset in 0..1 << level {
            for of in 0..self.func.params.len() {
                let given = given(&Slot { subset, of });
                args.push(given.unwrap_or_else(|| quote!(::core::option::Option::None)));
            }
        }
        args
    }

    /// A parameter of the derivative, as the tangent program takes it. What is owned is copied.
    fn handed(&self, derived: Derived, slot: &Slot, name: &Ident) -> TokenStream {
        let copy = if self.param(slot).by == By::Value {
            quote!(::core::clone::Clone::clone(&#name))
        } else {
            quote!(#name)
        };
        // The tangents that the user gives.
        if slot.subset > 0 && !Self::optional(derived, slot) {
            quote!(::core::option::Option::Some(#copy))
        } else {
            copy
        }
    }

    /// The halves of a derivative at a level.
    fn half(&self, derived: Derived, level: u32) -> TokenStream {
        let (rt, vis) = (&self.rt, &self.function.vis);
        let slots = self.slots(derived, level);
        let (idents, declared) = self.declared(derived, &slots);
        let member = self.named(derived);
        let name = protocol::forward(level, slots.len(), Some(&member), Span::call_site());
        let markers: Vec<Ident> = (0..slots.len()).map(marker).collect();
        let (generics, captured) = self.generics();
        let inherited = self.options.member.iter().flat_map(|it| &it.generics);
        let value_type = self.value(derived, level);
        let (marks, tape, seed) = (ours("__marks"), names::tape(), names::seed_of_value());
        let (inner, back, result) = (ours("__inner"), ours("__back"), ours("__result"));
        let where_clause = &self.where_clause;

        // The value.
        let plain: Vec<TokenStream> = slots
            .iter()
            .zip(&idents)
            .map(|(slot, name)| {
                if self.param(slot).by == By::Value {
                    quote!(::core::clone::Clone::clone(&#name))
                } else {
                    quote!(#name)
                }
            })
            .collect();
        let explicit = super::tangent::explicit(self.function);
        let value = if level == 0 {
            quote!(Self::#member #explicit (#(#plain),*))
        } else {
            let run = protocol::run(level - 1, slots.len() / 2, Some(&member), Span::call_site());
            quote!(Self::#run #explicit (#(#plain),*))
        };

        // The residual.
        let by_ref: Vec<(usize, &Slot)> = (slots.iter().enumerate())
            .filter(|it| self.param(it.1).by != By::Value)
            .collect();
        let again = |at: usize| ours(&format!("__p{at}"));
        let shadow = |at: usize| ours(&format!("__d{at}"));
        let mut params = vec![quote!(#tape: &mut #rt::Tape)];
        let mut types = vec![quote!(&mut #rt::Tape)];
        for (at, slot) in &by_ref {
            let ty = super::halves::fresh_lifetimes(&self.param(slot).ty);
            let fresh = Param {
                ty,
                ..self.param(slot).clone()
            };
            let ty = if Self::optional(derived, slot) {
                passed_type(&fresh)
            } else {
                let ty = &fresh.ty;
                quote!(#ty)
            };
            let name = again(*at);
            params.push(quote!(#name: #ty));
            types.push(ty);
        }
        params.push(quote!(#seed: #rt::Gradient<#value_type>));
        types.push(quote!(#rt::Gradient<#value_type>));
        for (at, slot) in &by_ref {
            let (name, ty) = (shadow(*at), shadow_type(rt, self.param(slot)));
            params.push(quote!(#name: #ty));
            types.push(ty);
        }
        let owned: Vec<(usize, &Slot)> = (slots.iter().enumerate())
            .filter(|it| self.param(it.1).by == By::Value)
            .collect();
        let returned: Vec<TokenStream> = owned
            .iter()
            .map(|it| returned_type(rt, &self.program.params[self.at(it.1)], self.param(it.1)))
            .collect();

        // The tangent program, and what it is given.
        let contracted = derived.is_gradient();
        let full = (1_usize << level) - 1;
        let last = 1_usize << (derived.level() + level);
        let at_level = derived.level() + level + u32::from(contracted);
        let slot_at = |wanted: &Slot| {
            slots
                .iter()
                .position(|it| it.subset == wanted.subset && it.of == wanted.of)
        };
        let weights = self.all_wanted();
        let component = |of: usize| component(quote!(#seed), of, level);
        let weight = |of: usize, subset: usize| {
            let at = syn::Index::from(weights.iter().position(|it| *it == of)?);
            let seed = component(subset);
            let seed = match derived {
                Derived::ValueAndGrad => quote!(#seed.1),
                _ => seed,
            };
            Some(if weights.len() == 1 {
                seed
            } else {
                quote!(#seed.#at)
            })
        };
        let args = self.args(at_level, |slot| {
            if contracted && slot.subset & last != 0 {
                let rest = slot.subset ^ last;
                if rest & ((1 << derived.level()) - 1) != 0 {
                    return None;
                }
                let weight = weight(slot.of, full ^ (rest >> derived.level()))?;
                return Some(if self.param(slot).by == By::Value {
                    quote!(::core::option::Option::Some(::core::clone::Clone::clone(&#weight)))
                } else {
                    quote!(::core::option::Option::Some(#rt::hand(&#weight)))
                });
            }
            let at = slot_at(slot)?;
            Some(self.handed(derived, slot, &again(at)))
        });
        let markers_given = self.args(at_level, |slot| {
            let inside = !contracted || slot.subset & last == 0;
            let at = slot_at(slot).filter(|_| inside && self.param(slot).active);
            Some(match at {
                Some(at) => {
                    let at = syn::Index::from(at);
                    quote!(#marks.#at)
                }
                None => quote!(#rt::Off),
            })
        });
        let handed: Vec<TokenStream> = self
            .by_reference(at_level)
            .map(|(_, at)| args[at].clone())
            .collect();
        let shadows = self.by_reference(at_level).map(|(slot, _)| {
            let inside = !contracted || slot.subset & last == 0;
            match slot_at(&slot).filter(|_| inside) {
                Some(at) => {
                    let name = shadow(at);
                    quote!(#name)
                }
                None => quote!(::core::option::Option::None),
            }
        });
        let shadows: Vec<TokenStream> = shadows.collect();
        let mut pattern = Vec::new();
        for subset in 0..1 << at_level {
            for of in 0..self.func.params.len() {
                let slot = Slot { subset, of };
                if self.param(&slot).by != By::Value {
                    continue;
                }
                let inside = !contracted || slot.subset & last == 0;
                pattern.push(match slot_at(&slot).filter(|_| inside) {
                    Some(at) => shadow(at).into_token_stream(),
                    None => quote!(_),
                });
            }
        }
        let outs = owned.iter().map(|it| shadow(it.0));
        let seeds = match derived {
            Derived::Jvp => quote!(#seed),
            Derived::Grad | Derived::Hvp | Derived::ValueAndGrad => nested(at_level, &|subset| {
                let value = self::component(quote!(#result), subset, at_level);
                if subset + 1 == 1 << at_level {
                    quote!(#rt::seed_of(&#value))
                } else if derived == Derived::ValueAndGrad && subset < 1 << level {
                    let seed = component(subset);
                    quote!(#seed.0)
                } else {
                    quote!(#rt::zero_like(&#value))
                }
            }),
        };
        let call = self.call(at_level, &markers_given, &inner, &args);
        let (receiver, others) = declared.split_at(usize::from(self.receives()));
        // A receiver that is owned is captured under a name that a variable can have.
        let kept = (self.receives() && self.param(&slots[0]).by == By::Value).then(|| {
            let again = again(0);
            quote!(let #again = self;)
        });
        let receiver = receiver.iter();
        quote!(
            #[doc(hidden)]
            #[inline]
            #vis fn #name<#(#generics,)* #(#markers: #rt::Mark),*>(
                #(#receiver,)*
                #(#others,)*
                #marks: (#(#markers,)*),
                _: &mut #rt::Tape,
            ) -> (#value_type, impl ::core::ops::FnOnce(#(#types),*) -> (#(#returned,)*) + ::core::clone::Clone + use<#(#inherited,)* #(#captured,)* #(#markers),*>)
            #where_clause
            {
                let #result = #value;
                #kept
                (#result, move |#(#params),*| {
                    let mut #inner = #rt::Reel::new();
                    let (#result, #back) = #call;
                    let (#(#pattern,)*) = #back(&mut #inner, #(#handed,)* #seeds, #(#shadows),*);
                    (#(#outs,)*)
                })
            }
        )
    }

    /// The parameters of the tangent program at a level that are passed by reference, and their positions.
    fn by_reference(&self, level: u32) -> impl Iterator<Item = (Slot, usize)> {
        let count = self.func.params.len();
        (0..count << level).filter_map(move |at| {
            let slot = Slot {
                subset: at / count,
                of: at % count,
            };
            (self.param(&slot).by != By::Value).then_some((slot, at))
        })
    }

    /// A derivative, or its tangent program: its value and tangents at a level.
    fn run(&self, derived: Derived, level: u32) -> TokenStream {
        let vis = &self.function.vis;
        let slots = self.slots(derived, level);
        let (idents, declared) = self.declared(derived, &slots);
        let member = self.named(derived);
        let name = match level.checked_sub(1) {
            Some(level) => protocol::run(level, slots.len() / 2, Some(&member), Span::call_site()),
            None => member,
        };
        let (generics, _) = self.generics();
        let (value_type, where_clause) = (self.value(derived, level), &self.where_clause);
        let at_level = derived.level() + level;
        let args = self.args(at_level, |slot| {
            let at = slots
                .iter()
                .position(|it| it.subset == slot.subset && it.of == slot.of)?;
            Some(self.handed(derived, slot, &idents[at]))
        });
        let body = if derived == Derived::Jvp {
            let count = self.func.params.len() << level;
            let run = protocol::run(level, count, self.member(), Span::call_site());
            let explicit = super::tangent::explicit(self.function);
            quote!(Self::#run #explicit (#(#args),*))
        } else {
            let gradients = |subset: usize| subset & ((1 << derived.level()) - 1) == 0;
            let (value, sweep, gradient) = self.swept(at_level, &args, &gradients);
            let full = (1_usize << at_level) - 1;
            let made = nested(level, &|subset| {
                let low = (1_usize << derived.level()) - 1;
                let gradient = gradient(full ^ (subset << derived.level() | low));
                if derived == Derived::ValueAndGrad {
                    let value = component(quote!(#value), subset, at_level);
                    quote!((#value, #gradient))
                } else {
                    gradient
                }
            });
            quote!(#sweep #made)
        };
        let (receiver, others) = declared.split_at(usize::from(self.receives()));
        let receiver = receiver.iter();
        quote!(
            #[doc(hidden)]
            #[inline]
            #vis fn #name<#(#generics),*>(#(#receiver,)* #(#others),*) -> #value_type #where_clause {
                #body
            }
        )
    }

    /// `taylor`: along one direction the component of `k` directions is the derivative of order `k`, and the last
    /// one is the gradient of the component before along the direction.
    fn taylor(&self) -> TokenStream {
        let (rt, vis, func) = (&self.rt, &self.function.vis, self.func);
        let level = self.program.level;
        let name = match self.member() {
            Some(member) => format_ident!("{}_taylor", member, span = Span::call_site()),
            None => Ident::new("taylor", Span::call_site()),
        };
        let Public {
            params, tangents, ..
        } = public_params(self.options, func, self.program);
        let ident = |of: usize| &func.var(func.params[of].var).ident;
        let copied = |of: usize, name: &Ident| {
            if func.params[of].by == By::Value {
                quote!(::core::clone::Clone::clone(&#name))
            } else {
                quote!(#name)
            }
        };
        let args = self.args(level, |slot| {
            let of = slot.of;
            if slot.subset == 0 {
                return Some(copied(of, ident(of)));
            }
            if !slot.subset.is_power_of_two() || !self.wanted(of) {
                return None;
            }
            let dot = copied(of, &public_name(func, ident(of)));
            Some(quote!(::core::option::Option::Some(#dot)))
        });
        let (value, sweep, gradient) = self.swept(level, &args, &|subset| subset == 0);
        let directions: Vec<TokenStream> = (self.all_wanted().into_iter())
            .map(|of| {
                let (value, dot) = (ident(of), public_name(func, ident(of)));
                if func.params[of].by == By::Value {
                    quote!(#dot)
                } else {
                    quote!(#rt::owned_tangent(&*#value, #dot))
                }
            })
            .collect();
        let (gradient, direction) = (gradient(0), tuple(&directions));
        let out = output(self.function);
        let order = level + 1;
        let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
        let krate = &self.options.krate;
        let coefficients = (0..order).map(|k| {
            let value = component(quote!(#value), (1 << k) - 1, level);
            let scale = factorial(k);
            quote!(#value / #krate::lit::<#out>(#scale))
        });
        let (last, length) = (factorial(order), order as usize + 1);
        let doc = format!(
            "The Taylor coefficients of {} along the given tangents of the active parameters: `c[k]` is the derivative of \
             order `k` along them, over `k!`, up to the order {order}. One forward and one reverse sweep of the tangent \
             program of order {level}.",
            link(self.options, self.function)
        );
        let (generics, _) = self.generics();
        let where_clause = &self.where_clause;
        quote!(
            #[doc = #doc]
            #[inline]
            #vis fn #name<#(#generics),*>(#(#params,)* #(#tangents),*) -> [#out; #length] #where_clause {
                #sweep
                [#(#coefficients,)* #krate::lit::<#out>(#rt::inner(&#gradient, &#direction) / #last)]
            }
        )
    }

    /// A sweep to and fro of the tangent program at a level with these arguments, seeded at the component of all
    /// directions: the name of its value, the statements, and the gradient with respect to the parameters of one of these
    /// subsets.
    fn swept(
        &self,
        level: u32,
        args: &[TokenStream],
        wanted: &dyn Fn(usize) -> bool,
    ) -> (Ident, TokenStream, impl Fn(usize) -> TokenStream) {
        let rt = &self.rt;
        let (value, back, tape) = (ours("__value"), ours("__back"), names::tape());
        let d = |subset: usize, of: usize| {
            format_ident!("__d{}_{}", subset, of, span = Span::mixed_site())
        };
        let on = |slot: &Slot| wanted(slot.subset) && self.wanted(slot.of);
        let marks = self.args(level, |slot| {
            Some(if on(slot) {
                quote!(#rt::On)
            } else {
                quote!(#rt::Off)
            })
        });
        let (mut zeros, mut shadows, mut handed, mut pattern) =
            (TokenStream::new(), Vec::new(), Vec::new(), Vec::new());
        for subset in 0..1 << level {
            for of in 0..self.func.params.len() {
                let slot = Slot { subset, of };
                let name = d(subset, of);
                if self.param(&slot).by == By::Value {
                    pattern.push(if on(&slot) { quote!(#name) } else { quote!(_) });
                    continue;
                }
                let at = subset * self.func.params.len() + of;
                handed.push(args[at].clone());
                if on(&slot) {
                    let like = &args[of];
                    zeros.extend(quote!(let mut #name = #rt::zero_like(&*#like);));
                    shadows.push(
                        quote!(::core::option::Option::Some(#rt::Place::ad_place(&mut #name))),
                    );
                } else {
                    shadows.push(quote!(::core::option::Option::None));
                }
            }
        }
        let seeds = nested(level, &|subset| {
            let value = component(quote!(#value), subset, level);
            if subset + 1 == 1 << level {
                quote!(#rt::seed_of(&#value))
            } else {
                quote!(#rt::zero_like(&#value))
            }
        });
        let call = self.call(level, &marks, &tape, args);
        let sweep = quote!(
            let mut #tape = #rt::Reel::new();
            let (#value, #back) = #call;
            #zeros
            let (#(#pattern,)*) = #back(&mut #tape, #(#handed,)* #seeds, #(#shadows),*);
        );
        let parts = self.all_wanted();
        let rt = rt.clone();
        let by_value: Vec<bool> = (parts.iter())
            .map(|it| self.func.params[*it].by == By::Value)
            .collect();
        let gradient = move |subset: usize| {
            let parts: Vec<TokenStream> = parts
                .iter()
                .zip(&by_value)
                .map(|(of, by_value)| {
                    let name = d(subset, *of);
                    if *by_value {
                        quote!(#rt::some(#name))
                    } else {
                        quote!(#name)
                    }
                })
                .collect();
            tuple(&parts)
        };
        (value, sweep, gradient)
    }
}

/// The component of a nested pair for a subset of so many directions; the last direction is the outermost pair.
pub(super) fn component(pair: TokenStream, subset: usize, levels: u32) -> TokenStream {
    (0..levels).rev().fold(pair, |pair, level| {
        let at = syn::Index::from(subset >> level & 1);
        quote!(#pair.#at)
    })
}

/// A nested pair, of a component for each subset of so many directions.
pub(super) fn nested(levels: u32, component: &dyn Fn(usize) -> TokenStream) -> TokenStream {
    fn part(level: u32, subset: usize, component: &dyn Fn(usize) -> TokenStream) -> TokenStream {
        let Some(level) = level.checked_sub(1) else {
            return component(subset);
        };
        let without = part(level, subset, component);
        let with = part(level, subset | 1 << level, component);
        quote!((#without, #with))
    }
    part(levels, 0, component)
}
