use differentiate::differentiate;

#[differentiate]
fn prefix_sums(x: &[f64]) -> f64 {
    let mut sums = vec![0.0; x.len() + 1];
    for i in 0..x.len() {
        sums[i + 1] = sums[i] + x[i];
    }
    sums[x.len()] * sums[1]
}

fn main() {
    println!("{:?}", prefix_sums::grad(&[1.0, 2.0]));
}
