use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
struct State {
    x: f64,
    v: f64,
}

#[differentiate]
impl State {
    fn step(&mut self, dt: f64) -> f64 {
        self.v -= self.x * dt;
        self.x += self.v * dt;
        self.x
    }
}

#[differentiate]
fn begin(x: f64) -> State {
    State { x, v: 0.0 }
}

#[differentiate]
fn stepped(x: f64, goal: f64) -> f64 {
    let mut s = begin(x);
    let mut turns = 0;
    while s.step(0.1) > goal {
        turns += 1;
    }
    x * s.x * turns as f64
}

fn main() {
    stepped(1.0, 0.5);
}
