use differentiate::Differentiable;

#[derive(Clone, Copy, Differentiable)]
pub union Number {
    pub single: f32,
    pub double: f64,
}

fn main() {
    let _ = Number { single: 1.0 };
}
