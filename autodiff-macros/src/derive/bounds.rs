//! What the derivative of a generic type asks of its parameters.
//!
//! The bound is on the type of the field, not on the parameters in it, because `OMatrix<f64, R, C>` has a derivative
//! and `R` has none. Where a type contains itself that would be a circle: there, and in the containers whose derivative
//! is known to be that of their items, the bound is on what is inside.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{ExprPath, GenericArgument, Generics, Path, PathArguments, Type, TypePath, parse_quote};

use super::{Variant, at_type, written};

/// The containers that have a derivative if their items have.
const CONTAINERS: [&str; 3] = ["Vec", "Option", "Box"];

/// The names of the type parameters.
pub(super) fn type_parameters(generics: &Generics) -> Vec<Ident> {
    generics.type_params().map(|it| it.ident.clone()).collect()
}

/// Is one of the names among the tokens?
pub(super) fn mentions(tokens: &TokenStream, names: &[Ident]) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(it) => names.contains(&it),
        TokenTree::Group(it) => mentions(&it.stream(), names),
        _ => false,
    })
}

/// The generics with all bounds in the `where` clause that the derivative needs.
pub(super) fn bounded(
    krate: &Path,
    ident: &Ident,
    this: &Type,
    generics: &Generics,
    variants: &[Variant],
) -> Generics {
    let parameters = type_parameters(generics);
    let mut bounded = generics.clone();
    if parameters.is_empty() {
        return bounded;
    }
    let predicates = &mut bounded.make_where_clause().predicates;
    for parameter in &parameters {
        predicates.push(parse_quote!(#parameter: 'static));
    }
    predicates.push(parse_quote!(#this: ::core::clone::Clone));
    for ty in differentiable(ident, generics, variants) {
        let predicate = at_type(&ty, quote!(#ty: #krate::Differentiable<Owned = #ty>));
        predicates.push(parse_quote!(#predicate));
    }
    for field in variants.iter().flat_map(|it| &it.fields) {
        let ty = &field.ty;
        if !field.active && mentions(&quote!(#ty), &parameters) {
            predicates.push(parse_quote!(#ty: ::core::clone::Clone));
        }
    }
    bounded
}

/// The generics, which are bounded already, for an impl of `bound` for the tangent type.
pub(super) fn with_tangents(
    krate: &Path,
    ident: &Ident,
    bounded: &Generics,
    variants: &[Variant],
    bound: &TokenStream,
) -> Generics {
    let mut generics = bounded.clone();
    for ty in differentiable(ident, bounded, variants) {
        let predicates = &mut generics.make_where_clause().predicates;
        predicates.push(parse_quote!(<#ty as #krate::Differentiable>::Tangent: #bound));
    }
    generics
}

/// The types that mention a type parameter and have to be differentiable.
fn differentiable(ident: &Ident, generics: &Generics, variants: &[Variant]) -> Vec<Type> {
    let mut search = Search {
        ident,
        parameters: type_parameters(generics),
        found: Vec::new(),
    };
    for field in variants.iter().flat_map(|it| &it.fields) {
        if field.active {
            search.look(&field.ty);
        }
    }
    search.found
}

struct Search<'a> {
    ident: &'a Ident,
    parameters: Vec<Ident>,
    found: Vec<Type>,
}

impl Search<'_> {
    fn look(&mut self, ty: &Type) {
        if !mentions(&ty.to_token_stream(), &self.parameters) {
            return;
        }
        match ty {
            Type::Array(it) => self.look(&it.elem),
            Type::Slice(it) => self.look(&it.elem),
            Type::Group(it) => self.look(&it.elem),
            Type::Paren(it) => self.look(&it.elem),
            Type::Tuple(it) => it.elems.iter().for_each(|it| self.look(it)),
            Type::Path(TypePath {
                qself: None, path, ..
            }) if self.is_transparent(path) => {
                for segment in &path.segments {
                    if let PathArguments::AngleBracketed(it) = &segment.arguments {
                        for argument in &it.args {
                            if let GenericArgument::Type(it) = argument {
                                self.look(it);
                            }
                        }
                    }
                }
            }
            _ => {
                let ty = written(ty);
                if !self.found.contains(&ty) {
                    self.found.push(ty);
                }
            }
        }
    }

    /// Is the bound on what is inside?
    fn is_transparent(&self, path: &Path) -> bool {
        let last = path.segments.last();
        last.is_some_and(|it| CONTAINERS.iter().any(|name| it.ident == name))
            || mentions(&path.to_token_stream(), core::slice::from_ref(self.ident))
    }
}

/// Writes the type for `Self`, which means another type in the tangent type.
pub(super) fn name_self(ty: &mut Type, this: &Type) {
    NameSelf { this }.visit_type_mut(ty);
}

/// As [`name_self`], in bounds.
pub(super) fn name_self_in_generics(generics: &mut Generics, this: &Type) {
    NameSelf { this }.visit_generics_mut(generics);
}

struct NameSelf<'a> {
    this: &'a Type,
}

impl NameSelf<'_> {
    /// What follows `Self` in a path that begins with it.
    fn rest(path: &Path) -> Option<TokenStream> {
        let mut segments = path.segments.iter();
        (segments.next()?.ident == "Self").then(|| quote!(#(::#segments)*))
    }
}

impl VisitMut for NameSelf<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        let Type::Path(TypePath {
            qself: None, path, ..
        }) = ty
        else {
            return;
        };
        let Some(rest) = Self::rest(path) else { return };
        let this = self.this;
        *ty = if rest.is_empty() {
            this.clone()
        } else {
            parse_quote!(<#this> #rest)
        };
    }

    fn visit_expr_path_mut(&mut self, path: &mut ExprPath) {
        visit_mut::visit_expr_path_mut(self, path);
        if let (None, Some(rest)) = (&path.qself, Self::rest(&path.path))
            && !rest.is_empty()
        {
            let this = self.this;
            *path = parse_quote!(<#this> #rest);
        }
    }
}
