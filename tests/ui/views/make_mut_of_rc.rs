use std::rc::Rc;

use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut shared = Rc::new(1.0);
    *Rc::make_mut(&mut shared) = x * x;
    *shared
}

fn main() {
    println!("{}", f::grad(1.0));
}
