use differentiate::differentiate;

struct Spring;

impl Spring {
    #[differentiate]
    fn energy(#[no_diff] &self, x: f64) -> f64 {
        x * x
    }
}

#[differentiate]
fn f(#[no_diff] spring: &Spring, x: f64) -> f64 {
    spring.energy_grad(x) * x
}

fn main() {}
