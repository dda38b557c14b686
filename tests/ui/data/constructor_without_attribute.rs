use differentiate::differentiate;

struct Circle {
    radius: f64,
}

impl Circle {
    fn new(radius: f64) -> Self {
        Circle { radius }
    }
}

#[differentiate]
fn area(r: f64) -> f64 {
    let circle = Circle::new(r);
    circle.radius * circle.radius
}

fn main() {
    println!("{:?}", area::grad(1.0));
}
