use differentiate::differentiate;

#[differentiate(order = 2)]
fn u(x: f64, w: f64) -> f64 {
    (w * x).sin()
}

#[differentiate]
fn residual(x: f64, w: f64) -> f64 {
    u::hvp(x, w, 1.0, 0.0).0 + x
}

fn main() {}
