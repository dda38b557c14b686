use differentiate::differentiate;

fn thrice(f: &mut impl FnMut(f64)) {
    (0..3).for_each(|i| f(f64::from(i)));
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut sum = x;
    let mut double = |t: f64| sum *= t;
    thrice(&mut double);
    sum
}

fn main() {
    println!("{}", f::grad(1.0));
}
