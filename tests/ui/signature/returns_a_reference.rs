use differentiate::differentiate;

#[differentiate]
fn largest(x: &[f64]) -> &f64 {
    if x[0] > x[1] { &x[0] } else { &x[1] }
}

fn main() {
    println!("{:?}", largest::grad(&[1.0, 2.0]));
}
