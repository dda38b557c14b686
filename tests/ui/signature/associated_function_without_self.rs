use differentiate::differentiate;

struct Physics;

impl Physics {
    #[differentiate]
    fn energy(mass: f64, velocity: f64) -> f64 {
        0.5 * mass * velocity * velocity
    }
}

fn main() {
    println!("{}", Physics::energy(1.0, 2.0));
}
