//! One sweep to and fro through the halves of a function, as generated code writes it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{GenericParam, ItemFn};

use super::halves::own_forward_name;
use super::ours;
use crate::ir::{By, Func};
use crate::options::Options;

/// An argument of a forward half and of its residual.
pub(super) struct Argument {
    pub(super) by: By,
    /// Its cotangent is wanted.
    pub(super) on: bool,
    /// The argument, as often as it is passed.
    pub(super) passed: TokenStream,
    /// A zero of its cotangent.
    pub(super) zero: TokenStream,
}

/// A forward half and what is needed to run its residual.
pub(super) struct Sweep {
    pub(super) forward: TokenStream,
    pub(super) zeros: TokenStream,
    /// Arguments of the residual before and behind the cotangent of the value.
    pub(super) again: TokenStream,
    pub(super) shadows: TokenStream,
    pub(super) returned: TokenStream,
    /// The cotangents that are wanted, in order.
    pub(super) wanted: Vec<TokenStream>,
}

/// The halves of the function, or of its tangent program, at these arguments.
pub(super) fn sweep(
    options: &Options,
    function: &ItemFn,
    program: &Func,
    arguments: &[Argument],
) -> Sweep {
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let fwd = own_forward_name(options, function, program);
    let marks = arguments.iter().map(|it| {
        if it.on {
            quote!(#rt::On)
        } else {
            quote!(#rt::Off)
        }
    });
    let generics = (function.sig.generics.params.iter()).filter_map(|it| match it {
        GenericParam::Type(it) => Some(&it.ident),
        GenericParam::Const(it) => Some(&it.ident),
        GenericParam::Lifetime(_) => None,
    });
    let generics: Vec<&Ident> = generics.collect();
    let turbofish = (!generics.is_empty()).then(|| {
        let holes = arguments.iter().map(|_| quote!(_));
        quote!(::<#(#generics,)* #(#holes),*>)
    });
    let passed: Vec<&TokenStream> = arguments.iter().map(|it| &it.passed).collect();
    let mut sweep = Sweep {
        forward: quote!(Self::#fwd #turbofish (#(#passed,)* (#(#marks,)*), &mut tape)),
        zeros: TokenStream::new(),
        again: TokenStream::new(),
        shadows: TokenStream::new(),
        returned: TokenStream::new(),
        wanted: Vec::new(),
    };
    for (at, it) in arguments.iter().enumerate() {
        let (d, passed, zero) = (ours(&format!("d_{at}")), &it.passed, &it.zero);
        if it.by == By::Value {
            sweep
                .returned
                .extend(if it.on { quote!(#d,) } else { quote!(_,) });
            if it.on {
                sweep.wanted.push(quote!(#rt::some(#d)));
            }
            continue;
        }
        sweep.again.extend(quote!(#passed,));
        if it.on {
            sweep.zeros.extend(quote!(let mut #d = #zero;));
            (sweep.shadows)
                .extend(quote!(::core::option::Option::Some(#rt::Place::ad_place(&mut #d)),));
            sweep.wanted.push(quote!(#d));
        } else {
            sweep.shadows.extend(quote!(::core::option::Option::None,));
        }
    }
    sweep
}
