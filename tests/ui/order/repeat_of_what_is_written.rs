use differentiate::differentiate;

#[differentiate(repeat)]
fn step(x: &mut Vec<f64>, by: f64) {
    x[0] *= by;
}

fn main() {
    let mut x = vec![1.0];
    step(&mut x, 2.0);
}
