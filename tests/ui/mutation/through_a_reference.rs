use differentiate::differentiate;

#[differentiate]
fn total(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    let target = &mut sum;
    for v in x {
        *target += v * v;
    }
    sum
}

fn main() {
    println!("{:?}", total::grad(&[1.0]));
}
