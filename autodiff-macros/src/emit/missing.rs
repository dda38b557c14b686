//! What stands in for a derivative that is missing, so that it is one error on the user's token.
//!
//! Methods of last resort: they are chosen only where the receiver has no rule and no derivative of that name. The bound
//! that fails is a trait of the runtime, or one of the function's own where its message names what must be done. The
//! second kind does not compile in a crate without a prelude, which does not have the namespace of `#[diagnostic]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;

use super::protocol;
use super::value::{Cx, Due};
use crate::derived::{Derived, is_given};
use crate::ir::{By, Callee, Op, StmtKind};

/// A derivative that is called for.
#[derive(Clone, PartialEq)]
struct Wanted {
    name: Ident,
    args: usize,
    level: u32,
    of: Of,
}

/// What it is the derivative of.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// A method, which borrows its receiver so.
    Method(By),
    Associated,
    /// A free function, whose namespace has the derivative.
    Function,
}

/// Stand-ins for all rules and derivatives that the function asks for by a method.
pub(super) fn derivatives(cx: &Cx<'_>, reversed: bool) -> TokenStream {
    let mut rules: Vec<Ident> = Vec::new();
    let mut wanted: Vec<Wanted> = Vec::new();
    cx.func.body.walk(&mut |stmt| {
        let (StmtKind::Let { op, .. } | StmtKind::Assign { op, .. }) = &stmt.kind else {
            return;
        };
        let call = match op {
            Op::Method { name, .. } | Op::Construct { name, .. } => {
                if !rules.contains(name) {
                    rules.push(name.clone());
                }
                return;
            }
            Op::Call(call) => call,
            _ => return,
        };
        let (callee, level) = call.callee.primal();
        let last = |path: &Path| path.segments.last().map(|it| it.ident.clone());
        let (name, of) = match callee {
            Callee::Method(name, _) if call.lends(&cx.func.vars, 0) => {
                (Some(name.clone()), Of::Method(By::Mut))
            }
            Callee::Method(name, _) => (Some(name.clone()), Of::Method(By::Ref)),
            Callee::Associated(path) => (last(path), Of::Associated),
            // The runtime has stand-ins for free functions, up to second order.
            Callee::Function(path) if level > 1 => (last(path), Of::Function),
            Callee::Function(_) | Callee::Tangent(_) => return,
        };
        let Some(name) = name else { return };
        let found = Wanted {
            name,
            args: call.args.len(),
            level,
            of,
        };
        let by = |borrow| Wanted {
            of: Of::Method(borrow),
            ..found.clone()
        };
        // A receiver that may be written is looked for one step later.
        if wanted.contains(&found)
            || (of == Of::Method(By::Ref) && wanted.contains(&by(By::Mut)))
            || (of == Of::Function
                && (wanted.iter())
                    .any(|it| it.of == of && (it.args, it.level) == (found.args, level)))
        {
            return;
        }
        if of == Of::Method(By::Mut) {
            let read = by(By::Ref);
            wanted.retain(|it| *it != read);
        }
        wanted.push(found);
    });
    let rules = rules.iter().map(|name| rule(cx, name));
    let made = wanted.iter().map(|it| {
        if it.level == 0 {
            derivative(cx, it)
        } else {
            // What a tangent program accepts is what the function accepts.
            let less = Wanted {
                args: it.args / 2,
                level: it.level - 1,
                ..it.clone()
            };
            let accepts = (!wanted.contains(&less)).then(|| less.accepts());
            order(cx, it, accepts, reversed)
        }
    });
    quote!(#(#rules)* #(#made)*)
}

impl Wanted {
    /// As the user wrote it.
    fn call(&self) -> String {
        match self.of {
            Of::Method(_) => format!(".{}()", self.name),
            Of::Associated => format!("::{}()", self.name),
            Of::Function => self.name.to_string(),
        }
    }

    fn is_method(&self) -> bool {
        matches!(self.of, Of::Method(_))
    }

    /// What the names of its derivatives end with.
    fn member(&self) -> Option<&Ident> {
        (self.of != Of::Function).then_some(&self.name)
    }

    /// A trait of this one.
    fn trait_of(&self, kind: &str) -> Ident {
        let on = match self.of {
            Of::Method(_) => "Method",
            Of::Associated => "Function",
            Of::Function => "Free",
        };
        at_call_site(&format_ident!(
            "__{}{}{}_{}",
            kind,
            on,
            self.args,
            self.name
        ))
    }

    /// The receiver and the types of the other arguments.
    fn parameters(&self) -> (Option<TokenStream>, Vec<Ident>) {
        let mutability = (self.of == Of::Method(By::Mut)).then(|| quote!(mut));
        let this = self.is_method().then(|| quote!(& #mutability self,));
        let others = usize::from(self.is_method())..self.args;
        (this, others.map(|it| format_ident!("A{}", it)).collect())
    }

    fn accepts(&self) -> TokenStream {
        if self.of == Of::Function {
            return TokenStream::new();
        }
        let name = protocol::accepts(self.args, Some(&self.name), Span::call_site());
        let borrowed = self.is_method().then(|| quote!(&self,));
        quote!(fn #name<M>(#borrowed _: &M) {})
    }

    fn forward_half(&self) -> Ident {
        protocol::forward(self.level, self.args, self.member(), Span::call_site())
    }

    /// The trait that no type implements, where the option is what is missing.
    fn option(&self, bound: &Ident, what: &str, option: &str) -> TokenStream {
        let name = &self.name;
        let message = match self.of {
            Of::Associated if self.of_namespace() => format!("`{{Self}}::{name}` has no {what}"),
            _ => format!("`{}` of `{{Self}}` has no {what}", self.call()),
        };
        let (owner, label) = match self.derived() {
            Some((Some(method), _)) => (format!("`{method}`"), format!("`{method}`")),
            _ if self.of_namespace() => ("`{Self}`".to_owned(), "`{Self}`".to_owned()),
            _ if self.is_method() => (format!("`{name}`"), "this method".to_owned()),
            _ => (format!("`{name}`"), "this function".to_owned()),
        };
        let label = format!("{label} has no `#[differentiate({option})]`");
        let note = format!("put `#[differentiate({option})]` on {owner}");
        quote!(
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
            trait #bound {}
        )
    }

    /// The order of derivatives that the function behind must have.
    fn order(&self) -> u32 {
        let of_first = match self.derived() {
            Some((_, derived)) => derived.order(),
            None => 1 + u32::from(self.is_made_of_gradients()),
        };
        self.level + of_first
    }

    /// Is its value a gradient, or made of one? Then its derivative is one of an order more.
    fn is_made_of_gradients(&self) -> bool {
        match self.derived() {
            Some((_, derived)) => derived.is_gradient(),
            None => self.of_namespace() && self.name == "argmin",
        }
    }

    /// Is it a function of the namespace of another one?
    fn of_namespace(&self) -> bool {
        self.of == Of::Associated
            && (Derived::of_associated(&self.name).is_some() || is_given(&self.name))
    }

    /// Is it a derivative of a function that needs a higher order? With the method that it is one of.
    fn derived(&self) -> Option<(Option<Ident>, Derived)> {
        match self.of {
            Of::Method(_) => {
                let (method, derived) = Derived::of_method(&self.name)?;
                Some((Some(method), derived))
            }
            Of::Associated => Some((None, Derived::of_associated(&self.name)?)),
            Of::Function => None,
        }
    }
}

/// The trait that no type implements, where the method is a derivative of a function of the user's.
fn underived(name: &Ident, bound: &Ident, call: &str) -> Option<TokenStream> {
    let (function, derived) = Derived::of_method(name)?;
    let message = format!("no derivative rule for `{call}` on `{{V}}`");
    let note = format!(
        "if `{function}` is a method of yours, put `#[differentiate(order = {})]` on it",
        derived.order()
    );
    Some(quote!(
        #[diagnostic::on_unimplemented(message = #message, label = "an active value goes in here", note = #note)]
        trait #bound<V: ?::core::marker::Sized> {}
    ))
}

fn rule(cx: &Cx<'_>, name: &Ident) -> TokenStream {
    let rt = &cx.rt;
    let method = Ident::new(&crate::names::rule(&name.to_string()), Span::call_site());
    let missing = at_call_site(&format_ident!("__Missing_{}", name));
    let bound = at_call_site(&format_ident!("__HasRule_{}", name));
    let declared = underived(name, &bound, &format!(".{name}()"));
    let required = match declared {
        Some(_) => quote!(#bound<V>),
        None => quote!(#rt::HasMethodRule<V>),
    };
    quote!(
        #declared
        trait #missing<V: ?::core::marker::Sized> {
            fn #method<A, Y, G, S, D, R>(&self, _: A, _: Y, _: &G, _: S, _: D) -> R
            where
                Self: #required;
        }
        impl<V: ?::core::marker::Sized> #missing<V> for &V {
            fn #method<A, Y, G, S, D, R>(&self, _: A, _: Y, _: &G, _: S, _: D) -> R
            where
                Self: #required,
            {
                ::core::unreachable!()
            }
        }
    )
}

fn derivative(cx: &Cx<'_>, wanted: &Wanted) -> TokenStream {
    let rt = &cx.rt;
    let (missing, bound) = (wanted.trait_of("Missing"), wanted.trait_of("Has"));
    let (declared, required) = if wanted.of_namespace() {
        let option = if is_given(&wanted.name) {
            wanted.name.to_string()
        } else {
            format!("order = {}", wanted.order())
        };
        let declared = wanted.option(&bound, "derivative", &option);
        (Some(declared), quote!(#bound))
    } else {
        match underived(&wanted.name, &bound, &wanted.call()) {
            Some(declared) => (Some(declared), quote!(#bound<Self>)),
            None => {
                // What must be written on it is what this function has.
                let which = match cx.due {
                    Due::Order(2) => "Twice",
                    Due::Forward => "Forward",
                    Due::First | Due::Order(_) => "",
                };
                let of = if wanted.is_method() {
                    "Method"
                } else {
                    "Function"
                };
                let bound = format_ident!("Has{}Rule{}", of, which);
                (None, quote!(#rt::#bound<Self>))
            }
        }
    };
    let (method, accepts) = (wanted.forward_half(), wanted.accepts());
    let (this, types) = wanted.parameters();
    quote!(
        #declared
        trait #missing {
            #accepts
            fn #method<M, #(#types,)* Y, R>(#this #(_: #types,)* _: M, _: &mut #rt::Tape) -> (Y, R)
            where
                Self: #required;
        }
        impl<V: ?::core::marker::Sized> #missing for V {
            fn #method<M, #(#types,)* Y, R>(#this #(_: #types,)* _: M, _: &mut #rt::Tape) -> (Y, R)
            where
                Self: #required,
            {
                ::core::unreachable!()
            }
        }
    )
}

/// The same for what has a derivative and no tangent program, or a tangent program without derivative.
fn order(
    cx: &Cx<'_>,
    wanted: &Wanted,
    accepts_less: Option<TokenStream>,
    reversed: bool,
) -> TokenStream {
    let rt = &cx.rt;
    let at = wanted.level;
    let missing = wanted.trait_of(&format!("MissingOrder{at}"));
    let run = protocol::run(at - 1, wanted.args / 2, wanted.member(), Span::call_site());
    let accepts = wanted.accepts();
    let needs = wanted.order();
    let required = |bound: TokenStream| quote!(where Self: #bound,);
    let (bounds, forward, order) = if wanted.of == Of::Function {
        // The claim beside the call reports what is missing.
        Default::default()
    } else if needs == 2 && wanted.derived().is_none() && !wanted.of_namespace() {
        let bounds = TokenStream::new();
        (
            bounds,
            required(quote!(#rt::HasTangentMethod)),
            required(quote!(#rt::HasSecondMethod)),
        )
    } else {
        let (forward, order) = (
            wanted.trait_of(&format!("HasForward{at}")),
            wanted.trait_of(&format!("HasOrder{at}")),
        );
        let [(what, option), (what_of_order, option_of_order)] = if needs == 2 {
            [
                ("tangent program", "forward".to_owned()),
                ("second derivative", "order = 2".to_owned()),
            ]
        } else {
            // The tangent of a gradient is a product with the Hessian, whose derivative is one of an order more.
            [needs - u32::from(wanted.is_made_of_gradients()), needs]
                .map(|it| ("derivative of that order", format!("order = {it}")))
        };
        let bounds = [
            wanted.option(&forward, what, &option),
            wanted.option(&order, what_of_order, &option_of_order),
        ];
        (
            quote!(#(#bounds)*),
            required(quote!(#forward)),
            required(quote!(#order)),
        )
    };
    // Beside the forward half, a tangent program is named for its type alone, and what has neither is reported there.
    let forward = if reversed {
        TokenStream::new()
    } else {
        forward
    };
    let half = wanted.forward_half();
    let (this, types) = wanted.parameters();
    quote!(
        #bounds
        trait #missing {
            #accepts_less
            #accepts
            fn #run<#(#types,)* Y, R>(#this #(_: #types),*) -> (Y, R) #forward {
                ::core::unreachable!()
            }
            fn #half<M, #(#types,)* Y, R>(#this #(_: #types,)* _: M, _: &mut #rt::Tape) -> (Y, R) #order {
                ::core::unreachable!()
            }
        }
        impl<V: ?::core::marker::Sized> #missing for V {}
    )
}

fn at_call_site(ident: &Ident) -> Ident {
    Ident::new(&ident.to_string(), Span::call_site())
}
