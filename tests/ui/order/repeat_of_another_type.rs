use differentiate::differentiate;

#[differentiate(repeat)]
fn norm(x: &[f64; 2], by: f64) -> f64 {
    by * (x[0] * x[0] + x[1] * x[1])
}

fn main() {
    println!("{}", norm(&[1.0, 2.0], 2.0));
}
