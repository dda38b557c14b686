//! What is not accepted, reported all at once, before lowering.
//!
//! The fence sees syntax only. It refuses what no derivative is defined for or what the later stages do not know,
//! each on its own smallest span, each with the rewrite that works. `LIMITATIONS.md` lists the same constructs in the
//! same order. Constructs that are harmless where nothing active is involved are left to lowering, which knows.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, ItemFn, Lifetime, ReturnType, Type};

use crate::arguments::visit_arguments;
use crate::diag::Ctxt;
use crate::ir::Fact;
use crate::lower;
use crate::options::Options;

pub(crate) fn check(cx: &mut Ctxt, options: &Options, function: &ItemFn) {
    for attr in &function.attrs {
        if attr
            .path()
            .segments
            .last()
            .is_some_and(|it| it.ident == "differentiate")
        {
            cx.error(
                attr.path().span(),
                "`#[differentiate]` is given twice; give it once",
            );
        }
    }
    signature(cx, function);
    wrt(cx, options, function);
    given(cx, options, function);
    tests(cx, options, function);
    if options.pullback.is_some()
        && let Some(arg) = function.sig.inputs.iter().find(|it| lends(it))
    {
        cx.error(
            arg.span(),
            "a pullback written by hand cannot have `&mut` parameters; take the value by reference and return the new one",
        );
    }
    if let (Some(pullback), true) = (&options.pullback, options.checkpoint) {
        cx.error(
            pullback.span(),
            "a pullback written by hand keeps the inputs and the value alone, so that there is nothing to run again; \
             leave out `checkpoint`",
        );
    }
    if options.pullback.is_none() {
        Body { cx }.visit_block(&function.block);
    }
    BareTraits(cx).visit_signature(&function.sig);
    BareTraits(cx).visit_block(&function.block);
    let mut bindings = Bindings::default();
    bindings.visit_signature(&function.sig);
    bindings.visit_block(&function.block);
    bindings.report(cx);
}

/// Does this member of an `impl` block have neither an active parameter nor an active value, as constructors and
/// accessors of integers have?
///
/// `differentiable`: does the type of the block carry a derivative, as another member shows? Otherwise a constructor is
/// left as it is.
pub(crate) fn nothing_to_differentiate(function: &ItemFn, differentiable: bool) -> bool {
    let writes = function.sig.inputs.iter().any(lends);
    let value = match &function.sig.output {
        _ if writes => true,
        ReturnType::Default => false,
        ReturnType::Type(_, ty) => {
            let constructs = ty
                .to_token_stream()
                .into_iter()
                .any(|it| matches!(it, TokenTree::Ident(it) if it == "Self"));
            lower::may_be_active(ty) && (differentiable || !constructs)
        }
    };
    let parameter = function.sig.inputs.iter().any(|arg| match arg {
        FnArg::Receiver(it) => !lower::has_no_diff(&it.attrs),
        FnArg::Typed(it) => !lower::has_no_diff(&it.attrs) && lower::may_be_active(&it.ty),
    });
    !value || !parameter
}

/// Does its type say that it hands out nothing with a derivative, and writes nothing?
pub(crate) fn carries_nothing(function: &ItemFn) -> bool {
    let sig = &function.sig;
    let writes = sig.inputs.iter().any(|it| match it {
        FnArg::Receiver(it) => matches!(&it.kind, syn::ReceiverKind::Reference(_, _, Some(_))),
        FnArg::Typed(it) => matches!(&*it.ty, Type::Reference(ty) if ty.mutability.is_some()),
    });
    !writes
        && match &sig.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => !lower::may_be_active(ty),
        }
}

