use differentiate::differentiate;

#[differentiate]
fn f(v: &[f64], x: f64) -> f64 {
    v[0] = x;
    v[0] * v[1]
}

fn main() {
    println!("{:?}", f(&[1.0, 2.0], 1.0));
}
