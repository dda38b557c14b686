use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Particle {
    x: f64,
}

impl Particle {
    fn energy(&self) -> f64 {
        self.x * self.x
    }
}

#[differentiate]
fn f(x: f64) -> f64 {
    let particle = Particle { x };
    particle.energy()
}

fn main() {
    println!("{:?}", f::grad(1.0));
}
