use differentiate::differentiate;

fn accumulate(total: &mut f64, term: f64) {
    *total += term;
}

#[differentiate]
fn loss(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for v in x {
        accumulate(&mut total, v * v);
    }
    total
}

fn main() {
    println!("{:?}", loss::grad(&[1.0]));
}
