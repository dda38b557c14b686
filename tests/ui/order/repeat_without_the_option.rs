use differentiate::differentiate;

#[differentiate]
fn step(x: f64, by: f64) -> f64 {
    x * by
}

#[differentiate]
fn end(by: f64) -> f64 {
    step::repeat(1.0, by, 10, 3)
}

fn main() {
    println!("{}", end(2.0));
}
