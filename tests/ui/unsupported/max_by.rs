use differentiate::differentiate;

#[differentiate]
fn largest(x: &[f64]) -> f64 {
    *x.iter().max_by(|a, b| a.total_cmp(b)).unwrap()
}

fn main() {
    println!("{:?}", largest::grad(&[1.0, 2.0]));
}
