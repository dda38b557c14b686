//! Programs that must not compile, and what the user reads then.
//!
//! `ui/` has a folder for each reason. Every program holds one mistake, but for those in `several/`. The messages that
//! come from rustc change from release to release, so the comparison runs under one toolchain only; on any other it
//! says so and passes. `TRYBUILD=overwrite cargo test -p differentiate-tests --test ui` writes the messages anew.

#[path = "../counts.rs"]
mod counts;
#[path = "ui/page.rs"]
mod page;

use std::io::Write;
use std::path::Path;
use std::process::Command;

/// The toolchain that the `.stderr` files were made with.
const TOOLCHAIN: &str = "rustc 1.95.";

#[test]
fn messages() {
    let version = rustc_version();
    if !version.starts_with(TOOLCHAIN) {
        // Not `println!`, which the harness hides when a test passes.
        let why = format!(
            "skipped: the messages in tests/ui were recorded with {TOOLCHAIN}x, and rustc's wording changes between \
             releases; this is {version}\n"
        );
        let _ = std::io::stderr().write_all(why.as_bytes());
        return;
    }
    counts::counted("snapshots of errors", programs());
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/*.rs");
}

/// How many programs must not compile.
fn programs() -> usize {
    let entries = |directory: &Path| {
        let entries = std::fs::read_dir(directory).expect("a folder");
        entries.map(|it| it.expect("an entry").path())
    };
    let folders = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"));
    let files = folders.flat_map(|it| entries(&it).collect::<Vec<_>>());
    files
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .count()
}

/// `rustc -V` of the compiler that builds the cases.
fn rustc_version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    match Command::new(&rustc).arg("-V").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Err(error) => format!("unknown ({} -V: {error})", rustc.display()),
    }
}
