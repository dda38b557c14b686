use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let first = v.remove(0);
    first * v[0]
}

fn main() {
    println!("{:?}", f::grad(&[1.0, -1.0]));
}
