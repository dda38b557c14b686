//! `docs/errors.md`: every message of ours in the snapshots, with the code that it points at and the remedy.
//!
//! The page is made of the snapshots; with the environment variable `DIFFERENTIATE_BLESS` it is written instead of
//! compared. Messages that differ in names and numbers only are one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::counts::counted;

/// The folders of `ui`, in the order of the page.
const SECTIONS: [(&str, &str); 15] = [
    ("signature", "Signatures"),
    ("types", "Types and results"),
    ("arguments", "Options of the attribute"),
    ("derive", "`#[derive(Differentiable)]`"),
    ("missing-rule", "Calls without a derivative"),
    ("lost-derivative", "Derivatives that would be lost"),
    ("functions", "Functions as values"),
    ("data", "Data and patterns"),
    ("mutation", "Changes in place"),
    ("order", "Forward mode and second order"),
    ("views", "Mutable views"),
    ("lending", "Calls that write"),
    ("interior-mutability", "Cells"),
    ("unsupported", "Other statements and expressions"),
    ("several", "Several at once"),
];

/// How messages of rustc, of syn and of the standard library begin.
const NOT_OURS: [&str; 5] = [
    "expected",
    "unexpected end of input",
    "enum is not supported in",
    "implementation is not supported in",
    "`_` must mention the",
];

/// What of an E0277 is ours: the rest is rustc's.
const OURS: [&str; 7] = [
    "a check needs",
    "derivative",
    "would not be seen",
    "is not followed",
    "`#[no_diff]`",
    "needs a function that returns one number",
    "must be made of numbers",
];

/// For messages that hold no remedy: the beginning, and what to write.
const REMEDIES: [(&str, &str); 3] = [
    (
        "there is no loop or block to leave here",
        "name a loop or a block of this function, or of this closure, with `'label:`",
    ),
    (
        "this cannot be written here",
        "`let mut y = ..` or `mut y: f64`; for what the caller shall see, `y: &mut f64`",
    ),
    (
        "write the name without quotes",
        "`pullback = path`, `name = ident`",
    ),
];

#[derive(Debug)]
struct Message {
    text: String,
    /// The lines with the code that it points at.
    code: Vec<String>,
    /// The remedy.
    remedy: String,
}

/// Without what differs from program to program.
fn general(text: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '`' => {
                out.push_str(if quoted { "_`" } else { "`" });
                quoted = !quoted;
            }
            _ if quoted => {}
            '0'..='9' => {}
            c => out.push(c),
        }
    }
    out
}

fn is_ours(code: &str, text: &str) -> bool {
    match code {
        "" => !NOT_OURS.iter().any(|it| general(text).starts_with(it)),
        "E0277" => OURS.iter().any(|it| text.contains(it)),
        _ => false,
    }
}

/// The text of a note, with the lines that go on with it.
fn notes(block: &[&str]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let mut open = false;
    for line in block {
        let line = line.trim_start();
        if let Some(note) = line.strip_prefix("= note: ") {
            notes.push(note.to_owned());
            open = true;
        } else if ["= ", "|", "note:", "help:", "-->"]
            .iter()
            .any(|it| line.starts_with(it))
            || !open
        {
            open = false;
        } else if let Some(last) = notes.last_mut() {
            let _ = write!(last, " {}", line.trim());
        }
    }
    notes.retain(|it| {
        !it.starts_with("this error originates")
            && !it.starts_with("the full name for the type")
            && !it.starts_with("consider using `--verbose`")
            && !it.starts_with("`#[warn")
            && !it.starts_with("required for")
    });
    notes
}

fn remedy(text: &str, block: &[&str]) -> String {
    if let Some((_, remedy)) = REMEDIES.iter().find(|(start, _)| text.starts_with(start)) {
        return (*remedy).to_owned();
    }
    let notes = notes(block);
    if !notes.is_empty() {
        return notes.join("; ");
    }
    text.split_once("; ")
        .map(|(_, remedy)| remedy.to_owned())
        .unwrap_or_default()
}

