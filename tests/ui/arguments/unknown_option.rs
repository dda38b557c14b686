use differentiate::differentiate;

#[differentiate(wrt(x), reverse)]
fn loss(x: f64, y: f64) -> f64 {
    (x - y).powi(2)
}

fn main() {
    println!("{}", loss::grad(1.0, 2.0));
}
