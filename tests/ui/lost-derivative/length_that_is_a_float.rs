use differentiate::differentiate;

trait Length {
    fn len(&self) -> f64;
}

impl Length for (f64, f64) {
    fn len(&self) -> f64 {
        self.0.hypot(self.1)
    }
}

#[differentiate]
fn cost(arrow: &(f64, f64)) -> f64 {
    arrow.len() * 2.0
}

fn main() {
    println!("{:?}", cost::grad(&(3.0, 4.0)));
}
