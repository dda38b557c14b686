use differentiate::differentiate;

#[differentiate]
fn squares(x: &[f64]) -> impl Iterator<Item = f64> + '_ {
    x.iter().map(|v| v * v)
}

fn main() {
    println!("{:?}", squares(&[1.0, 2.0]).collect::<Vec<_>>());
}
