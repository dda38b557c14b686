//! Checks of one call of a differentiated function against differences: the macro `check!`, and the tests that
//! `#[differentiate(test(..))]` asks for.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ItemFn, Path, PathArguments, Token, Type, parse_quote};

use crate::emit::ours;
use crate::guard::guard;
use crate::ir::{By, Func};
use crate::lower::unparen;
use crate::options::Options;

/// A call to be checked.
struct Call {
    krate: Path,
    /// As the user reads it in the report.
    text: String,
    callee: Callee,
    arguments: Vec<Argument>,
    /// Has the function a value with a derivative? If not, it gives what it leaves in its arguments.
    valued: bool,
    /// What is checked besides `vjp`.
    also: Also,
    span: Span,
}

enum Callee {
    /// The function, and its namespace.
    Function(Path, Path),
    /// A method of the first argument.
    Method(Ident),
}

/// What is checked besides `vjp`.
#[derive(Clone, Copy, Default)]
struct Also {
    gradient: bool,
    tangent: bool,
    hessian: bool,
}

struct Argument {
    /// The name in the report.
    name: String,
    given: Expr,
    ty: Option<Type>,
    /// How it is passed, if it is differentiated with respect to it. Others are evaluated anew for each call.
    by: Option<By>,
}

/// `check!(f(1.0, &x), g(2.0), order = 2)`
struct Input {
    krate: Path,
    calls: Vec<Expr>,
    order: u32,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut parsed = Input {
            krate: parse_quote!(::differentiate),
            calls: Vec::new(),
            order: 1,
        };
        while !input.is_empty() {
            let expr: Expr = input.parse()?;
            match expr {
                Expr::Assign(it) if is_name(&it.left, "order") => match &*it.right {
                    Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Int(order),
                        ..
                    }) if matches!(order.base10_parse(), Ok(1..=2_u32)) => {
                        parsed.order = order.base10_parse()?;
                    }
                    other => {
                        return Err(syn::Error::new_spanned(
                            other,
                            "the order of derivatives is 1 or 2; write `order = 2`",
                        ));
                    }
                },
                other => parsed.calls.push(other),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if parsed.calls.is_empty() {
            return Err(syn::Error::new(Span::call_site(), CALL));
        }
        Ok(parsed)
    }
}

const CALL: &str =
    "a check needs a call of a function with `#[differentiate]`; write `check!(energy(&x, 2.0))`";

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Path(it) if it.path.is_ident(name))
}

