//! The arguments of `#[differentiate(..)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{Parse, Parser};
use syn::spanned::Spanned;
use syn::{Path, parse_quote};

use crate::check::Test;
use crate::diag::Ctxt;

const KNOWN: &str = "`wrt(..)`, `pullback = ..`, `rule(path = ..)`, `name = ..`, `crate = ..`, `forward`, `order = 2`, `root`, `argmin`, `repeat`, `test(..)`, `checkpoint`, `recursive`, `dump`, `report`";

/// Options that are there or not.
const FLAGS: [&str; 8] = [
    "forward",
    "root",
    "argmin",
    "repeat",
    "checkpoint",
    "recursive",
    "dump",
    "report",
];

/// The code doubles with each order.
const MAX_ORDER: u32 = 5;

/// What the user asked for.
#[derive(Clone)]
pub(crate) struct Options {
    /// `crate = path`: where the runtime is found.
    pub(crate) krate: Path,
    /// `wrt(w, b)`: the parameters that the public functions differentiate with respect to.
    pub(crate) wrt: Option<Vec<Ident>>,
    /// `pullback = rule`: the function that pulls a cotangent back, written by hand.
    pub(crate) pullback: Option<Path>,
    /// `rule(path = rule)`: pullbacks, written by hand, of functions that are somebody else's.
    pub(crate) rules: Vec<(Path, Path)>,
    /// `name = ident`: the name of the derivative namespace, if not that of the function.
    pub(crate) name: Option<Ident>,
    /// `forward`: the tangent program is wanted, too.
    pub(crate) forward: bool,
    /// `order = 2`: derivatives of the tangent program are wanted, too; above, those of its tangent program and so on.
    pub(crate) order: u32,
    /// `root`: where the function is zero is wanted, with its derivative.
    pub(crate) root: Option<Span>,
    /// `argmin`: where the function is least is wanted, with its derivative.
    pub(crate) argmin: Option<Span>,
    /// `repeat`: the function applied many times is wanted, with its derivative.
    pub(crate) repeat: Option<Span>,
    /// `test(1.0, &[2.0])`: points at which a test checks the derivatives.
    pub(crate) tests: Vec<Test>,
    /// `checkpoint`: the reverse half runs the forward half again, so that nothing is kept between the two but the inputs.
    pub(crate) checkpoint: bool,
    /// `recursive`: this function is part of a recursive cycle through other functions.
    pub(crate) recursive: bool,
    /// No option: the constant of the namespace without which nothing is reported.
    pub(crate) typed: Option<Ident>,
    /// The function is a member of an `impl` block under the attribute: its derivatives are members beside it.
    pub(crate) member: Option<Member>,
    /// `dump`: write the generated code, formatted, to a file.
    pub(crate) dump: Option<Span>,
    /// `report`: write what is saved, how often and why, to a file.
    pub(crate) report: Option<Span>,
}

/// What a function inherits from its `impl` block.
#[derive(Clone)]
pub(crate) struct Member {
    /// The type and const parameters of the block, which the residual must name.
    pub(crate) generics: Vec<Ident>,
    /// The trait of the block, in which the function itself is found.
    pub(crate) of: Option<Path>,
    /// Is it a block of its type alone, without parameters of any kind?
    pub(crate) plain: bool,
}

impl Options {
    /// Those of a function beside this one, of which an option here gives the derivatives.
    pub(crate) fn beside(&self) -> Options {
        let member = self.member.clone().unwrap_or_else(|| Member {
            generics: Vec::new(),
            of: None,
            plain: false,
        });
        Options {
            root: None,
            argmin: None,
            repeat: None,
            checkpoint: false,
            recursive: false,
            pullback: None,
            typed: None,
            member: Some(Member { of: None, ..member }),
            ..self.clone()
        }
    }

    /// How many times the tangent is taken: derivatives of an order are those of tangent programs of one order less.
    pub(crate) fn highest_level(&self) -> u32 {
        if self.forward {
            (self.order - 1).max(1)
        } else {
            0
        }
    }

    /// Are the derivatives members beside the function, with its name before theirs?
    pub(crate) fn is_member(&self, function: &syn::ItemFn) -> bool {
        self.member.is_some() || function.sig.receiver().is_some()
    }

    /// Does the function stand in an `impl` block that is not seen, and may have type parameters?
    pub(crate) fn block_is_unseen(&self, function: &syn::ItemFn) -> bool {
        self.member.is_none() && function.sig.receiver().is_some()
    }

