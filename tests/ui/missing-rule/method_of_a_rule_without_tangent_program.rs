use differentiate::{Differentiable, differentiate};

#[derive(Clone, Copy, Differentiable)]
struct V2 {
    x: f64,
    y: f64,
}

#[differentiate]
impl V2 {
    fn norm(&self) -> f64 {
        self.x.hypot(self.y)
    }
}

#[differentiate(order = 2)]
fn f(v: &[V2]) -> f64 {
    v[0].norm()
}

fn main() {}
