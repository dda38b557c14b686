//! Makes a failing program small.

use crate::run::{Case, Toolchain, Verdict, judge};
use std::io;
use std::path::Path;

/// The smallest program found that fails in the same way.
///
/// # Errors
///
/// If programs cannot be judged.
pub fn shrink(
    chain: &Toolchain,
    directory: &Path,
    case: &Case,
    failure: &str,
) -> io::Result<(Case, Option<Verdict>)> {
    let mut best = case.clone();
    let mut verdict = None;
    let mut at = 0;
    // What failed to help before is tried again only when all else has been tried.
    loop {
        let mut candidates = best.program.items.smaller();
        let size = best.program.items.size();
        candidates.retain(|c| c.size() < size);
        candidates.sort_by_key(crate::tree::Node::size);
        let mut seen = std::collections::BTreeSet::new();
        candidates.retain(|c| seen.insert(c.print(crate::tree::Over::Floats)));
        let mut found = false;
        while at < candidates.len() {
            let batch: Vec<Case> = candidates[at..]
                .iter()
                .take(if failure.starts_with("refused") { 40 } else { 20 })
                .enumerate()
                .map(|(number, items)| {
                    let mut program = best.program.clone();
                    program.items = items.clone();
                    Case { number, program }
                })
                .collect();
            let verdicts = judge(chain, None, directory, &batch, failure.starts_with("refused"))?;
            let success = batch.iter().find(|c| {
                verdicts
                    .get(&c.number)
                    .and_then(Verdict::failure)
                    .is_some_and(|f| f == failure)
            });
            if let Some(success) = success {
                verdict = verdicts.get(&success.number).cloned();
                best.program = success.program.clone();
                found = true;
                break;
            }
            at += batch.len();
        }
        if !found {
            return Ok((best, verdict));
        }
        at = 0;
    }
}
