use differentiate::differentiate;

struct Spring;

impl Spring {
    #[differentiate(forward)]
    fn energy(#[no_diff] &self, x: f64) -> f64 {
        x * x
    }
}

#[differentiate(order = 2)]
fn f(#[no_diff] spring: &Spring, x: f64) -> f64 {
    spring.energy(x) + x
}

fn main() {}