/// The lines with the code, up to the first part that is about something else.
fn code(block: &[&str]) -> Vec<String> {
    let is_code = |line: &&&str| {
        let line = line.trim_start();
        line.starts_with('|') || line.starts_with(|c: char| c.is_ascii_digit()) || line == "..."
    };
    let mut lines: Vec<String> = block
        .iter()
        .skip_while(|it| !it.trim_start().starts_with("-->"))
        .skip(1)
        .take_while(is_code)
        .map(|it| it.trim_end().to_owned())
        .collect();
    let is_empty = |it: &String| it.trim() == "|";
    while lines.last().is_some_and(is_empty) {
        lines.pop();
    }
    while lines.first().is_some_and(is_empty) {
        lines.remove(0);
    }
    lines
}

fn messages(snapshot: &str) -> Vec<Message> {
    let lines: Vec<&str> = snapshot.lines().collect();
    let starts: Vec<usize> = (0..lines.len())
        .filter(|it| {
            ["error", "warning", "note", "help"]
                .iter()
                .any(|word| lines[*it].starts_with(word))
        })
        .chain([lines.len()])
        .collect();
    let mut found = Vec::new();
    for range in starts.windows(2) {
        let block = &lines[range[0]..range[1]];
        let Some((head, text)) = block[0].split_once(": ") else {
            continue;
        };
        let code_of_error = match head {
            "error" => "",
            head => head
                .strip_prefix("error[")
                .map_or("-", |it| it.trim_end_matches(']')),
        };
        // A label of E0277 may hang on a note of its own, which is a part of the same error.
        let end = starts
            .iter()
            .find(|it| **it > range[0] && (**it == lines.len() || lines[**it].starts_with("error")))
            .copied()
            .unwrap_or(lines.len());
        if is_ours(code_of_error, text) {
            found.push(Message {
                text: text.to_owned(),
                code: code(block),
                remedy: remedy(text, &lines[range[0]..end]),
            });
        }
    }
    found
}

fn snapshots(folder: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("ui")
        .join(folder);
    let mut all: Vec<PathBuf> = fs::read_dir(directory)
        .expect("a folder of programs")
        .map(|it| it.expect("a readable directory").path())
        .filter(|it| it.extension().is_some_and(|it| it == "stderr"))
        .collect();
    all.sort();
    all
}

const HEAD: &str = "\
# Errors

Every message of `#[differentiate]` and `#[derive(Differentiable)]`, with code that gets it and what to write instead.
Names in backticks stand for yours.
Messages of rustc itself are not listed.
What the limits behind them are is in [LIMITATIONS.md](../LIMITATIONS.md).

This page is made of the snapshots in `tests/ui`, and a test compares the two;
`DIFFERENTIATE_BLESS=1 cargo test -p differentiate-tests --test ui page` writes it anew.
";

/// The page, the messages without a remedy, and the number of all.
fn page() -> (String, Vec<String>, usize) {
    let mut page = HEAD.to_owned();
    let mut seen = BTreeSet::new();
    let mut bare = Vec::new();
    for (folder, title) in SECTIONS {
        let mut section = String::new();
        for path in snapshots(folder) {
            let text = fs::read_to_string(&path).expect("a readable snapshot");
            for message in messages(&text) {
                if !seen.insert(general(&message.text)) {
                    continue;
                }
                if message.remedy.is_empty() {
                    bare.push(message.text.clone());
                }
                let _ = writeln!(
                    section,
                    "\n### {}\n\n```text\n{}\n```\n\nInstead: {}.",
                    message.text,
                    message.code.join("\n"),
                    message.remedy
                );
            }
        }
        if !section.is_empty() {
            let _ = write!(page, "\n## {title}\n{section}");
        }
    }
    (page, bare, seen.len())
}

#[test]
fn the_page_lists_every_message() {
    let folders: BTreeSet<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"))
        .expect("the folder of programs")
        .map(|it| {
            it.expect("a folder")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let listed: BTreeSet<String> = SECTIONS.iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(folders, listed, "each folder is a section of the page");

    let (expected, bare, count) = page();
    assert!(bare.is_empty(), "messages without a remedy: {bare:#?}");
    counted("messages in docs/errors.md", count);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    if std::env::var_os("DIFFERENTIATE_BLESS").is_some() {
        fs::write(path, expected).expect("the page can be written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(
            found, expected,
            "docs/errors.md is not what the snapshots say"
        );
    }
    assert_eq!(
        found.lines().count(),
        expected.lines().count(),
        "docs/errors.md"
    );
}
