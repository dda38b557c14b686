use differentiate::differentiate;

#[differentiate]
fn f(x: &[f64]) -> f64 {
    let mut y = x.to_vec();
    let finite = y.iter_mut().all(|v| {
        *v *= 2.0;
        v.is_finite()
    });
    if finite { y[0] } else { 0.0 }
}

fn main() {
    println!("{:?}", f::grad(&[2.0, 3.0]));
}
