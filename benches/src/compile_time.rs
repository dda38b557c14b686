//! What the attribute costs where it is compiled: `cargo check` of a package with one function, without it, with it, and
//! with what it expands to in its place.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, process};

/// Each figure is the shortest of so many runs.
const RUNS: usize = 5;

/// Where the attribute writes what it makes.
const DUMP: &str = "DIFFERENTIATE_DUMP";

const ATTRIBUTE: &str = "#[differentiate::differentiate]";

/// A package of its own in a directory that goes away with it.
struct Package(PathBuf);

impl Package {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = root.canonicalize().expect("the workspace is there");
        let path = env::temp_dir().join(format!("differentiate-compile-time-{}", process::id()));
        fs::create_dir_all(path.join("src")).expect("a directory for the package");
        let manifest = format!(
            "[package]\nname = \"compile-time\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\ndifferentiate = {{ path = {:?} }}\n\n[workspace]\n",
            root.display().to_string()
        );
        fs::write(path.join("Cargo.toml"), manifest).expect("a manifest");
        fs::copy(root.join("Cargo.lock"), path.join("Cargo.lock")).expect("a lock file");
        Package(path)
    }

    /// Checks this text.
    fn command(&self, text: &str) -> Command {
        fs::write(self.0.join("src/lib.rs"), text).expect("the text can be written");
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(["check", "--quiet"])
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env_remove(DUMP)
            .stdout(Stdio::null());
        command
    }

    /// What the attribute makes of a function with so many statements, behind the function itself.
    fn expanded(&self, statements: usize) -> String {
        let dump = self.0.join("dump");
        let status = self
            .command(&function(ATTRIBUTE, statements, RUNS))
            .env(DUMP, &dump)
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the package compiles");
        let made = fs::read_to_string(dump.join("compile-time-f.rs")).expect("a dump");
        // The dump has all but the namespace, and a short name for the path of the runtime.
        format!(
            "{}#[allow(non_camel_case_types)]\npub enum f {{}}\nuse ::differentiate::__private as rt;\n{made}",
            function("", statements, RUNS)
        )
    }

    /// How long it takes to check this text.
    fn check(&self, text: &str) -> Duration {
        let mut command = self.command(text);
        let start = Instant::now();
        let status = command.status().expect("cargo runs");
        assert!(status.success(), "the package compiles");
        start.elapsed()
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A function of so many statements on numbers. The comment makes each run another text.
fn function(attribute: &str, statements: usize, run: usize) -> String {
    let mut text = format!("// {run}\n{attribute}\npub fn f(x0: f64) -> f64 {{\n");
    for k in 1..=statements {
        let (before, half) = (k - 1, k / 2);
        let _ = match k % 3 {
            0 => writeln!(text, "    let x{k} = x{before}.sin() + x{half};"),
            1 => writeln!(text, "    let x{k} = x{before} * x{half} + 0.5;"),
            _ => writeln!(text, "    let x{k} = (x{before} - x{half}) / 3.0;"),
        };
    }
    let _ = writeln!(text, "    x{statements}\n}}");
    text
}

/// The table of compile times.
pub(crate) fn table() -> String {
    let package = Package::new();
    let clean = package.check("");
    let mut table = format!(
        "The first `cargo check` of a package that depends on `differentiate`, with all dependencies: {:.1} s.\n\n\
         | statements | `cargo check` without the attribute | with it | difference | of it the expansion | of it the check of what it makes |\n\
         |---|---|---|---|---|---|\n",
        clean.as_secs_f64()
    );
    for statements in [20, 200, 1000] {
        let expanded = package.expanded(statements);
        let mut shortest = [f64::INFINITY; 3];
        for run in 0..RUNS {
            let texts = [
                function("", statements, run),
                function(ATTRIBUTE, statements, run),
                format!("// {run}\n{expanded}"),
            ];
            for (shortest, text) in shortest.iter_mut().zip(&texts) {
                *shortest = shortest.min(package.check(text).as_secs_f64());
            }
        }
        let [without, with, pasted] = shortest;
        let _ = writeln!(
            table,
            "| {statements} | {without:.2} s | {with:.2} s | {:.2} s | {:.2} s | {:.2} s |",
            with - without,
            with - pasted,
            pasted - without
        );
    }
    table
}
