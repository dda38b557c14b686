use std::ops::IndexMut;

use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut a = vec![1.0, 2.0];
    *a.index_mut(0) = x * x;
    a[0] * a[1]
}

fn main() {
    println!("{}", f::grad(1.0));
}
