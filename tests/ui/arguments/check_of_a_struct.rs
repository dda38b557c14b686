use differentiate::{Differentiable, check, differentiate};

#[derive(Clone, Differentiable)]
struct Line {
    slope: f64,
}

#[differentiate]
fn line(slope: f64) -> Line {
    Line { slope }
}

fn main() {
    check!(line(2.0));
}
