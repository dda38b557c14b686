use differentiate::differentiate;

#[differentiate]
fn classify(x: f64) -> usize {
    if x > 0.0 { 1 } else { 0 }
}

fn main() {
    println!("{:?}", classify::grad(1.0));
}
