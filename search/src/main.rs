//! The command line of the search.

use differentiate_search::generate;
use differentiate_search::run::{Case, Toolchain, Verdict, judge};
use differentiate_search::shrink::shrink;
use differentiate_search::tree::{Over, indent};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::{fs, io, thread};

const USAGE: &str = "\
usage: differentiate-search [OPTIONS]

  --programs N    how many programs (100)
  --skip N        not the first N of them, as when a run goes on
  --seed N        the seed (1)
  --batch N       how many are compiled in one crate (10)
  --jobs N        how many crates at the same time (1)
  --release-too   build also with optimization, and compare bit by bit
  --sweep         the same with one and with sixteen units of code, with thin and with fat LTO
  --no-shrink     leave failures as they are
  --only N        this program of the seed alone, printed
  --out DIR       where failures are written (target/search)";

struct Options {
    programs: usize,
    skip: usize,
    seed: u64,
    batch: usize,
    jobs: usize,
    release: bool,
    sweep: bool,
    shrink: bool,
    only: Option<usize>,
    out: PathBuf,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        programs: 100,
        skip: 0,
        seed: 1,
        // One program that does not compile makes all of its crate compile again.
        batch: 10,
        jobs: 1,
        release: false,
        sweep: false,
        shrink: true,
        only: None,
        out: PathBuf::from("target/search"),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            arguments
                .next()
                .and_then(|n| n.parse::<usize>().ok())
                .ok_or_else(|| format!("{argument} needs a number"))
        };
        match argument.as_str() {
            "--programs" => options.programs = number()?,
            "--skip" => options.skip = number()?,
            "--seed" => options.seed = number()? as u64,
            "--batch" => options.batch = number()?.max(1),
            "--jobs" => options.jobs = number()?.max(1),
            "--only" => options.only = Some(number()?),
            "--release-too" => options.release = true,
            "--sweep" => options.sweep = true,
            "--no-shrink" => options.shrink = false,
            "--out" => {
                options.out = arguments.next().ok_or("--out needs a directory")?.into();
            }
            _ => return Err(USAGE.to_string()),
        }
    }
    Ok(options)
}

