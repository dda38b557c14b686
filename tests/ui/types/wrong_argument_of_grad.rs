use differentiate::differentiate;

#[differentiate]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

fn main() {
    let (dx, dy) = dot::grad(vec![1.0, 2.0], vec![3.0, 4.0]);
    println!("{dx:?} {dy:?}");
}
