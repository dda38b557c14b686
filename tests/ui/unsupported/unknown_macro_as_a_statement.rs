use differentiate::differentiate;

macro_rules! log_value {
    ($x:expr) => {
        println!("value = {}", $x)
    };
}

#[differentiate]
fn energy(mass: f64, velocity: f64) -> f64 {
    let energy = 0.5 * mass * velocity * velocity;
    log_value!(energy);
    energy
}

fn main() {
    println!("{:?}", energy::grad(1.0, 2.0));
}
