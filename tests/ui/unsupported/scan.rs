use differentiate::differentiate;

#[differentiate]
fn area(x: &[f64]) -> f64 {
    x.iter()
        .scan(0.0, |total, v| {
            *total += v;
            Some(*total)
        })
        .sum()
}

fn main() {
    println!("{:?}", area::grad(&[1.0, 2.0]));
}
