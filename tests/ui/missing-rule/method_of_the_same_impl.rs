use differentiate::differentiate;

struct Spring {
    stiffness: f64,
}

impl Spring {
    fn force(&self, x: f64) -> f64 {
        -self.stiffness * x
    }

    #[differentiate]
    fn power(#[no_diff] &self, x: f64, v: f64) -> f64 {
        self.force(x) * v
    }
}

fn main() {
    println!("{:?}", Spring { stiffness: 2.0 }.power_grad(1.0, 2.0));
}
