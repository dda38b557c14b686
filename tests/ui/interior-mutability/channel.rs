use std::sync::mpsc::channel;

use differentiate::differentiate;

#[differentiate]
fn sent(x: f64) -> f64 {
    let (sender, receiver) = channel();
    sender.send(x * x).unwrap();
    receiver.recv().unwrap()
}

fn main() {
    println!("{}", sent::grad(1.0));
}
