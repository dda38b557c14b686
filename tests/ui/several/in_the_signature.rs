use differentiate::differentiate;

#[differentiate]
async fn train(weights: &mut [f64], activation: fn(f64) -> f64, rate: f64) {
    for w in weights.iter_mut() {
        *w -= rate * activation(*w);
    }
}

fn main() {
    train::grad(&mut [1.0], f64::tanh, 0.1);
}
