use std::ops::Mul;

use differentiate::differentiate;

#[derive(Clone, Copy)]
struct Gain(f64);

impl Mul<f64> for Gain {
    type Output = f64;

    fn mul(self, x: f64) -> f64 {
        self.0 * x
    }
}

#[differentiate]
fn amplified(#[no_diff] gain: Gain, x: f64) -> f64 {
    gain * x
}

fn main() {
    println!("{:?}", amplified::grad(Gain(2.0), 1.0));
}
