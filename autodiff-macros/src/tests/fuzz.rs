//! Mutated tokens of real functions: whatever the macro is given, it neither panics nor hangs, and gives tokens back;
//! what it gives back without an error is Rust.
//!
//! The ordinary test takes 20,000 inputs, always the same. `DIFFERENTIATE_FUZZ=1000000 cargo test --release -p
//! autodiff-macros fuzz` takes a million, `DIFFERENTIATE_FUZZ_SEED=7` other ones, `DIFFERENTIATE_FUZZ_ONLY=42` the one
//! that a failure names, and prints it. With `DIFFERENTIATE_FUZZ_TRACE=FILE`, the number of the input that each worker is at
//! stands in `FILE.0` and `FILE.1`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use super::corpus::{Input, Kind, corpus};
use super::counts::counted;

/// How many inputs the ordinary test takes.
const INPUTS: usize = 20_000;

/// How long one input may take. The largest of the corpus takes some hundredths of a second.
const LIMIT: Duration = Duration::from_secs(30);

/// Deep trees of blocks need a stack, as they do in rustc.
const STACK: usize = 64 << 20;

/// Larger items are left out: there are enough small ones, and they are tried more often.
const SIZE: usize = 1500;

const WORDS: [&str; 59] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while", "yield", "f64", "usize", "Vec", "Some", "None", "Ok",
    "detach", "iter_mut", "map", "sum", "vec", "x", "x_2", "d_x", "len", "push", "clone", "sin",
    "wrt", "pullback",
];

const PUNCTS: &str = "+-*/%^!&|=<>@.,;:#$?~";

const OPTIONS: [&str; 12] = [
    "wrt(x)",
    "wrt()",
    "name = g",
    "recursive",
    "dump = 1",
    "crate = a::b",
    "pullback = p",
    "rule(a::b = c)",
    "rule(a)",
    "wrt(x, y), recursive",
    "nothing",
    "=",
];

fn size(tokens: &TokenStream) -> usize {
    let inner = |it: TokenTree| match it {
        TokenTree::Group(it) => 1 + size(&it.stream()),
        _ => 1,
    };
    tokens.clone().into_iter().map(inner).sum()
}

/// A token tree somewhere in `tokens`.
fn pick(rng: &mut Rng, tokens: &TokenStream) -> Option<TokenTree> {
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let one = rng.choice(&all)?.clone();
    match &one {
        TokenTree::Group(it) if rng.u8(..4) > 0 => pick(rng, &it.stream()).or(Some(one)),
        _ => Some(one),
    }
}

fn word(rng: &mut Rng) -> TokenTree {
    let text = WORDS[rng.usize(..WORDS.len())];
    if rng.u8(..16) == 0 && !["crate", "self", "super", "Self"].contains(&text) {
        return TokenTree::Ident(Ident::new_raw(text, Span::call_site()));
    }
    TokenTree::Ident(Ident::new(text, Span::call_site()))
}

fn punct(rng: &mut Rng) -> TokenTree {
    let chars: Vec<char> = PUNCTS.chars().collect();
    let spacing = if rng.bool() {
        Spacing::Alone
    } else {
        Spacing::Joint
    };
    TokenTree::Punct(Punct::new(chars[rng.usize(..chars.len())], spacing))
}

fn literal(rng: &mut Rng) -> TokenTree {
    TokenTree::Literal(match rng.u8(..8) {
        0 => Literal::usize_unsuffixed(rng.usize(..4)),
        1 => Literal::f64_unsuffixed(rng.f64()),
        2 => Literal::f32_suffixed(1.5),
        3 => Literal::u128_suffixed(u128::MAX),
        4 => Literal::string("text"),
        5 => Literal::character('c'),
        6 => Literal::byte_string(b"bytes"),
        _ => Literal::i32_unsuffixed(7),
    })
}

fn delimiter(rng: &mut Rng) -> Delimiter {
    match rng.u8(..4) {
        0 => Delimiter::Parenthesis,
        1 => Delimiter::Brace,
        2 => Delimiter::Bracket,
        _ => Delimiter::None,
    }
}

/// One change, at a place that is the likelier the larger it is.
fn mutate(rng: &mut Rng, tokens: TokenStream, other: &TokenStream) -> TokenStream {
    let mut all: Vec<TokenTree> = tokens.into_iter().collect();
    if all.is_empty() {
        all.extend(pick(rng, other));
        return all.into_iter().collect();
    }
    let at = rng.usize(..all.len());
    let groups: Vec<usize> = (0..all.len())
        .filter(|it| matches!(all[*it], TokenTree::Group(_)))
        .collect();
    if let Some(at) = rng.choice(&groups).filter(|_| rng.u8(..8) > 0)
        && let TokenTree::Group(group) = &all[*at]
    {
        let inner = mutate(rng, group.stream(), other);
        all[*at] = TokenTree::Group(Group::new(group.delimiter(), inner));
        return all.into_iter().collect();
    }
    match rng.u8(..14) {
        0 => {
            all.remove(at);
        }
        1 => {
            let one = all[at].clone();
            all.insert(at, one);
        }
        2 => {
            let to = rng.usize(..all.len());
            all.swap(at, to);
        }
        3 => all.truncate(at),
        4 => {
            all.drain(..at);
        }
        5 | 6 => {
            if let Some(one) = pick(rng, other) {
                all[at] = one;
            }
        }
        7 => all.splice(at..at, pick(rng, other)).for_each(drop),
        8 => all.splice(at..at, other.clone()).for_each(drop),
        9 => all[at] = word(rng),
        10 => {
            let new = word(rng);
            all.insert(at, new);
        }
        11 => all[at] = punct(rng),
        12 => all[at] = literal(rng),
        _ => {
            let to = rng.usize(at..all.len());
            let inner: TokenStream = all.drain(at..=to).collect();
            let group = Group::new(delimiter(rng), inner);
            all.insert(at, TokenTree::Group(group));
        }
    }
    all.into_iter().collect()
}

