use differentiate::differentiate;

struct Meters(f64);

#[differentiate]
fn area(width: f64, height: f64) -> f64 {
    let side = Meters(width);
    side.0 * height
}

fn main() {
    println!("{:?}", area::grad(1.0, 2.0));
}
