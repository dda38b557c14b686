use differentiate::differentiate;

#[differentiate(order = 2)]
fn total(x: &[f64]) -> Option<f64> {
    x.iter().scan(0.0, |s, v| Some(*s + v)).last()
}

#[differentiate(order = 2)]
fn f(x: &[f64], k: f64) -> f64 {
    total(x).unwrap_or(k) * k
}

fn main() {}
