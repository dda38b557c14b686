use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

#[differentiate(forward)]
fn stiffness(spring: Spring) -> f64 {
    let other = spring;
    spring.stiffness * other.stiffness
}

fn main() {}
