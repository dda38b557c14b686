use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
    #[no_diff]
    limit: f64,
}

#[differentiate(order = 2)]
fn f(s: &Spring, x: f64) -> f64 {
    let t = Spring {
        limit: x.sin(),
        ..s.clone()
    };
    t.stiffness * x * t.limit
}

// It is made of what has no derivative, which the tokens do not tell: `detach(s.limit * 0.5)`.
#[differentiate]
fn g(s: &Spring, x: f64) -> f64 {
    let t = Spring {
        limit: s.limit * 0.5,
        ..s.clone()
    };
    t.stiffness * x * t.limit
}

fn main() {}
