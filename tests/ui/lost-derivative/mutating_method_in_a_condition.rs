use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Particle {
    x: f64,
}

impl Particle {
    #[differentiate]
    fn step(&mut self, dt: f64) -> f64 {
        self.x += dt;
        self.x
    }
}

#[differentiate]
fn f(x: f64, dt: f64) -> f64 {
    let mut particle = Particle { x };
    if particle.step(dt) > 1.0 { particle.x } else { 0.0 }
}

fn main() {
    println!("{:?}", f::grad(2.0, 0.5));
}
