use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Particle {
    x: f64,
}

impl Particle {
    fn reset(&mut self) {
        self.x = 0.0;
    }
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut particle = Particle { x };
    particle.reset();
    particle.x
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
