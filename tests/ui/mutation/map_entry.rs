use std::collections::HashMap;

use differentiate::differentiate;

#[differentiate]
fn grouped(x: &[f64]) -> f64 {
    let mut groups: HashMap<usize, f64> = HashMap::new();
    for (i, v) in x.iter().enumerate() {
        *groups.entry(i % 2).or_insert(0.0) += v;
    }
    groups[&0] * groups[&1]
}

fn main() {
    println!("{:?}", grouped::grad(&[1.0, 2.0]));
}
