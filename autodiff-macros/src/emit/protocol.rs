//! Names of generated functions, by which the halves of a function and of its callees find each other.
//!
//! A name tells the number of parameters, so that one fallback for each number serves all functions without derivative,
//! and the level: how many times the tangent has been taken. That of a member ends with the name of the function.

use proc_macro2::{Ident, Span};

/// What the names of forward halves begin with, by level; [`crate::options`] has no higher order.
const HALVES: [&str; 5] = ["fwd", "second", "third", "fourth", "fifth"];

fn half(level: u32) -> &'static str {
    HALVES[(level as usize).min(HALVES.len() - 1)]
}

/// The forward half of a function, or of a tangent program, with so many parameters.
pub(super) fn forward(level: u32, params: usize, member: Option<&Ident>, span: Span) -> Ident {
    named(&format!("__{}{params}", half(level)), member, span)
}

/// The forward half that keeps what its reverse half needs, where [`forward`] keeps the inputs alone.
pub(super) fn keeping(level: u32, params: usize, member: Option<&Ident>, span: Span) -> Ident {
    named(&format!("__keeping_{}{params}", half(level)), member, span)
}

/// The tangent program of what has so many parameters and is of this level.
pub(super) fn run(level: u32, params: usize, member: Option<&Ident>, span: Span) -> Ident {
    let stem = match level {
        0 => format!("__jvp{params}"),
        level => format!("__jvp_{}{params}", half(level)),
    };
    named(&stem, member, span)
}

/// The tangent program of a function with so many parameters, for so many directions at once.
pub(super) fn lanes(width: usize, params: usize, member: Option<&Ident>, span: Span) -> Ident {
    named(&format!("__jvp{params}_by{width}"), member, span)
}

/// The tangent program of a function with so many parameters, for bundles of directions.
pub(super) fn bundled(params: usize, member: Option<&Ident>, span: Span) -> Ident {
    named(&format!("__jvp{params}_bundled"), member, span)
}

/// The function that checks markers.
pub(super) fn accepts(params: usize, member: Option<&Ident>, span: Span) -> Ident {
    named(&format!("__accepts{params}"), member, span)
}

fn named(stem: &str, member: Option<&Ident>, span: Span) -> Ident {
    let member = member.map(|it| format!("_{it}").replace("r#", ""));
    Ident::new(&format!("{stem}{}", member.unwrap_or_default()), span)
}
