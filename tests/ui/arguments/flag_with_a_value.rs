use differentiate::differentiate;

#[differentiate(checkpoint = true)]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {}
