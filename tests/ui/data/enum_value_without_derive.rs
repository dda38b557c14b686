use differentiate::differentiate;

enum Shape {
    Circle(f64),
    Square(f64),
}

#[differentiate]
fn area(x: f64) -> f64 {
    let shape = if x > 1.0 { Shape::Circle(x) } else { Shape::Square(x) };
    match shape {
        Shape::Circle(radius) => 3.14 * radius * radius,
        Shape::Square(side) => side * side,
    }
}

fn main() {
    println!("{}", area::grad(1.0));
}
