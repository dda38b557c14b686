use differentiate::differentiate;

#[differentiate]
fn first(x: &[f64]) -> Option<&f64> {
    x.first()
}

fn main() {
    println!("{:?}", first(&[1.0]));
}
