use differentiate::differentiate;

#[differentiate]
fn polar(x: f64, y: f64) -> (f64, f64) {
    (x.hypot(y), y.atan2(x))
}

fn main() {
    let (value, (dx, dy)) = polar::value_and_grad(1.0, 2.0);
    println!("{value:?} {dx} {dy}");
}
