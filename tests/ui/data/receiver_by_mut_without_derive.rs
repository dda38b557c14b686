use differentiate::differentiate;

struct Particle {
    x: f64,
}

impl Particle {
    #[differentiate]
    fn step(&mut self, by: f64) {
        self.x += by;
    }
}

fn main() {
    Particle { x: 2.0 }.step(1.0);
}
