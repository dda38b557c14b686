use differentiate::Differentiable;

#[derive(Clone, Differentiable)]
enum Shape {
    Circle(f64),
    #[no_diff]
    Text(String),
}

fn main() {
    if let Shape::Text(text) = Shape::Circle(1.0) {
        println!("{text}");
    }
}
