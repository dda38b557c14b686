use differentiate::differentiate;

#[differentiate]
fn roughness(x: &[f64]) -> f64 {
    x.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum()
}

fn main() {
    println!("{:?}", roughness::grad(&[1.0, 2.0]));
}
