//! The steps of a place as tokens.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Member, Path};

use super::{Code, Members, Proj, VarId};

/// The type with the fields that what has no derivative seems to have.
fn fields() -> Ident {
    Ident::new("__Fields", Span::mixed_site())
}

/// The declaration of that type, if `tokens` name it.
pub(crate) fn declared_fields(
    rt: &TokenStream,
    members: &Members,
    tokens: &TokenStream,
) -> TokenStream {
    fn names(tokens: &TokenStream, ident: &Ident) -> bool {
        tokens.clone().into_iter().any(|it| match it {
            TokenTree::Ident(it) => it == *ident,
            TokenTree::Group(it) => names(&it.stream(), ident),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    let (name, fields) = (fields(), members.fields.iter());
    if !names(tokens, &name) {
        return TokenStream::new();
    }
    let accessors = members.accessors.iter().map(|read| {
        let write = format_ident!("{}_mut", read);
        quote!(
            fn #read(&self) -> &() { &() }
            fn #write(&mut self) -> &mut () { #rt::nothing() }
        )
    });
    quote!(
        #[derive(::core::default::Default)]
        struct #name { #(#fields: (),)* }
        impl #name { #(#accessors)* }
    )
}

/// What has the field `member` of a shadow or a tangent, which may have none.
pub(crate) fn parts_of(
    rt: &TokenStream,
    base: &TokenStream,
    member: &Member,
    writes: bool,
) -> TokenStream {
    match member {
        Member::Named(_) => parts(rt, base, &fields().to_token_stream(), writes),
        Member::Unnamed(_) => parts(rt, base, &quote!(#rt::Positions), writes),
    }
}

fn parts(rt: &TokenStream, base: &TokenStream, fields: &TokenStream, writes: bool) -> TokenStream {
    if writes {
        quote!(#rt::At(&mut #base).ad_fields::<#fields>())
    } else {
        quote!(#rt::Within(&#base).ad_fields::<#fields>())
    }
}

/// The field of a variant that is there, since the pattern has matched. `base` is a reference.
pub(crate) fn variant(
    rt: &TokenStream,
    base: &TokenStream,
    path: &Path,
    member: &Member,
) -> TokenStream {
    let part = Ident::new("__part", Span::mixed_site());
    quote!((*match #base {
        #path { #member: #part, .. } => #part,
        _ => #rt::other_variant(),
    }))
}

/// A field behind a pattern, by its accessor.
fn accessed(base: &TokenStream, name: &Ident, writes: bool) -> TokenStream {
    if writes {
        let name = format_ident!("{}_mut", name);
        quote!((*#base.#name()))
    } else {
        quote!((*#base.#name()))
    }
}

/// One step on the way to a place. `writes`: is the place to be written? `code` and `position` say what code and the
/// positions of loops are where the place stands.
pub(crate) fn project(
    rt: &TokenStream,
    base: &TokenStream,
    proj: &Proj,
    writes: bool,
    code: &dyn Fn(&Code) -> TokenStream,
    position: &dyn Fn(VarId) -> TokenStream,
) -> TokenStream {
    match (proj, writes) {
        (Proj::Field(member), _) => quote!(#base.#member),
        (Proj::Part(member), writes) => {
            let parts = parts_of(rt, base, member, writes);
            quote!(#parts.#member)
        }
        (Proj::Index(index), _) => {
            let index = code(index);
            quote!(#base[#index])
        }
        (Proj::Deref, _) => quote!((*#base)),
        (Proj::Elem(var), _) => {
            let at = position(*var);
            if writes {
                quote!((*#rt::ElementsMut::ad_at_mut(&mut #base, #at)))
            } else {
                quote!((*#rt::Elements::ad_at(&#base, #at)))
            }
        }
        (Proj::Payload, false) => quote!((*#rt::payload(&#base))),
        (Proj::Payload, true) => quote!((*#rt::payload_mut(&mut #base))),
        (
            Proj::Variant {
                path,
                member,
                apart,
            },
            writes,
        ) => match (apart, writes) {
            (true, false) => variant(rt, &quote!(&#base), path, member),
            (true, true) => variant(rt, &quote!(&mut #base), path, member),
            (false, _) => accessed(base, &crate::lower::accessor(path, member), writes),
        },
        (Proj::Accessor { name, part: false }, writes) => accessed(base, name, writes),
        (Proj::Accessor { name, part: true }, writes) => {
            let parts = parts(rt, base, &fields().to_token_stream(), writes);
            accessed(&parts, name, writes)
        }
        (Proj::View(view), _) => {
            let name = if writes {
                view.mutable()
            } else {
                view.name.clone()
            };
            let (turbofish, args) = (&view.turbofish, view.args.iter().map(code));
            let made = quote!(#base.#name #turbofish (#(#args),*));
            if view.reference {
                quote!((*#made))
            } else {
                made
            }
        }
        (Proj::Half { at, left }, _) => {
            let at = code(at);
            if *left {
                quote!(#base[..#at])
            } else {
                quote!(#base[#at..])
            }
        }
        (Proj::Array(len), writes) => {
            let len = len.as_ref().map(|it| quote!(::<_, {#it}>));
            if writes {
                quote!((*#rt::array_mut #len (&mut #base)))
            } else {
                quote!((*#rt::array #len (&#base)))
            }
        }
    }
}
