//! What the user calls: the primal and the derivative namespace.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{FnArg, GenericParam, ItemFn, ReturnType, Type};

use super::halves::{fresh_lifetimes, output, type_span};
use super::one_pass::InOnePass;
use super::{names, ours};
use crate::ir::{By, Func, Op, Param, StmtKind};
use crate::options::Options;

/// The user's function, without the attributes that are ours.
pub(super) fn primal(function: &ItemFn) -> TokenStream {
    let mut function = function.clone();
    function.attrs.retain(|it| {
        it.path()
            .segments
            .last()
            .is_none_or(|it| it.ident != "differentiate")
    });
    without_marks(&mut function.sig);
    quote!(#function)
}

/// Takes our marks off the parameters.
pub(crate) fn without_marks(sig: &mut syn::Signature) {
    for arg in &mut sig.inputs {
        let attrs = match arg {
            FnArg::Receiver(it) => &mut it.attrs,
            FnArg::Typed(it) => &mut it.attrs,
        };
        attrs.retain(|it| !it.path().is_ident("no_diff"));
    }
}

pub(super) fn namespace_ident(options: &Options, function: &ItemFn) -> Ident {
    options
        .name
        .clone()
        .unwrap_or_else(|| function.sig.ident.clone())
}

/// `enum foo {}`
pub(super) fn namespace(options: &Options, function: &ItemFn) -> TokenStream {
    let vis = &function.vis;
    let name = namespace_ident(options, function);
    let doc = format!("Derivatives of [`{0}`](fn@{0}).", function.sig.ident);
    quote!(
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code, missing_debug_implementations, clippy::empty_enums, reason = "a namespace")]
        #vis enum #name {}
    )
}

