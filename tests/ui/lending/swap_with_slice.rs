use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let mut w = vec![1.0; x.len()];
    v.swap_with_slice(&mut w);
    w.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[2.0]));
}
