//! The pipeline: parse -> fence -> lower -> analyse -> emit.
//!
//! There are two gates: user errors come from parsing and the fence, and from lowering. After the second gate nothing
//! reports a user error and generation cannot fail. An `impl` block is compiled function by function. On any error the user's function is still emitted, with stubs of
//! the promised items, so that one mistake gives one message.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{ItemFn, ItemImpl};

use crate::diag::Ctxt;
use crate::options::{Member, Options};
use crate::{analysis, emit, fence, ir, lower};

pub(crate) fn differentiate(args: TokenStream, item: TokenStream) -> TokenStream {
    if let Err(error) = fence::guard(&item) {
        let error = error.into_compile_error();
        return quote::quote!(#error);
    }
    if let Ok(function) = syn::parse2::<ItemFn>(item.clone()) {
        let mut cx = Ctxt::new();
        let options = Options::parse(&mut cx, args);
        return one(cx, &options, &function);
    }
    match syn::parse2::<syn::Item>(item.clone()) {
        Ok(syn::Item::Impl(block)) => members(args, block),
        Ok(other) => {
            let message = "`#[differentiate]` goes on a function with a body or on an `impl` block; put it on each function";
            let error = syn::Error::new_spanned(first_token(&other), message).into_compile_error();
            quote::quote!(#item #error)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote::quote!(#item #error)
        }
    }
}

/// One function, from the fence to the tokens.
fn one(mut cx: Ctxt, options: &Options, function: &ItemFn) -> TokenStream {
    fence::check(&mut cx, options, function);
    let func = if cx.is_clean() {
        lower::lower(&mut cx, options, function)
    } else {
        None
    };
    let errors = cx.finish();
    let Some(func) = func else {
        return emit::fallback(options, function, &errors);
    };
    debug_assert_eq!(ir::verify::verify(&func), Vec::<String>::new());
    let facts = analysis::analyse(&func);
    emit::emit(options, function, &func, &facts).into_token_stream()
}

/// The functions of an inherent `impl` block. Those in which there is nothing to differentiate, such as constructors,
/// and those marked `#[no_diff]`, stay as they are.
fn members(args: TokenStream, mut block: ItemImpl) -> TokenStream {
    let refused = if let Some((path, _)) = &block.trait_ {
        let message = "the attribute on an `impl` of a trait is not supported yet; move the bodies to functions with the attribute";
        Some(syn::Error::new_spanned(path, message))
    } else {
        block.generics.lifetimes().next().map(|it| {
            let message = "the attribute on an `impl` block with lifetimes is not supported yet; use free functions";
            syn::Error::new_spanned(&it.lifetime, message)
        })
    };
    if let Some(error) = refused {
        let error = error.into_compile_error();
        return quote::quote!(#block #error);
    }
    let generics: Vec<proc_macro2::Ident> = block
        .generics
        .params
        .iter()
        .filter_map(|it| match it {
            syn::GenericParam::Type(it) => Some(it.ident.clone()),
            syn::GenericParam::Const(it) => Some(it.ident.clone()),
            syn::GenericParam::Lifetime(_) => None,
        })
        .collect();
    let mut items = Vec::new();
    for item in core::mem::take(&mut block.items) {
        let syn::ImplItem::Fn(mut member) = item else {
            items.push(item);
            continue;
        };
        let skipped = member.attrs.iter().any(|it| it.path().is_ident("no_diff"));
        member.attrs.retain(|it| !it.path().is_ident("no_diff"));
        let function = ItemFn {
            attrs: member.attrs.clone(),
            vis: member.vis.clone(),
            sig: member.sig.clone(),
            block: Box::new(member.block.clone()),
            modifiers: member.modifiers.clone(),
        };
        if skipped || fence::nothing_to_differentiate(&function) {
            items.push(syn::ImplItem::Fn(member));
            continue;
        }
        let mut cx = Ctxt::new();
        let mut options = Options::parse(&mut cx, args.clone());
        options.member = Some(Member {
            generics: generics.clone(),
        });
        items.push(syn::ImplItem::Verbatim(one(cx, &options, &function)));
    }
    block.items = items;
    quote::quote!(#block)
}

/// Where an error about an item points.
fn first_token(item: &syn::Item) -> TokenStream {
    item.to_token_stream()
        .into_iter()
        .find(|it| matches!(it, proc_macro2::TokenTree::Ident(_)))
        .into_iter()
        .collect()
}
