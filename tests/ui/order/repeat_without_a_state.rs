use differentiate::differentiate;

#[differentiate(repeat)]
fn step(count: usize, x: f64) -> f64 {
    x * x.powi(i32::try_from(count).unwrap_or(0))
}

fn main() {
    println!("{}", step(1, 2.0));
}
