use differentiate::differentiate;

#[differentiate(wrt(x), wrt(y))]
fn loss(x: f64, y: f64) -> f64 {
    (x - y).powi(2)
}

fn main() {
    let (dx, dy) = loss::grad(1.0, 2.0);
    println!("{dx} {dy}");
}
