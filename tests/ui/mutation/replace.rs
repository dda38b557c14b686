use differentiate::differentiate;

#[differentiate]
fn difference(x: &[f64]) -> f64 {
    let mut previous = 0.0;
    let mut total = 0.0;
    for &v in x {
        let before = std::mem::replace(&mut previous, v);
        total += (v - before) * (v - before);
    }
    total
}

fn main() {
    println!("{:?}", difference::grad(&[1.0, 2.0]));
}
