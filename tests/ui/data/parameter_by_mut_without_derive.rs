use differentiate::differentiate;

struct State {
    x: f64,
    v: f64,
}

#[differentiate]
fn step(state: &mut State, dt: f64) {
    state.x += state.v * dt;
}

fn main() {
    step(&mut State { x: 1.0, v: 1.0 }, 0.1);
}
