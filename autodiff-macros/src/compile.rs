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
    let mut cx = Ctxt::new();
    let options = Options::parse(&mut cx, args);
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            drop(cx.finish());
            let error = error.into_compile_error();
            return quote::quote!(#error #item);
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
