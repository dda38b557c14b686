use std::collections::HashMap;

use differentiate::differentiate;

#[differentiate]
fn total(prices: &HashMap<String, f64>, tax: f64) -> f64 {
    prices["tea"] * tax
}

fn main() {
    println!("{}", total(&HashMap::from([("tea".to_owned(), 2.0)]), 1.2));
}
