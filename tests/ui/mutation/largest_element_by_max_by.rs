use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut y = x.to_vec();
    if let Some(largest) = y.iter_mut().max_by(|a, b| f64::total_cmp(a, b)) {
        *largest = 0.0;
    }
    y.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
