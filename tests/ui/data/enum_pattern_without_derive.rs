use differentiate::differentiate;

enum Shape {
    Circle(f64),
    Square(f64),
}

#[differentiate]
fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Circle(radius) => 3.14 * radius * radius,
        Shape::Square(side) => side * side,
    }
}

fn main() {
    println!("{} {}", area(&Shape::Circle(1.0)), area(&Shape::Square(1.0)));
}
