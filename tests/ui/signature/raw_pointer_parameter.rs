use differentiate::differentiate;

#[differentiate]
fn first(x: *const f64, scale: f64) -> f64 {
    unsafe { *x * scale }
}

fn main() {
    println!("{:?}", first::grad(&1.0, 2.0));
}
