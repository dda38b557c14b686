use std::cell::Cell;

use differentiate::differentiate;

#[differentiate]
fn cost(#[no_diff] best: &Cell<f64>, x: f64) -> f64 {
    best.set(best.get().min(x * x));
    best.get()
}

fn main() {
    println!("{}", cost::grad(&Cell::new(1.0), 0.5));
}
