use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.retain(|it| *it > 0.0);
    v.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[1.0, -1.0]));
}
