use differentiate::differentiate;

trait Floor {
    /// The payoff of a floor.
    fn floor(self, strike: f64) -> f64;
}

impl Floor for &f64 {
    fn floor(self, strike: f64) -> f64 {
        (strike - self).max(0.0)
    }
}

#[differentiate]
fn payoff(rate: &f64) -> f64 {
    100.0 * rate.floor(0.02)
}

fn main() {
    println!("{:?}", payoff::grad(&0.01));
}
