//! The tangent program as a function, and what the user calls of it.
//!
//! ```text
//! impl foo {
//!     fn __jvp2(a: &A, c: C, dot_a: Option<&Shadow<A>>, dot_c: Option<Gradient<C>>) -> (O, Gradient<O>)
//!     fn jvp(a: &A, c: C, dot_a: &Shadow<A>, dot_c: Gradient<C>) -> (O, Gradient<O>)
//! }
//! ```
//!
//! A tangent that is not given is zero. The tangent of what is passed by `&mut` is passed by `&mut`, too. For second order
//! the tangent program has halves as any function has; they have twice its parameters, which tells them from its own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{GenericParam, ItemFn, Path, PathArguments, parse_quote};

use super::forward::Forward;
use super::halves::{accepts_name, alias, bounds, given, imports, output, passed_type, turbofish};

use super::value::Cx;
use crate::ir::{By, Callee, Func};
use crate::options::Options;

/// The name of the tangent program of a function with so many parameters.
fn program_name(params: usize, method: Option<&Ident>, span: Span) -> Ident {
    match method {
        Some(method) => format_ident!("__jvp{}_{}", params, method, span = span),
        None => format_ident!("__jvp{}", params, span = span),
    }
}

/// What is generated of a tangent program: hidden functions, and those that the user calls.
pub(super) struct Tangent {
    pub(super) hidden: Vec<TokenStream>,
    pub(super) shown: Vec<TokenStream>,
}

