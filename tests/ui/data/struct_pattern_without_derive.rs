use differentiate::differentiate;
use nalgebra::Vector2;

struct Segment {
    from: Vector2<f64>,
    to: Vector2<f64>,
}

#[differentiate]
fn length(segment: &Segment) -> f64 {
    let Segment { from, to } = segment;
    (to - from).norm()
}

fn main() {
    let segment = Segment { from: Vector2::new(0.0, 0.0), to: Vector2::new(3.0, 4.0) };
    println!("{}", length(&segment));
}