/// The macro `check!`.
pub(crate) fn check(tokens: TokenStream) -> TokenStream {
    let input = guard(&tokens).and_then(|()| Input::parse.parse2(tokens));
    let checks = input.and_then(|input| {
        let calls = input.calls.iter();
        calls
            .map(|it| written(&input.krate, it, input.order > 1))
            .collect::<syn::Result<Vec<Call>>>()
    });
    match checks {
        Ok(calls) => {
            let checks = calls.iter().map(checked);
            quote!({ #(#checks)* })
        }
        Err(error) => error.into_compile_error(),
    }
}

/// A call as it was written.
fn written(krate: &Path, expr: &Expr, hessian: bool) -> syn::Result<Call> {
    let (callee, given): (Callee, Vec<Expr>) = match unparen(expr) {
        Expr::Call(it) => {
            let Expr::Path(path) = unparen(&it.func) else {
                return Err(syn::Error::new_spanned(&it.func, CALL));
            };
            let path = path.path.clone();
            (
                Callee::Function(path.clone(), path),
                it.args.iter().cloned().collect(),
            )
        }
        Expr::MethodCall(it) => {
            let receiver = &it.receiver;
            let given = core::iter::once(parse_quote!(&#receiver)).chain(it.args.iter().cloned());
            (Callee::Method(it.method.clone()), given.collect())
        }
        other => return Err(syn::Error::new_spanned(other, CALL)),
    };
    let mut arguments = Vec::new();
    for (at, given) in given.into_iter().enumerate() {
        // In a macro an argument comes in a group.
        let mut given = unparen(&given).clone();
        let marked = unmarked(&mut given);
        let by = match &given {
            Expr::Reference(it) if it.mutability.is_some() && !marked => {
                return Err(syn::Error::new_spanned(
                    it,
                    "what is passed by `&mut` is checked by a test of the function itself; write \
                     `#[differentiate(test(..))]` on it",
                ));
            }
            Expr::Reference(_) => By::Ref,
            _ => By::Value,
        };
        arguments.push(Argument {
            name: match (&callee, at) {
                (Callee::Method(_), 0) => "`self`".to_owned(),
                (Callee::Method(_), at) => format!("argument {at}"),
                (Callee::Function(..), at) => format!("argument {}", at + 1),
            },
            given,
            ty: None,
            by: (!marked).then_some(by),
        });
    }
    Ok(Call {
        krate: krate.clone(),
        text: text(expr),
        callee,
        arguments,
        valued: true,
        also: Also {
            hessian,
            ..Also::default()
        },
        span: expr.span(),
    })
}

/// Takes `#[no_diff]` off an argument, or `detach(..)`; was it there?
fn unmarked(expr: &mut Expr) -> bool {
    if let Expr::Call(it) = expr
        && crate::lower::is_detach(&it.func)
        && let [inner] = it.args.iter().collect::<Vec<_>>()[..]
    {
        *expr = inner.clone();
        return true;
    }
    let attrs = match expr {
        Expr::Reference(it) => &mut it.attrs,
        Expr::Path(it) => &mut it.attrs,
        Expr::Call(it) => &mut it.attrs,
        Expr::MethodCall(it) => &mut it.attrs,
        _ => return false,
    };
    let before = attrs.len();
    attrs.retain(|it| !it.path().is_ident("no_diff"));
    attrs.len() < before
}

/// The arguments that `test(..)` gives.
#[derive(Clone)]
pub(crate) struct Test {
    pub(crate) at: Span,
    pub(crate) given: Punctuated<Expr, Token![,]>,
}

/// The test of a function at the points that its attribute gives.
pub(crate) fn test(options: &Options, function: &ItemFn, func: &Func) -> TokenStream {
    if options.tests.is_empty() {
        return TokenStream::new();
    }
    let name = &function.sig.ident;
    let namespace = options.name.as_ref().unwrap_or(name);
    let lent = func.params.iter().any(|it| it.active && it.by == By::Mut);
    let scalar = crate::emit::returns_scalar(function) && !lent;
    let checks = options.tests.iter().map(|test| {
        let arguments = func.params.iter().zip(&test.given).map(|(param, given)| {
            let info = func.var(param.var);
            let wanted = (options.wrt.as_ref()).is_none_or(|it| it.contains(&info.ident));
            let moved = param.active && (wanted || param.by == By::Mut);
            Argument {
                name: format!("`{}`", info.ident),
                given: given.clone(),
                ty: Some(known(function, &param.ty)),
                by: moved.then_some(param.by),
            }
        });
        let given = &test.given;
        let call = Call {
            krate: options.krate.clone(),
            text: text(&quote!(#name(#given))),
            callee: Callee::Function(name.clone().into(), namespace.clone().into()),
            arguments: arguments.collect(),
            valued: crate::lower::carries_derivative(function),
            also: Also {
                gradient: scalar,
                tangent: options.forward,
                hessian: scalar && options.order > 1,
            },
            span: test.at,
        };
        checked(&call)
    });
    let name = format_ident!("{}_agrees_with_differences", name);
    quote!(
        #[cfg(test)]
        #[::core::prelude::v1::test]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery, unused, non_snake_case, reason = "generated code")]
        fn #name() {
            #(#checks)*
        }
    )
}

/// The type of a parameter outside of the function: what its generics stand for is left to inference.
fn known(function: &ItemFn, ty: &Type) -> Type {
    use syn::visit_mut::{self, VisitMut};
    struct Open<'a>(&'a ItemFn);
    impl VisitMut for Open<'_> {
        fn visit_type_mut(&mut self, it: &mut Type) {
            let mut generics = self.0.sig.generics.type_params();
            if let Type::Path(path) = it
                && generics.any(|it| path.path.is_ident(&it.ident))
            {
                *it = parse_quote!(_);
            }
            visit_mut::visit_type_mut(self, it);
        }
        fn visit_generic_argument_mut(&mut self, it: &mut syn::GenericArgument) {
            let mut generics = self.0.sig.generics.const_params();
            if let syn::GenericArgument::Type(Type::Path(path)) = it
                && generics.any(|it| path.path.is_ident(&it.ident))
            {
                *it = parse_quote!(_);
            }
            visit_mut::visit_generic_argument_mut(self, it);
        }
        fn visit_type_array_mut(&mut self, it: &mut syn::TypeArray) {
            let mut generics = self.0.sig.generics.const_params();
            if let Expr::Path(path) = &it.len
                && generics.any(|it| path.path.is_ident(&it.ident))
            {
                it.len = parse_quote!(_);
            }
            visit_mut::visit_type_array_mut(self, it);
        }
    }
    let mut ty = crate::emit::fresh_lifetimes(ty);
    Open(function).visit_type_mut(&mut ty);
    ty
}

/// The checks of one call.
fn checked(call: &Call) -> TokenStream {
    let krate = &call.krate;
    let rt = quote!(#krate::__private);
    let name = |stem: &str, at: usize| ours(&format!("__{stem}{at}"));
    let moved: Vec<(usize, &Argument, By)> = (call.arguments.iter().enumerate())
        .filter_map(|(at, it)| Some((at, it, it.by?)))
        .collect();
    let bound = moved.iter().map(|(at, it, _)| {
        let (name, given) = (name("given", *at), &it.given);
        let ty = it.ty.as_ref().map(|it| quote!(: #it));
        quote!(let #name #ty = #given;)
    });
    let lent: Vec<usize> = (moved.iter().filter(|it| it.2 == By::Mut))
        .map(|it| it.0)
        .collect();
    let owned: TokenStream = lent
        .iter()
        .map(|at| {
            let (own, point) = (name("own", *at), name("point", *at));
            quote!(let mut #own = #rt::copied(#point);)
        })
        .collect();
    // The call, or that of a derivative, with arguments from the variables of this stem.
    let call_with = |what: Option<&str>, stem: &str, more: &[TokenStream]| {
        let arguments = call.arguments.iter().enumerate().map(|(at, it)| {
            let (var, own, given) = (name(stem, at), name("own", at), &it.given);
            match it.by {
                None => quote!(#given),
                Some(By::Value) => quote!(#rt::copied(#var)),
                Some(By::Ref) => quote!(#var),
                Some(By::Mut) => quote!(&mut #own),
            }
        });
        let arguments: Vec<TokenStream> = arguments.chain(more.iter().cloned()).collect();
        match &call.callee {
            Callee::Function(function, namespace) => {
                let path = what.map_or_else(|| function.clone(), |it| member(namespace, it));
                quote!(#path(#(#arguments),*))
            }
            Callee::Method(method) => {
                let method = what.map_or_else(
                    || method.clone(),
                    |it| format_ident!("{method}_{it}", span = method.span()),
                );
                let (receiver, rest) = arguments.split_at(1);
                quote!(#(#receiver)*.#method(#(#rest),*))
            }
        }
    };
    let run = |what: &str, more: &[TokenStream]| call_with(Some(what), "point", more);
    let tuple = |items: Vec<TokenStream>| match items.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let point = tuple(
        moved
            .iter()
            .map(|it| name("point", it.0).to_token_stream())
            .collect(),
    );
    let at = tuple(
        (moved.iter())
            .map(|it| {
                let given = name("given", it.0);
                match it.2 {
                    By::Value => quote!(#rt::keep(&#given)),
                    By::Ref | By::Mut => quote!(#rt::keep(&*#given)),
                }
            })
            .collect(),
    );
    let all = ours("__all");
    // What comes out: the value, and what is left in the arguments that were lent.
    let (value, lends) = (ours("__value"), !lent.is_empty());
    let out = |value: TokenStream, stem: &str| {
        let left = lent.iter().map(|at| name(stem, *at).to_token_stream());
        tuple(
            call.valued
                .then_some(value)
                .into_iter()
                .chain(left)
                .collect(),
        )
    };
    let outputs = out(quote!(#value), "own");
    let primal = {
        let run = call_with(None, "point", &[]);
        quote!(|#point| { #owned let #value = #run; #outputs })
    };
    let pull = ours("__pull");
    let vjp = if lends {
        let run = run("vjp", &[]);
        let seeds = out(quote!(#value), "d");
        let taken = call.valued.then(|| quote!(#value,));
        let shadows = lent.iter().map(|at| {
            let d = name("d", *at);
            quote!(&mut #d)
        });
        let d = |at: usize| name("d", at).to_token_stream();
        let others = moved.iter().filter(|it| it.2 != By::Mut);
        let others = tuple(others.map(|it| d(it.0)).collect());
        let cotangents = tuple(moved.iter().map(|it| d(it.0)).collect());
        let mutable = lent.iter().map(|at| {
            let d = name("d", *at);
            quote!(let mut #d = #d;)
        });
        quote!(|#point| {
            #owned
            let (#value, _) = #run;
            (#outputs, move |#seeds| {
                #owned
                #(#mutable)*
                let (_, #pull) = #run;
                let #others = #pull(#taken #(#shadows),*);
                #cotangents
            })
        })
    } else {
        let run = run("vjp", &[]);
        quote!(|#point| #run)
    };
    let mut checks = vec![quote!(pullback(&#all, #primal, #vjp))];
    if call.also.gradient {
        let run = run("grad", &[]);
        checks.push(quote!(gradient(&#all, #primal, |#point| #run)));
    }
    if call.also.tangent {
        let tangents = moved.iter().map(|(at, _, by)| {
            let (dot, own) = (name("dot", *at), name("own_dot", *at));
            match by {
                By::Value => quote!(#rt::copied(#dot)),
                By::Ref => quote!(#dot),
                By::Mut => quote!(&mut #own),
            }
        });
        let run = run("jvp", &tangents.collect::<Vec<_>>());
        let along = tuple(
            moved
                .iter()
                .map(|it| name("dot", it.0).to_token_stream())
                .collect(),
        );
        let own: TokenStream = lent
            .iter()
            .map(|at| {
                let (own, dot) = (name("own_dot", *at), name("dot", *at));
                quote!(let mut #own = #rt::copied(#dot);)
            })
            .collect();
        let dot = ours("__dot");
        let tangents = out(quote!(#dot), "own_dot");
        checks.push(quote!(tangent(&#all, #primal, |#point, #along| {
            #owned
            #own
            let (#value, #dot) = #run;
            (#outputs, #tangents)
        })));
    }
    if call.also.hessian {
        let (gradient, hessian) = (run("grad", &[]), run("hessian", &[]));
        checks.push(quote!(hessian(&#all, |#point| #gradient, |#point| #hessian)));
    }
    let span = call.span;
    let text = &call.text;
    let inputs = moved.iter().map(|(at, it, _)| {
        let (label, point) = (&it.name, name("point", *at));
        quote!((#label, #rt::call::count(#point)))
    });
    let inputs = quote!(&[#(#inputs),*]);
    let asserted = checks
        .iter()
        .map(|check| quote_spanned!(span=> #rt::call::#check.of(#text, #inputs).assert();));
    // The types of literals are learnt from a call that is never made.
    let learnt = (!lends).then(|| {
        let by_value = moved.iter().filter(|it| it.2 == By::Value);
        let borrowed = by_value.map(|it| {
            let given = name("given", it.0);
            quote!(let #given = &#given;)
        });
        let call = call_with(None, "given", &[]);
        quote!(let _ = || { #(#borrowed)* #call };)
    });
    quote!({
        #(#bound)*
        #learnt
        let #all = #at;
        let #point = &#all;
        #(#asserted)*
    })
}

/// Tokens as they are written, of which the compiler tells apart what stands together.
fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace("& ", "&")
}

/// `f::<T>` and `vjp` to `f::vjp::<T>`.
fn member(namespace: &Path, name: &str) -> Path {
    let mut path = namespace.clone();
    let arguments = path
        .segments
        .last_mut()
        .map(|it| core::mem::replace(&mut it.arguments, PathArguments::None));
    path.segments.push(syn::PathSegment {
        ident: Ident::new(name, Span::call_site()),
        arguments: arguments.unwrap_or_default(),
    });
    path
}
