//! The pipeline: parse -> fence -> lower -> analyse -> emit.
//!
//! There are two gates: user errors come from parsing and the fence, and from lowering. After the second gate nothing
//! reports a user error and generation cannot fail. On any error the user's function is still emitted, with stubs of
//! the promised items, so that one mistake gives one message.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ItemFn;

use crate::diag::Ctxt;
use crate::options::Options;
use crate::{analysis, emit, fence, ir, lower};

pub(crate) fn differentiate(args: TokenStream, item: TokenStream) -> TokenStream {
    if let Err(error) = fence::guard(&item) {
        let error = error.into_compile_error();
        return quote::quote!(#error);
    }
    let mut cx = Ctxt::new();
    let options = Options::parse(&mut cx, args);
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            drop(cx.finish());
            return not_a_function(item, &error);
        }
    };
    fence::check(&mut cx, &options, &function);
    let func = if cx.is_clean() {
        lower::lower(&mut cx, &options, &function)
    } else {
        None
    };
    let errors = cx.finish();
    let Some(func) = func else {
        return emit::fallback(&options, &function, &errors);
    };
    debug_assert_eq!(ir::verify::verify(&func), Vec::<String>::new());
    let facts = analysis::analyse(&func);
    emit::emit(&options, &function, &func, &facts).into_token_stream()
}

/// The attribute is on something else, or the user is still typing.
fn not_a_function(item: TokenStream, error: &syn::Error) -> TokenStream {
    let error = match syn::parse2::<syn::Item>(item.clone()) {
        Ok(other) => {
            let message = "`#[differentiate]` goes on a function with a body; put it on each function or method";
            syn::Error::new_spanned(first_token(&other), message)
        }
        Err(_) => error.clone(),
    }
    .into_compile_error();
    quote::quote!(#item #error)
}

fn first_token(item: &syn::Item) -> TokenStream {
    item.to_token_stream()
        .into_iter()
        .find(|it| matches!(it, proc_macro2::TokenTree::Ident(_)))
        .into_iter()
        .collect()
}
