use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Line {
    slope: f64,
}

#[differentiate(test(&Line { slope: 1.0 }, 2.0))]
impl Line {
    fn at(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {}
