//! `#[derive(Differentiable)]`: a tangent type beside the user's type, and the impls of both.
//!
//! The stages are those of the attribute: what is refused (here), what is required of the type parameters (`bounds`),
//! then generation, which cannot fail (`items`). Types are not inspected: what a field's tangent is, the trait system
//! says.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Fields, Generics, Index, Member, Meta, Path, Type, TypeGroup,
    Visibility, parse_quote,
};

use crate::diag::Ctxt;
use crate::guard::guard;

mod bounds;
mod items;

/// The user's type.
struct Input {
    krate: Path,
    vis: Visibility,
    ident: Ident,
    /// The name of the tangent type.
    tangent: Ident,
    is_enum: bool,
    /// The parameters as the user wrote them.
    generics: Generics,
    /// The parameters with what the derivative asks of them.
    bounded: Generics,
    variants: Vec<Variant>,
}

/// A variant of an enum, or the struct itself.
struct Variant {
    /// The name, if it is a variant of an enum.
    ident: Option<Ident>,
    style: Style,
    fields: Vec<Field>,
}

/// How the fields are written.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    Named,
    Tuple,
    Unit,
}

struct Field {
    vis: Visibility,
    member: Member,
    ty: Type,
    /// Not marked `#[no_diff]`.
    active: bool,
}

pub(crate) fn differentiable(item: TokenStream) -> TokenStream {
    let input = match guard(&item).and_then(|()| syn::parse2::<DeriveInput>(item)) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut cx = Ctxt::new();
    let read = read(&mut cx, input);
    let errors = cx.finish();
    if let (Some(input), true) = (read, errors.is_empty()) {
        return items::items(&input);
    }
    errors.iter().map(syn::Error::to_compile_error).collect()
}

/// Checks what can be checked without types; `None` if nothing can be made of it.
fn read(cx: &mut Ctxt, input: DeriveInput) -> Option<Input> {
    let krate = container_options(cx, &input.attrs);
    if let Some(it) = input.generics.lifetimes().next() {
        cx.error(
            it.lifetime.span(),
            "a type that borrows cannot carry a derivative; own the data, or pass the struct as `#[no_diff]`",
        );
    }
    if !cx.is_clean() {
        return None;
    }
    let is_enum = matches!(input.data, Data::Enum(_));
    let mut variants = Vec::new();
    match &input.data {
        Data::Struct(it) => variants.push(variant(cx, None, &it.fields)),
        Data::Enum(it) => {
            for one in &it.variants {
                misplaced(cx, &one.attrs);
                variants.push(variant(cx, Some(one.ident.clone()), &one.fields));
            }
            if variants.is_empty() {
                cx.error(
                    input.ident.span(),
                    "an enum without variants has no values, and no derivative; remove `Differentiable`",
                );
            }
        }
        Data::Union(it) => cx.error(
            it.union_token.span(),
            "a union does not know which of its fields has a derivative; use an enum",
        ),
    }
    if !cx.is_clean() {
        return None;
    }
    let ident = input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    let this: Type = parse_quote!(#ident #arguments);
    let mut generics = input.generics.clone();
    bounds::name_self_in_generics(&mut generics, &this);
    for field in variants.iter_mut().flat_map(|it| &mut it.fields) {
        bounds::name_self(&mut field.ty, &this);
        let asked = field.active && crate::lower::is_concrete_own_type(&field.ty, &generics);
        field.ty = written(&field.ty);
        if asked {
            field.ty = written(&asked_type(&krate, &field.ty));
        }
    }
    let bounded = bounds::bounded(&krate, &ident, &this, &generics, &variants);
    let tangent = Ident::new(&format!("{}Tangent", plain(&ident)), ident.span());
    Some(Input {
        krate,
        vis: input.vis,
        ident,
        tangent,
        is_enum,
        generics,
        bounded,
        variants,
    })
}

/// `#[differentiable(crate = path)]`, and what does not belong on a type.
fn container_options(cx: &mut Ctxt, attrs: &[Attribute]) -> Path {
    let mut krate: Path = parse_quote!(::differentiate);
    misplaced(cx, attrs);
    for attr in attrs {
        if attr.path().is_ident("repr") {
            // What is not a list of words is an error of rustc's.
            let _ = attr.parse_nested_meta(|meta| {
                if meta.path.is_ident("packed") {
                    cx.error(
                        meta.path.span(),
                        "fields of a packed struct cannot be borrowed, and derivatives are added through borrows; remove `packed`",
                    );
                }
                Ok(())
            });
        }
        if !attr.path().is_ident("differentiable") {
            continue;
        }
        let parsed = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                krate = meta.value()?.call(Path::parse_mod_style)?;
                Ok(())
            } else {
                Err(meta.error("unknown option; the option is `crate = ..`"))
            }
        });
        if let Err(error) = parsed {
            cx.push(error);
        }
    }
    krate
}

