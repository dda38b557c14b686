use differentiate::differentiate;

#[differentiate(name = "d_square")]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    println!("{}", square(1.5));
}
