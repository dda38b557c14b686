use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiate(order = 2)]
fn energies(spring: &Spring, x: &mut [f64]) -> Vec<f64> {
    let mut found = vec![0.0; x.len()];
    for i in 0..x.len() {
        found[i] += spring.stifness * x[i];
        x[i] = found[i];
    }
    found
}

fn main() {}
