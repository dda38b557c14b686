//! The tangent program as a function, and the public `jvp`.
//!
//! ```text
//! impl foo {
//!     fn __jvp2(a: &A, c: C, dot_a: Option<&Shadow<A>>, dot_c: Option<Gradient<C>>) -> (O, Gradient<O>)
//!     fn jvp(a: &A, c: C, dot_a: &Shadow<A>, dot_c: Gradient<C>) -> (O, Gradient<O>)
//! }
//! ```
//!
//! A tangent that is not given is zero. The tangent of what is passed by `&mut` is passed by `&mut`, too.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, ItemFn, Path, PathArguments};

use super::forward::Forward;
use super::halves::{accepts_name, bounds, lent_type, output, traits, turbofish, type_span};
use super::ours;
use super::value::Cx;
use crate::forward::Program;
use crate::ir::{By, Callee, Func, Param};
use crate::options::Options;

/// The name of the tangent program of a function with so many parameters.
fn program_name(params: usize, method: Option<&Ident>, span: Span) -> Ident {
    match method {
        Some(method) => format_ident!("__jvp{}_{}", params, method, span = span),
        None => format_ident!("__jvp{}", params, span = span),
    }
}

/// The type of the tangent of a parameter, where it is given.
fn given_type(rt: &TokenStream, param: &Param) -> TokenStream {
    let peeled = crate::lower::peel(&param.ty);
    match param.by {
        By::Value => super::located(quote!(#rt::Gradient<#peeled>), type_span(&param.ty)),
        By::Ref => {
            let shadow = super::located(quote!(#rt::Shadow<#peeled>), type_span(&param.ty));
            quote!(&#shadow)
        }
        By::Mut => {
            let lent = lent_type(rt, param);
            quote!(&mut #lent)
        }
    }
}

pub(super) fn tangent(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Program,
) -> (TokenStream, TokenStream) {
    // Run forward it saves nothing: no variable is active.
    let mut plain = program.func.clone();
    for var in &mut plain.vars {
        var.active = false;
    }
    for param in &mut plain.params {
        param.active = false;
    }
    let facts = crate::analysis::forward_only(&plain);
    let cx = Cx::new(options, &plain, &facts);
    let rt = &cx.rt;
    let body = match &options.pullback {
        Some(pullback) => by_hand(rt, options, function, func, program, pullback),
        None => {
            let (uses, body) = (traits(rt), Forward::new(&cx).function());
            let value = cx.ident(plain.result);
            quote!(#uses #body #value)
        }
    };
    let method = options.is_member(function).then_some(&function.sig.ident);
    let name = program_name(func.params.len(), method, Span::call_site());
    let vis = &function.vis;
    let generics = &function.sig.generics;
    let declared: Vec<&GenericParam> = generics.params.iter().collect();
    let where_clause = bounds(rt, options, function, func);
    let out = output(function);
    let pair = quote!((#out, #rt::Gradient<#out>));

    let (mut params, mut tangents, mut given) = (Vec::new(), Vec::new(), TokenStream::new());
    let (mut public_tangents, mut handed, mut passed) = (Vec::new(), Vec::new(), Vec::new());
    for (param, twin) in func.params.iter().zip(&program.twins) {
        let info = func.var(param.var);
        let (ident, ty) = (&info.ident, &param.ty);
        let mutability = info.mutable.then(|| quote!(mut));
        params.push(quote!(#mutability #ident: #ty));
        let reborrow = (param.by == By::Mut && *ident != "self").then(|| quote!(&mut *));
        passed.push(quote!(#reborrow #ident));
        let Some(twin) = twin else {
            let unused = ours(&format!("__unused_{}", param.var.0));
            tangents.push(quote!(#unused: ::core::option::Option<()>));
            handed.push(quote!(::core::option::Option::None));
            continue;
        };
        let dot = cx.ident(*twin);
        let wanted = options.wrt.as_ref().is_none_or(|it| it.contains(ident));
        let form = given_type(rt, param);
        let public = format_ident!("dot_{}", ident);
        if wanted || param.by == By::Mut {
            public_tangents.push(quote!(#public: #form));
        }
        if param.by == By::Mut {
            tangents.push(quote!(#dot: #form));
            handed.push(quote!(#public));
            continue;
        }
        tangents.push(quote!(#dot: ::core::option::Option<#form>));
        handed.push(if wanted {
            quote!(::core::option::Option::Some(#public))
        } else {
            quote!(::core::option::Option::None)
        });
        if param.by == By::Value {
            given.extend(quote!(let mut #dot = #dot.unwrap_or_else(|| #rt::zero_like(&#ident));));
        } else {
            let zero = ours(&format!("__zero_{}", param.var.0));
            given.extend(quote!(
                let #zero;
                let #dot: #form = match #dot {
                    ::core::option::Option::Some(it) => it,
                    ::core::option::Option::None => {
                        #zero = #rt::zero_like(#ident);
                        #rt::hand(&#zero)
                    }
                };
            ));
        }
    }
    let receives = usize::from(function.sig.receiver().is_some());
    let (receiver, params_after) = params.split_at(receives);
    let (passed_receiver, passed_after) = passed.split_at(receives);
    let hidden = quote!(
        #[doc(hidden)]
        #[inline]
        #vis fn #name<#(#declared),*>(#(#receiver,)* #(#params_after,)* #(#tangents),*) -> #pair #where_clause {
            #given
            #body
        }
    );
    let public_name = match method {
        Some(method) => format_ident!("{}_jvp", method, span = Span::call_site()),
        None => Ident::new("jvp", Span::call_site()),
    };
    let values = declared.iter().filter_map(|it| match it {
        GenericParam::Type(it) => Some(&it.ident),
        GenericParam::Const(it) => Some(&it.ident),
        GenericParam::Lifetime(_) => None,
    });
    let values: Vec<&Ident> = values.collect();
    let explicit = if values.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#values),*>)
    };
    let link = if method.is_some() {
        format!("`{}`", function.sig.ident)
    } else {
        format!("[`{0}`](fn@{0})", function.sig.ident)
    };
    let doc = format!(
        "The value of {link} and its tangent: the derivative of the value along the given tangents of the active \
         parameters. What is passed by `&mut` is left as the function leaves it, and its tangent with it."
    );
    let krate = &options.krate;
    let public_pair = quote!((#out, #krate::Gradient<#out>));
    let public = quote!(
        #[doc = #doc]
        #vis fn #public_name<#(#declared),*>(#(#params,)* #(#public_tangents),*) -> #public_pair #where_clause {
            Self::#name #explicit (#(#passed_receiver,)* #(#passed_after,)* #(#handed),*)
        }
    );
    (hidden, public)
}

/// The tangent of a function whose pullback is written by hand. A generic function runs over dual numbers; any other is
/// pulled back once for each component of its value.
fn by_hand(
    rt: &TokenStream,
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Program,
    pullback: &Path,
) -> TokenStream {
    let name = &function.sig.ident;
    let params: Vec<(&Ident, &Param, Option<&Ident>)> = func
        .params
        .iter()
        .zip(&program.twins)
        .map(|(it, twin)| {
            let dot = twin.map(|it| &program.func.var(it).ident);
            (&func.var(it.var).ident, it, dot)
        })
        .collect();
    let call = |args: Vec<TokenStream>| {
        if function.sig.receiver().is_some() {
            let (recv, args) = (&args[0], &args[1..]);
            quote!(#recv.#name(#(#args),*))
        } else if options.is_member(function) {
            quote!(Self::#name(#(#args),*))
        } else {
            quote!(#name(#(#args),*))
        }
    };
    // By-reference tangents are in their place form.
    let owned = |param: &Param, ident: &Ident, dot: &Ident| {
        if param.by == By::Value {
            quote!(#dot)
        } else {
            quote!(#rt::owned_tangent(&*#ident, #dot))
        }
    };
    let generic = function
        .sig
        .generics
        .params
        .iter()
        .any(|it| matches!(it, GenericParam::Type(_)));
    if generic {
        let numbers = numbers(&function.sig.generics);
        let lifted = params.iter().map(|(ident, param, dot)| {
            let reference = (param.by == By::Ref).then(|| quote!(&));
            let Some(dot) = dot else {
                return if mentions(&param.ty, &numbers) {
                    quote!(#reference #rt::constant(&#ident))
                } else {
                    quote!(#ident)
                };
            };
            let dot = owned(param, ident, dot);
            quote!(#reference #rt::lift(&#ident, &#dot))
        });
        let call = call(lifted.collect());
        return quote!(#rt::split(&#call));
    }
    let (value, seed) = (ours("__value"), ours("__seed"));
    let values = params.iter().map(|(ident, param, _)| {
        if param.by == By::Value {
            quote!(::core::clone::Clone::clone(&#ident))
        } else {
            quote!(#ident)
        }
    });
    let call = call(values.clone().collect());
    let active: Vec<(TokenStream, Ident)> = params
        .iter()
        .filter_map(|(ident, param, dot)| {
            let grad = ours(&format!("grad_{}", param.var.0));
            Some((owned(param, ident, (*dot)?), grad))
        })
        .collect();
    let grads: Vec<&Ident> = active.iter().map(|it| &it.1).collect();
    let pattern = match grads.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let terms = active
        .iter()
        .map(|(dot, grad)| quote!(+ #rt::inner(&#grad, &#dot)));
    quote!(
        let #value = #call;
        let dot_value = #rt::by_components(&#value, |#seed| {
            let #pattern = #pullback(#(#values,)* &#value, #seed);
            0.0 #(#terms)*
        });
        (#value, dot_value)
    )
}

/// The type parameters that are real numbers.
fn numbers(generics: &syn::Generics) -> Vec<&Ident> {
    let is_real = |it: &syn::TypeParamBound| match it {
        syn::TypeParamBound::Trait(it) => {
            it.path.segments.last().is_some_and(|it| it.ident == "Real")
        }
        _ => false,
    };
    generics
        .type_params()
        .filter(|it| it.bounds.iter().any(is_real))
        .map(|it| &it.ident)
        .collect()
}

/// Does a type name one of these?
fn mentions(ty: &syn::Type, names: &[&Ident]) -> bool {
    fn any(tokens: TokenStream, names: &[&Ident]) -> bool {
        tokens.into_iter().any(|it| match it {
            TokenTree::Ident(it) => names.contains(&&it),
            TokenTree::Group(it) => any(it.stream(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    any(ty.to_token_stream(), names)
}

/// The call of the tangent program of a callee.
pub(super) fn call(
    rt: &TokenStream,
    of: &Callee,
    marks: &TokenStream,
    values: &[TokenStream],
    tangents: &TokenStream,
) -> TokenStream {
    let _ = rt;
    let count = values.len();
    let last = |path: &Path, member: bool| {
        let mut program = path.clone();
        let mut accepts = path.clone();
        let mut generics = TokenStream::new();
        if let Some(segment) = path.segments.last() {
            let at = segment.ident.span();
            let method = member.then_some(&segment.ident);
            generics = turbofish(Some(&segment.arguments), 0);
            let (run, check) = (
                program_name(count, method, at),
                accepts_name(count, method, at),
            );
            for (path, name) in [(&mut program, run), (&mut accepts, check)] {
                if let Some(it) = path.segments.last_mut() {
                    it.arguments = PathArguments::None;
                    if member {
                        it.ident = name;
                        continue;
                    }
                }
                path.segments.push(name.into());
            }
        }
        quote!({ #accepts(&#marks); #program #generics (#(#values,)* #tangents) })
    };
    match of {
        Callee::Function(path) => last(path, false),
        Callee::Associated(path) => last(path, true),
        Callee::Method(name, generics) => {
            let run = program_name(count, Some(name), name.span());
            let check = accepts_name(count, Some(name), name.span());
            let (recv, args) = (&values[0], &values[1..]);
            quote!({ #recv.#check(&#marks); #recv.#run #generics (#(#args,)* #tangents) })
        }
        Callee::Tangent(_) => {
            unreachable!("a tangent program of a tangent program has another name")
        }
    }
}
