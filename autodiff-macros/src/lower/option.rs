//! Methods of options that choose between values: their closures are arms of a `match`.

use syn::{Expr, Pat};

use super::seq::contains_return;
use super::{Lower, unparen};

impl Lower<'_> {
    /// `*xs.get(i)?` ⇒ `match xs.get(i) { Some(part) => *part, _ => return None }`: `part` is a name for the element.
    pub(super) fn part_or_nothing(&mut self, it: &syn::ExprUnary) -> Option<Expr> {
        let (syn::UnOp::Deref(_), Expr::Try(part)) = (&it.op, unparen(&it.expr)) else {
            return None;
        };
        let Expr::MethodCall(option) = unparen(&part.expr) else {
            return None;
        };
        let part = gives_part(option)
            && !self.is_own(&option.receiver)
            && self.is_active(&option.receiver);
        if !part {
            return None;
        }
        let value = self.namer.fresh("part");
        let some = quote::quote!(::core::option::Option::Some);
        let none = quote::quote!(::core::option::Option::None);
        Some(syn::parse_quote!(
            match (#option) { #some(#value) => *#value, _ => return #none }
        ))
    }

    /// The `match` that such a method means; a method of a type of the user's own is none of them.
    pub(super) fn optional(&mut self, it: &syn::ExprMethodCall) -> Option<Expr> {
        if self.is_own(&it.receiver) || Self::is_iterator(&it.receiver) {
            return None;
        }
        let some = quote::quote!(::core::option::Option::Some);
        let none = quote::quote!(::core::option::Option::None);
        let option = &it.receiver;
        let value = self.namer.fresh("payload");
        let args: Vec<&Expr> = it.args.iter().collect();
        // A closure that leaves early is called; the pattern of any other may take the payload apart.
        let arm = |f: &Expr| match unparen(f) {
            Expr::Closure(f) if f.inputs.len() == 1 && !contains_return(&f.body) => {
                let (pat, body) = (untyped(&f.inputs[0]), &f.body);
                quote::quote!(#some(#pat) => #body)
            }
            _ => quote::quote!(#some(#value) => (#f)(#value)),
        };
        Some(match (it.method.to_string().as_str(), args.as_slice()) {
            ("map_or", [default, f]) => {
                let present = arm(f);
                // The default is evaluated first, whether it is needed or not.
                let otherwise = self.namer.fresh("otherwise");
                syn::parse_quote!({
                    let #otherwise = #default;
                    match (#option) { #present, #none => #otherwise }
                })
            }
            ("map_or_else", [default, f]) if arguments(default) == Some(0) => {
                let present = arm(f);
                syn::parse_quote!(match (#option) { #present, #none => (#default)() })
            }
            ("and_then", [f]) => {
                let present = arm(f);
                syn::parse_quote!(match (#option) { #present, #none => #none })
            }
            ("unwrap_or_else", [default]) if arguments(default) == Some(0) => {
                syn::parse_quote!(match (#option) { #some(#value) => #value, #none => (#default)() })
            }
            ("or_else", [default]) if arguments(default) == Some(0) => {
                syn::parse_quote!(match (#option) { #some(#value) => #some(#value), #none => (#default)() })
            }
            // Of a `bool`.
            ("then_some", [chosen]) => {
                syn::parse_quote!({
                    let #value = #chosen;
                    if (#option) { #some(#value) } else { #none }
                })
            }
            ("then", [chosen]) if arguments(chosen) == Some(0) => {
                syn::parse_quote!(if (#option) { #some((#chosen)()) } else { #none })
            }
            _ => return None,
        })
    }
}

fn untyped(pat: &Pat) -> &Pat {
    match pat {
        Pat::Type(it) => &it.pat,
        pat => pat,
    }
}

/// The number of parameters of a closure.
fn arguments(f: &Expr) -> Option<usize> {
    match unparen(f) {
        Expr::Closure(it) => Some(it.inputs.len()),
        _ => None,
    }
}

/// Does the method hand out a part of a slice, if there is one?
pub(super) fn gives_part(it: &syn::ExprMethodCall) -> bool {
    matches!(
        (it.method.to_string().as_str(), it.args.len()),
        ("first" | "last", 0) | ("get", 1)
    )
}
