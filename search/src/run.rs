//! Compiles programs in batches, runs them, and says what became of each.

use crate::generate::Generated;
use crate::tree::{Over, indent};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

/// What became of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All interfaces agree with the dual numbers; a hash of all results.
    Accepted(String),
    /// There was no point at which a derivative could be compared.
    Skipped,
    /// The plain function does not compile or panics: the fault of the generator.
    Invalid(String),
    /// It does not compile under the attribute.
    Refused(String),
    /// It compiles and is wrong.
    Wrong(String),
}

impl Verdict {
    /// What kind of failure this is, without the particulars; `None` if it is none.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match self {
            Verdict::Accepted(_) | Verdict::Skipped | Verdict::Invalid(_) => None,
            Verdict::Refused(message) => Some(format!("refused: {}", general(message))),
            Verdict::Wrong(message) => Some(format!(
                "wrong: {}",
                general(message.split(" at [").next().unwrap_or(message))
            )),
        }
    }
}

/// A message without names and numbers.
#[must_use]
pub fn general(message: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for c in message.lines().next().unwrap_or("").chars() {
        match c {
            '`' => {
                quoted = !quoted;
                out.push(c);
            }
            _ if c.is_ascii_digit() => {}
            _ if quoted && !c.is_ascii_punctuation() && message.contains("types") => {}
            c => out.push(c),
        }
    }
    out
}

/// Where the compiled crates are, and how programs are compiled with them.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// What the programs are called that it makes.
    name: &'static str,
    differentiate: PathBuf,
    search: PathBuf,
    dependencies: PathBuf,
    flags: &'static [&'static str],
}

/// What `--sweep` compiles with: results must not depend on how a crate is cut into pieces, or put together again.
const SWEEP: [(&str, &[&str]); 4] = [
    ("one unit", &["-C", "opt-level=3", "-C", "codegen-units=1"]),
    (
        "sixteen units",
        &["-C", "opt-level=3", "-C", "codegen-units=16"],
    ),
    ("thin LTO", &["-C", "opt-level=3", "-C", "lto=thin"]),
    ("fat LTO", &["-C", "opt-level=2", "-C", "lto=fat"]),
];

impl Toolchain {
    /// Builds the crates without optimization.
    ///
    /// # Errors
    ///
    /// If cargo fails.
    pub fn debug() -> io::Result<Toolchain> {
        let flags = &["-C", "debug-assertions=on", "-C", "codegen-units=4"];
        Toolchain::new("debug", &[], flags)
    }

    /// Builds them with optimization.
    ///
    /// # Errors
    ///
    /// If cargo fails.
    pub fn release() -> io::Result<Toolchain> {
        Toolchain::new("release", &["--release"], &["-C", "opt-level=3"])
    }

    /// Builds them with optimization, for each way of a sweep.
    ///
    /// # Errors
    ///
    /// If cargo fails.
    pub fn sweep() -> io::Result<Vec<Toolchain>> {
        let lto = ["--release", "--config", "profile.release.lto=\"thin\""];
        let built = Toolchain::new("release", &lto, &[])?;
        let ways = SWEEP.iter().map(|(name, flags)| Toolchain {
            name,
            flags,
            ..built.clone()
        });
        Ok(ways.collect())
    }

    fn new(
        name: &'static str,
        profile: &[&str],
        flags: &'static [&'static str],
    ) -> io::Result<Toolchain> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
        command
            .args([
                "build",
                "-p",
                "differentiate-search",
                "-p",
                "differentiate",
                "--lib",
            ])
            .args(["--message-format=json", "--quiet"])
            .args(profile)
            .current_dir(root)
            .stderr(Stdio::inherit());
        let output = command.output()?;
        if !output.status.success() {
            return Err(io::Error::other("cargo build fails"));
        }
        let mut found = BTreeMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            if let (Some(name), Some(files)) = (
                message["target"]["name"].as_str(),
                message["filenames"].as_array(),
            ) && let Some(file) = files
                .iter()
                .filter_map(Value::as_str)
                .find(|f| Path::new(f).extension().is_some_and(|e| e == "rlib"))
            {
                found.insert(name.to_string(), PathBuf::from(file));
            }
        }
        let get = |name: &str| {
            found
                .get(name)
                .cloned()
                .ok_or_else(|| io::Error::other(format!("no library {name}")))
        };
        let search = get("differentiate_search")?;
        let parent = search.parent().unwrap_or(Path::new("."));
        Ok(Toolchain {
            name,
            differentiate: get("differentiate")?,
            dependencies: parent.join("deps"),
            search,
            flags,
        })
    }
}

