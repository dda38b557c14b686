use differentiate::differentiate;

#[differentiate(wrt(rate))]
fn step(x: f64, #[no_diff] rate: f64) -> f64 {
    x - rate * x
}

fn main() {
    println!("{:?}", step::grad(1.0, 0.1));
}
