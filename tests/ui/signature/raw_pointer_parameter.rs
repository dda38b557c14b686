use differentiate::differentiate;

#[differentiate]
fn first(x: *const f64, scale: f64) -> f64 {
    if x.is_null() { scale } else { 2.0 * scale }
}

fn main() {
    println!("{:?}", first::grad(&1.0, 2.0));
}
