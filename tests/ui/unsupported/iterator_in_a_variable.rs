use differentiate::differentiate;

#[differentiate]
fn first_two(x: &[f64]) -> f64 {
    let mut it = x.iter();
    let a = it.next().unwrap();
    let b = it.next().unwrap();
    a * b
}

fn main() {
    println!("{:?}", first_two::grad(&[1.0, 2.0]));
}
