use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.sort_by_key(|it| (*it * 10.0) as i64);
    v[0]
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0, 3.0]));
}
