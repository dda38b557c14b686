use differentiate::differentiate;

#[differentiate]
fn factorial(n: u32) -> f64 {
    (1..=n).map(f64::from).product()
}

fn main() {
    println!("{:?}", factorial::grad(5));
}
