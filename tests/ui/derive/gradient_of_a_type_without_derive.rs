use differentiate::differentiate;

#[derive(Clone)]
struct Spring {
    stiffness: f64,
}

#[differentiate(order = 2)]
fn energy(s: &Spring, x: f64) -> f64 {
    s.stiffness * x * x
}

#[differentiate]
fn force(s: &Spring, x: f64) -> f64 {
    let (_, force) = energy::grad(s, x);
    force
}

fn main() {}
