use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut v = [1.0, 2.0];
    v.fill_with(|| x * x);
    v[0] * v[1]
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
