//! Deep and long functions, on the stack that rustc has: what is within the limits is accepted, and what is beyond them
//! is an error. An overflow would end the test.

use std::fmt::Write;

use proc_macro2::TokenStream;
use quote::quote;

/// What rustc's own thread has.
const STACK: usize = 8 << 20;

/// Is the function accepted?
fn accepted(args: &TokenStream, source: &str) -> bool {
    let item = source.parse().expect("tokens");
    let out = crate::compile::differentiate(args.clone(), item);
    !out.to_string().contains("compile_error")
}

fn on_a_stack_of_rustc(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK);
    let done = thread.spawn(run).expect("a thread").join();
    assert!(done.is_ok());
}

fn body(body: &str) -> String {
    format!("fn f(x: f64, n: usize) -> f64 {{ {body} }}")
}

/// `before` and `after` around `x`, so many times.
fn around(before: &str, after: &str, times: usize) -> String {
    body(&format!("{}x{}", before.repeat(times), after.repeat(times)))
}

#[test]
fn what_is_within_the_limits_is_accepted() {
    on_a_stack_of_rustc(|| {
        for order in [quote!(), quote!(order = 2)] {
            for source in [
                around("(", ")", 255),
                around("(", " + x)", 255),
                around("(x * ", ")", 255),
                around("g(", ")", 255),
                around("{ let x = x * 2.0; ", " }", 150),
                around("if x > 0.0 { ", " } else { x * x }", 150),
                around("match n { 0 => ", ", _ => x }", 120),
                body(&format!("{}{{ x }}", "if n == 0 { x } else ".repeat(150))),
                around("", ".sin()", 150),
                around("-", "", 150),
                around("", " as f64", 150),
            ] {
                assert!(accepted(&order, &source), "{source}");
            }
        }
        for source in [
            around("", " + x", 4000),
            around("", " * x - x / x", 1300),
            format!("mod m {{ {} }}", around("", " + x", 4000)),
            body(&format!("let k = n{}; x * k as f64", " + n".repeat(4000))),
        ] {
            assert!(accepted(&quote!(), &source), "{source}");
        }
    });
}

#[test]
fn what_is_beyond_them_is_an_error() {
    /// What stands before and behind the middle.
    const NESTED: [(&str, &str); 38] = [
        ("(", ")"),
        ("(", " + x)"),
        ("(x + ", ")"),
        ("[", "]"),
        ("{ ", " }"),
        ("g(", ")"),
        ("(|y: f64| ", ")(x)"),
        ("|a: f64| ", ""),
        ("|a: f64, b: f64| ", ""),
        ("if x > 0.0 { ", " } else { x }"),
        ("if n == 0 { x } else ", "{ x }"),
        ("if ", " { true } else { false }"),
        ("match n { 0 => ", ", _ => x }"),
        ("match ", " { _ => 1.0 }"),
        ("for i in 0..n { ", " }"),
        ("while x < 1.0 { ", " }"),
        ("loop { ", " }"),
        ("let y = ", ";"),
        ("if let y = x && ", ""),
        ("return ", ""),
        ("break ", ""),
        ("-", ""),
        ("!", ""),
        ("&", ""),
        ("&mut ", ""),
        ("*", ""),
        ("y = ", ""),
        ("y += ", ""),
        ("", ".sin()"),
        ("", ".y"),
        ("", "?"),
        ("", "[0]"),
        ("", "(x)"),
        ("", " as f64"),
        ("", " + x"),
        ("", " ^ x"),
        ("", " << x"),
        ("", " && x"),
    ];
    on_a_stack_of_rustc(|| {
        for times in [50, 100, 200, 400, 1000, 5000] {
            for (before, after) in NESTED {
                let found = accepted(&quote!(), &around(before, after, times));
                assert!(times < 5000 || !found, "{before} x {after}");
            }
            for (before, after) in [
                ("Vec<", ">"),
                ("Map<u8, ", ">"),
                ("fn() -> ", ""),
                ("&", ""),
                ("[", "; 2]"),
                ("(", ",)"),
            ] {
                let ty = format!("{}f64{}", before.repeat(times), after.repeat(times));
                let item: TokenStream = format!("struct S {{ a: {ty} }}").parse().expect("tokens");
                let derived = crate::derive::differentiable(item).to_string();
                let found = accepted(&quote!(), &format!("fn f(x: f64, y: {ty}) -> f64 {{ x }}"));
                let either = found || !derived.contains("compile_error");
                assert!(times < 5000 || !either, "{ty}");
            }
        }
    });
}

#[test]
fn lists_may_be_long() {
    let numbers = "-1.0, ".repeat(3000);
    let arms = "1 | 2 => x, ".repeat(100);
    let statements = "if x < 1.0 { y = y * x; } ".repeat(1000);
    let sums = "x * y - p.a * p.b + ".repeat(500);
    for source in [
        body(&format!("x * [{numbers}][n]")),
        body(&format!("match n {{ {arms} _ => x }}")),
        body(&format!("let mut y = x; {statements} y")),
        format!("fn f(x: f64, y: f64, p: &Params) -> f64 {{ {sums} x }}"),
    ] {
        on_a_stack_of_rustc(move || assert!(accepted(&quote!(), &source), "{source}"));
    }
}

#[test]
fn functions_that_are_written_out_end() {
    let conditional = "impl Wrapper {
        #[cfg(one)] fn push(&mut self, x: f64) -> f64 { self.push(x) }
        #[cfg(two)] fn push<T>(&mut self, x: T) -> f64 { 0.0 }
        fn f(&mut self, x: f64) -> f64 { self.push(x) }
    }";
    let (mut doubled, mut closures) = (String::new(), String::new());
    for at in 0..60 {
        let next = at + 1;
        let _ = writeln!(
            doubled,
            "fn f{at}(x: f64) -> f64 {{ f{next}(x) * f{next}(x) }}"
        );
        let _ = writeln!(closures, "let g{next} = |x: f64| g{at}(x) * g{at}(x);");
    }
    for source in [
        conditional.to_owned(),
        format!("mod m {{ {doubled} fn f60(x: f64) -> f64 {{ x }} }}"),
        body(&format!("let g0 = |x: f64| x; {closures} g60(x)")),
    ] {
        on_a_stack_of_rustc(move || {
            accepted(&quote!(), &source);
        });
    }
}
