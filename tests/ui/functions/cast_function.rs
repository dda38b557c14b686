use differentiate::differentiate;

#[differentiate]
fn square(x: &f64) -> f64 {
    x * x
}

#[differentiate]
fn total(values: &[f64]) -> f64 {
    values.iter().map(square as fn(&f64) -> f64).sum()
}

fn main() {
    println!("{}", total(&[1.0, 2.0]));
}
