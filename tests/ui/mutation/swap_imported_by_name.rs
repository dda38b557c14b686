use std::mem::swap;

use differentiate::differentiate;

#[differentiate]
fn f(x: f64, y: f64) -> f64 {
    let (mut a, mut b) = (x, y);
    swap(&mut a, &mut b);
    a / b
}

fn main() {
    println!("{:?}", f::grad(1.0, 2.0));
}
