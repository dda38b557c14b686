//! What is emitted when the function cannot be differentiated: the function itself, the errors, and stubs of the
//! promised items, so that one mistake gives one message.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ItemFn;

use super::{Emitted, api, protocol};
use crate::options::Options;

pub(crate) fn fallback(options: &Options, function: &ItemFn, errors: &[syn::Error]) -> Emitted {
    let primal = api::primal(function);
    let (last, first) = match errors.split_last() {
        Some((last, first)) => (expression(last), first),
        None => (quote!(0), errors),
    };
    let first = first.iter().map(syn::Error::to_compile_error);
    let method = options.is_member(function);
    let receiver = function.sig.receiver().is_some();
    let ident = &function.sig.ident;
    let vis = &function.vis;
    let inputs = function.sig.inputs.len();
    let active = function.sig.inputs.iter().filter(|arg| match arg {
        syn::FnArg::Receiver(it) => !crate::lower::has_no_diff(&it.attrs),
        syn::FnArg::Typed(it) => {
            !crate::lower::has_no_diff(&it.attrs) && crate::lower::may_be_active(&it.ty)
        }
    });
    let active = active.count();
    // A length that is an error gives the results the error type: whatever depends on them is not reported again.
    let length = if method {
        format_ident!("__ERROR_{}", ident)
    } else {
        format_ident!("__ERROR")
    };
    let stub = |name: Ident, arguments: usize, receiver: bool| {
        let types: Vec<Ident> = (0..arguments).map(|it| format_ident!("__A{it}")).collect();
        let this = receiver.then(|| quote!(&self,));
        quote!(
            #[doc(hidden)]
            #[allow(unused, non_snake_case, clippy::all, clippy::pedantic, reason = "a stub of a function that has errors")]
            #vis fn #name<#(#types),*>(#this #(_: #types),*) -> [(); Self::#length] {
                ::core::unimplemented!()
            }
        )
    };
    let rest = inputs - usize::from(receiver);
    let mut public = vec![
        ("value_and_grad", 0),
        ("grad", 0),
        ("vjp", 0),
        ("adjoint", active + 1),
        ("jacobian", 0),
        ("jvp", active),
        ("gauss_newton", 0),
        ("sparse_jacobian", 1),
    ];
    // A method may have a neighbour of this name.
    if options.order >= 2 || !method {
        public.extend([("hvp", active), ("hessian", 0), ("value_grad_hessian", 0)]);
    }
    if options.root.is_some() {
        public.push(("root", 0));
    }
    if options.argmin.is_some() {
        public.push(("argmin", 0));
    }
    if options.repeat.is_some() {
        public.push(("repeat", 2));
    }
    let public = public.into_iter().map(|(name, extra)| {
        let name = if method {
            format_ident!("{}_{}", ident, name)
        } else {
            format_ident!("{}", name)
        };
        stub(name, rest + extra, receiver)
    });
    let member = method.then_some(ident);
    let at = proc_macro2::Span::call_site();
    let half = |level: u32, count: usize| {
        let name = protocol::forward(level, count, member, at);
        stub(name, count - usize::from(receiver) + 2, receiver)
    };
    let mut forward = half(0, inputs);
    let programs = if options.forward { options.order } else { 0 };
    for level in 0..programs {
        let count = inputs << level;
        let program = protocol::run(level, count, member, at);
        forward.extend(stub(program, 2 * count - usize::from(receiver), receiver));
        if level + 1 < options.order {
            forward.extend(half(level + 1, 2 * count));
        }
    }
    let items = quote!(
        #[doc(hidden)]
        #[allow(non_upper_case_globals, reason = "it carries the name of the method")]
        const #length: ::core::primitive::usize = #last;
        #(#public)*
        #forward
    );
    let derivatives = if method {
        quote!(#(#first)* #items)
    } else {
        let namespace = api::namespace(options, function);
        let name = api::namespace_ident(options, function);
        let krate = &options.krate;
        let said = super::value::Due::of(options).said(&quote!(#krate::__private), &name);
        quote!(#(#first)* #namespace #said impl #name { #items })
    };
    Emitted {
        primal,
        derivatives: super::conditioned(derivatives, function, method),
        taken: Vec::new(),
    }
}

/// An error where an expression stands.
fn expression(error: &syn::Error) -> TokenStream {
    let tokens: Vec<_> = error.to_compile_error().into_iter().collect();
    // `compile_error!{..}` is an expression; a semicolon after it is not.
    tokens.into_iter().collect()
}
