use std::sync::Mutex;

use differentiate::differentiate;

static LAST: Mutex<f64> = Mutex::new(0.0);

#[differentiate]
fn smoothed(x: f64) -> f64 {
    let mut last = LAST.lock().unwrap();
    *last = 0.9 * *last + 0.1 * x;
    *last
}

fn main() {
    println!("{:?}", smoothed::grad(1.0));
}
