use std::cell::Cell;

use differentiate::differentiate;

#[differentiate]
fn total(x: &[f64]) -> f64 {
    let sum = Cell::new(0.0);
    for v in x {
        sum.set(sum.get() + v * v);
    }
    sum.get()
}

fn main() {
    println!("{:?}", total::grad(&[1.0]));
}
