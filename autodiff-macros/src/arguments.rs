//! The expressions among the arguments of a macro.
//!
//! To the parser a macro is a name and tokens, and a visitor of syntax passes by what stands there: a `return` in
//! `vec![return x]` would not be seen. Every visitor of the user's code therefore asks for the arguments.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Ident, Macro, Pat, Token};

/// The method of a [`syn::visit::Visit`] that goes on into the arguments of macros.
macro_rules! visit_arguments {
    () => {
        fn visit_macro(&mut self, it: &'ast syn::Macro) {
            for expr in crate::arguments::Arguments::of(it).exprs() {
                self.visit_expr(expr);
            }
        }
    };
}

/// The method of a [`syn::visit_mut::VisitMut`] that goes on into the arguments of macros.
macro_rules! visit_arguments_mut {
    () => {
        fn visit_macro_mut(&mut self, it: &mut syn::Macro) {
            let mut arguments = crate::arguments::Arguments::of(it);
            for expr in arguments.exprs_mut() {
                self.visit_expr_mut(expr);
            }
            it.tokens = quote::ToTokens::into_token_stream(arguments);
        }
    };
}

/// The arguments of a macro: `a, b`, `a; n`, `a, b; c, d`, `a, "{}", name = b`, `a, Some(x) if x > b`.
pub(crate) struct Arguments {
    parts: Vec<Part>,
    /// Is there something among them that is neither an expression nor a pattern, a name or a separator?
    pub(crate) unknown: bool,
}

enum Part {
    Expr(Expr),
    Tokens(TokenStream),
}

impl Arguments {
    pub(crate) fn of(mac: &Macro) -> Self {
        let parser = |input: ParseStream<'_>| Ok(Arguments::parse(input));
        // A group that was left in the middle is an error of its own, after all.
        parser
            .parse2(mac.tokens.clone())
            .unwrap_or_else(|_| Arguments {
                parts: vec![Part::Tokens(mac.tokens.clone())],
                unknown: true,
            })
    }

    fn parse(input: ParseStream<'_>) -> Self {
        let mut parts = Vec::new();
        let mut unknown = false;
        while !input.is_empty() {
            unknown = argument(input, &mut parts).is_err();
            if unknown {
                let rest = input.parse();
                parts.extend(rest.map(Part::Tokens));
            }
        }
        Arguments { parts, unknown }
    }

    pub(crate) fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.parts.iter().filter_map(|it| match it {
            Part::Expr(it) => Some(it),
            Part::Tokens(_) => None,
        })
    }

    /// Where do they leave the function, or a loop around the macro?
    pub(crate) fn exit(&self) -> Option<Span> {
        let mut exits = Exits::default();
        for expr in self.exprs() {
            exits.visit_expr(expr);
        }
        exits.first
    }

    pub(crate) fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        self.parts.iter_mut().filter_map(|it| match it {
            Part::Expr(it) => Some(it),
            Part::Tokens(_) => None,
        })
    }
}

#[derive(Default)]
struct Exits {
    /// How many loops of the arguments themselves are around.
    loops: usize,
    first: Option<Span>,
}

impl<'ast> Visit<'ast> for Exits {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        let leaves = match expr {
            Expr::Return(_) | Expr::Try(_) => true,
            Expr::Break(it) => self.loops == 0 || it.label.is_some(),
            Expr::Continue(it) => self.loops == 0 || it.label.is_some(),
            // What a closure leaves is itself.
            Expr::Closure(_) => return,
            _ => false,
        };
        if leaves {
            self.first.get_or_insert(expr.span());
        }
        let inside = matches!(expr, Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_));
        self.loops += usize::from(inside);
        visit::visit_expr(self, expr);
        self.loops -= usize::from(inside);
    }
    visit_arguments!();
}

impl ToTokens for Arguments {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for part in &self.parts {
            match part {
                Part::Expr(it) => it.to_tokens(tokens),
                Part::Tokens(it) => it.to_tokens(tokens),
            }
        }
    }
}

/// One argument, and what separates it from the next.
fn argument(input: ParseStream<'_>, parts: &mut Vec<Part>) -> syn::Result<()> {
    if input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
        let (name, equals): (Ident, Token![=]) = (input.parse()?, input.parse()?);
        parts.push(Part::Tokens(quote!(#name #equals)));
    }
    if let Ok(expr) = expression(input) {
        parts.push(Part::Expr(expr));
    } else {
        let pat = input.call(Pat::parse_multi_with_leading_vert)?;
        parts.push(Part::Tokens(pat.into_token_stream()));
        if let Some(guard) = input.parse::<Option<Token![if]>>()? {
            parts.push(Part::Tokens(guard.into_token_stream()));
            parts.push(Part::Expr(expression(input)?));
        }
    }
    if input.peek(Token![,]) {
        let comma: Token![,] = input.parse()?;
        parts.push(Part::Tokens(comma.into_token_stream()));
    } else if !input.is_empty() {
        let semicolon: Token![;] = input.parse()?;
        parts.push(Part::Tokens(semicolon.into_token_stream()));
    }
    Ok(())
}

/// An expression, if a separator or nothing follows; otherwise nothing is taken.
fn expression(input: ParseStream<'_>) -> syn::Result<Expr> {
    let ahead = input.fork();
    let expr = ahead.parse()?;
    if !ahead.is_empty() && !ahead.peek(Token![,]) && !ahead.peek(Token![;]) {
        return Err(ahead.error("the argument goes on"));
    }
    input.advance_to(&ahead);
    Ok(expr)
}

pub(crate) use {visit_arguments, visit_arguments_mut};
