use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.copy_within(0..1, 1);
    v[0] * v[1]
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
