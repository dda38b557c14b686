use differentiate::differentiate;

fn thrice(mut f: impl FnMut(f64)) {
    (0..3).for_each(|i| f(f64::from(i)));
}

#[differentiate]
fn f(x: f64) -> f64 {
    let mut sum = 0.0;
    let add = |t| sum += t * x;
    thrice(add);
    sum
}

fn main() {
    println!("{}", f::grad(1.0));
}
