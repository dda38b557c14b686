use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut last = [0.0];
    let at = x.iter().position(|v| {
        last[0] = *v;
        *v > 2.0
    });
    last[0] * at.unwrap_or(0) as f64
}

fn main() {
    println!("{:?}", f::grad(&[2.0, 3.0]));
}
