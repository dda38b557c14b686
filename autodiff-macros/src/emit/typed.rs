//! An error of types in the function itself is rustc's to report, once. Generated code repeats what the function says, and
//! would repeat its errors in other words and places.
//!
//! So a constant of the namespace has the function in it once more, as a closure that nobody calls: rustc finds the same
//! errors there, prints them once, since they are the same to the letter, and gives up on the constant. The halves name
//! the constant in their bounds and in the types of their parameters, about which rustc says nothing more then.
//!
//! What is missing for a derivative is missing for the second one, too. So the tangent program and all that comes of it
//! name another constant, which asks for the size of what the first halves return: rustc does not know it where they have
//! an error.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{FnArg, Item, ItemFn, Lifetime, Type, TypeImplTrait, TypeReference, TypeTraitObject};

use super::value::Cx;
use crate::ir::Func;
use crate::options::Options;

/// Is an error if the function has one.
pub(super) const FUNCTION: &str = "__TYPED";

/// Is an error if the halves of first order have one.
pub(super) const HALVES: &str = "__HALVES";

/// The constant, where there is one.
pub(super) fn answer(options: &Options) -> Option<TokenStream> {
    (options.typed.as_ref()).map(|it| quote!({ Self::#it }))
}

/// The name of a constant, which ends with that of a member.
pub(super) fn name(options: &Options, function: &ItemFn, stem: &str) -> Ident {
    match &options.member {
        Some(_) => format_ident!("{}_{}", stem, function.sig.ident, span = Span::call_site()),
        None => Ident::new(stem, Span::call_site()),
    }
}

/// The bound of what is generated: where the constant is an error, so is the bound.
pub(super) fn bound(options: &Options) -> Option<TokenStream> {
    let krate = &options.krate;
    answer(options).map(|it| quote!([(); #it]: #krate::__private::Knows<()>,))
}

/// The type of a variable, the one written or that of its value. What is written down as a number would still be one where
/// all around it is an error.
pub(super) fn variable(cx: &Cx<'_>, ty: Option<&Type>) -> Option<TokenStream> {
    let rt = &cx.rt;
    let written = ty.map(ToTokens::to_token_stream);
    match &cx.typed {
        Some(answer) => {
            let ty = written.unwrap_or_else(|| quote!(_));
            Some(quote!(: #rt::Known<#ty, #answer>))
        }
        None => written.map(|ty| quote!(: #ty)),
    }
}

/// May the function have the constant? It depends on no parameter of the function or of a block, and a closure cannot hand
/// out a reference.
pub(super) fn can_be_asked(options: &Options, function: &ItemFn, func: &Func) -> bool {
    let sig = &function.sig;
    let receives = sig.receiver().is_some();
    let alone = (options.member.as_ref()).map_or(!receives, |it| it.plain);
    let plain = sig.generics.params.is_empty() && sig.generics.where_clause.is_none();
    let mut fits = Fits(true);
    for arg in &sig.inputs {
        match arg {
            FnArg::Typed(arg) => fits.visit_type(&arg.ty),
            FnArg::Receiver(it) => fits.visit_type(&crate::lower::receiver(it)),
        }
    }
    if let syn::ReturnType::Type(_, ty) = &sig.output {
        fits.visit_type(ty);
        fits.0 &= !holds_reference(ty);
    }
    fits.visit_block(&function.block);
    // The residual of a recursive function is named in a trait of its own, where the namespace is not at hand.
    let recursive = options.recursive || func.self_recursive;
    alone && plain && fits.0 && options.pullback.is_none() && !recursive
}

/// The declarations of the constants.
pub(super) fn constants(options: &Options, function: &ItemFn, func: &Func) -> Option<TokenStream> {
    options.typed.as_ref()?;
    let [typed, halves] = [FUNCTION, HALVES].map(|it| name(options, function, it));
    let mut sig = function.sig.clone();
    super::without_marks(&mut sig);
    for arg in &mut sig.inputs {
        if let FnArg::Receiver(it) = arg {
            let (ty, mutability) = (crate::lower::receiver(it), it.mutability);
            let this = this(it.self_token.span);
            *arg = syn::parse_quote!(#mutability #this: #ty);
        }
    }
    let (inputs, output) = (&sig.inputs, super::halves::output(function));
    let mut block = crate::lower::ended(function).block.to_token_stream();
    if function.sig.receiver().is_some() {
        block = without_self(block);
    }
    let halves = options.forward.then(|| {
        let krate = &options.krate;
        let rt = quote!(#krate::__private);
        let fwd = super::halves::own_forward_name(options, function, func);
        let of = format_ident!("__Of");
        let types = func.params.iter().map(|it| {
            let mut ty = it.ty.clone();
            Behind(&of).visit_type_mut(&mut ty);
            ty
        });
        let [of, this] = match &options.member {
            Some(_) => [quote!(#of,), quote!(Self,)],
            None => [TokenStream::new(), TokenStream::new()],
        };
        let marks: Vec<TokenStream> = func.params.iter().map(|_| quote!(#rt::Off)).collect();
        quote!(
            #[doc(hidden)]
            const #halves: ::core::primitive::usize = {
                const fn none<#of R>(_: fn(#(#types,)* (#(#marks,)*), &mut #rt::Tape) -> R) -> ::core::primitive::usize {
                    0 * ::core::mem::size_of::<R>()
                }
                none::<#this _>(Self::#fwd::<#(#marks),*>)
            };
        )
    });
    Some(quote!(
        #[doc(hidden)]
        #[allow(warnings, reason = "the function itself is warned about")]
        const #typed: ::core::primitive::usize = {
            let _ = |#inputs| -> #output #block;
            0
        };
        #halves
    ))
}

/// What stands for the receiver in a closure, as if the user had written it: errors must be the same.
fn this(at: Span) -> Ident {
    Ident::new("__self", at)
}

/// The tokens with a variable for the receiver.
fn without_self(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut out = TokenStream::new();
    while let Some(token) = tokens.next() {
        let path = matches!(tokens.peek(), Some(TokenTree::Punct(it)) if it.as_char() == ':');
        out.extend([match token {
            TokenTree::Ident(it) if it == "self" && !path => this(it.span()).into(),
            TokenTree::Group(it) => {
                let mut group = Group::new(it.delimiter(), without_self(it.stream()));
                group.set_span(it.span());
                group.into()
            }
            other => other,
        }]);
    }
    out
}

/// Writes a parameter for `Self`, which means nothing in a function inside of a constant.
struct Behind<'a>(&'a Ident);

impl VisitMut for Behind<'_> {
    fn visit_ident_mut(&mut self, it: &mut Ident) {
        if it == "Self" {
            *it = self.0.clone();
        }
    }
}

/// Can it be written once more, as a closure in a constant?
struct Fits(bool);

impl Visit<'_> for Fits {
    fn visit_lifetime(&mut self, _: &Lifetime) {
        self.0 = false;
    }

    fn visit_type_impl_trait(&mut self, _: &TypeImplTrait) {
        self.0 = false;
    }

    fn visit_type_trait_object(&mut self, _: &TypeTraitObject) {
        // Behind a reference it borrows as long as that.
        self.0 = false;
    }

    fn visit_item(&mut self, it: &Item) {
        // What is implemented twice would be an error of its own, and a receiver has no other name.
        self.0 &= match it {
            Item::Const(_) | Item::Use(_) => true,
            Item::Fn(it) => it.sig.receiver().is_none(),
            _ => false,
        };
    }

    fn visit_label(&mut self, _: &syn::Label) {}

    fn visit_expr_break(&mut self, it: &syn::ExprBreak) {
        if let Some(value) = &it.expr {
            self.visit_expr(value);
        }
    }

    fn visit_expr_continue(&mut self, _: &syn::ExprContinue) {}
}

fn holds_reference(ty: &Type) -> bool {
    struct Found(bool);
    impl Visit<'_> for Found {
        fn visit_type_reference(&mut self, it: &TypeReference) {
            self.0 = true;
            visit::visit_type_reference(self, it);
        }
    }
    let mut found = Found(false);
    found.visit_type(ty);
    found.0
}