/// A program with a number, as it is compiled.
#[derive(Clone, Debug)]
pub struct Case {
    /// The number, unique in its batch.
    pub number: usize,
    /// The program.
    pub program: Generated,
}

const HEADER: &str = "use differentiate::{detach, differentiate, Differentiable, nalgebra, nalgebra::{DVector, Matrix3, Vector3}};\nuse differentiate_search::dual::{Dual, konst};\nuse differentiate_search::harness::*;\n";

/// The source of the module of a program.
#[must_use]
pub fn source(case: &Case, differentiated: bool) -> String {
    let Generated { items, glue, .. } = &case.program;
    let glue = crate::tree::node(crate::tree::Sort::Other, glue, Vec::new());
    let mut text = glue.text[0].split("§ENTRY§");
    let (functions, entry) = (text.next().unwrap_or(""), text.next().unwrap_or(""));
    let glue = crate::tree::node(crate::tree::Sort::Other, functions, Vec::new());
    let entry = entry.replace("NUMBER", &case.number.to_string());
    let duals = format!("{}{}", items.print(Over::Duals), glue.print(Over::Duals));
    if differentiated {
        let mut plain = format!("{}{}", items.print(Over::Floats), glue.print(Over::Floats));
        if case.program.order > 1 {
            plain = plain.replace("#[differentiate]", "#[differentiate(order = 2)]");
        }
        indent(&format!(
            "pub mod plain {{\n{HEADER}{plain}}}\npub mod duals {{\n{HEADER}{duals}}}\npub fn entry() -> differentiate_search::harness::Program {{\nuse differentiate_search::harness::{{Program, Second}};\n{entry}\n}}\n"
        ))
    } else {
        indent(&format!(
            "pub mod plain {{\n{HEADER}{}}}\npub mod duals {{\n{HEADER}{duals}}}\n",
            items.print(Over::Plain)
        ))
    }
}

/// How far a batch is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Without the attribute, types and borrows only.
    Plain,
    /// With the attribute, types and borrows only.
    Check,
    /// With the attribute, to be run.
    Run,
}

struct Compiled {
    success: bool,
    /// The first error of each file.
    errors: BTreeMap<usize, String>,
    stderr: String,
}

