use differentiate::differentiate;

struct Spring {
    stiffness: f64,
}

impl Spring {
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.stiffness * x * x
    }
}

#[differentiate]
fn total(#[no_diff] spring: &Spring, x: f64) -> f64 {
    spring.energy(x) + 1.0
}

fn main() {
    println!("{:?}", total::grad(&Spring { stiffness: 2.0 }, 1.0));
}
