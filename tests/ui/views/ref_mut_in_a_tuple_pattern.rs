use differentiate::differentiate;

#[differentiate]
fn f(x: f64) -> f64 {
    let mut pair = (1.0, 2.0);
    let (ref mut first, _) = pair;
    *first = x * x;
    pair.0 * pair.1
}

fn main() {
    println!("{}", f::grad(1.0));
}
