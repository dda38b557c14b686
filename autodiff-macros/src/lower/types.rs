//! What the tokens of a type show. Nothing here decides a derivative; see [`Fact`].

use syn::{Expr, GenericArgument, Lit, PathArguments, Type};

use crate::ir::{By, Fact};
use crate::names;

/// How a parameter of this type is passed.
pub(crate) fn by(ty: &Type) -> By {
    match ty {
        Type::Reference(it) if it.mutability.is_some() => By::Mut,
        Type::Reference(_) => By::Ref,
        Type::Paren(it) => by(&it.elem),
        Type::Group(it) => by(&it.elem),
        _ => By::Value,
    }
}

/// The type of a receiver.
pub(crate) fn receiver(receiver: &syn::Receiver) -> Type {
    match &receiver.kind {
        syn::ReceiverKind::Reference(_, lifetime, mutability) => {
            syn::parse_quote!(&#lifetime #mutability Self)
        }
        syn::ReceiverKind::Typed(_, ty) => (**ty).clone(),
        _ => syn::parse_quote!(Self),
    }
}

/// Is this, as it is written, a type of the user's own, without parameters that a function or a block declares and without
/// lifetimes?
pub(crate) fn is_concrete_own_type(ty: &Type, generics: &syn::Generics) -> bool {
    struct Mentions<'a>(&'a syn::Generics, bool);
    impl<'ast> syn::visit::Visit<'ast> for Mentions<'_> {
        fn visit_ident(&mut self, it: &'ast proc_macro2::Ident) {
            self.1 |= self.0.params.iter().any(|param| match param {
                syn::GenericParam::Type(param) => param.ident == *it,
                syn::GenericParam::Const(param) => param.ident == *it,
                syn::GenericParam::Lifetime(_) => false,
            });
        }
        fn visit_lifetime(&mut self, _: &'ast syn::Lifetime) {
            self.1 = true;
        }
    }
    let mut mentions = Mentions(generics, false);
    syn::visit::Visit::visit_type(&mut mentions, peel(ty));
    holds_own_type(peel(ty)) && !mentions.1
}

/// Is this a type of the user's own, a container of one, or a collection that never carries a derivative?
fn holds_own_type(ty: &Type) -> bool {
    match ty {
        Type::Slice(it) => holds_own_type(&it.elem),
        Type::Array(it) => holds_own_type(&it.elem),
        Type::Paren(it) => holds_own_type(&it.elem),
        Type::Group(it) => holds_own_type(&it.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            let container = matches!(name.as_str(), "Vec" | "Option" | "Box");
            let inside = match &last.arguments {
                PathArguments::AngleBracketed(it) => it.args.iter().any(|it| match it {
                    GenericArgument::Type(ty) => holds_own_type(ty),
                    _ => false,
                }),
                _ => false,
            };
            // nalgebra's types of these names have parameters.
            let bare = last.arguments.is_none() && name.starts_with(char::is_uppercase);
            let own = names::own_type(&name) || (bare && names::nalgebra_family(&name));
            // A single capital; those that are declared have been looked for.
            own || name.len() == 1 || names::collection(&name) || (container && inside)
        }),
        _ => false,
    }
}

/// What a container holds, if its own derivative is that of its elements; otherwise the type itself.
pub(crate) fn innermost_element(ty: &Type) -> &Type {
    match ty {
        Type::Slice(it) => innermost_element(&it.elem),
        Type::Array(it) => innermost_element(&it.elem),
        Type::Path(path) => {
            let last = path.path.segments.last();
            let element = last.and_then(|it| match &it.arguments {
                PathArguments::AngleBracketed(of)
                    if matches!(it.ident.to_string().as_str(), "Vec" | "Option" | "Box") =>
                {
                    of.args.first()
                }
                _ => None,
            });
            match element {
                Some(GenericArgument::Type(ty)) => innermost_element(ty),
                _ => ty,
            }
        }
        _ => ty,
    }
}

/// Does the value of a function carry a derivative, as far as the tokens tell?
pub(crate) fn carries_derivative(function: &syn::ItemFn) -> bool {
    match &function.sig.output {
        syn::ReturnType::Default => false,
        syn::ReturnType::Type(_, ty) => may_be_active(ty),
    }
}

/// The type behind references.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Reference(it) => peel(&it.elem),
        Type::Paren(it) => peel(&it.elem),
        Type::Group(it) => peel(&it.elem),
        _ => ty,
    }
}

/// Can a value of this type carry a derivative, as far as the tokens tell?
pub(crate) fn may_be_active(ty: &Type) -> bool {
    match peel(ty) {
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return true;
            };
            if names::inactive_type(&last.ident.to_string()) {
                return false;
            }
            match (&last.arguments, last.ident.to_string().as_str()) {
                (PathArguments::AngleBracketed(args), "Vec" | "Option" | "Box") => args
                    .args
                    .iter()
                    .any(|arg| !matches!(arg, GenericArgument::Type(ty) if !may_be_active(ty))),
                _ => true,
            }
        }
        Type::Slice(it) => may_be_active(&it.elem),
        Type::Array(it) => may_be_active(&it.elem),
        Type::Tuple(it) => it.elems.iter().any(may_be_active),
        _ => true,
    }
}

