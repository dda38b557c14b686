use differentiate::differentiate;

#[differentiate]
fn scaled(x: f64, #[no_diff] rate: f64) -> f64 {
    x * rate
}

#[differentiate]
fn loss(x: f64) -> f64 {
    scaled(3.0 * x, x * x)
}

fn main() {
    println!("{}", loss::grad(1.0));
}
