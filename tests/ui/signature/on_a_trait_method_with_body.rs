use differentiate::differentiate;

trait Objective {
    fn scale(&self) -> f64;

    #[differentiate]
    fn value(&self, x: f64) -> f64 {
        2.0 * x * x
    }
}

struct Quadratic;

impl Objective for Quadratic {
    fn scale(&self) -> f64 {
        2.0
    }
}

fn main() {
    println!("{}", Quadratic.scale() * Quadratic.value(2.0));
}