fn rustc(
    chain: &Toolchain,
    directory: &Path,
    cases: &[&Case],
    stage: Stage,
    limit: Duration,
) -> io::Result<Compiled> {
    let differentiated = stage != Stage::Plain;
    let mut main = String::from("#![allow(warnings)]\n");
    for case in cases {
        fs::write(
            directory.join(format!("p{}.rs", case.number)),
            source(case, differentiated),
        )?;
        let _ = writeln!(main, "mod p{};", case.number);
    }
    main.push_str("fn main() {\n");
    if differentiated {
        main.push_str("    differentiate_search::harness::main(&[");
        for case in cases {
            let _ = write!(main, "p{}::entry(), ", case.number);
        }
        main.push_str("]);\n");
    }
    main.push_str("}\n");
    let file = directory.join("main.rs");
    fs::write(&file, main)?;
    let mut command = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into()));
    command
        .arg(&file)
        .args(["--edition", "2024", "--crate-name", "programs"])
        .args(["--error-format=json", "--cap-lints", "allow"])
        .arg("-L")
        .arg(format!("dependency={}", chain.dependencies.display()))
        .arg("--extern")
        .arg(format!("differentiate={}", chain.differentiate.display()))
        .arg("--extern")
        .arg(format!("differentiate_search={}", chain.search.display()));
    if stage == Stage::Run {
        command
            .args(["--crate-type", "bin", "-C", "debuginfo=0"])
            .arg("-o")
            .arg(directory.join("programs"))
            .args(chain.flags);
    } else {
        command
            .args(["--crate-type", "lib", "--emit=metadata"])
            .arg("-o")
            .arg(directory.join("plain.rmeta"));
    }
    let log = directory.join("rustc.log");
    let status = finish(command.stderr(fs::File::create(&log)?), limit)?;
    let stderr = fs::read_to_string(&log)?;
    let mut errors = BTreeMap::new();
    for line in stderr.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if message["level"] != "error" {
            continue;
        }
        let mut text = message["message"].as_str().unwrap_or("").to_string();
        if text.contains("panicked") {
            for child in message["children"].as_array().into_iter().flatten() {
                text.push_str(": ");
                text.push_str(child["message"].as_str().unwrap_or(""));
            }
        }
        let spans = message["spans"].as_array().cloned().unwrap_or_default();
        let owner = spans
            .iter()
            .filter(|s| s["is_primary"] == true)
            .chain(&spans)
            .find_map(owner);
        if let Some((number, line)) = owner {
            let at = fs::read_to_string(directory.join(format!("p{number}.rs")))
                .unwrap_or_default()
                .lines()
                .nth(line.saturating_sub(1))
                .unwrap_or("")
                .trim()
                .to_string();
            errors
                .entry(number)
                .or_insert_with(|| format!("{text}\nat: {at}"));
        }
    }
    Ok(Compiled {
        success: status,
        errors,
        stderr,
    })
}

/// The program that a span belongs to, and the line.
fn owner(span: &Value) -> Option<(usize, usize)> {
    let file = Path::new(span["file_name"].as_str()?)
        .file_name()?
        .to_str()?;
    if let Some(number) = file
        .strip_prefix('p')
        .and_then(|f| f.strip_suffix(".rs"))
        .and_then(|n| n.parse().ok())
    {
        let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
        return Some((number, line));
    }
    owner(&span["expansion"]["span"])
}

