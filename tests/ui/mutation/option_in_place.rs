use differentiate::differentiate;

#[differentiate]
fn best(x: &[f64]) -> f64 {
    let mut best: Option<f64> = Some(0.0);
    for &v in x {
        if let Some(b) = &mut best {
            *b += v * v;
        }
    }
    best.unwrap()
}

fn main() {
    println!("{:?}", best::grad(&[1.0]));
}
