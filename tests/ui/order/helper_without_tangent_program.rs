use differentiate::differentiate;

#[differentiate]
fn helper(x: f64) -> f64 {
    x * x
}

#[differentiate(forward)]
fn f(x: f64) -> f64 {
    helper(x) + x
}

fn main() {}
