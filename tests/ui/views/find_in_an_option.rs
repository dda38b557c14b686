use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    if let Some(v) = a.iter_mut().find(|v| **v > 1.0) {
        *v *= 3.0;
    }
    a.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
