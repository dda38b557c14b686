use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    let mut rest = &mut a[..];
    while let [first, tail @ ..] = rest {
        *first *= 2.0;
        rest = tail;
    }
    a.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
