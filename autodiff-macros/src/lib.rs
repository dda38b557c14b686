//! The compiler behind `#[differentiate]`. The attribute and its documentation are re-exported by the crate
//! `differentiate`, which is the one to depend on.
//!
//! The modules, in the order in which data flows; `compile` is the architecture on one page.

use proc_macro::TokenStream;

mod compile;
mod options;
mod diag;
mod naming;
mod names;
mod ir;
mod fence;
mod lower;
mod analysis;
mod emit;

/// Makes the derivative of a function.
#[proc_macro_attribute]
pub fn differentiate(args: TokenStream, item: TokenStream) -> TokenStream {
    compile::differentiate(args.into(), item.into()).into()
}