/// A value of this type borrows.
pub(crate) fn borrows(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.contains("View")
                || matches!(&last.arguments, PathArguments::AngleBracketed(args)
                if args.args.iter().any(|arg| match arg {
                    GenericArgument::Type(ty) => borrows(ty),
                    GenericArgument::Lifetime(_) => true,
                    _ => false,
                }))
        }),
        Type::Tuple(it) => it.elems.iter().any(borrows),
        _ => false,
    }
}

/// Is the type written `f64` or `f32`?
pub(crate) fn is_scalar(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("f64") || path.path.is_ident("f32"))
}

/// The type of what an array, a `Vec` or an `Option` holds.
pub(crate) fn element(ty: &Type) -> Option<Type> {
    match ty {
        Type::Array(it) => Some((*it.elem).clone()),
        Type::Path(it) => match &it.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(it) => match it.args.first()? {
                GenericArgument::Type(it) if !matches!(it, Type::Infer(_)) => Some(it.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Is this certain not to be `()`? A name of the user's own may stand for it, unless it has arguments.
pub(crate) fn is_no_unit(ty: &Type) -> bool {
    let arguments = |it: &syn::PathSegment| !it.arguments.is_none();
    match ty {
        Type::Tuple(it) => !it.elems.is_empty(),
        Type::Path(it) => is_scalar(ty) || it.path.segments.last().is_some_and(arguments),
        _ => is_numeric(ty),
    }
}

/// Is this a number, or a container of the language's own that holds numbers in the end, perhaps behind a reference?
pub(crate) fn is_numeric(ty: &Type) -> bool {
    match peel(ty) {
        Type::Slice(it) => is_numeric(&it.elem),
        Type::Array(it) => is_numeric(&it.elem),
        Type::Tuple(it) => !it.elems.is_empty() && it.elems.iter().all(is_numeric),
        ty @ Type::Path(path) => {
            is_scalar(ty)
                || path.path.segments.last().is_some_and(|last| {
                    let PathArguments::AngleBracketed(of) = &last.arguments else {
                        return false;
                    };
                    let element = match of.args.first() {
                        Some(GenericArgument::Type(element)) => is_numeric(element),
                        _ => false,
                    };
                    last.ident == "Vec" && element
                })
        }
        _ => false,
    }
}

/// The fact that a written type tells.
pub(crate) fn fact(ty: &Type) -> Fact {
    match peel(ty) {
        Type::Slice(it) => container(&it.elem),
        Type::Array(it) => container(&it.elem),
        Type::Tuple(it) if !it.elems.is_empty() && it.elems.iter().all(is_scalar) => Fact::Tuple,
        ty @ Type::Path(path) => {
            if is_scalar(ty) {
                return Fact::Scalar;
            }
            let Some(last) = path.path.segments.last() else {
                return Fact::Unknown;
            };
            let name = last.ident.to_string();
            let element = match &last.arguments {
                PathArguments::AngleBracketed(it) => match it.args.first() {
                    Some(GenericArgument::Type(ty)) => ty,
                    _ => return Fact::Unknown,
                },
                _ => return Fact::Unknown,
            };
            if name == "Vec" {
                return container(element);
            }
            let matrix = [
                "Vector",
                "Matrix",
                "DVector",
                "DMatrix",
                "SVector",
                "SMatrix",
                "RowVector",
            ]
            .iter()
            .any(|stem| name.starts_with(stem));
            if matrix && is_scalar(element) {
                Fact::Scalars
            } else {
                Fact::Unknown
            }
        }
        _ => Fact::Unknown,
    }
}

/// The fact about a container of elements of this type.
fn container(element: &Type) -> Fact {
    match element {
        Type::Reference(_) => Fact::Unknown,
        element => held(fact(element)),
    }
}

/// The fact about a container, from that about its elements.
pub(crate) fn held(element: Fact) -> Fact {
    match element {
        Fact::Scalar => Fact::Scalars,
        Fact::Scalars => Fact::Rows,
        Fact::Rows | Fact::Tuple | Fact::Unknown => Fact::Unknown,
    }
}

pub(crate) fn is_float_literal(expr: &Expr) -> bool {
    match super::unparen(expr) {
        Expr::Lit(it) => matches!(it.lit, Lit::Float(_)),
        Expr::Unary(it) => is_float_literal(&it.expr),
        Expr::Binary(it) => is_float_literal(&it.left) && is_float_literal(&it.right),
        _ => false,
    }
}

/// Is the type written `Box<..>`?
pub(crate) fn is_box(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|it| it.ident == "Box"))
}

/// Is this `Box::new(..)`?
pub(crate) fn is_boxed(expr: &Expr) -> bool {
    let Expr::Call(it) = super::unparen(expr) else {
        return false;
    };
    let Expr::Path(path) = super::unparen(&it.func) else {
        return false;
    };
    let names: Vec<String> = path
        .path
        .segments
        .iter()
        .map(|it| it.ident.to_string())
        .collect();
    matches!(names.as_slice(), [.., owner, name] if owner == "Box" && name == "new")
}

/// Is this an integer or a truth value, or a list of them, as it is written?
pub(crate) fn is_integer(expr: &Expr) -> bool {
    match super::unparen(expr) {
        Expr::Lit(it) => {
            matches!(&it.lit, Lit::Int(it) if !it.suffix().starts_with('f'))
                || matches!(it.lit, Lit::Bool(_) | Lit::Char(_) | Lit::Str(_))
        }
        Expr::Unary(it) => is_integer(&it.expr),
        Expr::Cast(it) => is_inactive(&it.ty),
        Expr::Array(it) => !it.elems.is_empty() && it.elems.iter().all(is_integer),
        Expr::Repeat(it) => is_integer(&it.expr),
        Expr::Macro(it) if it.mac.path.is_ident("vec") => {
            let tokens = &it.mac.tokens;
            syn::parse2(quote::quote!([#tokens])).is_ok_and(|it| is_integer(&it))
        }
        _ => false,
    }
}

/// The fact that an expression without derivative tells, from what is known of the variables in it.
pub(crate) fn code_fact(expr: &Expr, of: &dyn Fn(&proc_macro2::Ident) -> Fact) -> Fact {
    let number = |expr: &Expr| code_fact(expr, of) == Fact::Scalar || is_float_literal(expr);
    let scalar = match super::unparen(expr) {
        Expr::Repeat(it) => return held(code_fact(&it.expr, of)),
        Expr::Array(it) => {
            let fact = |it| code_fact(it, of);
            let first = it.elems.first().map_or(Fact::Unknown, fact);
            let alike = it.elems.iter().all(|it| fact(it) == first);
            return if alike { held(first) } else { Fact::Unknown };
        }
        Expr::Macro(it) if it.mac.path.is_ident("vec") => {
            let tokens = &it.mac.tokens;
            let list = syn::parse2(quote::quote!([#tokens]));
            return list.map_or(Fact::Unknown, |it| code_fact(&it, of));
        }
        Expr::Path(it) => match it.path.get_ident() {
            Some(ident) => return of(ident),
            None => it.path.segments.iter().any(|it| it.ident == "consts"),
        },
        Expr::Index(it) if !crate::analysis::needs::is_range(&it.index) => {
            return match code_fact(&it.expr, of) {
                Fact::Scalars => Fact::Scalar,
                Fact::Rows => Fact::Scalars,
                _ => Fact::Unknown,
            };
        }
        Expr::Block(it) if it.label.is_none() => {
            return match it.block.stmts.as_slice() {
                [syn::Stmt::Expr(tail, None)] => code_fact(tail, of),
                _ => Fact::Unknown,
            };
        }
        Expr::Cast(it) => is_scalar(&it.ty),
        Expr::Binary(it) => {
            let arithmetic = matches!(
                it.op,
                syn::BinOp::Add(_)
                    | syn::BinOp::Sub(_)
                    | syn::BinOp::Mul(_)
                    | syn::BinOp::Div(_)
                    | syn::BinOp::Rem(_)
            );
            arithmetic && number(&it.left) && number(&it.right)
        }
        Expr::Unary(it) => code_fact(&it.expr, of) == Fact::Scalar,
        other => is_float_literal(other),
    };
    if scalar { Fact::Scalar } else { Fact::Unknown }
}

/// Is `ty` a type without derivative, as the target of a cast?
pub(crate) fn is_inactive(ty: &Type) -> bool {
    matches!(peel(ty), Type::Path(path) if path.path.get_ident().is_some_and(|it| names::inactive_type(&it.to_string())))
}

/// The type parameters of active parameters whose bounds, which are all known here, do not make them real numbers.
pub(crate) fn numbers_without_bound(sig: &syn::Signature) -> Vec<&proc_macro2::Ident> {
    let known = |it: &syn::TypeParamBound| match it {
        syn::TypeParamBound::Trait(it) => it.path.segments.last().is_some_and(|it| {
            let name = it.ident.to_string();
            names::bound_of_any_number(&name)
        }),
        _ => true,
    };
    let of = |ident: &proc_macro2::Ident, ty: &Type| matches!(ty, Type::Path(it) if it.path.is_ident(ident));
    let written = |ident: &proc_macro2::Ident| {
        let conditions = sig
            .generics
            .where_clause
            .iter()
            .flat_map(|it| &it.predicates);
        conditions
            .filter_map(|it| match it {
                syn::WherePredicate::Type(it) if of(ident, &it.bounded_ty) => Some(&it.bounds),
                _ => None,
            })
            .flatten()
            .collect::<Vec<_>>()
    };
    let active = |ident: &proc_macro2::Ident| {
        sig.inputs.iter().any(|it| match it {
            syn::FnArg::Typed(it) => !super::has_no_diff(&it.attrs) && of(ident, peel(&it.ty)),
            syn::FnArg::Receiver(_) => false,
        })
    };
    sig.generics
        .type_params()
        .filter(|it| active(&it.ident))
        .filter(|it| it.bounds.iter().chain(written(&it.ident)).all(known))
        .map(|it| &it.ident)
        .collect()
}
