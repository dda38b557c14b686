use std::sync::atomic::{AtomicU64, Ordering};

use differentiate::differentiate;

static LAST: AtomicU64 = AtomicU64::new(0);

#[differentiate]
fn smoothed(x: f64) -> f64 {
    let last = f64::from_bits(LAST.load(Ordering::Relaxed));
    LAST.store((0.5 * (last + x)).to_bits(), Ordering::Relaxed);
    f64::from_bits(LAST.load(Ordering::Relaxed))
}

fn main() {
    println!("{}", smoothed::grad(1.0));
}
