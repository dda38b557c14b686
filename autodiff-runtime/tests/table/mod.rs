//! The table of rules, and how a rule of the table is checked.

#[macro_use]
pub(crate) mod harness;
#[macro_use]
pub(crate) mod exact;
pub(crate) mod record;
pub(crate) mod rules;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use record::Seen;
use rules::Shapes;

/// Runs tests for both scalar types, each by itself, and all together for the table; those before `once` at eight
/// points.
macro_rules! for_both {
    ($($test:ident)* $(; once $($once:ident)*)?) => {
        $(for_both!(@test $test eight(super::on::$test));)*
        $($(for_both!(@test $once super::on::$once);)*)?
        pub(crate) fn all() {
            $($test::all();)*
            $($($once::all();)*)?
        }
    };
    (@test $test:ident eight(super::on::$name:ident)) => {
        mod $test {
            #[test]
            fn f64() {
                super::eight(super::on::$test::<f64>);
            }
            #[test]
            fn f32() {
                super::eight(super::on::$test::<f32>);
            }
            pub(super) fn all() {
                f64();
                f32();
            }
        }
    };
    (@test $test:ident super::on::$name:ident) => {
        mod $test {
            #[test]
            fn f64() {
                super::on::$test::<f64>();
            }
            #[test]
            fn f32() {
                super::on::$test::<f32>();
            }
            pub(super) fn all() {
                f64();
                f32();
            }
        }
    };
}

/// The rules of the table that this test program has.
macro_rules! table_of {
    ($program:literal: $($module:ident),*) => {
        #[test]
        fn every_rule_at_enough_points() {
            record::take();
            $($module::all();)*
            table::compare($program, &record::take());
        }
    };
}

/// Compares what a test program has seen with the table.
pub(crate) fn compare(program: &str, seen: &BTreeMap<String, Seen>) {
    let mut missing = String::new();
    for (rule, of, shapes) in rules::RULES {
        if of != program {
            continue;
        }
        let nothing = Seen::default();
        let seen = seen.get(rule).unwrap_or(&nothing);
        let points = seen.points();
        let (fixed, dynamic) = seen.kinds();
        let enough = match shapes {
            Shapes::Any => true,
            Shapes::Both => fixed && dynamic,
        };
        if points.iter().any(|points| *points < 8) || !enough {
            let _ = writeln!(missing, "{rule}: {points:?} points on {:?}", seen.shapes);
        }
    }
    if std::env::var_os("DIFFERENTIATE_TABLE").is_some() {
        for (rule, seen) in seen {
            println!("{rule} {:?} {:?}", seen.points(), seen.shapes);
        }
    }
    assert!(
        missing.is_empty(),
        "not at 8 points, or not on both kinds of shapes:\n{missing}"
    );
}
