use differentiate::differentiate;

#[differentiate]
pub extern "C" fn energy(mass: f64, velocity: f64) -> f64 {
    0.5 * mass * velocity * velocity
}

fn main() {
    println!("{:?}", energy::grad(1.0, 2.0));
}
