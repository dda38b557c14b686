use differentiate::differentiate;

fn square(x: f64) -> f64 {
    x * x
}

#[differentiate]
fn loss(x: f64) -> f64 {
    square(x.sin()) + 1.0
}

fn main() {
    println!("{}", loss::grad(1.0));
}
