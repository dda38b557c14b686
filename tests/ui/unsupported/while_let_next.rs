use differentiate::differentiate;

#[differentiate]
fn total(x: &[f64]) -> f64 {
    let mut it = x.iter();
    let mut sum = 0.0;
    while let Some(v) = it.next() {
        sum += v * v;
    }
    sum
}

fn main() {
    println!("{:?}", total::grad(&[1.0, 2.0]));
}