/// Waits for a command, at most so long; whether it succeeded.
fn finish(command: &mut Command, limit: Duration) -> io::Result<bool> {
    let mut child = command.stdin(Stdio::null()).spawn()?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Judges programs, all in one crate as far as that works: those that are accepted must give the same bits with all
/// toolchains.
///
/// # Errors
///
/// If files cannot be written or processes not be started.
pub fn judge(
    chain: &Toolchain,
    others: &[Toolchain],
    directory: &Path,
    cases: &[Case],
) -> io::Result<BTreeMap<usize, Verdict>> {
    fs::create_dir_all(directory)?;
    let mut verdicts = BTreeMap::new();
    let mut rest: Vec<&Case> = cases.iter().collect();
    compile(chain, directory, &mut rest, Stage::Run, &mut verdicts)?;
    // What does not compile without the attribute either is not refused.
    let mut refused: Vec<&Case> = (cases.iter())
        .filter(|it| verdicts.contains_key(&it.number))
        .collect();
    if !refused.is_empty() {
        compile(chain, directory, &mut refused, Stage::Plain, &mut verdicts)?;
    }
    if rest.is_empty() {
        return Ok(verdicts);
    }
    execute(directory, &rest, &mut verdicts)?;
    for other in others {
        let before = verdicts.clone();
        let accepted =
            |case: &&Case| matches!(before.get(&case.number), Some(Verdict::Accepted(_)));
        rest.retain(accepted);
        let mut same = rest.clone();
        compile(other, directory, &mut same, Stage::Run, &mut verdicts)?;
        if !same.is_empty() {
            execute(directory, &same, &mut verdicts)?;
        }
        for (number, verdict) in &mut verdicts {
            if let (Some(Verdict::Accepted(a)), Verdict::Accepted(b)) =
                (before.get(number), &*verdict)
                && a != b
            {
                let message = format!(
                    "builds for {} and for {} differ in bits",
                    chain.name, other.name
                );
                *verdict = Verdict::Wrong(message);
            }
        }
    }
    Ok(verdicts)
}

/// Compiles under the attribute, no more.
///
/// # Errors
///
/// If files cannot be written or processes not be started.
pub fn check(
    chain: &Toolchain,
    directory: &Path,
    cases: &[Case],
) -> io::Result<BTreeMap<usize, Verdict>> {
    fs::create_dir_all(directory)?;
    let mut verdicts = BTreeMap::new();
    let mut rest: Vec<&Case> = cases.iter().collect();
    compile(chain, directory, &mut rest, Stage::Check, &mut verdicts)?;
    Ok(verdicts)
}

/// Compiles what compiles, and takes out the rest with a verdict.
fn compile(
    chain: &Toolchain,
    directory: &Path,
    rest: &mut Vec<&Case>,
    stage: Stage,
    verdicts: &mut BTreeMap<usize, Verdict>,
) -> io::Result<()> {
    let verdict = |message: String| {
        if stage == Stage::Plain {
            Verdict::Invalid(message)
        } else {
            Verdict::Refused(message)
        }
    };
    while !rest.is_empty() {
        let limit = Duration::from_secs(60 + 5 * rest.len() as u64);
        let compiled = rustc(chain, directory, rest, stage, limit)?;
        if compiled.success {
            return Ok(());
        }
        if compiled.errors.is_empty() {
            if rest.len() == 1 {
                let tail: Vec<&str> = compiled.stderr.lines().rev().take(3).collect();
                verdicts.insert(
                    rest[0].number,
                    verdict(format!("the compiler fails or takes too long: {tail:?}")),
                );
                rest.clear();
                return Ok(());
            }
            // Nobody is to blame: the halves on their own, then what is left together.
            let (left, right) = rest.split_at(rest.len() / 2);
            let (mut left, mut right) = (left.to_vec(), right.to_vec());
            compile(chain, directory, &mut left, stage, verdicts)?;
            compile(chain, directory, &mut right, stage, verdicts)?;
            left.extend(right);
            *rest = left;
            continue;
        }
        for (number, message) in compiled.errors {
            verdicts.insert(number, verdict(message));
            rest.retain(|c| c.number != number);
        }
    }
    Ok(())
}

/// Runs the compiled programs; one that ends the process is left out, and the others run again.
fn execute(
    directory: &Path,
    cases: &[&Case],
    verdicts: &mut BTreeMap<usize, Verdict>,
) -> io::Result<()> {
    let mut left: Vec<usize> = cases.iter().map(|c| c.number).collect();
    while !left.is_empty() {
        let log = directory.join("run.log");
        let mut command = Command::new(directory.join("programs"));
        command
            .args(left.iter().map(ToString::to_string))
            .stdout(fs::File::create(&log)?)
            .stderr(Stdio::null());
        finish(&mut command, Duration::from_mins(2))?;
        let mut begun = None;
        for line in fs::read_to_string(&log)?.lines() {
            let mut parts = line.splitn(3, '\t');
            let (Some(number), Some(word), Some(message)) = (
                parts.next().and_then(|n| n.parse::<usize>().ok()),
                parts.next(),
                parts.next(),
            ) else {
                continue;
            };
            let message = message.to_string();
            let verdict = match word {
                "begin" => {
                    begun = Some(number);
                    continue;
                }
                "ok" => Verdict::Accepted(message),
                "skipped" => Verdict::Skipped,
                "invalid" => Verdict::Invalid(message),
                _ => Verdict::Wrong(message),
            };
            begun = None;
            left.retain(|n| *n != number);
            verdicts.insert(number, verdict);
        }
        match begun {
            Some(number) => {
                left.retain(|n| *n != number);
                verdicts.insert(
                    number,
                    Verdict::Wrong("the process ends, or takes too long".to_string()),
                );
            }
            None => break,
        }
    }
    Ok(())
}
