use differentiate::differentiate;

struct State {
    position: f64,
    velocity: f64,
}

#[differentiate]
fn energy(x: f64, v: f64) -> f64 {
    let state = State { position: x, velocity: v };
    0.5 * state.position * state.position + 0.5 * state.velocity * state.velocity
}

fn main() {
    println!("{:?}", energy::grad(1.0, 2.0));
}
