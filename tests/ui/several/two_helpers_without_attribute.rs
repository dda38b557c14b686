use differentiate::differentiate;

fn square(x: f64) -> f64 {
    x * x
}

fn cube(x: f64) -> f64 {
    x * x * x
}

#[differentiate]
fn loss(x: f64) -> f64 {
    let a = square(x);
    let b = cube(a);
    a + square(b)
}

fn main() {
    println!("{}", loss::grad(1.0));
}
