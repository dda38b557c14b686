use std::cell::Cell;

use differentiate::differentiate;

thread_local! {
    static LAST: Cell<f64> = const { Cell::new(0.0) };
}

#[differentiate]
fn smoothed(x: f64) -> f64 {
    LAST.with(|last| last.set(0.5 * (last.get() + x)));
    LAST.with(|last| last.get())
}

fn main() {
    println!("{}", smoothed::grad(1.0));
}
