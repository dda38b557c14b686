//! The macro over every function of the sources of this project's own dependencies, which the lock file pins: none may make
//! it panic, and each yields code or errors. Nobody wrote them for differentiation, so that they try what no test thinks of.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};

use super::counts::counted;

/// The packages that are read, as far as they are there.
const PACKAGES: [&str; 30] = [
    "nalgebra",
    "simba",
    "num-traits",
    "num-complex",
    "num-rational",
    "num-integer",
    "num-bigint",
    "approx",
    "libm",
    "matrixmultiply",
    "glam",
    "wide",
    "rand",
    "typenum",
    "plotters",
    "syn",
    "proc-macro2",
    "winnow",
    "serde_core",
    "serde_json",
    "csv",
    "hashbrown",
    "indexmap",
    "memchr",
    "futures-util",
    "flate2",
    "miniz_oxide",
    "zlib-rs",
    "indicatif",
    "console",
];

/// Deep trees of blocks need a stack, as they do in rustc.
const STACK: usize = 64 << 20;

/// What Cargo knows of the packages in the lock file. Those of other platforms may have to be fetched.
fn metadata() -> String {
    let ask = |how: &[&str]| {
        Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .args(how)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs")
    };
    let mut output = ask(&["--offline"]);
    if !output.status.success() {
        output = ask(&[]);
    }
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The directories of the packages, from the lock file's resolution.
fn packages() -> BTreeMap<String, PathBuf> {
    let text = metadata();
    // The paths of the manifests are all that is wanted of the answer.
    let manifests = text
        .split("\"manifest_path\":\"")
        .skip(1)
        .filter_map(|it| it.split('"').next());
    manifests
        .filter_map(|it| {
            let directory = Path::new(it).parent()?;
            let name = directory.file_name()?.to_str()?;
            let (name, _) = name.rsplit_once('-')?;
            PACKAGES
                .contains(&name)
                .then(|| (name.to_owned(), directory.to_owned()))
        })
        .collect()
}

pub(super) fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

/// Functions and `impl` blocks, as they would stand under the attribute.
#[derive(Default)]
struct Items {
    items: Vec<(TokenStream, bool)>,
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item_fn(&mut self, it: &'ast syn::ItemFn) {
        self.push(&it.sig, it.to_token_stream());
        visit::visit_item_fn(self, it);
    }
    fn visit_impl_item_fn(&mut self, it: &'ast syn::ImplItemFn) {
        self.push(&it.sig, it.to_token_stream());
        visit::visit_impl_item_fn(self, it);
    }
    fn visit_item_impl(&mut self, it: &'ast syn::ItemImpl) {
        self.items.push((it.to_token_stream(), false));
        visit::visit_item_impl(self, it);
    }
}

impl Items {
    fn push(&mut self, sig: &syn::Signature, tokens: TokenStream) {
        let text = sig.to_token_stream().to_string();
        let of_numbers = ["f64", "f32"].iter().any(|it| text.contains(it));
        self.items.push((tokens, of_numbers));
    }
}

#[derive(Debug, Default)]
struct Count {
    items: usize,
    of_numbers: usize,
    accepted: usize,
    panicked: Vec<String>,
}

fn count(files: &[PathBuf]) -> Count {
    let mut count = Count::default();
    for file in files {
        let Ok(text) = std::fs::read_to_string(file) else {
            continue;
        };
        let Ok(parsed) = syn::parse_file(&text) else {
            continue;
        };
        let mut items = Items::default();
        items.visit_file(&parsed);
        for (item, of_numbers) in items.items {
            let name: String = item.to_string().chars().take(160).collect();
            count.items += 1;
            count.of_numbers += usize::from(of_numbers);
            let run = AssertUnwindSafe(|| crate::compile::differentiate(quote!(), item));
            match catch_unwind(run) {
                Ok(out) => {
                    let refused = out.to_string().contains("compile_error");
                    count.accepted += usize::from(of_numbers && !refused);
                }
                Err(_) => count.panicked.push(format!("{}: {name}", file.display())),
            }
        }
    }
    count
}

#[test]
fn functions_of_the_dependencies() {
    let mut files = Vec::new();
    for directory in packages().values() {
        sources(directory, &mut files);
    }
    let workers: Vec<_> = (0..2)
        .map(|half| {
            let own = files.iter().skip(half).step_by(2).cloned();
            let own: Vec<PathBuf> = own.collect();
            let worker = std::thread::Builder::new().stack_size(STACK);
            worker.spawn(move || count(&own)).expect("a thread")
        })
        .collect();
    let mut count = Count::default();
    for worker in workers {
        let part = worker.join().expect("an answer");
        count.items += part.items;
        count.of_numbers += part.of_numbers;
        count.accepted += part.accepted;
        count.panicked.extend(part.panicked);
    }
    assert!(count.panicked.is_empty(), "{:#?}", count.panicked);
    counted("functions and blocks of dependencies", count.items);
    counted("of them functions of `f32` or `f64`", count.of_numbers);
    let share = count.accepted * 100 / count.of_numbers.max(1);
    counted("percent of these accepted", share);
}
