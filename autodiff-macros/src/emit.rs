//! IR -> tokens.
//!
//! For `fn foo(a: &A, c: C) -> O` the generated code is
//!
//! ```text
//! fn foo(..) { .. }                               the user's tokens, unchanged and first
//! enum foo {}                                     the derivative namespace
//! impl foo {
//!     fn __fwd(a, c, marks, tape)                 the forward half: the value and the residual
//!         -> (O, impl FnOnce(tape, a, seed, shadow of a) -> (cotangent of c,) + Clone)
//!     fn value_and_grad(..) fn grad(..) fn vjp(..) fn adjoint(..)
//! }
//! ```
//!
//! The forward half is the user's function in A-normal form with saves; the residual closure is its reverse half. What
//! straight-line code saves is captured by the closure; what one iteration of a loop saves is one record on the tape.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, ImplItem, Item, ItemFn, ItemImpl};

use crate::analysis::Facts;
use crate::ir::{By, Func};
use crate::options::Options;

pub(crate) mod api;
mod cuts;
mod derived;
mod directions;
mod dump;
mod fallback;
mod forward;
mod halves;
mod implicit;
mod lend;
mod missing;
mod names;
mod one_pass;
pub(crate) mod own;
mod products;
mod protocol;
mod ranges;
mod repeat;
mod report;
mod reverse;
pub(crate) mod rule;
mod second;
mod several;
mod sweep;
mod tangent;
mod typed;
mod value;
mod walk;

pub(crate) use api::{returns_scalar, without_marks};
pub(crate) use fallback::fallback;
pub(crate) use halves::fresh_lifetimes;

/// What is made from one function.
pub(crate) struct Emitted {
    /// The function itself.
    pub(crate) primal: TokenStream,
    /// Its derivatives: items beside it, or members for a function of an `impl` block.
    pub(crate) derivatives: TokenStream,
    /// How the halves take its parameters, and which of these have a derivative; of a function with an error, nothing is
    /// known.
    pub(crate) taken: Vec<(By, bool)>,
}

impl ToTokens for Emitted {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.primal.to_tokens(tokens);
        self.derivatives.to_tokens(tokens);
    }
}

