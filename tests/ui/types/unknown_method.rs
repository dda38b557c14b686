use differentiate::differentiate;

#[differentiate(order = 2)]
fn wave(x: f64) -> f64 {
    x.sinn() + 1.0
}

fn main() {}
