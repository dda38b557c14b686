use differentiate::differentiate;

struct Spring;

impl Spring {
    fn energy(&self, x: f64) -> f64 {
        x * x
    }
}

#[differentiate(order = 2)]
fn f(#[no_diff] spring: &Spring, x: f64) -> f64 {
    spring.energy(x) + x
}

fn main() {}
