//! The compiler behind `#[differentiate]`. The attribute and its documentation are re-exported by the crate
//! `differentiate`, which is the one to depend on.
//!
//! The modules, in the order in which data flows; `compile` is the architecture on one page.

#![forbid(unsafe_code)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "tokens are handed over, even where they are only quoted"
)]

use proc_macro::TokenStream;

mod analysis;
mod arguments;
mod bundle;
mod check;
mod compile;
mod derive;
mod derived;
mod diag;
mod emit;

mod fence;
mod forward;
mod guard;
mod ir;
mod lanes;
mod lower;
mod names;
mod naming;
mod operator;
mod options;
mod place;
mod terms;
#[cfg(test)]
mod tests;
mod tokens;
mod unit;

/// Makes the derivative of a function.
#[proc_macro_attribute]
pub fn differentiate(args: TokenStream, item: TokenStream) -> TokenStream {
    compile::differentiate(args.into(), item.into()).into()
}

/// Checks calls of differentiated functions.
#[proc_macro]
pub fn check(tokens: TokenStream) -> TokenStream {
    check::check(tokens.into()).into()
}

/// Makes the derivative type of a struct or an enum.
#[proc_macro_derive(Differentiable, attributes(no_diff, differentiable))]
pub fn differentiable(item: TokenStream) -> TokenStream {
    derive::differentiable(item.into()).into()
}
