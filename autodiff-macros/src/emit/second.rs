//! Derivatives of second order, which are first derivatives of the tangent program.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, ItemFn, Type};

use super::halves::{bounds, output, own_forward_name};
use super::tangent::{Public, link, public_params};
use super::{names, ours};
use crate::ir::{By, Func, Param};
use crate::options::Options;

/// `hvp`, `hessian` and `value_grad_hessian` of a function whose value is a number. Functions that write through a
/// reference have none: what they leave there is a part of their value.
pub(super) fn second(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
) -> Vec<TokenStream> {
    if func.params.iter().any(|it| it.by == By::Mut) {
        return Vec::new();
    }
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let method = options.is_member(function);
    let name = |it: &str| {
        if method {
            format_ident!("{}_{}", function.sig.ident, it, span = Span::call_site())
        } else {
            Ident::new(it, Span::call_site())
        }
    };
    let (hvp, hessian, all) = (name("hvp"), name("hessian"), name("value_grad_hessian"));
    let vis = &function.vis;
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let where_clause = bounds(&rt, options, function, func);
    let out = output(function);
    // As for `grad`: the bound is checked where the function is called.
    let scalar = super::api::returns_scalar(function);
    let scalar_generics = (!scalar).then(|| quote!(ScalarValue));
    let scalar_bound = (!scalar).then(|| quote!(#out: #rt::ScalarOutput<ScalarValue>,));
    let where_clause = quote!(#where_clause #scalar_bound);
    let Public {
        params,
        tangents,
        passed,
    } = public_params(options, func, program);
    let (values, dots) = program.params.split_at(func.params.len());
    let wanted = |it: &Param| {
        it.active
            && (options.wrt.as_ref()).is_none_or(|names| names.contains(&func.var(it.var).ident))
    };
    let active: Vec<&Param> = values.iter().filter(|it| wanted(it)).collect();
    let cotangent = |it: &Param| names::cotangent(&program.var(it.var).ident);
    let types: Vec<TokenStream> = active
        .iter()
        .map(|it| super::api::gradient_type(krate, &it.ty))
        .collect();
    let tuple = |items: &[TokenStream]| match items {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let gradients = tuple(&types);
    let (tape, value, back) = (names::tape(), ours("__value"), ours("__back"));
    let fwd = own_forward_name(options, function, program);
    // The cotangents of the values are the product with the Hessian; those of the tangents would be the gradient.
    let marks = (values.iter()).map(|it| {
        if wanted(it) {
            quote!(#rt::On)
        } else {
            quote!(#rt::Off)
        }
    });
    let marks: Vec<TokenStream> = marks.chain(dots.iter().map(|_| quote!(#rt::Off))).collect();
    let generics = (function.sig.generics.params.iter()).filter_map(|it| match it {
        GenericParam::Type(it) => Some(&it.ident),
        GenericParam::Const(it) => Some(&it.ident),
        GenericParam::Lifetime(_) => None,
    });
    let generics: Vec<&Ident> = generics.collect();
    let turbofish = if generics.is_empty() {
        TokenStream::new()
    } else {
        let holes = program.params.iter().map(|_| quote!(_));
        quote!(::<#(#generics,)* #(#holes),*>)
    };
    let (mut zeros, mut handed, mut shadows) =
        (TokenStream::new(), TokenStream::new(), TokenStream::new());
    let mut returned = TokenStream::new();
    let mut products = Vec::new();
    for (at, (param, of)) in (program.params.iter())
        .zip(values.iter().chain(values))
        .enumerate()
    {
        let d = cotangent(param);
        let on = wanted(of) && at < values.len();
        if param.by == By::Value {
            returned.extend(if on { quote!(#d,) } else { quote!(_,) });
            if on {
                products.push(quote!(#rt::some(#d)));
            }
            continue;
        }
        let given = &passed[at];
        handed.extend(quote!(#given,));
        if on {
            let ident = &func.var(of.var).ident;
            zeros.extend(quote!(let mut #d = #rt::zero_like(#ident);));
            shadows.extend(quote!(::core::option::Option::Some(#rt::Place::ad_place(&mut #d)),));
            products.push(quote!(#d));
        } else {
            shadows.extend(quote!(::core::option::Option::None,));
        }
    }
    let products = tuple(&products);
    let receives = function.sig.receiver().is_some();
    let (receiver, rest) = passed.split_at(usize::from(receives));
    let run = if receives {
        let receiver = &receiver[0];
        quote!(#receiver.#fwd #turbofish)
    } else {
        quote!(Self::#fwd #turbofish)
    };
    let seed = quote!((#rt::zero_like(&#value.0), #rt::seed_of(&#value.0)));
    let sweep = super::api::sweep(&rt, program, &tape);
    let sweep = quote!(
        #sweep
        let (#value, #back) = #run(#(#rest,)* (#(#marks,)*), &mut #tape);
        #zeros
        let (#returned) = #back(&mut #tape, #handed #seed, #shadows);
    );
    let link = link(options, function);
    let doc_hvp = format!(
        "The product of the Hessian of {link} with the given tangents of the active parameters, by one forward and one \
         reverse sweep of the tangent program, whatever the dimension."
    );
    let doc_hessian = format!(
        "The Hessian of {link}: a row and a column for each component of the active parameters, in order, matrices \
         column by column. One product with it for each column."
    );
    let doc_sparse = format!(
        "The Hessian of {link}, of which only the entries of the pattern are not zero; others are lost, or added to these. One \
         product with it for each colour of columns.\n\n# Panics\n\nIf the pattern has not a row and a column for each \
         component of the active parameters."
    );
    let doc_all = format!("The value, the gradient and the Hessian of {link}.");
    let (value_and_grad, gradient) = (name("value_and_grad"), ours("__gradient"));
    let idents: Vec<&Ident> = values.iter().map(|it| &func.var(it.var).ident).collect();
    let (prefix, idents_after) = if receives {
        (quote!(self.), &idents[1..])
    } else {
        (quote!(Self::), &idents[..])
    };
    let explicit = if generics.is_empty() {
        TokenStream::new()
    } else {
        let hole = (!scalar).then(|| quote!(_));
        quote!(::<#(#generics,)* #hole>)
    };
    // Directions are made as one tangent of all active parameters.
    let parts: Vec<Ident> = (0..active.len())
        .map(|at| ours(&format!("__dot_{at}")))
        .collect();
    let unpacked = match parts.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let given = active.iter().zip(&parts).map(|(it, part)| {
        if it.by == By::Value {
            quote!(#part)
        } else {
            quote!(#rt::hand(&#part))
        }
    });
    let given: Vec<TokenStream> = given.collect();
    let like: Vec<TokenStream> = active
        .iter()
        .map(|it| {
            let ident = &func.var(it.var).ident;
            if it.by == By::Value {
                quote!(#rt::zero_like(&#ident))
            } else {
                quote!(#rt::zero_like(#ident))
            }
        })
        .collect();
    let like = tuple(&like);
    let copies: Vec<TokenStream> = values
        .iter()
        .map(|it| {
            let ident = &func.var(it.var).ident;
            if it.by == By::Value {
                quote!(::core::clone::Clone::clone(&#ident))
            } else {
                quote!(#ident)
            }
        })
        .collect();
    let copies = &copies[usize::from(receives)..];
    let sparse = name("sparse_hessian");
    let mut pattern = "pattern".to_owned();
    while idents.iter().any(|it| **it == pattern) {
        pattern.push('_');
    }
    let pattern = Ident::new(&pattern, Span::call_site());
    vec![
        quote!(
            #[doc = #doc_hvp]
            #[inline]
            #vis fn #hvp<#(#declared,)* #scalar_generics>(#(#params,)* #(#tangents),*) -> #gradients #where_clause {
                #sweep
                #products
            }
        ),
        quote!(
            #[doc = #doc_hessian]
            #[inline]
            #vis fn #hessian<#(#declared,)* #scalar_generics>(#(#params),*) -> #krate::nalgebra::DMatrix<::core::primitive::f64> #where_clause {
                #rt::hessian(&#like, |#unpacked| #prefix #hvp #explicit (#(#copies,)* #(#given),*))
            }
        ),
        quote!(
            #[doc = #doc_sparse]
            #[inline]
            #vis fn #sparse<#(#declared,)* #scalar_generics>(#(#params,)* #pattern: &#krate::sparse::Pattern) -> #krate::sparse::SparseMatrix #where_clause {
                #rt::by_columns(#pattern, &#like, |#unpacked| #prefix #hvp #explicit (#(#copies,)* #(#given),*))
            }
        ),
        quote!(
            #[doc = #doc_all]
            #[inline]
            #vis fn #all<#(#declared,)* #scalar_generics>(#(#params),*) -> (#out, #gradients, #krate::nalgebra::DMatrix<::core::primitive::f64>) #where_clause {
                let (#value, #gradient) = #prefix #value_and_grad #explicit (#(#copies),*);
                (#value, #gradient, #prefix #hessian #explicit (#(#idents_after),*))
            }
        ),
    ]
}

/// What stands for `hvp`, `hessian` and `value_grad_hessian` of a function without them, so that who calls one is told
/// what to write. A method has none: the user may have a method of that name.
pub(super) fn missing(options: &Options, function: &ItemFn, func: &Func) -> Vec<TokenStream> {
    let written = func.params.iter().any(|it| it.by == By::Mut);
    if options.is_member(function) || written || !super::api::returns_scalar(function) {
        return Vec::new();
    }
    let active = func.params.iter().filter(|it| it.active).count();
    let stub = |name: &str, extra: usize| stub(options, function, func, name, extra, "HasHessian");
    vec![
        stub("hvp", active),
        stub("hessian", 0),
        stub("value_grad_hessian", 0),
    ]
}

/// The same of `root`, `argmin` and `repeat`, where the function could have them.
pub(super) fn ungiven(options: &Options, function: &ItemFn, func: &Func) -> Vec<TokenStream> {
    let written = func.params.iter().any(|it| it.by == By::Mut);
    let Some(first) = func.params.first().filter(|it| it.active) else {
        return Vec::new();
    };
    if options.is_member(function) || written {
        return Vec::new();
    }
    let text = |ty: &Type| ty.to_token_stream().to_string();
    let out = text(&output(function));
    let again = match crate::lower::peel(&first.ty) {
        Type::Slice(it) => out == format!("Vec < {} >", text(&it.elem)),
        ty => out == text(ty),
    };
    let stub = |name, extra, bound| stub(options, function, func, name, extra, bound);
    let mut stubs = Vec::new();
    if again && options.root.is_none() {
        stubs.push(stub("root", 0, "HasRoot"));
    }
    if super::api::returns_scalar(function) && options.argmin.is_none() {
        stubs.push(stub("argmin", 0, "HasArgmin"));
    }
    if again && options.repeat.is_none() {
        stubs.push(stub("repeat", 2, "HasRepeat"));
    }
    stubs
}

/// A function that takes anything, if only its namespace were `bound`, which none is.
fn stub(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    name: &str,
    extra: usize,
    bound: &str,
) -> TokenStream {
    let (krate, vis) = (&options.krate, &function.vis);
    let [name, bound] = [name, bound].map(|it| Ident::new(it, Span::call_site()));
    let types: Vec<Ident> = (0..func.params.len() + extra)
        .map(|it| format_ident!("A{it}"))
        .collect();
    quote!(
        #[doc(hidden)]
        #vis fn #name<#(#types,)* R>(#(_: #types),*) -> R
        where
            Self: #krate::__private::#bound<R>,
        {
            ::core::unimplemented!()
        }
    )
}
