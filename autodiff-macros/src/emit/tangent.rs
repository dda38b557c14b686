//! The tangent program as a function, and what the user calls of it.
//!
//! ```text
//! impl foo {
//!     fn __jvp2(a: &A, c: C, dot_a: Option<&Shadow<A>>, dot_c: Option<Gradient<C>>) -> (O, Gradient<O>)
//!     fn jvp(a: &A, c: C, dot_a: &Shadow<A>, dot_c: Gradient<C>) -> (O, Gradient<O>)
//! }
//! ```
//!
//! A tangent that is not given is zero. The tangent of what is passed by `&mut` is passed by `&mut`, too. For second order
//! the tangent program has halves as any function has; they have twice its parameters, which tells them from its own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{GenericParam, ItemFn, Path, PathArguments, parse_quote};

use super::forward::Forward;
use super::halves::{alias, asked_params, bounds, given, imports, output, passed_type, turbofish};

use super::protocol;
use super::value::Cx;
use crate::forward::Refusal;
use crate::ir::project::declared_fields;
use crate::ir::{By, Callee, Func, Operand};
use crate::options::Options;

/// What is generated of tangent programs: hidden functions, and those that the user calls.
#[derive(Default)]
pub(super) struct Tangent {
    pub(super) hidden: Vec<TokenStream>,
    pub(super) shown: Vec<TokenStream>,
    pub(super) together: Together,
}

/// How several directions go through one sweep.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Together {
    /// They do not.
    #[default]
    One,
    /// In variables of their own.
    Lanes,
    /// Side by side in bundles.
    Bundles,
}

/// How many directions travel through one sweep. More share the values with each other, and fewer are left idle in the
/// last sweep.
pub(super) const LANES: usize = 5;

