//! `jacobian` and `jvp`: what one forward sweep and a pull for each component of the value give.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericParam, ItemFn};

use super::directions::Directions;
use super::halves::{bounds, output, type_span};
use super::tangent::{LANES, Together};
use super::{ours, protocol};
use crate::ir::{By, Func, Param};
use crate::options::Options;

/// The functions that follow from the pullback alone. Those that write through a reference have none: what they leave
/// there is a part of their value that a matrix has no place for.
pub(super) fn products(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    together: Together,
) -> Vec<TokenStream> {
    if func.params.iter().any(|it| it.by == By::Mut) || !crate::lower::carries_derivative(function)
    {
        return Vec::new();
    }
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let method = options.is_member(function);
    let member = method.then_some(&function.sig.ident);
    let name = |it: &str| {
        if method {
            format_ident!("{}_{}", function.sig.ident, it, span = Span::call_site())
        } else {
            Ident::new(it, Span::call_site())
        }
    };
    let (vjp, jacobian, jvp) = (name("vjp"), name("jacobian"), name("jvp"));
    let vis = &function.vis;
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let where_clause = bounds(&rt, options, function, func);
    let out = output(function);
    let idents: Vec<&Ident> = func
        .params
        .iter()
        .map(|it| &func.var(it.var).ident)
        .collect();
    let params: Vec<TokenStream> = func
        .params
        .iter()
        .zip(&idents)
        .map(|(it, ident)| {
            let ty = &it.ty;
            quote!(#ident: #ty)
        })
        .collect();
    let active: Vec<(&Param, &Ident)> = func
        .params
        .iter()
        .zip(idents.iter().copied())
        .filter(|(it, ident)| {
            it.active
                && options
                    .wrt
                    .as_ref()
                    .is_none_or(|names| names.contains(ident))
        })
        .collect();
    let (mut tangents, mut kept, mut terms) = (Vec::new(), TokenStream::new(), TokenStream::new());
    let mut grads = Vec::new();
    for (at, (param, ident)) in active.iter().enumerate() {
        let mut dot = format!("dot_{}", ident.to_string().trim_start_matches("r#"));
        while idents.iter().any(|it| **it == dot) {
            dot.push('_');
        }
        let dot = Ident::new(&dot, Span::call_site());
        let peeled = crate::lower::peel(&param.ty);
        let at_type = |tokens| super::located(tokens, type_span(&param.ty));
        if param.by == By::Value {
            let ty = at_type(quote!(#krate::Gradient<#peeled>));
            tangents.push(quote!(#dot: #ty));
        } else {
            let ty = at_type(quote!(#rt::Shadow<#peeled>));
            tangents.push(quote!(#dot: &#ty));
            let owned = at_type(quote!(#rt::owned_tangent(&*#ident, #dot)));
            kept.extend(quote!(let #dot = #owned;));
        }
        let grad = ours(&format!("grad_{at}"));
        let inner = at_type(quote!(#rt::inner(&#grad, &#dot)));
        terms.extend(quote!(+ #inner));
        grads.push(grad);
    }
    let pattern = match grads.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    // An error about a type points at the type, where the other functions report it, too.
    let first = active
        .first()
        .map_or_else(Span::call_site, |it| type_span(&it.0.ty));
    let (value, pull, seed) = (ours("__value"), ours("__pull"), ours("__seed"));
    let explicit = super::tangent::explicit(function);
    let run = quote!(let (#value, #pull) = Self::#vjp #explicit (#(#idents),*););
    let link = if method {
        format!("`{}`", function.sig.ident)
    } else {
        format!("[`{0}`](fn@{0})", function.sig.ident)
    };
    let by_rows = super::located(quote!(#rt::jacobian(&#value, #pull)), first);
    let directions = Directions::new(options, func);
    // The Jacobian of a number is its gradient.
    let by_columns = options.forward && directions.again && !super::api::returns_scalar(function);
    let (how, matrix) = if by_columns {
        let (like, arguments) = (&directions.like, &directions.arguments);
        let count = func.params.len();
        let rows = quote!(|| {
            let (#value, #pull) = Self::#vjp #explicit (#(#arguments),*);
            #by_rows
        });
        let how = match together {
            Together::Bundles => "One sweep of the tangent program for every ten columns",
            Together::Lanes => "One sweep of the tangent program for every five columns",
            Together::One => "One sweep of the tangent program for each column",
        };
        let columns = match together {
            Together::Bundles => {
                let name = protocol::bundled(count, member, Span::call_site());
                let (pattern, given) = (directions.pattern(0), directions.bundled());
                let columns = quote!(|#pattern| Self::#name(#(#arguments,)* #(#given),*).1);
                quote!(#rt::bundle::jacobian_by_bundles_or_rows(&#like, #columns, #columns, #rows))
            }
            Together::Lanes => {
                let name = protocol::lanes(LANES, count, member, Span::call_site());
                let (patterns, given): (Vec<_>, Vec<_>) = (0..LANES)
                    .map(|lane| (directions.pattern(lane), directions.optional(lane)))
                    .unzip();
                let columns = quote!(|[#(#patterns),*]| Self::#name #explicit (#(#arguments,)* #(#(#given,)*)*).1);
                quote!(#rt::jacobian_by_columns_or_rows::<_, _, #LANES>(&#like, #columns, #rows))
            }
            Together::One => {
                let (pattern, given) = (directions.pattern(0), directions.given(0));
                let columns =
                    quote!(|[#pattern]| [Self::#jvp #explicit (#(#arguments,)* #(#given),*).1]);
                quote!(#rt::jacobian_by_columns_or_rows::<_, _, 1>(&#like, #columns, #rows))
            }
        };
        (
            format!("{how}, or one forward sweep and one pull for each row, whichever are fewer."),
            columns,
        )
    } else {
        (
            "One forward sweep, and one pull for each row.".to_owned(),
            quote!(#run #by_rows),
        )
    };
    let doc_jacobian = format!(
        "The Jacobian of {link}: a row for each component of the value, a column for each component of the active \
         parameters, in order, matrices column by column. {how}"
    );
    let doc_jvp = format!(
        "The value of {link} and its derivative along the given tangents of the active parameters. One forward sweep, and \
         one pull for each component of the value."
    );
    let along = super::located(quote!(#rt::along), type_span(&out));
    let mut items = vec![quote!(
        #[doc = #doc_jacobian]
        #[inline]
        #vis fn #jacobian<#(#declared),*>(#(#params),*) -> #krate::nalgebra::DMatrix<::core::primitive::f64> #where_clause {
            #matrix
        }
    )];
    // The tangent program has a better one.
    if !options.forward {
        items.push(quote!(
            #[doc = #doc_jvp]
            #[inline]
            #vis fn #jvp<#(#declared),*>(#(#params,)* #(#tangents),*) -> (#out, #krate::Gradient<#out>) #where_clause {
                #kept
                #run
                let tangent = #along(&#value, |#seed| {
                    let #pattern = #pull(#seed);
                    0.0 #terms
                });
                (#value, tangent)
            }
        ));
    }
    items
}
