use differentiate::differentiate;

#[differentiate(wrt(x, n))]
fn power(x: f64, n: i32) -> f64 {
    x.powi(n)
}

fn main() {
    println!("{:?}", power::grad(1.5, 3));
}