/// The tangent program, that of the tangent program, and so on as far as the order asks for.
pub(super) fn tangent(
    options: &Options,
    function: &ItemFn,
    func: &Func,
) -> Result<Tangent, Vec<Refusal>> {
    let options = &Options {
        typed: (options.typed.as_ref())
            .map(|_| super::typed::name(options, function, super::typed::HALVES)),
        ..options.clone()
    };
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let by_transformation = Options {
        pullback: None,
        ..options.clone()
    };
    let mut made = Tangent::default();
    let (mut of, mut program) = (function.clone(), func.clone());
    while program.level < options.highest_level() {
        let how = if program.level == 0 {
            options
        } else {
            &by_transformation
        };
        let next = crate::forward::forward(&rt, how, function, &program)?;
        let out = output(&of);
        of.sig.output = parse_quote!(-> (#out, #rt::Gradient<#out>));
        let member = options.is_member(function).then_some(&function.sig.ident);
        let count = program.params.len();
        let name = protocol::run(program.level, count, member, Span::call_site());
        made.hidden.push(run(options, &of, func, &next, &name));
        if program.level == 0 {
            if has_rows(options, function, func) {
                let (bundled, together) = side_by_side(options, &of, function, func, &next);
                made.hidden.extend(bundled);
                made.together = together;
            }
            made.shown.push(jvp(options, function, func, &next));
            if options.order >= 2 {
                made.shown
                    .extend(super::second::second(options, function, func, &next));
            }
        }
        if next.level < options.order {
            let facts = crate::analysis::analyse(&next);
            made.hidden.extend(super::halves::halves(
                &by_transformation,
                &of,
                &next,
                &facts,
            ));
        }
        program = next;
    }
    if let Some(span) = options.argmin {
        let argmin = super::implicit::argmin(options, function, func, &program, span);
        made.hidden.extend(argmin);
    }
    if options.order >= 2 {
        let derived = super::derived::derived(options, function, func, &program);
        made.hidden.extend(derived.hidden);
        made.shown.extend(derived.shown);
    }
    Ok(made)
}

/// The halves of a function beside this one and of its tangent programs, and its `jvp`. `program` makes the tangent program
/// of a level that has derivatives up to an order.
pub(super) fn beside(
    options: &Options,
    function: &ItemFn,
    program: &dyn Fn(u32, u32) -> Option<Func>,
) -> Vec<TokenStream> {
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let mut items = Vec::new();
    let Some(func) = program(0, 1) else {
        return items;
    };
    let mut of = function.clone();
    for level in 0..=options.highest_level() {
        if level > 0 {
            let out = output(&of);
            of.sig.output = parse_quote!(-> (#out, #rt::Gradient<#out>));
            let Some(run) = program(level, level) else {
                return items;
            };
            let count = run.params.len() / 2;
            let name = protocol::run(
                level - 1,
                count,
                Some(&function.sig.ident),
                Span::call_site(),
            );
            items.push(self::run(options, &of, &func, &run, &name));
            if level == 1 && options.wrt.as_ref().is_none_or(|it| !it.is_empty()) {
                items.push(jvp(options, function, &func, &run));
            }
        }
        if level < options.order
            && let Some(program) = program(level, level + 1)
        {
            let facts = crate::analysis::analyse(&program);
            items.extend(super::halves::halves(options, &of, &program, &facts));
        }
    }
    items
}

/// Has it a Jacobian with several rows, to be made of columns?
fn has_rows(options: &Options, function: &ItemFn, func: &Func) -> bool {
    !super::api::returns_scalar(function)
        && crate::lower::carries_derivative(function)
        && options.pullback.is_none()
        && func.params.iter().all(|it| it.by != By::Mut)
}

/// The tangent program for several directions, and how they go through it. `of` is the program for one.
fn side_by_side(
    options: &Options,
    of: &ItemFn,
    function: &ItemFn,
    func: &Func,
    program: &Func,
) -> (Option<TokenStream>, Together) {
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let member = options.is_member(function).then_some(&function.sig.ident);
    let (count, primal) = (func.params.len(), func.vars.len());
    let generics = &function.sig.generics;
    let plain = options.wrt.is_none() && generics.lifetimes().count() == generics.params.len();
    if let Some(wide) = plain
        .then(|| crate::bundle::bundle(&rt, program, primal))
        .flatten()
    {
        let name = protocol::bundled(count, member, Span::call_site());
        let program = bundled(options, function, func, &wide, &name);
        return (Some(program), Together::Bundles);
    }
    if let Some(wide) = crate::lanes::lanes(program, primal, LANES) {
        let mut of = of.clone();
        let out = output(function);
        of.sig.output = parse_quote!(-> (#out, [#rt::Gradient<#out>; #LANES]));
        let name = protocol::lanes(LANES, count, member, Span::call_site());
        let program = run(options, &of, func, &wide, &name);
        return (Some(program), Together::Lanes);
    }
    (None, Together::One)
}

/// A tangent program, run forward: it saves nothing, so no variable is active.
fn run(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
    name: &Ident,
) -> TokenStream {
    let (given, body) = forward_only(options, program);
    let vis = &function.vis;
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let where_clause = bounds(&rt, options, function, func);
    let typed = super::typed::bound(options);
    let out = output(function);
    let mut params: Vec<TokenStream> = (asked_params(&rt, options, function, program).iter())
        .map(|it| {
            let info = program.var(it.var);
            let (ident, ty) = (&info.ident, passed_type(it));
            let mutability = info.mutable.then(|| quote!(mut));
            quote!(#mutability #ident: #ty)
        })
        .collect();
    let receiver = function.sig.receiver().map(|_| params.remove(0));
    let receiver = receiver.iter();
    quote!(
        #[doc(hidden)]
        #[inline]
        #vis fn #name<#(#declared),*>(#(#receiver,)* #(#params),*) -> #out #where_clause #typed {
            #given
            #body
        }
    )
}

/// A tangent that a tangent program is given. What is in a field may have none.
pub(super) fn given_tangent(cx: &Cx<'_>, tangent: &Operand, tokens: &TokenStream) -> TokenStream {
    let rt = &cx.rt;
    if tangent
        .place()
        .is_some_and(|it| crate::ir::behind_field(&cx.func.vars, it))
    {
        quote!(#rt::Within(&#tokens).ad_hand())
    } else {
        quote!(::core::option::Option::Some(#rt::hand(&#tokens)))
    }
}

/// The body of a program that saves nothing, since no variable of it is active, and what comes before it: zeros for the
/// tangents that are not given.
fn forward_only(options: &Options, program: &Func) -> (TokenStream, TokenStream) {
    let mut plain = program.clone();
    for var in &mut plain.vars {
        var.active = false;
    }
    let given = {
        let facts = crate::analysis::forward_only(&plain);
        given(&Cx::new(options, &plain, &facts), &plain, false)
    };
    for param in &mut plain.params {
        param.active = false;
    }
    let facts = crate::analysis::forward_only(&plain);
    let cx = Cx::new(options, &plain, &facts);
    let (uses, body) = (imports(&cx, false), Forward::new(&cx).function());
    let value = cx.ident(plain.result);
    let fields = declared_fields(&cx.rt, &plain.members, &body);
    (given, quote!(#uses #fields #body #value))
}

/// The tangent program for bundles: each tangent is what holds bundles where the parameter holds numbers.
fn bundled(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
    name: &Ident,
) -> TokenStream {
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let (_, body) = forward_only(options, program);
    let width = crate::bundle::width();
    let bundled = |ty: &syn::Type| quote!(<#ty as #rt::bundle::Bundles<#width>>::Bundled);
    let mut params = Vec::new();
    for param in &program.params {
        let info = program.var(param.var);
        let mutability = info.mutable.then(|| quote!(mut));
        let (ident, ty) = (&info.ident, &param.ty);
        let Some(of) = param.tangent_of else {
            params.push(quote!(#mutability #ident: #ty));
            continue;
        };
        let Some(of) = func.params.iter().find(|it| it.var == of && it.active) else {
            continue;
        };
        let ty = bundled(crate::lower::peel(&of.ty));
        let reference = (param.by != By::Value).then(|| quote!(&));
        params.push(quote!(#mutability #ident: #reference #ty));
    }
    let receiver = function.sig.receiver().map(|_| params.remove(0));
    let receiver = receiver.iter();
    let vis = &function.vis;
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let where_clause = bounds(&rt, options, function, func);
    let out = output(function);
    let tangents = bundled(&out);
    quote!(
        #[doc(hidden)]
        #[inline]
        #vis fn #name<#(#declared,)* const #width: ::core::primitive::usize>(#(#receiver,)* #(#params),*) -> (#out, #tangents)
        #where_clause
        {
            #body
        }
    )
}

/// The parameters of a public function that takes tangents: those of the function, the tangents, and what is passed on.
pub(super) struct Public {
    pub(super) params: Vec<TokenStream>,
    pub(super) tangents: Vec<TokenStream>,
    pub(super) passed: Vec<TokenStream>,
}

pub(super) fn public_params(options: &Options, func: &Func, program: &Func) -> Public {
    let mut public = Public {
        params: Vec::new(),
        tangents: Vec::new(),
        passed: Vec::new(),
    };
    let mut handed = Vec::new();
    let (params, dots) = program.params.split_at(func.params.len());
    for (param, dot) in params.iter().zip(dots) {
        let (ident, ty) = (&func.var(param.var).ident, &param.ty);
        public.params.push(quote!(#ident: #ty));
        let reborrow = (param.by == By::Mut && *ident != "self").then(|| quote!(&mut *));
        public.passed.push(quote!(#reborrow #ident));
        let wanted = (options.wrt.as_ref()).is_none_or(|it| it.contains(ident));
        let written = dot.by == By::Mut;
        if !dot.active || !(wanted || written) {
            handed.push(quote!(::core::option::Option::None));
            continue;
        }
        let (name, ty) = (public_name(func, ident), &dot.ty);
        public.tangents.push(quote!(#name: #ty));
        handed.push(if written {
            quote!(#name)
        } else {
            quote!(::core::option::Option::Some(#name))
        });
    }
    public.passed.extend(handed);
    public
}

/// The name of the tangent of a parameter, which no parameter has.
pub(super) fn public_name(func: &Func, ident: &Ident) -> Ident {
    let mut name = format!("dot_{}", ident.to_string().trim_start_matches("r#"));
    while func.params.iter().any(|it| func.var(it.var).ident == name) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

/// `::<T, N>`, for the generic parameters of a function.
pub(super) fn explicit(function: &ItemFn) -> TokenStream {
    let values = (function.sig.generics.params.iter()).filter_map(|it| match it {
        GenericParam::Type(it) => Some(&it.ident),
        GenericParam::Const(it) => Some(&it.ident),
        GenericParam::Lifetime(_) => None,
    });
    let values: Vec<&Ident> = values.collect();
    if values.is_empty() {
        TokenStream::new()
    } else {
        quote!(::<#(#values),*>)
    }
}

/// How the documentation of a derivative names the function.
pub(super) fn link(options: &Options, function: &ItemFn) -> String {
    let name = &function.sig.ident;
    if options.is_member(function) {
        format!("`{name}`")
    } else {
        format!("[`{name}`](fn@{name})")
    }
}

pub(super) fn jvp(
    options: &Options,
    function: &ItemFn,
    func: &Func,
    program: &Func,
) -> TokenStream {
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let method = options.is_member(function).then_some(&function.sig.ident);
    let run = protocol::run(func.level, func.params.len(), method, Span::call_site());
    let name = match method {
        Some(method) => format_ident!("{}_jvp", method, span = Span::call_site()),
        None => Ident::new("jvp", Span::call_site()),
    };
    let doc = format!(
        "The value of {} and its tangent: the derivative of the value along the given tangents of the active \
         parameters, in one sweep. What is passed by `&mut` is left as the function leaves it, and its tangent with it.",
        link(options, function)
    );
    let Public {
        params,
        tangents,
        passed,
    } = public_params(options, func, program);
    let vis = &function.vis;
    let declared: Vec<&GenericParam> = function.sig.generics.params.iter().collect();
    let where_clause = bounds(&rt, options, function, func);
    let (out, explicit) = (output(function), explicit(function));
    quote!(
        #[doc = #doc]
        #[inline]
        #vis fn #name<#(#declared),*>(#(#params,)* #(#tangents),*) -> (#out, #krate::Gradient<#out>) #where_clause {
            Self::#run #explicit (#(#passed),*)
        }
    )
}

/// The call of a tangent program. The markers are those of the arguments of the function itself.
pub(super) fn call(callee: &Callee, marks: &[TokenStream], values: &[TokenStream]) -> TokenStream {
    let (of, level) = callee.primal();
    let (level, count) = (level.saturating_sub(1), values.len() / 2);
    let checked = marks.len();
    let marks = quote!(#(#marks,)*);
    let named = |path: &Path, member: bool| {
        // The function is imported under an alias, beside a fallback for one without tangent program.
        let at = (path.segments.last()).map_or_else(Span::call_site, |it| it.ident.span());
        let known = if member {
            path.clone()
        } else {
            let mut alias = alias(path);
            alias.set_span(alias.span().located_at(at));
            alias.into()
        };
        let (mut program, mut accepts) = (known.clone(), known);
        let mut generics = TokenStream::new();
        if let Some(segment) = path.segments.last() {
            let at = segment.ident.span();
            let method = member.then_some(&segment.ident);
            generics = turbofish(Some(&segment.arguments), 0);
            let run = protocol::run(level, count, method, at);
            let check = protocol::accepts(checked, method, at);
            for (path, name) in [(&mut program, run), (&mut accepts, check)] {
                if let Some(it) = path.segments.last_mut() {
                    it.arguments = PathArguments::None;
                    if member {
                        it.ident = name;
                        continue;
                    }
                }
                path.segments.push(name.into());
            }
        }
        // The type of an associated function is known by its arguments alone.
        let asked = (!member).then(|| quote_spanned!(at=> #accepts(&(#marks));));
        quote_spanned!(at=> { #asked #program #generics (#(#values),*) })
    };
    match of {
        Callee::Function(path) => named(path, false),
        Callee::Associated(path) => named(path, true),
        Callee::Method(name, generics) => {
            let run = protocol::run(level, count, Some(name), name.span());
            let check = protocol::accepts(checked, Some(name), name.span());
            let (recv, args) = (&values[0], &values[1..]);
            quote!({ #recv.#check(&(#marks)); #recv.#run #generics (#(#args),*) })
        }
        Callee::Tangent(_) => {
            unreachable!("no primal function is a tangent program")
        }
    }
}
