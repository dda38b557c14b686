use differentiate::differentiate;

#[differentiate]
fn square(#[no_diff] x: f64) -> f64 {
    x * x
}

fn main() {
    println!("{:?}", square::grad(5.0));
}