fn signature(cx: &mut Ctxt, function: &ItemFn) {
    let sig = &function.sig;
    if let Some(it) = &sig.asyncness {
        cx.error(it.span(), "an `async` function has no derivative; compute in an ordinary function and call it from the async one");
    }
    if let Some(it) = unsafety(sig) {
        cx.error(it, "an `unsafe` function has no derivative; make the unsafe part a safe function with a pullback of its own (`#[differentiate(pullback = ..)]`)");
    }
    if let Some(it) = &sig.abi {
        cx.error(
            it.span(),
            "a function with a foreign ABI has no derivative; call an ordinary function from it",
        );
    }
    if let Some(it) = &sig.variadic {
        cx.error(
            it.span(),
            "variadic parameters have no derivative; pass a slice",
        );
    }
    let writes = sig.inputs.iter().any(lends);
    match &sig.output {
        ReturnType::Default if writes => {}
        ReturnType::Default => cx.error(
            sig.ident.span(),
            "this function returns nothing, so there is nothing to differentiate; return the value",
        ),
        ReturnType::Type(_, ty) => {
            let mut borrows = Borrows::default();
            borrows.visit_type(ty);
            if let Some(span) = borrows.shared.or(borrows.mutable) {
                cx.error(
                    span,
                    if crate::unit::gives_view(function) {
                        "a function that returns a reference is followed only where it is called, in a module or an \
                         `impl` block with `#[differentiate]` that contains both; put both into one, or return an owned \
                         value"
                    } else {
                        "returning a reference is not supported; return an owned value"
                    },
                );
            }
            if let Type::ImplTrait(it) = &**ty {
                cx.error(
                    it.span(),
                    "`impl Trait` as a return type is not supported; name the type",
                );
            }
            if !writes && !lower::may_be_active(ty) && borrows.shared.is_none() {
                cx.error(
                    ty.span(),
                    "this type carries no derivative, so there is nothing to differentiate; return the value as a real number, \
                     or leave the attribute away",
                );
            }
            if let Type::Never(it) = &**ty {
                cx.error(
                    it.span(),
                    "this function never returns, so there is nothing to differentiate",
                );
            }
        }
    }
    let mut active = false;
    for arg in &sig.inputs {
        let (attrs, ty) = match arg {
            FnArg::Receiver(it) => (&it.attrs, None),
            FnArg::Typed(it) => (&it.attrs, Some(&*it.ty)),
        };
        let no_diff = lower::has_no_diff(attrs);
        active |= !no_diff && ty.is_none_or(lower::may_be_active);
        if let Some(ty) = ty {
            if !no_diff {
                refuse_nested_view(cx, ty);
                MatrixView(cx).visit_type(ty);
            }
            parameter_type(cx, ty, no_diff);
        }
    }
    if !active {
        cx.error(
            sig.ident.span(),
            "no parameter of this function can carry a derivative; differentiate with respect to an `f64`, `f32`, \
             slice, vector or matrix",
        );
    }
}

/// Is this a parameter passed by `&mut` that may carry a derivative: an output as well as an input?
fn lends(arg: &FnArg) -> bool {
    match arg {
        FnArg::Receiver(it) => {
            !lower::has_no_diff(&it.attrs)
                && matches!(&it.kind, syn::ReceiverKind::Reference(_, _, Some(_)))
        }
        FnArg::Typed(it) => {
            !lower::has_no_diff(&it.attrs)
                && matches!(&*it.ty, Type::Reference(ty) if ty.mutability.is_some())
                && lower::may_be_active(&it.ty)
        }
    }
}

/// `unsafe` before `fn`.
fn unsafety(sig: &syn::Signature) -> Option<proc_macro2::Span> {
    sig.to_token_stream()
        .into_iter()
        .take_while(|it| !matches!(it, TokenTree::Ident(it) if it == "fn"))
        .find_map(|it| match it {
            TokenTree::Ident(it) if it == "unsafe" => Some(it.span()),
            _ => None,
        })
}

/// `test(..)` gives an argument for each parameter of a free function.
fn tests(cx: &mut Ctxt, options: &Options, function: &ItemFn) {
    let parameters = function.sig.inputs.len();
    for test in &options.tests {
        if options.is_member(function) {
            cx.error(
                test.at,
                "a test cannot stand in an `impl` block; write one outside, with `differentiate::check!(value.method(..))`",
            );
        } else if test.given.len() != parameters {
            cx.error(
                test.at,
                format!(
                    "this function takes {parameters} arguments, and `test` gives {}; write one for each parameter",
                    test.given.len()
                ),
            );
        }
    }
}