    pub(crate) fn parse(cx: &mut Ctxt, args: TokenStream) -> Self {
        let mut options = Options {
            krate: parse_quote!(::differentiate),
            wrt: None,
            pullback: None,
            rules: Vec::new(),
            name: None,
            forward: false,
            order: 1,
            root: None,
            argmin: None,
            repeat: None,
            tests: Vec::new(),
            checkpoint: false,
            recursive: false,
            typed: None,
            member: None,
            dump: None,
            report: None,
        };
        let mut seen: Vec<String> = Vec::new();
        let parser = syn::meta::parser(|meta| {
            let key = meta
                .path
                .get_ident()
                .map(ToString::to_string)
                .unwrap_or_default();
            if seen.contains(&key) && !matches!(key.as_str(), "rule" | "test") {
                cx.error(
                    meta.path.span(),
                    format!("duplicate option `{key}`; give it once"),
                );
            }
            seen.push(key.clone());
            match key.as_str() {
                "crate" => options.krate = meta.value()?.call(Path::parse_mod_style)?,
                "wrt" => {
                    let mut names = Vec::new();
                    if !meta.input.peek(syn::token::Paren) {
                        return Err(
                            meta.error("`wrt` needs names of parameters; write `wrt(x, y)`")
                        );
                    }
                    meta.parse_nested_meta(|inner| {
                        names.push(inner.path.require_ident()?.clone());
                        Ok(())
                    })?;
                    if names.is_empty() {
                        return Err(
                            meta.error("`wrt` needs names of parameters; write `wrt(x, y)`")
                        );
                    }
                    options.wrt = Some(names);
                }
                "rule" => {
                    if !meta.input.peek(syn::token::Paren) {
                        return Err(meta.error(
                            "`rule` needs a function and its pullback; write `rule(library::function = my_pullback)`",
                        ));
                    }
                    let content;
                    syn::parenthesized!(content in meta.input);
                    while !content.is_empty() {
                        let function = content.call(Path::parse_mod_style)?;
                        content.parse::<syn::Token![=]>()?;
                        options
                            .rules
                            .push((function, content.call(Path::parse_mod_style)?));
                        if !content.is_empty() {
                            content.parse::<syn::Token![,]>()?;
                        }
                    }
                }
                "pullback" => options.pullback = Some(meta.value()?.call(Path::parse_mod_style)?),
                "name" => {
                    let value = meta.value()?;
                    if value.peek(syn::LitStr) {
                        return Err(value.error("write the name without quotes: `name = d_square`"));
                    }
                    options.name = Some(value.parse()?);
                }
                "forward" => options.forward = true,
                "order" => {
                    let value = meta.value()?;
                    if !value.peek(syn::LitInt) {
                        return Err(
                            value.error("the order of derivatives is a number; write `order = 2`")
                        );
                    }
                    let value: syn::LitInt = value.parse()?;
                    options.order = value.base10_parse()?;
                    if !(1..=MAX_ORDER).contains(&options.order) {
                        cx.error(
                            value.span(),
                            format!(
                                "the order of derivatives is 1 to {MAX_ORDER}; write `order = 2`"
                            ),
                        );
                        options.order = 2;
                    }
                    options.forward |= options.order > 1;
                }
                "root" => options.root = Some(meta.path.span()),
                "argmin" => options.argmin = Some(meta.path.span()),
                "repeat" => options.repeat = Some(meta.path.span()),
                "test" => {
                    if !meta.input.peek(syn::token::Paren) {
                        return Err(meta.error(
                            "`test` needs arguments for the function; write `test(1.0, &[2.0, 3.0])`",
                        ));
                    }
                    let given;
                    syn::parenthesized!(given in meta.input);
                    options.tests.push(Test {
                        at: meta.path.span(),
                        given: given.parse_terminated(syn::Expr::parse, syn::Token![,])?,
                    });
                }
                "checkpoint" => options.checkpoint = true,
                "recursive" => options.recursive = true,
                "dump" => options.dump = Some(meta.path.span()),
                "report" => options.report = Some(meta.path.span()),
                _ => {
                    cx.error(
                        meta.path.span(),
                        if key == "no_diff" {
                            "`no_diff` is no option; write `#[no_diff]` before the parameter"
                                .to_owned()
                        } else {
                            format!("unknown option; the options are {KNOWN}")
                        },
                    );
                    // Whatever belongs to it is skipped, so that later options are still read.
                    while !meta.input.is_empty() && !meta.input.peek(syn::Token![,]) {
                        meta.input.parse::<proc_macro2::TokenTree>()?;
                    }
                }
            }
            if FLAGS.contains(&&*key) && meta.input.peek(syn::Token![=]) {
                let message = format!("`{key}` takes no value; write `{key}` alone");
                return Err(meta.input.error(message));
            }
            Ok(())
        });
        if let Err(error) = parser.parse2(args) {
            cx.push(error);
        }
        if options.argmin.is_some() {
            options.order = options.order.max(2);
            options.forward = true;
        }
        options
    }
}
