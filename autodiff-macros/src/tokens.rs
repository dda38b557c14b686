//! The tokens before they are parsed, without what means the same in another form.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::Expr;

/// The same program with every expression that a `macro_rules!` fragment stands for in parentheses, and no name written
/// raw that need not be.
///
/// A fragment comes in a group without delimiters, which rustc opens in what a macro gives back: `$a * $b` with
/// `x + 1.0` for `$a` would be read as `x + 1.0 * ..`.
pub(crate) fn settled(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().flat_map(token).collect()
}

fn token(token: TokenTree) -> TokenStream {
    match token {
        TokenTree::Group(group) => {
            let inner = settled(group.stream());
            let delimiter = match group.delimiter() {
                Delimiter::None if is_statement(&inner) => return inner,
                Delimiter::None if takes_operators(&inner) => Delimiter::Parenthesis,
                other => other,
            };
            let mut settled = Group::new(delimiter, inner);
            settled.set_span(group.span());
            TokenTree::Group(settled).into()
        }
        TokenTree::Ident(ident) => TokenTree::Ident(bare(ident)).into(),
        other => other.into(),
    }
}

/// Does an operator beside this expression take a part of it? A type or a pattern of the same tokens may stand in
/// parentheses, too.
fn takes_operators(tokens: &TokenStream) -> bool {
    matches!(
        syn::parse2(tokens.clone()),
        Ok(Expr::Binary(_)
            | Expr::Unary(_)
            | Expr::Cast(_)
            | Expr::Range(_)
            | Expr::Reference(_)
            | Expr::Closure(_))
    )
}

/// Is this a statement that is no expression?
fn is_statement(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(it)) if it == "let")
}

/// `x` for `r#x`.
fn bare(ident: Ident) -> Ident {
    let text = ident.to_string();
    match text.strip_prefix("r#") {
        // `gen` is a keyword of one edition.
        Some(name) if name != "gen" && syn::parse_str::<Ident>(name).is_ok() => {
            Ident::new(name, ident.span())
        }
        _ => ident,
    }
}
