//! The same tokens give the same expansion, in every process: nothing may hang on the order of a hash map, on addresses
//! or on what was expanded before.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::{Child, Command, Stdio};

use super::corpus::corpus;

const PROCESSES: usize = 20;

/// The first two processes expand one file in so many, the others one in `FEW`, which are among them.
const MANY: usize = 4;
const FEW: usize = 32;

/// Set in the processes that expand and print.
const CHILD: &str = "DIFFERENTIATE_EXPANSION_CHILD";

/// What stands before a hash in the output.
const MARK: &str = "expansions: ";

/// The hashes of the expansions of a few inputs and, in the first two processes, of many. Every other process expands
/// from last to first.
fn hashes(number: usize) -> String {
    let inputs = corpus(if number < 2 { MANY } else { FEW });
    let mut found: Vec<(usize, u64)> = Vec::new();
    let mut one = |at: usize| {
        let mut hasher = DefaultHasher::new();
        inputs[at].clone().expand().to_string().hash(&mut hasher);
        found.push((at, hasher.finish()));
    };
    if number % 2 == 1 {
        (0..inputs.len()).rev().for_each(&mut one);
    } else {
        (0..inputs.len()).for_each(&mut one);
    }
    found.sort_unstable();
    let hash = |step: usize| {
        let mut hasher = DefaultHasher::new();
        for (at, hash) in &found {
            if inputs[*at].file.is_multiple_of(step) {
                hash.hash(&mut hasher);
            }
        }
        hasher.finish()
    };
    let many = if number < 2 {
        format!("{:016x}", hash(MANY))
    } else {
        String::new()
    };
    format!("{:016x} {many}", hash(FEW))
}

fn child(number: usize) -> Child {
    let own = std::env::current_exe().expect("a path");
    Command::new(own)
        .args(["--exact", "tests::determinism::expansions_are_the_same"])
        .args(["--nocapture", "--test-threads", "1"])
        .env(CHILD, number.to_string())
        // Deep trees of blocks need a stack, as they do in rustc.
        .env("RUST_MIN_STACK", "67108864")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process")
}

#[test]
fn expansions_are_the_same() {
    if let Ok(number) = std::env::var(CHILD) {
        let number: usize = number.parse().expect("a number");
        println!("\n{MARK}{}", hashes(number));
        return;
    }
    let mut found = Vec::new();
    let numbers: Vec<usize> = (0..PROCESSES).collect();
    for pair in numbers.chunks(2) {
        let children: Vec<Child> = pair.iter().map(|it| child(*it)).collect();
        for child in children {
            let output = child.wait_with_output().expect("an output");
            assert!(output.status.success(), "{output:?}");
            let text = String::from_utf8_lossy(&output.stdout);
            let hash = text.lines().find_map(|it| it.strip_prefix(MARK));
            found.push(hash.expect("a hash").to_owned());
        }
    }
    assert_eq!(found.len(), PROCESSES);
    assert_eq!(found[0], found[1]);
    let part = |it: &String| it.split(' ').next().map(str::to_owned);
    assert!(
        found.iter().all(|it| part(it) == part(&found[0])),
        "{found:?}"
    );
}