/// `wrt(..)` names parameters that can carry a derivative, each once.
fn wrt(cx: &mut Ctxt, options: &Options, function: &ItemFn) {
    let Some(names) = &options.wrt else { return };
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            cx.error(
                name.span(),
                format!("`{name}` is given twice; name it once"),
            );
            continue;
        }
        let found = function.sig.inputs.iter().find_map(|arg| match arg {
            FnArg::Receiver(it) if name == "self" => Some((&it.attrs, None)),
            FnArg::Typed(it) => match &*it.pat {
                syn::Pat::Ident(pat) if pat.ident == *name => Some((&it.attrs, Some(&*it.ty))),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        });
        match found {
            None => cx.error(
                name.span(),
                format!("`wrt` names no parameter `{name}`; write names of parameters"),
            ),
            Some((attrs, _)) if lower::has_no_diff(attrs) => {
                cx.error(
                    name.span(),
                    format!(
                        "`{name}` is `#[no_diff]`, so it cannot be in `wrt`; remove one of the two"
                    ),
                );
            }
            Some((_, Some(ty))) if !lower::may_be_active(ty) => cx.error(
                name.span(),
                format!("`{name}` carries no derivative by its type; take it out of `wrt`"),
            ),
            Some(_) => {}
        }
    }
}

/// The first parameter behind `self` is what `root` and `argmin` solve for and what `repeat` replaces by the value, and
/// nothing is written.
fn given(cx: &mut Ctxt, options: &Options, function: &ItemFn) {
    let unknown = function.sig.inputs.iter().find_map(|arg| match arg {
        FnArg::Receiver(_) => None,
        FnArg::Typed(it) => Some(it),
    });
    let active = unknown
        .filter(|it| !lower::has_no_diff(&it.attrs) && lower::may_be_active(&it.ty))
        .map(|it| &*it.ty);
    let solves = "solves for the first parameter, which must be active; put the unknown first";
    for (name, span, first) in [
        ("root", options.root, solves),
        ("argmin", options.argmin, solves),
        (
            "repeat",
            options.repeat,
            "gives the value to the first parameter, which must be active; put the state first",
        ),
    ] {
        let Some(span) = span else { continue };
        if function.sig.inputs.iter().any(lends) {
            cx.error(
                span,
                format!("`{name}` of a function with `&mut` parameters is not supported; return what is written"),
            );
        }
        if active.is_none() {
            cx.error(span, format!("`{name}` {first}"));
        }
    }
    if let Some(span) = options.repeat {
        repeats(cx, options, function, active, span);
    }
}

fn repeats(
    cx: &mut Ctxt,
    options: &Options,
    function: &ItemFn,
    state: Option<&Type>,
    span: proc_macro2::Span,
) {
    if options.wrt.is_some() {
        cx.error(
            span,
            "`repeat` differentiates with respect to all parameters; take `wrt` away, and mark with `#[no_diff]` what has no \
             derivative",
        );
    }
    if let (Some(state), ReturnType::Type(_, value)) = (state, &function.sig.output) {
        let (from, to) = (lower::fact(state), lower::fact(value));
        if from != to && from != Fact::Unknown && to != Fact::Unknown {
            cx.error(
                value.span(),
                "`repeat` gives the value to the first parameter, which has another type; return the next state",
            );
        }
    }
}

/// The references and lifetimes in a type, the first of each kind.
#[derive(Default)]
struct Borrows {
    shared: Option<proc_macro2::Span>,
    mutable: Option<proc_macro2::Span>,
}

impl<'ast> Visit<'ast> for Borrows {
    fn visit_type_reference(&mut self, it: &'ast syn::TypeReference) {
        let kind = if it.mutability.is_some() {
            &mut self.mutable
        } else {
            &mut self.shared
        };
        kind.get_or_insert(it.and_token.span());
        visit::visit_type(self, &it.elem);
    }
    fn visit_lifetime(&mut self, it: &'ast Lifetime) {
        if it.ident != "static" {
            self.shared.get_or_insert(it.span());
        }
    }
    fn visit_path_segment(&mut self, it: &'ast syn::PathSegment) {
        let name = it.ident.to_string();
        if name.contains("ViewMut") || name == "RefMut" {
            self.mutable.get_or_insert(it.ident.span());
        }
        visit::visit_path_segment(self, it);
    }
    fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {}
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
}

