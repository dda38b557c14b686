use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut a = vec![0.0; x.len()];
    let pairs = a.iter_mut().zip(x);
    for (to, from) in pairs {
        *to = from * from;
    }
    a.iter().sum()
}

fn main() {
    println!("{:?}", f::grad(&[1.0, 2.0]));
}
