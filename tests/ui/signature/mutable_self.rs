use differentiate::differentiate;

struct Particle {
    x: f64,
    v: f64,
}

impl Particle {
    #[differentiate]
    fn step(&mut self, dt: f64) -> f64 {
        self.x += self.v * dt;
        self.x
    }
}

fn main() {
    let mut particle = Particle { x: 0.0, v: 1.0 };
    println!("{:?}", particle.step_grad(0.1));
}
