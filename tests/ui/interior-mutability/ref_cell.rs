use std::cell::RefCell;

use differentiate::differentiate;

#[differentiate]
fn energy(x: &[f64]) -> f64 {
    let terms = RefCell::new(Vec::new());
    for v in x {
        terms.borrow_mut().push(v * v);
    }
    terms.into_inner().iter().sum()
}

fn main() {
    println!("{:?}", energy::grad(&[1.0, 2.0]));
}
