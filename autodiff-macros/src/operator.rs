//! Operators of the user's own types: `impl Mul for Mine` under the attribute is a rule for `*`.
//!
//! The function of the trait becomes a free function of a namespace of its own, whose derivative the rule calls. The
//! reverse half of an operator reads its operands again, so the rule runs the forward half again, too.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, ImplItem, ItemFn, ItemImpl, Type};

use crate::arguments::visit_arguments_mut;
use crate::compile::one;
use crate::diag::Ctxt;
use crate::emit::own::{Own, own};
use crate::emit::rule::{Operand, pull};
use crate::ir::By;
use crate::options::Options;
use crate::unit::Unit;

/// An operator that has a rule.
pub(crate) struct Operator {
    function: ItemFn,
    rule: Ident,
    method: Ident,
    /// The name of the function.
    operation: Ident,
    /// `+`, `-` and negation: the forward half takes from the operands what the reverse half needs.
    linear: bool,
    operands: usize,
}

/// The operator that an `impl` block defines.
pub(crate) fn operator(block: &ItemImpl) -> Option<Operator> {
    let (path, _) = block.trait_.as_ref()?;
    let name = path.segments.last()?.ident.to_string();
    let (method, linear, operands) = match name.as_str() {
        "Add" => ("add", true, 2),
        "Sub" => ("sub", true, 2),
        "Mul" => ("mul", false, 2),
        "Div" => ("div", false, 2),
        "Rem" => ("rem", false, 2),
        "Neg" => ("neg", true, 1),
        _ => return None,
    };
    let member = block.items.iter().find_map(|it| match it {
        ImplItem::Fn(it) if it.sig.ident == method => Some(it),
        _ => None,
    })?;
    let function = ItemFn {
        attrs: member.attrs.clone(),
        vis: syn::Visibility::Inherited,
        sig: member.sig.clone(),
        block: Box::new(member.block.clone()),
        modifiers: member.modifiers.clone(),
    };
    Some(Operator {
        function,
        rule: format_ident!("{}Rule", name),
        method: format_ident!("ad_{}", method),
        operation: format_ident!("{}", method),
        linear,
        operands,
    })
}

pub(crate) fn expand(args: &TokenStream, block: &ItemImpl, operator: &Operator) -> TokenStream {
    let mut cx = Ctxt::new();
    let options = Options::parse(&mut cx, args.clone());
    let rt = {
        let krate = &options.krate;
        quote!(#krate::__private)
    };
    let mut function = operator.function.clone();
    let output = block.items.iter().find_map(|it| match it {
        ImplItem::Type(it) if it.ident == "Output" => Some(it.ty.clone()),
        _ => None,
    });
    Receiver {
        ty: &block.self_ty,
        output: output.as_ref(),
        this: Ident::new("__this", Span::mixed_site()),
    }
    .visit_item_fn_mut(&mut function);
    // The generics of the block are those of the function.
    function.sig.generics = block.generics.clone();
    let emitted = one(cx, &options, &Unit::default(), &function);
    let derivatives = &emitted.derivatives;
    let primal = &emitted.primal;
    let name = &function.sig.ident;
    let types: Vec<Type> = function
        .sig
        .inputs
        .iter()
        .filter_map(|it| match it {
            FnArg::Typed(it) => Some((*it.ty).clone()),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let peeled: Vec<&Type> = types.iter().map(crate::lower::peel).collect();
    let out = match &function.sig.output {
        syn::ReturnType::Default => quote!(()),
        syn::ReturnType::Type(_, ty) => quote!(#ty),
    };
    let (generics, _, where_clause) = block.generics.split_for_impl();
    let fwd = format_ident!("__fwd{}", operator.operands);
    let (rule, method) = (&operator.rule, &operator.method);
    let sides = [
        (quote!(left), quote!(to_left)),
        (quote!(right), quote!(to_right)),
    ];
    let operands: Vec<Operand> = types
        .iter()
        .zip(sides)
        .enumerate()
        .map(|(at, (ty, (value, dest)))| Operand {
            value,
            dest,
            by: match ty {
                Type::Reference(_) => By::Ref,
                _ => By::Value,
            },
            active: emitted.taken.get(at).is_none_or(|it| it.1),
            tangent: false,
        })
        .collect();
    let (body, given) = pull(
        &rt,
        &operands,
        |marks, values| quote!(#name::#fwd(#(#values,)* #marks, &mut tape)),
    );
    let pulled = match given.as_slice() {
        [one] => quote!(#one),
        many => quote!((#(#many),*)),
    };
    let pull = quote!(#body #pulled);
    let gradient = quote!(#rt::Gradient<#out>);
    let left = peeled.first();
    let rule_impl = match (operator.operands, operator.linear, peeled.get(1)) {
        (2, false, Some(right)) => quote!(
            impl #generics #rt::#rule<#right> for #left #where_clause {
                type G = #gradient;
                fn #method<__SA: #rt::Put<#rt::TangentOf<Self>>, __SB: #rt::Put<#rt::TangentOf<#right>>>(
                    &self, right: &#right, g: &Self::G, to_left: __SA, to_right: __SB,
                ) -> (__SA::Out, __SB::Out) {
                    let left = self;
                    #pull
                }
            }
        ),
        (2, true, Some(right)) => {
            let marker = format_ident!("__{}", rule);
            quote!(
                #[derive(Clone)]
                pub struct #marker<A, B>(A, B);
                impl<A, B> #rt::Only for #marker<A, B> {}
                impl #generics #rt::Pull2 for #marker<#left, #right> #where_clause {
                    type G = #gradient;
                    type TA = #rt::TangentOf<#left>;
                    type TB = #rt::TangentOf<#right>;
                    fn pull<__SA: #rt::Put<Self::TA>, __SB: #rt::Put<Self::TB>>(
                        self, g: &Self::G, to_left: __SA, to_right: __SB,
                    ) -> (__SA::Out, __SB::Out) {
                        let (left, right) = (&self.0, &self.1);
                        #pull
                    }
                }
                impl #generics #rt::#rule<#right> for #left #where_clause {
                    type Pull = #marker<#left, #right>;
                    fn #method(&self, right: &#right) -> Self::Pull {
                        #marker(::core::clone::Clone::clone(self), ::core::clone::Clone::clone(right))
                    }
                }
            )
        }
        _ => {
            let marker = format_ident!("__{}", rule);
            quote!(
                #[derive(Clone)]
                pub struct #marker<A>(A);
                impl<A> #rt::Only for #marker<A> {}
                impl #generics #rt::Pull1 for #marker<#left> #where_clause {
                    type G = #gradient;
                    type TA = #rt::TangentOf<#left>;
                    fn pull<__SA: #rt::Put<Self::TA>>(self, g: &Self::G, to_left: __SA) -> __SA::Out {
                        let left = &self.0;
                        #pull
                    }
                }
                impl #generics #rt::#rule for #left #where_clause {
                    type Pull = #marker<#left>;
                    fn #method(&self) -> Self::Pull {
                        #marker(::core::clone::Clone::clone(self))
                    }
                }
            )
        }
    };
    let operation = &operator.operation;
    let own = own(&Own {
        options: &options,
        generics: &block.generics,
        this: &block.self_ty,
        name: quote!(#rt::operator::#operation),
        path: quote!(#name),
        member: None,
        function: &function,
        taken: &emitted.taken,
    });
    quote!(
        #block
        #[allow(
            clippy::all, clippy::pedantic, unused, non_snake_case, non_local_definitions, missing_docs,
            missing_debug_implementations, unreachable_pub, unused_qualifications, reason = "generated code"
        )]
        const _: () = {
            #primal
            #derivatives
            #rule_impl
            #own
        };
    )
}

