use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let v = [1.0, 2.0];
    v[0] = x;
    v[0] * v[1]
}

fn main() {
    println!("{:?}", f(1.0));
}
