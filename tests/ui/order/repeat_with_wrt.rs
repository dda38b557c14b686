use differentiate::differentiate;

#[differentiate(repeat, wrt(x))]
fn step(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    println!("{}", step(1.0, 2.0));
}
