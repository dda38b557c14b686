use std::ops::AddAssign;

use differentiate::differentiate;

#[differentiate]
fn shifted(x: f64) -> f64 {
    let mut y = 1.0;
    f64::add_assign(&mut y, x);
    y * y
}

fn main() {
    println!("{:?}", shifted::grad(1.0));
}
