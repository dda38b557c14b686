use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let head: f64 = v.drain(..1).sum();
    head * v[0]
}

fn main() {
    println!("{:?}", f::grad(&[1.0, -1.0]));
}
