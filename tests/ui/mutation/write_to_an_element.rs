use differentiate::differentiate;

#[differentiate]
fn clamp_first(x: Vec<f64>) -> f64 {
    let mut y = x;
    y[0] = y[0].min(1.0);
    y[0] * y[1]
}

fn main() {
    println!("{:?}", clamp_first::grad(vec![1.0, 2.0]));
}
