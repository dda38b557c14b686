use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y = x * x;
    let address = &raw mut y;
    if address.is_null() { 0.0 } else { y }
}

fn main() {
    println!("{}", f::grad(1.0));
}
