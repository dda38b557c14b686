//! Stage goldens: small functions and what each stage makes of them, as text.
//!
//! `testdata/<case>.rs` holds a function, `testdata/<case>.txt` the lowered IR with the facts of the analyses and the
//! generated forward and reverse half. `UPDATE_EXPECT=1 cargo test -p autodiff-macros` writes the expected files anew;
//! read the difference before you commit it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

use crate::analysis::{Cotangent, Facts, Storage, StoredFor, UsefulFor};
use crate::diag::Ctxt;
use crate::ir::{Func, VarId};
use crate::options::Options;
use crate::{analysis, emit, fence, ir, lower};

mod corpus;
#[path = "../../tests/counts.rs"]
mod counts;
mod deep;
mod determinism;
mod fuzz;
mod sources;

/// What stands between the IR and the generated code.
const CODE: &str = "\n--- generated ---\n";

/// The expected text is formatted code, so that a machine without `rustfmt` compares the IR alone, and says so.
fn comparable(text: &str) -> String {
    static FORMATTER: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let formatter = *FORMATTER.get_or_init(|| {
        let found = std::process::Command::new("rustfmt")
            .arg("--version")
            .output()
            .is_ok_and(|it| it.status.success());
        if !found {
            eprintln!(
                "rustfmt is not installed: the goldens compare the IR and not the generated code"
            );
        }
        found
    });
    match text.split_once(CODE) {
        Some((ir, _)) if !formatter => ir.to_owned(),
        _ => text.to_owned(),
    }
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// The facts about a variable, as they stand behind its declaration.
fn note(facts: &Facts, var: VarId) -> String {
    let facts = facts.var(var);
    let mut out = String::new();
    let cotangent = match facts.cotangent {
        Cotangent::None => "",
        Cotangent::Direct => " direct",
        Cotangent::Slot => " slot",
        Cotangent::Shadow => " shadow",
        Cotangent::InOut => " in-out",
    };
    out.push_str(cotangent);
    match facts.useful {
        Some(UsefulFor::Statement(id)) => {
            let _ = write!(out, " useful for #{id}");
        }
        Some(UsefulFor::Caller) => out.push_str(" useful for the caller"),
        Some(UsefulFor::Value) | None => {}
    }
    if !facts.needed.is_empty() {
        let by: Vec<String> = facts.needed.iter().map(|it| format!("#{}", it.0)).collect();
        let storage = match facts.storage {
            Storage::Unneeded => "unneeded",
            Storage::ReadAgain => "read again",
            Storage::EvaluateAgain => "evaluated again",
            Storage::Save => "saved",
            Storage::SaveOrEvaluate => "saved or evaluated again",
            Storage::SaveIfDefined => "saved if defined",
        };
        let why = match facts.stored_for {
            StoredFor::Nobody | StoredFor::Standing | StoredFor::Cheap => "",
            StoredFor::Given => ", given away",
            StoredFor::Assigned => ", assigned",
            StoredFor::Bound => ", bound by a pattern",
            StoredFor::Dear => ", not to be had again",
            StoredFor::LeftEarly => ", of a loop left early",
        };
        let _ = write!(out, " {storage} for {}{why}", by.join(" "));
    }
    if out.is_empty() {
        out
    } else {
        format!("  --{out}")
    }
}

fn stages(source: &str) -> String {
    let function: syn::ItemFn = syn::parse_str(source).expect("a test case is a function");
    let mut cx = Ctxt::new();
    let options = Options::parse(&mut cx, TokenStream::new());
    fence::check(&mut cx, &options, &function);
    let func: Option<Func> =
        lower::lower(&mut cx, &options, &crate::unit::Unit::default(), &function);
    let errors = cx.finish();
    let Some(func) = func else {
        return errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n");
    };
    assert_eq!(
        ir::verify::verify(&func),
        Vec::<String>::new(),
        "lowering breaks an invariant"
    );
    let facts = analysis::analyse(&func);
    let ir = ir::print::print(&func, &|var| note(&facts, var));
    let code = emit::readable_halves(&options, &function, &func, &facts);
    format!("{ir}{CODE}{code}")
}

fn report(source: &str) -> String {
    let function: syn::ItemFn = syn::parse_str(source).expect("a function");
    let mut cx = Ctxt::new();
    let options = Options::parse(&mut cx, TokenStream::new());
    let unit = crate::unit::Unit::default();
    let func = lower::lower(&mut cx, &options, &unit, &function).expect("it can be lowered");
    emit::readable_report(&func, &analysis::analyse(&func))
}

#[test]
fn nothing_is_saved_of_what_is_linear() {
    let swapped = "fn heat(start: &[f64], #[no_diff] kappa: f64, steps: usize) -> f64 {
    let mut now = start.to_vec();
    let mut next = start.to_vec();
    for _ in 0..steps {
        for i in 1..start.len() - 1 {
            next[i] = now[i] + kappa * (now[i - 1] + now[i + 1]);
        }
        std::mem::swap(&mut now, &mut next);
    }
    now[0]
}";
    assert!(
        !report(swapped).contains("what stood in"),
        "{}",
        report(swapped)
    );
    let summed = "fn sums(x: &[f64], work: &mut [f64]) -> f64 {
    work.copy_from_slice(x);
    for i in 1..work.len() {
        work[i] += work[i - 1];
    }
    work[0]
}";
    let text = report(summed);
    assert_eq!(text.matches("what stood in").count(), 1, "{text}");
    let filled = "fn product(x: &[f64], out: &mut [f64], n: usize) {
    for i in 0..n {
        out[i] = x[i];
    }
    for i in 0..n {
        for j in i..n {
            out[j] += x[i];
        }
    }
}";
    let text = report(filled);
    assert_eq!(text.matches("what stood in").count(), 1, "{text}");
}

