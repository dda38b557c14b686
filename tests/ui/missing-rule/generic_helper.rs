use differentiate::differentiate;

fn square<T: std::ops::Mul<Output = T> + Copy>(x: T) -> T {
    x * x
}

#[differentiate]
fn loss(x: f64) -> f64 {
    square(x) + square::<f64>(2.0 * x)
}

fn main() {
    println!("{}", loss::grad(1.0));
}