fn main() -> io::Result<()> {
    let options = match options() {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            std::process::exit(2);
        }
    };
    let chain = Toolchain::debug()?;
    let mut others = Vec::new();
    if options.release {
        others.push(Toolchain::release()?);
    }
    if options.sweep {
        others.extend(Toolchain::sweep()?);
    }
    let case = |number| Case {
        number,
        program: generate::program(options.seed, number),
    };
    if let Some(number) = options.only {
        let case = case(number);
        let directory = options.out.join("only");
        let cases = std::slice::from_ref(&case);
        let verdict = judge(&chain, &others, &directory, cases)?.remove(&number);
        println!("{}", indent(&case.program.items.print(Over::Floats)));
        println!("{verdict:?}");
        if let Some(verdict) = verdict.filter(|_| options.shrink) {
            report(&options, &chain, &case, &verdict)?;
        }
        return Ok(());
    }
    let numbers: Vec<usize> = (options.skip..options.programs).collect();
    let batches: Mutex<Vec<&[usize]>> = Mutex::new(numbers.chunks(options.batch).rev().collect());
    let verdicts = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs)
            .map(|job| {
                let (batches, verdicts) = (&batches, &verdicts);
                let (chain, others, options) = (&chain, &others, &options);
                scope.spawn(move || -> io::Result<()> {
                    loop {
                        let next = batches.lock().expect("a lock").pop();
                        let Some(batch) = next else { return Ok(()) };
                        let cases: Vec<Case> = batch.iter().map(|n| case(*n)).collect();
                        let new = judge(
                            chain,
                            others,
                            &options.out.join(format!("job{job}")),
                            &cases,
                        )?;
                        // What a run that does not come to its end leaves behind.
                        for (number, verdict) in &new {
                            match verdict {
                                Verdict::Wrong(message) => {
                                    println!("program {number}: wrong: {message}");
                                }
                                Verdict::Refused(_) | Verdict::Invalid(_) => {
                                    println!("program {number}: {}", word(verdict));
                                }
                                Verdict::Accepted(_) | Verdict::Skipped => {}
                            }
                        }
                        let mut verdicts = verdicts.lock().expect("a lock");
                        verdicts.extend(new);
                        eprintln!(
                            "{} of {} programs: {:?}",
                            verdicts.len(),
                            options.programs.saturating_sub(options.skip),
                            counts(&verdicts)
                        );
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .try_for_each(|w| w.join().expect("a worker"))
    })?;
    let verdicts = verdicts.into_inner().expect("a lock");
    summary(&options, &verdicts);
    let mut shrunk = BTreeMap::new();
    let mut failures: Vec<_> = verdicts.iter().collect();
    // Small programs first.
    failures.sort_by_key(|(number, verdict)| {
        let wrong = matches!(verdict, Verdict::Wrong(_));
        (!wrong, case(**number).program.items.size())
    });
    for (number, verdict) in failures {
        let Some(failure) = verdict.failure() else {
            continue;
        };
        let count = shrunk.entry(failure.clone()).or_insert(0);
        *count += 1;
        if *count
            > if matches!(verdict, Verdict::Wrong(_)) {
                3
            } else {
                1
            }
        {
            continue;
        }
        report(&options, &chain, &case(*number), verdict)?;
    }
    if verdicts.values().any(|v| matches!(v, Verdict::Wrong(_))) {
        std::process::exit(1);
    }
    Ok(())
}

/// Shrinks a failure, prints it and writes it to a file.
fn report(options: &Options, chain: &Toolchain, case: &Case, verdict: &Verdict) -> io::Result<()> {
    let Some(failure) = verdict.failure() else {
        return Ok(());
    };
    let mut small = case.clone();
    let mut last = None;
    if options.shrink {
        (small, last) = shrink(chain, &options.out, case, &failure)?;
    }
    let text = indent(&small.program.items.print(Over::Floats));
    let message = match last.as_ref().unwrap_or(verdict) {
        Verdict::Wrong(message) | Verdict::Refused(message) => message.replace('\n', "\n// "),
        _ => String::new(),
    };
    let word = failure.split(':').next().unwrap_or("failure");
    let path = options
        .out
        .join(format!("{word}_{}_{}.rs", options.seed, case.number));
    fs::write(&path, format!("// {message}\n{text}"))?;
    println!("--- {}\n// {message}\n{text}", path.display());
    Ok(())
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted(_) => "accepted",
        Verdict::Skipped => "skipped",
        Verdict::Invalid(_) => "invalid",
        Verdict::Refused(_) => "refused",
        Verdict::Wrong(_) => "wrong",
    }
}

fn counts(verdicts: &BTreeMap<usize, Verdict>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for verdict in verdicts.values() {
        *counts.entry(word(verdict)).or_insert(0) += 1;
    }
    counts
}

fn summary(options: &Options, verdicts: &BTreeMap<usize, Verdict>) {
    let mut constructs: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut reasons: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (number, verdict) in verdicts {
        let accepted = matches!(verdict, Verdict::Accepted(_));
        for tag in generate::program(options.seed, *number).tags {
            let entry = constructs.entry(tag).or_default();
            entry.0 += 1;
            entry.1 += usize::from(accepted);
        }
        if let Verdict::Invalid(message) = verdict {
            let reason = format!("invalid: {}", message.replace('\n', " "));
            reasons.entry(reason).or_insert((0, *number)).0 += 1;
        }
        if let Some(failure) = verdict.failure() {
            reasons.entry(failure).or_insert((0, *number)).0 += 1;
        }
    }
    println!(
        "{} programs, seed {}: {:?}",
        verdicts.len(),
        options.seed,
        counts(verdicts)
    );
    println!("constructs, in how many programs, and in how many that were accepted:");
    for (construct, (all, accepted)) in constructs {
        println!("  {construct:28} {all:5} {accepted:5}");
    }
    for (reason, (count, number)) in reasons {
        println!("{count:4}  {reason}  (program {number})");
    }
}
