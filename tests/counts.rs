//! Counts that may not fall: how much the tests look at, beside what `tests/data/counts.txt` records.
//!
//! The tests of several packages have this file as a module. `.ci/run` prints the counts at its end.

use std::io::Write as _;

/// Says a count, which must be at least the one that is recorded.
#[track_caller]
pub(crate) fn counted(what: &str, count: usize) {
    let recorded = include_str!("data/counts.txt").lines().find_map(|line| {
        let (number, recorded) = line.split_once(' ')?;
        (recorded == what).then(|| number.parse::<usize>().expect("a number"))
    });
    let recorded = recorded.unwrap_or_else(|| panic!("`{what}` is not in tests/data/counts.txt"));
    // Not `println!`, which the harness hides when a test passes.
    let line = format!("count: {count} {what}, at least {recorded}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    assert!(
        count >= recorded,
        "{count} {what}, where {recorded} are recorded"
    );
}
