use differentiate::differentiate;

#[differentiate(order = 2)]
fn squares(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x * x).collect()
}

fn main_of_squares() {
    squares::hessian(&[1.0]);
}

fn main() {}
