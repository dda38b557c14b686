//! What is emitted when the function cannot be differentiated: the function itself, the errors, and stubs of the
//! promised items, so that one mistake gives one message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use super::api;
use crate::options::Options;

pub(crate) fn fallback(options: &Options, function: &ItemFn, errors: &[syn::Error]) -> TokenStream {
    let primal = api::primal(function);
    let errors = errors.iter().map(syn::Error::to_compile_error);
    let namespace = api::namespace(options, function);
    let name = api::namespace_ident(options, function);
    let vis = &function.vis;
    let stubs = ["value_and_grad", "grad", "vjp", "adjoint"]
        .map(|it| syn::Ident::new(it, function.sig.ident.span()));
    let inputs = function.sig.inputs.len();
    let active = function.sig.inputs.iter().filter(|arg| match arg {
        syn::FnArg::Receiver(it) => !crate::lower::has_no_diff(&it.attrs),
        syn::FnArg::Typed(it) => {
            !crate::lower::has_no_diff(&it.attrs) && crate::lower::may_be_active(&it.ty)
        }
    });
    let active = active.count();
    // Arguments of any type, a result of any type: the stub must not add an error of its own.
    let arities: Vec<TokenStream> = stubs
        .iter()
        .enumerate()
        .map(|(at, stub)| {
            let extra = if at == 3 { active + 1 } else { 0 };
            let types: Vec<syn::Ident> = (0..inputs + extra).map(|it| quote::format_ident!("A{it}")).collect();
            quote!(
                #[doc(hidden)]
                #[allow(unused, clippy::all, clippy::pedantic, reason = "a stub of a function that has errors")]
                #vis fn #stub<#(#types,)* R>(#(_: #types),*) -> R {
                    ::core::unimplemented!()
                }
            )
        })
        .collect();
    if function.sig.receiver().is_some() {
        return quote!(#primal #(#errors)*);
    }
    quote!(#primal #(#errors)* #namespace impl #name { #(#arities)* })
}
