use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64], k: f64) -> f64 {
    if let Some(largest) = x.iter().max_by(|a, b| a.total_cmp(b)) {
        largest * k
    } else {
        k
    }
}

fn main() {}
