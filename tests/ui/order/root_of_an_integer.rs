use differentiate::differentiate;

#[differentiate(root)]
fn power(n: i32, x: f64) -> f64 {
    x.powi(n) - 2.0
}

fn main() {
    println!("{:?}", power::root(2, 1.0));
}
