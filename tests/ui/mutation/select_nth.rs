use differentiate::differentiate;

#[differentiate]
fn median(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let (_, middle, _) = v.select_nth_unstable_by(1, |a, b| a.total_cmp(b));
    *middle
}

fn main() {
    println!("{:?}", median::grad(&[1.0, 2.0, 3.0]));
}
