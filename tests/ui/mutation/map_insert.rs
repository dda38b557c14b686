use std::collections::BTreeMap;

use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut map = BTreeMap::new();
    map.insert("x", x * x);
    map["x"]
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
