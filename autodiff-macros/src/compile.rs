//! The pipeline: guard -> parse -> fence -> lower -> analyse -> emit.
//!
//! There are two gates: user errors come from parsing and the fence, and from lowering. After the second gate nothing
//! reports a user error and generation cannot fail. What is compiled together, an `impl` block or a module, is a
//! [`unit`](crate::unit). On any error the user's function is still emitted, with stubs of the promised items, so that
//! one mistake gives one message.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Item, ItemFn};

use crate::diag::Ctxt;
use crate::emit::{Emitted, api};
use crate::guard::guard;
use crate::options::Options;
use crate::terms::Cut;
use crate::unit::{self, Unit};
use crate::{analysis, emit, fence, ir, lower, place, tokens};

pub(crate) fn differentiate(args: TokenStream, item: TokenStream) -> TokenStream {
    if let Err(error) = guard(&args).and_then(|()| guard(&item)) {
        let error = error.into_compile_error();
        return quote::quote!(#item #error);
    }
    let (args, item) = (tokens::settled(args), tokens::settled(item));
    if let Ok(mut function) = syn::parse2::<ItemFn>(item.clone()) {
        if let Some(message) = misplaced(&function) {
            let error = syn::Error::new(Span::call_site(), message).into_compile_error();
            api::without_marks(&mut function.sig);
            return quote::quote!(#function #error);
        }
        Cut::default().visit_item_fn_mut(&mut function);
        let mut cx = Ctxt::new();
        let options = Options::parse(&mut cx, args);
        return one(cx, &options, &Unit::default(), &function).into_token_stream();
    }
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Impl(mut block)) => {
            Cut::default().visit_item_impl_mut(&mut block);
            unit::block(&args, block, &Unit::default())
        }
        Ok(Item::Mod(mut module)) => {
            Cut::default().visit_item_mod_mut(&mut module);
            unit::module(&args, module)
        }
        Ok(other) => {
            let message = "`#[differentiate]` goes on a function with a body, on an `impl` block or on a module with its \
                           contents; put it on each function";
            let error = syn::Error::new_spanned(first_token(&other), message).into_compile_error();
            quote::quote!(#item #error)
        }
        Err(error) => {
            let error = error.into_compile_error();
            quote::quote!(#item #error)
        }
    }
}

/// What is wrong about the place of an attribute on a function that stands alone.
fn misplaced(function: &ItemFn) -> Option<String> {
    let receives = function.sig.receiver().is_some();
    let around = place::around().filter(|it| it.of_trait || !receives)?;
    let name = &function.sig.ident;
    let block = if around.header.len() <= 60 {
        format!("`{}`", around.header)
    } else {
        "block".to_owned()
    };
    Some(if around.of_trait {
        format!(
            "the derivatives of `{name}` are not members of the trait; put `#[differentiate]` on the whole {block} \
             instead"
        )
    } else {
        format!(
            "the derivatives of `{name}`, which has no `self`, have no place here; put `#[differentiate]` on the whole \
             {block} instead"
        )
    })
}

/// One function, from the fence to the tokens.
pub(crate) fn one(mut cx: Ctxt, options: &Options, unit: &Unit, function: &ItemFn) -> Emitted {
    fence::check(&mut cx, options, function);
    let func = lower::lower(&mut cx, options, unit, &lower::ended(function));
    let errors = cx.finish();
    let Some(func) = func else {
        return emit::fallback(options, function, &errors);
    };
    debug_assert_eq!(ir::verify::verify(&func), Vec::<String>::new());
    let facts = analysis::analyse(&func);
    emit::emit(options, function, &func, &facts)
}

/// Where an error about an item points.
fn first_token(item: &Item) -> TokenStream {
    item.to_token_stream()
        .into_iter()
        .find(|it| matches!(it, proc_macro2::TokenTree::Ident(_)))
        .into_iter()
        .collect()
}