/// Reports `#[no_diff]` on what is not a field.
fn misplaced(cx: &mut Ctxt, attrs: &[Attribute]) {
    for attr in attrs.iter().filter(|it| it.path().is_ident("no_diff")) {
        cx.error(
            attr.path().span(),
            "`#[no_diff]` goes on fields; mark each field that has no derivative",
        );
    }
}

fn variant(cx: &mut Ctxt, ident: Option<Ident>, fields: &Fields) -> Variant {
    let style = match fields {
        Fields::Named(_) => Style::Named,
        Fields::Unnamed(_) => Style::Tuple,
        Fields::Unit => Style::Unit,
    };
    let mut all = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let mut active = true;
        for attr in &field.attrs {
            if attr.path().is_ident("no_diff") {
                active = false;
                if !matches!(attr.meta, Meta::Path(_)) {
                    cx.error(
                        attr.meta.span(),
                        "`#[no_diff]` has no options; write `#[no_diff]`",
                    );
                }
            } else if attr.path().is_ident("differentiable") {
                cx.error(
                    attr.path().span(),
                    "`#[differentiable(..)]` goes on the type; of a field without derivative write `#[no_diff]`",
                );
            }
        }
        if let (true, Type::Reference(it)) = (active, &field.ty) {
            cx.push(syn::Error::new_spanned(
                it,
                "a field that borrows cannot carry a derivative; own the data, or mark the field `#[no_diff]`",
            ));
        }
        all.push(Field {
            vis: field.vis.clone(),
            member: match &field.ident {
                Some(ident) => Member::Named(ident.clone()),
                None => Member::Unnamed(Index::from(at)),
            },
            ty: field.ty.clone(),
            active,
        });
    }
    Variant {
        ident,
        style,
        fields: all,
    }
}

/// An identifier without `r#`.
fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.trim_start_matches("r#").to_owned()
}

/// A type as it stands in the source: invisible delimiters around it tell [`at_type`] to leave its tokens where they are.
fn written(ty: &Type) -> Type {
    Type::Group(TypeGroup {
        attrs: Vec::new(),
        group_token: syn::token::Group::default(),
        elem: Box::new(ty.clone()),
    })
}

/// The type of the user's own of a field, asked for its derivative: where there is none, that is the one error, and this is
/// the error type.
fn asked_type(krate: &Path, ty: &Type) -> Type {
    let known =
        quote!(#krate::__private::Known<#ty, { <#ty as #krate::Differentiable>::AD_KNOWN }>);
    Type::Verbatim(at_type(ty, known))
}

/// Generated tokens that span the type that the user wrote, from its first token to its last. Whatever is wrong with the
/// type of a field is wrong in all that is made of the field; where rustc sees the same words at the same place, it says
/// them once.
fn at_type(ty: &Type, tokens: TokenStream) -> TokenStream {
    let Type::Group(it) = ty else {
        return at_type(&written(ty), tokens);
    };
    let mut source = it.elem.to_token_stream().into_iter();
    let first = source.next().map_or_else(Span::call_site, |it| it.span());
    let last = source.last().map_or(first, |it| it.span());
    between(first, last, tokens)
}

/// What stands between commas goes from the first to the last place.
fn between(first: Span, last: Span, tokens: TokenStream) -> TokenStream {
    let is_comma = |it: &TokenTree| matches!(it, TokenTree::Punct(it) if it.as_char() == ',');
    let mut tokens = tokens.into_iter().peekable();
    let mut placed = TokenStream::new();
    while let Some(mut token) = tokens.next() {
        let ends = tokens.peek().is_none_or(is_comma);
        let written = matches!(&token, TokenTree::Group(it) if it.delimiter() == Delimiter::None);
        if !written {
            if let TokenTree::Group(group) = &token {
                let inner = between(first, last, group.stream());
                token = TokenTree::Group(Group::new(group.delimiter(), inner));
            }
            let place = if ends { last } else { first };
            // Which crate `$crate` is, is in its span.
            let is_crate = matches!(&token, TokenTree::Ident(it) if it == "$crate");
            token.set_span(if is_crate {
                token.span().located_at(place)
            } else {
                place
            });
        }
        placed.extend([token]);
    }
    placed
}

impl Field {
    /// The type of the field's tangent.
    fn tangent(&self, krate: &Path, generics: &Generics) -> TokenStream {
        let ty = &self.ty;
        if self.active {
            return at_type(ty, quote!(<#ty as #krate::Differentiable>::Tangent));
        }
        if bounds::mentions(&quote!(#ty), &bounds::type_parameters(generics)) {
            quote!(<#ty as #krate::__private::Ignored>::Tangent)
        } else {
            quote!(())
        }
    }

    /// The name of the member in names of accessors.
    fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => plain(ident),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

impl Variant {
    /// Names of the variables for the fields.
    fn bindings(&self, prefix: &str) -> Vec<Ident> {
        (0..self.fields.len())
            .map(|at| format_ident!("__{prefix}{at}"))
            .collect()
    }
}
