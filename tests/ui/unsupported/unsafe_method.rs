use differentiate::differentiate;

#[differentiate]
fn swapped(x: &[f64]) -> f64 {
    let mut y = x.to_vec();
    unsafe { *y.get_unchecked_mut(0) = 2.0 };
    y[0] * y[1]
}

fn main() {
    println!("{:?}", swapped::grad(&[1.0, 2.0]));
}
