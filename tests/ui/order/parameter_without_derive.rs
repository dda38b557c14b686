use differentiate::differentiate;

enum Shape {
    Circle(f64),
    Square { side: f64 },
}

#[differentiate(order = 2)]
fn area(shape: &Shape, scale: f64) -> f64 {
    match shape {
        Shape::Circle(radius) => 3.14 * radius * radius * scale,
        Shape::Square { side } => side * side * scale,
    }
}

fn main() {
    println!("{} {}", area(&Shape::Circle(1.0), 1.0), area(&Shape::Square { side: 1.0 }, 1.0));
}
