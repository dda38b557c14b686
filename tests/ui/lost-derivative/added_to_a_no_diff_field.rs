use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
    #[no_diff]
    limit: f64,
}

#[differentiate(order = 2)]
fn f(s: &Spring, x: f64) -> f64 {
    let mut s = s.clone();
    s.limit += x;
    s.stiffness * x * s.limit
}

fn main() {}
