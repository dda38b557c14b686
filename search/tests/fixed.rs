//! A fixed set of generated programs, every third of second order: none may be wrong, none may make the compiler panic, most must be accepted.

use differentiate_search::generate;
use differentiate_search::run::{Case, Toolchain, Verdict, judge};
use std::path::Path;
use std::thread;

#[path = "../../tests/counts.rs"]
mod counts;
use counts::counted;

/// Of how many programs, in two crates that are compiled at the same time.
const PROGRAMS: usize = 240;

#[test]
fn fixed_programs_agree_with_dual_numbers() {
    let chain = Toolchain::debug().expect("the crates");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("search");
    let verdicts: Vec<(usize, Verdict)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|half| {
                let directory = directory.join(half.to_string());
                let chain = &chain;
                scope.spawn(move || {
                    let cases: Vec<Case> = (0..PROGRAMS)
                        .filter(|number| number % 2 == half)
                        .map(|number| Case {
                            number,
                            program: generate::program(0, number),
                        })
                        .collect();
                    judge(chain, &[], &directory, &cases).expect("verdicts")
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker"))
            .collect()
    });
    assert_eq!(verdicts.len(), PROGRAMS);
    let mut accepted = 0;
    for (number, verdict) in &verdicts {
        match verdict {
            Verdict::Accepted(_) => accepted += 1,
            Verdict::Skipped | Verdict::Invalid(_) => {}
            Verdict::Refused(message) => {
                assert!(!message.contains("panicked"), "program {number}: {message}");
                println!("program {number} is refused: {message}");
            }
            Verdict::Wrong(message) => panic!("program {number} is wrong: {message}"),
        }
    }
    counted("random programs", PROGRAMS);
    counted("of them accepted", accepted);
}
