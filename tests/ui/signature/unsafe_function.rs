use differentiate::differentiate;

/// # Safety
/// `x` is not empty.
#[differentiate]
unsafe fn first_squared(x: &[f64]) -> f64 {
    x[0] * x[0]
}

fn main() {
    println!("{:?}", first_squared::grad(&[1.0]));
}
