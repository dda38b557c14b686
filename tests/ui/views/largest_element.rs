use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut a = x.to_vec();
    *a.iter_mut().max_by(|p, q| p.total_cmp(q)).unwrap() = 0.0;
    a.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
