//! Identifiers of generated code: readable, unique within the function, deterministic.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

/// Hands out identifiers that occur nowhere else in the function.
pub(crate) struct Namer {
    taken: HashSet<String>,
    bound: HashSet<String>,
    /// By stem: the number to be tried next.
    next: HashMap<String, u32>,
}

impl Namer {
    /// A namer that avoids every identifier of `tokens`.
    pub(crate) fn avoiding(tokens: TokenStream) -> Self {
        let mut namer = Namer {
            taken: HashSet::new(),
            bound: HashSet::new(),
            next: HashMap::new(),
        };
        namer.reserve(tokens);
        namer
    }

    fn reserve(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    self.taken.insert(ident.to_string());
                }
                TokenTree::Group(group) => self.reserve(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// The identifier of a binding that the user wrote: the first binding of a name keeps it, a shadowing one gets a
    /// number, so that both can be named at the end of the function.
    pub(crate) fn user(&mut self, ident: &Ident) -> Ident {
        if self.bound.insert(ident.to_string()) {
            return ident.clone();
        }
        let text = ident.to_string();
        let mut renamed = self.unique(text.trim_start_matches("r#"));
        renamed.set_span(ident.span());
        renamed
    }

    /// An identifier of our own that starts with `stem`, which may be a word that is no name, of a function `r#match`.
    pub(crate) fn fresh(&mut self, stem: &str) -> Ident {
        let stem = stem.trim_start_matches("r#");
        if syn::parse_str::<Ident>(stem).is_ok() && self.taken.insert(stem.to_owned()) {
            return Ident::new(stem, Span::mixed_site());
        }
        self.unique(stem)
    }

    fn unique(&mut self, stem: &str) -> Ident {
        let next = self.next.entry(stem.to_owned()).or_insert(2);
        loop {
            let candidate = format!("{stem}_{next}");
            *next += 1;
            if self.taken.insert(candidate.clone()) {
                return Ident::new(&candidate, Span::mixed_site());
            }
        }
    }
}
