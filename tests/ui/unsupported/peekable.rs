use differentiate::differentiate;

#[differentiate]
fn total(x: &[f64]) -> f64 {
    let mut it = x.iter().peekable();
    let mut sum = 0.0;
    while let Some(v) = it.next() {
        if let Some(next) = it.peek() {
            sum += v * **next;
        }
    }
    sum
}

fn main() {
    println!("{:?}", total::grad(&[1.0, 2.0]));
}
