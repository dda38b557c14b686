use differentiate::differentiate;

#[differentiate]
fn squares(x: &[f64]) -> f64 {
    let mut out = Vec::new();
    for v in x {
        out.push(v * v);
    }
    out.iter().sum()
}

fn main() {
    println!("{:?}", squares::grad(&[1.0]));
}
