use differentiate::differentiate;

#[differentiate(order = 2)]
fn potential(x: f64) -> f64 {
    x * x
}

#[differentiate]
fn f(x: f64) -> f64 {
    let (y, pull) = potential::vjp(x);
    y * pull(1.0)
}

fn main() {}
