use differentiate::differentiate;

#[differentiate(forward, repeat)]
fn step(x: f64, p: f64) -> f64 {
    x + 0.1 * (p - x * x)
}

#[differentiate(order = 2)]
fn f(p: f64) -> f64 {
    step::repeat(1.0, p, 10, 3)
}

fn main() {}
