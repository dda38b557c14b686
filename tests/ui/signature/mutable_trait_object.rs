use differentiate::differentiate;

trait Model {
    fn step(&mut self, x: f64) -> f64;
}

#[differentiate]
fn f(model: &mut dyn Model, x: f64) -> f64 {
    model.step(x)
}

struct Nothing;

impl Model for Nothing {
    fn step(&mut self, x: f64) -> f64 {
        x
    }
}

fn main() {
    println!("{}", f(&mut Nothing, 1.0));
}
