use differentiate::differentiate;

#[differentiate(order = 2)]
fn scaled(x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for v in x {
        sum += v * v;
    }
    sum.sqrt() * n
}

fn main() {}
