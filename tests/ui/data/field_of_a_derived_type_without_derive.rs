use differentiate::{Differentiable, differentiate};

#[derive(Clone)]
struct Point {
    x: f64,
}

#[derive(Clone, Differentiable)]
struct Body {
    at: Point,
    mass: f64,
}

#[differentiate]
fn moment(body: &Body) -> f64 {
    body.at.x * body.mass
}

fn main() {
    println!("{}", moment(&Body { at: Point { x: 1.0 }, mass: 1.0 }));
}
