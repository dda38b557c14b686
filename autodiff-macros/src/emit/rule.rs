//! Rules made of functions with a derivative: an operator of a user's type, a method whose name a rule has, too.
//!
//! A rule is handed operands and destinations; it runs the forward half again and then the residual.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{ItemFn, Type};

use super::halves::{fresh_lifetimes, output, own_forward_name};
use crate::ir::{By, Func};
use crate::names::{self, Keeps};
use crate::options::Options;

/// An operand of a rule.
pub(crate) struct Operand {
    /// A reference to the value.
    pub(crate) value: TokenStream,
    /// Where its cotangent goes.
    pub(crate) dest: TokenStream,
    pub(crate) by: By,
    pub(crate) active: bool,
    /// Is it a tangent of a tangent program? It may be absent, and is zero then.
    pub(crate) tangent: bool,
}

impl Operand {
    /// The operand as it is given to a forward half.
    pub(super) fn given(&self) -> TokenStream {
        let value = &self.value;
        self.passed(if self.by == By::Value {
            quote!(::core::clone::Clone::clone(#value))
        } else {
            value.clone()
        })
    }

    fn passed(&self, value: TokenStream) -> TokenStream {
        match (self.tangent, self.active) {
            (false, _) => value,
            (true, true) => quote!(::core::option::Option::Some(#value)),
            (true, false) => quote!(::core::option::Option::None),
        }
    }
}

/// The body of a rule: what `forward` makes of markers and values is run backwards from `g`.
pub(crate) fn pull(
    rt: &TokenStream,
    operands: &[Operand],
    forward: impl FnOnce(TokenStream, Vec<TokenStream>) -> TokenStream,
) -> (TokenStream, Vec<TokenStream>) {
    let cotangent = |at: usize| Ident::new(&format!("d_{at}"), Span::mixed_site());
    let marks = operands.iter().map(|it| {
        if it.active {
            quote!(#rt::On)
        } else {
            quote!(#rt::Off)
        }
    });
    let marks = quote!((#(#marks,)*));
    let run = forward(marks, operands.iter().map(Operand::given).collect());
    let (mut declared, mut again, mut shadows) =
        (TokenStream::new(), TokenStream::new(), TokenStream::new());
    let (mut returned, mut given) = (TokenStream::new(), Vec::new());
    for (at, operand) in operands.iter().enumerate() {
        let (d, value, dest) = (cotangent(at), &operand.value, &operand.dest);
        let passed = operand.passed(value.clone());
        let zero = quote!(#rt::zero_like(#value));
        match (operand.by, operand.active) {
            (By::Value, true) => {
                returned.extend(quote!(#d,));
                given.push(quote!(#rt::give(#rt::some(#d), #dest)));
            }
            (By::Value, false) => {
                returned.extend(quote!(_,));
                given.push(quote!(#rt::give(#zero, #dest)));
            }
            (_, true) => {
                declared.extend(quote!(let mut #d = #zero;));
                again.extend(quote!(#passed,));
                shadows
                    .extend(quote!(::core::option::Option::Some(#rt::Place::ad_place(&mut #d)),));
                given.push(quote!(#rt::give(#d, #dest)));
            }
            (_, false) => {
                again.extend(quote!(#passed,));
                shadows.extend(quote!(::core::option::Option::None,));
                given.push(quote!(#rt::give(#zero, #dest)));
            }
        }
    }
    let body = quote!(
        let mut tape = #rt::Reel::new();
        let (_, back) = #run;
        #declared
        let (#returned) = back(&mut tape, #again ::core::clone::Clone::clone(g), #shadows);
    );
    (body, given)
}

/// A method whose name the table of rules has: on a value of a type that the tokens do not show, the rule of that name
/// is asked for, and found here.
pub(super) fn named(options: &Options, function: &ItemFn, func: &Func) -> Option<TokenStream> {
    let name = &function.sig.ident;
    let fact = names::method(&name.to_string())?;
    let plain = function.sig.generics.params.is_empty();
    let borrows = func
        .params
        .first()
        .is_some_and(|it| it.by == By::Ref && it.active);
    // What a parameter without derivative is may be anything.
    let readable = func.params.iter().all(|it| it.by != By::Mut && !it.no_diff);
    function.sig.receiver()?;
    if fact.keeps == Keeps::Output || !plain || !borrows || !readable {
        return None;
    }
    let krate = &options.krate;
    let rt = quote!(#krate::__private);
    let rest = &func.params[1..];
    let peeled: Vec<Type> = rest
        .iter()
        .map(|it| fresh_lifetimes(crate::lower::peel(&it.ty)))
        .collect();
    let ident = |stem: &str, at: usize| Ident::new(&format!("{stem}_{at}"), Span::mixed_site());
    let args: Vec<Ident> = (0..rest.len()).map(|at| ident("argument", at)).collect();
    let dests: Vec<Ident> = (0..rest.len()).map(|at| ident("dest", at)).collect();
    let arg_types: Vec<Ident> = (0..rest.len())
        .map(|at| format_ident!("__A{}", at))
        .collect();
    let dest_types: Vec<Ident> = (0..rest.len())
        .map(|at| format_ident!("__S{}", at))
        .collect();
    let mut operands = vec![Operand {
        value: quote!(self),
        dest: quote!(dest),
        by: By::Ref,
        active: func.params[0].active,
        tangent: false,
    }];
    for ((param, arg), dest) in rest.iter().zip(&args).zip(&dests) {
        operands.push(Operand {
            value: quote!(#rt::Operand::val(&#arg)),
            dest: quote!(#dest),
            by: param.by,
            active: param.active,
            tangent: false,
        });
    }
    let fwd = own_forward_name(options, function, func);
    let (body, given) = pull(&rt, &operands, |marks, values| {
        let values = &values[1..];
        quote!(self.#fwd(#(#values,)* #marks, &mut tape))
    });
    let (first, others) = given.split_first()?;
    let out = fresh_lifetimes(&output(function));
    let method = format_ident!("ad_{}", name);
    let vis = &function.vis;
    Some(quote!(
        #[doc(hidden)]
        #vis fn #method<__Y, __S: #rt::Put<#rt::TangentOf<Self>>, #(#arg_types, #dest_types),*>(
            &self, (#(#args,)*): (#(#arg_types,)*), _: __Y, g: &#rt::Gradient<#out>, dest: __S,
            (#(#dests,)*): (#(#dest_types,)*),
        ) -> (__S::Out, (#(#dest_types::Out,)*))
        where
            #(#arg_types: #rt::Operand<V = <#peeled as #rt::Peel>::V>,
            #dest_types: #rt::Put<#rt::Gradient<#peeled>>,)*
        {
            #body
            (#first, (#(#others,)*))
        }
    ))
}
