use differentiate::differentiate;

fn thrice(mut f: impl FnMut()) {
    (0..3).for_each(|_| f());
}

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    thrice(|| v.clear());
    v.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[1.0]));
}
