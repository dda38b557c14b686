use differentiate::differentiate;
use nalgebra::Vector2;

struct Path {
    end: Vector2<f64>,
}

impl Path {
    fn len(&self) -> f64 {
        self.end.norm()
    }
}

#[differentiate]
fn cost(path: &Path) -> f64 {
    path.len() * 2.0
}

fn main() {
    println!("{}", cost(&Path { end: Vector2::new(3.0, 4.0) }));
}
