use differentiate::differentiate;

trait Potential {
    fn energy(&self, r: f64) -> f64;
}

struct Spring;

impl Potential for Spring {
    fn energy(&self, r: f64) -> f64 {
        0.5 * r * r
    }
}

#[differentiate]
fn total(potential: &dyn Potential, r: f64) -> f64 {
    potential.energy(r) + potential.energy(2.0 * r)
}

fn main() {
    println!("{:?}", total::grad(&Spring, 1.0));
}
