use std::ops::Mul;

use differentiate::{Differentiable, differentiate};

#[derive(Clone, Copy, Differentiable)]
struct Gain {
    db: f64,
}

#[differentiate(order = 2)]
impl Mul<f64> for Gain {
    type Output = Gain;
    fn mul(self, k: f64) -> Gain {
        Gain { db: self.db * k }
    }
}

#[differentiate(order = 3)]
fn f(g: Gain, k: f64) -> f64 {
    (g * k).db
}

fn main() {}
