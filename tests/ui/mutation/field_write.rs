use differentiate::differentiate;
use nalgebra::Vector2;

#[differentiate]
fn bounce(position: Vector2<f64>) -> f64 {
    let mut p = position;
    if p.y < 0.0 {
        p.y = -p.y;
    }
    p.norm()
}

fn main() {
    println!("{:?}", bounce::grad(Vector2::new(1.0, -2.0)));
}
