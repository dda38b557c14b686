use std::cell::OnceCell;

use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let cache = OnceCell::new();
    let y = cache.get_or_init(|| x * x);
    y * y
}

fn main() {
    println!("{}", f::grad(1.0));
}
