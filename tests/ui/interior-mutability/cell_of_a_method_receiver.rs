use std::cell::Cell;

use differentiate::differentiate;

struct Filter {
    last: Cell<f64>,
}

impl Filter {
    #[differentiate]
    fn step(#[no_diff] &self, x: f64) -> f64 {
        self.last.set(0.9 * self.last.get() + 0.1 * x);
        self.last.get()
    }
}

fn main() {
    let filter = Filter { last: Cell::new(0.0) };
    println!("{}", filter.step_grad(1.0));
}
