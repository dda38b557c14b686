use std::collections::VecDeque;

use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut queue = VecDeque::new();
    for v in x {
        queue.push_back(*v);
    }
    queue[0]
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0, 3.0]));
}
