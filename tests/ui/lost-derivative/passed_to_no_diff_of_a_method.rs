use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiate]
impl Spring {
    fn energy(&self, #[no_diff] scale: f64, x: f64) -> f64 {
        self.stiffness * scale * x
    }
    fn total(&self, x: f64) -> f64 {
        self.energy(x, x)
    }
}

fn main() {
    println!("{:?}", Spring { stiffness: 2.0 }.total_grad(1.0));
}
