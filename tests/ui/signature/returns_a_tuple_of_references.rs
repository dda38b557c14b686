use differentiate::differentiate;

#[differentiate]
fn halves(x: &mut [f64]) -> (&mut [f64], &mut [f64]) {
    x.split_at_mut(1)
}

fn main() {
    println!("{:?}", halves(&mut [1.0, 2.0]));
}
