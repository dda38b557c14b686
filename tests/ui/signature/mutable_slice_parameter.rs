use differentiate::differentiate;

#[differentiate]
fn normalize(x: &mut [f64]) -> f64 {
    let norm = x.iter().map(|v| v * v).sum::<f64>().sqrt();
    for v in x.iter_mut() {
        *v /= norm;
    }
    norm
}

fn main() {
    println!("{:?}", normalize::grad(&mut [3.0, 4.0]));
}
