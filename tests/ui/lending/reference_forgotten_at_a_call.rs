use differentiate::differentiate;

#[differentiate]
fn scale(v: &mut Vec<f64>, by: f64) {
    v[0] *= by;
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut v = vec![1.0, 2.0];
    scale(v, x);
    v[0]
}

fn main() {
    println!("{}", f::grad(1.0));
}