/// Makes a method a function: the receiver is a parameter, `Self` and its `Output` are the types that they stand for.
struct Receiver<'a> {
    ty: &'a Type,
    output: Option<&'a Type>,
    this: Ident,
}

impl VisitMut for Receiver<'_> {
    fn visit_signature_mut(&mut self, it: &mut syn::Signature) {
        for arg in &mut it.inputs {
            if let FnArg::Receiver(receiver) = arg {
                let (this, ty) = (&self.this, self.ty);
                let mutability = &receiver.mutability;
                *arg = match &receiver.kind {
                    syn::ReceiverKind::Reference(..) => syn::parse_quote!(#this: &#ty),
                    _ => syn::parse_quote!(#mutability #this: #ty),
                };
            }
        }
        visit_mut::visit_signature_mut(self, it);
    }
    fn visit_type_mut(&mut self, it: &mut Type) {
        if let Type::Path(path) = it {
            let text: Vec<String> = path
                .path
                .segments
                .iter()
                .map(|it| it.ident.to_string())
                .collect();
            let text: Vec<&str> = text.iter().map(String::as_str).collect();
            match (text.as_slice(), self.output) {
                (["Self"], _) => {
                    *it = self.ty.clone();
                    return;
                }
                (["Self", "Output"] | ["Output"], Some(output))
                    if path.qself.is_some() || text.len() == 2 =>
                {
                    *it = output.clone();
                    self.visit_type_mut(it);
                    return;
                }
                _ => {}
            }
        }
        visit_mut::visit_type_mut(self, it);
    }
    fn visit_expr_mut(&mut self, it: &mut syn::Expr) {
        if let syn::Expr::Path(path) = it
            && path.path.is_ident("self")
        {
            let this = &self.this;
            *it = syn::parse_quote!(#this);
            return;
        }
        visit_mut::visit_expr_mut(self, it);
    }
    fn visit_path_mut(&mut self, it: &mut syn::Path) {
        // `Self { .. }`, `Self(..)`, `Self::new(..)`
        if it
            .segments
            .first()
            .is_some_and(|first| first.ident == "Self")
            && let Type::Path(ty) = self.ty
        {
            let mut segments = ty.path.segments.clone();
            if let Some(last) = segments.last_mut()
                && let syn::PathArguments::AngleBracketed(args) = &mut last.arguments
            {
                args.colon2_token = Some(syn::token::PathSep::default());
            }
            segments.extend(it.segments.iter().skip(1).cloned());
            it.segments = segments;
        }
        visit_mut::visit_path_mut(self, it);
    }
    visit_arguments_mut!();
}
