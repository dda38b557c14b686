use differentiate::differentiate;

trait Effective {
    /// The effective number of samples.
    fn count(&self) -> f64;
}

impl Effective for [f64] {
    fn count(&self) -> f64 {
        let sum: f64 = self.iter().sum();
        sum * sum / self.iter().map(|w| w * w).sum::<f64>()
    }
}

#[differentiate]
fn quality(weights: &[f64]) -> f64 {
    weights.count() / 10.0
}

fn main() {
    println!("{:?}", quality::grad(&[1.0, 2.0]));
}
