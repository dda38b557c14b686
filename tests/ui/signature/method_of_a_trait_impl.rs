use differentiate::differentiate;

trait Objective {
    fn value(&self, x: f64) -> f64;
}

struct Quadratic;

impl Objective for Quadratic {
    #[differentiate]
    fn value(#[no_diff] &self, x: f64) -> f64 {
        x * x
    }
}

fn main() {
    println!("{}", Quadratic.value(2.0));
}