pub(super) fn tangent(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
) -> Tangent {
    let mut function_of_pairs = function.clone();
    let out = output(function);
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    function_of_pairs.sig.output = parse_quote!(-> (#out, #rt::Gradient<#out>));
    let mut hidden = vec![run(options, function, func, program)];
    let mut shown = vec![jvp(options, function, func, program)];
    if options.order >= 2 {
        let by_transformation = Options {
            pullback: None,
            ..options.clone()
        };
        let facts = crate::analysis::analyse(program);
        hidden.extend(super::halves::halves(
            &by_transformation,
            &function_of_pairs,
            program,
            &facts,
        ));
        shown.extend(super::second::second(options, function, func, program));
    }
    Tangent { hidden, shown }
}

/// The tangent program, run forward: it saves nothing, so no variable is active.
fn run(options: &Options, function: &ItemFn, func: &Func, program: &Func) -> TokenStream {
    let mut plain = program.clone();
    for var in &mut plain.vars {
        var.active = false;
    }
    let given = {
        let facts = crate::analysis::forward_only(&plain);
        given(&Cx::new(options, &plain, &facts), &plain, false)
    };
    for param in &mut plain.params {
        param.active = false;
    }
    let facts = crate::analysis::forward_only(&plain);
    let cx = Cx::new(options, &plain, &facts);
    let rt = &cx.rt;
    let (uses, body) = (imports(&cx), Forward::new(&cx).function());
    let value = cx.ident(plain.result);
    let method = options.is_member(function).then_some(&function.sig.ident);
    let name = program_name(func.params.len(), method, Span::call_site());
    let vis = &function.vis;
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let where_clause = bounds(rt, options, function, func);
    let out = output(function);
    let mut params: Vec<TokenStream> = (program.params.iter())
        .map(|it| {
            let info = program.var(it.var);
            let (ident, ty) = (&info.ident, passed_type(it));
            let mutability = info.mutable.then(|| quote!(mut));
            quote!(#mutability #ident: #ty)
        })
        .collect();
    let receiver = function.sig.receiver().map(|_| params.remove(0));
    let receiver = receiver.iter();
    quote!(
        #[doc(hidden)]
        #[inline]
        #vis fn #name<#(#declared),*>(#(#receiver,)* #(#params),*) -> (#out, #rt::Gradient<#out>) #where_clause {
            #given
            #uses
            #body
            #value
        }
    )
}

/// The parameters of a public function that takes tangents: those of the function, the tangents, and what is passed on.
pub(super) struct Public {
    pub(super) params: Vec<TokenStream>,
    pub(super) tangents: Vec<TokenStream>,
    pub(super) passed: Vec<TokenStream>,
}

pub(super) fn public_params(options: &Options, func: &Func, program: &Func) -> Public {
    let mut public = Public {
        params: Vec::new(),
        tangents: Vec::new(),
        passed: Vec::new(),
    };
    let mut handed = Vec::new();
    let (params, dots) = program.params.split_at(func.params.len());
    for (param, dot) in params.iter().zip(dots) {
        let (ident, ty) = (&func.var(param.var).ident, &param.ty);
        public.params.push(quote!(#ident: #ty));
        let reborrow = (param.by == By::Mut && *ident != "self").then(|| quote!(&mut *));
        public.passed.push(quote!(#reborrow #ident));
        let wanted = (options.wrt.as_ref()).is_none_or(|it| it.contains(ident));
        let written = dot.by == By::Mut;
        if !dot.active || !(wanted || written) {
            handed.push(quote!(::core::option::Option::None));
            continue;
        }
        let (name, ty) = (public_name(func, ident), &dot.ty);
        public.tangents.push(quote!(#name: #ty));
        handed.push(if written {
            quote!(#name)
        } else {
            quote!(::core::option::Option::Some(#name))
        });
    }
    public.passed.extend(handed);
    public
}

/// The name of the tangent of a parameter, which no parameter has.
fn public_name(func: &Func, ident: &Ident) -> Ident {
    let mut name = format!("dot_{}", ident.to_string().trim_start_matches("r#"));
    while func.params.iter().any(|it| func.var(it.var).ident == name) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

/// `::<T, N>`, for the generic parameters of a function.
pub(super) fn explicit(function: &ItemFn) -> TokenStream {
    let values = (function.sig.generics.params.iter()).filter_map(|it| match it {
        GenericParam::Type(it) => Some(&it.ident),
        GenericParam::Const(it) => Some(&it.ident),
        GenericParam::Lifetime(_) => None,
    });
    let values: Vec<&Ident> = values.collect();
    if values.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#values),*>)
    }
}

/// How the documentation of a derivative names the function.
pub(super) fn link(options: &Options, function: &ItemFn) -> String {
    let name = &function.sig.ident;
    if options.is_member(function) {
        format!("`{name}`")
    } else {
        format!("[`{name}`](fn@{name})")
    }
}

fn jvp(options: &Options, function: &ItemFn, func: &Func, program: &Func) -> TokenStream {
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let method = options.is_member(function).then_some(&function.sig.ident);
    let run = program_name(func.params.len(), method, Span::call_site());
    let name = match method {
        Some(method) => format_ident!("{}_jvp", method, span = Span::call_site()),
        None => Ident::new("jvp", Span::call_site()),
    };
    let doc = format!(
        "The value of {} and its tangent: the derivative of the value along the given tangents of the active \
         parameters, in one sweep. What is passed by `&mut` is left as the function leaves it, and its tangent with it.",
        link(options, function)
    );
    let Public {
        params,
        tangents,
        passed,
    } = public_params(options, func, program);
    let vis = &function.vis;
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let where_clause = bounds(&rt, options, function, func);
    let (out, explicit) = (output(function), explicit(function));
    quote!(
        #[doc = #doc]
        #vis fn #name<#(#declared),*>(#(#params,)* #(#tangents),*) -> (#out, #krate::Gradient<#out>) #where_clause {
            Self::#run #explicit (#(#passed),*)
        }
    )
}

/// The call of the tangent program of a callee.
pub(super) fn call(of: &Callee, marks: &TokenStream, values: &[TokenStream]) -> TokenStream {
    let count = values.len() / 2;
    let named = |path: &Path, member: bool| {
        // The function is imported under an alias, beside a fallback for one without tangent program.
        let at = (path.segments.last()).map_or_else(Span::call_site, |it| it.ident.span());
        let known = if member {
            path.clone()
        } else {
            let mut alias = alias(path);
            alias.set_span(alias.span().located_at(at));
            alias.into()
        };
        let (mut program, mut accepts) = (known.clone(), known);
        let mut generics = TokenStream::new();
        if let Some(segment) = path.segments.last() {
            let at = segment.ident.span();
            let method = member.then_some(&segment.ident);
            generics = turbofish(Some(&segment.arguments), 0);
            let run = program_name(count, method, at);
            let check = accepts_name(count, method, at);
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
        quote_spanned!(at=> { #accepts(&(#marks)); #program #generics (#(#values),*) })
    };
    match of {
        Callee::Function(path) => named(path, false),
        Callee::Associated(path) => named(path, true),
        Callee::Method(name, generics) => {
            let run = program_name(count, Some(name), name.span());
            let check = accepts_name(count, Some(name), name.span());
            let (recv, args) = (&values[0], &values[1..]);
            quote!({ #recv.#check(&(#marks)); #recv.#run #generics (#(#args),*) })
        }
        Callee::Tangent(_) => {
            unreachable!("the tangent program of a tangent program has no name")
        }
    }
}
