//! What a function whose value has several components gets beside its Jacobian: the Gauss-Newton matrix, and the Jacobian
//! where its sparsity pattern is known. Each is one call of a generic function of the runtime.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericParam, ItemFn};

use super::halves::{bounds, output, type_span};
use super::tangent::link;
use super::{located, ours};
use crate::ir::{By, Func, Param};
use crate::options::Options;

pub(super) fn several(options: &Options, function: &ItemFn, func: &Func) -> Vec<TokenStream> {
    if func.params.iter().any(|it| it.by == By::Mut)
        || !crate::lower::carries_derivative(function)
        || super::api::returns_scalar(function)
    {
        return Vec::new();
    }
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let vis = &function.vis;
    let out = output(function);
    let where_clause = bounds(&rt, options, function, func);
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let name = |it: &str| {
        if options.is_member(function) {
            format_ident!("{}_{}", function.sig.ident, it, span = Span::call_site())
        } else {
            Ident::new(it, Span::call_site())
        }
    };
    let (vjp, jvp) = (name("vjp"), name("jvp"));
    let idents: Vec<&Ident> = (func.params.iter())
        .map(|it| &func.var(it.var).ident)
        .collect();
    // Parameters of our own that the user reads in the documentation, apart from those of the function.
    let public = |stem: String| {
        let mut name = stem;
        while idents.iter().any(|it| **it == name) {
            name.push('_');
        }
        Ident::new(&name, Span::call_site())
    };
    let params: Vec<TokenStream> = (func.params.iter().zip(&idents))
        .map(|(it, ident)| {
            let ty = &it.ty;
            quote!(#ident: #ty)
        })
        .collect();
    let wanted = |it: &Param| {
        it.active
            && (options.wrt.as_ref()).is_none_or(|names| names.contains(&func.var(it.var).ident))
    };
    let active: Vec<(&Param, &Ident)> = (func.params.iter())
        .zip(idents.iter().copied())
        .filter(|(it, _)| wanted(it))
        .collect();
    let tuple = |items: &[TokenStream]| match items {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let first = (active.first()).map_or_else(Span::call_site, |it| type_span(&it.0.ty));
    let (value, pull) = (ours("__value"), ours("__pull"));
    let explicit = super::tangent::explicit(function);
    let run = quote!(let (#value, #pull) = Self::#vjp #explicit (#(#idents),*););
    let link = link(options, function);

    // As for `grad`: the bound is checked where the function is called.
    let (gauss_newton, residuals) = (name("gauss_newton"), format_ident!("ResidualValue"));
    let doc = format!(
        "The residuals `r` that {link} returns, the gradient `Jᵀr` of half the sum of their squares, and the Gauss-Newton \
         matrix `JᵀJ`: a component, a row and a column for each component of the active parameters, in order, as \
         `{}` has them. One forward sweep, one pull for each residual, and the product.",
        name("jacobian")
    );
    let products = located(quote!(#rt::gauss_newton(&#value, #pull)), first);
    let mut items = vec![quote!(
        #[doc = #doc]
        #[inline]
        #vis fn #gauss_newton<#(#declared,)* #residuals>(#(#params),*)
            -> (#out, #krate::nalgebra::DVector<::core::primitive::f64>, #krate::nalgebra::DMatrix<::core::primitive::f64>)
        #where_clause #out: #rt::Residuals<#residuals>
        {
            #run
            let (gradient, matrix) = #products;
            (#value, gradient, matrix)
        }
    )];

    // A tangent program takes what is passed by value once more, which what has no derivative may not allow.
    let again = |it: &Param| it.by != By::Value || it.active || crate::lower::is_scalar(&it.ty);
    let forward = options.forward && func.params.iter().all(again);
    let copies: Vec<TokenStream> = (func.params.iter().zip(&idents))
        .map(|(it, ident)| match it.by {
            By::Value => quote!(::core::clone::Clone::clone(&#ident)),
            _ => quote!(#ident),
        })
        .collect();

    let (sparse_jacobian, pattern) = (name("sparse_jacobian"), public("pattern".to_owned()));
    let by_rows = located(quote!(#rt::by_rows(#pattern, &#value, #pull)), first);
    let sweeps = if forward {
        let parts: Vec<Ident> = (0..active.len())
            .map(|at| ours(&format!("__dot_{at}")))
            .collect();
        let unpacked = match parts.as_slice() {
            [one] => quote!(#one),
            many => quote!((#(#many),*)),
        };
        let given = active.iter().zip(&parts).map(|((it, _), part)| {
            if it.by == By::Value {
                quote!(#part)
            } else {
                quote!(#rt::hand(&#part))
            }
        });
        let like: Vec<TokenStream> = (active.iter())
            .map(|(it, ident)| located(quote!(#rt::zero_like(&#ident)), type_span(&it.ty)))
            .collect();
        let like = tuple(&like);
        quote!(
            if #pattern.forward_sweeps() <= #pattern.reverse_sweeps() {
                return #rt::by_columns(#pattern, &#like, |#unpacked| Self::#jvp #explicit (#(#copies,)* #(#given),*).1);
            }
        )
    } else {
        TokenStream::new()
    };
    let how = if forward {
        "One sweep of the tangent program for each colour of columns, or one forward sweep and one pull for each colour of \
         rows, whichever are fewer."
    } else {
        "One forward sweep, and one pull for each colour of rows; with the option `forward` by columns where they have \
         fewer colours."
    };
    let doc = format!(
        "The Jacobian of {link}, of which only the entries of the pattern are not zero; others are lost, or added to these. \
         {how}\n\n# Panics\n\nIf the pattern has not a row for each component of the value and a column for each component \
         of the active parameters."
    );
    items.push(quote!(
        #[doc = #doc]
        #[inline]
        #vis fn #sparse_jacobian<#(#declared),*>(#(#params,)* #pattern: &#krate::sparse::Pattern) -> #krate::sparse::SparseMatrix #where_clause {
            #sweeps
            #run
            #by_rows
        }
    ));
    if forward {
        let (mut tangents, mut dots, mut types) = (Vec::new(), Vec::new(), Vec::new());
        for (param, ident) in &active {
            let dot = public(format!(
                "dot_{}",
                ident.to_string().trim_start_matches("r#")
            ));
            let peeled = crate::lower::peel(&param.ty);
            let ty = if param.by == By::Value {
                quote!(#krate::Gradient<#peeled>)
            } else {
                quote!(&#rt::Shadow<#peeled>)
            };
            let ty = located(ty, type_span(&param.ty));
            tangents.push(quote!(#dot: #ty));
            dots.push(dot);
            types.push(super::api::gradient_type(krate, &param.ty));
        }
        let (gnvp, gradients) = (name("gnvp"), tuple(&types));
        let doc = format!(
            "The product of the Gauss-Newton matrix `JᵀJ` of {link} with the given tangents of the active parameters: the \
             tangent of the value, pulled back. One sweep of the tangent program, one forward and one reverse sweep, \
             whatever the dimensions."
        );
        items.push(quote!(
            #[doc = #doc]
            #[inline]
            #vis fn #gnvp<#(#declared),*>(#(#params,)* #(#tangents),*) -> #gradients #where_clause {
                let (_, tangent) = Self::#jvp #explicit (#(#copies,)* #(#dots),*);
                let (_, #pull) = Self::#vjp #explicit (#(#idents),*);
                #pull(tangent)
            }
        ));
    }
    items
}
