use differentiate::differentiate;

#[differentiate]
fn relu(x: f64) -> f64 {
    if x < 0.0 {
        break;
    }
    x
}

fn main() {
    println!("{:?}", relu::grad(1.0));
}
