use differentiate::differentiate;

#[differentiate]
fn ends(x: &[f64]) -> f64 {
    match x {
        [first, .., last] => first * last,
        _ => 0.0,
    }
}

fn main() {
    println!("{:?}", ends::grad(&[1.0, 2.0, 3.0]));
}
