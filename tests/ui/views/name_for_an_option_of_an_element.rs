#[differentiate::differentiate]
fn f(k: f64) -> f64 {
    let v = [k, k * k];
    match v.first() {
        first => first.copied().unwrap_or(0.0) * k,
    }
}

fn main() {
    f(1.0);
}