pub(crate) fn emit(options: &Options, function: &ItemFn, func: &Func, facts: &Facts) -> Emitted {
    let primal = api::primal(function);
    if dump::wanted(options) {
        let [_, items] = derivatives(options, function, func, facts);
        dump::write(&function.sig.ident.to_string(), &items);
    }
    report::write(options, func, facts);
    let typed = Options {
        typed: typed::can_be_asked(options, function, func)
            .then(|| typed::name(options, function, typed::FUNCTION)),
        ..options.clone()
    };
    let [before, items] = derivatives(&typed, function, func, facts);
    let items = dump::strip(items);
    let test = crate::check::test(options, function, func);
    let member = options.is_member(function);
    Emitted {
        primal,
        derivatives: conditioned(quote!(#before #items #test), function, member),
        taken: func.params.iter().map(|it| (it.by, it.active)).collect(),
    }
}

/// The derivatives, behind what is refused of them and the namespace.
fn derivatives(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    facts: &Facts,
) -> [TokenStream; 2] {
    let mut halves = halves::halves(options, function, func, facts);
    halves.extend(typed::constants(options, function, func));
    let one_pass = one_pass::in_one_pass(options, function, func, facts);
    halves.extend(one_pass.as_ref().map(|it| it.item.clone()));
    let mut public = Vec::from(api::public(options, function, func, one_pass.as_ref()));
    let (mut refused, mut together) = (TokenStream::new(), tangent::Together::One);
    if options.forward {
        match tangent::tangent(options, function, func) {
            Ok(tangent) => {
                halves.extend(tangent.hidden);
                public.extend(tangent.shown);
                together = tangent.together;
            }
            Err(refusals) => refused.extend(
                (refusals.into_iter())
                    .map(|it| syn::Error::new(it.span, it.message).into_compile_error()),
            ),
        }
    }
    if options.order < 2 {
        public.extend(second::missing(options, function, func));
    }
    public.extend(second::ungiven(options, function, func));
    if let Some(span) = options.root {
        halves.extend(implicit::root(options, function, func, span));
    }
    if let Some(span) = options.repeat {
        halves.extend(repeat::repeat(options, function, func, span));
    }
    public.extend(products::products(options, function, func, together));
    public.extend(several::several(options, function, func));
    public.extend(rule::named(options, function, func));
    let allow = quote!(#[allow(
        clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, unused, deprecated, non_snake_case,
        non_camel_case_types, non_shorthand_field_patterns, unused_qualifications, elided_lifetimes_in_paths, missing_docs,
        missing_debug_implementations, reason = "generated code"
    )]);
    let allow_public = quote!(#[allow(clippy::all, clippy::pedantic, clippy::nursery, unused_qualifications, deprecated, non_snake_case, dead_code, reason = "generated code")]);
    // Types cannot be nested in an `impl`, so the derivatives of a method are methods beside it.
    let (namespace, items) = if options.is_member(function) {
        let placed = placed(options, function);
        (
            TokenStream::new(),
            quote!(#placed #(#allow #halves)* #(#allow_public #public)*),
        )
    } else {
        let namespace = api::namespace(options, function);
        let name = api::namespace_ident(options, function);
        let krate = &options.krate;
        let said = value::Due::of(options).said(&quote!(#krate::__private), &name);
        (
            namespace,
            quote!(#said #allow impl #name { #(#halves)* } #allow_public impl #name { #(#public)* }),
        )
    };
    [quote!(#refused #namespace), items]
}

/// The derivatives of a function that is there under a condition are there under the same.
fn conditioned(derivatives: TokenStream, function: &ItemFn, member: bool) -> TokenStream {
    let cfgs: Vec<&Attribute> = conditions(function).collect();
    if cfgs.is_empty() {
        return derivatives;
    }
    let add = |attrs: &mut Vec<Attribute>| attrs.extend(cfgs.iter().map(|it| (*it).clone()));
    if !member {
        let Ok(mut file) = syn::parse2::<syn::File>(derivatives.clone()) else {
            return derivatives;
        };
        for item in &mut file.items {
            match item {
                Item::Const(it) => add(&mut it.attrs),
                Item::Enum(it) => add(&mut it.attrs),
                Item::Fn(it) => add(&mut it.attrs),
                Item::Impl(it) => add(&mut it.attrs),
                Item::Macro(it) => add(&mut it.attrs),
                Item::Mod(it) => add(&mut it.attrs),
                _ => {}
            }
        }
        return file.into_token_stream();
    }
    let Ok(mut block) = syn::parse2::<ItemImpl>(quote!(impl Members { #derivatives })) else {
        return derivatives;
    };
    for item in &mut block.items {
        match item {
            ImplItem::Fn(it) => add(&mut it.attrs),
            ImplItem::Const(it) => add(&mut it.attrs),
            ImplItem::Macro(it) => add(&mut it.attrs),
            _ => {}
        }
    }
    let items = &block.items;
    quote!(#(#items)*)
}

/// `#[cfg(..)]` on a function.
pub(crate) fn conditions(function: &ItemFn) -> impl Iterator<Item = &Attribute> {
    (function.attrs.iter()).filter(|it| it.path().is_ident("cfg"))
}

/// In the impl of a trait, to which a method alone cannot add its derivatives, rustc names the first item that does not
/// belong there: it says what to write instead.
fn placed(options: &Options, function: &ItemFn) -> Option<TokenStream> {
    let alone = options.block_is_unseen(function);
    alone.then(|| {
        let name = &function.sig.ident;
        let name = format_ident!("put_the_attribute_on_the_whole_impl_block__{}", name);
        quote!(
            #[doc(hidden)]
            #[allow(dead_code, non_upper_case_globals, reason = "it is there for its name")]
            const #name: () = ();
        )
    })
}

/// What a loop takes out of the tape for itself and the loops inside of it.
#[derive(Default)]
struct Lanes {
    /// The lanes of records, each with its record; the position of each is its number.
    records: Vec<(Ident, Ident)>,
    /// The stack of words.
    words: bool,
}

impl Lanes {
    /// How they are taken before the loop and given back behind it.
    fn around(&self) -> (TokenStream, TokenStream) {
        let (tape, words) = (names::tape(), names::words());
        let (mut take, mut give) = (TokenStream::new(), TokenStream::new());
        if self.words {
            take.extend(quote!(let mut #words = #tape.take_words();));
            give.extend(quote!(#tape.give_words(#words);));
        }
        for (lane, record) in &self.records {
            take.extend(quote!(let mut #lane = #tape.take(#record);));
            give.extend(quote!(#tape.give(#record, #lane);));
        }
        (take, give)
    }
}

/// The forward and the reverse half as a reader sees them, for the goldens.
#[cfg(test)]
pub(crate) fn readable_halves(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    facts: &Facts,
) -> String {
    let halves = halves::halves(options, function, func, facts);
    dump::readable(&quote!(impl namespace { #(#halves)* }))
}

/// The report of what is saved, for its test.
#[cfg(test)]
pub(crate) fn readable_report(func: &Func, facts: &Facts) -> String {
    report::report(func, facts)
}

/// An identifier of generated code that the user cannot name.
pub(crate) fn ours(text: &str) -> Ident {
    Ident::new(text, Span::mixed_site())
}

/// The same tokens, located at `span`, so that an error in generated code points at the user's operator, method or
/// function. Names are resolved as before.
pub(crate) fn located(tokens: TokenStream, span: Span) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let inner = located(group.stream(), span);
                token = TokenTree::Group(Group::new(group.delimiter(), inner));
            }
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}
