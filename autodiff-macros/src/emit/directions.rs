//! A tangent of all parameters that a function is differentiated with respect to, as one value: what matrices are made of,
//! column by column.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::halves::type_span;
use super::{located, ours};
use crate::ir::{By, Func, Param};
use crate::options::Options;

pub(super) struct Directions {
    /// A zero tangent.
    pub(super) like: TokenStream,
    /// The arguments of the function, to be passed more than once.
    pub(super) arguments: Vec<TokenStream>,
    /// Can they be passed more than once? What is owned and has no derivative may be no `Clone`.
    pub(super) again: bool,
    rt: TokenStream,
    /// For each parameter how it is passed, if the function is differentiated with respect to it.
    wanted: Vec<Option<By>>,
}

impl Directions {
    pub(super) fn new(options: &Options, func: &Func) -> Directions {
        let krate = &options.krate;
        let rt = quote!(#krate::__private);
        let ident = |it: &Param| func.var(it.var).ident.clone();
        let wanted = |it: &Param| {
            it.active && (options.wrt.as_ref()).is_none_or(|names| names.contains(&ident(it)))
        };
        let active: Vec<&Param> = func.params.iter().filter(|it| wanted(it)).collect();
        let likes: Vec<TokenStream> = (active.iter())
            .map(|it| {
                let ident = ident(it);
                let value = match it.by {
                    By::Value => quote!(&#ident),
                    _ => quote!(#ident),
                };
                located(quote!(#rt::zero_like(#value)), type_span(&it.ty))
            })
            .collect();
        let arguments = func.params.iter().map(|it| {
            let ident = ident(it);
            match it.by {
                By::Value => quote!(::core::clone::Clone::clone(&#ident)),
                _ => quote!(#ident),
            }
        });
        let cloned = |ty: &syn::Type| {
            crate::lower::is_scalar(ty)
                || matches!(ty, syn::Type::Path(it) if it.path.segments.last()
                    .is_some_and(|it| crate::names::inactive_type(&it.ident.to_string())))
        };
        let again = |it: &Param| it.by != By::Value || it.active || cloned(&it.ty);
        Directions {
            like: tuple(&likes),
            arguments: arguments.collect(),
            again: func.params.iter().all(again),
            wanted: (func.params.iter())
                .map(|it| wanted(it).then_some(it.by))
                .collect(),
            rt,
        }
    }

    /// The pattern that takes a direction apart.
    pub(super) fn pattern(&self, lane: usize) -> TokenStream {
        let parts = self.wanted.iter().enumerate().filter(|it| it.1.is_some());
        let parts: Vec<Ident> = parts.map(|it| part(lane, it.0)).collect();
        tuple(&parts)
    }

    /// The parts of a direction, as functions with tangents take them.
    pub(super) fn given(&self, lane: usize) -> Vec<TokenStream> {
        let given = |(at, by): (usize, &Option<By>)| Some(self.handed(lane, at, (*by)?));
        self.wanted.iter().enumerate().filter_map(given).collect()
    }

    /// The parts of a direction, as tangent programs take them: in an `Option` for each parameter.
    pub(super) fn optional(&self, lane: usize) -> Vec<TokenStream> {
        let given = |(at, by): (usize, &Option<By>)| match by {
            Some(by) => {
                let part = self.handed(lane, at, *by);
                quote!(::core::option::Option::Some(#part))
            }
            None => quote!(::core::option::Option::None),
        };
        self.wanted.iter().enumerate().map(given).collect()
    }

    /// The parts of what holds directions side by side.
    pub(super) fn bundled(&self) -> Vec<TokenStream> {
        let given = |(at, by): (usize, &Option<By>)| {
            let part = part(0, at);
            Some(match (*by)? {
                By::Value => quote!(#part),
                _ => quote!(&#part),
            })
        };
        self.wanted.iter().enumerate().filter_map(given).collect()
    }

    fn handed(&self, lane: usize, at: usize, by: By) -> TokenStream {
        let (rt, part) = (&self.rt, part(lane, at));
        match by {
            By::Value => quote!(#part),
            _ => quote!(#rt::hand(&#part)),
        }
    }
}

/// What a direction has for a parameter.
fn part(lane: usize, at: usize) -> Ident {
    ours(&format!("__dot_{lane}_{at}"))
}

/// One item as it is, several as a tuple.
pub(super) fn tuple(items: &[impl quote::ToTokens]) -> TokenStream {
    match items {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    }
}
