use differentiate::differentiate;

#[differentiate]
fn twice(x: f64) -> f64 {
    let y: f32 = x;
    2.0 * x
}

fn main() {}
