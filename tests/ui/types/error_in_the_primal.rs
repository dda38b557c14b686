use differentiate::differentiate;

#[differentiate]
fn mean(x: &[f64]) -> f64 {
    let n = x.len();
    x.iter().sum::<f64>() / n
}

fn main() {
    println!("{:?}", mean::grad(&[1.0, 2.0]));
}
