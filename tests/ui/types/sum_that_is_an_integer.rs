use differentiate::differentiate;

#[differentiate]
fn sum(x: &[f64]) -> f64 {
    let mut sum = 0;
    for v in x {
        sum += v;
    }
    sum
}

fn main() {}