/// The input of a number.
fn input(corpus: &[Input], seed: u64, number: usize) -> Input {
    let mut rng = Rng::with_seed(seed ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let rng = &mut rng;
    let mut input = corpus[rng.usize(..corpus.len())].clone();
    let other = &corpus[rng.usize(..corpus.len())].item;
    for _ in 0..=rng.u8(..4) {
        input.item = mutate(rng, input.item, other);
    }
    match rng.u8(..16) {
        0 => {
            let text = OPTIONS[rng.usize(..OPTIONS.len())];
            input.args = text.parse().expect("tokens");
        }
        1 => input.args = mutate(rng, input.args, other),
        2 => {
            input.kind = match input.kind {
                Kind::Attribute => Kind::Derive,
                Kind::Derive => Kind::Attribute,
            }
        }
        _ => {}
    }
    input
}

/// Was the input accepted, or what is wrong with the answer?
fn judge(input: Input) -> Result<bool, String> {
    let text = std::env::var_os("DIFFERENTIATE_FUZZ_ONLY").map(|_| input.item.to_string());
    if let Some(text) = &text {
        println!("#[differentiate({})]\n{text}", input.args);
    }
    let out = match catch_unwind(AssertUnwindSafe(|| input.expand())) {
        Ok(out) => out,
        Err(panic) => {
            let message = panic.downcast_ref::<String>().cloned();
            let message = message.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).into()));
            return Err(format!("panics: {}", message.unwrap_or_default()));
        }
    };
    if out.is_empty() {
        return Err("gives nothing back".to_owned());
    }
    if mentions(&out, "compile_error") {
        return Ok(false);
    }
    match syn::parse2::<syn::File>(out.clone()) {
        Ok(_) => Ok(true),
        Err(error) => {
            if text.is_some() {
                println!("\n{out}");
            }
            Err(format!("gives back what is not Rust: {error}"))
        }
    }
}

fn mentions(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|it| match it {
        TokenTree::Group(it) => mentions(&it.stream(), word),
        TokenTree::Ident(it) => it == word,
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn variable(name: &str) -> Option<usize> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

/// Tokens of this implementation cannot go to another thread, so each reads the corpus itself.
fn small_corpus() -> Vec<Input> {
    let mut corpus = corpus(1);
    corpus.retain(|it| size(&it.item) <= SIZE);
    corpus
}

#[test]
fn mutated_tokens() {
    let seed = variable("DIFFERENTIATE_FUZZ_SEED").unwrap_or(1) as u64;
    let inputs = variable("DIFFERENTIATE_FUZZ").unwrap_or(INPUTS);
    let only = variable("DIFFERENTIATE_FUZZ_ONLY");
    let trace = std::env::var("DIFFERENTIATE_FUZZ_TRACE").ok();
    let next = Arc::new(AtomicUsize::new(only.unwrap_or(0)));
    let end = only.map_or(inputs, |it| it + 1);
    let failures = Arc::new(Mutex::new(Vec::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let accepted = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..2)
        .map(|worker| {
            // An overflow of the stack ends the process: what it was at stands in a file then.
            let trace = trace.as_ref().map(|it| format!("{it}.{worker}"));
            let (next, failures) = (Arc::clone(&next), Arc::clone(&failures));
            let (stop, accepted) = (Arc::clone(&stop), Arc::clone(&accepted));
            let busy = Arc::new(Mutex::new(None));
            let now = Arc::clone(&busy);
            let work = move || {
                let corpus = small_corpus();
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        break;
                    }
                    *now.lock().expect("a lock") = Some((number, Instant::now()));
                    if let Some(trace) = &trace {
                        std::fs::write(trace, number.to_string()).expect("a writable file");
                    }
                    let answer = judge(input(&corpus, seed, number));
                    *now.lock().expect("a lock") = None;
                    match answer {
                        Ok(is_accepted) => {
                            accepted.fetch_add(usize::from(is_accepted), Ordering::Relaxed);
                        }
                        Err(failure) => failures
                            .lock()
                            .expect("a lock")
                            .push(format!("input {number} {failure}")),
                    }
                }
            };
            let worker = std::thread::Builder::new().stack_size(STACK);
            (worker.spawn(work).expect("a thread"), busy)
        })
        .collect();
    while workers.iter().any(|(it, _)| !it.is_finished()) {
        std::thread::sleep(Duration::from_millis(20));
        for (_, busy) in &workers {
            let busy = *busy.lock().expect("a lock");
            if let Some((number, since)) = busy {
                assert!(since.elapsed() < LIMIT, "input {number} hangs");
            }
        }
    }
    for (worker, _) in workers {
        worker.join().expect("a worker");
    }
    let failures = failures.lock().expect("a lock");
    let accepted = accepted.load(Ordering::Relaxed);
    assert!(
        failures.is_empty(),
        "{} of {inputs} inputs: {:#?}",
        failures.len(),
        failures.iter().take(40).collect::<Vec<_>>()
    );
    if only.is_none() {
        counted("inputs of mutated tokens", inputs);
        counted(
            "percent of these accepted, too",
            accepted * 100 / inputs.max(1),
        );
    }
}
