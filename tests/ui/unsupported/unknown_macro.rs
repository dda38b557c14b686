use differentiate::differentiate;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[differentiate]
fn energy(mass: f64, velocity: f64) -> f64 {
    0.5 * mass * square!(velocity)
}

fn main() {
    println!("{:?}", energy::grad(1.0, 2.0));
}
