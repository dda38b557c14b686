use differentiate::differentiate;

#[differentiate]
fn positive(x: &[f64]) -> f64 {
    let kept: Vec<f64> = x.iter().copied().filter(|v| *v > 0.0).collect();
    kept[0] * 2.0
}

fn main() {
    println!("{:?}", positive::grad(&[1.0, 2.0]));
}
