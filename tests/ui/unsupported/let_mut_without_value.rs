use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut y;
    y = x * x;
    y += 1.0;
    y
}

fn main() {
    println!("{}", f::grad(1.0));
}
