use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.resize(10, 0.5);
    v[0] * v[9]
}

fn main() {
    println!("{:?}", f::grad(&[1.0, -1.0]));
}
