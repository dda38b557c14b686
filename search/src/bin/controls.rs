//! Makes the mistakes of `controls` in a copy of the project, and says which of them the tests notice.

use differentiate_search::controls::{CONTROLS, Control, Suite};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;
use std::{fs, io};

const USAGE: &str = "\
usage: controls [OPTIONS]

  --only TEXT     those whose description contains the text
  --skip N        not the first N
  --no-baseline   do not run the tests without a mistake before
  --out DIR       where the copy is made and built (target/controls)";

struct Options {
    only: String,
    skip: usize,
    baseline: bool,
    out: PathBuf,
}

fn options() -> Result<Options, &'static str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut options = Options {
        only: String::new(),
        skip: 0,
        baseline: true,
        out: root.join("target/controls"),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => options.only = arguments.next().ok_or(USAGE)?,
            "--skip" => {
                let number = arguments.next().and_then(|it| it.parse().ok());
                options.skip = number.ok_or(USAGE)?;
            }
            "--no-baseline" => options.baseline = false,
            "--out" => options.out = arguments.next().ok_or(USAGE)?.into(),
            _ => return Err(USAGE),
        }
    }
    Ok(options)
}

/// Copies what has changed, so that little is built anew.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == OsStr::new("target") || name.to_string_lossy().starts_with('.') {
            continue;
        }
        let (source, copied) = (entry.path(), to.join(&name));
        if entry.file_type()?.is_dir() {
            copy(&source, &copied)?;
        } else {
            let text = fs::read(&source)?;
            if fs::read(&copied).ok().as_ref() != Some(&text) {
                fs::write(&copied, text)?;
            }
        }
    }
    Ok(())
}

struct Copy {
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn cargo(&self, arguments: &[&str]) -> io::Result<bool> {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let status = Command::new(cargo)
            .args(arguments)
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("RUSTFLAGS", "-Awarnings")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        Ok(status.success())
    }

    /// The test program that fails first.
    fn failing(&self, suite: Suite) -> io::Result<Option<&'static str>> {
        for [package, program] in suite.programs() {
            if !self.cargo(&["test", "--quiet", "-p", package, "--test", program])? {
                return Ok(Some(program));
            }
        }
        Ok(None)
    }

    /// Makes a mistake, runs the tests, takes it back.
    fn run(&self, control: &Control) -> io::Result<Outcome> {
        let wrong = control.apply(&self.tree)?;
        let file = self.tree.join(control.file);
        let right = fs::read_to_string(&file)?;
        fs::write(&file, wrong)?;
        // That generated code does not compile is a failure of the tests, that the mistake itself does not is none.
        let package = control.file.split('/').next().unwrap_or_default();
        let outcome = if self.cargo(&["build", "--quiet", "-p", package])? {
            self.failing(control.suite)
                .map(|it| it.map_or(Outcome::Missed, Outcome::Caught))
        } else {
            Ok(Outcome::Broken)
        };
        fs::write(&file, right)?;
        outcome
    }
}

enum Outcome {
    /// The test program that fails or does not compile.
    Caught(&'static str),
    Missed,
    /// It is not Rust.
    Broken,
}

fn run(options: &Options) -> io::Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let copied = Copy {
        tree: options.out.join("tree"),
        target: options.out.join("build"),
    };
    copy(&root, &copied.tree)?;
    if options.baseline {
        for suite in Suite::ALL {
            if let Some(program) = copied.failing(suite)? {
                println!("without a mistake, {program} fails");
                return Ok(false);
            }
        }
    }
    let chosen: Vec<&Control> = CONTROLS
        .iter()
        .skip(options.skip)
        .filter(|it| it.mistake.contains(&options.only))
        .collect();
    let mut missed = Vec::new();
    for (at, control) in chosen.iter().enumerate() {
        let start = Instant::now();
        let outcome = match copied.run(control)? {
            Outcome::Caught(program) => format!("caught by {program}"),
            Outcome::Missed => {
                missed.push(control.mistake);
                "MISSED".to_string()
            }
            Outcome::Broken => {
                missed.push(control.mistake);
                "NOT RUST".to_string()
            }
        };
        println!(
            "{:>2}/{} {outcome:<22} {:>4} s  {}",
            at + 1,
            chosen.len(),
            start.elapsed().as_secs(),
            control.mistake
        );
    }
    println!("{} of {} caught", chosen.len() - missed.len(), chosen.len());
    Ok(missed.is_empty())
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
