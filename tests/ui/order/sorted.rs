use differentiate::differentiate;

#[differentiate(order = 2)]
fn median(x: &[f64]) -> f64 {
    let mut sorted = x.to_vec();
    sorted.sort_by(|a, b| a.total_cmp(b));
    sorted[x.len() / 2] * x[0]
}

fn main() {}
