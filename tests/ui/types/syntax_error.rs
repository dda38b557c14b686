use differentiate::differentiate;

#[differentiate]
fn energy(mass: f64, velocity: f64) -> f64 {
    let v2 = velocity * velocity
    0.5 * mass * v2
}

fn main() {
    println!("{:?}", energy::grad(1.0, 2.0));
}