#[test]
fn the_report_says_what_is_saved_how_often_and_why() {
    let source = "fn work(x: &[f64], by: f64, out: &mut [f64]) -> f64 {
    let mut total = 1.0;
    for i in 0..x.len() {
        let y = (x[i] * by).tanh();
        if y > 0.5 {
            continue;
        }
        total *= helper(y, out);
        out[i] = total;
    }
    total
}";
    let report = report(source);
    let lines: Vec<&str> = report
        .lines()
        .map(str::trim)
        .filter(|it| !it.is_empty() && !it.starts_with("line "))
        .collect();
    let expected = [
        "What `work` saves for its reverse half.",
        "`by`, a number, once: the caller gave it away; read for line 4",
        "`total`, a number, once: it is assigned, so that its operation does not tell its value; read for line 8",
        "`y`, a number, in each turn of the loop in line 3: its operation is dear, or reads what is gone by then; read for \
         line 4",
        "which branch was taken, a mark, in each turn of the loop in line 3: the reverse half goes the same way",
        "whether this exit was taken, a mark, in each turn of the loop in line 3: what stands behind is not undone where it \
         was taken",
        "`called`, of a type that the tokens do not show, in each turn of the loop in line 3: its operation is dear, or \
         reads what is gone by then; read for line 8",
        "what the function called saves, in each turn of the loop in line 3: a call keeps what its own reverse half needs",
        "what stood in `total`, a number, in each turn of the loop in line 3: it is overwritten here; read for line 8",
        "what stood in `out[i]`, a number, in each turn of the loop in line 3: it is overwritten here; read for line 8; the \
         caller may read it",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn goldens() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(testdata())
        .expect("the test data is part of the package")
        .map(|it| it.expect("a readable directory").path())
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 8, "the cases are there");
    for case in cases {
        let source = std::fs::read_to_string(&case).expect("a readable case");
        let found = stages(&source);
        let expected = case.with_extension("txt");
        if update {
            std::fs::write(&expected, &found).expect("a writable directory");
            continue;
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(
            comparable(&found),
            comparable(&wanted),
            "{} differs; run with UPDATE_EXPECT=1 and read the difference",
            case.display()
        );
    }
}

#[test]
fn output_is_deterministic() {
    let item = quote!(
        fn f(x: f64, v: &[f64]) -> f64 {
            let mut s = x;
            for a in v {
                if *a > 0.0 {
                    s = s * a.sin();
                }
            }
            s
        }
    );
    let first = crate::compile::differentiate(TokenStream::new(), item.clone()).to_string();
    for _ in 0..20 {
        assert_eq!(
            crate::compile::differentiate(TokenStream::new(), item.clone()).to_string(),
            first
        );
    }
}

#[test]
fn the_primal_is_untouched_and_first() {
    let item = quote!(
        #[inline]
        pub(crate) fn f<T: Real>(x: T) -> T
        where
            T: Copy,
        {
            x * x
        }
    );
    let out = crate::compile::differentiate(TokenStream::new(), item.clone()).to_string();
    assert!(out.starts_with(&item.to_string()), "{out}");
}

#[test]
fn all_errors_are_reported_and_the_primal_survives() {
    let item = quote!(
        fn f(x: &mut [f64], g: fn(f64) -> f64) -> f64 {
            let mut t;
            t = unsafe { x[0] };
            t
        }
    );
    let out = crate::compile::differentiate(TokenStream::new(), item).to_string();
    assert_eq!(out.matches("compile_error").count(), 3, "{out}");
    assert!(out.contains("fn f"));
}

#[test]
fn a_renamed_runtime_is_named_everywhere() {
    let item = quote!(
        fn f(x: f64, v: &[f64]) -> f64 {
            v.iter().map(|a| a * x).sum::<f64>() + v.len() as f64
        }
    );
    let out = crate::compile::differentiate(quote!(crate = other::path), item).to_string();
    assert!(out.contains("other :: path :: __private"));
    assert!(!out.contains(":: differentiate ::"), "{out}");
}

/// What the macro panicked at, by the fuzz test.
#[test]
fn odd_functions_and_names_are_answered() {
    let functions = [
        "fn f(v: &[f64]) -> f64 { v.iter().map(sin as fn(&f64) -> f64).sum() }",
        "fn f(x: f64) -> f64 { f64::Self(x) }",
    ];
    for text in functions {
        let item: TokenStream = text.parse().expect("tokens");
        let out = crate::compile::differentiate(TokenStream::new(), item.clone()).to_string();
        assert!(out.starts_with(&item.to_string()), "{out}");
    }
    let item: TokenStream =
        "fn f(x: f64) -> f64 { let v = [x; if A { 1 } else { 2 } + 1]; v[0] * x }"
            .parse()
            .expect("tokens");
    let out = crate::compile::differentiate(quote!(order = 2), item).to_string();
    assert!(out.contains("repeated"), "{out}");
    let item: TokenStream = "fn f(x: f64) -> f64 + { x }".parse().expect("tokens");
    let out = crate::compile::differentiate(TokenStream::new(), item).to_string();
    assert!(out.contains("compile_error"), "{out}");
    let item = quote!(
        struct S {
            v: [f64; Self],
        }
    );
    assert!(!crate::derive::differentiable(item).is_empty());
}
