use differentiate::differentiate;

#[differentiate]
fn first(x: &mut [f64]) -> &mut f64 {
    &mut x[0]
}

fn main() {
    println!("{:?}", first(&mut [1.0]));
}
