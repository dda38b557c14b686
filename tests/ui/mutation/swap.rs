use differentiate::differentiate;

#[differentiate]
fn ordered_ratio(x: f64, y: f64) -> f64 {
    let mut a = x;
    let mut b = y;
    if a > b {
        std::mem::swap(&mut a, &mut b);
    }
    a / b
}

fn main() {
    println!("{:?}", ordered_ratio::grad(1.0, 2.0));
}
