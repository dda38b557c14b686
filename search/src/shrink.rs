//! Makes a failing program small.

use crate::run::{Case, Toolchain, Verdict, check, judge};
use crate::tree::{Node, Over};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::thread;

/// The smallest program found that fails in the same way, and how it fails.
///
/// # Errors
///
/// If programs cannot be judged.
///
/// # Panics
///
/// If a thread does.
pub fn shrink(
    chain: &Toolchain,
    directory: &Path,
    case: &Case,
    failure: &str,
) -> io::Result<(Case, Option<Verdict>)> {
    let mut best = case.clone();
    let mut verdict = None;
    let mut changed = true;
    while changed {
        changed = false;
        for rank in 0..3 {
            let mut at = 0;
            loop {
                let candidates = candidates(&best.program.items, rank);
                let Some(batch) = candidates.get(at..).filter(|b| !b.is_empty()) else {
                    break;
                };
                let batch: Vec<Case> = batch
                    .iter()
                    .take(2)
                    .map(|items| {
                        let mut case = best.clone();
                        case.program.items = items.clone();
                        case
                    })
                    .collect();
                let failures = thread::scope(|scope| {
                    let workers: Vec<_> = batch
                        .iter()
                        .enumerate()
                        .map(|(k, case)| {
                            let directory = directory.join(format!("shrink{k}"));
                            scope.spawn(move || failing(chain, &directory, case, failure))
                        })
                        .collect();
                    workers
                        .into_iter()
                        .map(|w| w.join().expect("a worker"))
                        .collect::<io::Result<Vec<_>>>()
                })?;
                match failures.into_iter().position(|v| {
                    let found = v.is_some();
                    verdict = v.or(verdict.take());
                    found
                }) {
                    Some(k) => {
                        best = batch[k].clone();
                        at += k;
                        changed = true;
                    }
                    None => at += batch.len(),
                }
            }
        }
    }
    Ok((best, verdict))
}

/// Smaller programs, in an order that does not change much after a success.
fn candidates(items: &Node, rank: usize) -> Vec<Node> {
    let size = items.size();
    let mut seen = BTreeSet::new();
    let mut out = items.smaller(rank);
    out.retain(|c| c.size() < size && seen.insert(c.print(Over::Floats)));
    out
}

/// The verdict on a program, if it fails in this way.
fn failing(
    chain: &Toolchain,
    directory: &Path,
    case: &Case,
    failure: &str,
) -> io::Result<Option<Verdict>> {
    let cases = std::slice::from_ref(case);
    let refused = failure.starts_with("refused");
    let same = |verdicts: BTreeMap<usize, Verdict>| {
        verdicts
            .into_values()
            .find(|v| v.failure().is_some_and(|f| f == failure))
    };
    if refused && same(check(chain, directory, cases)?).is_none() {
        // Most candidates fail in another way, which is seen faster under the attribute.
        return Ok(None);
    }
    Ok(same(judge(chain, &[], directory, cases)?))
}
