use std::cell::RefCell;
use std::rc::Rc;

use differentiate::differentiate;

#[differentiate]
fn doubled(x: f64) -> f64 {
    let shared = Rc::new(RefCell::new(x));
    *shared.borrow_mut() *= 2.0;
    let y = *shared.borrow();
    y
}

fn main() {
    println!("{}", doubled::grad(1.0));
}
