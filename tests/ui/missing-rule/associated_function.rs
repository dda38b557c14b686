use differentiate::differentiate;

struct Physics;

impl Physics {
    fn kinetic(mass: f64, velocity: f64) -> f64 {
        0.5 * mass * velocity * velocity
    }
}

#[differentiate]
fn energy(m: f64, v: f64) -> f64 {
    Physics::kinetic(m, v) + 1.0
}

fn main() {
    println!("{:?}", energy::grad(1.0, 2.0));
}
