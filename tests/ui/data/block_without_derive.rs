use differentiate::differentiate;

struct Spring {
    stiffness: f64,
}

#[differentiate]
impl Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.stiffness * x * x
    }

    fn force(&self, x: f64) -> f64 {
        -self.stiffness * x
    }
}

fn main() {
    let spring = Spring { stiffness: 2.0 };
    println!("{} {}", spring.energy(1.0), spring.force(1.0));
}