/// The gradient type of a parameter, in the user's words where the tokens show it.
pub(super) fn gradient_type(krate: &syn::Path, ty: &Type) -> TokenStream {
    let peeled = fresh_lifetimes(crate::lower::peel(ty));
    if let Type::Path(path) = &peeled
        && (path.path.is_ident("f64") || path.path.is_ident("f32"))
    {
        return quote!(#peeled);
    }
    super::located(quote!(#krate::Gradient<#peeled>), type_span(ty))
}

pub(crate) fn returns_scalar(function: &ItemFn) -> bool {
    match &function.sig.output {
        ReturnType::Default => false,
        ReturnType::Type(_, ty) => {
            let Type::Path(path) = &**ty else {
                return false;
            };
            let generic =
                path.path.get_ident().is_some_and(|it| {
                    function.sig.generics.params.iter().any(
                        |param| matches!(param, GenericParam::Type(param) if param.ident == *it),
                    )
                });
            path.path.is_ident("f64") || path.path.is_ident("f32") || generic
        }
    }
}

/// The tape of a sweep to and fro. It has the memory of the last one and gives it to the next, but for a sweep that keeps
/// nothing there: without a trace of a tape, straight-line code compiles to straight-line code. A pullback keeps its own.
pub(super) fn sweep(rt: &TokenStream, func: &Func, tape: &Ident) -> TokenStream {
    let mut keeps = false;
    func.body.walk(&mut |stmt| {
        keeps |= match &stmt.kind {
            StmtKind::Loop(_) => true,
            StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => {
                matches!(op, Op::Call(_) | Op::Build(_))
            }
            StmtKind::Declare { .. }
            | StmtKind::Alias { .. }
            | StmtKind::Bind { .. }
            | StmtKind::Update { .. }
            | StmtKind::Views { .. }
            | StmtKind::Mutate(_)
            | StmtKind::Opaque { .. }
            | StmtKind::If { .. }
            | StmtKind::Match { .. }
            | StmtKind::Try { .. }
            | StmtKind::Scope { .. }
            | StmtKind::Exit(_) => false,
        };
    });
    if keeps {
        quote!(let mut #tape = #rt::Reel::new();)
    } else {
        quote!(let mut #tape = <#rt::Tape as ::core::default::Default>::default();)
    }
}

/// The public functions of the namespace: `value_and_grad`, `grad`, `vjp` and `adjoint`.
pub(super) fn public(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    one_pass: Option<&InOnePass>,
) -> [TokenStream; 4] {
    let method = options.is_member(function);
    let receives = function.sig.receiver().is_some();
    let public_name = |it: &str| {
        let span = proc_macro2::Span::call_site();
        if method {
            format_ident!("{}_{}", function.sig.ident, it, span = span)
        } else {
            Ident::new(it, span)
        }
    };
    let (value_and_grad, grad, vjp, adjoint) = (
        public_name("value_and_grad"),
        public_name("grad"),
        public_name("vjp"),
        public_name("adjoint"),
    );
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let vis = &function.vis;
    let generics = &function.sig.generics;
    let where_clause = super::halves::bounds(&rt, options, function, func);
    let declared: Vec<&GenericParam> = generics.params.iter().collect();
    let out = output(function);
    let wanted = |it: &Param| {
        it.active
            && options
                .wrt
                .as_ref()
                .is_none_or(|names| names.contains(&func.var(it.var).ident))
    };
    let params: Vec<TokenStream> = func
        .params
        .iter()
        .map(|it| {
            let (ident, ty) = (&func.var(it.var).ident, &it.ty);
            quote!(#ident: #ty)
        })
        .collect();
    // What is lent is an input and an output; its shadow is always there.
    let is_lent = |it: &Param| it.active && it.by == By::Mut;
    let active: Vec<&Param> = func
        .params
        .iter()
        .filter(|it| wanted(it) && !is_lent(it))
        .collect();
    let marks = func.params.iter().map(|it| {
        if is_lent(it) {
            quote!(#rt::Lent)
        } else if wanted(it) {
            quote!(#rt::On)
        } else {
            quote!(#rt::Off)
        }
    });
    let marks = quote!((#(#marks,)*));
    let idents: Vec<&Ident> = func
        .params
        .iter()
        .map(|it| &func.var(it.var).ident)
        .collect();
    let by_ref: Vec<&Param> = func.params.iter().filter(|it| it.by != By::Value).collect();
    let mutable: Vec<&Param> = by_ref
        .iter()
        .copied()
        .filter(|it| it.by == By::Mut)
        .collect();
    let after = |it: &Param| ours(&format!("after_{}", it.var.0));
    // What the function left in an argument is copied for the reverse sweep, which restores what it found there.
    let copies: Vec<TokenStream> = mutable
        .iter()
        .map(|it| {
            let (after, ident) = (after(it), &func.var(it.var).ident);
            if it.active {
                quote!(let mut #after = #rt::keep(&*#ident);)
            } else {
                quote!(let mut #after = ::std::borrow::ToOwned::to_owned(&*#ident);)
            }
        })
        .collect();
    let copied: Vec<TokenStream> = mutable
        .iter()
        .map(|it| {
            let after = after(it);
            quote!(let mut #after = ::core::clone::Clone::clone(&#after);)
        })
        .collect();
    let primals: Vec<TokenStream> = by_ref
        .iter()
        .map(|it| {
            let ident = &func.var(it.var).ident;
            if it.by == By::Mut {
                let after = after(it);
                quote!(&mut #after)
            } else {
                quote!(#ident)
            }
        })
        .collect();
    let own_primals: Vec<TokenStream> = by_ref
        .iter()
        .map(|it| {
            let ident = &func.var(it.var).ident;
            if it.by == By::Mut {
                quote!(&mut *#ident)
            } else {
                quote!(#ident)
            }
        })
        .collect();
    let types: Vec<TokenStream> = active
        .iter()
        .map(|it| gradient_type(krate, &it.ty))
        .collect();
    let (grads_type, grads_doc) = match types.as_slice() {
        [one] => (quote!(#one), "the gradient"),
        many => (
            quote!((#(#many),*)),
            "a gradient for each active parameter, in order",
        ),
    };
    // Shadows of by-reference parameters, and cotangents of by-value ones.
    let zeros: Vec<TokenStream> = by_ref
        .iter()
        .filter(|it| wanted(it) && it.by == By::Ref)
        .map(|it| {
            let ident = &func.var(it.var).ident;
            let d = names::cotangent(ident);
            let zero = super::located(quote!(#rt::zero_like(#ident)), type_span(&it.ty));
            quote!(let mut #d = #zero;)
        })
        .collect();
    // The output cotangents of what is lent are zero.
    let lent_zeros: Vec<TokenStream> = mutable
        .iter()
        .filter(|it| is_lent(it))
        .map(|it| {
            let d = names::cotangent(&func.var(it.var).ident);
            let after = after(it);
            let zero = super::located(quote!(#rt::zero_like(&#after)), type_span(&it.ty));
            quote!(let mut #d = #zero;)
        })
        .collect();
    let shadows: Vec<TokenStream> = by_ref
        .iter()
        .map(|it| {
            let d = names::cotangent(&func.var(it.var).ident);
            match (it.by, wanted(it)) {
                (By::Mut, _) if is_lent(it) => quote!(&mut #d),
                (By::Mut, _) => quote!(&mut ()),
                (_, true) => quote!(::core::option::Option::Some(#rt::Place::ad_place(&mut #d))),
                (_, false) => quote!(::core::option::Option::None),
            }
        })
        .collect();
    let returned: Vec<TokenStream> = func
        .params
        .iter()
        .filter(|it| it.by == By::Value)
        .map(|it| {
            if wanted(it) {
                let d = names::cotangent(&func.var(it.var).ident);
                quote!(#d)
            } else {
                quote!(_)
            }
        })
        .collect();
    let results: Vec<TokenStream> = active
        .iter()
        .map(|it| {
            let d = names::cotangent(&func.var(it.var).ident);
            if it.by == By::Value {
                quote!(#rt::some(#d))
            } else {
                quote!(#d)
            }
        })
        .collect();
    let grads = match results.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let name = &function.sig.ident;
    let fwd = super::halves::own_forward_name(options, function, func);
    let values = declared.iter().filter_map(|it| match it {
        GenericParam::Type(it) => Some(&it.ident),
        GenericParam::Const(it) => Some(&it.ident),
        GenericParam::Lifetime(_) => None,
    });
    let values: Vec<&Ident> = values.collect();
    let marker_holes = func.params.iter().map(|_| quote!(_));
    let turbofish = if values.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#values,)* #(#marker_holes),*>)
    };
    let (tape, back, value, seed) = (
        names::tape(),
        ours("__back"),
        ours("__value"),
        names::seed_of_value(),
    );
    let scalar = returns_scalar(function);
    // The bound is checked where `grad` is called: a function that returns a vector has no `grad` but all the rest.
    let (scalar_generics, scalar_bound, seed_value) = if scalar {
        (quote!(), quote!(), quote!(#rt::seed_of(&#value)))
    } else {
        // Not `N`, which the user may have.
        let n = format_ident!("ScalarValue");
        (
            quote!(#n),
            quote!(#out: #rt::ScalarOutput<#n>,),
            quote!(#rt::seed_of(&#value)),
        )
    };
    let all_generics = {
        let scalar_generics = if scalar {
            vec![]
        } else {
            vec![scalar_generics]
        };
        quote!(<#(#declared,)* #(#scalar_generics),*>)
    };
    let plain_generics = quote!(<#(#declared),*>);
    let all_explicit = if values.is_empty() {
        TokenStream::new()
    } else {
        let hole = (!scalar).then(|| quote!(_));
        quote!(::<#(#values,)* #hole>)
    };
    let where_scalar = { quote!(#where_clause #scalar_bound) };
    let link = if method {
        format!("`{name}`")
    } else {
        format!("[`{name}`](fn@{name})")
    };
    let doc_value = format!("The value of {link} and {grads_doc}.");
    let doc_grad = format!("The gradient of {link}: {grads_doc}.");
    let doc_lent = if func.params.iter().any(is_lent) {
        " What is passed by `&mut` is left as the function leaves it; the cotangent of what is left there is taken to be zero."
    } else {
        ""
    };
    let doc_value = format!("{doc_value}{doc_lent}");
    let doc_grad = format!("{doc_grad}{doc_lent}");
    let doc_vjp = format!(
        "The value of {link} and its pullback, which takes a cotangent of the value to {grads_doc}. The pullback can be used any number of times."
    );
    let doc_vjp = if func.params.iter().any(is_lent) {
        format!(
            "{doc_vjp} For each parameter passed by `&mut` it takes a shadow: the cotangent of what the function left there \
             goes in, that of what it found there comes out."
        )
    } else {
        doc_vjp
    };
    let doc_adjoint = format!(
        "The value of {link}; for a cotangent `seed` of the value, adds to each shadow the gradient of its parameter."
    );
    let doc_adjoint = if func.params.iter().any(is_lent) {
        format!(
            "{doc_adjoint} The shadow of a parameter passed by `&mut` brings the cotangent of what the function left there \
             and takes away that of what it found there; the argument itself is left as it was found."
        )
    } else {
        doc_adjoint
    };
    let tail_value_and_grad = quote!((#value, #grads));
    let spent = quote!(::core::debug_assert!(
        #tape.is_empty(), "the reverse sweep takes all that the forward sweep saved"
    ););
    let run = quote!(let (#(#returned,)*) = #back(&mut #tape, #(#primals,)* #seed, #(#shadows,)*); #spent);
    let handed: Vec<TokenStream> = func
        .params
        .iter()
        .map(|it| {
            let ident = &func.var(it.var).ident;
            if it.by == By::Mut && *ident != "self" {
                quote!(&mut *#ident)
            } else {
                quote!(#ident)
            }
        })
        .collect();
    let (receiver, arguments) = handed.split_at(usize::from(receives));
    let explicit = if values.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#values),*>)
    };
    let primal = super::halves::called(options, function);
    let forward = quote!(
        // The function counts as used where its derivative is.
        let _ = #primal #explicit;
        let (#value, #back) = Self::#fwd #turbofish (#(#receiver,)* #(#arguments,)* #marks, &mut #tape);
    );
    let sweep = sweep(&rt, func, &tape);
    // Parameters of our own that the user reads in the documentation, apart from those of the function.
    let public_param = |stem: &str| {
        let mut name = stem.to_owned();
        while idents.iter().any(|it| **it == name) {
            name.push('_');
        }
        Ident::new(&name, proc_macro2::Span::call_site())
    };
    let adjoint_shadows: Vec<TokenStream> = func
        .params
        .iter()
        .filter(|it| wanted(it) || is_lent(it))
        .map(|it| {
            let d = public_param(&names::cotangent(&func.var(it.var).ident).to_string());
            let ty = crate::lower::peel(&it.ty);
            let shadow = if is_lent(it) {
                super::halves::lent_type(&rt, it)
            } else {
                super::located(quote!(#rt::Shadow<#ty>), type_span(&it.ty))
            };
            quote!(#d: &mut #shadow)
        })
        .collect();
    let adjoint_args: Vec<TokenStream> = by_ref
        .iter()
        .map(|it| {
            let d = public_param(&names::cotangent(&func.var(it.var).ident).to_string());
            match (it.by, wanted(it)) {
                (By::Mut, _) if is_lent(it) => quote!(#d),
                (By::Mut, _) => quote!(&mut ()),
                (_, true) => quote!(::core::option::Option::Some(#d)),
                (_, false) => quote!(::core::option::Option::None),
            }
        })
        .collect();
    let adjoint_returned: Vec<TokenStream> = func
        .params
        .iter()
        .filter(|it| it.by == By::Value)
        .map(|it| {
            if wanted(it) {
                let r = ours(&format!("returned_{}", it.var.0));
                quote!(#r)
            } else {
                quote!(_)
            }
        })
        .collect();
    let adjoint_adds: Vec<TokenStream> = active
        .iter()
        .filter(|it| it.by == By::Value)
        .map(|it| {
            let ident = &func.var(it.var).ident;
            let r = ours(&format!("returned_{}", it.var.0));
            let d = public_param(&names::cotangent(ident).to_string());
            quote!(#rt::give(#rt::some(#r), #rt::Acc(#d));)
        })
        .collect();
    let adjoint_seed = public_param("seed");
    // A value without derivative takes no seed.
    let seeded = crate::lower::carries_derivative(function);
    let (seed_param, seed_argument) = if seeded {
        (
            quote!(#adjoint_seed: #krate::Gradient<#out>,),
            quote!(#adjoint_seed),
        )
    } else {
        (TokenStream::new(), quote!(#rt::zero_like(&#value)))
    };
    // One pass, where the cotangents of what it leaves in work buffers are zero; otherwise two sweeps.
    let in_one_pass = |seed: &TokenStream, shadows: &[TokenStream]| {
        one_pass.map(|it| {
            let name = &it.name;
            quote!(
                let _ = #primal #explicit;
                Self::#name #turbofish (#(#receiver,)* #(#arguments,)* #marks, &mut #tape, #seed, #(#shadows),*)
            )
        })
    };
    let run_value_and_grad =
        match in_one_pass(&quote!(1.0), &shadows).filter(|_| mutable.is_empty()) {
            Some(run) => quote!(let (#value, (#(#returned,)*)) = { #run }; #spent),
            None => quote!(
                #forward
                #(#copies)*
                #(#lent_zeros)*
                let #seed = #seed_value;
                #run
            ),
        };
    let in_two = quote!(
        #forward
        let (#(#adjoint_returned,)*) = #back(&mut #tape, #(#own_primals,)* #seed_argument, #(#adjoint_args,)*);
    );
    let scratch = one_pass.iter().flat_map(|it| &it.scratch).map(|it| {
        let d = public_param(&names::cotangent(&func.var(*it).ident).to_string());
        quote!(#d.iter().all(|it| *it == 0.0))
    });
    let scratch: Vec<TokenStream> = scratch.collect();
    let by_value = func.params.iter().filter(|it| it.by == By::Value);
    let given_back = by_value.zip(&adjoint_returned).map(|(it, returned)| {
        if wanted(it) {
            returned.clone()
        } else {
            quote!(::core::option::Option::None)
        }
    });
    let run_adjoint = match in_one_pass(&seed_argument, &adjoint_args) {
        None => in_two,
        Some(run) if scratch.is_empty() => {
            quote!(let (#value, (#(#adjoint_returned,)*)) = { #run };)
        }
        Some(run) => quote!(
            let (#value, (#(#adjoint_returned,)*)) = if #(#scratch)&&* {
                #run
            } else {
                #in_two
                (#value, (#(#given_back,)*))
            };
        ),
    };
    let lent_shadows = || mutable.iter().filter(|it| is_lent(it));
    let lent_types: Vec<TokenStream> = lent_shadows()
        .map(|it| {
            let ty = super::halves::lent_type(&rt, it);
            quote!(&mut #ty)
        })
        .collect();
    let lent_params = lent_shadows().zip(&lent_types).map(|(it, ty)| {
        let d = names::cotangent(&func.var(it.var).ident);
        quote!(#d: #ty)
    });
    let pull_seed = seeded.then(|| quote!(#krate::Gradient<#out>)).into_iter();
    let pull_types = pull_seed.chain(lent_types.iter().cloned());
    let pull_params = seeded
        .then(|| quote!(#seed: #krate::Gradient<#out>))
        .into_iter();
    let pull_params = pull_params.chain(lent_params);
    let pull_zero = (!seeded).then(|| quote!(let #seed = #rt::zero_of(&#value);));
    let pull_made = (!seeded).then(|| quote!(let #seed = #seed.make();));
    // The pullback keeps what is passed by `&`, and a copy of what is passed by `&mut`.
    let keeps_borrows = func.params.iter().any(|it| it.by == By::Ref)
        || func
            .params
            .iter()
            .any(|it| it.by == By::Value && func.var(it.var).borrows);
    let captures = (!mutable.is_empty() && !keeps_borrows).then(|| {
        let inherited = options.member.iter().flat_map(|it| &it.generics);
        quote!(+ use<#(#inherited,)* #(#values),*>)
    });
    let run_lent: Vec<TokenStream> = by_ref
        .iter()
        .map(|it| {
            let d = names::cotangent(&func.var(it.var).ident);
            if is_lent(it) {
                quote!(&mut *#d)
            } else if it.by == By::Mut {
                quote!(&mut ())
            } else if wanted(it) {
                quote!(::core::option::Option::Some(#rt::Place::ad_place(&mut #d)))
            } else {
                quote!(::core::option::Option::None)
            }
        })
        .collect();
    [
        quote!(
        #[doc = #doc_value]
        #[inline]
        #vis fn #value_and_grad #all_generics (#(#params),*) -> (#out, #grads_type) #where_scalar {
            #(#zeros)*
            #sweep
            #run_value_and_grad
            #tail_value_and_grad
        }),
        quote!(
        #[doc = #doc_grad]
        #[inline]
        #vis fn #grad #all_generics (#(#params),*) -> #grads_type #where_scalar {
            Self::#value_and_grad #all_explicit (#(#idents),*).1
        }),
        quote!(
        #[doc = #doc_vjp]
        #[inline]
        #vis fn #vjp #plain_generics (#(#params),*) -> (#out, impl ::core::ops::Fn(#(#pull_types),*) -> #grads_type #captures) #where_clause {
            let mut #tape = <#rt::Tape as ::core::default::Default>::default();
            #forward
            #(#copies)*
            #pull_zero
            (#value, move |#(#pull_params),*| {
                let mut #tape = ::core::clone::Clone::clone(&#tape);
                let #back = ::core::clone::Clone::clone(&#back);
                #pull_made
                #(#copied)*
                #(#zeros)*
                let (#(#returned,)*) = #back(&mut #tape, #(#primals,)* #seed, #(#run_lent,)*);
                #spent
                #grads
            })
        }),
        quote!(
            #[doc = #doc_adjoint]
            #[inline]
            #vis fn #adjoint #plain_generics (#(#params,)* #seed_param #(#adjoint_shadows),*) -> #out #where_clause {
                #sweep
                #run_adjoint
                #spent
                #(#adjoint_adds)*
                #value
            }
        ),
    ]
}
