//! Functions in disguise: what does not change the meaning of a function must not change its gradient.
//!
//! `pairs` has two ways to write the same function. The others have functions that must compile and be right whatever
//! they are called and wherever they stand: `names` has those whose names are those of generated code or of the standard
//! library, `items` has generics, visibility, attributes and places, `macros` functions made by `macro_rules!`.

#![allow(
    clippy::pedantic,
    clippy::style,
    clippy::complexity,
    clippy::suspicious,
    clippy::items_after_test_module,
    dead_code,
    deprecated,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unused_assignments,
    unused_imports,
    unused_macros,
    unused_parens,
    unused_variables,
    reason = "programs are written in many ways, also in those that are not the best"
)]

/// A test for each case: a call inside of the module of this name, and what it gives.
macro_rules! cases {
    ($($name:ident: $($path:ident)::+ ($($argument:expr),*) = $expected:expr;)+) => {
        mod run {
            use super::*;
            $(
                #[test]
                fn $name() {
                    assert_eq!(super::$name::$($path)::+($($argument),*), $expected);
                }
            )+
        }
        pub(crate) const COUNT: usize = [$(stringify!($name)),+].len();
    };
}

#[path = "../counts.rs"]
mod counts;
#[path = "disguises/items.rs"]
mod items;
#[path = "disguises/macros.rs"]
mod macros;
#[path = "disguises/names.rs"]
mod names;
#[path = "disguises/pairs.rs"]
mod pairs;

#[test]
fn count() {
    counts::counted("metamorphic pairs", pairs::COUNT);
    let cases = names::COUNT + items::COUNT + macros::COUNT;
    counts::counted("cases of hygiene", cases);
}
