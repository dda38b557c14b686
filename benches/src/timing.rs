//! The clock.

use std::hint::black_box;
use std::time::{Duration, Instant};

use nalgebra::DMatrix;

/// How long one figure may take.
const BUDGET: Duration = Duration::from_millis(400);

/// The median time of a call, in seconds: of rounds of calls that are long enough for the clock.
fn seconds<Y>(mut f: impl FnMut() -> Y) -> f64 {
    let start = Instant::now();
    black_box(f());
    let once = start.elapsed().max(Duration::from_nanos(20));
    let calls = (Duration::from_micros(200).as_nanos() / once.as_nanos()).clamp(1, 10_000);
    let mut rounds = Vec::new();
    let begin = Instant::now();
    while begin.elapsed() < BUDGET || rounds.len() < 9 {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(f());
        }
        #[expect(clippy::cast_precision_loss, reason = "few calls")]
        rounds.push(start.elapsed().as_secs_f64() / calls as f64);
    }
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

/// One line of the table.
pub(crate) fn line<Y, G, H>(
    program: &str,
    size: &str,
    primal: impl FnMut() -> Y,
    gradient: impl FnMut() -> G,
    by_hand: impl FnMut() -> H,
) {
    let [primal, gradient, by_hand] = [seconds(primal), seconds(gradient), seconds(by_hand)];
    let (unit, scale) = match primal {
        ..1e-6 => ("ns", 1e9),
        ..1e-3 => ("µs", 1e6),
        _ => ("ms", 1e3),
    };
    println!(
        "| {program} | {size} | {:.1} {unit} | {:.2} | {:.2} | {:.2} |",
        primal * scale,
        gradient / primal,
        by_hand / primal,
        gradient / by_hand,
    );
}

/// Unrelated entries between -1 and 1, divided by the square root of the number of columns.
pub(crate) fn matrix(rows: usize, columns: usize, seed: u32) -> DMatrix<f64> {
    let mut state = seed;
    #[expect(clippy::cast_precision_loss, reason = "no matrix here is that large")]
    let size = (columns as f64).sqrt();
    DMatrix::from_fn(rows, columns, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state >> 8) / f64::from(1 << 23) - 1.0) / size
    })
}