/// A view of nalgebra's, whose lifetime the residual could not name; one that may be written is refused as such.
struct MatrixView<'a>(&'a mut Ctxt);

impl<'ast> Visit<'ast> for MatrixView<'_> {
    fn visit_path_segment(&mut self, it: &'ast syn::PathSegment) {
        visit::visit_path_segment(self, it);
        let name = it.ident.to_string();
        let Some((of, shape)) = name.split_once("View") else {
            return;
        };
        let owner = [
            "DMatrix",
            "DVector",
            "RowDVector",
            "Matrix",
            "Vector",
            "RowVector",
        ];
        let typed = matches!(it.arguments, syn::PathArguments::AngleBracketed(_));
        if typed
            && owner.contains(&of)
            && shape
                .chars()
                .all(|it| it.is_ascii_digit() || "xX".contains(it))
        {
            self.0.error(
                it.ident.span(),
                "a view of a matrix as a parameter is not supported; take a reference to a matrix or a slice, such as \
                 `&DVector<f64>` or `&[f64]`, or mark the parameter `#[no_diff]`",
            );
        }
    }
}

/// A mutable view inside of a type would be written through without being seen.
fn refuse_nested_view(cx: &mut Ctxt, ty: &Type) {
    if let Some(span) = nested_view(ty) {
        cx.error(
            span,
            "a mutable view inside of a type is not followed; take `&mut` of the owner, such as `&mut [f64]` or `&mut DMatrix<f64>`",
        );
    }
}

/// Where such a view is.
pub(crate) fn nested_view(ty: &Type) -> Option<proc_macro2::Span> {
    let mut borrows = Borrows::default();
    match ty {
        Type::Reference(it) if it.mutability.is_some() => {
            borrows.visit_type(&it.elem);
            borrows.mutable.or(borrows
                .shared
                .filter(|_| matches!(&*it.elem, Type::Reference(_))))
        }
        other => {
            borrows.visit_type(other);
            borrows.mutable
        }
    }
}

/// `Fn(..)`, `FnMut(..)`, `FnOnce(..)`
fn is_function(bound: &syn::TypeParamBound) -> bool {
    matches!(bound, syn::TypeParamBound::Trait(it) if it.path.segments.last().is_some_and(|it| {
        matches!(it.arguments, syn::PathArguments::Parenthesized(_))
    }))
}

fn parameter_type(cx: &mut Ctxt, ty: &Type, no_diff: bool) {
    match ty {
        Type::Reference(it) => {
            parameter_type(cx, &it.elem, no_diff);
        }
        Type::ImplTrait(it) if it.bounds.iter().any(is_function) => cx.error(
            it.impl_token.span(),
            "a function that is a parameter is known only where this one is called; put this function and its callers into a \
             module with `#[differentiate]`",
        ),
        Type::ImplTrait(it) => cx.error(
            it.impl_token.span(),
            "`impl Trait` parameters are not supported yet; for a number write `T: differentiate::Real`",
        ),
        Type::FnPtr(it) => cx.error(
            it.span(),
            "a function pointer hides which function it calls; call a function with `#[differentiate]` by name",
        ),
        Type::TraitObject(it) if !no_diff => cx.error(
            it.span(),
            "a trait object hides which type it holds; use a concrete or generic type, or mark the parameter `#[no_diff]`",
        ),
        Type::Ptr(it) => cx.error(it.span(), "a raw pointer has no derivative; take a reference or a slice"),
        _ => {}
    }
}

const UNKNOWN: &str = "this syntax is not known to `#[differentiate]`; write it in plain Rust";

/// `A + B` without `dyn`, which rustc refuses, too.
struct BareTraits<'a>(&'a mut Ctxt);

