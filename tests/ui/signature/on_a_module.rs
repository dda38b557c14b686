use differentiate::differentiate;

#[differentiate]
mod physics {
    pub fn energy(m: f64, v: f64) -> f64 {
        0.5 * m * v * v
    }
}

fn main() {
    println!("{}", physics::energy(1.0, 2.0));
}
