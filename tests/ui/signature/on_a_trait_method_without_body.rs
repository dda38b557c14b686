use differentiate::differentiate;

trait Objective {
    #[differentiate]
    fn value(&self, x: f64) -> f64;
}

struct Quadratic;

impl Objective for Quadratic {
    fn value(&self, x: f64) -> f64 {
        x * x
    }
}

fn main() {
    println!("{}", Quadratic.value(2.0));
}