impl<'ast> Visit<'ast> for BareTraits<'_> {
    fn visit_type_trait_object(&mut self, it: &'ast syn::TypeTraitObject) {
        if it.dyn_token.is_none() {
            self.0.error(it.span(), UNKNOWN);
        }
        visit::visit_type_trait_object(self, it);
    }
    visit_arguments!();
}

struct Body<'a> {
    cx: &'a mut Ctxt,
}

/// The names of variables, and the macros that they come from: two variables of one name that come from different macros
/// are two to rustc, and one to a macro, which sees names alone.
#[derive(Default)]
struct Bindings {
    bound: BTreeSet<String>,
    found: BTreeMap<String, Vec<Ident>>,
}

impl Bindings {
    fn note(&mut self, ident: &Ident) {
        let found = self.found.entry(ident.to_string()).or_default();
        if !found.iter().any(|it| context(it) == context(ident)) {
            found.push(ident.clone());
        }
    }

    fn report(self, cx: &mut Ctxt) {
        for (name, found) in self.found {
            if let Some(other) = found.get(1).filter(|_| self.bound.contains(&name)) {
                let message = format!(
                    "this `{name}` and another come from different macros, which makes them two variables; rename one of them"
                );
                cx.error(other.span(), message);
            }
        }
    }
}

/// Where macros a name comes from, as far as it can be told: the text of a span begins with a number for it.
fn context(ident: &Ident) -> Option<String> {
    let text = format!("{:?}", ident.span());
    let number = text.strip_prefix('#')?.split(' ').next()?;
    Some(number.to_owned())
}

impl<'ast> Visit<'ast> for Bindings {
    fn visit_pat_ident(&mut self, it: &'ast syn::PatIdent) {
        self.bound.insert(it.ident.to_string());
        self.note(&it.ident);
        visit::visit_pat_ident(self, it);
    }

    fn visit_expr_path(&mut self, it: &'ast syn::ExprPath) {
        if let Some(ident) = it.path.get_ident().filter(|it| *it != "self") {
            self.note(ident);
        }
    }

    visit_arguments!();

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

impl<'ast> Visit<'ast> for Body<'_> {
    fn visit_attribute(&mut self, it: &'ast syn::Attribute) {
        if it.path().is_ident("cfg") || it.path().is_ident("cfg_attr") {
            self.cx.error(
                it.path().span(),
                "`#[cfg]` inside of a function is not followed; write `if cfg!(..) { .. }`, or put `#[cfg]` on two functions",
            );
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Unsafe(it) => {
                self.cx.error(it.unsafe_token.span(), "`unsafe` code has no derivative; move it to a function with a rule of its own (`#[differentiate(pullback = ..)]`)");
                return;
            }
            Expr::Async(it) => {
                self.cx.error(it.async_token.span(), "an `async` block has no derivative; compute in ordinary code");
                return;
            }
            Expr::Await(it) => self.cx.error(it.await_token.span(), "`.await` has no derivative; await the value before the call"),
            Expr::Yield(it) => self.cx.error(it.yield_token.span(), "`yield` has no derivative; collect the values in a `Vec`"),
            Expr::RawAddr(it) => self.cx.error(it.raw.span(), "a raw pointer has no derivative; take a reference"),
            Expr::Cast(it) if matches!(&*it.ty, Type::Ptr(_)) => {
                self.cx.error(it.as_token.span(), "a raw pointer has no derivative; take a reference");
            }
            Expr::TryBlock(it) => self.cx.error(it.try_token.span(), "`try` blocks are not stable Rust; use a closure or a function that returns `Option` or `Result`"),
            Expr::Verbatim(it) => self.cx.error(it.span(), UNKNOWN),
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_local(&mut self, it: &'ast syn::Local) {
        if it.init.is_none()
            && let syn::Pat::Ident(pat) = match &it.pat {
                syn::Pat::Type(typed) => &*typed.pat,
                pat => pat,
            }
            && pat.mutability.is_some()
        {
            self.cx.error(
                pat.ident.span(),
                format!(
                    "`let mut {};` has no value to restore; give it one where it is declared",
                    pat.ident
                ),
            );
        }
        visit::visit_local(self, it);
    }

    visit_arguments!();

    // Items inside the function are functions of their own.
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
