use differentiate::differentiate;

#[differentiate(order = 2)]
fn first_positive(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.retain(|it| *it > 0.0);
    values[0]
}

fn main() {
    let matrix = first_positive::hessian(&[1.0, 2.0]);
    println!("{}", matrix[(0, 1)]);
}
