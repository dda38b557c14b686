use differentiate::differentiate;

#[differentiate(test(1.0, 2.0), test(1.0))]
fn f(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {}
