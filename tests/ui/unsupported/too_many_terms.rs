use differentiate::differentiate;

#[differentiate]
fn sum(x: f64) -> f64 {
    x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
    + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x + x
}

fn main() {
    println!("{:?}", sum::grad(1.0));
}
