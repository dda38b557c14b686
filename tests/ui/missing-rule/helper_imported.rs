use activations::leaky_relu;
use differentiate::differentiate;

mod activations {
    pub fn leaky_relu(x: f64, slope: f64) -> f64 {
        if x > 0.0 { x } else { slope * x }
    }
}

#[differentiate]
fn loss(x: f64) -> f64 {
    leaky_relu(x, 0.01)
}

fn main() {
    println!("{}", loss::grad(1.0));
}
