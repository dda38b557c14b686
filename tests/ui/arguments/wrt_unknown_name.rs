use differentiate::differentiate;

#[differentiate(wrt(weights))]
fn loss(w: &[f64], x: &[f64]) -> f64 {
    w[0] * x[0] + w[1] * x[1]
}

fn main() {
    println!("{:?}", loss::grad(&[1.0, 2.0], &[3.0, 4.0]));
}
