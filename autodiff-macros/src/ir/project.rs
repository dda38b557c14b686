//! The steps of a place as tokens.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Code, Proj, VarId};

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
        (Proj::Accessor(name), false) => quote!((*#base.#name())),
        (Proj::Accessor(name), true) => {
            let name = format_ident!("{}_mut", name);
            quote!((*#base.#name()))
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
