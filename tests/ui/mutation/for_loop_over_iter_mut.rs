use differentiate::differentiate;

#[differentiate]
fn scaled(x: f64) -> f64 {
    let mut weights = [1.0, 2.0, 3.0];
    for w in weights.iter_mut() {
        *w *= x;
    }
    weights[0] + weights[1] * weights[2]
}

fn main() {
    println!("{:?}", scaled::grad(2.0));
}
