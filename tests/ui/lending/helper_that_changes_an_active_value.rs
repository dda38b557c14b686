use differentiate::differentiate;

fn clear(v: &mut [f64]) {
    v.fill(0.0);
}

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    clear(&mut v);
    v.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[2.0]));
}
