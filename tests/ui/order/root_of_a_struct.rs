use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct State {
    x: f64,
    v: f64,
}

#[differentiate(root)]
fn rest(state: &State, load: f64) -> [f64; 2] {
    [state.x - load, state.v]
}

fn main() {
    println!("{}", rest::root(&State { x: 0.0, v: 0.0 }, 1.0).is_some());
}
