//! Straight-line scalar code compiles to straight-line scalar code: the derivatives in `examples/straight_line.rs` are
//! built as a user builds them, in the release profile, and rustc's assembly has neither a jump nor a call in them.
//!
//! Only the instructions of x86-64 are known here. On other machines the program is built, the functions are found, and
//! nothing else is checked.
//!
//! With the environment variable `DIFFERENTIATE_BLESS`, the listing in `docs/performance.md` is written.

use std::path::Path;
use std::process::Command;
use std::{env, fs, process};

/// The assembly of the example, with the dependencies that the release profile of this workspace has anyway.
fn assembly() -> String {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    // A name of its own in each run: cargo takes another argument for another build, and so makes the file each time.
    let path = temporary.join(format!("straight_line-{}.s", process::id()));
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "rustc",
            "--quiet",
            "--release",
            "--example",
            "straight_line",
        ])
        .args(["--", "-C", "codegen-units=1"])
        .arg(format!("--emit=asm={}", path.display()))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env(
            "CARGO_TARGET_DIR",
            temporary.parent().expect("a target directory"),
        )
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the example is built");
    let text = fs::read_to_string(&path).expect("rustc has written the assembly");
    fs::remove_file(path).expect("the assembly can be removed");
    text
}

/// The instructions of one function: what stands between its label and its end, without directives and labels.
fn instructions<'a>(assembly: &'a str, function: &str) -> Vec<&'a str> {
    let mut lines = assembly.lines();
    // Names are mangled in one of two ways; in both, their length stands before them.
    let mangled = format!("{}{function}", function.len());
    lines
        .find(|line| line.ends_with(':') && line.contains(&mangled))
        .unwrap_or_else(|| panic!("`{function}` is a function of its own"));
    let end = [".Lfunc_end", ".cfi_endproc", ".seh_endproc"];
    let body: Vec<&str> = lines
        .map(str::trim)
        .take_while(|line| !end.iter().any(|end| line.starts_with(end)))
        .filter(|line| !line.is_empty() && !line.starts_with(['.', '#']) && !line.ends_with(':'))
        .collect();
    assert!(!body.is_empty(), "`{function}` has instructions");
    body
}

/// What is wrong with these instructions of x86-64, in the order in which it stands there.
fn crooked<'a>(instructions: &[&'a str]) -> Vec<&'a str> {
    let (last, before) = instructions.split_last().expect("there are some");
    let mut found: Vec<&str> = (before.iter().copied())
        .filter(|line| {
            let name = line.split_whitespace().next().unwrap_or_default();
            // All jumps begin with a `j`.
            ["j", "call", "loop", "ret", "ud2"]
                .iter()
                .any(|it| name.starts_with(it))
        })
        .collect();
    if !last.starts_with("ret") {
        found.push(last);
    }
    found
}

#[test]
fn what_is_crooked_is_seen() {
    assert_eq!(crooked(&["mulsd\t%xmm1, %xmm0", "retq"]), [""; 0]);
    assert_eq!(crooked(&["jne\t.LBB0_4", "retq"]), ["jne\t.LBB0_4"]);
    assert_eq!(crooked(&["callq\t_new", "retq"]), ["callq\t_new"]);
    assert_eq!(crooked(&["addsd\t%xmm1, %xmm0", "jmp\t_f"]), ["jmp\t_f"]);
}

#[test]
fn straight_line_code_stays_straight() {
    let assembly = assembly();
    for function in ["gradient_of_short", "gradient_of_long", "adjoint_of_long"] {
        let instructions = instructions(&assembly, function);
        if cfg!(target_arch = "x86_64") {
            let crooked = crooked(&instructions);
            assert!(
                crooked.is_empty(),
                "{crooked:#?} in `{function}`:\n{}",
                instructions.join("\n")
            );
        }
    }
    if env::var_os("DIFFERENTIATE_BLESS").is_some() {
        write(&instructions(&assembly, "gradient_of_short"));
    }
}

/// Puts the listing between its markers in `docs/performance.md`.
fn write(instructions: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let text = fs::read_to_string(&path).expect("the page can be read");
    let (before, rest) = text.split_once("<!-- assembly -->\n").expect("a marker");
    let (_, after) = rest
        .split_once("<!-- end of assembly -->")
        .expect("a marker");
    let listing = instructions.join("\n").replace('\t', " ");
    let text = format!(
        "{before}<!-- assembly -->\n```text\n{listing}\n```\n<!-- end of assembly -->{after}"
    );
    fs::write(&path, text).expect("the page can be written");
}
