use differentiate::{Differentiable, differentiate};

#[derive(Clone, Differentiable)]
enum Shape {
    Circle(f64),
    Point,
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut shape = if x > 0.0 { Shape::Circle(x) } else { Shape::Point };
    match shape {
        Shape::Circle(ref mut radius) => *radius *= x,
        Shape::Point => {}
    }
    match shape {
        Shape::Circle(radius) => radius,
        Shape::Point => 0.0,
    }
}

fn main() {
    println!("{}", f::grad(1.0));
}
