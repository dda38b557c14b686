use differentiate::differentiate;

#[differentiate(no_diff(rate))]
fn price(spot: f64, rate: f64) -> f64 {
    spot * rate.exp()
}

fn main() {}
