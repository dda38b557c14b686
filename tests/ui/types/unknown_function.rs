use differentiate::differentiate;

#[differentiate]
fn decay(x: f64) -> f64 {
    (-x).exp()
}

#[differentiate]
fn twice(x: f64) -> f64 {
    2.0 * decya(x)
}

fn main() {}
