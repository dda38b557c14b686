//! The pair of halves: `__fwd` returns the value and the residual closure.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, GenericParam, ItemFn, Lifetime, Path, PathArguments, ReturnType, Type};

use super::forward::{Forward, handed_by_reference};
use super::reverse::Reverse;
use super::value::Cx;
use super::{names, ours, protocol};
use crate::analysis::{Cotangent, Facts};
use crate::ir::project::declared_fields;
use crate::ir::{By, Call, Callee, Func, Op, Param, StmtKind};
use crate::options::Options;

/// The name of the forward half of a function.
pub(super) fn own_forward_name(options: &Options, function: &ItemFn, func: &Func) -> Ident {
    let member = options.is_member(function).then_some(&function.sig.ident);
    protocol::forward(func.level, func.params.len(), member, Span::call_site())
}

/// The path of the function itself in what is generated of it.
pub(super) fn called(options: &Options, function: &ItemFn) -> TokenStream {
    let name = &function.sig.ident;
    match options.member.as_ref().and_then(|it| it.of.as_ref()) {
        Some(of) => quote!(<Self as #of>::#name),
        None if options.is_member(function) => quote!(Self::#name),
        None => quote!(#name),
    }
}

/// The name of a tangent program, as what computes its value.
fn run_name(options: &Options, function: &ItemFn, program: &Func) -> Ident {
    let member = options.is_member(function).then_some(&function.sig.ident);
    let count = program.params.len() / 2;
    protocol::run(program.level - 1, count, member, Span::call_site())
}

/// The marker type of a parameter.
pub(super) fn marker(index: usize) -> Ident {
    ours(&format!("__M{index}"))
}

/// The forward half of a function, with its residual.
pub(super) fn halves(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    facts: &Facts,
) -> Vec<TokenStream> {
    let cx = Cx::new(options, func, facts);
    let name = own_forward_name(options, function, func);
    let recursive = func.self_recursive || options.recursive;
    let body = match &options.pullback {
        Some(path) => by_hand(&cx, options, function, path),
        None => by_transformation(&cx, options, function, recursive),
    };
    let uses = imports(&cx, true);
    let accepts = accepts(&cx, options, function);
    let half = |name: &Ident, body: &TokenStream| {
        let signature = signature(&cx.rt, options, function, func, name);
        quote!(
            #[doc(hidden)]
            #[inline]
            #signature {
                #body
            }
        )
    };
    let fields = declared_fields(&cx.rt, &func.members, &body);
    let body = quote!(#uses #fields #body);
    if !options.checkpoint {
        return vec![accepts, half(&name, &body)];
    }
    let member = options.is_member(function).then_some(&function.sig.ident);
    let keeping = protocol::keeping(func.level, func.params.len(), member, Span::call_site());
    let again = checkpointed(&cx, options, function, &keeping);
    vec![accepts, half(&keeping, &body), half(&name, &again)]
}

/// Lifetimes are written fresh in the bound of the residual, which must not capture any.
pub(crate) fn fresh_lifetimes(ty: &Type) -> Type {
    struct Fresh;
    impl VisitMut for Fresh {
        fn visit_type_reference_mut(&mut self, it: &mut syn::TypeReference) {
            if it.lifetime.as_ref().is_some_and(|it| it.ident != "static") {
                it.lifetime = None;
            }
            visit_mut::visit_type_reference_mut(self, it);
        }
        fn visit_lifetime_mut(&mut self, it: &mut Lifetime) {
            if it.ident != "static" {
                *it = Lifetime::new("'_", it.span());
            }
        }
    }
    let mut ty = ty.clone();
    Fresh.visit_type_mut(&mut ty);
    ty
}

/// Where an error about a type points: the last path segment of what it holds, so that all of them point at one place.
pub(super) fn type_span(ty: &Type) -> Span {
    match crate::lower::innermost_element(crate::lower::peel(ty)) {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map_or_else(Span::call_site, |it| it.ident.span()),
        other => other.span(),
    }
}

/// The type returned.
pub(super) fn output(function: &ItemFn) -> Type {
    match &function.sig.output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// The shadow that a by-reference parameter is given. That of a parameter passed by `&mut` is always there: what is
/// written through it has a cotangent.
pub(super) fn shadow_type(rt: &TokenStream, param: &Param) -> TokenStream {
    if param.by == By::Mut {
        let shadow = lent_type(rt, param);
        return quote!(&mut #shadow);
    }
    if param.active {
        let ty = fresh_lifetimes(crate::lower::peel(&param.ty));
        let shadow = super::located(quote!(#rt::Shadow<#ty>), type_span(&param.ty));
        quote!(::core::option::Option<&mut #shadow>)
    } else {
        quote!(::core::option::Option<&mut ()>)
    }
}

/// What a parameter passed by `&mut` has as its shadow: the gradient, owned so that it can change its shape with the
/// value, or the place form of it for a slice.
pub(super) fn lent_type(rt: &TokenStream, param: &Param) -> TokenStream {
    if !param.active {
        return quote!(());
    }
    let peeled = crate::lower::peel(&param.ty);
    let ty = fresh_lifetimes(peeled);
    let form = if matches!(peeled, Type::Slice(_)) {
        quote!(Shadow)
    } else {
        quote!(Gradient)
    };
    super::located(quote!(#rt::#form<#ty>), type_span(&param.ty))
}

/// The type of a parameter as it is passed.
pub(super) fn passed_type(param: &Param) -> TokenStream {
    let ty = &param.ty;
    if param.tangent_of.is_some() && param.by != By::Mut {
        quote!(::core::option::Option<#ty>)
    } else {
        quote!(#ty)
    }
}

/// Tangents that were not given are zero.
pub(super) fn given(cx: &Cx<'_>, func: &Func, again: bool) -> TokenStream {
    let rt = &cx.rt;
    let mut tokens = TokenStream::new();
    for param in &func.params {
        let Some(of) = param.tangent_of.filter(|_| param.by != By::Mut) else {
            continue;
        };
        let ident = |var| {
            if again {
                cx.reverse_ident(var)
            } else {
                func.var(var).ident.clone()
            }
        };
        let (dot, value) = (ident(param.var), ident(of));
        let active = func.params.iter().any(|it| it.var == of && it.active);
        if !active {
            continue;
        }
        if param.by == By::Value {
            if !again {
                tokens.extend(
                    quote!(let mut #dot = #dot.unwrap_or_else(|| #rt::zero_like(&#value));),
                );
            }
            continue;
        }
        let zero = ours(&format!("__zero_{}", param.var.0));
        let ty = fresh_lifetimes(&param.ty);
        tokens.extend(quote!(
            let #zero;
            let #dot: #ty = match #dot {
                ::core::option::Option::Some(it) => it,
                ::core::option::Option::None => {
                    #zero = #rt::zero_like(&*#value);
                    #rt::hand(&#zero)
                }
            };
        ));
    }
    tokens
}

/// The cotangent of a parameter passed by value, which is also there with its types [`asked`](asked_params).
pub(super) fn returned_type(rt: &TokenStream, param: &Param, asked: &Param) -> TokenStream {
    if param.active {
        let ty = fresh_lifetimes(&asked.ty);
        let gradient = super::located(quote!(#rt::Gradient<#ty>), type_span(&param.ty));
        quote!(::core::option::Option<#gradient>)
    } else if crate::lower::is_scalar(&param.ty) {
        // Never there, but of the right type, so that a mistaken caller gets one error.
        let ty = &param.ty;
        quote!(::core::option::Option<#ty>)
    } else {
        quote!(::core::option::Option<()>)
    }
}

/// What is there for a parameter without cotangent. A caller that cannot see that its argument is an integer takes it for
/// an active one, whose cotangent is `()`.
fn unreturned(param: &Param) -> TokenStream {
    if crate::lower::is_scalar(&param.ty) {
        quote!(::core::option::Option::None)
    } else {
        quote!(::core::option::Option::Some(()))
    }
}

/// Which markers the function accepts: a bound of its own, so that an active value for a `#[no_diff]` parameter is one
/// error at the call.
fn accepts(cx: &Cx<'_>, options: &Options, function: &ItemFn) -> TokenStream {
    let (rt, func, vis) = (&cx.rt, cx.func, &function.vis);
    let markers: Vec<Ident> = (0..func.params.len()).map(marker).collect();
    let bounds = func.params.iter().map(|it| accepted(rt, it));
    let receives = function.sig.receiver().is_some();
    let method = options.is_member(function);
    let name = protocol::accepts(
        func.params.len(),
        method.then_some(&function.sig.ident),
        Span::call_site(),
    );
    let this = receives.then(|| quote!(&self,));
    quote!(
        #[doc(hidden)]
        #[inline(always)]
        #vis fn #name<#(#markers: #bounds),*>(#this _: &(#(#markers,)*)) {}
    )
}

/// The bound on the marker that a parameter accepts.
fn accepted(rt: &TokenStream, param: &Param) -> TokenStream {
    if param.active && param.by == By::Mut {
        quote!(#rt::Follows)
    } else if param.no_diff {
        quote!(#rt::NoDiff)
    } else {
        quote!(#rt::Mark)
    }
}

/// The types of the arguments and of the result of the residual.
fn residual_types(
    rt: &TokenStream,
    options: &Options,
    function: &ItemFn,
    func: &Func,
) -> (Vec<TokenStream>, TokenStream) {
    let mut args = vec![quote!(&mut #rt::Tape)];
    let params = asked_params(rt, options, function, func);
    let by_ref: Vec<&Param> = params.iter().filter(|it| it.by != By::Value).collect();
    for param in &by_ref {
        let ty = fresh_lifetimes(&param.ty);
        args.push(passed_type(&Param {
            ty,
            ..(*param).clone()
        }));
    }
    let out = output(function);
    let span = type_span(&out);
    let asked_out = match can_be_asked(options, function, &out) {
        Some(element) => asked(rt, element, &out),
        None => out.clone(),
    };
    let out = fresh_lifetimes(&asked_out);
    args.push(super::located(quote!(#rt::Gradient<#out>), span));
    for param in &by_ref {
        args.push(shadow_type(rt, param));
    }
    let returned = (params.iter().zip(&func.params))
        .filter(|(it, _)| it.by == By::Value)
        .map(|(asked, it)| returned_type(rt, it, asked));
    (args, quote!((#(#returned,)*)))
}

/// `ty` with each mention of `element` in it, a type of the user's own, asked for its derivative. Where there is none,
/// that question is the one error: the answer stands in the type, which is then the error type, and so is what depends on
/// it.
fn asked(rt: &TokenStream, element: &Type, ty: &Type) -> Type {
    known(rt, element, [answer(rt, element)], ty)
}

/// `ty` with each mention of `element` in it, which is known only if the answers are.
fn known(
    rt: &TokenStream,
    element: &Type,
    answers: impl IntoIterator<Item = TokenStream>,
    ty: &Type,
) -> Type {
    struct Element<'a>(&'a Type, Type);
    impl VisitMut for Element<'_> {
        fn visit_type_mut(&mut self, it: &mut Type) {
            if it == self.0 {
                *it = self.1.clone();
            } else {
                visit_mut::visit_type_mut(self, it);
            }
        }
    }
    let known = answers.into_iter().fold(element.clone(), |it, answer| {
        Type::Verbatim(super::located(
            quote!(#rt::Known<#it, #answer>),
            type_span(element),
        ))
    });
    let mut ty = ty.clone();
    Element(element, known).visit_type_mut(&mut ty);
    ty
}

/// A constant that every type with a derivative has.
fn answer(rt: &TokenStream, ty: &Type) -> TokenStream {
    quote!({ <<#ty as #rt::Peel>::V as #rt::Differentiable>::AD_KNOWN })
}

/// The type of the user's own that a type holds, if it can be asked: no constant may depend on a type parameter of the
/// block.
fn can_be_asked<'a>(options: &Options, function: &ItemFn, ty: &'a Type) -> Option<&'a Type> {
    let peeled = crate::lower::peel(ty);
    let can = !options.block_is_unseen(function) && is_concrete(options, function, peeled);
    can.then(|| crate::lower::innermost_element(peeled))
}

/// Is this a type of the user's own that depends on no parameter of the function or its block?
fn is_concrete(options: &Options, function: &ItemFn, ty: &Type) -> bool {
    let generic = options
        .member
        .as_ref()
        .is_some_and(|it| !it.generics.is_empty());
    // In a block that is not seen, a single capital is a type parameter.
    let guessed = options.block_is_unseen(function)
        && matches!(crate::lower::innermost_element(ty), Type::Path(it)
            if it.path.get_ident().is_some_and(|it| it.to_string().len() == 1));
    crate::lower::is_concrete_own_type(ty, &function.sig.generics) && !generic && !guessed
}

/// The parameters, and of a tangent program the tangents, with their types [`asked`].
pub(super) fn asked_params(
    rt: &TokenStream,
    options: &Options,
    function: &ItemFn,
    func: &Func,
) -> Vec<Param> {
    let typed = super::typed::answer(options);
    let params = func.params.iter().map(|it| {
        let of = it.tangent_of.unwrap_or(it.var);
        let of = func.params.iter().find(|it| it.var == of).unwrap_or(it);
        let own = can_be_asked(options, function, &of.ty).filter(|_| of.active);
        let answers = own
            .map(|it| answer(rt, it))
            .into_iter()
            .chain(typed.clone());
        let element = crate::lower::innermost_element(crate::lower::peel(&of.ty));
        let ty = known(rt, element, answers, &it.ty);
        Param { ty, ..it.clone() }
    });
    params.collect()
}

/// The where clause of a generated function: that of the user, and a bound on each type of the user's own in the
/// signature. Where such a type carries no derivative, nothing more is reported in a function with an error in its bounds;
/// where it cannot be asked, the bound is the error, and the body takes the derivative for granted.
pub(super) fn bounds(
    rt: &TokenStream,
    options: &Options,
    function: &ItemFn,
    func: &Func,
) -> TokenStream {
    let written = function
        .sig
        .generics
        .where_clause
        .iter()
        .flat_map(|it| &it.predicates);
    // The tangent of what can be asked is as known as that.
    let unseen = options.block_is_unseen(function);
    let mut types: Vec<Type> = func
        .params
        .iter()
        .filter(|it| it.active && (unseen || it.tangent_of.is_none()))
        .map(|it| crate::lower::peel(&it.ty).clone())
        .collect();
    types.push(output(function));
    let mut seen: Vec<String> = Vec::new();
    let checked = types.iter().filter_map(|ty| {
        let text = ty.to_token_stream().to_string();
        if !is_concrete(options, function, ty) || seen.contains(&text) {
            return None;
        }
        seen.push(text);
        let element = crate::lower::innermost_element(ty);
        let bound = if can_be_asked(options, function, ty).is_some() {
            let answer = answer(rt, element);
            quote!([(); #answer]: #rt::Knows<#element>)
        } else if element == ty {
            quote!(#ty: #rt::Peel)
        } else {
            quote!(#element: #rt::Differentiable)
        };
        Some(super::located(bound, type_span(element)))
    });
    quote!(where #(#written,)* #(#checked,)*)
}

/// The head of a half.
struct Signature {
    vis: TokenStream,
    generics: TokenStream,
    /// Parameters of the function, marks and tape.
    params: TokenStream,
    out: TokenStream,
    captured: TokenStream,
    bounds: TokenStream,
}

impl Signature {
    fn of(rt: &TokenStream, options: &Options, function: &ItemFn, func: &Func) -> Signature {
        let vis = &function.vis;
        let generics = &function.sig.generics;
        let declared = generics.params.iter();
        let markers: Vec<Ident> = (0..func.params.len()).map(marker).collect();
        // An associated function is not asked apart: the type that it belongs to is known by its arguments alone.
        let associated = options.is_member(function) && function.sig.receiver().is_none();
        let bounds = func.params.iter().map(|it| {
            if associated {
                accepted(rt, it)
            } else {
                quote!(#rt::Mark)
            }
        });
        let captured = generics.params.iter().filter_map(|it| match it {
            GenericParam::Type(it) => Some(it.ident.to_token_stream()),
            GenericParam::Const(it) => Some(it.ident.to_token_stream()),
            GenericParam::Lifetime(_) => None,
        });
        let inherited = options.member.iter().flat_map(|it| &it.generics);
        let where_clause = self::bounds(rt, options, function, func);
        let typed = super::typed::bound(options);
        let mut params: Vec<TokenStream> = asked_params(rt, options, function, func)
            .iter()
            .map(|it| {
                let info = func.var(it.var);
                let (ident, ty) = (&info.ident, passed_type(it));
                let mutability = info.mutable.then(|| quote!(mut));
                quote!(#mutability #ident: #ty)
            })
            .collect();
        // A receiver comes first.
        let receiver = function.sig.receiver().map(|_| params.remove(0));
        let receiver = receiver.iter();
        let out = match super::typed::answer(options) {
            Some(answer) => {
                let out = output(function);
                known(rt, crate::lower::innermost_element(&out), [answer], &out)
            }
            None => output(function),
        };
        let (marks, tape) = (ours("__marks"), names::tape());
        Signature {
            vis: quote!(#vis),
            generics: quote!(#(#declared,)* #(#markers: #bounds),*),
            params: quote!(
                #(#receiver,)*
                #(#params,)*
                #marks: (#(#markers,)*),
                #tape: &mut #rt::Tape,
            ),
            out: quote!(#out),
            captured: quote!(#(#inherited,)* #(#captured,)* #(#markers),*),
            bounds: quote!(#where_clause #typed),
        }
    }

    /// `further`: more parameters; `returned`: the type of what is returned.
    fn head(&self, name: &Ident, further: &TokenStream, returned: &TokenStream) -> TokenStream {
        let Signature {
            vis,
            generics,
            params,
            bounds,
            ..
        } = self;
        quote!(#vis fn #name<#generics>(#params #further) -> #returned #bounds)
    }
}

fn signature(
    rt: &TokenStream,
    options: &Options,
    function: &ItemFn,
    func: &Func,
    fwd: &Ident,
) -> TokenStream {
    let signature = Signature::of(rt, options, function, func);
    let (args, returned) = residual_types(rt, options, function, func);
    let Signature { out, captured, .. } = &signature;
    let residual = quote!(
        (#out, impl ::core::ops::FnOnce(#(#args),*) -> #returned + ::core::clone::Clone + use<#captured>)
    );
    signature.head(fwd, &TokenStream::new(), &residual)
}

/// The function in one pass: it takes what the forward half takes, and the seed and the shadows of the residual. `None` if
/// the receiver would be borrowed twice.
pub(super) fn in_one_pass(
    cx: &Cx<'_>,
    options: &Options,
    function: &ItemFn,
    name: &Ident,
    body: &TokenStream,
) -> Option<TokenStream> {
    let (rt, func) = (&cx.rt, cx.func);
    let signature = Signature::of(rt, options, function, func);
    let by_ref = func.params.iter().filter(|it| it.by != By::Value);
    let mut receiver = TokenStream::new();
    for param in by_ref.clone() {
        let (ident, reverse) = (cx.ident(param.var), cx.reverse_ident(param.var));
        if *ident != reverse {
            if param.by == By::Mut {
                return None;
            }
            receiver.extend(quote!(let #reverse = #ident;));
        }
    }
    let (types, returned) = residual_types(rt, options, function, func);
    let behind = 1 + by_ref.count();
    let (idents, types) = (residual_idents(cx), &types[behind..]);
    let idents = &idents[behind..];
    let out = &signature.out;
    let head = signature.head(
        name,
        &quote!(#(#idents: #types),*),
        &quote!((#out, #returned)),
    );
    let uses = imports(cx, true);
    let fields = declared_fields(rt, &func.members, body);
    Some(quote!(
        #[doc(hidden)]
        #[inline]
        #head {
            #uses
            #fields
            #receiver
            #body
        }
    ))
}

/// The typed parameters of the residual closure.
fn residual_params(cx: &Cx<'_>, options: &Options, function: &ItemFn) -> TokenStream {
    let (rt, func) = (&cx.rt, cx.func);
    let (types, _) = residual_types(rt, options, function, func);
    let idents = residual_idents(cx);
    quote!(#(#idents: #types),*)
}

fn residual_idents(cx: &Cx<'_>) -> Vec<Ident> {
    let by_ref: Vec<&Param> = cx
        .func
        .params
        .iter()
        .filter(|it| it.by != By::Value)
        .collect();
    let mut idents = vec![names::tape()];
    idents.extend(by_ref.iter().map(|it| cx.reverse_ident(it.var)));
    idents.push(names::seed_of_value());
    idents.extend(
        by_ref
            .iter()
            .map(|it| names::cotangent(&cx.reverse_ident(it.var))),
    );
    idents
}

/// The forward half of a function with a checkpoint: the function itself, and a residual that holds its inputs and runs
/// the forward half that keeps, right before its reverse half.
fn checkpointed(cx: &Cx<'_>, options: &Options, function: &ItemFn, keeping: &Ident) -> TokenStream {
    let (rt, func) = (&cx.rt, cx.func);
    let (tape, marks) = (names::tape(), ours("__marks"));
    let input = |param: &Param| ours(&format!("input_{}", param.var.0));
    let (mut saves, mut restores) = (TokenStream::new(), TokenStream::new());
    let (mut passed, mut again) = (Vec::new(), Vec::new());
    for param in &func.params {
        let (ident, reverse) = (cx.ident(param.var), cx.reverse_ident(param.var));
        let input = input(param);
        match param.by {
            By::Value => {
                saves.extend(quote!(let #input = ::core::clone::Clone::clone(&#ident);));
                passed.push(quote!(#ident));
                again.push(quote!(#input));
            }
            By::Ref => {
                passed.push(quote!(#ident));
                again.push(quote!(#reverse));
            }
            By::Mut => {
                saves.extend(if param.active {
                    quote!(let #input = #rt::keep(&*#ident);)
                } else {
                    quote!(let #input = ::std::borrow::ToOwned::to_owned(&*#ident);)
                });
                restores.extend(quote!(#rt::Restore::ad_restore(&mut *#reverse, #input);));
                let reborrow = (*ident != "self").then(|| quote!(&mut *));
                passed.push(quote!(#reborrow #ident));
                again.push(quote!(&mut *#reverse));
            }
        }
    }
    let explicit = super::tangent::explicit(function);
    let plain = if func.level == 0 {
        called(options, function)
    } else {
        let run = run_name(options, function, func);
        quote!(Self::#run)
    };
    let generics = function.sig.generics.params.iter();
    let turbofish = (!explicit.is_empty()).then(|| {
        let named = generics.filter_map(|it| match it {
            GenericParam::Type(it) => Some(&it.ident),
            GenericParam::Const(it) => Some(&it.ident),
            GenericParam::Lifetime(_) => None,
        });
        let holes = func.params.iter().map(|_| quote!(_));
        quote!(::<#(#named,)* #(#holes),*>)
    });
    let receives = function.sig.receiver().is_some();
    let (receiver, others) = again.split_at(usize::from(receives));
    let params = residual_params(cx, options, function);
    let idents = residual_idents(cx);
    let (value, back) = (ours("__value"), ours("__back"));
    quote!(
        #saves
        let #value = #plain #explicit (#(#passed),*);
        (#value, move |#params| {
            #restores
            let (_, #back) = Self::#keeping #turbofish (#(#receiver,)* #(#others,)* #marks, &mut *#tape);
            #back(#(#idents),*)
        })
    )
}

/// What stands around the halves of a function.
pub(super) struct Frame {
    /// The shadows that are wanted.
    pub(super) get: TokenStream,
    /// The cotangents of what is passed by value.
    pub(super) returned: TokenStream,
    /// Zeros of what the value does not depend on.
    pub(super) unused_zeros: TokenStream,
}

impl Frame {
    pub(super) fn of(cx: &Cx<'_>) -> Frame {
        let func = cx.func;
        let rt = &cx.rt;
        let get = func
            .params
            .iter()
            .enumerate()
            .filter(|(_, it)| it.by == By::Ref)
            .map(|(at, it)| {
                let shadow = names::cotangent(&cx.reverse_ident(it.var));
                let marker = marker(at);
                quote!(let mut #shadow = <#marker as #rt::Mark>::get(#shadow);)
            });
        let returned = func.params.iter().enumerate().filter(|(_, it)| it.by == By::Value).map(|(at, it)| {
            let marker = marker(at);
            if !it.active {
                return unreturned(it);
            }
            let d = names::cotangent(cx.ident(it.var));
            if cx.facts.var(it.var).cotangent == Cotangent::None {
                let zero = names::zero(cx.ident(it.var));
                return quote!(<#marker as #rt::Mark>::ret(|| #zero.make()));
            }
            if cx.is_scalar(it.var) {
                quote!(<#marker as #rt::Mark>::ret(|| #d))
            } else {
                let zero = cx.zero(it.var);
                quote!(<#marker as #rt::Mark>::ret(|| #rt::Slot::take(&mut #d).unwrap_or_else(|| #zero)))
            }
        });
        // A parameter that the value does not depend on still has a gradient: zero.
        let unused_zeros = func.params.iter().filter(|it| {
            it.by == By::Value && it.active && cx.facts.var(it.var).cotangent == Cotangent::None
        });
        let unused_zeros = unused_zeros.map(|it| {
            let (ident, zero) = (cx.ident(it.var), names::zero(cx.ident(it.var)));
            quote!(let #zero = #rt::zero_of(&#ident);)
        });
        Frame {
            get: quote!(#(#get)*),
            returned: quote!(#(#returned,)*),
            unused_zeros: quote!(#(#unused_zeros)*),
        }
    }
}

fn by_transformation(
    cx: &Cx<'_>,
    options: &Options,
    function: &ItemFn,
    recursive: bool,
) -> TokenStream {
    let func = cx.func;
    let mut forward = Forward::new(cx);
    let forward_tokens = forward.function();
    let mut reverse = Reverse::new(cx, &forward);
    let reverse_tokens = reverse.function();
    let params = residual_params(cx, options, function);
    let Frame {
        get,
        returned,
        unused_zeros,
    } = Frame::of(cx);
    // Captured variables that the reverse half restores.
    let restored = func.vars.iter().enumerate().filter_map(|(at, var)| {
        let id = crate::ir::VarId(u32::try_from(at).unwrap_or(u32::MAX));
        let facts = cx.facts.var(id);
        let captured = facts.home.frame == func.scope
            && matches!(facts.storage, crate::analysis::Storage::Save)
            && cx.by(id).is_none_or(|it| it == By::Value);
        let ident = &var.ident;
        (captured && var.mutable).then(|| quote!(let mut #ident = #ident;))
    });
    let kept_mutable = forward_optional(cx);
    let value = cx.ident(func.result);
    let (given, given_again) = (given(cx, func, false), given(cx, func, true));
    let residual = quote!(move |#params| {
        #given_again
        #get
        #(#restored)*
        #(#kept_mutable)*
        #reverse_tokens
        (#returned)
    });
    if !recursive {
        return quote!(#given #unused_zeros #forward_tokens (#value, #residual));
    }
    let Boxed { items, ty } = boxed(cx, options, function);
    let idents = residual_idents(cx);
    let boxed = ours("__residual");
    quote!(
        #items
        #given
        #unused_zeros
        #forward_tokens
        let #boxed: #ty = ::std::boxed::Box::new(#residual);
        (#value, move |#params| __Residual::run(#boxed, #(#idents),*))
    )
}

/// Captured values that may be undefined and are written when they are restored.
fn forward_optional(cx: &Cx<'_>) -> Vec<TokenStream> {
    let func = cx.func;
    func.vars
        .iter()
        .enumerate()
        .filter_map(|(at, var)| {
            let id = crate::ir::VarId(u32::try_from(at).unwrap_or(u32::MAX));
            let facts = cx.facts.var(id);
            let captured = facts.home.frame == func.scope
                && facts.storage == crate::analysis::Storage::SaveIfDefined
                && var.mutable;
            let kept = names::kept(&var.ident);
            captured.then(|| quote!(let mut #kept = #kept;))
        })
        .collect()
}

/// A pullback written by hand: `rule(args.., &value, &seed)` gives the gradients of the active parameters. By-value
/// arguments and the value are kept as they are; by-reference ones are handed to the rule when it runs.
fn by_hand(cx: &Cx<'_>, options: &Options, function: &ItemFn, path: &Path) -> TokenStream {
    let (rt, func) = (&cx.rt, cx.func);
    let name = &function.sig.ident;
    let generics = function
        .sig
        .generics
        .params
        .iter()
        .filter_map(|it| match it {
            GenericParam::Type(it) => Some(&it.ident),
            GenericParam::Const(it) => Some(&it.ident),
            GenericParam::Lifetime(_) => None,
        });
    let generics: Vec<&Ident> = generics.collect();
    let explicit = if generics.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#generics),*>)
    };
    let (value, kept) = (ours("__value"), ours("__kept"));
    let calls = func.params.iter().map(|it| {
        let ident = cx.ident(it.var);
        if it.by == By::Value {
            quote!(::core::clone::Clone::clone(&#ident))
        } else {
            quote!(#ident)
        }
    });
    let arguments: Vec<Ident> = func
        .params
        .iter()
        .map(|it| cx.reverse_ident(it.var))
        .collect();
    let params = residual_params(cx, options, function);
    let active: Vec<(usize, &Param)> = func
        .params
        .iter()
        .enumerate()
        .filter(|(_, it)| it.active)
        .collect();
    let grads: Vec<Ident> = active
        .iter()
        .map(|(at, _)| ours(&format!("grad_{at}")))
        .collect();
    let pattern = match grads.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let adds = active
        .iter()
        .zip(&grads)
        .filter(|((_, it), _)| it.by != By::Value)
        .map(|((at, it), grad)| {
            let (d, marker) = (names::cotangent(&cx.reverse_ident(it.var)), marker(*at));
            quote!(#rt::give(#grad, #rt::Maybe(<#marker as #rt::Mark>::get(#d)));)
        });
    let returned = func
        .params
        .iter()
        .enumerate()
        .filter(|(_, it)| it.by == By::Value)
        .map(|(at, it)| {
            let (grad, marker) = (ours(&format!("grad_{at}")), marker(at));
            if it.active {
                quote!(<#marker as #rt::Mark>::ret(|| #grad))
            } else {
                unreturned(it)
            }
        });
    let seed = names::seed_of_value();
    let calls: Vec<TokenStream> = calls.collect();
    let primal = if func.level > 0 {
        let run = run_name(options, function, func);
        quote!(Self::#run #explicit (#(#calls),*))
    } else if function.sig.receiver().is_some() {
        let (recv, args) = (&calls[0], &calls[1..]);
        quote!(#recv.#name #explicit (#(#args),*))
    } else if options.is_member(function) {
        quote!(Self::#name #explicit (#(#calls),*))
    } else {
        quote!(#name #explicit (#(#calls),*))
    };
    quote!(
        let #value = #primal;
        let #kept = ::core::clone::Clone::clone(&#value);
        (#value, move |#params| {
            let #pattern = #path(#(#arguments,)* &#kept, &#seed);
            #(#adds)*
            (#(#returned,)*)
        })
    )
}

/// The type of the residual of a recursive function is closed by a box behind a trait of its own: a residual that
/// contains residuals of the same function would have no size. Callers see the same opaque type as ever.
struct Boxed {
    /// The trait and its implementation.
    items: TokenStream,
    /// `Box<dyn __Residual<..>>`
    ty: TokenStream,
}

fn boxed(cx: &Cx<'_>, options: &Options, function: &ItemFn) -> Boxed {
    let (rt, func) = (&cx.rt, cx.func);
    let (args, returned) = residual_types(rt, options, function, func);
    let generics = &function.sig.generics;
    let declared: Vec<&GenericParam> = generics
        .params
        .iter()
        .filter(|it| !matches!(it, GenericParam::Lifetime(_)))
        .collect();
    let values = declared.iter().filter_map(|it| match it {
        GenericParam::Type(it) => Some(&it.ident),
        GenericParam::Const(it) => Some(&it.ident),
        GenericParam::Lifetime(_) => None,
    });
    let markers: Vec<Ident> = (0..func.params.len()).map(marker).collect();
    let names: Vec<TokenStream> = values
        .map(ToTokens::to_token_stream)
        .chain(markers.iter().map(ToTokens::to_token_stream))
        .collect();
    let idents: Vec<Ident> = (0..args.len()).map(|it| ours(&format!("a{it}"))).collect();
    let where_clause = &generics.where_clause;
    let declared = quote!(#(#declared,)* #(#markers: #rt::Mark),*);
    let ty = quote!(::std::boxed::Box<dyn __Residual<#(#names),*>>);
    let f = ours("__F");
    let items = quote!(
        trait __Residual<#declared> #where_clause {
            fn run(self: ::std::boxed::Box<Self>, #(#idents: #args),*) -> #returned;
            fn duplicate(&self) -> #ty;
        }
        impl<#declared, #f> __Residual<#(#names),*> for #f
        where
            #f: ::core::ops::FnOnce(#(#args),*) -> #returned + ::core::clone::Clone + 'static,
        {
            fn run(self: ::std::boxed::Box<Self>, #(#idents: #args),*) -> #returned {
                (*self)(#(#idents),*)
            }
            fn duplicate(&self) -> #ty {
                ::std::boxed::Box::new(::core::clone::Clone::clone(self))
            }
        }
        impl<#declared> ::core::clone::Clone for #ty #where_clause {
            fn clone(&self) -> Self {
                (**self).duplicate()
            }
        }
    );
    Boxed { items, ty }
}

// === calls of other functions ===

/// The functions called with active arguments, each once.
fn callees<'a>(cx: &Cx<'a>) -> Vec<(&'a Call, usize)> {
    let mut calls: Vec<(&Call, usize)> = Vec::new();
    cx.func.body.walk(&mut |stmt| {
        let (call, result) = match &stmt.kind {
            StmtKind::Let {
                var,
                op: Op::Call(call),
                ..
            } => (call, *var),
            StmtKind::Assign {
                place,
                op: Op::Call(call),
            } => (call, cx.root(place)),
            _ => return,
        };
        if call.primal().is_some() || cx.useful(result) || call.args.iter().any(|it| cx.varies(it))
        {
            calls.push((call, call.args.len()));
        }
    });
    calls
}

/// The alias under which a called function is imported, so that a missing derivative is one error on the call.
pub(super) fn alias(path: &Path) -> Ident {
    let text: Vec<String> = path
        .segments
        .iter()
        .map(|it| it.ident.to_string())
        .collect();
    ours(&format!("__f_{}", text.join("_").replace("r#", "")))
}

pub(super) fn bare(path: &Path) -> Path {
    let mut path = path.clone();
    for segment in &mut path.segments {
        segment.arguments = PathArguments::None;
        let span = segment.ident.span();
        segment.ident.set_span(Span::mixed_site().located_at(span));
    }
    path
}

/// The traits whose methods generated code calls.
pub(super) fn traits(rt: &TokenStream) -> TokenStream {
    quote!(
        use #rt::rules::*;
        use #rt::{Underived as _, Fields as _, HandPart as _, LendPart as _, MarkPart as _, AddToView as _, Cut as _, Popped as _, TakeView as _, AtElement as _, AtPlace as _, Contents as _, Cotangents as _, Entries as _, HoldReference as _, HoldSlice as _, HoldValue as _, KeepAsItIs as _, MakeAgain as _, Shapeless as _, Sort as _, Stretch as _, StretchElsewhere as _, ToOwned as _, Uncut as _};
    )
}

/// `reversed`: are these the halves of a function, and not the function alone?
pub(super) fn imports(cx: &Cx<'_>, reversed: bool) -> TokenStream {
    let rt = &cx.rt;
    let mut tokens = traits(rt);
    if cx.func.level > 0 {
        tokens.extend(quote!(use #rt::lifted::*;));
    }
    let mut seen: Vec<String> = Vec::new();
    let (mut claims, mut fallbacks) = (TokenStream::new(), Vec::new());
    for (call, _) in callees(cx) {
        match call.callee.primal().0 {
            Callee::Function(path) => {
                let alias = alias(path);
                if seen.contains(&alias.to_string()) {
                    continue;
                }
                seen.push(alias.to_string());
                let plain = match &cx.namespace {
                    Some(own) if path.is_ident(&cx.func.name) => bare(&own.clone().into()),
                    _ => bare(path),
                };
                if let Some(last) = path.segments.last() {
                    // Where the function is not there, rustc reports the import, too.
                    let mut alias = alias.clone();
                    alias.set_span(alias.span().located_at(last.ident.span()));
                    tokens.extend(quote!(use #plain as #alias;));
                    let claim = cx.due.claim(rt, &alias);
                    claims.extend(super::located(claim, last.ident.span()));
                }
                fallbacks.push(alias);
            }
            Callee::Associated(_) | Callee::Method(..) | Callee::Tangent(_) => {}
        }
    }
    tokens.extend(super::missing::derivatives(cx, reversed));
    if !fallbacks.is_empty() {
        tokens.extend(quote!(
            use __fallback::*;
            mod __fallback {
                #(pub use #rt::NoNamespace as #fallbacks;)*
            }
            use #rt::fallback::*;
            #claims
        ));
    }
    tokens
}

/// The call of the forward half of a callee.
pub(super) fn callee(
    cx: &Cx<'_>,
    call: &Call,
    span: Span,
    marks: TokenStream,
    values: &[TokenStream],
    count: usize,
) -> TokenStream {
    let tape = names::tape();
    let _ = (span, cx);
    let (primal, level) = call.callee.primal();
    match primal {
        Callee::Tangent(_) => unreachable!("no primal function is a tangent program"),
        Callee::Function(path) => {
            let alias = alias(path);
            let at = path
                .segments
                .last()
                .map_or_else(Span::call_site, |it| it.ident.span());
            let mut located = alias;
            located.set_span(located.span().located_at(at));
            let turbofish = turbofish(path.segments.last().map(|it| &it.arguments), count);
            let fwd = protocol::forward(level, count, None, at);
            let accepts = protocol::accepts(count, None, at);
            let marks = super::located(marks, at);
            quote_spanned!(at=> {
                #located::#accepts(&#marks);
                #located::#fwd #turbofish (#(#values,)* #marks, &mut *#tape)
            })
        }
        Callee::Associated(path) => {
            let mut path = path.clone();
            let mut at = Span::call_site();
            let mut turbofish_tokens = TokenStream::new();
            if let Some(last) = path.segments.last_mut() {
                at = last.ident.span();
                turbofish_tokens = turbofish(Some(&last.arguments), count);
                last.arguments = PathArguments::None;
                last.ident = protocol::forward(level, count, Some(&last.ident), at);
            }
            let marks = super::located(marks, at);
            quote_spanned!(at=> #path #turbofish_tokens (#(#values,)* #marks, &mut *#tape))
        }
        Callee::Method(name, generic) => {
            let at = name.span();
            let method = protocol::forward(level, count, Some(name), at);
            let turbofish_tokens = generic
                .as_ref()
                .map(|it| turbofish(Some(&PathArguments::AngleBracketed(it.clone())), count));
            let (recv, args) = (&values[0], &values[1..]);
            let accepts = protocol::accepts(count, Some(name), ours_at(at));
            let marks = super::located(marks, at);
            quote_spanned!(at=> {
                #recv.#accepts(&#marks);
                #recv.#method #turbofish_tokens (#(#args,)* #marks, &mut *#tape)
            })
        }
    }
}

/// Where an error about markers points: rustc looks for a span of the same expansion around the marker and the call.
fn ours_at(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}

/// A turbofish that the user wrote, with one `_` for each marker.
pub(super) fn turbofish(arguments: Option<&PathArguments>, count: usize) -> TokenStream {
    match arguments {
        Some(PathArguments::AngleBracketed(it)) => {
            let args: Vec<&GenericArgument> = it
                .args
                .iter()
                .filter(|it| !matches!(it, GenericArgument::Lifetime(_)))
                .collect();
            let marks = (0..count).map(|_| quote!(_));
            quote!(::<#(#args,)* #(#marks),*>)
        }
        _ => TokenStream::new(),
    }
}

/// Which arguments of a call are handed again to its reverse half.
pub(super) fn handed(cx: &Cx<'_>, call: &Call) -> Vec<bool> {
    (0..call.args.len())
        .map(|at| handed_by_reference(cx.func, call, at))
        .collect()
}
