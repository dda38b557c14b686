use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct State {
    x: f64,
}

impl State {
    #[differentiate(pullback = step_pullback)]
    fn step(&mut self, by: f64) -> f64 {
        self.x *= by;
        self.x
    }
}

fn step_pullback(_: &State, by: f64, _: &f64, g: &f64) -> (StateTangent, f64) {
    (StateTangent { x: g * by }, *g)
}

fn main() {
    println!("{}", State { x: 1.0 }.step(2.0));
    println!("{}", step_pullback(&State { x: 1.0 }, 1.0, &1.0, &1.0).1);
}
