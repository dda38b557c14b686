use differentiate::differentiate;

#[differentiate(order = 2, pullback = cubed_pullback)]
fn cubed(x: f64) -> f64 {
    x * x * x
}

fn cubed_pullback(x: f64, _: &f64, g: &f64) -> f64 {
    3.0 * x * x * g
}

fn main() {}
