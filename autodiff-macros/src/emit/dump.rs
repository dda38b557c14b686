//! `#[differentiate(dump)]`: the generated code, formatted and commented, in a file.
//!
//! The file is `target/differentiate/<package>-<function>.rs` below the manifest of the user's package, or in the
//! directory that the environment variable `DIFFERENTIATE_DUMP` names, which also asks for the dump of every function.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::options::Options;

const DIRECTORY: &str = "DIFFERENTIATE_DUMP";

/// Is a dump asked for?
pub(super) fn wanted(options: &Options) -> bool {
    options.dump.is_some() || std::env::var_os(DIRECTORY).is_some()
}

/// A mark that becomes a comment with the source line of a statement.
pub(super) fn comment(span: Span, half: &str) -> TokenStream {
    let line = span.start().line;
    let text = span.source_text().unwrap_or_default();
    let first = text.lines().next().unwrap_or_default().trim();
    let text = format!("{half} of line {line}: {first}");
    quote!(__comment!(#text);)
}

/// Takes the marks out of the code that is compiled.
pub(super) fn strip(tokens: TokenStream) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let mut out = TokenStream::new();
    let mut iter = tokens.into_iter();
    while let Some(token) = iter.next() {
        match token {
            TokenTree::Ident(ident) if ident == "__comment" => {
                for _ in 0..3 {
                    iter.next();
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), strip(group.stream()));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

/// Writes the file. A failure to write is not an error of the user's program; the code is compiled all the same.
pub(super) fn write(name: &str, tokens: &TokenStream) {
    write_file(DIRECTORY, &format!("{name}.rs"), &readable(tokens));
}

/// Writes a file into the directory that an environment variable names, or below the manifest.
pub(super) fn write_file(variable: &str, name: &str, text: &str) {
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let directory = std::env::var_os(variable).map_or_else(
        || {
            PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default())
                .join("target/differentiate")
        },
        PathBuf::from,
    );
    if std::fs::create_dir_all(&directory).is_ok() {
        let path = directory.join(format!("{package}-{name}"));
        drop(std::fs::write(path, text));
    }
}

/// The code, formatted if `rustfmt` is there.
pub(super) fn readable(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    let formatted = rustfmt(&text).unwrap_or(text);
    let lines: Vec<String> = formatted.lines().map(readable_line).collect();
    lines.join("\n") + "\n"
}

/// Marks become comments, and paths of the runtime are shortened.
fn readable_line(line: &str) -> String {
    let trimmed = line.trim_start();
    if let Some(rest) = trimmed.strip_prefix("__comment!(\"") {
        let text = rest.trim_end_matches("\");").replace("\\\"", "\"");
        let indent = &line[..line.len() - trimmed.len()];
        return format!("{indent}// {text}");
    }
    line.replace("::differentiate::__private::", "rt::")
        .replace("::core::option::Option::", "")
        .replace("::core::clone::", "")
        .replace("::core::primitive::", "")
}

fn rustfmt(text: &str) -> Option<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=120"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).ok())
        .flatten()
}
