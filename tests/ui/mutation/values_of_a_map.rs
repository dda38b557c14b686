use std::collections::HashMap;

use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut prices = HashMap::from([("tea", 1.0)]);
    for price in prices.values_mut() {
        *price = x * x;
    }
    prices["tea"]
}

fn main() {
    println!("{}", f::grad(1.0));
}
