use differentiate::differentiate;

#[differentiate(order = 2)]
fn helper(x: f64) -> f64 {
    x * x
}

#[differentiate(order = 3)]
fn f(x: f64) -> f64 {
    helper(x) + x
}

fn main() {}
