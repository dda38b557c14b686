use differentiate::differentiate;

#[derive(Default)]
struct Totals {
    loss: f64,
}

#[differentiate]
fn loss(x: &[f64]) -> f64 {
    let mut totals = Totals::default();
    for v in x {
        totals.loss += v * v;
    }
    totals.loss
}

fn main() {
    println!("{:?}", loss::grad(&[1.0]));
}
