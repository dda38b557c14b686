use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiate(order = 2)]
impl Spring {
    fn energy(&self, x: f64, n: usize) -> f64 {
        self.stiffness * x * n
    }

    fn force(&self, x: f64) -> f64 {
        self.stifness * x
    }

    fn wave(self, x: f64) -> f64 {
        let y: f32 = self.stiffness;
        x.sinn()
    }
}

fn main() {}
